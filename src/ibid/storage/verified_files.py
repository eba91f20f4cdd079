"""Files of an index that are verified block by block, each block before it is first used.

So a question over a large index pays for what it reads, not for all that is there.
"""

import hashlib
import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Protocol
from weakref import finalize

from ibid.errors import IndexDamaged, IndexUnreadable, IndexUnusable
from ibid.ports import Blocks
from ibid.storage.files import hint_for, is_lasting, open_file

BLOCK = 1 << 13
"""Bytes that share a digest: 5 µs of SHA-256. A question reads a few KB in each of many places."""

DIGEST = hashlib.sha256().digest_size
"""Bytes of a digest."""

_AT_ONCE = 64
"""Blocks that are read together where many are verified."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """How long a file is, and the SHA-256 of each of its blocks, one behind the other."""

    size: int
    digests: bytes | memoryview


class Readable(Protocol):
    """What can be read anywhere, verified."""

    @property
    def size(self) -> int: ...

    def read(self, start: int, size: int) -> bytes:
        """Return `size` bytes from `start`. Raises IndexDamaged, IndexUnreadable."""
        ...


def record(blocks: Blocks) -> FileRecord:
    """Return the record of a file that holds these bytes: one that is kept has its own."""
    if isinstance(blocks, KeptFile):
        return blocks.record
    size, digests, buffer = 0, bytearray(), bytearray()
    for data in blocks:
        size += len(data)
        buffer += data
        whole = len(buffer) // BLOCK * BLOCK
        digests += _digests_of(buffer[:whole])
        del buffer[:whole]
    return FileRecord(size, bytes(digests + _digests_of(buffer)))


def count_blocks(size: int) -> int:
    """Return how many blocks a file of `size` bytes has."""
    return -(-size // BLOCK)


class VerifiedFile:
    """A file of an index, open for reading; it stays so when a build removes the file.

    Its length and its first block are verified at once. `follow` allows for a link. Raises
    IndexDamaged, now and whenever a block is read that is not what was written, and IndexUnreadable
    for trouble that may pass.
    """

    def __init__(self, path: Path, name: str, record: FileRecord, *, follow: bool = False) -> None:
        self.path, self.size = path, record.size
        self._name, self._digests, self._is_ours = name, record.digests, not follow
        self._verified = bytearray(count_blocks(record.size))
        try:
            self._descriptor = open_file(path, follow=follow)
            finalize(self, os.close, self._descriptor)
            size = os.fstat(self._descriptor).st_size
        except OSError as error:
            raise unreadable(self._name, error) from error
        if size != record.size:
            raise self._changed()
        self.verify(0, min(1, size))

    def read(self, start: int, size: int) -> bytes:
        """Return `size` bytes from `start`."""
        end = start + size
        if end > self.size:
            raise self._changed()
        first, last = start // BLOCK, count_blocks(end)
        if self._verified.find(0, first, last) < 0:
            return self._pread(start, end)
        if last - first > _AT_ONCE:
            self.verify(start, size)
            return self._pread(start, end)
        return self._verify(first, last)[start - first * BLOCK : end - first * BLOCK]

    def is_at(self, path: Path) -> bool:
        """Tell whether this very file is at a path."""
        return os.path.samestat(os.fstat(self._descriptor), path.lstat())

    def blocks(self) -> Iterator[bytes]:
        """Yield all of the file, some blocks at a time, every one verified again."""
        for first in range(0, len(self._verified), _AT_ONCE):
            yield self._verify(first, min(first + _AT_ONCE, len(self._verified)))

    def verify(self, start: int = 0, size: int | None = None) -> Path:
        """Verify what was not verified yet of some bytes, or of all; return where the file is."""
        end = count_blocks(self.size if size is None else start + size)
        first = self._verified.find(0, start // BLOCK, end)
        while first >= 0:
            boundary = self._verified.find(1, first, first + _AT_ONCE)
            last = min(first + _AT_ONCE, end) if boundary < 0 else min(boundary, end)
            self._verify(first, last)
            first = self._verified.find(0, last, end)
        return self.path

    def _verify(self, first: int, end: int) -> bytes:
        """Return the blocks from one to another, verified."""
        data = self._pread(first * BLOCK, min(end * BLOCK, self.size))
        if _digests_of(data) != self._digests[first * DIGEST : end * DIGEST]:
            raise self._changed()
        self._verified[first:end] = bytes([1]) * (end - first)
        return data

    def _pread(self, start: int, end: int) -> bytes:
        try:
            data = os.pread(self._descriptor, end - start, start)
        except OSError as error:
            raise unreadable(self._name, error) from error
        if len(data) != end - start:
            raise self._changed()
        return data

    def _changed(self) -> IndexDamaged:
        """Return the error for a file that is damaged, and break its seal: it is written to now."""
        with suppress(OSError):
            if self._is_ours:
                os.utime(self._descriptor)
        return damaged(f"{self._name} is not the file that was written")


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of an index that the next one has, too; it had been verified."""

    path: Path
    name: str
    record: FileRecord

    @property
    def size(self) -> int:
        return self.record.size

    def open(self) -> VerifiedFile:
        """Return the file, of which nothing counts as verified. Raises IndexDamaged."""
        return VerifiedFile(self.path, self.name, self.record)

    def __iter__(self) -> Iterator[bytes]:
        return self.open().blocks()


class JoinedFile:
    """Files that are read as one, each going on where the one before ends.

    Of each, the bytes before `start` are left out.
    """

    def __init__(self, files: Sequence[Readable], start: int = 0) -> None:
        self._files, self._start = files, start
        self._bounds = [0, *accumulate(file.size - start for file in files)]
        self.size = self._bounds[-1]

    def read(self, start: int, size: int) -> bytes:
        """Return `size` bytes from `start`. Raises IndexDamaged, IndexUnreadable."""
        end, pieces = start + size, list[bytes]()
        if end > self.size:
            raise damaged("a file ends before what is to be read of it")
        first = bisect_right(self._bounds, start) - 1
        for file, (begin, stop) in zip(
            self._files[first:], pairwise(self._bounds[first:]), strict=True
        ):
            if begin >= end:
                break
            here = max(start, begin)
            pieces.append(file.read(self._start + here - begin, min(end, stop) - here))
        return b"".join(pieces)


def part_name(name: str, number: int) -> str:
    """Return what a file is called in a volume, or the folder that it is in: `words.2/meta.json`.

    In the first one it has its own name.
    """
    top, *below = name.split("/")
    return "/".join((f"{top}.{number}" if number else top, *below))


def damaged(fault: str) -> IndexDamaged:
    """Return the error for an index that is not as it was written."""
    return IndexDamaged(f"the index is damaged: {fault}", hint="ibid build")


def unreadable(name: str, error: OSError) -> IndexUnusable:
    """Return the error for a file of an index that cannot be read: damage, unless it may pass."""
    reason = error.strerror or str(error)
    if is_lasting(error):
        return damaged(f"{name} cannot be read ({reason})")
    return IndexUnreadable(
        f"the index cannot be read now: {name} ({reason})",
        hint=f"{hint_for(error)}; what is in the index is not lost",
    )


def _digests_of(data: bytes | bytearray) -> bytes:
    """Return the digest of each block, the last of which may be short."""
    view = memoryview(data)
    starts = range(0, len(data), BLOCK)
    return b"".join([hashlib.sha256(view[start : start + BLOCK]).digest() for start in starts])
