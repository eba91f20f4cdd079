"""Files that a user names for an evaluation: plain ones of bounded size, read without waiting."""

import errno
import gzip
import os
import zlib
from functools import partial
from pathlib import Path
from typing import BinaryIO

from ibid.errors import UsageError
from ibid.storage import open_file

LARGEST = 1 << 30
"""Bytes, unpacked: a run of ten thousand questions with a thousand passages each has fewer."""

_PIECE = 1 << 20


def open_plain(path: Path) -> BinaryIO:
    """Return a plain file, opened. Raises OSError."""
    return os.fdopen(open_file(path, follow=True), "rb")


def _read_bytes(path: Path) -> bytes:
    pieces, room = list[bytes](), LARGEST
    with open_plain(path) as file:
        source = gzip.GzipFile(fileobj=file) if path.suffix == ".gz" else file
        for piece in iter(partial(source.read, _PIECE), b""):
            pieces.append(piece)
            room -= len(piece)
            if room < 0:
                raise OSError(errno.EFBIG, f"larger than {LARGEST:,} bytes", str(path))
    return b"".join(pieces)


def read_text(path: Path) -> str:
    """Return the text of a plain file, unpacked where its name ends in `.gz`.

    Raises UsageError, also for what is too large.
    """
    try:
        return _read_bytes(path).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        hint = "name a plain file that can be read"
        raise UsageError(f"{path} cannot be read: {reason or error}", hint=hint) from error
