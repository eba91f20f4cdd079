"""Files of an index that are verified block by block, each block before it is first used.

So a question over a large index pays for what it reads, not for all that is there.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from weakref import finalize

from ibid.errors import IndexDamaged
from ibid.ports import Blocks

BLOCK = 1 << 18
"""Bytes that share a digest: 0.2 ms of SHA-256, and 400 KB of manifest for a million passages."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """How long a file of a generation is, and the SHA-256 of each of its blocks."""

    size: int
    blocks: tuple[str, ...]


def record(blocks: Blocks) -> FileRecord:
    """Return the record of a file that holds these bytes; its first block is there if it is not."""
    size, digests, held = 0, list[str](), bytearray()
    for data in blocks:
        size += len(data)
        held += data
        while len(held) >= BLOCK:
            digests.append(_digest(held[:BLOCK]))
            del held[:BLOCK]
    if held or not digests:
        digests.append(_digest(held))
    return FileRecord(size, tuple(digests))


class VerifiedFile:
    """A file of an index, open for reading; it stays so when a build removes the file.

    Its length and its first block are verified at once. Raises IndexDamaged, now and whenever a
    block is read that is not what was written.
    """

    def __init__(self, path: Path, name: str, record: FileRecord) -> None:
        self.path, self.size = path, record.size
        self._name, self._digests = name, record.blocks
        self._verified = bytearray(len(record.blocks))
        try:
            self._descriptor = os.open(path, os.O_RDONLY)
            finalize(self, os.close, self._descriptor)
            size = os.fstat(self._descriptor).st_size
        except OSError as error:
            raise self._unreadable(error) from error
        if size != record.size or len(record.blocks) != max(1, -(-size // BLOCK)):
            raise self._changed()
        self._verify(0)

    def read(self, start: int, size: int) -> bytes:
        """Return `size` bytes from `start`."""
        self.verify(start, size)
        return self._pread(start, start + size)

    def blocks(self) -> Iterator[bytes]:
        """Yield all of the file, every block verified again."""
        for number in range(len(self._digests)):
            yield self._verify(number)

    def verify(self, start: int = 0, size: int | None = None) -> Path:
        """Verify what was not verified yet of some bytes, or of all; return where the file is."""
        end = self.size if size is None else start + size
        for number in range(start // BLOCK, -(-end // BLOCK)):
            if not self._verified[number]:
                self._verify(number)
        return self.path

    def _verify(self, number: int) -> bytes:
        start = number * BLOCK
        data = self._pread(start, min(start + BLOCK, self.size))
        if _digest(data) != self._digests[number]:
            raise self._changed()
        self._verified[number] = True
        return data

    def _pread(self, start: int, end: int) -> bytes:
        try:
            data = os.pread(self._descriptor, end - start, start)
        except OSError as error:
            raise self._unreadable(error) from error
        if len(data) != end - start:
            raise self._changed()
        return data

    def _unreadable(self, error: OSError) -> IndexDamaged:
        return damaged(f"{self._name} cannot be read ({error.strerror})")

    def _changed(self) -> IndexDamaged:
        return damaged(f"{self._name} is not the file that was written")


def damaged(what: str) -> IndexDamaged:
    """Return the error for an index that is not as it was written."""
    return IndexDamaged(f"the index is damaged: {what}", hint="ibid build")


def _digest(data: bytes | bytearray) -> str:
    return hashlib.sha256(data).hexdigest()
