"""`ibid watch-questions`, as a user and cron call it."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from ibid.cli.commands import cli
from ibid.errors import IndexMissing, UsageError
from ibid.output import write_schema

QUESTION = "How many people may a rare disease affect in the US?"
FILE = "001_0f60af31d4d535c7.txt"


@pytest.fixture
def ibid(seeds: Path, seed_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run the command over a copy of the seeds and of their index."""
    shutil.copytree(seeds, tmp_path / "seeds")
    shutil.copytree(seed_index, tmp_path / "index")
    monkeypatch.setenv("IBID_ARTICLES", str(tmp_path / "seeds"))
    monkeypatch.setenv("IBID_INDEX", str(tmp_path / "index"))
    monkeypatch.setenv("IBID_KEEP", str(tmp_path / "keep"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments, standalone_mode=False)

    run("build", "--quiet")
    return run


def watch(ibid, *arguments: str) -> Result:
    return ibid("watch-questions", *arguments)


def test_cron_is_told_once_with_the_old_and_the_new_quote(ibid, tmp_path: Path):
    assert "1 quote of 1 article" in watch(ibid, *QUESTION.split()).stdout
    quiet = watch(ibid, "--exit-status")
    assert quiet.return_value == 0
    assert quiet.stdout == "Something else answers 0 of 1 watched question.\n"
    path = tmp_path / "seeds" / FILE
    path.write_text(path.read_text("utf-8").replace("200,000 people", "300,000 people"), "utf-8")
    assert "the index is stale" in watch(ibid).stderr
    ibid("build", "--quiet")
    (outcome,) = json.loads(watch(ibid, "--json").stdout)
    told = watch(ibid, "--exit-status", "--accept")
    assert told.return_value == 6
    assert "  was: “Rare diseases, affecting less than 200,000 people in the US" in told.stdout
    assert "  now: “Rare diseases, affecting less than 300,000 people in the US" in told.stdout
    assert f"{FILE}:31" in told.stdout
    assert watch(ibid, "--exit-status").return_value == 0
    Draft202012Validator(write_schema("watch-questions")).validate([outcome])
    assert outcome["changed"] is True
    assert [each["fate"] for each in outcome["differences"]] == ["changed"]


def test_questions_are_listed_and_removed(ibid):
    assert watch(ibid).stdout == "No question is watched: ibid watch-questions QUESTION\n"
    watch(ibid, QUESTION)
    watch(ibid, "Who wrote the articles?")
    listed = json.loads(watch(ibid, "--list", "--json").stdout)
    assert [each["question"] for each in listed] == [QUESTION, "Who wrote the articles?"]
    assert listed[1]["lead"].startswith("From the index: ")
    watch(ibid, "--remove", QUESTION)
    assert QUESTION not in watch(ibid, "--list").stdout


@pytest.mark.parametrize(
    "arguments",
    [("--remove",), ("--list", "what?"), ("--accept", "what?"), ("--list", "--accept"), ("",)],
)
def test_what_makes_no_sense_is_refused(ibid, arguments: tuple[str, ...]):
    refused = watch(ibid, *arguments)
    assert isinstance(refused.exception, UsageError)
    assert refused.exception.hint


def test_without_an_index_nothing_is_compared(ibid, tmp_path: Path):
    watch(ibid, QUESTION)
    shutil.rmtree(tmp_path / "index")
    assert isinstance(watch(ibid).exception, IndexMissing)
