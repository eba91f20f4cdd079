"""What a build wrote, put into the tables of a new generation by COPY."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ibid.adapters.indexes.drafts import DraftFiles, count_terms
from ibid.adapters.indexes.postgresql.connection import execute
from ibid.adapters.indexes.postgresql.tables import (
    COUNTED,
    INDEXES,
    NAMES,
    NEIGHBOURS,
    TABLES,
)
from ibid.errors import IbidError
from ibid.index import Corpus
from ibid.ports import Files

if TYPE_CHECKING:
    from psycopg import Connection

MOST_EXACT = 50_000
"""Vectors that are all compared with a question; of more there is an index of neighbours."""

_SOUND = (0, 8, 4)
"""The version of pgvector from which building an index of neighbours on many cores is safe."""

_IN_A_PAGE = 1900
"""Numbers of a vector that a page of 8 KB has room for."""

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
    from pgvector import HalfVector, Vector

    draft = DraftFiles(files, dimensions)
    storage = "plain" if dimensions <= _IN_A_PAGE else "external"
    execute(connection, TABLES, dimensions=dimensions, storage=storage)
    _copy(connection, "articles", _articles(draft.corpus))
    _copy(connection, "passages", _passages(draft.corpus))
    vectors = ((row, Vector(vector)) for row, vector in draft.vectors())
    passages = _copy(connection, "vectors", vectors)
    halves = ((row, HalfVector(vector)) for row, vector in draft.sentences())
    _copy(connection, "sentences", halves)
    _copy(connection, "tokens", draft.tokens())
    _load_words(connection, draft.corpus)
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


def _load_words(connection: "Connection[Any]", corpus: Corpus) -> None:
    """Write the terms of the passages, and what each adds to them."""
    postings = count_terms(corpus)
    ids = postings.ids()
    terms = ((ids[term], term, rows) for term, rows in postings.rows_of.items())
    _copy(connection, "terms", terms)
    factors = (
        (id, row, factor)
        for row, stems in enumerate(corpus.stems())
        for id, factor in postings.of(stems, ids)
    )
    _copy(connection, "postings", factors)
