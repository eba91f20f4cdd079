"""What a build has embedded, written down as it goes: one that is interrupted loses none of it.

    head          SHA-256 of the embedder's identity
    record, …     SHA-256 of a text, its vector, and a checksum of both

Nothing is flushed to the disk, since only time can be lost: a record counts if its checksum fits,
and the first that does not, torn or damaged, ends the journal.
"""

import hashlib
import json
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np

from ibid.ports import Embedder, EmbedderIdentity, Vectors
from ibid.writing import write_all

_DIGEST, _CHECK = 32, 16


@contextmanager
def resume(path: Path, embedder: Embedder) -> Generator[Embedder]:
    """Give an embedder that embeds no text a second time, even when a build is interrupted.

    What it embeds goes into the journal at `path`, made when it is missing and begun anew when it
    is of another embedder. Only the build that holds the lock may. Raises OSError.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        yield _Resumed(embedder, _Journal(descriptor, embedder.identity))
    finally:
        os.close(descriptor)


class _Journal:
    """The vectors in an open file; where each is, is held in memory, and they are not."""

    def __init__(self, descriptor: int, embedder: EmbedderIdentity) -> None:
        self._file = descriptor
        self._vector = 4 * embedder.dimensions
        self._places: dict[bytes, int] = {}
        head = hashlib.sha256(json.dumps(asdict(embedder)).encode()).digest()
        end = len(head)
        if os.pread(descriptor, len(head), 0) == head:
            for end, digest in self._whole_records(len(head)):
                self._places[digest] = end - self._vector - _CHECK
            os.ftruncate(descriptor, end)
        else:
            os.ftruncate(descriptor, 0)
            write_all(descriptor, head)
        os.lseek(descriptor, 0, os.SEEK_END)

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._places

    def vectors(self, digests: Sequence[bytes]) -> Vectors:
        """Return the vectors of texts that are in it."""
        found = [os.pread(self._file, self._vector, self._places[digest]) for digest in digests]
        return np.frombuffer(b"".join(found), dtype="<f4").reshape(len(found), self._vector // 4)

    def add(self, digests: Sequence[bytes], vectors: Vectors) -> None:
        """Add the vectors of texts, given by their digests."""
        end = os.lseek(self._file, 0, os.SEEK_END)
        records = bytearray()
        for digest, vector in zip(digests, vectors.astype("<f4"), strict=True):
            record = digest + vector.tobytes()
            self._places[digest] = end + len(records) + len(digest)
            records += record + _checksum(record)
        write_all(self._file, records)

    def _whole_records(self, start: int) -> Iterator[tuple[int, bytes]]:
        """Yield where each record ends, and its text's digest."""
        length = _DIGEST + self._vector + _CHECK
        while len(record := os.pread(self._file, length, start)) == length:
            if record[-_CHECK:] != _checksum(record[:-_CHECK]):
                return
            start += length
            yield start, record[:_DIGEST]


class _Resumed:
    """An embedder with a journal."""

    def __init__(self, embedder: Embedder, journal: _Journal) -> None:
        self._embedder, self._journal = embedder, journal

    @property
    def identity(self) -> EmbedderIdentity:
        return self._embedder.identity

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text, from the journal where it has them."""
        digests = [_digest(text) for text in texts]
        new = [n for n, digest in enumerate(digests) if digest not in self._journal]
        if new:
            vectors = self._embedder.passages([texts[n] for n in new])
            self._journal.add([digests[n] for n in new], vectors)
        return self._journal.vectors(digests)

    def query(self, text: str) -> Vectors:
        return self._embedder.query(text)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _checksum(record: bytes) -> bytes:
    return hashlib.blake2b(record, digest_size=_CHECK).digest()
