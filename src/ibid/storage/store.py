"""The index on disk: immutable generations behind one record that is replaced atomically.

    index/CURRENT                   names the generation that answers, and its manifest's digest
    index/generations/NAME/         manifest.json and the files that it lists
    index/generations/NAME/digests  those of the blocks of these files; its own is in the manifest
    index/generations/NAME/X.n      what file X, or folder, has of the n-th volume of the index
    index/LOCK                      held by the build that is running
    index/scratch/                  what that build is making, and a file that marks it as such
    index/JOURNAL                   what it has embedded, for the next build if it is interrupted
    index/SEALS                     which files were verified, and need not be once more

A generation is written and flushed completely before CURRENT names it. So a query, a crash or a
power loss sees the old index or the new one, never a mixture. A file that two generations have is
one file with two names: nothing ever writes to a file that is in place.
"""

import errno
import fcntl
import hashlib
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ibid.errors import (
    IbidError,
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexUnreadable,
    IndexUnusable,
)
from ibid.ports import Files
from ibid.storage.atomic_writes import make_folder, make_way, replace_file, write_folder
from ibid.storage.files import NotPlain, hint_for, is_lasting, open_file, read_file, require_folder
from ibid.storage.generations import (
    DIGESTS,
    MANIFEST,
    NOTHING,
    REBUILD,
    Generation,
    Holdings,
    Manifest,
    dump_manifest,
    parse_holdings,
    parse_manifest,
    require_folders,
)
from ibid.storage.seals import Seals, dump_seals, read_seals
from ibid.storage.verified_files import (
    DIGEST,
    count_blocks,
    damaged,
    record,
    unreadable,
)
from ibid.types import ArticleId, Mark

_LONGEST_RECORD, _LARGEST = 256, 1 << 30
"""Bytes of CURRENT, and of a manifest or its digests: a million articles have a tenth of that."""

_OURS = ("CURRENT", "generations", "scratch", "JOURNAL", "CURRENT.new", "LOCK", "SEALS")
_HOLDER = re.compile(rb"\d*\n?")
"""What LOCK holds: nothing, or a process, on a full disk perhaps a part of its number."""

_GENERATION = re.compile(r"[0-9a-f]{12}x*")
_MARK = ".ibid-scratch"
"""How a folder is called that a build commits, and what is in one that it works in: others are
somebody's, and stay."""

_IN_THE_WAY = (errno.EEXIST, errno.ENOTEMPTY)

_TRIES, _PAUSE = 20, 0.01  # seconds

T = TypeVar("T")


class Store:
    """The folder of the index."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.journal = root / "JOURNAL"
        self._seals = root / "SEALS"
        self._generations = root / "generations"
        self._found: Generation | None = None
        self._begun = 0
        """When the build that holds the lock began, in nanoseconds."""

    @property
    def place(self) -> str:
        """Where the index lies."""
        return str(self.root)

    @property
    def removal(self) -> str:
        """How the index is taken away when it is damaged."""
        return f"delete {self.root / 'CURRENT'}"

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
            return parse_holdings(_read(self._generations / name / MANIFEST)) if name else NOTHING
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
        digests = b"".join(entry.digests for entry in records.values())
        sizes = {name: entry.size for name, entry in records.items()}
        data = dump_manifest(replace(manifest, files=sizes, digests=_digest(digests)))
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
            self._refuse_strange()
            descriptor = open_file(self.root / "LOCK", os.O_RDWR | os.O_CREAT)
        except NotPlain as error:
            raise _unwritable(error) from error
        except OSError as error:
            message = f"the index folder {self.root} cannot be written ({error.strerror})"
            raise IbidError(message, hint="choose another folder with --index") from error
        try:
            _lock(descriptor, self.root)
            self._begun = time.time_ns()
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
        except OSError as error:
            raise _unwritable(error) from error
        try:
            (folder / _MARK).touch(mode=0o600)
            yield folder
        except (OSError, sqlite3.Error) as error:
            raise _unwritable(error) from error
        finally:
            _clear(folder)

    def drop_journal(self) -> None:
        """Take away the journal of a build that came to its end."""
        try:
            make_way(self.journal)
        except OSError as error:
            raise _unwritable(error) from error

    def seals(self) -> Seals:
        """Return what is sealed of the generation that answers. Raises IndexUnusable."""
        return read_seals(self._seals, self.current())

    def seal(self, articles: Mapping[ArticleId, Mark]) -> None:
        """Seal the generation that answers, of which the build that holds the lock verified all.

        `articles` are the marks that their files had when they had the digests of its manifest.
        """
        data = dump_seals(self.current(), articles, self._begun)
        with suppress(OSError):  # the next build has more to do
            if read_file(self._seals, len(data)) == data:
                return
        with suppress(OSError):
            replace_file(self._seals, data)

    def _commit_record(self) -> tuple[str, str]:
        try:
            line = read_file(self.root / "CURRENT", _LONGEST_RECORD)
            name, digest = line.decode("ascii").split()
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
            raise IndexMissing(f"there is no index in {self.root}", hint=REBUILD)
        if self._found and (self._found.name, self._found.digest) == (name, digest):
            return self._found
        folder = self._generations / name
        require_folders(self._generations, folder)
        manifest = parse_manifest(_read(folder / MANIFEST, digest))
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

    def _refuse_strange(self) -> None:
        """Raise IbidError where something has the name of a part of an index, and none is there."""
        strange = [name for name in _OURS if os.path.lexists(self.root / name)]
        if strange and not self._is_index():
            path = self.root / strange[0]
            raise IbidError(
                f"{path} is there already, and it is of no index",
                hint="choose another folder with --index, or give it another name",
            )

    def _is_index(self) -> bool:
        """Tell whether a build has been here: it makes LOCK first, and CURRENT when it is done."""
        try:
            if _HOLDER.fullmatch(read_file(self.root / "LOCK", _LONGEST_RECORD)):
                return True
        except OSError:
            pass
        with suppress(IndexUnusable):
            return bool(self.current_name())
        return False

    def _sweep(self) -> None:
        """Remove what builds left that were killed; only the one that holds the lock may."""
        scratch = self.root / "scratch"
        if scratch.is_symlink() or not scratch.is_dir():
            _remove(scratch)
        elif os.path.lexists(scratch / _MARK):
            _clear(scratch)
        else:
            with suppress(OSError):  # one with something in it is somebody's
                scratch.rmdir()
        with suppress(IndexDamaged):
            if name := self.current_name():
                self._remove_others(name)

    def _remove_others(self, name: str) -> None:
        with suppress(OSError):  # what stays takes up room, and the next build tries again
            require_folder(self._generations)
            for folder in self._generations.iterdir():
                if folder.name != name and _GENERATION.fullmatch(folder.name):
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


def _clear(scratch: Path) -> None:
    """Remove a scratch folder, its mark last: what stays is known as ours by the next build."""
    with suppress(OSError):
        for path in scratch.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != _MARK:
                path.unlink()
        shutil.rmtree(scratch)


def _unwritable(error: OSError | sqlite3.Error) -> IbidError:
    place, reason, step = None, str(error), "free some space"
    if isinstance(error, OSError):
        place, reason, step = error.filename, error.strerror or str(error), hint_for(error)
        if place and (is_lasting(error) or error.errno in _IN_THE_WAY):
            return IbidError(
                f"the index could not be written: {place} is in the way ({reason})",
                hint=f"move {place} away, then ibid build; what was there before still answers",
            )
    return IbidError(
        f"the index could not be written: {reason}{f' ({place})' if place else ''}",
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
