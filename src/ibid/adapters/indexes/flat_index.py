"""Exact search over the vectors of flat FAISS files, without FAISS.

Its import costs more CPU than a question, and what a flat file holds is a header and then one row
of numbers per vector. Only FAISS itself writes such a header (`faiss_index`).
"""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from ibid.ports import Vectors
from ibid.storage import JoinedFile, Readable, damaged

COUNT = 8
"""Where a FAISS file has the number of its vectors; 4 bytes earlier is that of their dimensions."""

_KINDS = {b"IxFI": (np.dtype("<f4"), 45), b"IxSQ": (np.dtype("<f2"), 81)}
"""How FAISS marks a kind of index: that of its numbers, and where the first vector begins."""

_AT_ONCE = 8192


class FlatIndex:
    """The vectors of flat FAISS files, with 32 or 16 bits a number; rows go on from file to file.

    `held` keeps all of them in memory, else they are read from the files whenever they are needed.
    """

    def __init__(self, *files: Readable, held: bool = False) -> None:
        headers = [file.read(0, min(file.size, COUNT + 8)) for file in files]
        (marks, *others) = {header[:COUNT] for header in headers}
        counts = [int.from_bytes(header[COUNT:], "little") for header in headers]
        self._dimensions = int.from_bytes(marks[4:], "little")
        self._count = sum(counts)
        self._numbers, start = _KINDS.get(marks[:4], (np.dtype("<f4"), 0))
        self._size = self._dimensions * self._numbers.itemsize
        sizes = [start + count * self._size for count in counts]
        if others or not (start and self._dimensions) or sizes != [file.size for file in files]:
            raise damaged("the vector index cannot be read")
        self._codes = JoinedFile(files, start)
        self._held = self._read(0, self._count) if held else None

    def __len__(self) -> int:
        return self._count

    @property
    def shape(self) -> tuple[int, int]:
        """How many vectors there are, and of how many numbers each."""
        return self._count, self._dimensions

    def search(
        self, query: Vectors, k: int, rows: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return at most `k` (row, inner product) of `rows`, best first, ties by row."""
        wanted = range(self._count) if rows is None else np.asarray(sorted(rows), dtype=np.int64)
        if k <= 0 or not len(wanted):
            return []
        scores = np.concatenate(
            [
                inner_products(self.vectors(wanted[start : start + _AT_ONCE]), query)
                for start in range(0, len(wanted), _AT_ONCE)
            ]
        )
        return best(np.asarray(wanted), scores, k)

    def vectors(self, rows: Sequence[int] | NDArray[np.int64]) -> Vectors:
        """Return the vectors of `rows`, shape (len(rows), dimensions)."""
        if isinstance(rows, range) and rows.step == 1:
            block = self._held
            return self._read(rows.start, rows.stop) if block is None else block[_slice(rows)]
        if self._held is not None:
            wanted = np.asarray(rows, dtype=np.int64)
            for row in (wanted.min(), wanted.max()) if len(wanted) else ():
                self._place(int(row))
            return self._held[wanted]
        data = b"".join(self._codes.read(self._place(int(row)), self._size) for row in rows)
        return self._decode(data)

    def codes(self, rows: range) -> bytes:
        """Return the vectors of neighbouring rows as they stand in the file."""
        size = len(rows) * self._size
        return self._codes.read(self._place(rows.start), size) if size else b""

    def _read(self, start: int, stop: int) -> Vectors:
        return self._decode(self.codes(range(start, stop)))

    def _place(self, row: int) -> int:
        if not 0 <= row < self._count:
            raise damaged(f"the vector index has no row {row}")
        return row * self._size

    def _decode(self, data: bytes) -> Vectors:
        numbers = np.frombuffer(data, dtype=self._numbers).reshape(-1, self._dimensions)
        return numbers.astype(np.float32, copy=False)


def inner_products(vectors: Vectors, query: Vectors) -> NDArray[np.float32]:
    """Return the inner product of each vector with the query, shape (len(vectors),).

    Unlike `@`, a vector has the same one wherever it stands, to the last bit: ties stay ties.
    """
    return np.einsum("ij,j->i", vectors, query[0])


def best(rows: NDArray[np.int64], scores: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
    """Return at most `k` (row, score), best first, ties by row; what is no number is left out."""
    if k < len(scores):
        last = np.partition(scores, len(scores) - k)[len(scores) - k]
        top = np.flatnonzero(scores >= last)
        rows, scores = rows[top], scores[top]
    order = np.lexsort((rows, -scores))[:k]
    order = order[~np.isnan(scores[order])]
    return list(zip(rows[order].tolist(), scores[order].tolist(), strict=True))


def _slice(rows: range) -> slice:
    return slice(rows.start, rows.stop)
