"""What a claim may rest on: every sentence of the passages that were found."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ibid.answering.citing.grounding import Matcher
from ibid.english import inverse_document_frequency, stems
from ibid.index import Index
from ibid.ports import Embedder, Vectors
from ibid.text import as_read
from ibid.types import Citation, Passage, Span

TRIED = 4
"""Sentences that are read closely for a claim: those nearest to it by words and by meaning."""


@dataclass(frozen=True, slots=True)
class Source:
    """A sentence of an article."""

    passage: Passage
    span: Span
    text: str
    """The sentence as a reader sees it."""
    stems: frozenset[str]
    about: str = ""
    """What its article is called, who wrote it, and when."""

    @property
    def citation(self) -> Citation:
        return Citation(self.passage, self.span)


@dataclass(frozen=True, slots=True)
class Sources:
    """Sentences, and their vectors in the same order."""

    sentences: tuple[Source, ...]
    vectors: Vectors

    def nearest(self, claim: str, matcher: Matcher) -> list[Source]:
        """Return the few sentences that a claim is most likely to rest on, the likeliest first.

        Half of it is the share of the claim's words that a sentence holds, half their cosine.
        """
        if not self.sentences:
            return []
        wanted = matcher.weigh(claim)
        overlaps = [
            sum(wanted[stem] for stem in wanted.keys() & sentence.stems)
            for sentence in self.sentences
        ]
        scores = np.asarray(overlaps) + self.vectors @ matcher.vector(claim)
        order = np.argsort(-scores, kind="stable")[:TRIED]
        return [self.sentences[place] for place in order.tolist()]


def read_sources(rows: Sequence[int], index: Index) -> Sources:
    """Return the sentences of the passages in some rows, in their order."""
    sentences: list[Source] = []
    numbers: list[int] = []
    for row in index.corpus.rows(rows):
        article = index.corpus.article(row.passage.article)
        about = ". ".join((article.title, article.meta.byline, article.meta.date))
        for number, span in enumerate(row.passage.sentences, start=row.first_sentence):
            text = as_read(article.text, span)
            source = Source(row.passage, span, text, frozenset(stems(text)), about)
            sentences.append(source)
            numbers.append(number)
    return Sources(tuple(sentences), index.sentences.vectors(numbers))


def read_matcher(text: str, index: Index, embedder: Embedder) -> Matcher:
    """Return what holds a text against the articles, its words weighted as these use them."""
    vocabulary = sorted(set(stems(text)))
    counts = index.words.document_frequencies(vocabulary)
    weights = {
        stem: inverse_document_frequency(index.passages, count)
        for stem, count in zip(vocabulary, counts, strict=True)
    }
    return Matcher(embedder, weights)
