"""Noticing that folders were changed, by watchfiles."""

import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from ibid.reading import SUFFIXES

QUIET = 500
"""Milliseconds without a change before one is told."""

LONGEST = 10.0
"""Seconds after which it is told all the same: a file that grows for ever keeps nobody waiting."""

_POLL = 2_000
"""Milliseconds between two looks at all files, where the system can tell of no more changes."""


def watch_folder(folder: Path, index: Path, stop: Event | None = None) -> Iterator[bool]:
    """Yield True when articles below `folder` were changed, as `watch_folders` does for several."""
    return watch_folders((folder,), index, stop)


def watch_folders(
    folders: Sequence[Path], index: Path, stop: Event | None = None
) -> Iterator[bool]:
    """Yield True when articles below the folders were changed and nobody writes any more.

    The first time is when they are watched, or cannot be; False comes about twice a second in
    between. A file that is being saved piece by piece is waited for. A folder that goes is told,
    and watched again when it is back, be it another one. Ends when `stop` is set.
    """
    stop = stop or Event()
    is_told = polling = False
    while not stop.is_set():
        watched = _identities(folders)
        there = [folder for folder in folders if folder in watched]
        try:
            for is_changed in _watch(_Place.of(there, index), stop, polling) if there else ():
                is_told = False
                yield is_changed
                if _identities(folders) != watched:
                    break
            polling = False
        except (OSError, RuntimeError):  # no more inotify watches, or it may not be read
            polling = _identities(folders) == watched
        if not is_told or not stop.wait(QUIET / 1000):
            yield not is_told
        is_told = True


@dataclass(frozen=True, slots=True)
class _Place:
    """Which changes count."""

    folders: tuple[Path, ...]
    index: Path

    @classmethod
    def of(cls, folders: Iterable[Path], index: Path) -> "_Place":
        """Return the place where links lead to now."""
        return cls(tuple(folder.resolve() for folder in folders), index.resolve())

    def counts(self, name: str) -> bool:
        path = Path(name)
        is_index = path.is_relative_to(self.index)
        folder = next(folder for folder in self.folders if path.is_relative_to(folder))
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        # A folder that is renamed or deleted is told by its own name only.
        return not is_index and not is_hidden and path.suffix.lower() in (*SUFFIXES, "")


def _watch(place: _Place, stop: Event, polling: bool) -> Iterator[bool]:
    """Yield True when what counts was changed and is quiet again. Raises OSError, RuntimeError."""
    from watchfiles import watch

    changes = watch(
        *place.folders,
        watch_filter=None,  # it would keep back that time has passed
        rust_timeout=QUIET,
        yield_on_timeout=True,
        stop_event=stop,
        force_polling=polling or None,
        poll_delay_ms=_POLL,
        ignore_permission_denied=True,
    )
    # Its own waiting ends when no other file changes: one that grows has to be waited for here.
    since = time.monotonic()  # nobody knows what happened before
    for changed in changes:
        is_busy = any(place.counts(name) for _, name in changed)
        now = time.monotonic()
        if is_busy:
            since = since or now
        is_told = bool(since) and (not is_busy or now - since > LONGEST)
        since = 0.0 if is_told else since
        yield is_told


def _identities(folders: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    """Return what tells the folders that are there from any that take their place."""
    pairs = ((folder, _identity(folder)) for folder in folders)
    return {folder: identity for folder, identity in pairs if identity}


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return what tells a folder from one that takes its place, None where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None
