"""What a build writes on its way to a server: raw numbers, in scratch files."""

from pathlib import Path

import numpy as np

from ibid.ports import Files, StoredFile, VectorIndex, Vectors
from ibid.storage import FileBlocks


class RawVectorWriter:
    """Writes vectors one behind the other, 16 or 32 bits a number; row n is the n-th vector."""

    def __init__(self, path: Path, dimensions: int, *, half: bool = False) -> None:  # noqa: ARG002
        self._path, self._numbers = path, np.dtype("<f2" if half else "<f4")
        path.touch(mode=0o600)

    def add(self, vectors: Vectors) -> None:
        """Add vectors, shape (n, dimensions)."""
        self._append(vectors.astype(self._numbers).tobytes())

    def add_codes(self, codes: bytes, rows: range) -> None:  # noqa: ARG002
        """Add vectors that the last generation has in these rows."""
        self._append(codes)

    def begin(self) -> None:
        """Do nothing: a generation is one volume."""

    def take(self, vectors: StoredFile, rows: range) -> None:  # noqa: ARG002
        """Refuse a file: a generation on a server has none."""
        raise TypeError(f"{vectors.path} is no part of an index on a server")

    def files(self, last: VectorIndex | None = None) -> Files:  # noqa: ARG002
        """Return the file."""
        return {self._path.name: FileBlocks(self._path)}

    def _append(self, data: bytes) -> None:
        with self._path.open("ab") as file:
            file.write(data)


class NoWords:
    """Writes nothing: the stems of passages are in the corpus already."""

    def __init__(self, folder: Path) -> None:
        pass

    def add(self, stems: str) -> None:
        """Take no notice of the next row."""

    def files(self) -> Files:
        """Return no file."""
        return {}
