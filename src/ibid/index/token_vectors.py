"""The tokens of the passages, one bit per number: what late interaction compares a question with.

    tokens.starts     where the tokens of each passage begin, and where the last end; 8 bytes each
    tokens.signs      a row of bits per token: set where a number of the token's vector is positive

Khattab and Zaharia (2020) keep whole vectors. Their signs alone rank as well (docs/decisions).
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ibid.ports import Files, Signs, StoredFile, Vectors
from ibid.storage import FileBlocks, PartsWriter, Readable, damaged

STARTS, SIGNS = "tokens.starts", "tokens.signs"

_START = np.dtype("<i8")
_AT_ONCE = 512
"""Tokens that are unpacked together: their numbers stay in the cache until they are multiplied."""


class TokenWriter:
    """Writes the tokens of passages to scratch files in a folder; row n is the n-th passage."""

    def __init__(self, folder: Path) -> None:
        self._starts, self._end = folder / STARTS, 0
        self._signs = PartsWriter(folder / SIGNS)
        self._starts.write_bytes(bytes(_START.itemsize))

    def add(self, passages: Iterable[Signs]) -> None:
        """Add the next passages."""
        added = list(passages)
        if not added:
            return
        self._count([len(signs) for signs in added])
        self._signs.append(np.concatenate(added).tobytes())

    def begin(self) -> None:
        """Begin the next volume."""
        self._signs.begin()

    def take(self, signs: StoredFile, lengths: Sequence[int]) -> None:
        """Take a volume of the last index, whose passages have so many tokens."""
        self._count(lengths)
        self._signs.take(signs)

    def _count(self, lengths: Sequence[int]) -> None:
        ends = self._end + np.cumsum(lengths, dtype=_START)
        self._end = int(ends[-1])
        with self._starts.open("ab") as file:
            file.write(ends.tobytes())

    def files(self) -> Files:
        """Return the files; nothing is added afterwards."""
        return {STARTS: FileBlocks(self._starts), **self._signs.files()}


class TokenIndex:
    """The tokens of passages by row, read from files whose blocks are verified as they are used."""

    def __init__(self, starts: Readable, signs: Readable, dimensions: int) -> None:
        self._signs, self._width = signs, dimensions // 8
        data = starts.read(0, starts.size)
        whole = len(data) // _START.itemsize * _START.itemsize
        self._starts: NDArray[np.int64] = np.frombuffer(data[:whole], dtype=_START)
        last = int(self._starts[-1]) if whole else -1
        in_order = whole == len(data) and not self._starts[:1].any()
        if not in_order or (np.diff(self._starts) < 0).any() or last * self._width != signs.size:
            raise damaged("the tokens of the passages are not as they are written")

    def __len__(self) -> int:
        return len(self._starts) - 1

    def lengths(self, rows: range) -> list[int]:
        """Return how many tokens each of some neighbouring rows has."""
        return np.diff(self._starts[rows.start : rows.stop + 1]).tolist()

    def signs(self, rows: Sequence[int]) -> list[Signs]:
        """Return the tokens of each row; those of a range are read together."""
        if isinstance(rows, range) and rows.step == 1 and len(rows):
            starts = self._starts[rows.start : rows.stop + 1]
            together = self._read(int(starts[0]), int(starts[-1]))
            return np.split(together, starts[1:-1] - starts[0])
        return [self._read(*self._starts[row : row + 2].tolist()) for row in rows]

    def closest(self, query: Vectors, rows: Sequence[int]) -> NDArray[np.float32]:
        """Return for each row how close its closest token is to each token of the query."""
        return find_closest(self.signs(rows), query)

    def _read(self, start: int, end: int) -> Signs:
        data = self._signs.read(start * self._width, (end - start) * self._width)
        return np.frombuffer(data, dtype=np.uint8).reshape(end - start, self._width)


def find_closest(passages: Sequence[Signs], query: Vectors) -> NDArray[np.float32]:
    """Return for each passage how close its closest token is to each token of the query.

    Shape (len(passages), len(query)), from -1 to 1: the cosine to the token's signs.
    """
    if not passages:
        return np.zeros((0, len(query)), dtype=np.float32)
    starts = np.cumsum([0, *(len(signs) for signs in passages[:-1])])
    return np.maximum.reduceat(_cosines(np.concatenate(passages), query), starts, axis=0)


def _cosines(signs: Signs, query: Vectors) -> NDArray[np.float32]:
    """Return the cosine of each token's signs to each token of the query."""
    unit = query.T / np.float32(query.shape[1]) ** 0.5
    products = np.empty((len(signs), len(query)), dtype=np.float32)
    for start in range(0, len(signs), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        products[part] = np.unpackbits(signs[part], axis=1).astype(np.float32) @ unit
    return 2 * products - unit.sum(axis=0)  # (2 · bits − 1) · q
