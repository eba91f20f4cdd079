"""The line on top of quotes: how many of the articles answer, and with what."""

from dataclasses import replace

import pytest

from ibid.library import Library
from ibid.output import say_opening
from ibid.search import Filter
from ibid.types import Status


@pytest.mark.parametrize(
    ("question", "deed"),
    [
        ("what challenges are cited for AI drug discovery?", "name challenges"),
        ("What are the main risks of biased data?", ""),  # one speaks of dangers
        ("Why is data bias a problem?", ""),
    ],
)
def test_an_answer_opens_with_how_many_articles_it_is_from(
    library: Library, question: str, deed: str
):
    answer = library.ask(question)
    speaking = {cited.passage.article for claim in answer.claims for cited in claim.citations}
    assert answer.status is Status.ANSWERED
    count = f"{len(speaking)} of 5 articles"
    opening = f"{count} {deed}, word for word:" if deed else f"From {count}, word for word:"
    assert say_opening(answer) == opening


def test_one_article_names_in_the_singular(library: Library):
    answer = library.ask("What challenges are cited for AI drug discovery?")
    claims = tuple(claim for claim in answer.claims if "challenges" in claim.text)[:1]
    alone = replace(answer, claims=claims)
    assert say_opening(alone) == "1 of 5 articles names challenges, word for word:"


@pytest.mark.parametrize(
    "question",
    [
        "What is the melting point of tungsten?",  # refused
        "How many articles are there?",  # told by the index
        "Which firms are named as using generative AI?",  # closest
    ],
)
def test_what_opens_in_another_way_has_no_such_line(library: Library, question: str):
    assert say_opening(library.ask(question)) == ""


def test_one_article_asked_alone_is_not_counted(library: Library):
    answer = library.ask("What challenges remain?", Filter(articles=("002*",)))
    assert answer.claims
    assert say_opening(answer) == ""
