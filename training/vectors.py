"""The embedder's own vectors of many texts, worked out once: where the reader starts from."""

import pickle
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ibid.adapters.embedders.minilm import MiniLM

Floats = NDArray[np.float32]


class Vectors:
    """The vectors of texts, kept in a file beside the data."""

    def __init__(self, path: Path) -> None:
        self._path, self._embedder = path, MiniLM()
        self._found: dict[str, NDArray[np.float16]] = {}
        if path.exists():
            with path.open("rb") as file:
                texts, rows = pickle.load(file)  # noqa: S301 - we wrote it
            self._found = dict(zip(texts, rows, strict=True))

    def add(self, texts: Iterable[str]) -> None:
        """Work out the vectors of those texts that have none yet."""
        new = sorted({t for t in texts if t not in self._found}, key=lambda t: (-len(t), t))
        for start in range(0, len(new), 4096):
            some = new[start : start + 4096]
            rows = self._embedder.passages(some).astype(np.float16)
            self._found |= zip(some, rows, strict=True)

    def keep(self) -> None:
        """Keep the vectors in the file."""
        with self._path.open("wb") as file:
            pickle.dump((list(self._found), np.stack(list(self._found.values()))), file)

    def of(self, texts: Sequence[str]) -> Floats:
        """Return the vectors of texts that were added."""
        return np.stack([self._found[text] for text in texts]).astype(np.float32)
