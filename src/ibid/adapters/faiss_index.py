"""Exact nearest neighbours by inner product, in FAISS."""

import struct
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ibid.errors import IndexDamaged
from ibid.ports import Vectors
from ibid.writing import FileBlocks

_COUNT = 8
"""Where a serialised FAISS index has the number of its vectors; their codes come last, with their
length before them."""


class FaissWriter:
    """Writes a FAISS index block by block; row n is the n-th vector.

    FAISS itself writes an index that is in memory as a whole. Here only the codes of the vectors
    go to a scratch file, and `blocks` puts FAISS's own header before them. `half` keeps 16 bits a
    number: half the room, and cosines that differ by less than 0.001.
    """

    def __init__(self, path: Path, dimensions: int, *, half: bool = False) -> None:
        import faiss

        kind, metric = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        self._empty: Any = (
            faiss.IndexScalarQuantizer(dimensions, kind, metric)
            if half
            else faiss.IndexFlatIP(dimensions)
        )
        self._count, self._path = 0, path
        path.touch(mode=0o600)

    def add(self, vectors: Vectors) -> None:
        """Add vectors, shape (n, dimensions)."""
        codes = self._empty.sa_encode(np.ascontiguousarray(vectors, dtype=np.float32))
        with self._path.open("ab") as file:
            file.write(codes.tobytes())
        self._count += len(vectors)

    def blocks(self) -> FileBlocks:
        """Return the bytes of the index; nothing is added afterwards."""
        return FileBlocks(self._path, self._header())

    def _header(self) -> bytes:
        import faiss

        header = bytearray(faiss.serialize_index(self._empty).tobytes())
        codes = self._count * self._empty.sa_code_size()
        is_flat = isinstance(self._empty, faiss.IndexFlat)
        struct.pack_into("<q", header, _COUNT, self._count)
        struct.pack_into("<Q", header, len(header) - 8, codes // 4 if is_flat else codes)
        return bytes(header)


class FaissIndex:
    """A FAISS index that was read from bytes whose digest had been verified."""

    def __init__(self, data: bytes) -> None:
        import faiss

        try:
            self._index: Any = faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))
        except RuntimeError as error:
            raise IndexDamaged("the vector index cannot be read", hint="ibid build") from error

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(
        self, query: Vectors, k: int, rows: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return at most `k` (row, inner product) of `rows`, best first, ties by row.

        FAISS pads with row −1 where it has too few, or the query is no number: those are left out.
        """
        if k <= 0 or not len(self):
            return []
        query = np.ascontiguousarray(query, dtype=np.float32)
        only = None if rows is None else _only(rows)
        scores, places = self._index.search(query, min(k + 1, len(self)), params=only)
        if scores.shape[1] > k and scores[0, k - 1] == scores[0, k] and places[0, k] >= 0:
            # Of equal vectors FAISS takes any: get all that tie for the last place.
            below = float(np.nextafter(scores[0, k], np.float32(-np.inf)))
            found = self._index.range_search(query, below, params=only)
            _, scores, places = (each[None] for each in found)
        found = [(int(row), float(score)) for row, score in zip(places[0], scores[0], strict=True)]
        return sorted((hit for hit in found if hit[0] >= 0), key=lambda hit: (-hit[1], hit[0]))[:k]

    def vectors(self, rows: Sequence[int]) -> Vectors:
        """Return the vectors of `rows`, shape (len(rows), dimensions)."""
        return self._index.reconstruct_batch(np.asarray(rows, dtype=np.int64))


def _only(rows: Collection[int]) -> Any:
    import faiss

    ids = np.fromiter(rows, dtype=np.int64, count=len(rows))
    untyped: Any = faiss
    return untyped.SearchParameters(sel=untyped.IDSelectorBatch(ids))
