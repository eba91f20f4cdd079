"""What searches owe, worked out the long way: inner products of all, and BM25 as it is defined."""

from collections import Counter
from collections.abc import Collection, Sequence
from math import log

import numpy as np

from ibid.english import K1
from ibid.ports import VectorIndex, Vectors, Wanted

_B = 0.75


def nearest(
    vectors: VectorIndex, query: Vectors, k: int, rows: Collection[int] | None = None
) -> list[int]:
    """Return the rows with the largest inner products, ties by row."""
    candidates = sorted(range(len(vectors)) if rows is None else rows)
    scores = np.einsum("ij,j->i", vectors.vectors(candidates), query[0])
    return [candidates[place] for place in np.lexsort((candidates, -scores))[:k].tolist()]


class BM25:
    """BM25 (Robertson and Zaragoza 2009) with Lucene's idf, and lengths that a byte holds."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self._counts = [Counter(text) for text in texts]
        self._rows = Counter(term for counts in self._counts for term in counts)
        self._average = sum(map(len, texts)) / len(texts)
        self._lengths = [_kept_length(len(text)) / self._average for text in texts]

    def search(
        self, terms: Sequence[Wanted], rows: Collection[int] | None = None
    ) -> dict[int, float]:
        """Return the scores of the rows that any term finds."""
        candidates = range(len(self._counts)) if rows is None else rows
        scores = {row: sum(self._score(term, row) for term in terms) for row in candidates}
        return {row: score for row, score in scores.items() if score}

    def _score(self, term: Wanted, row: int) -> float:
        """Return what a word adds: of its ways to be written the best, each with all its stems."""
        ways = [(term,)] if isinstance(term, str) else term
        counts = self._counts[row]
        fitting = (way for way in ways if all(stem in counts for stem in way))
        return max((sum(self._part(stem, row) for stem in way) for way in fitting), default=0.0)

    def _part(self, stem: str, row: int) -> float:
        containing, count = self._rows[stem], self._counts[row][stem]
        rare = log(1 + (len(self._counts) - containing + 0.5) / (containing + 0.5))
        length = 1 - _B + _B * self._lengths[row]
        return rare * (K1 + 1) * count / (count + K1 * length)


def _kept_length(length: int) -> int:
    """Return what a byte holds of a length: all to 40, then 4 bits (Lucene's SmallFloat)."""
    if length <= 40:  # noqa: PLR2004
        return length
    above = length - 24
    shift = above.bit_length() - 4
    return 24 + (above >> shift << shift)
