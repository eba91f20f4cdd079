"""Whatever a model writes, each citation is a verbatim place of an article.

IBID_OUTPUTS=100000 tries so many outputs; 2,000 are tried without it.
"""

import os
import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citations import ARTICLE, PASSAGE, claims_of
from ibid.answering.citing import number_quotes
from ibid.types.answers import Support

pytestmark = pytest.mark.long

OUTPUTS = int(os.environ.get("IBID_OUTPUTS") or 2000)

_SAID = (
    *("AI will not replace doctors.", "AI will replace doctors!", "Rare diseases affect 7 people."),
    *("Amgen works with Nvidia", " on antibodies", ", and ", "data bias", " in Iceland. "),
)
_MARKS = (
    *("[1]", "[99]", " [12][3]", "【7】", "【4†source】", "[source: x]", "`[5]`", "[٣]", "[²]"),
    *("（1）", "[^1]", "[^1]: AI will not replace doctors.", "(source: Nature)", "[1-3]", "[1, 7]"),
    *("<cite>1</cite>", "\\cite{a}", "[[1]]", "[1", "1]", "[ 1 ]", "[-1]", "[1e9]", "[0x1]"),
)
_MARKUP = (
    *("\n- ", "\n\n1. ", "**", "```\ncode [4]\n```", "<b>", "${x}", "[1](http://x)", "\r\n"),
    *("{{x}}", "<|im_end|>", "<script>", "| a | b |\n", "> ", "# ", "\\[", "&#91;1&#93;", "</s>"),
)
_ODD = ("\u202e", "\u200b", ": ", "?", "\x00", "\ufeff", "é", "1,000,000", "9" * 40, "$", "%", "’")


_EVERYTHING = (*_SAID, *_SAID, *_MARKS, *_MARKUP, *_ODD)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_EVERYTHING) | st.text(max_size=30), max_size=12).map("".join))
def test_whatever_a_model_writes_every_citation_is_a_verbatim_place(written: str) -> None:
    assert_valid(written)


def test_thousands_of_hostile_outputs_get_no_invalid_citation() -> None:
    draw = Random(5)  # noqa: S311 - the same outputs every time
    cited = 0
    for _ in range(OUTPUTS):
        pieces = draw.choices(_EVERYTHING, k=draw.randrange(1, 14))
        cited += assert_valid("".join(pieces))
    assert cited > OUTPUTS / 4


def assert_valid(written: str) -> int:
    """Return how many citations there are, all of them verbatim places of the article."""
    text, claims = claims_of(written)
    numbers = number_quotes(claims)
    end = 0
    pieces: list[str] = []  # of the text, without the numbers that ibid wrote
    for claim in claims:
        assert claim.span.of(text) == claim.text
        assert claim.span.start >= end
        pieces.append(text[end : claim.span.end])
        end = claim.span.end
        assert bool(claim.changes) is (claim.support is Support.ALTERED)
        for change in claim.changes:
            assert change.instead or change.said
            assert not change.said or change.said.of(claim.text)
        for citation in claim.citations:
            assert citation.quote in PASSAGE.sentences
            assert citation.quote.of(ARTICLE) in ARTICLE
        assert bool(claim.citations) is (claim.support is not Support.UNSUPPORTED)
        if claim.citations:
            assert claim.citations[0].passage.article == PASSAGE.article
        for citation in claim.citations:
            number = f" [{numbers[(citation.passage.article, citation.quote)]}]"
            assert text[end:].startswith(number)
            end += len(number)
    for piece in (*pieces, text[end:]):
        assert not re.search(r"(?<!\])\[\d+\](?!\()", piece), f"a mark survived in {piece!r}"
    return sum(len(claim.citations) for claim in claims)
