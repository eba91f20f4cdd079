"""Files that have a line for each thing: read as far as they can be, without waiting."""

import os
from collections.abc import Iterator
from pathlib import Path

from ibid.storage import open_file

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes. What is longer was not written here; it is passed on as it is, and not understood."""


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file that are not blank. Raises OSError for all but a regular file."""
    with os.fdopen(open_file(path), "rb") as file:
        yield from (line.rstrip(b"\n") for line in file if line.strip())
