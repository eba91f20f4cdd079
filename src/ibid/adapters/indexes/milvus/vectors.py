"""Vectors and tokens of a generation: Milvus finds candidates, and they are compared exactly."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from ibid.adapters.indexes.flat_index import best, inner_products
from ibid.adapters.indexes.milvus.connection import Server
from ibid.adapters.indexes.milvus.parts import Head, Parts, batches, numbers
from ibid.index import find_closest
from ibid.ports import Signs, Vectors
from ibid.storage import damaged

SENTENCES = 8
"""Vectors of sentences that a part has: those of a passage are asked for together."""

MOST = 16_384
"""Hits that Milvus returns at once."""

_SPARE = 25
"""Candidates beyond the hits that are wanted: Milvus adds up in another order than we do."""

_FEW = 1000
"""Rows that are fetched and compared here, and vectors that are fetched at once."""

_LEAST_NEAR = 200
"""Neighbours that an index of them looks at, at least."""


class MilvusVectors:
    """The vectors of the passages by row; satisfies `ibid.ports.VectorIndex`."""

    def __init__(
        self, server: Server, collection: str, count: int, dimensions: int, *, near: bool
    ) -> None:
        self._server, self._collection, self._count = server, collection, count
        self._dimensions, self._near = dimensions, near

    def __len__(self) -> int:
        return self._count

    def search(
        self, query: Vectors, k: int, rows: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return at most `k` (row, inner product) of `rows`, best first, ties by row.

        A few rows are all compared here, and more of them where Milvus found too few.
        """
        if k <= 0 or not np.isfinite(query).all() or (rows is not None and not rows):
            return []
        there = self._count if rows is None else len(rows)
        wanted = min(k + _SPARE, there)
        if there <= _FEW or wanted > MOST:
            return self._compare(query, k, rows)
        chosen = "" if rows is None else numbers("row", sorted(rows))
        near = {"ef": max(_LEAST_NEAR, wanted)} if self._near else {}
        hits = self._server.search(
            self._collection, "vector", query[0].tolist(), wanted, chosen, **near
        )
        if len(hits) < wanted:
            return self._compare(query, k, rows)
        hits.sort(key=lambda hit: hit["row"])
        vectors = np.array([hit["entity"]["vector"] for hit in hits], dtype=np.float32)
        places = np.array([hit["row"] for hit in hits], dtype=np.int64)
        return best(places, inner_products(vectors, query), k)

    def _compare(
        self, query: Vectors, k: int, rows: Collection[int] | None
    ) -> list[tuple[int, float]]:
        """Return the best of rows, each of which is compared."""
        candidates = sorted(range(self._count) if rows is None else rows)
        scores = [inner_products(self.vectors(batch), query) for batch in batches(candidates, _FEW)]
        return best(np.array(candidates, dtype=np.int64), np.concatenate(scores), k)

    def vectors(self, rows: Sequence[int] | NDArray[np.int64]) -> Vectors:
        """Return the vectors of `rows`, shape (len(rows), dimensions). Raises IndexDamaged."""
        wanted = [*map(int, rows)]
        vectors = dict[int, list[float]]()
        for strong in (False, True):  # a server may be a little behind
            missing = sorted({*wanted} - vectors.keys())
            for batch in batches(missing, _FEW):
                hits = self._server.query(
                    self._collection, numbers("row", batch), ["row", "vector"], strong=strong
                )
                vectors |= {int(hit["row"]): hit["vector"] for hit in hits}
        if missing := {*wanted} - vectors.keys():
            raise damaged(f"it has no vector of row {min(missing)}")
        if not wanted:
            return np.zeros((0, self._dimensions), dtype=np.float32)
        return np.array([vectors[row] for row in wanted], dtype=np.float32)

    def codes(self, rows: range) -> bytes:
        """Return the vectors of neighbouring rows as `RawVectorWriter` writes them."""
        return self.vectors(rows).astype("<f4").tobytes()


class MilvusSentences:
    """The vectors of the sentences by number; satisfies `ibid.ports.VectorIndex`."""

    def __init__(self, parts: Parts, head: Head, dimensions: int) -> None:
        self._parts, self._first, self._count = parts, head.first_sentence, head.sentences
        self._dimensions = dimensions

    def __len__(self) -> int:
        return self._count

    def search(
        self, query: Vectors, k: int, rows: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return at most `k` (row, inner product) of `rows`, best first; all are compared."""
        if k <= 0 or not np.isfinite(query).all() or (rows is not None and not rows):
            return []
        candidates = sorted(range(self._count) if rows is None else rows)
        scores = [inner_products(self.vectors(batch), query) for batch in batches(candidates, _FEW)]
        return best(np.array(candidates, dtype=np.int64), np.concatenate(scores), k)

    def vectors(self, rows: Sequence[int] | NDArray[np.int64]) -> Vectors:
        """Return the vectors of `rows`, shape (len(rows), dimensions)."""
        return self._read(rows).astype(np.float32)

    def codes(self, rows: range) -> bytes:
        """Return the vectors of neighbouring rows as `RawVectorWriter` writes them."""
        return self._read(rows).tobytes()

    def _read(self, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float16]:
        wanted = np.array([*map(int, rows)], dtype=np.int64)
        if wanted.size and not 0 <= wanted.min() <= wanted.max() < self._count:
            raise damaged("it has other sentences than there are vectors of")
        ids = sorted({*(self._first + wanted // SENTENCES).tolist()})
        blocks = {
            id: np.frombuffer(data, dtype="<f2").reshape(-1, self._dimensions)
            for id, data in self._parts.require(ids).items()
        }
        places = (divmod(row, SENTENCES) for row in wanted.tolist())
        vectors = [blocks[self._first + part][place] for part, place in places]
        return np.array(vectors, dtype="<f2").reshape(-1, self._dimensions)


class MilvusTokens:
    """The tokens of passages by row; satisfies `ibid.ports.TokenVectors`."""

    def __init__(self, parts: Parts, head: Head, dimensions: int) -> None:
        self._parts, self._first, self._count = parts, head.first_token, head.tokens
        self._each, self._width = head.parts_of_tokens, dimensions // 8

    def __len__(self) -> int:
        return self._count

    def lengths(self, rows: range) -> list[int]:
        """Return how many tokens each of some neighbouring rows has."""
        return [len(signs) for signs in self.signs(rows)]

    def signs(self, rows: Sequence[int]) -> list[Signs]:
        """Return the tokens of each row."""
        starts = [self._first + int(row) * self._each for row in rows]
        blocks = self._parts.require({*starts})
        more = range(1, self._each)
        blocks |= self._parts.read(sorted({start + part for start in starts for part in more}))
        joined = (
            b"".join(blocks.get(start + part, b"") for part in range(self._each))
            for start in starts
        )
        return [np.frombuffer(bits, dtype=np.uint8).reshape(-1, self._width) for bits in joined]

    def closest(self, query: Vectors, rows: Sequence[int]) -> NDArray[np.float32]:
        """Return for each row how close its closest token is to each token of the query."""
        return find_closest(self.signs(rows), query)
