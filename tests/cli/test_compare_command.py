"""`ibid compare`, as a user calls it: table, cards, Markdown, JSON, a page, and its exit codes."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conftest import ROOT
from ibid.cli.commands import cli
from ibid.errors import IndexUnusable, UsageError

CHALLENGES = "challenges of AI in drug discovery"


@pytest.fixture
def ibid(seed_index: Path, monkeypatch: pytest.MonkeyPatch):
    """Run the command in the project's folder, 100 columns wide."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("IBID_INDEX", str(seed_index))
    monkeypatch.setenv("IBID_MODEL", "none")

    def run(*arguments: str, columns: int = 100) -> Result:
        monkeypatch.setenv("COLUMNS", str(columns))
        return CliRunner().invoke(cli, arguments, standalone_mode=False)

    return run


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_wide_terminal_shows_the_grid_and_the_quotes_with_their_lines(ibid):
    shown = ibid("compare", *CHALLENGES.split()).stdout
    lines = [words(line) for line in shown.splitlines()]
    privacy = next(line for line in lines if line.startswith("Ensuring data privacy"))
    assert privacy.endswith("is paramount. ✓ ✓ – – ✓ 3 of 5")
    assert any(line.startswith("✓ says · ≠ differs · ≈ close · – silent.") for line in lines)
    assert "2 49 Bias in data can lead to inaccurate or discriminatory outcomes." in lines
    nearest = r"4 silent: 7 passages searched; nearest \(0\.3\d\), line 17:"  # by the processor
    assert re.search(nearest, words(shown))
    assert "1, 4 silent: 22 passages searched, nothing near" in lines
    assert "2 independent sources (3 and 5: by the same author, 1 day apart)" in words(shown)


def test_a_narrow_terminal_shows_cards_without_the_grid(ibid):
    shown = ibid("compare", CHALLENGES, columns=44).stdout
    assert max(map(len, shown.splitlines())) <= 44
    assert "5 of 5" not in shown
    assert "Bias in data can lead to inaccurate or discriminatory outcomes." in words(shown)


def test_a_conflict_is_shown_with_both_quotes(ibid):
    shown = words(ibid("compare", "when will it happen").stdout)
    assert "conflict · year: “2025” / “2026”, 1 with itself" in shown
    _, _, conflict = shown.partition("conflict · ")
    assert "transform the development of rare disease treatments by 2025 and beyond." in conflict
    assert "personalized drug discovery for rare diseases by 2026." in conflict
    assert "(its forecast for 2025 is over)" in shown


def test_a_claim_whose_source_is_a_placeholder_says_so(ibid):
    shown = words(ibid("compare", "companies that use generative AI in their pipelines").stdout)
    assert "are already leveraging generative AI in their pipelines. (its source is" in shown


def test_an_article_with_findings_says_so_above_its_column(ibid):
    shown = words(ibid("compare", CHALLENGES).stdout)
    assert "seeds/003_ca3648f82df096df.txt no author is given; no date is given" in shown
    assert "3 × left to be filled in" in shown


def test_json_has_every_cell_with_its_quotes_in_place(ibid, seeds: Path):
    printed = json.loads(ibid("compare", "--json", CHALLENGES).stdout)
    assert [*printed] == [
        "topic",
        "articles",
        "rows",
        "alone",
        "figures",
        "timeline",
        "silent",
        "unused",
        "sentences",
        "compared",
        "run",
    ]
    for row in printed["rows"]:
        assert [*row] == ["title", "agreement", "cells", "conflicts"]
        assert [cell["article"] for cell in row["cells"]] == [
            article["article"] for article in printed["articles"]
        ]
        for cell in row["cells"]:
            text = (seeds / cell["article"]).read_bytes().decode("utf-8")
            assert (cell["stance"] == "silent") == (not cell["quotes"])
            for quote in cell["quotes"]:
                assert quote["quote"] == text[quote["start"] : quote["end"]]
                assert quote["line"] == text[: quote["start"]].count("\n") + 1


def test_json_names_the_words_of_a_conflict(ibid):
    printed = json.loads(ibid("compare", "--json", "when will it happen").stdout)
    (conflict,) = printed["rows"][0]["conflicts"]
    assert (conflict["kind"], conflict["words"]) == ("year", ["2025", "2026"])
    assert len(conflict["quotes"]) == 2


