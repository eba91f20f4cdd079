"""The generations of a library in PostgreSQL: each a schema, behind one row that names the current.

A build makes a generation in one transaction, the change of that row included: whoever asks sees
the old one or the new one, and of a build that is killed nothing is left. The one before stays
until the next build, for questions that are being answered.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ibid.adapters.indexes.postgresql.address import Address
from ibid.adapters.indexes.postgresql.connection import READER, Database, connect, translated
from ibid.adapters.indexes.postgresql.generation import PostgresGeneration
from ibid.adapters.indexes.postgresql.loading import MOST_EXACT
from ibid.adapters.indexes.postgresql.publishing import (
    Draft,
    drop_library,
    publish,
    remove_others,
    schema_of,
    take_lock,
    writing,
)
from ibid.adapters.indexes.postgresql.tables import LAYOUT
from ibid.errors import IndexDamaged, IndexForeign, IndexMissing, IndexUnreadable
from ibid.ports import Files
from ibid.settings import cache_folder
from ibid.storage import (
    NOTHING,
    Holdings,
    Manifest,
    Seals,
    Store,
    damaged,
    dump_manifest,
    parse_holdings,
    parse_manifest,
)
from ibid.types import ArticleId, Mark

if TYPE_CHECKING:
    from psycopg import Connection

T = TypeVar("T")

_REBUILD = "ibid build"


class PostgresStore:
    """A library in PostgreSQL; satisfies `ibid.storage.IndexStore`.

    What a build works with before it publishes lies in a folder of this machine's cache.
    """

    def __init__(self, address: Address, *, most_exact: int = MOST_EXACT) -> None:
        self._address, self._most_exact = address, most_exact
        named = hashlib.sha256(f"{address.server} {address.library}".encode()).hexdigest()
        self._work = Store(cache_folder() / "postgresql" / named[:16])
        self.root, self.journal = self._work.root, self._work.journal
        self._database = Database(address)
        self._found: PostgresGeneration | None = None
        self._builder: Connection[Any] | None = None

    @property
    def place(self) -> str:
        """Where the index lies."""
        return str(self._address)

    @property
    def removal(self) -> str:
        """How the index is taken away when it is damaged."""
        return f"run TRUNCATE {self._address.library}.library"

    def relative(self, folder: Path) -> str:
        """Return where a folder is, from the root on: the index is in none."""
        return folder.resolve().as_posix()

    def resolve(self, folder: str) -> Path:
        """Return a folder as it is seen from here."""
        return Path(os.path.relpath(self.root / folder))

    def current_name(self) -> str:
        """Return the name of the generation that answers, empty when there is none."""
        return next((name for (name,) in self._pointer("generation")), "")

    def forget(self) -> None:
        """Read everything from the server again."""
        self._found = None

    def current(self) -> PostgresGeneration:
        """Return the generation that answers. Raises IndexUnusable."""
        return self.read(lambda generation: generation)

    def holdings(self) -> Holdings | None:
        """Return what the last index has; None where it is too damaged. Raises IndexUnreadable."""
        try:
            found = self._pointer("manifest")
            return parse_holdings(found[0][0].encode()) if found else NOTHING
        except IndexDamaged:
            return None

    def read(self, use: Callable[[PostgresGeneration], T]) -> T:
        """Return what `use` makes of the generation that answers.

        One that builds have replaced twice meanwhile is gone: `use` then gets the newest.
        """
        while True:
            name = self.current_name()
            try:
                return use(self._find(name))
            except (IndexDamaged, IndexUnreadable):
                if name == self.current_name():
                    raise

    def _find(self, name: str) -> PostgresGeneration:
        if not name:
            raise IndexMissing(f"there is no index in {self.place}", hint=_REBUILD)
        if self._found and self._found.name == name:
            return self._found
        for generation, layout, manifest in self._pointer("generation, layout, manifest"):
            if layout != LAYOUT:
                message = f"the index has tables of layout {layout}, this ibid reads {LAYOUT}"
                raise IndexForeign(message, hint=_REBUILD)
            schema = schema_of(self._address.library, generation)
            self._require_usage(schema)
            said = parse_manifest(manifest.encode())
            self._found = PostgresGeneration(generation, said, Database(self._address, schema))
            return self._found
        raise damaged("its library says nothing any more")

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

    # Building

    @contextmanager
    def lock(self) -> Generator[None]:
        """Hold the only right to build, on this machine or another one.

        Raises IndexLocked at once when another build has it, IbidError where the role may not.
        """
        with translated(self._address):
            connection = connect(self._address)
        try:
            with writing(self._address):
                take_lock(connection, self._address)
            with self._work.lock():
                self._builder = connection
                yield
        finally:
            self._builder = None
            connection.close()

    def scratch(self) -> AbstractContextManager[Path]:
        """Give the build that holds the lock an empty folder, and take it away afterwards."""
        return self._work.scratch()

    def drop_journal(self) -> None:
        """Take away the journal of a build that came to its end."""
        self._work.drop_journal()

    def seals(self) -> Seals:
        """Return no seal: nothing here has files."""
        return Seals()

    def seal(self, articles: Mapping[ArticleId, Mark]) -> None:
        """Do nothing: the next build reads the articles again to tell whether they changed."""

    def commit(self, manifest: Manifest, files: Files) -> str:
        """Put what a build wrote into a new schema, and make it the one that answers."""
        if not self._builder:
            raise ValueError("no build holds the lock")
        data = dump_manifest(replace(manifest, files={}, digests=""))
        name = self._free_name(hashlib.sha256(data).hexdigest())
        before = self.current_name()
        draft = Draft(self._address.library, name, data.decode("ascii"), files)
        with writing(self._address):
            publish(self._builder, draft, manifest.embedder.dimensions, self._most_exact)
            remove_others(self._builder, self._address.library, (name, before))
        self._found = None
        return name

    def drop(self) -> None:
        """Take the whole library away, and what builds of it left on this machine."""
        with writing(self._address), connect(self._address) as connection:
            drop_library(connection, self._address.library)
        shutil.rmtree(self.root, ignore_errors=True)

    def _free_name(self, digest: str) -> str:
        """Name a generation by its digest; one that is there keeps its name."""
        name, query = digest[:12], "select to_regnamespace(%s) is not null"
        while self._database.rows(query, schema_of(self._address.library, name)) == [(True,)]:
            name += "x"
        return name
