"""What was deleted last, so that it can be brought back: in memory alone, gone from the disk."""

import errno
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ibid.errors import UsageError
from ibid.storage import read_file, replace_file

MOST_BYTES = 64 * 1024 * 1024
"""Of the files that are held; more than these are gone at once."""


@dataclass(frozen=True, slots=True)
class _Held:
    data: bytes
    changed: int
    """When, in nanoseconds since 1970."""


class Deleted:
    """The files that were deleted last."""

    def __init__(self) -> None:
        self._held: Mapping[Path, _Held] = {}

    def delete(self, paths: Iterable[Path]) -> bool:
        """Delete files, and return whether they can be brought back; those before no longer can.

        Raises OSError.
        """
        paths = list(paths)
        self._held = _hold(paths)
        for path in paths:
            path.unlink(missing_ok=True)
        return bool(self._held)

    def restore(self) -> None:
        """Bring back what is held, over nothing. Raises UsageError for nothing, OSError."""
        if not self._held:
            raise UsageError("what was deleted is gone")
        for path, file in self._held.items():
            if not path.exists():
                replace_file(path, file.data)
                os.utime(path, ns=(file.changed, file.changed))
        self._held = {}


def _hold(paths: Iterable[Path]) -> Mapping[Path, _Held]:
    """Return what files hold; nothing where that is too much, and no links."""
    files: dict[Path, _Held] = {}
    remaining = MOST_BYTES
    for path in paths:
        try:
            files[path] = _Held(read_file(path, remaining), path.stat().st_mtime_ns)
        except OSError as error:
            if error.errno == errno.EFBIG:
                return {}
            continue
        remaining -= len(files[path].data)
    return files
