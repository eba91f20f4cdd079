"""One volume of a corpus: articles and passages that are written once, with rows from 0.

What is asked of it is the SQL that SQLite and PostgreSQL both take, with `?` for a value.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from weakref import finalize

from ibid.errors import IndexUnusable
from ibid.index.cells import STRANGE_ROWS, require
from ibid.storage import damaged, unreadable
from ibid.types import ArticleId

ARTICLE = "select id, title, text, meta, sections, digest, warnings, findings, copies from articles"
_ROWS = "select ifnull(max(row), -1) + 1 from passages"
_SENTENCES = (
    "select first_sentence + json_array_length(sentences) from passages"
    " where row is not null order by row desc limit 1"
)

Values = tuple[Any, ...]

_PASSING = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
    }
)
"""Errors of SQLite that say nothing against a file."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An article as it is stored, with its passages."""

    article: Values
    """What ARTICLE selects."""
    passages: Sequence[Values]
    """The cells of each passage, and how many sentences it has."""


class CorpusVolume(Protocol):
    """The articles of a volume, whose numbers go on from those of the volumes before it.

    It has the tables `articles` and `passages` (`corpus_writing`).
    """

    rows: range
    sentences: range
    digests: Mapping[ArticleId, str]
    rows_of: Mapping[ArticleId, range]
    """Those of one article lie side by side."""

    def select(self, query: str, *values: object) -> list[Any]:
        """Return the rows of a query. Raises IndexUnusable."""
        ...

    def stream(self, query: str, *values: object) -> Iterator[Any]:
        """Yield the rows of a query, none of which is kept. Raises IndexUnusable."""
        ...

    def verify(self) -> None:
        """Raise IndexDamaged where a cell is not of the type that was written."""
        ...


class SQLiteVolume:
    """A volume in a file of its own."""

    def __init__(self, path: Path, first_row: int, first_sentence: int) -> None:
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        try:
            # One connection for all threads: SQLite serialises them, and nobody writes.
            self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            finalize(self, self._connection.close)
        except sqlite3.Error as error:
            raise _unusable(error) from error
        ((rows,),) = self.select(_ROWS)
        sentences = [end for (end,) in self.select(_SENTENCES)] or [0]
        require(int, rows, *sentences)
        self.rows = range(first_row, first_row + rows)
        self.sentences = range(first_sentence, first_sentence + sentences[0])
        records = self.select("select id, digest, first_row, rows from articles order by id")
        ids, digests, firsts, counts = [*zip(*records, strict=True)] or [()] * 4
        require(str, *ids, *digests)
        require(int, *firsts, *counts)
        if any(not 0 <= number <= rows for number in (*firsts, *counts)):
            raise damaged("an article has rows that are not there")
        self.digests: Mapping[ArticleId, str] = dict(zip(ids, digests, strict=True))
        self.rows_of: Mapping[ArticleId, range] = {
            id: range(first_row + first, first_row + first + count)
            for id, _, first, count in records
        }  # those of one article lie side by side

    def select(self, query: str, *values: object) -> list[Any]:
        """Return the rows of a query. Raises IndexUnusable."""
        return list(self.stream(query, *values))

    def stream(self, query: str, *values: object) -> Iterator[Any]:
        """Yield the rows of a query, none of which is kept. Raises IndexUnusable."""
        try:
            for row in self._connection.execute(query, values):  # noqa: UP028
                yield row  # `yield from` would close the cursor, be its connection gone or not
        except sqlite3.Error as error:
            raise _unusable(error) from error

    def verify(self) -> None:
        """Raise IndexDamaged where a cell is not of the type that was written.

        SQLite looks at the rows: that costs less than their digests did.
        """
        for query in STRANGE_ROWS:
            for _ in self.stream(query):
                raise damaged("corpus.sqlite has a row that is not as it was written")
        for _ in self.stream("select title, text from articles"):
            pass  # a text that is no UTF-8 is an error


def open_volumes(paths: Iterable[Path]) -> Iterator[SQLiteVolume]:
    """Yield the volumes of a corpus in order. Raises IndexUnusable."""
    row = sentence = 0
    for path in paths:
        volume = SQLiteVolume(path, row, sentence)
        yield volume
        row, sentence = volume.rows.stop, volume.sentences.stop


def _unusable(error: sqlite3.Error) -> IndexUnusable:
    """Return what an error of SQLite means for the index: trouble that may pass, or damage."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING:
        return unreadable("corpus.sqlite", OSError(str(error)))
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return damaged(f"the articles in the index cannot be read ({name})")
