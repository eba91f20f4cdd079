"""Somebody's own text: each of its sentences is held against the articles, with no question."""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import pairwise

from ibid.answering.citing import Sources, drop_marks, judge, read_matcher, read_sources
from ibid.english import stems
from ibid.errors import ArticleUnreadable, UsageError
from ibid.index import Index
from ibid.ports import Embedder
from ibid.reading import read_article
from ibid.search import find_phrase, holds_phrase, is_phrase, rank, read_question
from ibid.text import find_sentences, has_words, line_starts, plain, split_sentences, trim
from ibid.types import ArticleId, Citation, Claim, Passage, Proof, Span, Support

LONGEST_TEXT = 20_000
"""Characters: ten pages, whose sentences are held against the articles one by one."""

READ = 24
"""Passages that are read closely for a sentence: as many as for a question."""

FEWEST_WORDS = 3
"""Of a sentence without any word that tells something, for it to be one."""

MOST_HOLDING = 8
"""Passages with the very words of a sentence that are read before all others."""

_LONGEST_SOUGHT = 2_000

_LINE = re.compile(r":\d{1,9}(?:[-–]\d{1,9})?")
_NOTHING_IN_BRACKETS = re.compile(r"\s*(?:\[[\s,;]*\]|\([\s,;]*\))|\s*[—–-]\s*(?=[.!?]?$)")


def check_text(text: str) -> str:
    """Return a text that can be verified. Raises UsageError for none and for a long one."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    if not text.strip():
        raise UsageError("the text is empty", hint="give the sentences that are to be verified")
    if len(text) > LONGEST_TEXT:
        raise UsageError(
            f"the text has {len(text):,} characters, {LONGEST_TEXT:,} at most",
            hint="verify it in parts",
        )
    return text


def verify(
    text: str,
    index: Index,
    embedder: Embedder,
    articles: Collection[ArticleId] | None = None,
    start: int = 0,
) -> Iterator[Proof]:
    """Yield what the articles have of each sentence that begins at `start` or behind it.

    A sentence is looked up when its turn comes. Headings are no sentences, and the places that a
    draft cites (`notes.md:12`) are no part of any.
    """
    verifier = _Verifier(text, index, embedder, articles)
    for span in _find_sentences(text):
        if span.end > start:
            proofs = verifier.verify(span)
            yield from (proof for proof in proofs if proof.claim.span.start >= start)


def _find_sentences(text: str) -> list[Span]:
    """Return the sentences of a text, read as an article is: without headings and front matter.

    What is nothing but a heading is taken for a sentence.
    """
    whole = Span(0, len(text))
    try:
        article = read_article(ArticleId("text.md"), text.encode())
    except ArticleUnreadable:  # as a file; it is a text all the same
        return list(find_sentences(text, whole))
    parts = [section.prose for section in article.sections] if article.text == text else [whole]
    spans = [sentence for part in parts for sentence in find_sentences(text, part)]
    return spans or list(find_sentences(text, whole))


def drop_places(sentence: str, ids: Collection[str]) -> str:
    """Return a sentence without the places that it cites, such as `(notes.md:12)`."""
    for line in reversed(list(_LINE.finditer(sentence))):
        before = sentence[: line.start()].removesuffix("⟫")
        article = max((id for id in ids if before.endswith(id)), key=len, default="")
        if article:
            before = before.removesuffix(article).removesuffix("⟪")
            sentence = _NOTHING_IN_BRACKETS.sub("", before + sentence[line.end() :])
    return sentence


class _Verifier:
    """Holds the sentences of one text against the articles."""

    def __init__(
        self,
        text: str,
        index: Index,
        embedder: Embedder,
        articles: Collection[ArticleId] | None,
    ) -> None:
        self.text, self.index, self.embedder, self.articles = text, index, embedder, articles
        self.matcher = read_matcher(text, index, embedder)

    def verify(self, span: Span) -> Iterator[Proof]:
        """Yield a sentence as one where the articles have it whole, else each of its pieces."""
        pieces = [piece.shifted(span.start) for piece in split_sentences(span.of(self.text))]
        if len(pieces) > 1:
            whole = self._prove(span)
            if whole and whole.claim.support is Support.VERBATIM:
                yield whole
                return
        yield from filter(None, map(self._prove, pieces or [span]))

    def _prove(self, span: Span) -> Proof | None:
        """Return what the articles have of a sentence, None where it says nothing."""
        sentence = drop_marks(plain(drop_places(span.of(self.text), self.index.corpus.ids)))
        if not has_words(sentence, Span(0, len(sentence))):
            return None
        sources = read_sources(self._find_rows(sentence), self.index)
        verdict = judge(sentence, sources, self.matcher)
        claim = Claim(sentence, span, verdict.citations, verdict.support, verdict.changes)
        if verdict.support in (Support.VERBATIM, Support.ALTERED):
            return Proof(claim)
        if literal := self._find_literal(sentence, sources):
            return Proof(replace(claim, citations=(literal,), support=Support.VERBATIM))
        if verdict.support is not Support.UNSUPPORTED:
            return Proof(claim)
        nearest = next(iter(sources.nearest(sentence, self.matcher)), None)
        return Proof(claim, nearest.citation if nearest else None)

    def _find_literal(self, sentence: str, sources: Sources) -> Citation | None:
        """Return where a sentence or a line is that has the same words, whatever they tell.

        A part of one will do where it has no word that tells something (`we are who we are`): of
        any other part it is the verdict that knows what was cut away.
        """
        is_empty = not stems(sentence) and len(sentence.split()) >= FEWEST_WORDS
        for source in sources.sentences:
            if is_phrase(source.text, sentence) or (
                is_empty and holds_phrase(source.text, sentence)
            ):
                return source.citation
        passages = dict.fromkeys(source.passage for source in sources.sentences)
        lines = (line for passage in passages for line in _lines(passage))
        return next((line for text, line in lines if is_phrase(text, sentence)), None)

    def _find_rows(self, sentence: str) -> list[int]:
        """Return the passages that may support a sentence, those first that hold its words."""
        sought = sentence[:_LONGEST_SOUGHT]
        question = read_question(sought, self.index, self.embedder, self.articles)
        holding = sorted(find_phrase(sought, question, self.index))[:MOST_HOLDING]
        ranked = (hit.row for hit in rank(question, self.index, READ))
        return list(dict.fromkeys((*holding, *ranked)))


def _lines(passage: Passage) -> Iterator[tuple[str, Citation]]:
    """Yield the lines of a passage as a reader sees them, headings too, each with its place."""
    starts = [*line_starts(passage.text), len(passage.text)]
    for start, end in pairwise(starts):
        line = trim(passage.text, Span(start, end))
        place = line.shifted(passage.span.start)
        yield plain(line.of(passage.text)), Citation(passage, place)
