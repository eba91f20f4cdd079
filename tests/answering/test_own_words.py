"""Questions in a reader's own words, and what has to come of each over the seeds."""

from pathlib import Path

import pytest

from ibid.library import Library
from ibid.types import Answer, Status

SHOWN = (Status.ANSWERED, Status.CLOSEST)


def all_quotes(answer: Answer) -> str:
    return "\n".join(claim.text for claim in answer.claims)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Can AI assist healthcare professionals?", "Is AI replacing doctors?"),
        ("Does AI help doctors?", "Is AI replacing doctors?"),
        ("List the ethical concerns", "Key concerns include data privacy, algorithmic bias"),
        ("Is a computer going to take the physician's job?", "Is AI replacing doctors?"),
        ("Do we still need scientists when algorithms do the work?", "augment and enhance"),
        ("With whom does Amgen cooperate, and where?", "Iceland"),
        ("Is this technology mature?", "Though still in its nascent stages"),
        ("Are there bacteria-fighting successes so far?", "superbugs"),
        ("what challenges are cited for AI drug discovery?", "significant hurdles"),
        ("What does rkoots say about regulation?", "Regulatory Approval"),
        ("what chalenges are sited for ai drug discvery", "Data Bias"),
        ("What is Atomwse?", "Companies like Atomwise"),
        ("When will AI revolutionize medicine, and do they agree?", "by 2026"),
        ("Could medicines become more affordable?", "more affordable medicines"),
        ("How few people must a disease affect to be called rare in America?", "200,000"),
    ],
)
def test_what_the_articles_say_is_shown_however_it_is_asked_for(
    question: str, words: str, library: Library
) -> None:
    answer = library.ask(question)
    assert answer.status in SHOWN
    assert words in all_quotes(answer)


def test_a_sentence_that_is_all_but_sure_answers_without_the_name_that_is_asked_for(
    library: Library,
) -> None:
    answer = library.ask("how rare does an illness have to be to count as rare in America")
    assert answer.status is Status.ANSWERED  # the articles say `the US`
    assert "200,000 people" in answer.claims[0].text


def test_that_an_everyday_word_is_never_used_is_no_reason_to_refuse(library: Library) -> None:
    answer = library.ask("my cousin has a really rare illness, will her drugs get any cheaper?")
    assert answer.receipt
    assert answer.receipt.unused == ("cousin",)


@pytest.mark.parametrize(
    "question",
    [
        "Which hospitals use AI for diagnosing rare diseases?",
        "How much money did Amgen invest in its collaboration with Nvidia?",
        "What does the FDA require for AI-designed drugs?",
        "What does the EU AI Act say about medical AI?",
        "What did AlphaFold contribute to drug discovery?",
        "Who is the CEO of Nvidia?",
        "When was Exscientia founded?",
    ],
)
def test_what_the_articles_only_come_near_is_not_said_to_be_answered(
    question: str, library: Library
) -> None:
    assert library.ask(question).status in (Status.CLOSEST, Status.NOT_IN_SOURCES)


def test_an_answer_has_no_more_than_answers(library: Library) -> None:
    for question in ("Is this technology mature?", "Does AI help doctors?"):
        assert len(library.ask(question).claims) <= 4


BAKERY = """# Bakery

Our bakery opened in 2019. Mondays are closed.

### How much is a loaf?

5 euros.

### Do you take cards?

No.

- Founded: 1921
"""


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("How much is a loaf?", "How much is a loaf? 5 euros."),
        ("Do you take cards?", "Do you take cards? No."),
        ("When was it founded?", "Founded: 1921"),
    ],
)
def test_a_short_line_is_quoted_with_what_it_answers(
    question: str, quote: str, small: Library, articles: Path
) -> None:
    (articles / "bakery.md").write_text(BAKERY, "utf-8")
    small.build()
    assert quote in all_quotes(small.ask(question))
