"""One generation of the index: what its manifest says, and its files, verified before use."""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from itertools import accumulate, count, islice, takewhile
from pathlib import Path
from typing import Any

from ibid.errors import (
    IndexForeign,
)
from ibid.ports import EmbedderIdentity
from ibid.storage.files import require_folder
from ibid.storage.records import parse_object, read_record
from ibid.storage.verified_files import (
    DIGEST,
    FileRecord,
    KeptFile,
    Readable,
    VerifiedFile,
    count_blocks,
    damaged,
    part_name,
    unreadable,
)
from ibid.types import ArticleId, Mark, Skipped

REBUILD = "ibid build"

FORMAT = 8

MANIFEST, DIGESTS = "manifest.json", "digests"


@dataclass(frozen=True)
class Manifest:
    """What a generation was made from; whatever differs now makes it stale or foreign."""

    format: int
    version: str
    """Version of ibid that built it."""
    chunker: str
    embedder: EmbedderIdentity
    folder: str
    """Where the articles are; between several folders stands `//`."""
    built: str
    """When, in ISO 8601, UTC."""
    articles: Mapping[ArticleId, str]
    """Digest of the raw bytes per article."""
    skipped: tuple[Skipped, ...]
    """Those of `articles` that were found and could not be read."""
    passages: int
    files: Mapping[str, int]
    """How long each is, in the order in which their blocks have their digests."""
    digests: str
    """Digest of these."""

    @cached_property
    def held(self) -> Mapping[ArticleId, str]:
        """The articles that the index can answer from, with their digests."""
        unread = {file.path for file in self.skipped if not file.kept}
        return {id: digest for id, digest in self.articles.items() if id not in unread}

    @cached_property
    def first_blocks(self) -> Mapping[str, int]:
        """Which of all blocks each file begins with."""
        starts = accumulate(map(count_blocks, self.files.values()), initial=0)
        return dict(zip(self.files, starts, strict=False))

    @cached_property
    def inside(self) -> Mapping[str, Sequence[str]]:
        """The files in each folder, and each file beside them by itself."""
        groups: dict[str, list[str]] = {}
        for name in self.files:
            groups.setdefault(name.split("/")[0], []).append(name)
        return groups

    @cached_property
    def kept(self) -> frozenset[ArticleId]:
        """The articles that have an earlier version, since they could not be read."""
        return frozenset(self.articles) & {file.path for file in self.skipped if file.kept}


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an index has, whatever made it: known even where it cannot answer any more."""

    folder: str
    """Where the articles are, seen from the index."""
    articles: Mapping[ArticleId, str]
    """Those that it can answer from, with their digests."""
    kept: frozenset[ArticleId]
    """Those of them that have an earlier version: their digests are those of files not read."""

    def text_of(self, id: ArticleId) -> str:
        """Return what is the same for articles with the same text."""
        return f"kept: {id}" if id in self.kept else self.articles[id]

    def renamed(self, names: Mapping[ArticleId, ArticleId]) -> "Holdings":
        """Return the same with other ids for those that `names` has."""
        if not names:
            return self
        articles = {names.get(id, id): digest for id, digest in self.articles.items()}
        ids = frozenset(names.get(id, id) for id in self.kept)
        return Holdings(self.folder, dict(sorted(articles.items())), ids)


NOTHING = Holdings("", {}, frozenset())
"""What an index has that was never built."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One complete index on disk."""

    name: str
    digest: str
    """That of its manifest."""
    folder: Path
    manifest: Manifest
    digests: bytes = field(repr=False)
    """Those of the blocks of all files."""
    _open: dict[str, VerifiedFile] = field(
        default_factory=dict[str, VerifiedFile], repr=False, compare=False
    )
    _verified: set[str] = field(default_factory=set[str], repr=False, compare=False)
    """What was verified as a whole."""
    sealed: set[str] = field(default_factory=set[str], repr=False, compare=False)
    """What an earlier build verified so, and nobody wrote to since."""

    def open(self, name: str) -> list[Readable]:
        """Return a file in each volume. Raises IndexDamaged."""
        return [self.file(part) for part in self.parts(name)]

    def parts(self, name: str) -> list[str]:
        """Return what a file, or a folder, is called in each volume."""
        numbered = (part_name(name, number) for number in count())
        return [name, *takewhile(self.manifest.inside.__contains__, islice(numbered, 1, None))]

    def file(self, name: str) -> VerifiedFile:
        """Return one file, always the same: no block is verified twice. Raises IndexDamaged."""
        if name not in self._open:
            if name not in self.manifest.files:
                raise damaged(f"{name} is not a file of this index")
            require_folders((self.folder / name).parent)
            self._open[name] = self.kept(name).open()
        return self._open[name]

    def kept(self, name: str) -> KeptFile:
        """Return one file as the next generation gets it."""
        return KeptFile(self.folder / name, name, self._record(name))

    def read(self, name: str) -> bytes:
        """Return the bytes of one file, verified again. Raises IndexDamaged."""
        return b"".join(self.file(name).blocks())

    def verify(self, seals: Mapping[str, Mark] | None = None) -> None:
        """Verify every file that has not the mark of its seal any more. Raises IndexDamaged."""
        marks = seals or {}
        require_folders(*{(self.folder / name).parent for name in self.manifest.files})
        for name in self.manifest.files:
            with suppress(OSError):
                if marks.get(name) == Mark.of(f"{self.folder}/{name}"):
                    self.sealed.add(name)
                    self._verified.add(name)
            self._verify(name)

    def unsealed(self) -> list[int]:
        """Return the volumes whose articles no seal vouches for."""
        pieces = enumerate(self.parts("corpus.sqlite"))
        return [number for number, piece in pieces if piece not in self.sealed]

    def verified(self, name: str) -> Path:
        """Return where a file is, or a folder with its files, all verified. Raises IndexDamaged."""
        for path in self.manifest.inside.get(name, ()):
            self._verify(path)
            self._open.pop(path, None)  # nobody reads it here
        return self.folder / name

    def _verify(self, name: str) -> None:
        if name in self._verified:
            return
        self.file(name).verify()
        self._verified.add(name)
        if "/" in name:  # there are many, which nobody reads here
            self._open.pop(name, None)

    def _record(self, name: str) -> FileRecord:
        size, start = self.manifest.files[name], self.manifest.first_blocks[name]
        end = start + count_blocks(size)
        return FileRecord(size, memoryview(self.digests)[start * DIGEST : end * DIGEST])


