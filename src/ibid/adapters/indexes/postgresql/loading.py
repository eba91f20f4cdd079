"""What a build wrote, put into the tables of a new generation by COPY."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ibid.adapters.indexes.postgresql.connection import execute
from ibid.adapters.indexes.postgresql.tables import (
    COUNTED,
    INDEXES,
    NAMES,
    NEIGHBOURS,
    TABLES,
)
from ibid.adapters.indexes.postgresql.words import factor_of
from ibid.errors import IbidError
from ibid.index import SIGNS, STARTS, Corpus, open_volumes
from ibid.ports import Files
from ibid.storage import FileBlocks, part_name

if TYPE_CHECKING:
    from psycopg import Connection

MOST_EXACT = 50_000
"""Vectors that are all compared with a question; of more there is an index of neighbours."""

_SOUND = (0, 8, 4)
"""The version of pgvector from which building an index of neighbours on many cores is safe."""

_IN_A_PAGE = 1900
"""Numbers of a vector that a page of 8 KB has room for."""

_AT_ONCE = 4096

_COPIES = {
    "articles": "text bytea bytea text text text text text text int4 int4",
    "passages": "int4 int4 text text text int4 int4 text text",
    "tokens": "int4 bytea",
    "terms": "int4 text int4",
    "postings": "int4 int4 float4",
    "vectors": "int4 vector",
    "sentences": "int4 halfvec",
}
"""The types of the columns, in their order."""

_ARTICLES = (
    "select id, title, text, meta, sections, digest, warnings, findings, copies, first_row, rows"
    " from articles order by id"
)
_PASSAGES = (
    'select row, first_sentence, id, article, headings, start, "end", sentences, stems'
    " from passages order by rowid"
)


def load(
    connection: "Connection[Any]", files: Files, dimensions: int, most_exact: int = MOST_EXACT
) -> None:
    """Make the tables of a generation, with what a build wrote; its schema is made and entered.

    They are made in one transaction, so their rows are written frozen: nobody sees them before.
    """
    paths = {name: file.path for name, file in files.items() if isinstance(file, FileBlocks)}
    signs = _parts(paths, SIGNS)
    storage = "plain" if dimensions <= _IN_A_PAGE else "external"
    execute(connection, TABLES, dimensions=dimensions, storage=storage)
    corpus = Corpus(*open_volumes(_parts(paths, "corpus.sqlite")))
    _copy(connection, "articles", _articles(corpus))
    _copy(connection, "passages", _passages(corpus))
    passages = _copy(connection, "vectors", _vectors(paths["passages.faiss"], dimensions))
    _copy(connection, "sentences", _half_vectors(paths["sentences.faiss"], dimensions))
    if signs:
        _copy(connection, "tokens", _tokens(paths[STARTS], signs, dimensions // 8))
    _load_words(connection, corpus)
    execute(connection, INDEXES)
    if passages > most_exact:
        _require_sound_neighbours(connection)
        execute(connection, NEIGHBOURS, dimensions=dimensions)
    for name in NAMES:
        execute(connection, COUNTED, name, table=name)
    execute(connection, "analyze")


def _require_sound_neighbours(connection: "Connection[Any]") -> None:
    """Raise IbidError where pgvector is known to damage an index of neighbours."""
    query = "select extversion from pg_extension where extname = 'vector'"
    ((version,),) = execute(connection, query)
    if tuple(int(part) for part in version.split(".")) < _SOUND:
        least = ".".join(map(str, _SOUND))
        message = f"pgvector {version} may damage an index of so many vectors"
        raise IbidError(message, hint=f"ALTER EXTENSION vector UPDATE, to {least} or newer")


def _parts(paths: Mapping[str, Path], name: str) -> list[Path]:
    """Return a file in each volume that was written, in order."""
    numbered = (part_name(name, number) for number in range(len(paths)))
    return [paths[part] for part in numbered if part in paths]


def _copy(connection: "Connection[Any]", table: str, rows: Iterable[Sequence[object]]) -> int:
    """Write the rows of a table, and return how many there were."""
    from psycopg.sql import SQL, Identifier

    count = 0
    statement = SQL("copy {} from stdin (format binary, freeze)").format(Identifier(table))
    with connection.cursor().copy(statement) as copy:
        copy.set_types(_COPIES[table].split())
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _articles(corpus: Corpus) -> Iterator[Sequence[object]]:
    for volume in corpus.volumes:
        for id, title, text, *cells, first_row, rows in volume.stream(_ARTICLES):
            start = first_row + volume.rows.start
            yield id, title.encode("utf-8"), text.encode("utf-8"), *cells, start, rows


def _passages(corpus: Corpus) -> Iterator[Sequence[object]]:
    for volume in corpus.volumes:
        for row, first, *cells in volume.stream(_PASSAGES):
            number = None if row is None else row + volume.rows.start
            yield number, first + volume.sentences.start, *cells


def _vectors(path: Path, dimensions: int) -> Iterator[Sequence[object]]:
    from pgvector import Vector

    yield from ((row, Vector(each)) for row, each in _read(path, "<f4", dimensions))


def _half_vectors(path: Path, dimensions: int) -> Iterator[Sequence[object]]:
    from pgvector import HalfVector

    yield from ((row, HalfVector(each)) for row, each in _read(path, "<f2", dimensions))


def _read(path: Path, numbers: str, dimensions: int) -> Iterator[tuple[int, Any]]:
    """Yield the vectors of a file with their rows."""
    row, size = 0, np.dtype(numbers).itemsize * dimensions
    with path.open("rb") as file:
        while data := file.read(_AT_ONCE * size):
            for vector in np.frombuffer(data, dtype=numbers).reshape(-1, dimensions):
                yield row, vector
                row += 1


def _tokens(starts: Path, parts: Sequence[Path], width: int) -> Iterator[Sequence[object]]:
    rows = enumerate(np.diff(np.fromfile(starts, dtype="<i8")).tolist())
    for part in parts:
        with part.open("rb") as file:
            left = part.stat().st_size
            while left:
                row, length = next(rows)
                yield row, file.read(length * width)
                left -= length * width


def _load_words(connection: "Connection[Any]", corpus: Corpus) -> None:
    """Write the terms of the passages, and what each adds to them."""
    rows_of, words, passages = Counter[str](), 0, 0
    for stems in corpus.stems():
        rows_of.update(set(stems))
        words += len(stems)
        passages += 1
    ids = {term: id for id, term in enumerate(sorted(rows_of))}
    _copy(connection, "terms", ((id, term, rows_of[term]) for term, id in ids.items()))
    _copy(connection, "postings", _postings(corpus, ids, words / max(passages, 1)))


def _postings(corpus: Corpus, ids: Mapping[str, int], average: float) -> Iterator[Sequence[object]]:
    for row, stems in enumerate(corpus.stems()):
        for term, count in Counter(stems).items():
            yield ids[term], row, factor_of(count, len(stems), average)
