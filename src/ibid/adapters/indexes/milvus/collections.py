"""The collections of a library in Milvus.

    LIBRARY                  an alias: which generation answers
    LIBRARY__NAME_parts      a generation: what is fetched by number, as texts of base64
    LIBRARY__NAME_passages   its vectors and words, which are searched
    LIBRARY__builder         an alias that the one has who may build
    LIBRARY__builder_OWNER   a builder's own collection, with its heartbeat

Milvus keeps rows of numbers and short texts, and asks for a vector in each collection. So the parts
have one that means nothing, and files are cut.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ibid.adapters.indexes.milvus.connection import LONG, PATIENCE, Server, pymilvus

LAYOUT = 1
"""Version of these collections; another one is refused."""

LONGEST = 49_149
"""Bytes of a part: in base64 they are the longest text that Milvus takes."""

_TEXT = 65_535

_Index = tuple[str, dict[str, int]]
"""The kind of an index, and its numbers."""

_FLAT: _Index = ("FLAT", {})

_GENERATION = re.compile(r"([0-9a-f]{12}x*)_(?:parts|passages)")


@dataclass(frozen=True, slots=True)
class Names:
    """What the collections of a library are called."""

    library: str

    @property
    def builder(self) -> str:
        """The alias of who may build."""
        return f"{self.library}__builder"

    def parts(self, name: str) -> str:
        """Return the collection of a generation's parts."""
        return f"{self.library}__{name}_parts"

    def passages(self, name: str) -> str:
        """Return the collection of a generation's passages."""
        return f"{self.library}__{name}_passages"

    def generation(self, collection: str) -> str:
        """Return the generation that a collection is of, empty where it is of none."""
        match = _GENERATION.fullmatch(collection.removeprefix(f"{self.library}__"))
        return match[1] if match else ""


def create_parts(server: Server, name: str) -> None:
    """Make a collection of parts."""
    schema = _schema("id")
    schema.add_field("data", pymilvus().DataType.VARCHAR, max_length=_TEXT)
    schema.add_field("nothing", pymilvus().DataType.FLOAT_VECTOR, dim=2)
    server.client().create_collection(name, schema=schema, timeout=PATIENCE)


def create_passages(server: Server, name: str, dimensions: int) -> None:
    """Make a collection of passages: a vector, and the factor of each word."""
    schema = _schema("row")
    schema.add_field("vector", pymilvus().DataType.FLOAT_VECTOR, dim=dimensions)
    schema.add_field("words", pymilvus().DataType.SPARSE_FLOAT_VECTOR)
    server.client().create_collection(name, schema=schema, timeout=PATIENCE)


def open_parts(server: Server, name: str) -> None:
    """Let the parts of a collection be read, all of them being there."""
    _open(server, name, {"nothing": _FLAT})


def open_passages(server: Server, name: str, *, near: bool) -> None:
    """Let passages be searched: all vectors compared, or an index of neighbours for many."""
    vector: _Index = ("HNSW", {"M": 16, "efConstruction": 200}) if near else _FLAT
    _open(server, name, {"vector": vector, "words": ("SPARSE_INVERTED_INDEX", {})})


def _schema(key: str) -> Any:
    schema = pymilvus().MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field(key, pymilvus().DataType.INT64, is_primary=True)
    return schema


def _open(server: Server, name: str, indexes: Mapping[str, _Index]) -> None:
    client = server.client()
    client.flush(name, timeout=LONG)
    params = client.prepare_index_params()
    for field, (kind, numbers) in indexes.items():
        params.add_index(field, index_type=kind, metric_type="IP", params=numbers)
    client.create_index(name, params, timeout=LONG)
    client.load_collection(name, timeout=LONG)
