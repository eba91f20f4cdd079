"""The index that answers now, and the folder that it was built from."""

import shlex
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from threading import Lock

from ibid.adapters import open_index, open_store, refuse_foreign, refuse_mixed
from ibid.errors import (
    FolderError,
    IbidError,
    IndexDamaged,
    IndexForeign,
    IndexMissing,
    IndexUnusable,
)
from ibid.index import Index
from ibid.ports import Embedder
from ibid.reading import Digests, Folders, anchored
from ibid.settings import Settings
from ibid.storage import Holdings, IndexStore, Manifest, Seals, StoredIndex
from ibid.types import ArticleId

_NAME_IT = "ibid build FOLDER"

_BETWEEN = "//"
"""What stands between several folders in a manifest: no path has it."""


class Current:
    """Opens the index that a build made last, once for all questions to it."""

    def __init__(self, settings: Settings, embedder: Callable[[], Embedder]) -> None:
        self.settings = settings
        self.store: IndexStore = open_store(settings.index)
        self._embedder = embedder
        self._opened: Index | None = None
        self._built_from: Folders | None = None
        """Known once the index was read: an index that goes takes no folder along."""
        self._lock = Lock()

    def index(self) -> Index:
        """Return the index that answers now, opened once per generation. Raises IndexUnusable."""
        with self._lock:
            try:
                name = self.store.current_name()
                if self._opened is None or self._opened.name != name:
                    self._opened = self.store.read(self._open)
            except IndexDamaged as error:
                if self.lacks_folder():
                    error.hint = _NAME_IT
                raise
            return self._opened

    def lacks_folder(self) -> bool:
        """Tell whether nobody says which folder of articles an index was built from."""
        is_known = "articles" in self.settings.origins or self._built_from
        return not is_known and self.store.holdings() is None

    def rebuild(self) -> str:
        """Return the command that makes the index anew, with the folder that only the index says.

        What is deleted says nothing any more.
        """
        if "articles" in self.settings.origins:
            return "ibid build"
        paths = shlex.join(map(str, self.folders.paths))
        return _NAME_IT if self.lacks_folder() else f"ibid build {paths}"

    def require_folder(self) -> None:
        """Raise FolderError where nobody says which folder of articles is meant."""
        if self.lacks_folder():
            message = (
                f"the index in {self.store.place} does not say any more what it was built from"
            )
            raise FolderError(message, hint=_NAME_IT)

    def close(self) -> None:
        """Let go of the index that is open: the next question opens the one that is there then."""
        with self._lock:
            self._opened = None

    def manifest(self) -> Manifest | None:
        """Return the current manifest, None where there is none. Raises IndexUnreadable."""
        try:
            return self.store.current().manifest
        except (IndexMissing, IndexDamaged, IndexForeign):
            return None

    @property
    def folders(self) -> Folders:
        """The folders of articles: as set, or else those that the index was built from."""
        if "articles" in self.settings.origins:
            return self._set_folders
        if folder := self._indexed_folders():
            built_from = self._read_folders(folder)
            self._built_from = replace(built_from, paths=tuple(map(anchored, built_from.paths)))
            return built_from
        return self._built_from or self._set_folders

    @property
    def _set_folders(self) -> Folders:
        return Folders(tuple(map(Path, self.settings.articles)), self.settings.follow)

    def write_folders(self) -> str:
        """Return how a manifest names the folders, one under the name that its ids begin with."""
        folders = self.folders
        if not folders.are_several:
            return self.store.relative(folders.first)
        whole = map(anchored, folders.paths)
        places = (PurePosixPath(self.store.relative(path.parent)) / path.name for path in whole)
        return _BETWEEN.join(place.as_posix() for place in places)

    def _read_folders(self, folder: str) -> Folders:
        """Return the folders that a manifest names."""
        first, *rest = folder.split(_BETWEEN)
        if not rest:
            return Folders((self.store.resolve(first),), self.settings.follow)
        places = map(PurePosixPath, (first, *rest))
        paths = (self.store.resolve(place.parent.as_posix()) / place.name for place in places)
        return Folders(tuple(paths), self.settings.follow)

    def known_digests(self) -> Digests:
        """Return the digests that builds sealed, none where there is no index that can be used."""
        with suppress(IndexUnusable):
            return self.sealed_digests(self.store.seals())
        return Digests()

    def sealed_digests(self, seals: Seals) -> Digests:
        """Return the digests of files that have the marks of their seals."""
        if not seals.articles:
            return Digests()
        folders, articles = self.folders, self.store.current().manifest.articles
        marked = zip(articles.items(), seals.articles.values(), strict=True)
        return Digests({folders.place(id): (mark, digest) for (id, digest), mark in marked})

    def holds(self, last: Holdings | Manifest | None) -> bool:
        """Tell whether what an index holds is of these folders."""
        return last is not None and self.folders.are_those(self._read_folders(last.folder))

    def new_names(self, last: Holdings) -> dict[ArticleId, ArticleId]:
        """Return what the articles of an index are called among folders that came or went.

        Nothing where a single folder took the place of another, or none of them is there any more.
        """
        before, now = self._read_folders(last.folder), self.folders
        if not (before.are_several or now.are_several):
            return {}
        names = {id: now.rename(id, before) for id in last.articles}
        return names if any(not name.startswith("/") for name in names.values()) else {}

    def refuse_foreign(self, manifest: Manifest) -> None:
        """Raise IndexForeign where an index is of other articles, another embedder or version."""
        built_from = self._read_folders(manifest.folder)
        refuse_foreign(manifest, self.settings, self._embedder().identity, built_from)

    def _indexed_folders(self) -> str:
        """Return the folders that the index was built from, empty where that is not known now."""
        if manifest := self.manifest():
            return manifest.folder
        with suppress(IbidError):
            last = None if self._built_from else self.store.holdings()
            return last.folder if last else ""
        return ""

    def index_of_any_folders(self) -> Index:
        """Return the index that is there by this embedder, though its folders may be others.

        A build takes vectors out of it, and no question is answered from it. Raises IndexUnusable.
        """
        return self.index() if self.holds(self.manifest()) else self.store.read(self._open_any)

    def _open(self, generation: StoredIndex) -> Index:
        self.refuse_foreign(generation.manifest)
        return self._read(generation)

    def _open_any(self, generation: StoredIndex) -> Index:
        manifest = generation.manifest
        refuse_foreign(manifest, self.settings, self._embedder().identity, None)
        return self._read(generation)

    def _read(self, generation: StoredIndex) -> Index:
        index = open_index(generation)
        refuse_mixed(index, generation.manifest)
        return index
