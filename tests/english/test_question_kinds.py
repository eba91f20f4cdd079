import pytest
from hypothesis import given

from clocks import at_most
from ibid.english.question_kinds import (
    QuestionKind,
    answer_kind,
    asks,
    asks_several,
    aspect,
    common_words,
    holds,
    read_form,
    says_yes_or_no,
    subject,
)
from ibid.english.words import unique_stems
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
        ("When will it be ready?", QuestionKind.TIME),
        ("In what year did it begin?", QuestionKind.TIME),
        ("And when did it begin?", QuestionKind.TIME),
        ("It was founded when?", QuestionKind.TIME),
        ("What matters when using AI?", QuestionKind.ANY),
        ("What happens when a program stops?", QuestionKind.ANY),
        ("How many people have a rare disease?", QuestionKind.COUNT),
        ("What percentage fails?", QuestionKind.SHARE),
        ("Who works with Nvidia?", QuestionKind.NAME),
        ("Which pharmaceutical companies lead?", QuestionKind.NAME),
        ("What do those who are ill need?", QuestionKind.ANY),
        ("Is it safe?", QuestionKind.YES_NO),
        ("Doesn't it help people when they are ill?", QuestionKind.YES_NO),
        ("Are there companies that use it?", QuestionKind.YES_NO),
        ("Can you list the challenges?", QuestionKind.ANY),
        ("What is generative AI?", QuestionKind.DEFINITION),
        ("Who is Atomwise?", QuestionKind.DEFINITION),
        ("What is the capital of France?", QuestionKind.ANY),
        ("What are the main challenges?", QuestionKind.LIST),
        ("Which challenges remain?", QuestionKind.LIST),
        ("List the benefits", QuestionKind.LIST),
        ("Why is it so?", QuestionKind.ANY),
    ],
)
def test_the_kind_of_answer_is_read_from_the_question(question: str, kind: QuestionKind):
    assert answer_kind(question) is kind


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("How do I make compost?", True),
        ("how to make compost", True),
        ("What should we do with waste?", True),
        ("What are the steps for composting?", True),
        ("How do generative models help with trials?", False),
        ("How does AI speed up trials?", False),
        ("How many steps are there?", False),
    ],
)
def test_who_asks_how_something_is_done_is_told_from_who_asks_how_it_works(
    question: str, asks: bool
):
    assert read_form(question).asks_how is asks


@pytest.mark.parametrize(
    ("kind", "sentence", "expected"),
    [
        (QuestionKind.ANY, "anything", True),
        (QuestionKind.TIME, "It comes by 2026.", True),
        (QuestionKind.TIME, "It comes in the next few years.", False),
        (QuestionKind.TIME, "It was released in August.", True),
        (QuestionKind.TIME, "It dates from the 12th century.", True),
        (QuestionKind.TIME, "We pay on the 28th.", True),
        (QuestionKind.TIME, "Mondays are closed.", True),
        (QuestionKind.TIME, "It costs 3000 dollars.", False),
        (QuestionKind.TIME, "It may change.", False),
        (QuestionKind.NUMBER, "It affects 200,000 people.", True),
        (QuestionKind.NUMBER, "It affects millions.", True),
        (QuestionKind.NUMBER, "It affects people.", False),
        (QuestionKind.COUNT, "There are 5 of us.", True),
        (QuestionKind.COUNT, "We match up to 5%.", False),
        (QuestionKind.COUNT, "It costs £250 a year.", False),
        (QuestionKind.SHARE, "It affects 200,000 people.", False),
        (QuestionKind.SHARE, "One in five fails.", True),
        (QuestionKind.SHARE, "It rose to 12.5 per cent.", True),
        (QuestionKind.NAME, "A pact with Nvidia helps.", True),
        (QuestionKind.NAME, "Amgen’s pact helps.", True),
        (QuestionKind.NAME, "Nothing helps.", False),
        (QuestionKind.NAME, "It is sold on Saturdays.", False),
        (QuestionKind.NAME, "The Drug helps.", False),
        (QuestionKind.NAME, "Key Players: they lead.", False),
    ],
)
def test_a_sentence_holds_what_was_asked_for_or_not(
    kind: QuestionKind, sentence: str, expected: bool
):
    assert holds(kind, sentence, frozenset({"drug"})) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what challenges are cited for AI drug discovery", True),
        ("In which year did it begin?", True),
        ("Is it safe", True),
        ("the year it began, please?", True),
        ("challenges of AI in drug discovery", False),
        ("The team wrote about how it works.", False),
        ("whatever works", False),
        ("", False),
    ],
)
def test_a_question_is_told_from_a_subject_and_a_statement(text: str, expected: bool):
    assert asks(text) is expected


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
    assert not holds(
        QuestionKind.NAME, "Models such as Generative Adversarial Networks exist.", common
    )
    assert holds(QuestionKind.NAME, "The work of Ada Lovelace on models.", common)


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


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("Which companies use it?", True),
        ("Which other firms lead?", True),
        ("Who else works on it?", True),
        ("Which company uses it?", False),
        ("Who wrote it?", False),
    ],
)
def test_a_question_asks_for_one_name_or_for_several(question: str, several: bool):
    assert asks_several(question) == several


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("No. It is a tool.", True),
        ("Yes, it helps.", True),
        ("Not yet, but soon.", True),
        ("Nobody knows.", False),
        ("Not everybody knows.", False),
    ],
)
def test_a_sentence_says_yes_or_no_or_something_else(sentence: str, expected: bool):
    assert says_yes_or_no(sentence) == expected


@pytest.mark.parametrize("piece", ["a", " ", "what are ", "which as ", "when is", "who ", "Jan "])
def test_a_question_is_read_in_the_time_that_its_length_takes(piece: str):
    with at_most(2):
        answer_kind(piece * 2000)
        asks_several(piece * 2000)
