"""Vectors and tokens of a generation: pgvector finds candidates, and they are compared exactly."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ibid.adapters.indexes.flat_index import best, inner_products
from ibid.adapters.indexes.postgresql.connection import Database
from ibid.index import find_closest
from ibid.ports import Signs, Vectors
from ibid.storage import damaged

_SPARE = 25
"""Candidates beyond the hits that are wanted: pgvector adds up in another order than we do."""

FEW = 20_000
"""Rows of which each is compared, whatever there is of neighbours."""

_MOST_NEAR = 1000
"""Candidates that neighbours are asked for; for more of them all vectors are compared."""

_EXACT = "select row, vector from {} {} order by vector <#> %s::{}, row limit %s"
_NEAR = (
    "select row, vector from vectors {} order by vector::halfvec({}) <#> %s::halfvec({}) limit %s"
)
_DIMENSIONS = """
select atttypmod from pg_attribute where attrelid = to_regclass(%s) and attname = 'vector'"""


class PostgresVectors:
    """The vectors of a table by row; satisfies `ibid.ports.VectorIndex`."""

    def __init__(
        self, database: Database, table: str, count: int, *, near: bool = False, few: int = FEW
    ) -> None:
        self._database, self._table, self._count = database, table, count
        self._select = f"select row, vector from {table}"  # noqa: S608 - the name is ours
        self._near, self._few = near, few
        self._type, numbers = ("halfvec", "<f2") if table == "sentences" else ("vector", "<f4")
        self._numbers = np.dtype(numbers)
        self._dimensions = next((number for (number,) in database.rows(_DIMENSIONS, table)), 0)

    def __len__(self) -> int:
        return self._count

    def search(
        self, query: Vectors, k: int, rows: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return at most `k` (row, inner product) of `rows`, best first, ties by row.

        A few rows are all compared. Beyond, where there is an index of neighbours, it is looked
        through until enough of `rows` are found.
        """
        if k <= 0 or not np.isfinite(query).all() or (rows is not None and not rows):
            return []
        candidates = self._candidates(query[0], k + _SPARE, rows)
        numbers = np.array([row for row, _ in candidates], dtype=np.int64)
        order = np.argsort(numbers)
        vectors = self._stack([vector for _, vector in candidates])
        return best(numbers[order], inner_products(vectors[order], query), k)

    def _candidates(
        self, query: NDArray[np.float32], wanted: int, rows: Collection[int] | None
    ) -> list[Any]:
        are_few = rows is not None and len(rows) <= max(self._few, wanted)
        if rows is None:
            chosen, values = "", []
        elif are_few:
            chosen, values = "where row = any(%s::int[])", [sorted(rows)]
        else:
            chosen, values = "where row <@ %s::int4multirange", [ranges_of(rows)]
        select = _EXACT.format(self._table, chosen, self._type)
        if self._near and wanted <= _MOST_NEAR and not are_few:
            select = _NEAR.format(chosen, self._dimensions, self._dimensions)
        return self._database.rows(select, *values, query, wanted)

    def vectors(self, rows: Sequence[int] | NDArray[np.int64]) -> Vectors:
        """Return the vectors of `rows`, shape (len(rows), dimensions)."""
        return self._read(rows).astype(np.float32, copy=False)

    def codes(self, rows: range) -> bytes:
        """Return the vectors of neighbouring rows as `RawVectorWriter` writes them."""
        return self._read(rows).tobytes()

    def _read(self, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[Any]:
        """Return the vectors of rows as they are kept."""
        vectors = read_rows(self._database, self._select, rows)
        return self._stack(vectors)

    def _stack(self, vectors: Sequence[Any]) -> NDArray[Any]:
        if not vectors:
            return np.zeros((0, self._dimensions), dtype=self._numbers)
        return np.stack([vector.to_numpy() for vector in vectors]).astype(self._numbers)


class PostgresTokens:
    """The tokens of passages by row; satisfies `ibid.ports.TokenVectors`."""

    def __init__(self, database: Database, count: int, dimensions: int) -> None:
        self._database, self._count, self._width = database, count, dimensions // 8

    def __len__(self) -> int:
        return self._count

    def lengths(self, rows: range) -> list[int]:
        """Return how many tokens each of some neighbouring rows has."""
        return [len(signs) for signs in self.signs(rows)]

    def signs(self, rows: Sequence[int]) -> list[Signs]:
        """Return the tokens of each row."""
        cells = read_rows(self._database, "select row, signs from tokens", rows)
        return [np.frombuffer(cell, dtype=np.uint8).reshape(-1, self._width) for cell in cells]

    def closest(self, query: Vectors, rows: Sequence[int]) -> NDArray[np.float32]:
        """Return for each row how close its closest token is to each token of the query."""
        return find_closest(self.signs(rows), query)


def read_rows(
    database: Database, select: str, rows: Sequence[int] | NDArray[np.int64]
) -> list[Any]:
    """Return what a table has for each of some rows, in their order. Raises IndexDamaged."""
    wanted = [*map(int, rows)]
    if isinstance(rows, range):
        condition, values = "row >= %s and row < %s", [rows.start, rows.stop]
    else:
        condition, values = "row = any(%s::int[])", [wanted]
    cells = dict(database.rows(f"{select} where {condition}", *values)) if wanted else {}
    if missing := set(wanted) - cells.keys():
        raise damaged(f"it has no row {min(missing)}")
    return [cells[row] for row in wanted]


def ranges_of(rows: Collection[int]) -> str:
    """Return rows as PostgreSQL writes ranges of them: those of an article lie side by side."""
    ordered = np.unique(np.fromiter(rows, dtype=np.int64, count=len(rows)))
    breaks = np.flatnonzero(np.diff(ordered) > 1) + 1
    bounds = pairwise([0, *breaks.tolist(), len(ordered)])
    ranges = (f"[{ordered[start]},{ordered[stop - 1] + 1})" for start, stop in bounds)
    return f"{{{','.join(ranges)}}}"
