"""Numbered parts of a generation: files that were cut, vectors of sentences, bits of tokens."""

import hashlib
import json
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from ibid.adapters.indexes.milvus.collections import LAYOUT, LONGEST
from ibid.adapters.indexes.milvus.connection import Server
from ibid.errors import IndexForeign
from ibid.storage import damaged

_TOGETHER = 200
"""Parts that are fetched at once: 13 MB of them at most."""


@dataclass(frozen=True, slots=True)
class FilePlace:
    """Where a file lies among the parts, and what it is known by."""

    start: int
    parts: int
    size: int
    digest: str


@dataclass(slots=True)
class Head:
    """What part 0 says of a generation."""

    files: dict[str, FilePlace] = field(default_factory=dict[str, FilePlace])
    passages: int = 0
    sentences: int = 0
    first_sentence: int = 0
    """The part with the first sentences."""
    tokens: int = 0
    first_token: int = 0
    """The part with the first passage's tokens."""
    parts_of_tokens: int = 1
    """Parts that each passage has for its tokens; those that it does not need are not there."""
    rows: dict[str, int] = field(default_factory=dict[str, int])
    """How many rows each collection has, this one left out."""
    digests: dict[str, int] = field(default_factory=dict[str, int])

    def dump(self) -> bytes:
        """Return it as the bytes of its part."""
        return json.dumps({"layout": LAYOUT, **asdict(self)}).encode()


def parse_head(data: bytes) -> Head:
    """Return what part 0 says. Raises IndexDamaged, IndexForeign."""
    try:
        values: Any = json.loads(data)
        layout = values.pop("layout")
        if layout != LAYOUT:
            message = f"the index has collections of layout {layout}, this ibid reads {LAYOUT}"
            raise IndexForeign(message, hint="ibid build")
        files = {name: FilePlace(**place) for name, place in values.pop("files").items()}
        for place in files.values():
            bytes.fromhex(place.digest)  # a copy is named by it
        return Head(files=files, **values)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise damaged("it does not say what it holds") from error


class Parts:
    """Reads the parts of a generation."""

    def __init__(self, server: Server, collection: str) -> None:
        self._server, self._collection = server, collection

    def read(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the parts of some numbers that are there. Raises IndexUnusable."""
        parts = dict[int, bytes]()
        for batch in batches(ids, _TOGETHER):
            parts |= self._ask(batch, strong=False)
        return parts

    def require(self, ids: Collection[int]) -> dict[int, bytes]:
        """Return the parts of some numbers. Raises IndexDamaged where one is missing.

        A server that is a little behind is asked once more for what it has by now.
        """
        parts = self.read(ids)
        if missing := sorted({*ids} - parts.keys()):
            for batch in batches(missing, _TOGETHER):
                parts |= self._ask(batch, strong=True)
        if missing := {*ids} - parts.keys():
            raise damaged(f"its part {min(missing)} is not there")
        return parts

    def _ask(self, ids: Collection[int], *, strong: bool) -> dict[int, bytes]:
        rows = self._server.query(
            self._collection, numbers("id", ids), ["id", "data"], strong=strong
        )
        try:
            return {int(row["id"]): b64decode(row["data"], validate=True) for row in rows}
        except (Error, ValueError) as error:
            raise damaged("a part of it is not as it was written") from error

    def file(self, place: FilePlace) -> Iterator[bytes]:
        """Yield the bytes of a file. Raises IndexDamaged where they are others by now."""
        digest, size = hashlib.sha256(), 0
        for ids in batches(range(place.start, place.start + place.parts), _TOGETHER):
            parts = self.require(ids)
            for id in ids:
                digest.update(parts[id])
                size += len(parts[id])
                yield parts[id]
        if (size, digest.hexdigest()) != (place.size, place.digest):
            raise damaged("a file of it is not as it was written")


def batches(numbers: Iterable[int], size: int = _TOGETHER) -> Iterator[Sequence[int]]:
    """Yield numbers, some at a time."""
    iterator = iter(numbers)
    while batch := [*islice(iterator, size)]:
        yield batch


def numbers(field: str, chosen: Iterable[int]) -> str:
    """Return an expression that chooses rows by numbers: nothing else can stand in it."""
    return f"{field} in [{','.join(str(int(number)) for number in chosen)}]"


def cut(data: bytes) -> Iterator[bytes]:
    """Yield pieces of bytes that a part has room for, one at least."""
    for start in range(0, max(len(data), 1), LONGEST):
        yield data[start : start + LONGEST]


def cut_file(path: Path) -> Iterator[bytes]:
    """Yield pieces of a file that a part has room for."""
    with path.open("rb") as file:
        while data := file.read(LONGEST):
            yield data


def encode(data: bytes) -> str:
    """Return bytes as the text of a part."""
    return b64encode(data).decode("ascii")
