"""How a build makes a generation in PostgreSQL the one that answers: in one transaction."""

import hashlib
from collections.abc import Collection, Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from ibid.adapters.indexes.postgresql.address import Address
from ibid.adapters.indexes.postgresql.connection import execute, reason
from ibid.adapters.indexes.postgresql.loading import load
from ibid.adapters.indexes.postgresql.tables import GRANTS, LAYOUT, LIBRARY
from ibid.adapters.indexes.served import Draft
from ibid.errors import IbidError, IndexLocked

if TYPE_CHECKING:
    from psycopg import Connection

_ROLES = "a build needs CREATE on the database, and the library's schema (docs/postgresql.md)"
_OLD = "what was there before still answers; does the server run? then try again"


def take_lock(connection: "Connection[Any]", address: Address) -> None:
    """Take the only right to build, for as long as the connection lasts, and make the library.

    Raises IndexLocked where another build has it.
    """
    digest = hashlib.sha256(f"ibid {address.library}".encode()).digest()
    key = int.from_bytes(digest[:8], "big", signed=True)
    if execute(connection, "select pg_try_advisory_lock(%s::bigint)", key) != [(True,)]:
        hint = "wait for it to end; asking goes on meanwhile"
        raise IndexLocked(f"another build of {address} is running", hint=hint)
    execute(connection, LIBRARY, library=address.library)
    current = "select generation from {library}.library"
    for (name,) in execute(connection, current, library=address.library):
        _share(connection, address.library, name)


def publish(connection: "Connection[Any]", library: str, draft: Draft, most_exact: int) -> None:
    """Make the schema of a generation, and let the library name it."""
    schema = schema_of(library, draft.name)
    with connection.transaction():
        execute(connection, "create schema {schema}", schema=schema)
        execute(connection, _ENTER, f'"{schema}"')
        load(connection, draft.files, draft.dimensions, most_exact)
        _share(connection, library, draft.name)
        execute(connection, _ADD, draft.name, library=library)
        execute(connection, _NAME, LAYOUT, draft.name, draft.manifest, library=library)


_ENTER = "select set_config('search_path', %s || ', ' || current_setting('search_path'), true)"
_ADD = "insert into {library}.generations values (%s)"
_NAME = """
insert into {library}.library values (true, %s, %s, %s) on conflict (one) do update
set layout = excluded.layout, generation = excluded.generation, manifest = excluded.manifest"""


def schema_of(library: str, name: str) -> str:
    """Return the schema of a generation."""
    return f"{library}_{name}"


def _share(connection: "Connection[Any]", library: str, name: str) -> None:
    """Let those read a generation who may read the library."""
    schema = schema_of(library, name)
    for (role,) in execute(connection, GRANTS, f"{library}.library", schema):
        names = {"schema": schema, "role": role}
        execute(connection, "grant usage on schema {schema} to {role}", **names)
        execute(connection, "grant select on all tables in schema {schema} to {role}", **names)


def remove_others(connection: "Connection[Any]", library: str, names: Collection[str]) -> None:
    """Remove the generations that are not named; one that is being read stays for now."""
    from psycopg import errors

    rows = execute(connection, "select name from {library}.generations", library=library)
    for (name,) in rows:
        if name in names:
            continue
        with suppress(errors.LockNotAvailable), connection.transaction():
            execute(connection, "set local lock_timeout = '2s'")
            schema = schema_of(library, name)
            execute(connection, "drop schema if exists {schema} cascade", schema=schema)
            forgotten = "delete from {library}.generations where name = %s"
            execute(connection, forgotten, name, library=library)


def drop_library(connection: "Connection[Any]", library: str) -> None:
    """Remove a library with all of its generations; whoever reads one is waited for a while."""
    there = "select true where to_regclass(%s) is not null"
    if not execute(connection, there, f"{library}.generations"):
        return
    with connection.transaction():
        execute(connection, "set local lock_timeout = '20s'")
        rows = execute(connection, "select name from {library}.generations", library=library)
        for schema in (library, *(schema_of(library, name) for (name,) in rows)):
            execute(connection, "drop schema if exists {schema} cascade", schema=schema)


@contextmanager
def writing(address: Address) -> Generator[None]:
    """Tell what PostgreSQL says to a build. Raises IbidError."""
    from psycopg import Error, errors

    try:
        yield
    except errors.InsufficientPrivilege as error:
        message = f"{address} may not be written ({reason(error)})"
        raise IbidError(message, hint=_ROLES) from error
    except Error as error:
        message = f"{address} could not be written ({reason(error)})"
        raise IbidError(message, hint=_OLD) from error
