"""Files that have a line for each thing: read as far as they can be, without waiting."""

import os
from collections.abc import Iterator
from pathlib import Path

from ibid.errors import IbidError
from ibid.storage import hint_for, is_lasting, open_file

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes. What is longer was not written here; it is passed on as it is, and not understood."""


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file that are not blank. Raises OSError for all but a regular file."""
    with os.fdopen(open_file(path), "rb") as file:
        yield from (line.rstrip(b"\n") for line in file if line.strip())


def read_kept(path: Path) -> list[bytes]:
    """Return the lines of a file that the chat writes anew, none where there is no file.

    Raises IbidError where it cannot be read: to write it then would lose what it holds.
    """
    try:
        return list(read_lines(path))
    except FileNotFoundError:
        return []
    except OSError as error:
        text = f"{path} cannot be read, and nothing was written ({error.strerror})"
        hint = "move it away, then try again" if is_lasting(error) else hint_for(error)
        raise IbidError(text, hint=hint) from error
