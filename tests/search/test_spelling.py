"""Words that no article has, read as words that they use, and words that stay as they are."""

import pytest

from ibid.library import Library
from libraries import build_library


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("What is Atomwse?", "What is Atomwise?"),
        ("what is atomwse", "what is Atomwise"),
        (
            "what chalenges are sited for ai drug discvery",
            "what challenges are sited for ai drug discovery",
        ),
        ("How does AI speed up clincal trails and trials?", None),
        ("Waht are the ethical concerns?", "What are the ethical concerns?"),
        ("Which regulatoins are there for algoritms?", None),
        ("persnalized medcine", "personalized medicine"),
        ("Nvdia and Amgne", "NVIDIA and Amgen"),
    ],
)
def test_a_misspelled_word_is_read_as_one_of_the_articles(library, typed, meant):
    answer = library.ask(typed)
    assert answer.run.read_as
    assert answer.run.asked == typed
    if meant:
        assert answer.question.lower() == meant.lower()


SAYS = (
    "It is a casual word. Tony saw a modern house, an embedded chip and lions. He said: lessen it,"
    " hunter, in the Western hemisphere. Plat forms are here, and Hanson drove a Tower to Warsaw."
    " The battle was lost. The bottle was found."
)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library of one article, whose words are close to those of the questions below."""
    text = f"---\nauthor: Tomy Batle\n---\n# Words\n\n{SAYS}\n"
    return build_library(tmp_path_factory.mktemp("other"), {"words": text})


@pytest.mark.parametrize(
    "question",
    [
        "Is it causal?",  # English, though the article says `casual`
        "What does Moderna do?",  # a name, though it says `modern`
        "Who is Tosny?",
        "What does the Towner do?",
        "What is an embedder?",  # made of English words
        "What is a LOINS file?",
        "Where is loins.py?",
        "Write to loinz@example.org",
        "Wessen Häuser stehen im Westen unter Tage, seit wann und wozu?",
        'Where was the "battel"?',
        "Where was the “battel” and the 'bottel'?",
        "What did Batle say?",  # the author
        "Where was the bxttle?",  # as close to `battle` as to `bottle`
        "What is a loin?",
        "What is a lio?",  # too short
    ],
)
def test_a_right_word_and_one_that_could_be_several_stay_as_they_are(other, question):
    answer = other.ask(question)
    assert answer.question == question
    assert not answer.run.read_as
    assert not answer.run.asked


def test_a_slip_of_the_finger_is_nearer_than_another_letter(other):
    assert other.ask("Where was the battel?").question == "Where was the battle?"


def test_a_topic_of_a_comparison_is_read_in_the_same_way(library):
    comparison = library.compare("interpretabilty")
    assert comparison.topic.lower() == "interpretability"
    assert [each.written for each in comparison.run.read_as] == ["interpretabilty"]
