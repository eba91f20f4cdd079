"""An index that lies on a server: what is the same whichever server it is.

A build works in a folder of this machine's cache, and hands a draft over; the server makes it a
generation beside the one that answers, and publishes it at once.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

from ibid.errors import IndexDamaged, IndexLocked, IndexMissing, IndexUnreadable
from ibid.index import Index
from ibid.ports import Files
from ibid.settings import cache_folder
from ibid.storage import (
    NOTHING,
    Holdings,
    Manifest,
    Seals,
    Store,
    StoredIndex,
    dump_manifest,
    parse_holdings,
)
from ibid.types import ArticleId, Mark, Problem

T = TypeVar("T")

_REBUILD = "ibid build"


@dataclass(frozen=True, slots=True)
class Draft:
    """A generation that was built and is to be published."""

    name: str
    manifest: str
    files: Files
    dimensions: int


@runtime_checkable
class ServedIndex(StoredIndex, Protocol):
    """One complete index on a server."""

    def open(self) -> Index:
        """Return the index that it holds. Raises IndexUnusable."""
        ...

    def problems(self) -> Iterator[Problem]:
        """Yield where it does not hold what a build gave it."""
        ...


class Library(Protocol):
    """The generations of a library on a server, whatever server that is."""

    @property
    def place(self) -> str: ...

    @property
    def removal(self) -> str: ...

    def current_name(self) -> str: ...

    def manifest(self) -> str:
        """Return the manifest of the generation that answers, empty when there is none."""
        ...

    def find(self, name: str) -> ServedIndex:
        """Return the generation that answers, which had this name. Raises IndexUnusable."""
        ...

    def has(self, name: str) -> bool:
        """Tell whether a generation of this name is there, whole or not."""
        ...

    def building(self) -> AbstractContextManager[None]:
        """Hold the only right to build. Raises IndexLocked."""
        ...

    def publish(self, draft: Draft, before: str) -> None:
        """Make a draft the generation that answers, and keep the one before it of all others."""
        ...

    def drop(self) -> None:
        """Take everything away."""
        ...


def work_folder(kind: str, address: str) -> Path:
    """Return the folder that belongs to a library on this machine."""
    return cache_folder() / kind / hashlib.sha256(address.encode()).hexdigest()[:16]


class ServedStore:
    """A library on a server; satisfies `ibid.storage.IndexStore`."""

    def __init__(self, library: Library, folder: Path) -> None:
        self._library, self._work = library, Store(folder)
        self.root, self.journal = self._work.root, self._work.journal
        self._found: ServedIndex | None = None

    @property
    def place(self) -> str:
        """Where the index lies."""
        return self._library.place

    @property
    def removal(self) -> str:
        """How the index is taken away when it is damaged."""
        return self._library.removal

    def relative(self, folder: Path) -> str:
        """Return where a folder is, from the root on: the index is in none."""
        return folder.resolve().as_posix()

    def resolve(self, folder: str) -> Path:
        """Return a folder as it is seen from here."""
        return Path(os.path.relpath(self.root / folder))

    def current_name(self) -> str:
        """Return the name of the generation that answers, empty when there is none."""
        return self._library.current_name()

    def forget(self) -> None:
        """Read everything from the server again."""
        self._found = None

    def current(self) -> ServedIndex:
        """Return the generation that answers. Raises IndexUnusable."""
        return self.read(lambda generation: generation)

    def holdings(self) -> Holdings | None:
        """Return what the last index has; None where it is too damaged. Raises IndexUnreadable."""
        try:
            manifest = self._library.manifest()
            return parse_holdings(manifest.encode()) if manifest else NOTHING
        except IndexDamaged:
            return None

    def read(self, use: Callable[[ServedIndex], T]) -> T:
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

    def _find(self, name: str) -> ServedIndex:
        if not name:
            raise IndexMissing(f"there is no index in {self.place}", hint=_REBUILD)
        if not (self._found and self._found.name == name):
            self._found = self._library.find(name)
        return self._found

    # Building

    @contextmanager
    def lock(self) -> Generator[None]:
        """Hold the only right to build, on this machine or another one.

        Raises IndexLocked at once when another build has it, IbidError where the role may not.
        """
        with ExitStack() as locks:
            try:
                locks.enter_context(self._work.lock())
            except IndexLocked as error:
                message = f"another build of {self.place} is running on this machine"
                raise IndexLocked(message, hint=error.hint) from None
            locks.enter_context(self._library.building())
            yield

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
        """Put what a build wrote beside what is there, and make it the one that answers."""
        data = dump_manifest(replace(manifest, files={}, digests=""))
        name = self._free_name(hashlib.sha256(data).hexdigest())
        draft = Draft(name, data.decode("ascii"), files, manifest.embedder.dimensions)
        self._library.publish(draft, self.current_name())
        self._found = None
        return name

    def _free_name(self, digest: str) -> str:
        """Name a generation by its digest; one that is there keeps its name."""
        name = digest[:12]
        while self._library.has(name):
            name += "x"
        return name

    def drop(self) -> None:
        """Take the whole library away, and what builds of it left on this machine."""
        self._library.drop()
        shutil.rmtree(self.root, ignore_errors=True)
