"""Vectors in FAISS's own files, and the search over more of them than an exact one can do."""

import os
import struct
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ibid.adapters.indexes.flat_index import COUNT, FlatIndex, best, inner_products
from ibid.errors import IndexUnusable
from ibid.ports import Files, StoredFile, Vectors
from ibid.storage import FileBlocks, PartsWriter, damaged, open_file, unreadable

MOST_EXACT = 50_000
"""Vectors that are all compared with a question: 75 MB in memory, 4 ms. Beyond, they are clustered
by k-means, and only the clusters nearest to the question are looked at."""

CLUSTERED = ".ivf"
"""Suffix of the file with the clusters, beside that of the vectors."""

_PROBES = 32
_SPARE = 25
"""Candidates that are compared exactly beyond the hits that are wanted: the clusters have 8 bits a
number, which puts few of them in another order."""

_FEW = 20_000
"""Rows of which each is compared, instead of looking for them in the clusters."""

_TRAINED_PER_CLUSTER = 50
_AT_ONCE = 16_384

_NO_LISTS = b"sprs" + bytes(8)
"""How FAISS ends an index of clusters that are all empty."""


class FaissWriter:
    """Writes a FAISS index for each volume block by block; row n is the n-th vector of all.

    FAISS itself writes an index that is in memory as a whole. Here the codes of the vectors go to a
    scratch file behind FAISS's own header, and `files` puts their number there. `half` keeps 16
    bits a number: half the room, and cosines that differ by less than 0.001; nothing searches
    those, so they are not clustered.
    """

    def __init__(self, path: Path, dimensions: int, *, half: bool = False) -> None:
        import faiss

        kind, metric = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        self._empty: Any = (
            faiss.IndexScalarQuantizer(dimensions, kind, metric)
            if half
            else faiss.IndexFlatIP(dimensions)
        )
        self._head = bytes(faiss.serialize_index(self._empty))
        self._path, self._half = path, half
        self._parts = PartsWriter(path)

    def add(self, vectors: Vectors) -> None:
        """Add vectors, shape (n, dimensions)."""
        codes = self._empty.sa_encode(np.ascontiguousarray(vectors, dtype=np.float32))
        self.add_codes(codes.tobytes())

    def add_codes(self, codes: bytes) -> None:
        """Add vectors that an index of the same kind has: they stay as they are, to the bit."""
        self._parts.append(codes)

    def begin(self) -> None:
        """Begin the next volume."""
        self._parts.begin(self._head)

    def take(self, vectors: StoredFile) -> None:
        """Take a volume of the last index as it is."""
        self._parts.take(vectors)

    def files(self) -> Files:
        """Return the files of the index, each of them one of FAISS; nothing is added afterwards."""
        parts = self._parts.files()
        for file in parts.values():
            if isinstance(file, FileBlocks):
                self._count(file.path)
        paths = [file.path for file in parts.values()]
        raw = RawVectors(paths, self._empty.d, len(self._head))
        if self._half or raw.count <= MOST_EXACT:
            return parts
        clustered = self._path.with_suffix(CLUSTERED)
        return {**parts, clustered.name: cluster(raw, clustered)}

    def _count(self, path: Path) -> None:
        """Put how many vectors there are into the header of a scratch file."""
        import faiss

        header, codes = bytearray(self._head), path.stat().st_size - len(self._head)
        is_flat = isinstance(self._empty, faiss.IndexFlat)
        struct.pack_into("<q", header, COUNT, codes // self._empty.sa_code_size())
        struct.pack_into("<Q", header, len(header) - 8, codes // 4 if is_flat else codes)
        with path.open("r+b") as file:
            file.write(header)


@dataclass(frozen=True, slots=True)
class RawVectors:
    """Vectors of 32 bits a number in files, one after the other."""

    paths: Sequence[Path]
    dimensions: int
    start: int
    """Where they begin in each file."""

    @property
    def count(self) -> int:
        """How many there are."""
        sizes = (path.stat().st_size - self.start for path in self.paths)
        return sum(size // (4 * self.dimensions) for size in sizes)

    def blocks(self) -> Iterator[Vectors]:
        """Yield the vectors in order."""
        size = _AT_ONCE * self.dimensions
        for path in self.paths:
            with path.open("rb") as file:
                file.seek(self.start)
                while len(block := np.fromfile(file, dtype=np.float32, count=size)):
                    yield block.reshape(-1, self.dimensions)

    def every(self, step: int) -> Vectors:
        """Return every `step`-th vector."""
        start, taken = 0, list[Vectors]()
        for block in self.blocks():
            taken.append(block[-start % step :: step].copy())
            start += len(block)
        return np.concatenate(taken)


@dataclass(frozen=True, slots=True)
class Clusters:
    """The bytes of a clustered index: FAISS's header, then each cluster's codes and its rows."""

    header: bytes
    codes: NDArray[np.uint8]
    """One per row, on the disk."""
    lists: NDArray[np.uint16]
    """The cluster of each row."""

    def __iter__(self) -> Iterator[bytes]:
        sizes = np.bincount(self.lists, minlength=1)
        yield self.header
        rows = np.argsort(self.lists, kind="stable")
        for cluster in np.split(rows, np.cumsum(sizes)[:-1]):
            yield self.codes[cluster].tobytes()
            yield cluster.astype("<i8").tobytes()


def cluster(vectors: RawVectors, path: Path) -> Clusters:
    """Cluster vectors; their codes go to a scratch file at `path`.

    The same vectors give the same bytes: k-means has a fixed seed, and learns from every n-th
    vector.
    """
    with _one_thread():
        index, lists = _train(vectors), list[NDArray[np.uint16]]()
        width = index.coarse_code_size()
        with path.open("wb") as file:
            for block in vectors.blocks():
                coded: NDArray[np.uint8] = index.sa_encode(block)
                lists.append(_numbers(coded[:, :width]))
                file.write(coded[:, width:].tobytes())
    codes = np.memmap(path, dtype=np.uint8, mode="r", shape=(vectors.count, index.code_size))
    of = np.concatenate(lists)
    return Clusters(_clustered_header(index, of), codes, of)


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


def _train(vectors: RawVectors) -> Any:
    import faiss

    clusters = 1 << round(np.log2(np.sqrt(vectors.count)))
    kind, metric = faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    quantizer, dimensions = faiss.IndexFlatIP(vectors.dimensions), vectors.dimensions
    index: Any = faiss.IndexIVFScalarQuantizer(quantizer, dimensions, clusters, kind, metric)
    index.train(vectors.every(-(-vectors.count // (clusters * _TRAINED_PER_CLUSTER))))
    return index


def _clustered_header(index: Any, lists: NDArray[np.uint16]) -> bytes:
    import faiss

    empty = faiss.serialize_index(index).tobytes()
    if not empty.endswith(_NO_LISTS):
        raise ValueError("FAISS ends an index in another way than it did")
    header = bytearray(empty.removesuffix(_NO_LISTS))
    struct.pack_into("<q", header, COUNT, len(lists))
    sizes = np.bincount(lists, minlength=index.nlist).astype("<u8")
    return bytes(header) + b"full" + struct.pack("<Q", index.nlist) + sizes.tobytes()


class ClusteredIndex:
    """Many vectors: FAISS finds candidates in the nearest clusters, and they are compared exactly.

    The file of the clusters has been verified; FAISS maps it into memory.
    """

    def __init__(self, exact: FlatIndex, path: Path) -> None:
        import faiss

        self._exact = exact
        try:
            self._index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP)
        except (RuntimeError, MemoryError) as error:  # which of them, junk decides
            raise _unreadable(path) from error
        kind: Any = faiss.IndexIVFScalarQuantizer
        if not isinstance(self._index, kind) or (self._index.ntotal, self._index.d) != exact.shape:
            raise damaged("the clusters have other vectors")
        lists: Any = faiss.downcast_InvertedLists(self._index.invlists)
        lists.prefetch_nthread = 0  # threads that each search starts, to read ahead of itself

    def __len__(self) -> int:
        return len(self._exact)

    def search(
        self, query: Vectors, k: int, rows: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return at most `k` (row, inner product) of `rows`, best first, ties by row.

        FAISS pads with row −1 where it has too few, or the query is no number: those are left out.
        """
        if k <= 0:
            return []
        if rows is not None and len(rows) <= max(_FEW, k + _SPARE):
            return self._exact.search(query, k, rows)
        asked, wanted = np.ascontiguousarray(query, dtype=np.float32), min(k + _SPARE, len(self))
        try:
            _, places = self._index.search(asked, wanted, params=self._parameters(rows))
        except RuntimeError as error:
            raise damaged("the clusters of the vector index cannot be searched") from error
        found = np.sort(places[0][places[0] >= 0])
        return best(found, inner_products(self.vectors(found), query), k)

    @property
    def shape(self) -> tuple[int, int]:
        """How many vectors there are, and of how many numbers each."""
        return self._exact.shape

    def vectors(self, rows: Sequence[int] | NDArray[np.int64]) -> Vectors:
        """Return the vectors of `rows`, shape (len(rows), dimensions)."""
        return self._exact.vectors(rows)

    def codes(self, rows: range) -> bytes:
        """Return the vectors of neighbouring rows as they stand in the file."""
        return self._exact.codes(rows)

    def _parameters(self, rows: Collection[int] | None) -> Any:
        """Return where to look: in the nearest clusters, or for some rows in all of them."""
        import faiss

        untyped: Any = faiss
        if rows is None:
            return untyped.SearchParametersIVF(nprobe=min(_PROBES, self._index.nlist))
        allowed = np.zeros(len(self), dtype=bool)
        allowed[np.fromiter(rows, dtype=np.int64, count=len(rows))] = True
        bits = np.packbits(allowed, bitorder="little")
        return untyped.SearchParametersIVF(
            sel=untyped.IDSelectorBitmap(bits), nprobe=self._index.nlist
        )


def _unreadable(path: Path) -> IndexUnusable:
    """Return the error for clusters that FAISS cannot read: it tells no junk from trouble."""
    try:
        os.close(open_file(path))
    except OSError as error:
        return unreadable(path.name, error)
    return damaged("the clusters of the vector index cannot be read")
