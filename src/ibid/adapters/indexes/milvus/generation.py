"""One generation of a library in Milvus: what it says it has, and whether that is so."""

import hashlib
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ibid.adapters.indexes.milvus.collections import Names
from ibid.adapters.indexes.milvus.connection import Server
from ibid.adapters.indexes.milvus.loading import CORPUS, MANIFEST, TERMS, part_digest, row_digest
from ibid.adapters.indexes.milvus.parts import FilePlace, Head, Parts, batches, numbers
from ibid.adapters.indexes.milvus.vectors import MilvusSentences, MilvusTokens, MilvusVectors
from ibid.adapters.indexes.milvus.words import MilvusWords
from ibid.errors import IndexDamaged, temporary_room
from ibid.index import Corpus, Index, open_volumes
from ibid.storage import Manifest, damaged, make_folder, part_name
from ibid.types import Mark, Problem

_AT_ONCE = 1000
"""Rows that a check reads at once."""

_COPIES = 2
"""Generations that this machine keeps a copy of the texts of."""


@dataclass(frozen=True, slots=True)
class MilvusGeneration:
    """One complete index in two collections; its texts and terms are read from a local copy."""

    name: str
    manifest: Manifest
    head: Head
    server: Server
    names: Names
    folder: Path
    """Where the copies of this library's generations lie."""
    most_exact: int

    @property
    def parts(self) -> Parts:
        """What is fetched by number."""
        return Parts(self.server, self.names.parts(self.name))

    def verify(self, seals: Mapping[str, Mark] | None = None) -> None:
        """Do nothing: what it says it has was read, and each file is compared when it is copied."""

    def unsealed(self) -> Sequence[int]:
        """Return no volume: a copy was compared with its digest."""
        return ()

    def open(self) -> Index:
        """Return the index that it holds. Raises IndexUnusable."""
        head, dimensions = self.head, self.manifest.embedder.dimensions
        passages = self.names.passages(self.name)
        copies = {name: self._copy(name, place) for name, place in self._copied()}
        volumes = (part_name(CORPUS, number) for number in range(len(copies) - 1))
        near = head.passages > self.most_exact
        return Index(
            name=self.name,
            embedder=self.manifest.embedder,
            corpus=Corpus(*open_volumes(copies[name] for name in volumes)),
            meaning=MilvusVectors(self.server, passages, head.passages, dimensions, near=near),
            sentences=MilvusSentences(self.parts, head, dimensions),
            tokens=MilvusTokens(self.parts, head, dimensions) if head.tokens else None,
            words=MilvusWords(self.server, passages, head.passages, copies[TERMS]),
            passages=self.manifest.passages,
            volumes=tuple,
        )

    def _copied(self) -> Iterator[tuple[str, FilePlace]]:
        """Yield the files that this machine has a copy of. No name is taken from the server."""
        volumes = len(self.head.files) - len((MANIFEST, TERMS))
        for name in (TERMS, *(part_name(CORPUS, number) for number in range(volumes))):
            if name not in self.head.files:
                raise damaged(f"it has no {name}")
            yield name, self.head.files[name]

    def _copy(self, name: str, place: FilePlace) -> Path:
        """Return this machine's copy of a file, fetched where there is none."""
        path = self.folder / self.name / f"{place.digest[:16]}-{name}"
        if path.is_file() and path.stat().st_size == place.size:
            return path
        with temporary_room():
            make_folder(path.parent)
            self._forget_others()
        staged = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            with staged.open("xb") as file:
                staged.chmod(0o600)
                file.writelines(self.parts.file(place))
            staged.replace(path)
        finally:
            staged.unlink(missing_ok=True)
        return path

    def _forget_others(self) -> None:
        """Take away copies of older generations; whoever has one open keeps it."""
        folders = [path for path in self.folder.iterdir() if path.name != self.name]
        with suppress(FileNotFoundError):  # another process takes them away just now
            folders.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
            for folder in folders[_COPIES - 1 :]:
                shutil.rmtree(folder, ignore_errors=True)

    def problems(self) -> Iterator[Problem]:
        """Yield the collections and copies that do not hold what a build gave them."""
        parts, passages = self.names.parts(self.name), self.names.passages(self.name)
        for name, digests in ((parts, self._parts()), (passages, self._passages())):
            try:
                values = [*digests]
            except IndexDamaged as error:
                yield Problem(name, str(error))
                continue
            if len(values) != self.head.rows.get(name):
                yield Problem(name, f"has {len(values)} rows, not {self.head.rows.get(name)}")
            elif sum(values) % (1 << 60) != self.head.digests.get(name):
                yield Problem(name, "has other rows than it was given")
        yield from self._wrong_copies()

    def _parts(self) -> Iterator[int]:
        """Yield what each part adds to their digest."""
        end = self.head.first_token + self.head.tokens * self.head.parts_of_tokens
        for ids in batches(range(1, end), _AT_ONCE):
            yield from (part_digest(id, data) for id, data in self.parts.read(ids).items())

    def _passages(self) -> Iterator[int]:
        """Yield what each passage adds to their digest."""
        collection, fields = self.names.passages(self.name), ["row", "vector", "words"]
        for rows in batches(range(self.head.passages), _AT_ONCE):
            for row in self.server.query(collection, numbers("row", rows), fields, strong=True):
                yield row_digest(int(row["row"]), row["vector"], row["words"])

    def _wrong_copies(self) -> Iterator[Problem]:
        """Yield the copies of this machine that are not as they were fetched; they are removed."""
        for name, place in self._copied():
            try:
                path = self._copy(name, place)
            except IndexDamaged as error:
                yield Problem(name, str(error))
                continue
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest != place.digest:
                path.unlink(missing_ok=True)
                yield Problem(str(path), "this machine's copy is not as it was fetched")
