"""The index on disk: immutable generations behind one record that is replaced atomically.

    index/CURRENT                   names the generation that answers, and its manifest's digest
    index/generations/NAME/         manifest.json and the files that it lists
    index/generations/NAME/digests  those of the blocks of these files; its own is in the manifest
    index/generations/NAME/X.n      what file X, or folder, has of the n-th volume of the index
    index/LOCK                      held by the build that is running
    index/scratch/                  what that build is making; nothing reads it afterwards
    index/JOURNAL                   what it has embedded, for the next build if it is interrupted

A generation is written and flushed completely before CURRENT names it. So a query, a crash or a
power loss sees the old index or the new one, never a mixture. A file that two generations have is
one file with two names: nothing ever writes to a file that is in place.
"""

import errno
import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from itertools import accumulate, count, islice, takewhile
from pathlib import Path
from typing import Any, TypeVar

from ibid.errors import (
    IbidError,
    IndexDamaged,
    IndexForeign,
    IndexLocked,
    IndexMissing,
    IndexUnreadable,
    IndexUnusable,
)
from ibid.ports import EmbedderIdentity, Files
from ibid.storage.atomic_writes import make_folder, make_way, replace_file, write_folder
from ibid.storage.files import NotPlain, hint_for, is_lasting, open_file, read_file, require_folder
from ibid.storage.records import parse_object, read_record
from ibid.storage.verified_files import (
    DIGEST,
    FileRecord,
    JoinedFile,
    KeptFile,
    Readable,
    VerifiedFile,
    count_blocks,
    damaged,
    part_name,
    record,
    unreadable,
)
from ibid.types import ArticleId, Skipped

FORMAT = 5

MANIFEST, DIGESTS = "manifest.json", "digests"

_REBUILD = "ibid build"

_LONGEST_RECORD, _LARGEST = 256, 1 << 30
"""Bytes of CURRENT, and of a manifest or its digests: a million articles have a tenth of that."""

_IN_THE_WAY = (errno.EEXIST, errno.ENOTEMPTY)

_TRIES, _PAUSE = 20, 0.01  # seconds

T = TypeVar("T")


@dataclass(frozen=True)
class Manifest:
    """What a generation was made from; whatever differs now makes it stale or foreign."""

    format: int
    version: str
    """Version of ibid that built it."""
    chunker: str
    embedder: EmbedderIdentity
    folder: str
    """Where the articles are."""
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

    def open(self, name: str) -> Readable:
        """Return a file, with its parts in all volumes. Raises IndexDamaged."""
        parts = self.parts(name)
        return JoinedFile([self.file(part) for part in parts]) if parts[1:] else self.file(name)

    def parts(self, name: str) -> list[str]:
        """Return what a file, or a folder, is called in each volume."""
        there = {path.split("/")[0] for path in self.manifest.files}
        numbered = (part_name(name, number) for number in count())
        return [name, *takewhile(there.__contains__, islice(numbered, 1, None))]

    def file(self, name: str) -> VerifiedFile:
        """Return one file, always the same: no block is verified twice. Raises IndexDamaged."""
        if name not in self._open:
            if name not in self.manifest.files:
                raise damaged(f"{name} is not a file of this index")
            _require_folders((self.folder / name).parent)
            self._open[name] = self.kept(name).open()
        return self._open[name]

    def kept(self, name: str) -> KeptFile:
        """Return one file as the next generation gets it."""
        return KeptFile(self.folder / name, name, self._record(name))

    def read(self, name: str) -> bytes:
        """Return the bytes of one file, verified again. Raises IndexDamaged."""
        return b"".join(self.file(name).blocks())

    def verify(self) -> None:
        """Verify every file. Raises IndexDamaged."""
        for name in self.manifest.files:
            self._verify(name)

    def verified(self, name: str) -> Path:
        """Return where a file is, or a folder with its files, all verified. Raises IndexDamaged."""
        for path in self.inside(name):
            self._verify(path)
        return self.folder / name

    def _verify(self, name: str) -> None:
        self.file(name).verify()
        if "/" in name:  # there are many, which nobody reads here
            self._open.pop(name, None)

    def inside(self, name: str) -> list[str]:
        """Return the files of a folder, or the file of that name."""
        return [p for p in self.manifest.files if p == name or p.startswith(f"{name}/")]

    def _record(self, name: str) -> FileRecord:
        size, start = self.manifest.files[name], self.manifest.first_blocks[name]
        end = start + count_blocks(size)
        return FileRecord(size, memoryview(self.digests)[start * DIGEST : end * DIGEST])


