"""A library in Milvus: generations that are collections, behind an alias that names the current.

A build makes the collections of a generation, counts what is in them, and moves the alias: whoever
asks sees the old one or the new one. What a killed build left is removed by the next one. The
generation before stays until then, for questions that are being answered.
"""

from collections.abc import Collection, Generator
from contextlib import contextmanager
from pathlib import Path

from ibid.adapters.indexes.milvus.address import Address
from ibid.adapters.indexes.milvus.collections import Names
from ibid.adapters.indexes.milvus.connection import PATIENCE, Server, writing
from ibid.adapters.indexes.milvus.generation import MilvusGeneration
from ibid.adapters.indexes.milvus.lease import Lease
from ibid.adapters.indexes.milvus.loading import MANIFEST, MOST_EXACT, load
from ibid.adapters.indexes.milvus.parts import Head, Parts, parse_head
from ibid.adapters.indexes.served import Draft
from ibid.storage import damaged, parse_manifest


class MilvusLibrary:
    """A library in Milvus; satisfies `ibid.adapters.indexes.served.Library`."""

    def __init__(self, address: Address, folder: Path, *, most_exact: int = MOST_EXACT) -> None:
        self._address, self._folder, self._most_exact = address, folder, most_exact
        self._server, self._names = Server(address), Names(address.library)
        self._lease = Lease(self._server, self._names, folder)

    @property
    def place(self) -> str:
        """Where the index lies."""
        return str(self._address)

    @property
    def removal(self) -> str:
        """How the index is taken away when it is damaged."""
        return f"drop the alias {self._address.library}"

    def current_name(self) -> str:
        """Return the name of the generation that answers, empty when there is none."""
        return self._names.generation(self._server.target(self._address.library))

    def manifest(self) -> str:
        """Return the manifest of the generation that answers, empty when there is none."""
        name = self.current_name()
        return self._manifest(name, self._head(name)) if name else ""

    def find(self, name: str) -> MilvusGeneration:
        """Return the generation of a name. Raises IndexUnusable."""
        head = self._head(name)
        manifest = parse_manifest(self._manifest(name, head).encode())
        copies = self._folder / "copies"
        server, names = self._server, self._names
        return MilvusGeneration(name, manifest, head, server, names, copies, self._most_exact)

    def _head(self, name: str) -> Head:
        return parse_head(Parts(self._server, self._names.parts(name)).require([0])[0])

    def _manifest(self, name: str, head: Head) -> str:
        place = head.files.get(MANIFEST)
        if not place:
            raise damaged("it has no manifest")
        return b"".join(Parts(self._server, self._names.parts(name)).file(place)).decode()

    def has(self, name: str) -> bool:
        """Tell whether a generation of this name is there, whole or not."""
        return any(self._names.generation(collection) == name for collection in self._all())

    @contextmanager
    def building(self) -> Generator[None]:
        """Hold the only right to build. Raises IndexLocked, IndexUnusable."""
        self._server.client()
        with self._lease.held():
            yield

    def publish(self, draft: Draft, before: str) -> None:
        """Put a draft into new collections, and move the alias to them."""
        library = self._address.library
        with writing(self._address):
            load(self._server, self._names, draft, self._most_exact)
            self._lease.require()
            client, parts = self._server.client(), self._names.parts(draft.name)
            move = client.alter_alias if before else client.create_alias
            move(parts, library, timeout=PATIENCE)
            self._remove_others((draft.name, before))

    def _remove_others(self, names: Collection[str]) -> None:
        """Remove the generations that are not named."""
        for collection in self._all():
            if self._names.generation(collection) not in ("", *names):
                self._server.client().drop_collection(collection, timeout=PATIENCE)

    def _all(self) -> list[str]:
        return self._server.collections(f"{self._address.library}__")

    def drop(self) -> None:
        """Take everything away."""
        with writing(self._address):
            for alias in (self._address.library, self._names.builder):
                if self._server.target(alias):
                    self._server.client().drop_alias(alias, timeout=PATIENCE)
            for collection in self._all():
                self._server.client().drop_collection(collection, timeout=PATIENCE)
