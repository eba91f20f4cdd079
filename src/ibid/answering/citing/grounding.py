"""How close the words of a claim come to those of a source.

For each token of the claim it is the cosine to the closest token of the source (the MaxSim of
Khattab and Zaharia 2020), weighted by how much its word tells. An embedder that does not tell the
vectors of tokens leaves the words themselves: a word is there or not.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ibid.english import find_terms, find_words, stems
from ibid.ports import Embedder, EncodedQuery, TokenEmbedder
from ibid.search import share_of_tokens
from ibid.types import Span

BESIDE = 2
"""Words that stand no farther apart are beside each other."""

_REMEMBERED = 256  # sentences: those of one answer and what they are compared with

Closeness = NDArray[np.float32]
"""How close the source comes to each token of the claim, or to each word, from 0 to 1."""


class Matcher:
    """Reads claims and sources; `weights` tells how much each stem counts, others count most."""

    def __init__(self, embedder: Embedder, weights: Mapping[str, float]) -> None:
        self._embedder, self._weights = embedder, weights
        self._heaviest = max(weights.values(), default=1.0)
        self._encode = lru_cache(_REMEMBERED)(_encoder(embedder))

    def weigh(self, text: str) -> dict[str, float]:
        """Return each stem of a text with its share of what the text says."""
        weights = {stem: self._weights.get(stem, self._heaviest) for stem in stems(text)}
        total = sum(weights.values()) or 1.0
        return {stem: weight / total for stem, weight in weights.items()}

    def vector(self, text: str) -> NDArray[np.float32]:
        """Return the vector of a text, shape (dimensions,)."""
        encoded = self._encode(text)
        return (encoded.vector if encoded else self._embedder.query(text))[0]

    def closeness(self, claim: str, source: str) -> Closeness:
        """Return how close a source comes to each part of a claim."""
        query, reference = self._encode(claim), self._encode(source)
        if query is None or reference is None:
            there = frozenset(stems(source))
            return np.asarray([float(stem in there) for stem in self.weigh(claim)], np.float32)
        if not len(query.tokens) or not len(reference.tokens):
            return np.zeros(len(query.tokens), dtype=np.float32)
        return np.maximum((reference.tokens @ query.tokens.T).max(axis=0), 0)

    def grounding(self, claim: str, closeness: Closeness) -> float:
        """Return how much of what a claim says is close to its source, from 0 to 1."""
        encoded = self._encode(claim)
        if encoded is None:
            shares = np.asarray(list(self.weigh(claim).values()), dtype=np.float32)
        else:
            weights = {term.stem: self._heaviest for term in find_terms(claim)} | dict(
                self._weights
            )
            shares = share_of_tokens(claim, weights, encoded.spans)
        return float(closeness @ shares)

    def coherence(self, claim: str, source: str) -> float:
        """Return how far the words of a claim go together as those of its source do, from 0 to 1.5.

        Words that are thrown together may each be close to a word of the source. So to the cosine
        of both sentences is added half the share of neighbouring words in the claim whose closest
        words are neighbours in the source, too. An embedder that does not tell the vectors of
        tokens gives 1.5: the order is not looked at then.
        """
        query, reference = self._encode(claim), self._encode(source)
        if query is None or reference is None:
            return 1.5
        matrix = _words(query, claim) @ _words(reference, source).T
        steps = np.abs(np.diff(matrix.argmax(axis=1))) if matrix.size else np.zeros(0)
        beside = float(((steps >= 1) & (steps <= BESIDE)).mean()) if len(steps) else 0.0
        return float(query.vector[0] @ reference.vector[0]) + beside / 2

    def alike(self, claim: str, word: Span, source: str, counterpart: Span) -> float | None:
        """Return how close a word of a claim is to one of a source; None where it cannot be told.

        Both are read in their sentences, so that words close to each other can stand for each
        other there.
        """
        query, reference = self._encode(claim), self._encode(source)
        if query is None or reference is None:
            return None
        return float(_mean(query, word) @ _mean(reference, counterpart))


def _encoder(embedder: Embedder) -> Callable[[str], EncodedQuery | None]:
    def encode(text: str) -> EncodedQuery | None:
        return embedder.encode_query(text) if isinstance(embedder, TokenEmbedder) else None

    return encode


def _words(encoded: EncodedQuery, text: str) -> NDArray[np.float32]:
    """Return a vector for each word of a text, shape (words, dimensions)."""
    means = [_mean(encoded, word.span) for word in find_words(text)]
    return np.stack(means) if means else np.zeros((0, encoded.tokens.shape[1]), np.float32)


def _mean(encoded: EncodedQuery, word: Span) -> NDArray[np.float32]:
    inside = [number for number, span in enumerate(encoded.spans) if span.overlaps(word)]
    mean = encoded.tokens[inside].sum(axis=0)
    return mean / (np.linalg.norm(mean) or 1)