def test_markdown_has_the_table_and_the_quotes(ibid):
    printed = ibid("compare", "--markdown", CHALLENGES).stdout
    assert "- [3] silent: 6 passages searched; nearest (0." in printed
    assert printed.startswith(f"# {CHALLENGES}\n")
    assert "| – | ✓ | ✓ | – | ✓ | 3 articles, 2 independent" in printed
    assert "- [2] line " in printed
    assert "- [5] line 19: “Ensuring data privacy and security is paramount.”" in printed


def test_a_cell_says_how_many_more_quotes_it_has(ibid, tmp_path: Path):
    page = tmp_path / "page.html"
    shown = ibid("compare", "--html", str(page), "predictions").stdout
    printed = json.loads(ibid("compare", "--json", "predictions").stdout)
    lengths = {len(cell["quotes"]) for row in printed["rows"] for cell in row["cells"]}
    assert max(lengths) > 3
    said = f"and {max(lengths) - 2} more quotes"
    assert said in shown
    assert said in ibid("compare", "--markdown", "predictions").stdout
    assert said in page.read_text("utf-8")


def test_markdown_has_what_a_quote_leans_on(ibid):
    printed = ibid("compare", "--markdown", "predictions").stdout
    leaning = next(line for line in printed.splitlines() if "“This predictive ability" in line)
    assert "\\[Machine learning models can be trained on existing patient data" in leaning


def test_a_topic_that_no_article_speaks_of_exits_with_3_when_asked(ibid):
    assert ibid("compare", "the offside rule in football").return_value == 0
    refused = ibid("compare", "--exit-status", "the offside rule in football")
    assert refused.return_value == 3
    assert refused.stdout.splitlines() == [
        "Your articles do not say.",
        "They never use “offside”, “rule” or “football”.",
    ]
    written = ibid("compare", "--markdown", "drug smuggling").stdout
    assert "Your articles do not say. They never use “smuggling”." in written
    assert ibid("compare", "--exit-status", CHALLENGES).return_value == 0


def test_two_articles_are_compared_by_their_names_and_all_without_a_topic(ibid):
    pair = json.loads(
        ibid("compare", "--json", "002_4415d96d755b18df", "004_44bfefd366680db2.txt").stdout
    )
    assert [each["article"][:3] for each in pair["articles"]] == ["002", "004"]
    assert any(row["title"].startswith("Biases in the data") for row in pair["rows"])
    everything = ibid("compare").stdout
    assert "5 articles compared." in everything
    assert "conflict · year: “2025” / “2026”, 1 with itself" in words(everything)
    assert ibid("compare", "--markdown").stdout.startswith("# What the articles have in common\n")


def test_an_empty_topic_a_missing_index_and_an_unknown_article_are_errors(ibid, tmp_path: Path):
    assert isinstance(ibid("compare", " ").exception, UsageError)
    assert isinstance(ibid("compare", "--article", "nope", "cost").exception, UsageError)
    missing = ibid("compare", "--index", str(tmp_path / "none"), "cost")
    assert isinstance(missing.exception, IndexUnusable)
    assert missing.exception.exit_code == 4


def test_filters_choose_the_columns(ibid):
    printed = json.loads(ibid("compare", "--json", "--author", "rkoots", CHALLENGES).stdout)
    assert len(printed["articles"]) == 2


def test_show_lists_the_claims_of_an_article(ibid):
    shown = words(ibid("show", "--claims", "001_0f60af31d4d535c7.txt").stdout)
    assert "49 Bias in data can lead to inaccurate or discriminatory outcomes." in shown
    assert "year 2027" in shown
    printed = json.loads(ibid("show", "--claims", "--json", "001_0f60af31d4d535c7.txt").stdout)
    assert {"text", "context", "quote", "line", "marks"} <= printed[0].keys()


def test_a_page_is_written_beside_what_is_printed(ibid, tmp_path: Path):
    page = tmp_path / "page.html"
    assert "Bias in data" in ibid("compare", "--html", str(page), CHALLENGES).stdout
    assert "<mark>" in page.read_text("utf-8")
    page.unlink()
    asked = ibid("ask", "--html", str(page), "How many people may a rare disease affect?")
    assert asked.return_value == 0
    assert "<mark>Rare diseases, affecting less than 200,000" in page.read_text("utf-8")
