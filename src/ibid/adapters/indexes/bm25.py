"""The numbers of BM25 as tantivy has them, for a server that adds them up.

What a term adds to a text is its weight times a factor that is worked out when the index is built:
a generation does not change.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

import numpy as np

from ibid.english import K1
from ibid.ports import Variant, Wanted

B = 0.75
_EXACT_LENGTHS = 40
"""Words of a text up to which its length is kept exactly; of more, the first 4 bits are."""


def weigh_term(rows: int, containing: int) -> float:
    """Return how much a term counts: Lucene's inverse document frequency, times K1 + 1."""
    half, one = np.float32(0.5), np.float32(1)
    rare = (np.float32(rows - containing) + half) / (np.float32(containing) + half)
    return float(np.log(one + rare) * (one + np.float32(K1)))


def factor_of(count: int, length: int, average: float) -> float:
    """Return what a term adds to a text for each unit of its weight."""
    one, share = np.float32(1), np.float32(B)
    long = share * np.float32(kept_length(length)) / np.float32(average)
    frequency = np.float32(count)
    return float(frequency / (frequency + np.float32(K1) * (one - share + long)))


def kept_length(length: int) -> int:
    """Return the length that tantivy and Lucene keep in one byte (Lucene's SmallFloat)."""
    if length <= _EXACT_LENGTHS:
        return length
    above = length - 24
    shift = above.bit_length() - 4
    return 24 + (above >> shift << shift)


Words = list[list[Variant]]
"""The words of a search, each with its ways to be written."""


def words_of(terms: Sequence[Wanted]) -> Words:
    """Return the words of a search; a stem is a word that is written in one way."""
    return [[(term,)] if isinstance(term, str) else list(term) for term in terms]


def stems_of(words: Words) -> Iterator[str]:
    """Yield the stems of all ways to write the words of a search."""
    yield from (stem for word in words for variant in word for stem in variant)


class Vocabulary:
    """The terms of a generation that were asked for: number, weight, and rows that have them."""

    def __init__(
        self, rows: int, find: Callable[[list[str]], Iterable[tuple[str, int, int]]]
    ) -> None:
        self._rows, self._find = rows, find
        self._known: dict[str, tuple[int, int]] = {}

    def look_up(self, terms: Collection[str]) -> None:
        """Ask for the terms that were not asked for yet."""
        if missing := sorted({*terms} - self._known.keys()):
            entries = {term: (number, rows) for term, number, rows in self._find(missing)}
            self._known |= {term: entries.get(term, (-1, 0)) for term in missing}

    def frequencies(self, terms: Sequence[str]) -> list[int]:
        """Return how many rows have each term."""
        self.look_up(terms)
        return [self._known[term][1] for term in terms]

    def id(self, term: str) -> int:
        """Return the number of a term that was looked up, -1 where no row has it."""
        return self._known[term][0]

    def weight(self, term: str) -> float:
        """Return how much a term that was looked up counts."""
        return weigh_term(self._rows, self._known[term][1])
