"""A connection to Milvus that threads share, and what its errors mean for an index."""

import logging
import os
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from threading import Lock
from typing import Any
from weakref import finalize

from ibid.adapters.indexes.milvus.address import Address
from ibid.errors import IbidError, IndexUnreadable, UsageError
from ibid.settings import milvus_token
from ibid.storage import damaged

PATIENCE = 30  # seconds that an answer may take
_CONNECTING, LONG = 10, 3600
_LEAST = (2, 6)
"""The version of Milvus from which on its sparse vectors and aliases were tried."""

_ABSENT = {100, 1600}
"""Codes of Milvus: no such collection, no such alias."""

_OLD = "what was there before still answers; does the server run? then try again"
_TRY_AGAIN = "does the server run, and does it take IBID_MILVUS_TOKEN? then try again"
_LOGGERS = ("pymilvus", "pymilvus.milvus_client", "pymilvus.bulk_writer")

Row = Mapping[str, Any]


class Server:
    """What is asked of Milvus. Deadlines are everywhere."""

    def __init__(self, address: Address) -> None:
        self.address, self._lock = address, Lock()
        self._client: Any = None

    def client(self) -> Any:
        """Return the connection, opened at its first use. Raises IndexUnusable."""
        with self._lock:
            if self._client is None:
                with translated(self.address):
                    client = _connect(self.address)
                finalize(self, client.close)
                _require_version(client, self.address)
                self._client = client
            return self._client

    def query(
        self, collection: str, chosen: str, fields: Sequence[str], *, strong: bool = False
    ) -> list[Row]:
        """Return fields of the rows that an expression chooses. Raises IndexUnusable."""
        client = self.client()
        with translated(self.address):
            return client.query(
                collection,
                filter=chosen,
                output_fields=[*fields],
                timeout=PATIENCE,
                consistency_level=_consistency(strong=strong),
            )

    def search(
        self, collection: str, field: str, query: object, limit: int, chosen: str, **params: int
    ) -> list[Row]:
        """Return the rows closest to a query by inner product, with the field itself."""
        client = self.client()
        with translated(self.address):
            (hits,) = client.search(
                collection,
                data=[query],
                anns_field=field,
                limit=limit,
                filter=chosen,
                output_fields=[field],
                search_params={"metric_type": "IP", "params": params},
                timeout=PATIENCE,
                consistency_level=_consistency(),
            )
        return [*hits]

    def count(self, collection: str) -> int:
        """Return how many rows a collection has, the newest ones too."""
        ((row),) = self.query(collection, "", ["count(*)"], strong=True)
        return int(row["count(*)"])

    def target(self, alias: str) -> str:
        """Return the collection that an alias names, empty where there is no such alias."""
        client = self.client()
        with translated(self.address):
            try:
                return str(client.describe_alias(alias, timeout=PATIENCE)["collection_name"])
            except pymilvus().MilvusException as error:
                if getattr(error, "code", 0) in _ABSENT:
                    return ""
                raise

    def collections(self, beginning: str) -> list[str]:
        """Return the collections whose names begin so."""
        client = self.client()
        with translated(self.address):
            return sorted(
                str(name)
                for name in client.list_collections(timeout=PATIENCE)
                if name.startswith(beginning)
            )


def _consistency(*, strong: bool = False) -> str:
    return "Strong" if strong else "Bounded"


def _connect(address: Address) -> Any:
    """Return a client. Nothing but the server is spoken to, and no file of settings is read."""
    token = milvus_token()
    if not (token or address.is_local):
        message = f"{address} is on another machine, and no token is set"
        raise UsageError(message, hint="set IBID_MILVUS_TOKEN (docs/milvus.md)")
    return pymilvus().MilvusClient(
        uri=address.uri,
        token=token,
        db_name=address.database,
        timeout=_CONNECTING,
        dedicated=True,
        grpc_options={"grpc.enable_http_proxy": 0},
    )


def pymilvus() -> Any:
    """Return pymilvus, which then reads no `.env` and prints no error by itself.

    It is loaded by name: type checkers take minutes to read it.
    """
    os.environ.setdefault("PYTHON_DOTENV_DISABLED", "1")
    is_loaded = "pymilvus" in sys.modules
    module = import_module("pymilvus")
    if not is_loaded:
        for name in _LOGGERS:
            logging.getLogger(name).handlers[:] = [logging.NullHandler()]
    return module


def _require_version(client: Any, address: Address) -> None:
    """Raise IndexUnreadable where the server is too old."""
    with translated(address):
        version = str(client.get_server_version(timeout=PATIENCE))
    numbers = version.removeprefix("milvus_lite-").removeprefix("v").split(".")
    if not all(part.isdecimal() for part in numbers[:2]) or (tuple(map(int, numbers[:2])) < _LEAST):
        least = ".".join(map(str, _LEAST))
        message = f"{address} has version {version[:40]}, ibid needs {least} or newer"
        raise IndexUnreadable(message, hint="update the server")


@contextmanager
def translated(address: Address) -> Generator[None]:
    """Tell what Milvus says of an index. Raises IndexUnusable."""
    errors = _errors()
    try:
        yield
    except errors as error:
        if getattr(error, "code", 0) in _ABSENT:
            raise damaged("a collection of it is not there") from error
        message = f"{address} cannot be read now ({reason(error)})"
        raise IndexUnreadable(message, hint=_TRY_AGAIN) from error


@contextmanager
def writing(address: Address) -> Generator[None]:
    """Tell what Milvus says to a build. Raises IbidError."""
    errors = _errors()
    try:
        yield
    except errors as error:
        raise IbidError(f"{address} could not be written ({reason(error)})", hint=_OLD) from error


def _errors() -> tuple[type[Exception], ...]:
    """Return the errors of pymilvus, and of what it speaks through."""
    return pymilvus().MilvusException, import_module("grpc").RpcError


def reason(error: Exception) -> str:
    """Return what an error says in a line."""
    lines = str(getattr(error, "message", "") or error).strip().splitlines()
    return (lines or [type(error).__name__])[0][:300]
