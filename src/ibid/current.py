"""The index that answers now, and the folder that it was built from."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from shlex import quote
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
from ibid.reading import Digests
from ibid.settings import Settings
from ibid.storage import Holdings, IndexStore, Manifest, Seals, StoredIndex

_NAME_IT = "ibid build FOLDER"


class Current:
    """Opens the index that a build made last, once for all questions to it."""

    def __init__(self, settings: Settings, embedder: Callable[[], Embedder]) -> None:
        self.settings = settings
        self.store: IndexStore = open_store(settings.index)
        self._embedder = embedder
        self._opened: Index | None = None
        self._built_from: Path | None = None
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
        return _NAME_IT if self.lacks_folder() else f"ibid build {quote(str(self.folder))}"

    def require_folder(self) -> None:
        """Raise FolderError where nobody says which folder of articles is meant."""
        if self.lacks_folder():
            message = (
                f"the index in {self.store.place} does not say any more what it was built from"
            )
            raise FolderError(message, hint=_NAME_IT)

    @property
    def opened(self) -> Index | None:
        """The index that is open, if one is."""
        return self._opened

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
    def folder(self) -> Path:
        """The folder of articles: as set, or else the one that the index was built from."""
        if "articles" in self.settings.origins:
            return Path(self.settings.articles)
        if folder := self._indexed_folder():
            built_from = self.store.resolve(folder)
            self._built_from = built_from.resolve()
            return built_from
        return self._built_from or Path(self.settings.articles)

    def known_digests(self) -> Digests:
        """Return the digests that builds sealed, none where there is no index that can be used."""
        with suppress(IndexUnusable):
            return self.sealed_digests(self.store.seals())
        return Digests()

    def sealed_digests(self, seals: Seals) -> Digests:
        """Return the digests of files that have the marks of their seals."""
        if not seals.articles:
            return Digests()
        folder, articles = self.folder, self.store.current().manifest.articles
        marked = zip(articles.items(), seals.articles.values(), strict=True)
        return Digests({f"{folder}/{id}": (mark, digest) for (id, digest), mark in marked})

    def holds(self, last: Holdings | None) -> bool:
        """Tell whether what an index holds is of this folder."""
        return last is not None and (
            self.store.resolve(last.folder).resolve() == self.folder.resolve()
        )

    def refuse_foreign(self, manifest: Manifest) -> None:
        """Raise IndexForeign where an index is of other articles, another embedder or version."""
        built_from = self.store.resolve(manifest.folder)
        refuse_foreign(manifest, self.settings, self._embedder().identity, built_from)

    def _indexed_folder(self) -> str:
        """Return the folder that the index was built from, empty where that is not known now."""
        if manifest := self.manifest():
            return manifest.folder
        with suppress(IbidError):
            last = None if self._built_from else self.store.holdings()
            return last.folder if last else ""
        return ""

    def _open(self, generation: StoredIndex) -> Index:
        self.refuse_foreign(generation.manifest)
        index = open_index(generation)
        refuse_mixed(index, generation.manifest)
        return index
