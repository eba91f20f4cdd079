"""What a build has embedded, written down as it goes: one that is interrupted loses none of it.

    head          SHA-256 of the embedder's identity
    record, …     SHA-256 of a text, the length of what follows, its vector, the signs of its tokens
                  where they were asked for, and a checksum of all that

Nothing is flushed to the disk, since only time can be lost: a record counts if its checksum fits,
and the first that does not, torn or damaged, ends the journal.
"""

import hashlib
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ibid.ports import (
    Embedder,
    EmbedderIdentity,
    Encoded,
    EncodedQuery,
    Signs,
    TokenEmbedder,
    Vectors,
)
from ibid.storage import open_file, write_all

_DIGEST, _LENGTH, _CHECK = 32, 4, 16
_LONGEST = 1 << 24
"""Bytes that are held of a text, at most: thousands of tokens."""


@contextmanager
def resume(path: Path, embedder: Embedder) -> Generator[Embedder]:
    """Give an embedder that embeds no text a second time, even when a build is interrupted.

    What it embeds goes into the journal at `path`, made when it is missing and begun anew when it
    is of another embedder. Only the build that holds the lock may. Raises OSError.
    """
    descriptor = open_file(path, os.O_RDWR | os.O_CREAT)
    try:
        journal = _Journal(descriptor, embedder.identity)
        if isinstance(embedder, TokenEmbedder):
            yield _ResumedTokens(embedder, journal)
        else:
            yield _Resumed(embedder, journal)
    finally:
        os.close(descriptor)


class _Journal:
    """The records in an open file; where each is, is held in memory, and they are not."""

    def __init__(self, descriptor: int, embedder: EmbedderIdentity) -> None:
        self._file = descriptor
        self._places: dict[bytes, tuple[int, int]] = {}
        head = hashlib.sha256(f"{embedder.digest} {embedder.dimensions}".encode()).digest()
        end = len(head)
        if os.pread(descriptor, len(head), 0) == head:
            for end, digest, length in self._whole_records(len(head)):
                self._places[digest] = end - _CHECK - length, length
            os.ftruncate(descriptor, end)
        else:
            os.ftruncate(descriptor, 0)
            write_all(descriptor, head)
        os.lseek(descriptor, 0, os.SEEK_END)

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._places

    def read(self, digest: bytes) -> bytes:
        """Return what was added for a text."""
        place, length = self._places[digest]
        return os.pread(self._file, length, place)

    def add(self, digests: Sequence[bytes], values: Sequence[bytes]) -> None:
        """Add what was found for texts, given by their digests."""
        end = os.lseek(self._file, 0, os.SEEK_END)
        records = bytearray()
        for digest, data in zip(digests, values, strict=True):
            record = digest + len(data).to_bytes(_LENGTH, "little") + data
            self._places[digest] = end + len(records) + _DIGEST + _LENGTH, len(data)
            records += record + _checksum(record)
        write_all(self._file, records)

    def _whole_records(self, start: int) -> Iterator[tuple[int, bytes, int]]:
        """Yield where each record ends, its text's digest, and the length of what it holds."""
        size = os.fstat(self._file).st_size
        while len(head := os.pread(self._file, _DIGEST + _LENGTH, start)) == _DIGEST + _LENGTH:
            length = int.from_bytes(head[_DIGEST:], "little")
            end = start + len(head) + length + _CHECK
            if end > size or length > _LONGEST:
                return
            record = os.pread(self._file, end - start, start)
            if record[-_CHECK:] != _checksum(record[:-_CHECK]):
                return
            yield end, head[:_DIGEST], length
            start = end


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
        if new := self._missing(digests):
            vectors = self._embedder.passages([texts[n] for n in new])
            self._journal.add([digests[n] for n in new], [vector.tobytes() for vector in vectors])
        return self._join([self._journal.read(digest) for digest in digests])

    def query(self, text: str) -> Vectors:
        return self._embedder.query(text)

    def _missing(self, digests: Sequence[bytes]) -> list[int]:
        return [n for n, digest in enumerate(digests) if digest not in self._journal]

    def _join(self, vectors: Sequence[bytes]) -> Vectors:
        array = np.frombuffer(b"".join(vectors), dtype=np.float32)
        return array.reshape(len(vectors), self.identity.dimensions)


class _ResumedTokens(_Resumed):
    """The same for one that tells the vectors of tokens."""

    def __init__(self, embedder: TokenEmbedder, journal: _Journal) -> None:
        super().__init__(embedder, journal)
        self._encoder = embedder

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Return the vectors of texts and the signs of their tokens."""
        digests = [_digest(f"tokens\0{text}") for text in texts]
        if new := self._missing(digests):
            encoding = self._encoder.encode([texts[n] for n in new])
            records = zip(encoding.vectors, encoding.tokens, strict=True)
            self._journal.add(
                [digests[n] for n in new],
                [vector.tobytes() + signs.tobytes() for vector, signs in records],
            )
        size = 4 * self.identity.dimensions
        data = [self._journal.read(digest) for digest in digests]
        tokens = tuple(self._signs(entry[size:]) for entry in data)
        return Encoded(self._join([entry[:size] for entry in data]), tokens)

    def encode_query(self, text: str) -> EncodedQuery:
        return self._encoder.encode_query(text)

    def _signs(self, data: bytes) -> Signs:
        return np.frombuffer(data, dtype=np.uint8).reshape(-1, self.identity.dimensions // 8)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _checksum(record: bytes) -> bytes:
    return hashlib.blake2b(record, digest_size=_CHECK).digest()
