"""The only module that writes files: whole, flushed to the disk, and put in place at once."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ibid.ports import Blocks, Files

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileBlocks:
    """A scratch file, block by block, with some bytes before it."""

    path: Path
    head: bytes = b""

    def __iter__(self) -> Iterator[bytes]:
        yield self.head
        with self.path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block


def make_folder(path: Path) -> None:
    """Make a folder that only its owner can read, and those above it that are missing."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
        sync_folder(path.parent)


def write_folder(path: Path, files: Files) -> None:
    """Write a new folder with its files and flush all of it, its place in its parent too."""
    folders = [path, *sorted({(path / name).parent for name in files} - {path})]
    for folder in folders:
        folder.mkdir(mode=0o700)
    for name, blocks in files.items():
        write_file(path / name, blocks)
    for folder in (*folders, path.parent):
        sync_folder(folder)


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` in place of `path` at once: a reader or a crash sees the old or the new."""
    staged = path.with_name(f"{path.name}.new")
    staged.unlink(missing_ok=True)  # a crash left it
    write_file(staged, [data])
    staged.replace(path)
    sync_folder(path.parent)


def write_file(path: Path, blocks: Blocks) -> None:
    """Write a new file and flush it to the disk; the caller flushes the folder."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        for block in blocks:
            write_all(descriptor, block)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
