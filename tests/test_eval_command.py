"""`ibid eval` as a user runs it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ibid.cli import cli
from ibid.errors import UsageError
from ibid.library import Library
from ibid.testing import HashEmbedder

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
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("ibid.library.MiniLM", lambda _: HashEmbedder())

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ("eval", *arguments), standalone_mode=False)

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
    assert values["rankings"]["ibid"]["success@1"] == {"mean": 1.0, "low": 1.0, "high": 1.0}
    assert values["rankings"]["ibid"]["refused"] == {"of": 1, "count": 1}


def test_two_rankings_are_compared_question_by_question(run, tmp_path: Path):
    said = output(run("--questions", "q.jsonl", "--compare", "words", "ibid", "--save", "out"))
    assert "difference" in said
    values = json.loads(
        output(run("--questions", "q.jsonl", "--compare", "ibid", "out/words.run", "--json"))
    )
    assert values["compared_with"]["ibid"]["nDCG@10"]["p"] == 1.0
    assert set(values["rankings"]) == {"ibid", "words.run"}


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


def test_a_folder_is_measured_by_questions_of_its_own(run):
    assert "self: " in output(run("--self"))


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
    ],
)
def test_what_cannot_be_measured_is_refused_with_a_hint(run, arguments, reason):
    error = run(*arguments).exception
    assert isinstance(error, UsageError)
    assert reason in str(error)


def test_judgements_alone_need_the_file_of_a_run(run):
    output(run("--questions", "q.jsonl", "--save", "out"))
    error = run("--qrels", "out/q.qrels").exception
    assert isinstance(error, UsageError)
    assert "no articles to rank" in str(error)