def require_folders(*folders: Path) -> None:
    """Raise IndexDamaged where a folder of the index is none, but a link for instance."""
    for folder in folders:
        try:
            require_folder(folder)
        except OSError as error:
            raise unreadable(folder.name, error) from error


def dump_manifest(manifest: Manifest) -> bytes:
    """Return a manifest as the bytes of its file."""
    small = {"embedder": asdict(manifest.embedder), "skipped": [*map(asdict, manifest.skipped)]}
    values = {entry.name: getattr(manifest, entry.name) for entry in fields(manifest)}  # not copied
    return json.dumps({**values, **small}).encode()  # in ASCII: file names may be no Unicode


def parse_manifest(data: bytes) -> Manifest:
    """Return the manifest that a file holds. Raises IndexDamaged, IndexForeign."""
    try:
        values = parse_object(data)
        number = values.get("format")
        if isinstance(number, int) and number != FORMAT:
            raise IndexForeign(
                f"the index has format {number}, this ibid reads {FORMAT}", hint=REBUILD
            )
        return _checked(read_record(Manifest, values))
    except ValueError as error:
        reason = str(error).replace("\n", " ")
        raise damaged(f"{MANIFEST} is not what an index has ({reason})") from error


def _checked(manifest: Manifest) -> Manifest:
    """Return a manifest whose names are below a folder. Raises ValueError for any other."""
    for name in (*manifest.files, *manifest.articles):
        if not {"", ".", ".."}.isdisjoint(name.split("/")):
            raise ValueError(f"{name[:80]!r} is no path below a folder")
    if "\0" in "".join((*manifest.files, *manifest.articles)):
        raise ValueError("a path holds a NUL")
    _require_name(manifest.folder)
    if min(manifest.passages, *manifest.files.values(), 0) < 0 or manifest.embedder.dimensions < 1:
        raise ValueError("a number is below what it can be")
    return manifest


def _require_name(folder: str) -> None:
    """Raise ValueError for what no folder can be called."""
    if "\0" in folder:
        raise ValueError("a path holds a NUL")
    os.fsencode(folder)  # else it cannot be looked for


def parse_holdings(data: bytes) -> Holdings:
    """Return what the manifest of any version says. Raises IndexDamaged."""
    try:
        values: Any = parse_object(data)
        skipped = {file["path"]: file.get("kept", False) for file in values["skipped"]}
        digests = {id: digest for id, digest in values["articles"].items() if skipped.get(id, True)}
        if not all(isinstance(digest, str) for digest in (values["folder"], *digests.values())):
            raise TypeError("what is no text")
        _require_name(values["folder"])
        ids = frozenset(id for id in digests if id in skipped)
        return Holdings(values["folder"], digests, ids)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise damaged(f"{MANIFEST} does not say what the index has") from error
