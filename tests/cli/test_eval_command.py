"""`ibid eval` as a user runs it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fakes import FakeOllama, FakeOpenAI, Mode
from ibid.cli.commands import cli
from ibid.errors import ServerUnavailable, UsageError
from ibid.library import Library
from ibid.testing import HashEmbedder
from interrupts import take_interrupts
from model_servers import unused_address

QUESTIONS = [
    {"id": "grow", "question": "Where do apples grow?", "relevant": ["apples.md"]},
    {"id": "cold", "question": "Where are pears stored?", "relevant": ["pears.md"]},
    {"id": "bach", "question": "Who was Bach?", "answerable": False},
]


@pytest.fixture
def run(small: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run `ibid eval` over the small folder, with a file of questions beside it."""
    small.build()
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, QUESTIONS)), "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IBID_INDEX", "index")
    monkeypatch.setenv("IBID_OLLAMA", unused_address())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("ibid.library.MiniLM", lambda _: HashEmbedder())

    def invoke(*arguments: str, **more: Any) -> Result:
        return CliRunner().invoke(cli, ("eval", *arguments), standalone_mode=False, **more)

    return invoke


def output(result: Result) -> str:
    assert result.exception is None, result.exception
    return result.stdout


def test_questions_of_ones_own_are_measured(run):
    said = output(run("--questions", "q.jsonl"))
    assert "q: 2 articles, 2 passages, 3 questions" in said
    for name in ("nDCG@10", "success@1", "MRR", "recall@10", "recall@100"):
        assert f"{name} " in said
    assert "1.000 to 1.000" in said
    assert "of 2 questions with an answer, refused 1 of 1 without one" in said


def test_json_has_means_and_intervals(run):
    values = json.loads(output(run("--questions", "q.jsonl", "--json")))
    assert values["articles"] == 2
    assert (values["questions"], values["answerable"]) == (3, 2)
    assert values["rankings"]["ibid"]["success@1"] == {
        "mean": 1.0, "low": 1.0, "high": 1.0, "questions": 2
    }  # fmt: skip
    assert values["rankings"]["ibid"]["refused"] == {"of": 1, "count": 1}


def test_two_rankings_are_compared_question_by_question(run, tmp_path: Path):
    said = output(run("--questions", "q.jsonl", "--compare", "words", "ibid", "--save", "out"))
    assert "change" in said
    values = json.loads(
        output(run("--questions", "q.jsonl", "--compare", "ibid", "out/words.run", "--json"))
    )
    assert values["compared_with"]["ibid"]["nDCG@10"]["p"] == 1.0
    assert set(values["rankings"]) == {"ibid", "out/words.run"}
    assert (tmp_path / "out" / "words.run").read_text().split()[5] == "words"


def test_two_runs_of_one_name_are_told_apart(run, tmp_path: Path):
    for folder, ranking in (("a", "words"), ("b", "ibid")):
        output(run("--questions", "q.jsonl", "--by", ranking, "--save", folder))
        (tmp_path / folder / f"{ranking}.run").rename(tmp_path / folder / "x.run")
    compared = ("--compare", "a/x.run", "b/x.run")
    result = run("--questions", "q.jsonl", *compared, "--save", "a", "--json")
    values = json.loads(output(result))
    assert set(values["rankings"]) == {"a/x.run", "b/x.run"}
    assert set(values["compared_with"]) == {"a/x.run"}
    assert {path.name for path in (tmp_path / "a").glob("*.run")} == {
        "x.run", "a%2Fx.run.run", "b%2Fx.run.run"
    }  # fmt: skip
    assert result.stderr == ""


def test_a_run_of_fewer_questions_or_of_other_ids_is_noted(run, tmp_path: Path):
    (tmp_path / "few.run").write_text("grow Q0 apples.md 1 2.0 x\n")
    (tmp_path / "ids.run").write_text("grow Q0 17 1 2.0 x\ncold Q0 18 1 2.0 x\n")
    result = run("--questions", "q.jsonl", "--compare", "few.run", "ids.run")
    output(result)
    assert "note: few.run has 1 of the 2 questions, the others count as 0" in result.stderr
    assert "note: nothing that ids.run finds is judged" in result.stderr
    assert result.stderr.count("note: ") == 2


