"""A question as both signals see it: its stems, their weights, its vectors."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ibid.english import (
    K1,
    QuestionForm,
    find_terms,
    inverse_document_frequency,
    read_form,
    subject,
)
from ibid.index import Index
from ibid.ports import Embedder, TokenEmbedder, Variant, Vectors, Wanted
from ibid.search.variants import Variants, find_variants
from ibid.types import ArticleId, Span


@dataclass(frozen=True, slots=True)
class Question:
    """A question as both signals see it."""

    text: str
    form: QuestionForm
    """What its words ask for."""
    stems: tuple[str, ...]
    vector: Vectors
    weights: dict[str, float]
    """Inverse document frequency per stem: how much each word tells."""
    tokens: Vectors
    """Of the words that tell anything, shape (tokens, dimensions)."""
    token_weights: NDArray[np.float32]
    """How much each of them tells: its word's share of all words, which together are 1."""
    variants: Variants = field(default_factory=dict[str, tuple[Variant, ...]])
    """How else the articles write its words."""
    rows: frozenset[int] | None = None
    """The passages that may be found, None for all of them."""

    @property
    def highest_words_score(self) -> float:
        """The BM25 that no passage can exceed: (k1 + 1) · Σ idf."""
        return (K1 + 1) * sum(self.weights.values())

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """Its words as they are searched, each in all the ways in which the articles write it."""
        return tuple(self.ways(stem) if stem in self.variants else stem for stem in self.stems)

    def ways(self, stem: str) -> tuple[Variant, ...]:
        """Return the ways in which the articles write a word."""
        return _ways(stem, self.variants)

    def coverage(self, words: Collection[str]) -> float:
        """Return the share of its words, weighted by idf, that are among some stems."""
        total = sum(self.weights.values())
        cover = sum(weight for stem, weight in self.weights.items() if self._is_among(stem, words))
        return cover / total if total else 0.0

    def holds(self, words: Collection[str]) -> bool:
        """Tell whether all of some stems, one at least, are words of it, however it writes them."""
        own = {part for stem in self.stems for way in self.ways(stem) for part in way}
        return bool(words) and own.issuperset(words)

    def _is_among(self, stem: str, words: Collection[str]) -> bool:
        return any(all(part in words for part in way) for way in self.ways(stem))


def read_question(
    text: str, index: Index, embedder: Embedder, articles: Collection[ArticleId] | None = None
) -> Question:
    """Return the question with its stems, their weights in this index, and its vectors.

    It is asked of `articles` only, where these are given.
    """
    stems = subject(text)
    variants = find_variants(text, index)
    weights = {stem: _weight(_ways(stem, variants), index) for stem in stems}
    if index.tokens and isinstance(embedder, TokenEmbedder):
        encoded = embedder.encode_query(text)
        shares = share_of_tokens(text, weights, encoded.spans)
        tells = shares > 0
        vector, tokens, shares = encoded.vector, encoded.tokens[tells], shares[tells]
    else:
        vector, tokens = embedder.query(text), np.zeros((0, 0), dtype=np.float32)
        shares = np.zeros(0, dtype=np.float32)
    rows = None if articles is None else index.corpus.row_numbers(articles)
    form = read_form(text)
    return Question(text, form, stems, vector, weights, tokens, shares, variants, rows)


def _ways(stem: str, variants: Variants) -> tuple[Variant, ...]:
    return ((stem,), *variants.get(stem, ()))


def _weight(ways: Sequence[Variant], index: Index) -> float:
    """Return how much a word tells: as much as the commonest way to write it does."""
    counts = (min(index.words.document_frequencies(way)) for way in ways)
    return inverse_document_frequency(index.passages, max(counts))


def share_of_tokens(
    text: str, weights: Mapping[str, float], spans: Sequence[Span]
) -> NDArray[np.float32]:
    """Return what share of a question's meaning each token has, nothing for a stop word.

    A word counts by its inverse document frequency, in however many tokens it stands.
    """
    shares = np.zeros(len(spans), dtype=np.float32)
    for term in find_terms(text):
        inside = [
            number
            for number, span in enumerate(spans)
            if max(span.start, term.span.start) < min(span.end, term.span.end)
        ]
        shares[inside] += weights.get(term.stem, 0.0) / max(len(inside), 1)
    shares /= shares.sum() or 1
    return shares
