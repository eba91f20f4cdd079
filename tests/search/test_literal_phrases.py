"""Phrases in quotation marks, as they are searched: what holds them word for word comes first."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ibid.cli.commands import cli
from ibid.library import Library
from ibid.search.phrases import find_quoted
from ibid.types import Phrase
from libraries import build_library

RIVER = (
    "---\ntitle: Notes on rivers\n---\n\n"
    "The keeper’s *old* boat — a wide\none — lies [by the green bank](https://example.org/a). "
    "It’s “no use” to row the co-op’s boat&#8212;they say. The ﬁnal bend isn't <em>far</em> away."
    " As it was, so it is.\n"
)
LOUD = (
    "# The boat of the keeper\n\nA boat is a boat: old boat, old keeper, green bank, wide bank, "
    "keeper of a boat by the bank, final boat, final bend, no use, far away, notes on a river.\n"
)


@pytest.fixture(scope="module")
def rivers(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library where one article holds the phrases, and another all of their words."""
    loud = {f"loud{number}": f"{LOUD}\nPart {number}.\n" for number in range(5)}
    return build_library(tmp_path_factory.mktemp("rivers"), {"river": RIVER, **loud})


@pytest.mark.parametrize(
    "quoted",
    [
        '"keeper\'s old boat"',
        '"The keeper’s old boat - a wide one -"',
        "“KEEPER'S OLD   BOAT”",
        "«keeper's old boat -- a wide»",
        "„old boat — a wide“",
        "'old boat – a wide one'",
        "‘the co-op’s boat—they say’",
        '"lies by the green bank"',
        '"the final bend isn’t far away."',
        '"final bend isn\'t far"',
        "'“no use” to row'",
        '"notes on rivers"',
        '"as it was, so it is"',
        '"green bank" and "wide one"',
        '"green bank" or "a phrase of nobody" or "wide one"',
    ],
)
def test_what_holds_a_quoted_phrase_is_found_first(rivers: Library, quoted: str):
    assert rivers.search(f"boat of the keeper: {quoted}")[0].passage.article == "river.md"
    assert rivers.search(quoted)[0].passage.article == "river.md"


def test_the_others_follow_and_each_is_there_once(rivers: Library):
    hits = rivers.search('"old boat — a wide one"', k=4)
    assert next(hit.passage.article for hit in hits) == "river.md"
    assert len({hit.passage.id for hit in hits}) == len(hits) == 4


def test_words_without_quotation_marks_are_no_phrase(rivers: Library):
    assert rivers.search("boat of the keeper's old boat")[0].passage.article != "river.md"
    assert not rivers.find("the farmers' market and the keepers' bank, rock 'n' roll")[0].phrases[
        1:
    ]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("the farmers' and the keepers' boats", []),
        ("it isn't 'so'", ["so"]),
        ('a 5" pipe and a 6" pipe', []),
        ("‘don’t do it’, she said", ["don’t do it"]),
        ("「川」 and 『海』", ["川", "海"]),
        ('"" and "a', []),
    ],
)
def test_quotation_marks_are_told_from_apostrophes_and_inches(text: str, quoted: list[str]):
    assert [span.of(text) for span in find_quoted(text)] == quoted


def test_a_misspelled_word_is_read_as_the_articles_own_unless_it_is_quoted(rivers: Library):
    assert rivers.find("keeper of the baot")[0].read_as[0].read == "boat"
    assert rivers.find('"boat keeper"')[0].phrases == (Phrase("boat keeper", 0),)
    assert rivers.search("keeper of the baot") == rivers.search("keeper of the boat")
    assert not rivers.find('keeper of the "baot"')[0].read_as


def test_a_search_prints_what_it_read_and_says_it_in_json(seed_index: Path, seeds: Path):
    options = ["--articles", str(seeds), "--index", str(seed_index)]
    typed = "persnalized medcine"
    shown = CliRunner().invoke(cli, ["search", typed, *options])
    assert "Read as: personalized, medicine. A word in quotation marks" in shown.output
    (hit, *_) = json.loads(CliRunner().invoke(cli, ["search", typed, "--json", *options]).stdout)
    assert hit["read_as"][0] == {"written": "persnalized", "read": "personalized"}
    quoted = CliRunner().invoke(cli, ["search", '"persnalized"', *options])
    assert "No passage has “persnalized” word for word." in quoted.output
    assert "Read as" not in quoted.output
