"""What a build wrote in scratch files, read for a server that takes it over."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ibid.adapters.indexes.bm25 import factor_of
from ibid.index import SIGNS, STARTS, Corpus, open_volumes
from ibid.ports import Files
from ibid.storage import FileBlocks, part_name

_AT_ONCE = 4096


class DraftFiles:
    """The files of a build: the corpus, vectors one behind the other, and bits of tokens."""

    def __init__(self, files: Files, dimensions: int) -> None:
        self._dimensions = dimensions
        self._paths = {
            name: file.path for name, file in files.items() if isinstance(file, FileBlocks)
        }
        self.volumes = self._parts("corpus.sqlite")
        """The files of the corpus, in order."""
        self.corpus = Corpus(*open_volumes(self.volumes))

    def vectors(self) -> Iterator[tuple[int, Any]]:
        """Yield the vector of each passage with its row."""
        return self._read("passages.faiss", "<f4")

    def sentences(self) -> Iterator[tuple[int, Any]]:
        """Yield the vector of each sentence with its row, 16 bits a number."""
        return self._read("sentences.faiss", "<f2")

    def _read(self, name: str, numbers: str) -> Iterator[tuple[int, Any]]:
        row, size = 0, np.dtype(numbers).itemsize * self._dimensions
        with self._paths[name].open("rb") as file:
            while data := file.read(_AT_ONCE * size):
                for vector in np.frombuffer(data, dtype=numbers).reshape(-1, self._dimensions):
                    yield row, vector
                    row += 1

    def tokens(self) -> Iterator[tuple[int, bytes]]:
        """Yield the bits of each passage's tokens with its row, none where no token was kept."""
        parts, width = self._parts(SIGNS), self._dimensions // 8
        rows = enumerate(self._lengths() if parts else ())
        for part in parts:
            with part.open("rb") as file:
                remaining = part.stat().st_size
                while remaining:
                    row, length = next(rows)
                    yield row, file.read(length * width)
                    remaining -= length * width

    def _lengths(self) -> list[int]:
        """Return how many tokens each passage has."""
        return np.diff(np.fromfile(self._paths[STARTS], dtype="<i8")).tolist()

    def _parts(self, name: str) -> list[Path]:
        """Return a file in each volume that was written, in order."""
        numbered = (part_name(name, number) for number in range(len(self._paths)))
        return [self._paths[part] for part in numbered if part in self._paths]


@dataclass(frozen=True, slots=True)
class Postings:
    """The terms of a corpus, and what each adds to a passage."""

    rows_of: Mapping[str, int]
    """How many passages have each term, in the order of the terms: its place is its number."""
    average: float
    """Stems of a passage."""

    def of(self, stems: list[str], ids: Mapping[str, int]) -> Iterator[tuple[int, float]]:
        """Yield the number of each term of a passage, and its factor."""
        for term, count in Counter(stems).items():
            yield ids[term], factor_of(count, len(stems), self.average)

    def ids(self) -> dict[str, int]:
        """Return the numbers of the terms."""
        return {term: id for id, term in enumerate(self.rows_of)}


def count_terms(corpus: Corpus) -> Postings:
    """Return the terms of the passages of a corpus."""
    rows_of, words, passages = Counter[str](), 0, 0
    for stems in corpus.stems():
        rows_of.update(set(stems))
        words += len(stems)
        passages += 1
    return Postings({term: rows_of[term] for term in sorted(rows_of)}, words / max(passages, 1))
