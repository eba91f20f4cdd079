"""The benchmark of ibid and its peers: its tables, its sets and the files of its peers."""

import ast
import gzip
import importlib
import json
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT

pytestmark = pytest.mark.long

BENCHMARKS = ROOT / "benchmarks"
PEERS = sorted((BENCHMARKS / "peers").glob("with_*.py"))
REQUIREMENTS = sorted((BENCHMARKS / "peers/requirements").glob("*.txt"))

REPORT = {
    "date": "2026-11-21T10:00:00+00:00",
    "commit": "abc1234",
    "machine": "EPYC, 2 cores, Python 3.11.7",
    "rounds": 2,
    "sets": {"seeds": {"files": 5, "paragraphs": 59, "questions": 200}},
    "peers": {
        "ibid": {
            "installed": 1690,
            "seeds": {
                "import": {"cpu": 0.228},
                "build": {"cpu": 13.1, "megabytes": 704.2},
                "edit": {"cpu": 5.81, "found": True},
                "warm": {"p50": 12.1, "p99": 19.6, "p50 cpu": 11.9, "megabytes": 251.0},
            },
        },
        "other": {
            "installed": 1425,
            "seeds": {"build": {"failed": "exit 1: no disk"}, "edit": {"cpu": 9.5, "found": False}},
        },
    },
}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from peers import table

    return table


def test_the_tables_hold_what_was_measured(table):
    rendered = table.render(json.loads(json.dumps(REPORT)))
    assert "| ibid | 1,690 | 0.228 |" in rendered
    assert "| ibid | 13.1 | – | 5.8 | – | – | 12.1 | 19.6 | 11.9 | 704 | 251 |" in rendered
    assert "(seeds: 5 files, 59 paragraphs, 200 questions)" in rendered


def test_a_failure_and_an_edit_that_is_not_found_are_shown(table):
    rendered = table.render(REPORT)
    assert "| other | failed | – | 9.5* |" in rendered
    assert rendered.endswith("does not put that article first.")


def test_a_set_that_was_left_out_has_no_table(table):
    assert "squad" not in table.render(REPORT)


def test_a_ranking_is_judged_without_the_article_that_asks(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("ir_measures", reason="ir-measures is installed by `make bench`")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from peers.corpora import Corpus, Question
    from peers.judging import judge

    corpus = Corpus(
        "links", Path(), (Question("1", "?", ("b",), "a"), Question("2", "?", ("c", "d")))
    )
    found = {"1": ["a", "b"], "2": ["x", "c", "d"]}
    # Second question: gains at places 2 and 3, so (1/log2 3 + 1/log2 4) / (1 + 1/log2 3) = .6934
    assert judge(corpus, found)["quality"] == {"Success@1": 0.5, "nDCG@10": 0.8467}


def test_a_heading_stays_with_the_paragraph_below_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from peers.peer import paragraphs

    assert paragraphs("# A\n\none\n\ntwo\n\n## B\n\nthree\n") == [
        "# A\n\none",
        "two",
        "## B\n\nthree",
    ]


@pytest.mark.parametrize("path", PEERS, ids=lambda path: path.stem)
def test_every_peer_serves_the_same_command_line(path: Path):
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if _is_serve(node)]
    assert len(calls) == 1


def _is_serve(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "serve"


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.stem)
def test_every_peer_has_pinned_versions(path: Path):
    lines = [line for line in path.read_text("utf-8").splitlines() if line[0] not in "#-"]
    assert all(re.fullmatch(r"[\w-]+==[\d.]+", line) for line in lines)


def test_the_peer_of_this_repository_answers_the_command_line(tmp_path: Path, seed_index: Path):
    questions, out = tmp_path / "questions.jsonl", tmp_path / "out.jsonl"
    questions.write_text('{"id": "1", "text": "Will AI replace doctors?"}\n', "utf-8")
    command = [sys.executable, BENCHMARKS / "peers/with_ibid.py"]
    subprocess.run([*command, "search", seed_index, questions, out, "3"], check=True, timeout=120)
    (row,) = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert row["ranked"]
    assert len(set(row["ranked"])) == len(row["ranked"])
    assert row["seconds"] > 0