class Store:
    """The folder of the index."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.journal = root / "JOURNAL"
        self._generations = root / "generations"
        self._found: Generation | None = None

    def relative(self, folder: Path) -> str:
        """Return where a folder is, seen from the index: both may move together."""
        return Path(os.path.relpath(folder.resolve(), self.root.resolve())).as_posix()

    def resolve(self, folder: str) -> Path:
        """Return the folder that is there, seen from the index."""
        return Path(os.path.relpath((self.root / folder).resolve()))

    def current_name(self) -> str:
        """Return the name of the generation that answers, empty when there is none."""
        return self._commit_record()[0]

    def forget(self) -> None:
        """Read everything from the disk again."""
        self._found = None

    def current(self) -> Generation:
        """Return the generation that answers. Raises IndexUnusable."""
        return self.read(lambda generation: generation)

    def holdings(self) -> Holdings | None:
        """Return what the last index has, built by any version; None where it is too damaged.

        Raises IndexUnreadable.
        """
        try:
            name = self.current_name()
            return _parse_holdings(_read(self._generations / name / MANIFEST)) if name else NOTHING
        except IndexDamaged:
            return None

    def read(self, use: Callable[[Generation], T]) -> T:
        """Return what `use` makes of the generation that answers.

        A build may remove a generation that is being read: `use` then gets the one that took its
        place. Raises IndexUnusable.
        """
        while True:
            record = self._commit_record()
            try:
                return use(self._find(*record))
            except (IndexDamaged, IndexUnreadable):
                if record == self._commit_record():
                    raise

    def commit(self, manifest: Manifest, files: Files) -> str:
        """Write a generation, make it the current one and remove the others; return its name."""
        records = {name: record(blocks) for name, blocks in files.items()}
        digests = b"".join(each.digests for each in records.values())
        sizes = {name: each.size for name, each in records.items()}
        data = _dump_manifest(replace(manifest, files=sizes, digests=_digest(digests)))
        digest = _digest(data)
        name = self._free_name(digest)
        try:
            self._generations.mkdir(mode=0o700, exist_ok=True)  # flushed together with CURRENT
            require_folder(self._generations)
            write_folder(self._generations / name, {**files, DIGESTS: [digests], MANIFEST: [data]})
            replace_file(self.root / "CURRENT", f"{name} {digest}\n".encode())
        except OSError as error:
            self._discard(name)
            raise _unwritable(error) from error
        self._remove_others(name)
        return name

    @contextmanager
    def lock(self) -> Generator[None]:
        """Hold the only right to build. Raises IndexLocked at once when another build has it."""
        try:
            make_folder(self.root)
            descriptor = open_file(self.root / "LOCK", os.O_RDWR | os.O_CREAT)
        except NotPlain as error:
            raise _unwritable(error) from error
        except OSError as error:
            message = f"the index folder {self.root} cannot be written ({error.strerror})"
            raise IbidError(message, hint="choose another folder with --index") from error
        try:
            _lock(descriptor, self.root)
            self._sweep()
            yield
            os.ftruncate(descriptor, 0)  # the next one that is refused has to wait for a name
        finally:
            os.close(descriptor)

    @contextmanager
    def scratch(self) -> Generator[Path]:
        """Give the build that holds the lock an empty folder, and take it away afterwards."""
        folder = self.root / "scratch"
        try:
            folder.mkdir(mode=0o700)
            yield folder
        except (OSError, sqlite3.Error) as error:
            raise _unwritable(error) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def drop_journal(self) -> None:
        """Take away the journal of a build that came to its end."""
        try:
            make_way(self.journal)
        except OSError as error:
            raise _unwritable(error) from error

    def _commit_record(self) -> tuple[str, str]:
        try:
            said = read_file(self.root / "CURRENT", _LONGEST_RECORD)
            name, digest = said.decode("ascii").split()
        except FileNotFoundError:
            return "", ""
        except OSError as error:
            raise unreadable("CURRENT", error) from error
        except ValueError as error:
            raise damaged("CURRENT cannot be read") from error
        if not name.isalnum():
            raise damaged("CURRENT names no generation")
        return name, digest

    def _find(self, name: str, digest: str) -> Generation:
        if not name:
            raise IndexMissing(f"there is no index in {self.root}", hint=_REBUILD)
        if self._found and (self._found.name, self._found.digest) == (name, digest):
            return self._found
        folder = self._generations / name
        _require_folders(self._generations, folder)
        manifest = _parse_manifest(_read(folder / MANIFEST, digest))
        digests = _read(folder / DIGESTS, manifest.digests)
        if len(digests) != DIGEST * sum(map(count_blocks, manifest.files.values())):
            raise damaged(f"{DIGESTS} are not those of the files that {MANIFEST} lists")
        self._found = Generation(name, digest, folder, manifest, digests)
        return self._found

    def _free_name(self, digest: str) -> str:
        """Name a generation by its digest; one that a crash left half written keeps its name."""
        name = digest[:12]
        while os.path.lexists(self._generations / name):
            name += "x"
        return name

    def _discard(self, name: str) -> None:
        """Remove a generation, unless CURRENT names it: its last flush was what failed."""
        with suppress(IndexUnusable):
            if self.current_name() != name:
                shutil.rmtree(self._generations / name, ignore_errors=True)

    def _sweep(self) -> None:
        """Remove what builds left that were killed; only the one that holds the lock may."""
        _remove(self.root / "scratch")
        with suppress(IndexDamaged):
            if name := self.current_name():
                self._remove_others(name)

    def _remove_others(self, name: str) -> None:
        with suppress(OSError):  # what stays takes up room, and the next build tries again
            require_folder(self._generations)
            for folder in self._generations.iterdir():
                if folder.name != name:
                    _remove(folder)


def _lock(descriptor: int, root: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise IndexLocked(
            f"another build of {root} is running (process {_read_holder(descriptor)})",
            hint="wait for it to end; asking goes on meanwhile",
        ) from None
    except OSError as error:
        raise IbidError(f"the index folder {root} cannot be locked ({error.strerror})") from error
    with suppress(OSError):  # on a full disk the lock holds without its holder's name
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)


def _read_holder(descriptor: int) -> str:
    """Return the process that holds the lock, which writes its name just after it has got it."""
    for _ in range(_TRIES):
        if holder := os.pread(descriptor, 32, 0).decode("ascii", "replace").strip():
            return holder
        time.sleep(_PAUSE)
    return "unknown"


def _remove(path: Path) -> None:
    """Remove a folder with all that is in it, or a link, a pipe, … itself, as far as that goes."""
    if path.is_symlink() or not path.is_dir():
        with suppress(OSError):
            if not path.is_file() or path.is_symlink():  # a file may be somebody's
                path.unlink(missing_ok=True)
        return
    shutil.rmtree(path, ignore_errors=True)


def _require_folders(*folders: Path) -> None:
    """Raise IndexDamaged where a folder of the index is none, but a link for instance."""
    for folder in folders:
        try:
            require_folder(folder)
        except OSError as error:
            raise unreadable(folder.name, error) from error


def _unwritable(error: Exception) -> IbidError:
    reason = error.strerror if isinstance(error, OSError) else None
    if isinstance(error, OSError) and (is_lasting(error) or error.errno in _IN_THE_WAY):
        return IbidError(
            f"the index could not be written: {error.filename} is in the way ({reason})",
            hint=f"delete {error.filename}, then ibid build; what was there before still answers",
        )
    step = hint_for(error) if isinstance(error, OSError) else "free some space"
    return IbidError(
        f"the index could not be written: {reason or error}",
        hint=f"what was there before still answers; {step}, or choose another folder with --index",
    )


def _read(path: Path, digest: str = "") -> bytes:
    """Return the bytes of a file, of the one with a digest where that is known."""
    try:
        data = read_file(path, _LARGEST)
    except OSError as error:
        raise unreadable(path.name, error) from error
    if digest and _digest(data) != digest:
        raise damaged(f"{path.name} is not the file that was written")
    return data


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _dump_manifest(manifest: Manifest) -> bytes:
    small = {"embedder": asdict(manifest.embedder), "skipped": [*map(asdict, manifest.skipped)]}
    values = {each.name: getattr(manifest, each.name) for each in fields(manifest)}  # not copied
    return json.dumps({**values, **small}).encode()  # in ASCII: file names may be no Unicode


def _parse_manifest(data: bytes) -> Manifest:
    try:
        values = parse_object(data)
        number = values.get("format")
        if isinstance(number, int) and number != FORMAT:
            raise IndexForeign(
                f"the index has format {number}, this ibid reads {FORMAT}", hint=_REBUILD
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


def _parse_holdings(data: bytes) -> Holdings:
    """Return what the manifest of any version says. Raises IndexDamaged."""
    try:
        values: Any = parse_object(data)
        skipped = {file["path"]: file.get("kept", False) for file in values["skipped"]}
        held = {id: digest for id, digest in values["articles"].items() if skipped.get(id, True)}
        if not all(isinstance(digest, str) for digest in (values["folder"], *held.values())):
            raise TypeError("what is no text")
        _require_name(values["folder"])
        kept = frozenset(id for id in held if id in skipped)
        return Holdings(values["folder"], held, kept)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise damaged(f"{MANIFEST} does not say what the index has") from error