def test_a_run_of_none_of_the_questions_is_refused(run, tmp_path: Path):
    (tmp_path / "other.run").write_text("another Q0 apples.md 1 2.0 x\n")
    error = run("--questions", "q.jsonl", "--by", "other.run").exception
    assert isinstance(error, UsageError)
    assert "other.run has no question of q" in str(error)


def test_a_worse_ranking_shows_what_it_lost(run, tmp_path: Path):
    output(run("--questions", "q.jsonl", "--save", "out"))
    (tmp_path / "bad.run").write_text("grow Q0 pears.md 1 2.0 x\ngrow Q0 apples.md 2 1.0 x\n")
    said = output(run("--questions", "q.jsonl", "--compare", "out/ibid.run", "bad.run"))
    assert "lost by bad.run (nDCG@10), 2 in all:" in said
    assert "1.00 → 0.63  Where do apples grow?" in said


def test_runs_of_other_tools_are_judged_without_any_article(run):
    output(run("--questions", "q.jsonl", "--save", "out"))
    said = output(run("--qrels", "out/q.qrels", "--by", "out/ibid.run"))
    assert "q: 2 questions" in said


@pytest.fixture
def headed(run, small: Library) -> None:
    """Give the small folder headings that ask for something, and links."""
    for number in range(20):
        (small.folder / f"tree{number}.md").write_text(
            f"# Watering sapling{number} during dry summers\n\nGive it water{number}. Read all of "
            f"[how winter is survived there](tree{number - 1}.md) as well.\n",
            "utf-8",
        )
    small.build()


@pytest.mark.usefixtures("headed")
def test_a_folder_is_measured_by_questions_of_its_own(run):
    said = output(run("--self"))
    assert said.startswith("self: ")
    assert " judged by passage, " in said


def test_a_folder_that_makes_no_question_is_refused(run):
    error = run("--self").exception
    assert isinstance(error, UsageError)
    assert "no heading and no link of the articles makes a question" in str(error)


def write_questions(folder: Path, *questions: object) -> None:
    (folder / "q.jsonl").write_text("\n".join(map(json.dumps, questions)), "utf-8")


def test_questions_without_an_answer_are_asked_alone(run, tmp_path: Path):
    write_questions(tmp_path, QUESTIONS[-1])
    said = output(run("--questions", "q.jsonl"))
    assert "1 question (0 answerable, 1 not)" in said
    assert "ibid answered 0 of 0 questions with an answer, refused 1 of 1 without one" in said
    assert "0.000" not in said
    values = json.loads(output(run("--questions", "q.jsonl", "--json")))["rankings"]["ibid"]
    assert values["MRR"] == {"mean": None, "low": None, "high": None, "questions": 0}
    for arguments in (("--by", "words"), ("--compare", "words", "ibid")):
        error = run("--questions", "q.jsonl", *arguments).exception
        assert isinstance(error, UsageError)
        assert "no question with an answer" in str(error)


def test_a_place_that_is_not_searched_is_noted(run, small: Library, tmp_path: Path):
    path = small.folder / "plums.md"
    path.write_text("---\ntitle: All about plums\n---\n\nPlums are blue.\n", "utf-8")
    small.build()
    place = {"article": "plums.md", "quote": "All about plums"}
    write_questions(tmp_path, *QUESTIONS, {"question": "What about plums?", "relevant": [place]})
    result = run("--questions", "q.jsonl", "--compare", "words", "ibid")
    output(result)
    assert result.stderr.count("note: what answers 1 question is not searched") == 1


def test_the_article_that_a_question_was_taken_from_does_not_count(run, tmp_path: Path):
    asked = {"question": "Where do ripe apples grow?", "relevant": ["pears.md"]}
    write_questions(tmp_path, asked, {**asked, "from": "apples.md"})
    values = json.loads(
        output(run("--questions", "q.jsonl", "--compare", "words", "ibid", "--json"))
    )
    assert values["rankings"]["ibid"]["success@1"]["mean"] == 0.5
    write_questions(tmp_path, {**asked, "from": "pears.md"})
    assert "pears.md answers it alone" in str(run("--questions", "q.jsonl").exception)
    write_questions(tmp_path, {**asked, "from": "aples.md"})
    error = run("--questions", "q.jsonl").exception
    assert "no article is named 'aples.md', one is named 'apples.md'" in str(error)
    assert error.hint == "ibid articles lists the names"


