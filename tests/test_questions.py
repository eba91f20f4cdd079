import pytest
from hypothesis import given

from ibid.lexical import unique_stems
from ibid.questions import Kind, answer_kind, aspect, common_words, holds, subject
from markdown_texts import texts


@pytest.mark.parametrize(
    ("question", "stems"),
    [
        ("What challenges are cited?", {"challeng"}),
        ("Which companies lead?", {"compani"}),
        ("What are the main limitations of AI?", {"limit"}),
        ("What are ethical concerns?", {"ethic"}),
        ("List all the benefits of AI", {"benefit"}),
        ("Compare the predictions", {"predict"}),
        ("How does it work?", set()),
        ("", set()),
    ],
)
def test_what_is_asked_for_is_read_from_the_question(question: str, stems: set[str]):
    assert aspect(question) == stems


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When will it be ready?", Kind.TIME),
        ("In what year did it begin?", Kind.TIME),
        ("What matters when using AI?", Kind.ANY),
        ("How many people have a rare disease?", Kind.NUMBER),
        ("What percentage fails?", Kind.NUMBER),
        ("Who works with Nvidia?", Kind.NAME),
        ("Which pharmaceutical companies lead?", Kind.NAME),
        ("Why is it so?", Kind.ANY),
    ],
)
def test_the_kind_of_answer_is_read_from_the_question(question: str, kind: Kind):
    assert answer_kind(question) is kind


@pytest.mark.parametrize(
    ("kind", "sentence", "expected"),
    [
        (Kind.ANY, "anything", True),
        (Kind.TIME, "It comes by 2026.", True),
        (Kind.TIME, "It comes in the next few years.", True),
        (Kind.TIME, "It costs 3000 dollars.", False),
        (Kind.NUMBER, "It affects 200,000 people.", True),
        (Kind.NUMBER, "It affects millions.", True),
        (Kind.NUMBER, "It affects people.", False),
        (Kind.NAME, "A pact with Nvidia helps.", True),
        (Kind.NAME, "Amgen’s pact helps.", True),
        (Kind.NAME, "Nothing helps.", False),
        (Kind.NAME, "The Drug helps.", False),
        (Kind.NAME, "Key Players: they lead.", False),
    ],
)
def test_a_sentence_holds_what_was_asked_for_or_not(kind: Kind, sentence: str, expected: bool):
    assert holds(kind, sentence, frozenset({"drug"})) is expected


def test_words_in_lower_case_are_common():
    assert common_words(["Amgen buys the drug.", "see www.example.com/path and a@b.org"]) == {
        "buys", "the", "drug", "see", "and"
    }  # fmt: skip


@given(texts)
def test_any_question_can_be_read(text: str):
    aspect(text)
    kind = answer_kind(text)
    holds(kind, text, common_words([text]))


def test_a_run_of_capitals_with_a_common_word_in_it_is_a_term_and_no_name():
    common = common_words(["generative models and neural networks"])
    assert not holds(Kind.NAME, "Models such as Generative Adversarial Networks exist.", common)
    assert holds(Kind.NAME, "The work of Ada Lovelace on models.", common)


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("What does the black box problem mean?", "black box problem"),
        ("Explain what the authors mention about data privacy", "data privacy"),
        ("According to the article, who treats rare diseases?", "treats rare diseases"),
        ("What does it mean?", "mean"),  # there is nothing else
        ("?", ""),
    ],
)
def test_words_that_ask_or_speak_of_the_articles_are_not_what_a_question_is_about(
    question: str, about: str
):
    assert subject(question) == unique_stems(about)
