"""The articles and passages of a generation: one volume of a corpus, in tables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ibid.adapters.indexes.postgresql.connection import Database
from ibid.types import ArticleId


class PostgresVolume:
    """Articles and passages in the tables of a schema; satisfies `ibid.index.CorpusVolume`."""

    def __init__(self, database: Database, rows: int, sentences: int) -> None:
        self._database = database
        self.rows, self.sentences = range(rows), range(sentences)
        records = self.select("select id, digest, first_row, rows from articles order by id")
        self.digests: Mapping[ArticleId, str] = {id: digest for id, digest, _, _ in records}
        self.rows_of: Mapping[ArticleId, range] = {
            id: range(first, first + count) for id, _, first, count in records
        }

    def select(self, query: str, *values: object) -> list[Any]:
        """Return the rows of a query. Raises IndexUnusable."""
        return [*map(_texts, self._database.rows(query.replace("?", "%s"), *values))]

    def stream(self, query: str, *values: object) -> Iterator[Any]:
        """Yield the rows of a query; of one without values, which has many, none is kept."""
        if values:
            yield from self.select(query, *values)
        else:
            yield from map(_texts, self._database.stream(query))

    def verify(self) -> None:
        """Do nothing: a column takes no value of another type."""


def _texts(row: Sequence[Any]) -> tuple[Any, ...]:
    """Return a row with texts where it has the bytes of texts."""
    return tuple(value.decode("utf-8") if isinstance(value, bytes) else value for value in row)
