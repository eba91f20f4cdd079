"""An article, and what citing makes of a text written about it."""

import re
from functools import cache

from ibid.adapters.embedders.minilm import MiniLM
from ibid.answering.citing import (
    Matcher,
    Source,
    Sources,
    assemble,
    cite,
    judge,
)
from ibid.answering.citing.verdict import Verdict
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


def judged(claim: str, *sentences: str, about: str = "") -> Verdict:
    """Return what the built-in model's reading makes of a claim beside a passage of an article."""
    text = " ".join(sentences)
    passage = Passage(PassageId("p"), ArticleId("a.md"), (), Span(0, len(text)), text, ())
    sources = tuple(
        Source(passage, Span(0, len(each)), each, frozenset(stems(each)), about)
        for each in sentences
    )
    embedder = minilm()
    return judge(claim, Sources(sources, embedder.passages(sentences)), Matcher(embedder, {}))


@cache
def minilm() -> MiniLM:
    return MiniLM()