NEED_DATA = (
    "quality",
    "refusing",
    "answering",
    "splitting",
    "verification",
    "comparing",
    "following",
)


Bench = Callable[..., str]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Bench:
    """Run `make bench` in this process, since to start it imports each part."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")

    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", [str(BENCHMARKS), *arguments])
        runpy.run_path(str(BENCHMARKS), run_name="__main__")
        return capfd.readouterr().out

    return run


@pytest.mark.parametrize("part", NEED_DATA)
def test_a_part_that_needs_data_says_where_it_takes_it_from(bench: Bench, part: str):
    assert f"{part}: skipped" in bench("--only", part)


@pytest.mark.parametrize("part", ["scale", "peers"])
def test_a_part_tells_its_arguments(bench: Bench, capfd: pytest.CaptureFixture[str], part: str):
    with pytest.raises(SystemExit) as leaving:
        bench("--only", part, "-h")
    assert leaving.value.code == 0
    assert "--data" in capfd.readouterr().out


def apart(*arguments: str) -> str:
    """Return what `make bench` prints, as a process of its own."""
    command = [sys.executable, BENCHMARKS, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=240).stdout


def test_help_starts_nothing():
    printed = apart("-h")
    assert "--only" in printed
    assert "==" not in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--olny", "quality"), "unrecognized arguments"),
        (("--limit", "20"), "unrecognized arguments"),
        (("quality",), "unrecognized arguments"),
        (("--only", "quality", "--limit", "0"), "invalid positive value: '0'"),
    ],
)
def test_what_no_part_or_not_every_part_knows_starts_nothing(
    bench: Bench, capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
):
    with pytest.raises(SystemExit) as leaving:
        bench(*arguments)
    assert leaving.value.code == 2
    printed = capfd.readouterr()
    assert message in printed.err
    assert printed.out in ("", "\n== quality\n")


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import record

    root = tmp_path / "project"
    monkeypatch.setattr(record, "ROOT", root)
    monkeypatch.setattr(record, "RESULTS", root / "results")
    monkeypatch.setattr(record, "ASIDE", root / ".bench" / "results")
    root.mkdir()
    (root / ".gitignore").write_text(".bench/\n", "utf-8")
    git(root, "init", "--quiet")
    git(root, "add", ".gitignore")
    git(root, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "-m", "first")
    return record


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True)


def keep(record, *arguments: str) -> Path:
    """Run a part that measures nothing, and return where its numbers are."""
    parser = record.make_set_parser("A part.", ("a", "b"), 100)
    kept = record.begin("part", parser, parser.parse_args(arguments))
    kept.write({"sets": {}})
    kept.finish()
    return kept.place


def test_a_whole_run_of_a_committed_tree_is_kept_with_the_time(record):
    place = keep(record, "--data", "anywhere")
    assert place == record.RESULTS / f"part-{record.commit()}.json"
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:", json.loads(place.read_text("utf-8"))["date"])
    assert keep(record).parent == record.RESULTS  # what was kept does not make the tree dirty


@pytest.mark.parametrize("arguments", [("--sets", "a"), ("--limit", "20")])
def test_a_run_of_a_part_of_the_questions_is_kept_aside(record, arguments: tuple[str, ...]):
    assert keep(record, *arguments).parent == record.ASIDE


def test_a_changed_tree_is_kept_aside_under_a_name_that_says_so(record):
    (record.ROOT / ".gitignore").write_text(".bench/\nx\n", "utf-8")
    place = keep(record)
    assert place.parent == record.ASIDE
    assert place.stem.endswith("-dirty")


def test_a_run_that_was_cut_off_leaves_no_results(record):
    parser = record.make_set_parser("A part.", ("a", "b"), 100)
    record.begin("part", parser, parser.parse_args([])).write({"sets": {"a": {}}})
    assert not record.RESULTS.exists()


def test_peers_read_the_texts_that_the_evaluation_reads(monkeypatch, tmp_path: Path):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from peers.corpora import SETS

    passages = [
        {"id": 0, "title": "Oil", "text": "It rose. "},
        {"id": 1, "title": "Oil", "text": "It fell."},
    ]
    questions = [{"id": "a", "q": "Rose?", "pid": 0}, {"id": "b", "q": "Fell?", "pid": 1}]
    (tmp_path / "squad").mkdir()
    with gzip.open(tmp_path / "squad" / "squad_dev.json.gz", "wt", encoding="utf-8") as file:
        json.dump({"passages": passages, "questions": questions}, file)
    texts, asked = SETS["squad"](tmp_path)
    assert texts == {"0000.md": "# Oil\n\nIt rose. \n", "0001.md": "# Oil\n\nIt fell.\n"}
    assert [each.relevant for each in asked] == [("0000.md",), ("0001.md",)]


def test_what_is_refused_is_counted_at_each_share_of_answered_questions(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from refusing import Score, Scores, describe, share_below, threshold_for

    known = [n / 20 for n in range(1, 21)]
    assert threshold_for(1.0, known) == 0.05
    assert threshold_for(0.95, known) == 0.10
    assert threshold_for(0.941, known) == 0.10  # at least: 19 of 20
    assert share_below(0.5, [0.1, 0.49, 0.5, 0.9]) == 0.5
    scores = Scores(
        tuple(Score(evidence=each, cosine=0.5) for each in known),
        tuple(Score(evidence=each, cosine=each) for each in (0.0, 0.09, 0.3, 0.9)),
    )
    found = describe(scores)
    assert found["by_default"]["answered"] == {
        "threshold": 0.68,
        "answerable_refused": 0.65,
        "unanswerable_answered": 0.25,
    }
    assert found["curve"]["answered"][0] == 0.8
    assert found["curve"]["evidence"][0] == 0.5  # from 0.25 on
    assert found["curve"]["evidence"][-1] == 0.25  # from 0.05 on
    assert found["evidence_at_95"]["refused"] == 0.5
    assert set(found["curve"]["cosine"]) == {0.75}
    assert found["difference_at_95"]["low"] < 0 == found["difference_at_95"]["high"]


def test_a_little_of_every_part_can_be_run(bench: Bench):
    """Growth stands for all: each of its verbs is a process that is measured."""
    benchmark = runpy.run_path(str(BENCHMARKS / "__main__.py"))
    assert benchmark["SMALL"].keys() == benchmark["PARTS"].keys()
    printed = bench("--small", "--only", "growth")
    assert re.search(r"^ +10 +build, one changed +\d+\.\d\d s of CPU", printed, re.MULTILINE)


def test_a_question_is_measured_warm(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], seed_index: Path
):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    times = dict(importlib.import_module("shell").measure_warm(seed_index, most=20))
    assert times["hybrid search with it"]["passages"] == 47
    assert "warm hybrid search with it, 47 passages: CPU p50" in capsys.readouterr().out


def test_a_large_index_can_be_made_of_the_seeds():
    arguments = ("--only", "scale", "--data", "/nowhere", "--passages", "400", "--paragraphs", "40")
    printed = apart(*arguments)
    assert "passages: 400" in printed
    assert re.search(r"^hybrid question, .*CPU p50 \d+\.\d ms", printed, re.MULTILINE)
    assert "recall@10 against exact: 1.0000" in printed


def test_how_a_cost_grows_is_a_line_through_logarithms(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    exponent = importlib.import_module("growth").exponent
    assert exponent({10: 0.5, 1000: 1.5, 2000: 2.5, 4000: 4.5}) == pytest.approx(1)
    assert exponent({10: 0.5, 1000: 1.5, 2000: 4.5, 4000: 16.5}) == pytest.approx(2)
    assert exponent({10: 0.5, 1000: 0.5, 2000: 0.51, 4000: 0.49}) is None
