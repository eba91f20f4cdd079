"""The system cites: a model's sentences are aligned to the articles by code."""

import re

import pytest

from citations import ARTICLE, PASSAGE, SENTENCES, claims_of
from ibid.answering.citing import (
    assemble,
    drop_marks,
    number_quotes,
    quote,
)
from ibid.search.evidence import Evidence
from ibid.types.answers import Claim, Support

EVIDENCE = [
    Evidence(PASSAGE, number, span.of(ARTICLE).strip(), span, 0.5, 0.5, True, number)
    for number, span in enumerate(SENTENCES)
]


def only(written: str) -> Claim:
    _, claims = claims_of(written)
    assert len(claims) == 1
    return claims[0]


def quoted(claim: Claim) -> list[str]:
    return [citation.quote.of(ARTICLE).strip() for citation in claim.citations]


def test_a_sentence_of_the_article_is_verbatim_and_cited_at_its_place() -> None:
    claim = only("AI will not replace doctors.")
    assert claim.support is Support.VERBATIM
    assert quoted(claim) == ["AI will not replace doctors."]


def test_white_space_marks_and_a_lost_full_stop_leave_a_sentence_verbatim() -> None:
    assert only("**AI will  not replace doctors**").support is Support.VERBATIM


def test_a_sentence_without_the_place_where_it_holds_is_cited_but_not_verbatim() -> None:
    claim = only("Amgen works with Nvidia on antibodies.")
    assert claim.support is Support.REWORDED
    assert quoted(claim) == ["Amgen works with Nvidia on antibodies at its center in Iceland."]


def test_a_paraphrase_with_the_articles_words_is_reworded_and_cited() -> None:
    claim = only("At its center in Iceland, Amgen works on antibodies with Nvidia.")
    assert claim.support is Support.REWORDED
    assert quoted(claim) == ["Amgen works with Nvidia on antibodies at its center in Iceland."]


@pytest.mark.parametrize("said", ["200,000.", "Amgen"])
def test_a_number_or_a_name_of_the_article_is_verbatim(said: str) -> None:
    assert only(said).support is Support.VERBATIM


def test_a_sentence_that_joins_two_gets_both_quotes() -> None:
    claim = only(
        "Amgen works with Nvidia on antibodies, and data bias leads to inaccurate predictions."
    )
    assert claim.support is Support.REWORDED
    assert len(quoted(claim)) == 2


@pytest.mark.parametrize(
    "altered",
    [
        "AI will replace doctors.",
        "Rare diseases affect fewer than 300,000 people in the US.",
        "Data bias cannot lead to inaccurate predictions.",
    ],
)
def test_a_changed_number_or_negation_is_altered(altered: str) -> None:
    assert only(altered).support is Support.ALTERED


@pytest.mark.parametrize(
    "invented",
    [
        "Pfizer announced a vaccine against malaria.",
        "The moon orbits the earth.",
        "Doctors recommend regular exercise and vegetables.",
        "Not.",
        "Bias",
        "In the",
    ],
)
def test_an_invented_sentence_is_unsupported_and_gets_no_citation(invented: str) -> None:
    claim = only(invented)
    assert claim.support is Support.UNSUPPORTED
    assert claim.citations == ()


@pytest.mark.parametrize(
    "mark",
    [
        "[99]",
        "[1[99]]",
        "[1][2]",
        "[^3]",
        "[1, 7]",
        "【4†source】",
        "(source: Nature)",
        "[Source 2]",
        "&#91;1&#93;",
        "[**9**]",
        r"\[3\]",
        "[1-3]",
    ],
)
def test_a_citation_that_a_model_invents_never_shows(mark: str) -> None:
    text, claims = claims_of(
        f"AI will not replace doctors {mark}. The moon is made of cheese {mark}."
    )
    assert mark not in text
    assert text == "AI will not replace doctors [1]. The moon is made of cheese.".replace(
        " [1].", ". [1]"
    )
    assert [claim.support for claim in claims] == [Support.VERBATIM, Support.UNSUPPORTED]


@pytest.mark.parametrize("opening", [" ", "[1", "[", "【", "(source "])
def test_no_run_of_what_opens_marks_is_gone_through_again_and_again(opening: str) -> None:
    written = f"a{opening * 300_000}b"
    assert drop_marks(written) == written


def test_a_line_that_introduces_a_list_is_text_but_no_claim() -> None:
    text, claims = claims_of(
        "Two facts:\n\n- AI will not replace doctors.\n"
        "- Data bias can lead to inaccurate predictions."
    )
    assert text.startswith("Two facts:\n\n- AI will not replace doctors. [1]\n- Data bias")
    assert len(claims) == 2


def test_quotes_are_numbered_once_in_order_of_appearance() -> None:
    text, claims = claims_of(
        "AI will not replace doctors. Data bias can lead to inaccurate predictions. "
        "AI will not replace doctors."
    )
    assert [int(n) for n in re.findall(r"\[(\d+)\]", text)] == [1, 2, 1]
    assert list(number_quotes(claims).values()) == [1, 2]


def test_quotes_without_a_model_are_grouped_by_article_and_verbatim() -> None:
    text, claims = assemble(quote(EVIDENCE[:2]))
    assert [claim.support for claim in claims] == [Support.VERBATIM] * 2
    assert text.count("[1]") == text.count("[2]") == 1
