"""A library in PostgreSQL: generations that are schemas, behind one row that names the current.

A build makes a generation in one transaction, the change of that row included: whoever asks sees
the old one or the new one, and of a build that is killed nothing is left. The one before stays
until the next build, for questions that are being answered.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ibid.adapters.indexes.postgresql.address import Address
from ibid.adapters.indexes.postgresql.connection import READER, Database, connect, translated
from ibid.adapters.indexes.postgresql.generation import PostgresGeneration
from ibid.adapters.indexes.postgresql.loading import MOST_EXACT
from ibid.adapters.indexes.postgresql.publishing import (
    drop_library,
    publish,
    remove_others,
    schema_of,
    take_lock,
    writing,
)
from ibid.adapters.indexes.postgresql.tables import LAYOUT
from ibid.adapters.indexes.served import Draft
from ibid.errors import IndexForeign, IndexUnreadable
from ibid.storage import damaged, parse_manifest

if TYPE_CHECKING:
    from psycopg import Connection


class PostgresLibrary:
    """A library in PostgreSQL; satisfies `ibid.adapters.indexes.served.Library`."""

    def __init__(self, address: Address, *, most_exact: int = MOST_EXACT) -> None:
        self._address, self._most_exact = address, most_exact
        self._database = Database(address)
        self._builder: Connection[Any] | None = None

    @property
    def place(self) -> str:
        """Where the index lies."""
        return str(self._address)

    @property
    def removal(self) -> str:
        """How the index is taken away when it is damaged."""
        return f"run TRUNCATE {self._address.library}.library"

    def current_name(self) -> str:
        """Return the name of the generation that answers, empty when there is none."""
        return next((name for (name,) in self._pointer("generation")), "")

    def manifest(self) -> str:
        """Return the manifest of the generation that answers, empty when there is none."""
        return next((manifest for (manifest,) in self._pointer("manifest")), "")

    def find(self, name: str) -> PostgresGeneration:
        """Return the generation that answers: another one by now, maybe. Raises IndexUnusable."""
        for generation, layout, manifest in self._pointer("generation, layout, manifest"):
            if layout != LAYOUT:
                message = f"the index has tables of layout {layout}, this ibid reads {LAYOUT}"
                raise IndexForeign(message, hint="ibid build")
            schema = schema_of(self._address.library, generation)
            self._require_usage(schema)
            record = parse_manifest(manifest.encode())
            return PostgresGeneration(generation, record, Database(self._address, schema))
        raise damaged(f"its library does not name {name} any more")

    def _require_usage(self, schema: str) -> None:
        """Raise IndexUnreadable where the role may not look into a schema, which it does not see.

        Raises IndexDamaged where there is none.
        """
        query = "select has_schema_privilege(oid, 'usage') from pg_namespace where nspname = %s"
        may = [usage for (usage,) in self._database.rows(query, schema)]
        if not may:
            raise damaged(f"its schema {schema} is not there")
        if not may[0]:
            raise IndexUnreadable(f"{self.place} may not be read by this role", hint=READER)

    def _pointer(self, columns: str) -> list[Any]:
        """Return the row that names the generation, none where nothing was built."""
        library = self._address.library
        if not self._database.rows(
            "select where to_regclass(%s) is not null", f"{library}.library"
        ):
            return []
        return self._database.rows(f'select {columns} from "{library}".library')  # noqa: S608

    def has(self, name: str) -> bool:
        """Tell whether a generation of this name is there."""
        query = "select to_regnamespace(%s) is not null"
        return self._database.rows(query, schema_of(self._address.library, name)) == [(True,)]

    @contextmanager
    def building(self) -> Generator[None]:
        """Hold the only right to build, for as long as a connection lasts.

        Raises IndexLocked at once when another build has it, IbidError where the role may not.
        """
        with translated(self._address):
            connection = connect(self._address)
        try:
            with writing(self._address):
                take_lock(connection, self._address)
            self._builder = connection
            yield
        finally:
            self._builder = None
            connection.close()

    def publish(self, draft: Draft, before: str) -> None:
        """Put a draft into a new schema, and make it the one that answers."""
        if not self._builder:
            raise ValueError("no build holds the lock")
        library = self._address.library
        with writing(self._address):
            publish(self._builder, library, draft, self._most_exact)
            remove_others(self._builder, library, (draft.name, before))

    def drop(self) -> None:
        """Take the whole library away."""
        with writing(self._address), connect(self._address) as connection:
            drop_library(connection, self._address.library)
