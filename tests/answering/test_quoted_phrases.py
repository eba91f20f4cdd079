"""Phrases in quotation marks are taken literally: what holds them comes first."""

import pytest

from ibid.library import Library
from ibid.output import say_readings
from ibid.types import Status
from libraries import build_library


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library where one article repeats the words, and another has them as a phrase."""
    texts = {
        "loud": "The apple of the tree is the tree of the apple, apple by apple and tree by tree.",
        "literal": "Every old apple tree stands in the garden of the *long\nwinter*.",
        "part": "Apple treetops are seen from the house of the long winters.",
    }
    articles = {name: f"# {name}\n\n{text}\n" for name, text in texts.items()}
    return build_library(tmp_path_factory.mktemp("trees"), articles)


@pytest.mark.parametrize(
    "question",
    [
        'Where is the "apple tree"?',
        "Where is the “Apple Tree”?",
        'apple of the tree, tree of the apple: "apple tree"',
        'apple tree apple tree "long winter"',
    ],
)
def test_a_passage_that_holds_the_phrase_comes_first(trees, question):
    answer = trees.ask(question)
    assert answer.hits[0].passage.article == "literal.md"
    assert len(answer.hits) > 1 or answer.status is Status.NOT_IN_SOURCES
    assert [each.passages for each in answer.run.phrases] == [1]
    assert {c.passage.article for claim in answer.claims for c in claim.citations} <= {"literal.md"}
    assert not say_readings(answer.run)


def test_without_quotation_marks_the_words_count(trees):
    answer = trees.ask("apple of the tree, tree of the apple: apple tree")
    assert answer.hits[0].passage.article == "loud.md"
    assert not answer.run.phrases


def test_a_phrase_that_no_passage_has_is_told(trees):
    answer = trees.ask('Where is the "tree apple" of the apple tree?')
    assert [each.passages for each in answer.run.phrases] == [0]
    assert say_readings(answer.run) == "No passage has “tree apple” word for word."


def test_several_phrases_have_to_stand_together(library):
    answer = library.ask('What is said about "data privacy" and "algorithmic bias"?')
    told = answer.hits[0].passage.text.lower()
    assert "data privacy" in told
    assert "algorithmic bias" in told


def test_a_phrase_of_the_words_that_carry_no_meaning_is_no_phrase(library):
    assert not library.ask('What is "to be or not to be"?').run.phrases
