"""BM25 as an inner product: a passage has the factor of each of its terms, a search their weights.

So Milvus' own analyzers and its BM25 have no say, and the numbers are those of an index in a
folder. Milvus finds candidates by a sum that is never too small: it counts all ways to write a
word. Which way counts is worked out here, from the factors that come with a candidate.
"""

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import finalize

import numpy as np

from ibid.adapters.indexes.bm25 import Vocabulary, Words, stems_of, words_of
from ibid.adapters.indexes.drafts import Postings
from ibid.adapters.indexes.milvus.connection import Row, Server
from ibid.adapters.indexes.milvus.parts import batches, numbers
from ibid.adapters.indexes.milvus.vectors import MOST
from ibid.ports import Wanted
from ibid.storage import damaged

NOTHING = 0
"""The number of a term that each passage has and nobody asks for: none is without terms."""

_Weighed = list[list[list[tuple[int, float]]]]
"""The words of a search, each with its ways: the numbers and weights of their stems."""

_SPARE, _MORE = 25, 4
_ROUNDING = 1e-4
"""Share by which a sum of 32 bits may be another one than ours."""

_AT_ONCE = 500
_TERMS = "select term, id, rows from terms where term in ({})"
_BEGINNING = "select term from terms where substr(term, 1, ?) = ? order by rows desc, term"


class MilvusWords:
    """The words of a generation; satisfies `ibid.ports.LexicalIndex`.

    Its terms lie in a file that this machine has a copy of.
    """

    def __init__(self, server: Server, collection: str, count: int, terms: Path) -> None:
        self._server, self._collection, self._count = server, collection, count
        uri = f"{terms.absolute().as_uri()}?mode=ro&immutable=1"
        self._file = sqlite3.connect(uri, uri=True, check_same_thread=False)
        finalize(self, self._file.close)
        self._vocabulary = Vocabulary(count, self._find)
        self.terms = lru_cache(maxsize=1024)(self._terms)

    def __len__(self) -> int:
        return self._count

    def search(
        self, terms: Sequence[Wanted], k: int, rows: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return at most `k` (row, BM25) of `rows`, best first, ties by row."""
        words = words_of(terms)
        self._vocabulary.look_up({*stems_of(words)})
        weights = {
            self._vocabulary.id(stem): count * self._vocabulary.weight(stem)
            for stem, count in Counter(stems_of(words)).items()
            if self._vocabulary.id(stem) >= 0
        }
        if not weights or k <= 0 or (rows is not None and not rows):
            return []
        limit = min(k + _SPARE, MOST)
        while limit < MOST:
            hits = self._candidates(weights, limit, rows)
            matches = self._score(hits, words)[:k]
            if len(hits) < limit or (len(matches) == k and _is_last(matches[-1][1], hits[-1])):
                return matches
            limit = min(limit * _MORE, MOST)
        everything = [hit for window in self._windows(rows) for hit in self._some(weights, window)]
        return self._score(everything, words)[:k]

    def _candidates(
        self, weights: Mapping[int, float], limit: int, rows: Collection[int] | None
    ) -> list[Row]:
        """Return the rows with the largest sums, best first."""
        chosen = "" if rows is None else numbers("row", sorted(rows))
        return self._server.search(self._collection, "words", weights, limit, chosen)

    def _windows(self, rows: Collection[int] | None) -> Iterator[Sequence[int]]:
        """Yield all rows, no more at a time than Milvus returns."""
        return batches(range(self._count) if rows is None else sorted(rows), MOST)

    def _some(self, weights: Mapping[int, float], rows: Sequence[int]) -> list[Row]:
        return self._candidates(weights, len(rows), rows)

    def _score(self, hits: Sequence[Row], words: Words) -> list[tuple[int, float]]:
        """Return the rows that have a word that is asked for with their BM25, best first."""
        vocabulary = self._vocabulary
        weighed = [
            [
                [(vocabulary.id(stem), _single(vocabulary.weight(stem))) for stem in way]
                for way in word
            ]
            for word in words
        ]
        scored = [(int(hit["row"]), _bm25(hit["entity"]["words"], weighed)) for hit in hits]
        return sorted((hit for hit in scored if hit[1] > 0), key=lambda hit: (-hit[1], hit[0]))

    def document_frequencies(self, terms: Sequence[str]) -> list[int]:
        """Return how many rows contain each term."""
        return self._vocabulary.frequencies(terms)

    def _terms(self, beginning: str) -> list[str]:
        """Return the terms that begin so, those in the most rows first."""
        return [term for (term,) in self._select(_BEGINNING, len(beginning), beginning)]

    def _find(self, terms: Sequence[str]) -> Iterator[tuple[str, int, int]]:
        for start in range(0, len(terms), _AT_ONCE):
            batch = terms[start : start + _AT_ONCE]
            yield from self._select(_TERMS.format(",".join("?" * len(batch))), *batch)

    def _select(self, query: str, *values: object) -> list[Any]:
        try:
            return self._file.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise damaged("this machine's copy of its terms cannot be read") from error


def write_terms(path: Path, postings: Postings) -> dict[str, int]:
    """Write the file of the terms, and return their numbers, from 1 on."""
    ids = {term: id + 1 for term, id in postings.ids().items()}
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("create table terms (term text primary key, id integer, rows integer)")
        rows = ((term, ids[term], count) for term, count in postings.rows_of.items())
        connection.executemany("insert into terms values (?, ?, ?)", rows)
    connection.close()
    return ids


def _is_last(score: float, hit: Row) -> bool:
    """Tell whether no row behind a hit can score as much: its sum is no larger than the hit's."""
    return score > float(hit["distance"]) * (1 + _ROUNDING)


def _bm25(factors: Mapping[int, float], words: _Weighed) -> float:
    """Return what a passage scores: of the ways to write a word the best one counts.

    One of several stems needs all of them. In 64 bits the order of adding does not matter.
    """
    total = 0.0
    for word in words:
        fitting = (way for way in word if all(id in factors for id, _ in way))
        sums = (sum(weight * _single(factors[id]) for id, weight in way) for way in fitting)
        total += max(sums, default=0.0)
    return _single(total)


def _single(number: float) -> float:
    return float(np.float32(number))
