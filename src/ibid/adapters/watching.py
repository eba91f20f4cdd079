"""Noticing that a folder was changed, by watchfiles."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

from ibid.reading.kinds import SUFFIXES

QUIET = 500
"""Milliseconds without a change before one is told."""

LONGEST = 10.0
"""Seconds after which it is told all the same: a file that grows for ever keeps nobody waiting."""


def watch_folder(folder: Path, index: Path, stop: Event | None = None) -> Iterator[None]:
    """Yield each time that articles below `folder` were changed and nobody writes any more.

    A file that is being saved piece by piece is waited for. Ends when `stop` is set.
    """
    from watchfiles import Change, watch

    inside = index.resolve()

    def counts(_change: Change, name: str) -> bool:
        path = Path(name)
        is_index = path == inside or path.is_relative_to(inside)
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder.resolve()).parts)
        # A folder that is renamed or deleted is told by its own name only.
        return not is_index and not is_hidden and path.suffix.lower() in (*SUFFIXES, "")

    # Its own waiting ends when no other file changes: one that grows has to be waited for here.
    changes = watch(
        folder.resolve(),
        watch_filter=counts,
        rust_timeout=QUIET,
        yield_on_timeout=True,
        stop_event=stop,
    )
    since = 0.0
    for changed in changes:
        if changed:
            since = since or time.monotonic()
        if since and (not changed or time.monotonic() - since > LONGEST):
            since = 0.0
            yield
