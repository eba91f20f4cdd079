"""Reading a file: regular, not too large, through no link, and never waiting."""

import errno
import os
import stat
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ibid.errors import ArticleUnreadable, FolderError

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes. A longer text file is data, not an article."""

_PIECE = 1 << 16
"""Bytes that are read at once: most articles have fewer."""


def read_file(path: Path) -> bytes:
    """Return the bytes of a regular file, never following a link and never waiting.

    Raises OSError, ArticleUnreadable for what is no regular file or too large, and FolderError
    where the machine lacks what it takes to read any file.
    """
    if path.is_symlink():
        raise ArticleUnreadable("a symbolic link")
    with blaming_no_file():
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ArticleUnreadable("not a regular file")
        raw = _read(descriptor, LARGEST_FILE + 1)
    finally:
        os.close(descriptor)
    if len(raw) > LARGEST_FILE:
        raise ArticleUnreadable(f"larger than {LARGEST_FILE // 1024**2} MB")
    return raw


def is_control(char: str) -> bool:
    """Tell whether a character of a name cannot be shown."""
    return unicodedata.category(char) in ("Cc", "Cs")  # a byte that is not UTF-8 is in Cs


@contextmanager
def blaming_no_file() -> Generator[None]:
    """Raise FolderError where no file at all could be opened now."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
            hint = "close other programs, or allow for more open files (ulimit -n), then try again"
            raise FolderError(f"no article can be read now: {error.strerror}", hint=hint) from error
        raise


def _read(descriptor: int, most: int) -> bytes:
    """Return the bytes of an open file, at most so many.

    A buffered file would be given room for `most` at once, for each of thousands of articles.
    """
    pieces, remaining = list[bytes](), most
    while piece := os.read(descriptor, min(_PIECE, remaining)):
        pieces.append(piece)
        remaining -= len(piece)
    return b"".join(pieces)


def describe_trouble(error: Exception) -> str:
    """Return in words why a file could not be read, and what to do where that is known."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    hint = error.hint if isinstance(error, ArticleUnreadable) else ""
    return f"{error} ({hint})" if hint else str(error)
