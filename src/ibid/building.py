"""Brings the index up to date with its folders: nothing is written where nothing changed."""

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
from ibid.ports import Embedder, SpreadEmbedder
from ibid.reading import Digests, Folder, scan_folders
from ibid.storage import NOTHING, Holdings, Seals
from ibid.types import ArticleId, BuildReport, Progress

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class Builder:
    """Builds the index of a folder, or of several."""

    current: Current
    embedder: Embedder

    def build(self, on_progress: OnProgress, prune: bool | Collection[ArticleId]) -> BuildReport:
        """Bring the index up to date, and return what it is made of.

        Raises ArticlesWouldBeLost, FolderError, IndexLocked, ModelError; an error leaves the old
        index in place.
        """
        started = time.monotonic()
        self.current.require_folder()
        store = self.current.store
        with store.lock():
            seals = self._read_seals()
            digests = self.current.sealed_digests(seals)
            exclude = self.current.settings.exclude
            folder = scan_folders(self.current.folders, store.root, digests, exclude)
            holdings = store.holdings()
            files, guard = self._hold(folder, holdings, prune)
            guard.check_found(files)
            last = self._open_last(seals)
            is_current = last is not None and self._is_current(last, files)
            if last and is_current:
                contents = list_contents(last.corpus)
            else:
                contents = self._write_anew(files, guard, on_progress, last)
            store.drop_journal()
            self._seal(digests)
        seconds = round(time.monotonic() - started, 3)
        generation = store.current()
        changes = guard.compare(generation.manifest)
        summary = report(files, contents, generation, changes)
        compared = holdings is not None
        return replace(summary, changed=not is_current, seconds=seconds, compared=compared)

    def _hold(
        self, folder: Folder, last: Holdings | None, prune: bool | Collection[ArticleId]
    ) -> tuple[Folder, Guard]:
        """Return what was found with what the last index holds of it, and the guard of that.

        Raises FolderError.
        """
        is_same = self.current.holds(last)
        names = {} if last is None or is_same else self.current.new_names(last)
        before = (last or NOTHING).renamed(names)
        prefixes = {prefix.rstrip("/") for prefix in folder.folders.by_prefix if prefix}
        guard = Guard(before, is_same or bool(names), prune, prefixes)
        digests = guard.held if last is not None or prune is True else None
        old_names = {new: old for old, new in names.items()}
        return replace(folder.holding(digests), before=old_names), guard

    def _read_seals(self) -> Seals:
        """Return what earlier builds sealed, nothing where there is no index that can be used."""
        self.current.close()  # what is whole in memory may be damaged on the disk
        self.current.store.forget()
        with suppress(IndexUnusable):
            return self.current.store.seals()
        return Seals()

    def _seal(self, digests: Digests) -> None:
        """Seal an index that is up to date, with the files that were read for it."""
        folders, manifest = self.current.folders, self.current.store.current().manifest
        marks = (
            (id, digests.mark(folders.place(id), digest))
            for id, digest in manifest.articles.items()
        )
        self.current.store.seal({id: mark for id, mark in marks if mark})

    def _open_last(self, seals: Seals) -> Index | None:
        """Return the last index where it is whole and by this embedder, of whatever folders.

        Raises IndexUnreadable: what it holds must not be lost since it cannot be read just now.
        """
        store = self.current.store
        try:
            store.read(lambda generation: generation.verify(seals.files))
            unsealed = store.current().unsealed()
            index = self.current.index_of_any_folders()
            index.corpus.verify(unsealed)
        except (IndexMissing, IndexDamaged, IndexForeign):
            self.current.close()
            return None
        return index

    def _is_current(self, last: Index, files: Folder) -> bool:
        """Tell whether the last index is made from exactly these files."""
        manifest = self.current.store.current().manifest
        if not self.current.holds(manifest) or manifest.articles != files.digests:
            return False
        return manifest.kept <= files.held.keys() and not is_described_anew(last, files)

    def _write_anew(
        self, files: Folder, guard: Guard, on_progress: OnProgress, last: Index | None
    ) -> Contents:
        """Write a new index, from the last one where that turns out to be no damaged one."""
        write = partial(self._write, files, guard, on_progress)
        try:
            return write(last)
        except IndexDamaged:
            return write(None)

    def _write(
        self, files: Folder, guard: Guard, on_progress: OnProgress, last: Index | None
    ) -> Contents:
        """Write a new index and return what is told of it."""
        store = self.current.store
        with store.scratch() as scratch, resume(store.journal, self.embedder) as embedder:
            made_by = parts(store)
            if isinstance(self.embedder, SpreadEmbedder):
                made_by = replace(made_by, at_once=self.embedder.texts_at_once())
            built = build_index(files, embedder, made_by, last, scratch, on_progress)
            folders = self.current.write_folders()
            manifest = describe(built, self.embedder, folders, __version__)
            guard.check_made(manifest, built.cut, files)
            on_progress(Progress("writing", 0, 1))
            store.commit(manifest, built.files)
        self.current.close()  # the next question opens the new one, and the old one may go
        return built.contents
