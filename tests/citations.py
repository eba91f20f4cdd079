"""An article, and what citing makes of a text written about it."""

import re

from ibid.answering.citing import (
    Matcher,
    Source,
    Sources,
    assemble,
    cite,
)
from ibid.english.words import stems
from ibid.testing import HashEmbedder
from ibid.types.answers import Claim
from ibid.types.articles import ArticleId, Passage, PassageId, Span

ARTICLE = (
    "Amgen works with Nvidia on antibodies at its center in Iceland. "
    "Rare diseases affect fewer than 200,000 people in the US. "
    "AI will not replace doctors. "
    "Data bias can lead to inaccurate predictions."
)


SENTENCES = [Span(found.start(), found.end()) for found in re.finditer(r"[^.]+\.(?= |$)", ARTICLE)]


PASSAGE = Passage(
    PassageId("p"), ArticleId("a.md"), (), Span(0, len(ARTICLE)), ARTICLE, tuple(SENTENCES)
)


EMBEDDER = HashEmbedder()


TEXTS = [span.of(ARTICLE).strip() for span in SENTENCES]


SOURCES = Sources(
    tuple(
        Source(PASSAGE, span, text, frozenset(stems(text)))
        for span, text in zip(SENTENCES, TEXTS, strict=True)
    ),
    EMBEDDER.passages(TEXTS),
)


def claims_of(written: str) -> tuple[str, tuple[Claim, ...]]:
    drafts, tail = cite(written, SOURCES, Matcher(EMBEDDER, {}))
    return assemble(drafts, tail)
