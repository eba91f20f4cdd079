"""Conflicts: shown with the very words, or not at all."""

import json
from pathlib import Path

import pytest

from conftest import ROOT
from ibid.comparing.conflicts import Relation, find_conflict, leans
from ibid.library import Library
from ibid.settings import Settings
from ibid.types.answers import Citation
from ibid.types.articles import ArticleId, Passage, PassageId, Span
from ibid.types.comparisons import Assertion

PAIRS = [
    json.loads(line)
    for line in (ROOT / "tests" / "data" / "conflict_pairs.jsonl").read_text("utf-8").splitlines()
]


def asserted(text: str) -> Assertion:
    span = Span(0, len(text))
    passage = Passage(PassageId(""), ArticleId(""), (), span, text, (span,))
    return Assertion(Citation(passage, span), text)


def conflict(one: str, other: str, relation: Relation | None = None):
    return find_conflict(asserted(one), asserted(other), relation or Relation())


@pytest.mark.parametrize(
    ("kind", "one", "other", "words"),
    [
        ("number", "Rust crates take 12 years.", "Rust crates take 7 years.", ("12", "7")),
        ("year", "Ada Lovelace died in 1852.", "Ada Lovelace died in 1842.", ("1852", "1842")),
        (
            "direction",
            "Automation at Acme raises the cost of trials.",
            "Automation at Acme lowers the cost of trials.",
            ("raises", "lowers"),
        ),
        (
            "certainty",
            "AI will replace every radiologist in hospitals.",
            "AI may replace every radiologist in hospitals.",
            ("will", "may"),
        ),
        (
            "scope",
            "All language models invent the sources they cite.",
            "Some language models invent the sources they cite.",
            ("All", "Some"),
        ),
        (
            "negation",
            "Captions help readers of long videos.",
            "Captions do not help readers of long videos.",
            ("help", "not"),
        ),
    ],
)
def test_each_kind_of_conflict_names_its_words(kind, one, other, words):
    found = conflict(one, other)
    assert found
    assert (found.kind, found.said) == (kind, words)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The population was 70 at the 2010 census.", "The population was 4 at the 2010 census."),
        ("This year Acme hired 20 people.", "This year Acme hired 35 people."),
        (
            "The Rust team announces Rust 1.10 with joy.",
            "The Rust team announces Rust 1.7 with joy.",
        ),
        ("We read the 2023 State of Rust Survey.", "We read the 2024 State of Rust Survey."),
        ("Acme was founded in 1990.", "Acme was sold in 1999."),
        ("Ada was born in Paris in 1815.", "Ida was born in Rome in 1820."),
        ("Kensett has 438.0 people per mile.", "Kensett has 438.1 people per mile."),
        (
            "Sorting the buttons of all websites let the team see twice the work.",
            "Probably not. Sorting the buttons of all websites let the team see twice the work.",
        ),
    ],
)
def test_other_subjects_moving_times_names_rounding_and_replies_are_no_conflict(one, other):
    assert conflict(one, other) is None


def test_in_near_copies_the_town_is_the_same_town():
    one, other = "The population was 70 in 2010.", "The population was 74 in 2010."
    assert leans(one)
    assert conflict(one, other) is None
    assert conflict(one, other, Relation(is_copy=True))


def test_a_number_may_have_changed_where_one_article_is_much_later():
    one, other = "Acme employs 300 people in Oslo.", "Acme employs 410 people in Oslo."
    assert conflict(one, other)
    assert conflict(one, other, Relation(is_later=True)) is None


def test_another_name_is_another_answer_only_where_a_name_was_asked_for():
    one, other = "VII is an album by Blitzen Trapper.", "VII is an album by The Beatles."
    assert conflict(one, other) is None
    found = conflict(one, other, Relation(asks_name=True))
    assert found
    assert found.kind == "name"


@pytest.mark.parametrize(("part", "recall"), [("choose", 0.55), ("report", 0.75)])
def test_nine_of_ten_conflicts_are_ones(part, recall):
    """How the pairs were labelled is told in `tests/data/README.md`."""
    found = {True: 0, False: 0}
    missed = 0
    for pair in (pair for pair in PAIRS if pair["part"] == part):
        relation = Relation(is_copy=pair["copy"], is_later=pair["later"])
        if conflict(pair["one"], pair["other"], relation):
            found[pair["conflict"]] += 1
        elif pair["conflict"]:
            missed += 1
    assert found[True] / (found[True] + found[False]) >= 0.9
    assert found[True] / (found[True] + missed) >= recall


def test_articles_that_disagree_are_shown_with_both_quotes(tmp_path: Path):
    folder = tmp_path / "articles"
    folder.mkdir()
    true = "Egg Rock Light in Maine was built in 1875. It guards the bay.\n"
    (folder / "a.txt").write_text(true, "utf-8")
    (folder / "b.txt").write_text(true.replace("1875", "1920"), "utf-8")
    library = Library.open(folder, tmp_path / "index", Settings(model="none"))
    library.build()
    comparison = library.compare("When was Egg Rock Light built?")
    (found,) = comparison.conflicts
    assert (found.kind, found.said) == ("year", ("1875", "1920"))
    assert {found.one.article, found.other.article} == {"a.txt", "b.txt"}
    differing = comparison.rows[0].cells[1]
    assert differing.stance.value == "differs"
    assert "1920" in differing.difference
