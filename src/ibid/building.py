"""Brings the index up to date with the folder: nothing is written where nothing changed."""

import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from ibid import __version__
from ibid.adapters import parts
from ibid.current import Current
from ibid.errors import IndexDamaged, IndexForeign, IndexMissing, IndexUnusable
from ibid.index import (
    Contents,
    Guard,
    Index,
    build_index,
    describe,
    is_described_anew,
    list_contents,
    report,
    resume,
)
from ibid.ports import Embedder
from ibid.reading import Digests, Folder, scan_folder
from ibid.storage import NOTHING, Seals
from ibid.types import ArticleId, BuildReport, Progress

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class Builder:
    """Builds the index of a folder."""

    current: Current
    embedder: Embedder

    def build(self, on_progress: OnProgress, prune: bool | Collection[ArticleId]) -> BuildReport:
        """Bring the index up to date, and return what it is made of.

        Raises ArticlesWouldBeLost, FolderError, IndexLocked, ModelError; an error leaves the old
        index in place.
        """
        started = time.monotonic()
        self.current.require_folder()
        store, folder = self.current.store, self.current.folder
        with store.lock():
            seals = self._read_seals()
            digests = self.current.sealed_digests(seals)
            files = scan_folder(folder, store.root, digests, self.current.settings.exclude)
            last = store.holdings()
            guard = Guard(last or NOTHING, self.current.holds(last), prune)
            files = files.holding(guard.held if last is not None or prune is True else None)
            guard.check_found(files)
            is_current = self._is_current(files, seals)
            if is_current:
                contents = list_contents(self.current.index().corpus)
            else:
                contents = self._write_anew(files, guard, on_progress)
            store.drop_journal()
            self._seal(digests)
        seconds = round(time.monotonic() - started, 3)
        generation = store.current()
        changes = guard.compare(generation.manifest)
        made = report(files, contents, generation, changes)
        return replace(made, changed=not is_current, seconds=seconds, compared=last is not None)

    def _read_seals(self) -> Seals:
        """Return what earlier builds sealed, nothing where there is no index that can be used."""
        self.current.close()  # what is whole in memory may be damaged on the disk
        self.current.store.forget()
        with suppress(IndexUnusable):
            return self.current.store.seals()
        return Seals()

    def _seal(self, digests: Digests) -> None:
        """Seal an index that is up to date, with the files that were read for it."""
        folder, manifest = self.current.folder, self.current.store.current().manifest
        marks = (
            (id, digests.mark(f"{folder}/{id}", digest)) for id, digest in manifest.articles.items()
        )
        self.current.store.seal({id: mark for id, mark in marks if mark})

    def _is_current(self, files: Folder, seals: Seals) -> bool:
        """Tell whether the index is whole and made from exactly these files.

        Raises IndexUnreadable: what it holds must not be lost since it cannot be read just now.
        """
        store = self.current.store
        try:
            store.read(lambda generation: generation.verify(seals.files))
            unsealed = store.current().unsealed()
            self.current.index().corpus.verify(unsealed)
        except (IndexMissing, IndexDamaged, IndexForeign):
            self.current.close()
            return False
        manifest = store.current().manifest
        if manifest.articles != files.digests or not manifest.kept <= files.held.keys():
            return False
        return not is_described_anew(self.current.index(), files)

    def _write_anew(self, files: Folder, guard: Guard, on_progress: OnProgress) -> Contents:
        """Write a new index, from the last one where that turns out to be no damaged one."""
        write = partial(self._write, files, guard, on_progress)
        try:
            return write(self.current.opened)
        except IndexDamaged:
            return write(None)

    def _write(
        self, files: Folder, guard: Guard, on_progress: OnProgress, last: Index | None
    ) -> Contents:
        """Write a new index and return what is told of it."""
        store = self.current.store
        with store.scratch() as scratch, resume(store.journal, self.embedder) as embedder:
            built = build_index(files, embedder, parts(store), last, scratch, on_progress)
            folder = store.relative(self.current.folder)
            manifest = describe(built, self.embedder, folder, __version__)
            guard.check_made(manifest, built.cut, files)
            on_progress(Progress("writing", 0, 1))
            store.commit(manifest, built.files)
        self.current.close()  # the next question opens the new one, and the old one may go
        return built.contents
