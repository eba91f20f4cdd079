"""What a build wrote, put into the collections of a new generation."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ibid.adapters.indexes.drafts import DraftFiles, count_terms
from ibid.adapters.indexes.milvus.collections import (
    Names,
    create_parts,
    create_passages,
    open_parts,
    open_passages,
)
from ibid.adapters.indexes.milvus.connection import LONG, Server
from ibid.adapters.indexes.milvus.parts import FilePlace, Head, cut, cut_file, encode
from ibid.adapters.indexes.milvus.vectors import SENTENCES
from ibid.adapters.indexes.milvus.words import NOTHING, write_terms
from ibid.adapters.indexes.served import Draft
from ibid.errors import IbidError, temporary_room
from ibid.storage import part_name

MOST_EXACT = 50_000
"""Vectors that are all compared with a question; of more there is an index of neighbours."""

MANIFEST, CORPUS, TERMS = "manifest", "corpus.sqlite", "terms.sqlite"

_BATCH = 1 << 22
"""Bytes that go to the server at once."""


def load(server: Server, names: Names, draft: Draft, most_exact: int = MOST_EXACT) -> None:
    """Make the collections of a generation, and see that they hold all that was put there."""
    files, head = DraftFiles(draft.files, draft.dimensions), Head()
    parts, passages = names.parts(draft.name), names.passages(draft.name)
    create_parts(server, parts)
    create_passages(server, passages, draft.dimensions)
    writer = _Writer(server, parts, 1)
    with temporary_room(), TemporaryDirectory(prefix="ibid-") as folder:
        terms = Path(folder) / TERMS
        postings = count_terms(files.corpus)
        ids = write_terms(terms, postings)
        rows = _Rows(server, passages)
        for (row, vector), stems in zip(files.vectors(), files.corpus.stems(), strict=True):
            rows.add(row, vector, {NOTHING: 1.0, **dict(postings.of(stems, ids))})
        rows.flush()
        _write_files(writer, head, draft.manifest, files.volumes, terms)
    _write_sentences(writer, head, files)
    _write_tokens(writer, head, files)
    writer.flush()
    head.passages = rows.count
    head.rows = {parts: writer.count, passages: rows.count}
    head.digests = {parts: writer.digest, passages: rows.digest}
    _Writer(server, parts, 0).close(head.dump())
    open_parts(server, parts)
    open_passages(server, passages, near=head.passages > most_exact)
    for name, count in {parts: writer.count + 1, passages: rows.count}.items():
        if (there := server.count(name)) != count:
            raise IbidError(f"Milvus has {there} of {count} rows of {name}", hint="ibid build")


def _write_files(
    writer: "_Writer", head: Head, manifest: str, volumes: Iterable[Path], terms: Path
) -> None:
    head.files[MANIFEST] = writer.file(cut(manifest.encode()))
    head.files[TERMS] = writer.file(cut_file(terms))
    for number, path in enumerate(volumes):
        head.files[part_name(CORPUS, number)] = writer.file(cut_file(path))


def _write_sentences(writer: "_Writer", head: Head, files: DraftFiles) -> None:
    head.first_sentence = writer.next
    batch = list[bytes]()
    for _, vector in files.sentences():
        batch.append(vector.tobytes())
        head.sentences += 1
        if len(batch) == SENTENCES:
            writer.add(b"".join(batch))
            batch.clear()
    if batch:
        writer.add(b"".join(batch))


def _write_tokens(writer: "_Writer", head: Head, files: DraftFiles) -> None:
    """Write the tokens of each passage into as many parts as the longest one needs."""
    head.first_token = writer.next
    head.parts_of_tokens = max((len([*cut(bits)]) for _, bits in files.tokens()), default=1)
    for row, bits in files.tokens():
        head.tokens += 1
        for number, piece in enumerate(cut(bits)):
            writer.add(piece, head.first_token + row * head.parts_of_tokens + number)


class _Batch:
    """Rows on their way to a collection."""

    def __init__(self, server: Server, collection: str) -> None:
        self._server, self._collection = server, collection
        self._rows, self._size = list[Mapping[str, Any]](), 0
        self.count = self.digest = 0

    def put(self, row: Mapping[str, Any], size: int, digest: int) -> None:
        """Add a row of about so many bytes."""
        self._rows.append(row)
        self._size += size
        self.count, self.digest = self.count + 1, (self.digest + digest) % (1 << 60)
        if self._size >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        if self._rows:
            self._server.client().insert(self._collection, self._rows, timeout=LONG)
        self._rows, self._size = [], 0


class _Writer(_Batch):
    """Writes parts, one number after the other."""

    def __init__(self, server: Server, collection: str, first: int) -> None:
        super().__init__(server, collection)
        self.next = first

    def add(self, data: bytes, id: int | None = None) -> None:
        """Add a part, by its number where that is not the next one."""
        id = self.next if id is None else id
        text = encode(data)
        self.put({"id": id, "data": text, "nothing": [0.0, 1.0]}, len(text), part_digest(id, data))
        self.next = id + 1

    def file(self, pieces: Iterable[bytes]) -> FilePlace:
        """Add a file, and return where it is."""
        start, size, digest = self.next, 0, hashlib.sha256()
        for piece in pieces:
            self.add(piece)
            digest.update(piece)
            size += len(piece)
        return FilePlace(start, self.next - start, size, digest.hexdigest())

    def close(self, data: bytes) -> None:
        """Add the last part, and send what waits."""
        self.add(data)
        self.flush()


class _Rows(_Batch):
    """Writes passages."""

    def add(self, row: int, vector: NDArray[np.float32], words: Mapping[int, float]) -> None:
        """Add a passage."""
        values = {"row": row, "vector": vector, "words": words}
        self.put(values, vector.nbytes + 8 * len(words), row_digest(row, vector, words))


def part_digest(id: int, data: bytes) -> int:
    """Return what a part adds to the digest of all of them, in whatever order."""
    return _number(hashlib.sha256(b"%d " % id + data).digest())


def row_digest(row: int, vector: Iterable[float], words: Mapping[int, float]) -> int:
    """Return what a passage adds to the digest of all of them, in whatever order."""
    digest = hashlib.sha256(b"%d " % row)
    digest.update(np.fromiter(vector, dtype="<f4").tobytes())
    digest.update(np.array(sorted(words), dtype="<i8").tobytes())
    digest.update(np.array([words[id] for id in sorted(words)], dtype="<f4").tobytes())
    return _number(digest.digest())


def _number(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "big") >> 4
