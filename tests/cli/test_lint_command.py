"""`ibid lint`, and what an answer says about the quotes that it rests on."""

import datetime
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conftest import ROOT
from ibid.cli.commands import cli
from ibid.errors import UsageError
from ibid.library import Library
from ibid.output.as_json import answer_json
from ibid.settings import Settings
from ibid.testing import ScriptedGenerator
from ibid.types.articles import Rule

GOLDEN = ROOT / "tests" / "data" / "lint_seeds.txt"
TODAY = datetime.date(2026, 11, 21)
FINDING = ["rule", "text", "start", "end", "line", "quote"]
COMPANIES = "Which companies already use generative AI in their pipelines?"


@pytest.fixture
def ibid(seed_index: Path, monkeypatch: pytest.MonkeyPatch):
    """Run the command in the project's folder, 80 columns wide, on TODAY."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("IBID_INDEX", str(seed_index))
    monkeypatch.setenv("IBID_MODEL", "none")
    monkeypatch.setattr("ibid.library._today", lambda: TODAY)

    def run(*arguments: str, columns: int = 80) -> Result:
        monkeypatch.setenv("COLUMNS", str(columns))
        return CliRunner().invoke(cli, arguments, standalone_mode=False)

    return run


def test_lint_prints_what_a_reader_should_know(ibid):
    lines = [line.rstrip() for line in ibid("lint").stdout.splitlines()]
    assert lines == GOLDEN.read_text("utf-8").splitlines()


def test_a_narrow_terminal_shows_every_word(ibid):
    wide, narrow = ibid("lint").stdout, ibid("lint", columns=40).stdout
    assert max(map(len, narrow.splitlines())) <= 40
    assert "".join(narrow.split()) == "".join(wide.split())


def test_lint_takes_articles_by_name(ibid):
    shown = ibid("lint", "003_ca3648f82df096df.txt").stdout
    assert "no author is given" in shown
    assert "rkoots" not in shown
    refused = ibid("lint", "no.md")
    assert isinstance(refused.exception, UsageError)
    assert refused.stdout == ""


def test_lint_prints_json_with_places(ibid, seeds: Path):
    articles = json.loads(ibid("lint", "--json").stdout)
    assert [entry["article"] for entry in articles] == sorted(p.name for p in seeds.iterdir())
    for entry in articles:
        text = (seeds / entry["article"]).read_bytes().decode("utf-8")
        for finding in entry["findings"]:
            assert list(finding) == FINDING
            assert finding["quote"] == text[finding["start"] : finding["end"]]
            line = text[: finding["start"]].count("\n") + 1
            assert finding["line"] == (line if finding["quote"] else 0)
            assert finding["rule"] in set(Rule)


def test_lint_fails_only_when_asked_and_only_with_findings(ibid, small: Library, articles: Path):
    assert ibid("lint").return_value == 0
    assert ibid("lint", "--fail").return_value == 1
    for path in articles.iterdir():
        path.write_text(f"---\ndate: 2025-01-01\nauthor: Ana\n---\n{path.read_text()}")
    small.build()
    assert not any(small.lint().values())


def test_a_library_lints_on_any_day(library: Library):
    def forecasts(year: int) -> int:
        findings = library.lint(datetime.date(year, 1, 1)).values()
        return sum(f.rule is Rule.OLD_FORECAST for found in findings for f in found)

    assert forecasts(2025) == 0
    assert 0 < forecasts(2026) < forecasts(2027) < forecasts(2028)


def test_an_answer_says_that_a_source_is_a_placeholder(ibid):
    shown = " ".join(ibid("ask", COMPANIES).stdout.split())
    assert "in their pipelines. [1] (its source is a placeholder)" in shown
    answer = json.loads(ibid("ask", "--json", COMPANIES).stdout)
    notes = {c["quote"]: c["notes"] for claim in answer["claims"] for c in claim["citations"]}
    (noted,) = [quote for quote, said in notes.items() if said]
    assert noted.startswith("Companies like Atomwise and Exscientia")
    assert notes[noted] == ["its source is a placeholder"]


def test_an_answer_says_that_a_forecast_is_over(ibid):
    shown = " ".join(
        ibid("ask", "What is expected of patient recruitment platforms?").stdout.split()
    )
    assert "(its forecast for 2025 is over)" in shown


def test_a_models_answer_says_it_below_the_quote(ibid, seeds: Path, seed_index: Path):
    reply = "Companies like Atomwise and Exscientia are already leveraging generative AI [1]."
    library = Library.open(
        seeds, seed_index, Settings(model="none"), generator=ScriptedGenerator(reply)
    )
    answer = library.ask(COMPANIES)
    assert answer.run.model
    from io import StringIO

    from rich.console import Console

    from ibid.output.terminal import print_answer

    screen = StringIO()
    print_answer(answer, library, Console(file=screen, width=80))
    assert "(its source is a placeholder)" in " ".join(screen.getvalue().split())
    assert answer_json(answer, library)["claims"][0]["citations"][0]["notes"]
