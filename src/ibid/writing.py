"""The only module that writes files: whole, flushed to the disk, and put in place at once."""

import os
from pathlib import Path


def make_folder(path: Path) -> None:
    """Make a folder that only its owner can read, and record it in its parent."""
    path.mkdir(mode=0o700)
    sync_folder(path.parent)


def write_file(path: Path, data: bytes) -> None:
    """Write a new file and flush it to the disk; the caller flushes the folder."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` in place of `path` at once: a reader or a crash sees the old or the new."""
    staged = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    staged.unlink(missing_ok=True)
    try:
        write_file(staged, data)
        staged.replace(path)
    except OSError:
        staged.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Flush a folder's entries to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