def test_what_the_build_skipped_is_told_and_the_others_are_measured(run, small: Library, tmp_path):
    (small.folder / "blank.md").write_text("---\n---\n", "utf-8")
    small.build()
    gone = {"question": "What is blank?", "relevant": ["blank.md"]}
    half = {"question": "Where do apples grow?", "relevant": ["blank.md", "apples.md"]}
    write_questions(tmp_path, gone, half, *QUESTIONS)
    result = run("--questions", "q.jsonl")
    assert "4 questions" in output(result)
    assert (
        "note: what the build skipped answers nothing: blank.md (no text in it); "
        "1 question left out, 4 measured" in result.stderr
    )
    write_questions(tmp_path, gone)
    error = run("--questions", "q.jsonl").exception
    assert isinstance(error, UsageError)
    assert "no question can be measured: what the build skipped" in str(error)


def test_one_question_has_no_interval(run, tmp_path: Path):
    write_questions(tmp_path, QUESTIONS[0])
    assert " to " not in output(run("--questions", "q.jsonl"))
    assert ", +" not in output(run("--questions", "q.jsonl", "--compare", "words", "ibid"))
    values = json.loads(output(run("--questions", "q.jsonl", "--json")))["rankings"]["ibid"]
    assert values["MRR"] == {"mean": 1.0, "low": None, "high": None, "questions": 1}


