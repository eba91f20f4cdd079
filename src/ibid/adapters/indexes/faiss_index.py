"""Vectors in FAISS's own files, and the search over more of them than an exact one can do."""

import os
import struct
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ibid.adapters.indexes.clusters import Known, RawVectors, cluster
from ibid.adapters.indexes.flat_index import COUNT, FlatIndex, best, inner_products
from ibid.errors import IndexUnusable
from ibid.ports import Files, StoredFile, VectorIndex, Vectors
from ibid.storage import FileBlocks, KeptFile, PartsWriter, damaged, open_file, unreadable

MOST_EXACT = 50_000
"""Vectors that are all compared with a question: 75 MB in memory, 4 ms. Beyond, they are clustered
by k-means, and only the clusters nearest to the question are looked at."""

CLUSTERED, KEYS = ".ivf", ".keys"
"""Suffixes of the files with the clusters and with the keys of the vectors, beside these."""

_PROBES = 32
_SPARE = 25
"""Candidates that are compared exactly beyond the hits that are wanted: the clusters have 8 bits a
number, which puts few of them in another order."""

_FEW = 20_000
"""Rows of which each is compared, instead of looking for them in the clusters."""


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
        self._sources: list[NDArray[np.int64]] = []

    def add(self, vectors: Vectors) -> None:
        """Add vectors, shape (n, dimensions)."""
        codes = self._empty.sa_encode(np.ascontiguousarray(vectors, dtype=np.float32))
        self._parts.append(codes.tobytes())
        self._sources.append(np.full(len(vectors), -1, dtype=np.int64))

    def add_codes(self, codes: bytes, rows: range) -> None:
        """Add vectors that the last index has in these rows: they stay as they are, to the bit."""
        self._parts.append(codes)
        self._sources.append(np.arange(rows.start, rows.stop))

    def begin(self) -> None:
        """Begin the next volume."""
        self._parts.begin(self._head)

    def take(self, vectors: StoredFile, rows: range) -> None:
        """Take a volume of the last index as it is, which has these rows there."""
        self._parts.take(vectors)
        self._sources.append(np.arange(rows.start, rows.stop))

    def files(self, last: VectorIndex | None = None) -> Files:
        """Return the files of the index, each of them one of FAISS; nothing is added afterwards.

        `last` is the index that rows were taken from.
        """
        parts = self._parts.files()
        for file in parts.values():
            if isinstance(file, FileBlocks):
                self._count(file.path)
        paths = [file.path for file in parts.values()]
        raw = RawVectors(paths, self._empty.d, len(self._head))
        if self._half or raw.count <= MOST_EXACT:
            return parts
        old_clusters = last.known() if isinstance(last, ClusteredIndex) else None
        path = self._path.with_suffix(CLUSTERED)
        clusters = cluster(raw, path, np.concatenate(self._sources), old_clusters)
        keys = [clusters.keys.tobytes()]
        return {**parts, path.name: clusters, path.with_suffix(KEYS).name: keys}

    def _count(self, path: Path) -> None:
        """Put how many vectors there are into the header of a scratch file."""
        import faiss

        header, codes = bytearray(self._head), path.stat().st_size - len(self._head)
        is_flat = isinstance(self._empty, faiss.IndexFlat)
        struct.pack_into("<q", header, COUNT, codes // self._empty.sa_code_size())
        struct.pack_into("<Q", header, len(header) - 8, codes // 4 if is_flat else codes)
        with path.open("r+b") as file:
            file.write(header)


class ClusteredIndex:
    """Many vectors: FAISS finds candidates in the nearest clusters, and they are compared exactly.

    The file of the clusters has been verified; FAISS maps it into memory.
    """

    def __init__(self, exact: FlatIndex, file: KeptFile, keys: KeptFile | None = None) -> None:
        import faiss

        self._exact, self._file, self._keys = exact, file, keys
        path = file.path
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

    def known(self) -> Known | None:
        """Return what the next index can go on with, None where its keys are not there.

        What it copies gets new digests, so the file is verified. Raises IndexDamaged.
        """
        if not self._keys:
            return None
        self._file.open().verify()
        return Known(self._index, np.frombuffer(b"".join(self._keys), dtype="<u8"))

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
        queries, wanted = np.ascontiguousarray(query, dtype=np.float32), min(k + _SPARE, len(self))
        try:
            _, places = self._index.search(queries, wanted, params=self._parameters(rows))
        except RuntimeError as error:
            raise damaged("the clusters of the vector index cannot be searched") from error
        candidates = np.sort(places[0][places[0] >= 0])
        return best(candidates, inner_products(self.vectors(candidates), query), k)

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
