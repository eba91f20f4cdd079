"""The only module that writes files that stay: whole, flushed, and put in place at once."""

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp

from ibid.errors import UsageError
from ibid.ports import Blocks, Files, StoredFile
from ibid.storage.files import open_file
from ibid.storage.verified_files import KeptFile, part_name

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileBlocks:
    """A scratch file, block by block."""

    path: Path

    def __iter__(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block


class PartsWriter:
    """Scratch files that are read as one: what is appended goes to the last of them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files: list[StoredFile] = []

    def begin(self, data: bytes = b"") -> None:
        """Begin the next part."""
        path = self._path.with_name(part_name(self._path.name, len(self._files)))
        path.touch(mode=0o600)
        self._files.append(FileBlocks(path))
        self.append(data)

    def append(self, data: bytes) -> None:
        """Go on with the part that was begun."""
        with self._files[-1].path.open("ab") as file:
            file.write(data)

    def take(self, file: StoredFile) -> None:
        """Take a file of the last index as the next part."""
        self._files.append(file)

    def files(self) -> dict[str, StoredFile]:
        """Return all parts by their names."""
        return {part_name(self._path.name, n): file for n, file in enumerate(self._files)}


def make_folder(path: Path) -> None:
    """Make a folder that only its owner can read, and those above it that are missing."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
        sync_folder(path.parent)


def write_folder(path: Path, files: Files) -> None:
    """Write a new folder with its files and flush all of it, its place in its parent too.

    What is a file already is not written again: one of the last index gets a second name, and a
    scratch file moves.
    """
    folders = [path, *sorted({(path / name).parent for name in files} - {path})]
    for folder in folders:
        folder.mkdir(mode=0o700)
    for name, blocks in files.items():
        _put(path / name, blocks)
    for folder in (*folders, path.parent):
        sync_folder(folder)


def _put(path: Path, blocks: Blocks) -> None:
    if isinstance(blocks, FileBlocks):
        _move(blocks.path, path)
    elif not (isinstance(blocks, KeptFile) and _link(blocks, path)):
        write_file(path, blocks)


def _move(scratch: Path, path: Path) -> None:
    """Flush a scratch file and move it to its place."""
    descriptor = open_file(scratch)
    try:
        os.fchmod(descriptor, 0o600)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    scratch.replace(path)


def _link(file: KeptFile, path: Path) -> bool:
    """Give a file a second name, which stays when the first one goes; False where that fails.

    Not every file system can. What is at the old name now may be another file.
    """
    source = file.open()
    try:
        os.link(file.path, path, follow_symlinks=False)
    except OSError:
        return False
    if not source.is_at(path):
        path.unlink()
        return False
    return True


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` in place of `path` at once: a reader or a crash sees the old or the new."""
    staged = path.with_name(f"{path.name}.new")
    make_way(staged)  # a crash left it
    write_file(staged, [data])
    if path.is_dir() and not path.is_symlink():
        make_way(path)
    staged.replace(path)
    sync_folder(path.parent)


def save_file(path: Path, data: bytes, *, may_replace: Callable[[Path], bool]) -> None:
    """Put `data` where a user wants it: whole or not at all, and over nothing that is not ours.

    A file that is replaced keeps its mode, a new one is for its owner alone. Raises UsageError for
    what is no file and for a file that may not be replaced, OSError.
    """
    mode = _mode_of(path)
    if mode is not None and not may_replace(path):
        hint = "--force replaces it; another name keeps it"
        raise UsageError(f"{path} is there already, and not as ibid would write it", hint=hint)
    descriptor, name = mkstemp(prefix=".ibid-", dir=path.parent)
    try:
        try:
            write_all(descriptor, data)
            os.fchmod(descriptor, 0o600 if mode is None else mode)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _mode_of(path: Path) -> int | None:
    """Return the mode of a file that can be replaced, None where there is nothing."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        hint = "name a file, or a path where there is nothing yet"
        raise UsageError(f"{path} is no regular file", hint=hint)
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return mode & 0o777


def make_way(path: Path) -> None:
    """Take away what is at a path: a file, a link itself, an empty folder. Raises OSError."""
    try:
        is_folder = stat.S_ISDIR(path.lstat().st_mode)
    except FileNotFoundError:
        return
    path.rmdir() if is_folder else path.unlink(missing_ok=True)


def write_file(path: Path, blocks: Blocks) -> None:
    """Write a new file and flush it to the disk; the caller flushes the folder."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        for block in blocks:
            write_all(descriptor, block)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_new(path: Path, data: bytes) -> None:
    """Put `data` where there is nothing, whole or not at all. Raises FileExistsError, OSError."""
    staged = path.with_name(f".ibid-{secrets.token_hex(8)}")
    try:
        write_file(staged, [data])
        os.link(staged, path)  # fails where there is something, be it a link to nowhere
    finally:
        staged.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_all(descriptor: int, data: bytes | bytearray) -> None:
    """Write all of `data`: a disk that fills up may take a part of it without an error."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_folder(path: Path) -> None:
    """Flush a folder's entries to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
