"""BM25 as plain SQL over a table of postings.

A posting has what its term adds to its row for each unit of the term's weight, worked out when the
index is built: a generation does not change. So a search adds up products. The numbers are those of
tantivy, lengths in one byte included, to the last digits of a float.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from ibid.adapters.indexes.bm25 import Vocabulary, stems_of, words_of
from ibid.adapters.indexes.postgresql.connection import Database
from ibid.adapters.indexes.postgresql.vectors import ranges_of
from ibid.ports import Variant, Wanted

_TERMS = "select term, id, rows from terms where term = any(%s)"
_BEGINNING = "select term from terms where starts_with(term, %s) order by rows desc, term"

_SIMPLE = """
select p.row, sum(q.weight * p.factor::float8)::real as score
from unnest(%s::int[], %s::real[]) as q(term, weight) join postings p using (term) {}
group by p.row order by score desc, p.row limit %s"""
"""In whatever order it adds up, 64 bits give the same sum: ties stay ties."""

_VARIANTS = """
with variants as (
  select p.row, q.word, sum(q.weight * p.factor::float8) as score
  from unnest(%s::int[], %s::real[], %s::int[], %s::int[], %s::int[])
    as q(term, weight, word, variant, stems) join postings p using (term) {}
  group by p.row, q.word, q.variant, q.stems having count(*) = q.stems
), words as (select row, word, max(score) as score from variants group by row, word)
select row, sum(score)::real as score from words group by row order by score desc, row limit %s"""
"""Of the ways to write a word the best counts, and one of several stems needs all of them."""

_CHOSEN = "where p.row <@ %s::int4multirange"


class PostgresWords:
    """The postings of a generation; satisfies `ibid.ports.LexicalIndex`."""

    def __init__(self, database: Database, count: int) -> None:
        self._database, self._count = database, count
        self._vocabulary = Vocabulary(count, lambda terms: database.rows(_TERMS, terms))
        self.terms = lru_cache(maxsize=1024)(self._terms)

    def __len__(self) -> int:
        return self._count

    def search(
        self, terms: Sequence[Wanted], k: int, rows: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return at most `k` (row, BM25) of `rows`, best first, ties by row."""
        if not terms or k <= 0 or (rows is not None and not rows):
            return []
        words, vocabulary = words_of(terms), self._vocabulary
        vocabulary.look_up({*stems_of(words)})
        chosen, ranges = ("", []) if rows is None else (_CHOSEN, [ranges_of(rows)])
        if all(len(word) == 1 and len(word[0]) == 1 for word in words):
            stems = [word[0][0] for word in words]
            values = [[*map(vocabulary.id, stems)], [*map(vocabulary.weight, stems)]]
            return self._database.rows(_SIMPLE.format(chosen), *values, *ranges, k)
        values = [list(column) for column in zip(*self._parts(words), strict=True)]
        return self._database.rows(_VARIANTS.format(chosen), *values, *ranges, k)

    def _parts(
        self, words: Sequence[Sequence[Variant]]
    ) -> Iterator[tuple[int, float, int, int, int]]:
        """Yield each stem of each way to write each word, as the query takes them."""
        for number, word in enumerate(words):
            for place, variant in enumerate(word):
                for stem in variant:
                    entry = self._vocabulary.id(stem), self._vocabulary.weight(stem)
                    yield *entry, number, place, len(variant)

    def document_frequencies(self, terms: Sequence[str]) -> list[int]:
        """Return how many rows contain each term."""
        return self._vocabulary.frequencies(terms)

    def _terms(self, beginning: str) -> list[str]:
        """Return the terms that begin so, those in the most rows first."""
        return [term for (term,) in self._database.rows(_BEGINNING, beginning)]
