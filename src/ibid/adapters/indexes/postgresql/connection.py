"""A connection to PostgreSQL that threads share, and what its errors mean for an index."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from threading import RLock
from typing import TYPE_CHECKING, Any
from weakref import finalize

from ibid.adapters.indexes.postgresql.address import Address
from ibid.errors import IndexUnreadable, UsageError
from ibid.storage import damaged

if TYPE_CHECKING:
    from typing import LiteralString

    from psycopg import Connection, Error

_PATIENCE = 10  # seconds
_AT_ONCE = 500  # rows

READER = "the role needs USAGE and SELECT on its schemas (docs/postgresql.md)"


class Database:
    """Reads tables of one schema. A connection that was lost is opened once more."""

    def __init__(self, address: Address, schema: str = "") -> None:
        self.address, self._schema = address, schema
        self._lock, self._numbers = RLock(), count()
        self._connection: Connection[Any] | None = None

    def rows(self, query: str, *values: object) -> list[Any]:
        """Return the rows of a query. Raises IndexUnusable."""
        with self._lock, translated(self.address):
            was_open = self._is_open()
            try:
                return self._execute(query, values)
            except _lost():
                if not was_open or self._is_open():
                    raise
            return self._execute(query, values)

    def stream(self, query: str) -> Iterator[Any]:
        """Yield the rows of a query that has many, some at a time. Raises IndexUnusable."""
        with self._lock, translated(self.address):
            cursor = self._open().cursor(f"rows{next(self._numbers)}", withhold=True, binary=True)
            cursor.execute(query.encode())
        try:
            while True:
                with self._lock, translated(self.address):
                    rows = cursor.fetchmany(_AT_ONCE)
                yield from rows
                if not rows:
                    return
        finally:
            with self._lock:
                cursor.close()

    def _execute(self, query: str, values: Sequence[object]) -> list[Any]:
        return self._open().execute(query.encode(), values or None, binary=True).fetchall()

    def _is_open(self) -> bool:
        return self._connection is not None and not self._connection.closed

    def _open(self) -> "Connection[Any]":
        if self._connection is None or self._connection.closed:
            self._connection = connect(self.address, self._schema)
            self._connection.execute(_READING)
            finalize(self, self._connection.close)
        return self._connection


_SESSION = """
select set_config('search_path', %s, false), set_config('bytea_output', 'hex', false),
  set_config('extra_float_digits', '1', false)"""
"""Rows are texts when their digests are taken, and have to be the same ones."""

_READING = """
select set_config('default_transaction_read_only', 'on', false), set_config('jit', 'off', false),
  set_config('hnsw.ef_search', '200', false), set_config('hnsw.max_scan_tuples', '100000', false),
  set_config('hnsw.iterative_scan', 'relaxed_order', false),
  set_config('enable_sort', 'off', false)"""
"""What reading needs of a session: neighbours are looked through until enough of them fit. Without
a preference against sorting, the planner, which takes a filter for a narrow one, would compare all
vectors instead; what has to be sorted still is."""


def connect(address: Address, schema: str = "") -> "Connection[Any]":
    """Return a connection whose names are those of a schema and of pgvector."""
    from pgvector.psycopg import register_vector

    connection = _connect(address)
    try:
        rows = execute(connection, _EXTENSION)
        if not rows:
            hint = "its administrator runs: CREATE EXTENSION vector"
            raise IndexUnreadable(f"{address} has no pgvector", hint=hint)
        path = ", ".join(f'"{name}"' for name in (schema, rows[0][0]) if name)
        execute(connection, _SESSION, path)
        register_vector(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def execute(
    connection: "Connection[Any]", statement: "LiteralString", *values: object, **names: object
) -> list[Any]:
    """Return what a statement returns, with names and numbers in the place of `{…}`."""
    from psycopg.sql import SQL, Identifier, Literal

    parts = {
        key: Identifier(name) if isinstance(name, str) else Literal(name)
        for key, name in names.items()
    }
    cursor = connection.execute(SQL(statement).format(**parts), values or None)
    return cursor.fetchall() if cursor.description else []


def _connect(address: Address) -> "Connection[Any]":
    import psycopg

    try:
        # a statement is planned for its values: how many rows a filter leaves decides its plan
        return psycopg.connect(
            address.server,
            autocommit=True,
            prepare_threshold=None,
            client_encoding="utf8",
            connect_timeout=_PATIENCE,
            application_name="ibid",
        )
    except psycopg.ProgrammingError as error:
        message = f"{address.server} is no address of a database ({reason(error)})"
        raise UsageError(message, hint="postgresql://USER@HOST/DATABASE?library=NAME") from error


_EXTENSION = """
select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace
where e.extname = 'vector'"""


def _lost() -> "type[Error]":
    from psycopg import OperationalError

    return OperationalError


@contextmanager
def translated(address: Address) -> Generator[None]:
    """Tell what PostgreSQL says of an index. Raises IndexUnusable."""
    from psycopg import Error, errors

    try:
        yield
    except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
        raise damaged("a table of it is not there") from error
    except errors.InsufficientPrivilege as error:
        raise IndexUnreadable(
            f"{address} may not be read ({reason(error)})", hint=READER
        ) from error
    except errors.DataError as error:
        raise damaged(f"PostgreSQL refuses what is in it ({reason(error)})") from error
    except Error as error:
        message = f"{address} cannot be read now ({reason(error)})"
        raise IndexUnreadable(message, hint="does the server run? then try again") from error


def reason(error: "Error") -> str:
    """Return what an error says in a line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
