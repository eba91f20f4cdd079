"""Exact nearest neighbours by inner product, in FAISS."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ibid.errors import IndexDamaged
from ibid.ports import Vectors


def dump_vectors(vectors: Vectors) -> bytes:
    """Return a FAISS index over `vectors` as bytes; row n is the n-th vector."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    return faiss.serialize_index(index).tobytes()


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

    def search(self, query: Vectors, k: int) -> list[tuple[int, float]]:
        """Return at most `k` (row, inner product), best first, ties by row.

        FAISS pads with row −1 where it has too few, or the query is no number: those are left out.
        """
        if k <= 0 or not len(self):
            return []
        query = np.ascontiguousarray(query, dtype=np.float32)
        scores, rows = self._index.search(query, min(k + 1, len(self)))
        if scores.shape[1] > k and scores[0, k - 1] == scores[0, k] and rows[0, k] >= 0:
            # Of equal vectors FAISS takes any: get all that tie for the last place.
            below = float(np.nextafter(scores[0, k], np.float32(-np.inf)))
            _, scores, rows = (each[None] for each in self._index.range_search(query, below))
        found = [(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True)]
        return sorted((hit for hit in found if hit[0] >= 0), key=lambda hit: (-hit[1], hit[0]))[:k]

    def vectors(self, rows: Sequence[int]) -> Vectors:
        """Return the vectors of `rows`, shape (len(rows), dimensions)."""
        return self._index.reconstruct_batch(np.asarray(rows, dtype=np.int64))
