"""Folders of links in the temporary folder, that go with the process or are swept by the next one.

A process that is killed cannot take its folder away. So it holds a lock on the folder, which ends
with it: one that nobody holds is an orphan.
"""

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PREFIX = "ibid-links-"
_TRIES = 10  # tantivy's thread writes a lock file once or twice in the life of an index


@dataclass(frozen=True, slots=True)
class Links:
    """A folder for links, held by this process."""

    folder: Path
    lock: int
    """Descriptor of the folder, to be closed once it is gone."""


def make_links() -> Links:
    """Return a new folder for links, and sweep those of processes that were killed.

    Raises OSError.
    """
    _sweep(Path(tempfile.gettempdir()))
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        try:
            lock = _hold(folder)
        except OSError:
            with suppress(OSError):
                folder.rmdir()
            raise
        if lock is not None:
            return Links(folder, lock)


def remove_links(folder: Path) -> None:
    """Remove a folder of links and lock files, again where one was just put there."""
    for _ in range(_TRIES):
        with suppress(OSError):
            for path in folder.iterdir():
                if not stat.S_ISDIR(path.lstat().st_mode):
                    path.unlink(missing_ok=True)
            folder.rmdir()
        if not folder.exists():
            return


def _sweep(temporary: Path) -> None:
    for folder in _ours(temporary):
        with suppress(OSError):
            lock = _hold(folder)
            if lock is not None:
                remove_links(folder)
                os.close(lock)


def _ours(temporary: Path) -> Iterator[Path]:
    """Yield the folders of links that this user has."""
    with suppress(OSError), os.scandir(temporary) as entries:
        for entry in entries:
            is_folder = entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False)
            if is_folder and entry.stat(follow_symlinks=False).st_uid == os.geteuid():
                yield Path(entry.path)


def _hold(folder: Path) -> int | None:
    """Return a descriptor that locks a folder, None where another process does or it is gone."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), folder.stat()):
            return lock
    except (BlockingIOError, FileNotFoundError):
        pass
    except OSError:
        os.close(lock)
        raise
    os.close(lock)
    return None