def test_a_difference_has_an_interval_and_questions_are_not_broken(run, tmp_path: Path):
    long = "Where do apples grow, " + "and where do they fall, " * 8 + "in the end?"
    write_questions(tmp_path, {**QUESTIONS[0], "question": long}, *QUESTIONS[1:])
    (tmp_path / "bad.run").write_text("grow Q0 pears.md 1 2.0 x\ngrow Q0 apples.md 2 1.0 x\n")
    said = output(run("--questions", "q.jsonl", "--compare", "ibid", "bad.run"))
    assert long in said
    assert "-1.000, -0.369" in said
    found = json.loads(
        output(run("--questions", "q.jsonl", "--compare", "ibid", "bad.run", "--json"))
    )["compared_with"]["ibid"]["nDCG@10"]
    assert found["means"] == [1.0, pytest.approx(0.315, abs=1e-3)]
    assert found["low"] == -1 < found["difference"] < found["high"] < 0
    assert found["questions"] == 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "what is to be asked has to be said in one way"),
        (("--self", "--questions", "q.jsonl"), "what is to be asked has to be said in one way"),
        (("--set", "squad"), "--set needs the folder that has it"),
        (("--set", "squad", "--data", "."), "the set squad cannot be read"),
        (("--questions", "none.jsonl"), "none.jsonl cannot be read"),
        (("--questions", "q.jsonl", "--by", "luck"), "no ranking is named 'luck'"),
        (("--qrels", "q.jsonl"), "cannot be read as a TREC file"),
        (("--questions", "q.jsonl", "--save", "/proc/x"), "/proc/x cannot be written"),
        (("--questions", "q.jsonl", "--data", "."), "--data has no effect with --questions"),
        (("--questions", "q.jsonl", "--work", "."), "--work has no effect with --questions"),
        (("--self", "--data", "."), "--data has no effect with --self"),
        (("--qrels", "x", "--limit", "3"), "--limit has no effect with --qrels"),
        (("--self", "--by", "ibid", "--compare", "words", "ibid"), "--by has no effect with --com"),
        (("--self", "--compare", "ibid", "ibid"), "ibid is compared with itself"),
        (("--self", "--model", "qwen3:4b"), "no language model takes part in a ranking"),
        (("--self", "--server", "http://127.0.0.1:9"), "no language model takes part"),
        (("--self", "--allow-remote"), "no language model takes part in a ranking"),
        (("--self", "--answers", "--by", "words"), "answers are no ranking"),
        (("--self", "--answers", "--compare", "words", "ibid"), "answers are no ranking"),
        (("--self", "--answers", "--save", "out"), "answers are no ranking"),
        (("--answers",), "what is to be asked has to be said in one way"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_a_hint(run, arguments, reason):
    error = run(*arguments).exception
    assert isinstance(error, UsageError)
    assert reason in str(error)
    assert error.hint or "cannot be" in reason


def test_judgements_alone_need_the_file_of_a_run(run):
    output(run("--questions", "q.jsonl", "--save", "out"))
    error = run("--qrels", "out/q.qrels").exception
    assert isinstance(error, UsageError)
    assert "no articles to rank" in str(error)
    assert "--by RUN" in error.hint


GROW = "Apples grow on trees in orchards."


def test_without_a_model_the_answers_of_the_articles_are_measured_alone(run):
    result = run("--questions", "q.jsonl", "--answers")
    said = output(result)
    assert "q: 2 articles, 2 passages, 3 questions" in said
    for row in ("citation precision", "citation recall", "sentences supported", "whole answer"):
        assert row in said
    assert "answerable: answered" in said
    assert "2 of 2" in said
    assert "no Ollama server listens" in result.stderr


def test_a_model_is_measured_beside_the_quotes(run):
    with FakeOpenAI(text=GROW) as server:
        said = output(run("--questions", "q.jsonl", "--answers", "--server", server.address))
        values = json.loads(
            output(run("--questions", "q.jsonl", "--answers", "--json", "--server", server.address))
        )
    assert "qwen3-4b-instruct" in said
    assert list(values["writers"]) == ["quotes", "qwen3-4b-instruct"]
    assert values["writers"]["qwen3-4b-instruct"]["citation_precision"]["mean"] == 0.5
    assert "citation_recall" in values["compared_with"]["quotes"]
    assert "· on both" in said
    assert "-0.500 of 2" in said


@pytest.mark.usefixtures("headed")
@pytest.mark.parametrize("questions", [("--self",), ("--questions", "q.jsonl", "--limit", "2")])
def test_a_model_of_ollama_answers_each_source_of_questions(run, questions):
    with FakeOllama(text=GROW) as server:
        arguments = (*questions, "--answers", "--model", "qwen3:4b-instruct", "--json")
        values = json.loads(output(run(*arguments, env={"IBID_OLLAMA": server.address})))
    assert list(values["writers"]) == ["quotes", "qwen3:4b-instruct"]


def test_a_server_that_dies_midway_is_counted_and_said(run):
    with FakeOpenAI(Mode.OK, Mode.FAILS, text=GROW) as server:
        said = output(run("--questions", "q.jsonl", "--answers", "--server", server.address))
    assert "answerable: fell back" in said
    assert "qwen3-4b-instruct fell back to quotes on 1 of 3 questions:" in said
    assert "1 × its server failed, the first time:" in said


def test_a_server_that_is_named_has_to_be_there(run):
    error = run("--questions", "q.jsonl", "--answers", "--server", unused_address()).exception
    assert isinstance(error, ServerUnavailable)


def test_rankings_are_measured_without_a_model_even_where_there_is_one(run):
    with FakeOllama(text=GROW) as server:
        output(run("--questions", "q.jsonl", env={"IBID_OLLAMA": server.address}))
        assert server.requests == []


def test_an_interrupt_ends_it_at_once_and_stops_the_model(
    run, tmp_path: Path, seeds: Path, seed_index: Path
):
    line = {"question": "Will AI replace doctors?", "relevant": [next(seeds.iterdir()).name]}
    (tmp_path / "one.jsonl").write_text(json.dumps(line), "utf-8")
    server = FakeOpenAI(Mode.RAMBLES, text="Apples. ")
    command = [sys.executable, "-m", "ibid", "eval", "--answers", "--questions", "one.jsonl"]
    process = subprocess.Popen(
        [*command, "--articles", seeds, "--index", seed_index, "--server", server.address],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
        preexec_fn=take_interrupts,  # noqa: PLW1509 - no thread runs here yet
    )
    with server:
        deadline = time.monotonic() + 60
        while not server.chats and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, talk = process.communicate(timeout=20)
        assert server.hung_up.wait(5)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in talk
