"""The clusters of many vectors, as FAISS would write them; those of the last index go on.

Which vectors k-means learns from depends on each of them alone: those with the smallest keys, made
of their numbers. So an edit mostly leaves them as they were, and what was learnt of them too: only
vectors that are new are put into a cluster. The bytes are those of clusters made anew.
"""

import hashlib
import struct
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ibid.adapters.indexes.flat_index import COUNT
from ibid.ports import Vectors

_TRAINED_PER_CLUSTER = 50
_AT_ONCE = 16_384

_NO_LISTS = b"sprs" + bytes(8)
"""How FAISS ends an index of clusters that are all empty."""

Rows = NDArray[np.int64]
Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class RawVectors:
    """Vectors of 32 bits a number in files, one after the other."""

    paths: Sequence[Path]
    dimensions: int
    start: int
    """Where they begin in each file."""

    @property
    def counts(self) -> list[int]:
        """How many each file has."""
        width = 4 * self.dimensions
        return [(path.stat().st_size - self.start) // width for path in self.paths]

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(self.counts)

    def read(self, rows: Rows) -> Iterator[Vectors]:
        """Yield the vectors of rows in order, some at a time; others are not read."""
        width, first = 4 * self.dimensions, 0
        for path, count in zip(self.paths, self.counts, strict=True):
            start, stop = np.searchsorted(rows, (first, first + count)).tolist()
            if start < stop:
                shape = (count, width)
                there = np.memmap(path, np.uint8, mode="r", offset=self.start, shape=shape)
                for begin in range(start, stop, _AT_ONCE):
                    own = rows[begin : min(begin + _AT_ONCE, stop)] - first
                    yield there[own].view(np.float32)
            first += count


@dataclass(frozen=True, slots=True)
class Known:
    """The clusters of the last index."""

    index: Any
    """FAISS's own."""
    keys: Keys
    """Of each of its rows."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """The bytes of a clustered index: FAISS's header, then each cluster's codes and its rows."""

    header: bytes
    codes: NDArray[np.uint8]
    """One per row, on the disk."""
    lists: NDArray[np.uint16]
    """The cluster of each row."""
    keys: Keys
    """Of each row."""

    def __iter__(self) -> Iterator[bytes]:
        sizes = np.bincount(self.lists, minlength=1)
        yield self.header
        rows = np.argsort(self.lists, kind="stable")
        for cluster in np.split(rows, np.cumsum(sizes)[:-1]):
            yield self.codes[cluster].tobytes()
            yield cluster.astype("<i8").tobytes()


def cluster(
    vectors: RawVectors, path: Path, sources: Rows | None = None, old_clusters: Known | None = None
) -> Clusters:
    """Cluster vectors; their codes go to a scratch file at `path`.

    `sources` has the row of each vector in the last index, −1 for a new one; `old_clusters` are the
    clusters of that. The same vectors give the same bytes: k-means has a fixed seed.
    """
    count = vectors.count
    before = sources if sources is not None and old_clusters else np.full(count, -1, dtype=np.int64)
    keys = _make_keys(vectors, before, old_clusters)
    learnt = _smallest(keys)
    with _one_thread():
        if old_clusters and _is_learnt(keys[learnt], old_clusters):
            index: Any = old_clusters.index
        else:
            index, before = _train(vectors, learnt), np.full(count, -1, dtype=np.int64)
        codes = np.memmap(path, dtype=np.uint8, mode="w+", shape=(count, index.code_size))
        lists = np.zeros(count, dtype=np.uint16)
        _copy(index, before, codes, lists)
        _encode(index, vectors, np.flatnonzero(before < 0), codes, lists)
    return Clusters(_header(index, lists), codes, lists, keys)


def count_clusters(vectors: int) -> int:
    """Return how many clusters so many vectors have."""
    return 1 << round(np.log2(np.sqrt(vectors)))


def _smallest(keys: Keys) -> Rows:
    """Return the rows that k-means learns from, in order: those with the smallest keys."""
    most = count_clusters(len(keys)) * _TRAINED_PER_CLUSTER
    return np.sort(np.argsort(keys, kind="stable")[:most])


def _is_learnt(keys: Keys, old_clusters: Known) -> bool:
    """Tell whether the clusters of the last index were learnt from vectors of exactly these keys.

    An article that was changed has new rows, and mostly the same vectors.
    """
    whole = len(old_clusters.keys) == old_clusters.index.ntotal
    return whole and np.array_equal(keys, old_clusters.keys[_smallest(old_clusters.keys)])


def _make_keys(vectors: RawVectors, before: Rows, old_clusters: Known | None) -> Keys:
    """Return a number for each vector, as good as drawn, and always the same."""
    salt = hashlib.shake_256(b"ibid").digest(8 * vectors.dimensions)
    factors: Keys = np.frombuffer(salt, dtype="<u8") | np.uint64(1)
    keys = np.zeros(len(before), dtype="<u8")
    if old_clusters:
        keys[before >= 0] = old_clusters.keys[before[before >= 0]]
    new, start = np.flatnonzero(before < 0), 0
    for block in vectors.read(new):
        numbers = block.view(np.uint32)
        of = np.einsum("ij,j->i", numbers, factors, dtype=np.uint64, casting="unsafe")
        keys[new[start : start + len(block)]] = of
        start += len(block)
    return keys


def _train(vectors: RawVectors, rows: Rows) -> Any:
    import faiss

    clusters = count_clusters(vectors.count)
    kind, metric = faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    quantizer, dimensions = faiss.IndexFlatIP(vectors.dimensions), vectors.dimensions
    index: Any = faiss.IndexIVFScalarQuantizer(quantizer, dimensions, clusters, kind, metric)
    index.train(np.concatenate([*vectors.read(rows)]))
    return index


def _copy(index: Any, before: Rows, codes: NDArray[np.uint8], lists: NDArray[np.uint16]) -> None:
    """Copy the codes and the clusters of the vectors that the last index has."""
    import faiss

    untyped: Any = faiss
    rows_of = np.full(index.ntotal, -1, dtype=np.int64)
    rows_of[before[before >= 0]] = np.flatnonzero(before >= 0)
    filled = range(index.nlist) if index.ntotal else ()
    for number in filled:
        size = index.invlists.list_size(number)
        there = rows_of[untyped.rev_swig_ptr(index.invlists.get_ids(number), size)]
        old = untyped.rev_swig_ptr(index.invlists.get_codes(number), size * index.code_size)
        codes[there[there >= 0]] = old.reshape(size, -1)[there >= 0]
        lists[there[there >= 0]] = number


def _encode(
    index: Any, vectors: RawVectors, rows: Rows, codes: NDArray[np.uint8], lists: NDArray[np.uint16]
) -> None:
    """Put vectors into the nearest clusters, and encode them."""
    width, start = index.coarse_code_size(), 0
    for block in vectors.read(rows):
        coded: NDArray[np.uint8] = index.sa_encode(block)
        batch = rows[start : start + len(block)]
        lists[batch], codes[batch] = _numbers(coded[:, :width]), coded[:, width:]
        start += len(block)


@contextmanager
def _one_thread() -> Generator[None]:
    """Let FAISS compute in one thread: on a busy machine, two spend more time waiting than saving.

    Waiting, they spin: over 80,000 vectors two took 1.4 s of CPU, and one takes 0.6.
    """
    import faiss

    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)


def _numbers(digits: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Return numbers whose one or two bytes are given, the lower one first."""
    whole = np.zeros((len(digits), 2), dtype=np.uint8)
    whole[:, : digits.shape[1]] = digits
    return whole.view("<u2")[:, 0]


def _header(index: Any, lists: NDArray[np.uint16]) -> bytes:
    """Return how FAISS begins the file of an index with these lists."""
    import faiss

    untyped: Any = faiss
    empty = untyped.IndexIVFScalarQuantizer(
        index.quantizer, index.d, index.nlist, index.sq.qtype, index.metric_type
    )
    empty.sq.trained, empty.is_trained = index.sq.trained, True
    data = faiss.serialize_index(empty).tobytes()
    if not data.endswith(_NO_LISTS):
        raise ValueError("FAISS ends an index in another way than it did")
    header = bytearray(data.removesuffix(_NO_LISTS))
    struct.pack_into("<q", header, COUNT, len(lists))
    sizes = np.bincount(lists, minlength=index.nlist).astype("<u8")
    return bytes(header) + b"full" + struct.pack("<Q", index.nlist) + sizes.tobytes()
