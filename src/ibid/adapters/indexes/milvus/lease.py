"""The right to build: an alias that names the collection of the one who has it.

An alias is made by the server at once or not at all, so of two builders one gets it. It outlives a
builder that is killed: so each has a heartbeat, and one whose heart does not beat loses the alias.
Milvus has no way to compare and swap: a builder that slept for longer than another one waits is
found out before it publishes, and no later.
"""

import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from ibid.adapters.indexes.milvus.collections import Names, create_parts, open_parts
from ibid.adapters.indexes.milvus.connection import PATIENCE, Server, writing
from ibid.errors import IbidError, IndexLocked

_BEAT = 1.0  # seconds
_DEAD = 10.0
"""Seconds without a beat after which a builder is taken for dead."""


class Lease:
    """The right to build a library, for one folder of work at a time.

    Who holds the lock of that folder is the only builder of it that lives: what another one left
    with its name is taken over at once.
    """

    def __init__(self, server: Server, names: Names, folder: Path) -> None:
        self._server, self._names, self._folder = server, names, folder
        self._own = ""

    @contextmanager
    def held(self) -> Generator[None]:
        """Hold it. Raises IndexLocked where another builder lives, IbidError."""
        self._own = f"{self._names.builder}_{self._owner()}"
        stop = Event()
        with writing(self._server.address):
            self._take()
        heart = Thread(target=self._beat, args=(stop,), daemon=True)
        heart.start()
        try:
            yield
        finally:
            stop.set()
            heart.join()
            with suppress(IbidError):
                self._give_back()

    def require(self) -> None:
        """Raise IbidError where another builder has taken it."""
        if self._server.target(self._names.builder) != self._own:
            message = f"another build of {self._server.address} took over: this one was silent"
            raise IbidError(message, hint="ibid build")

    def _owner(self) -> str:
        """Return the name that this machine's folder of work has among builders."""
        path = self._folder / "builder"
        if not path.is_file():
            path.write_text(secrets.token_hex(8), encoding="ascii")
        return path.read_text(encoding="ascii")

    def _take(self) -> None:
        holder = self._server.target(self._names.builder)
        if holder and holder != self._own:
            self._require_silence(holder)
            self._drop(holder)
        if self._own not in self._server.collections(self._own):
            create_parts(self._server, self._own)
            open_parts(self._server, self._own)
        self._say("0")
        if not self._server.target(self._names.builder):
            self._claim()

    def _claim(self) -> None:
        """Make the alias. Raises IndexLocked where another builder was faster."""
        try:
            self._server.client().create_alias(self._own, self._names.builder, timeout=PATIENCE)
        except Exception:
            if self._server.target(self._names.builder) not in ("", self._own):
                raise self._locked() from None
            raise

    def _require_silence(self, holder: str) -> None:
        """Return when a builder's heart has not beaten for long enough. Raises IndexLocked."""
        heard, until = self._hear(holder), time.monotonic() + _DEAD
        while time.monotonic() < until:
            time.sleep(_BEAT / 2)
            if self._hear(holder) != heard:
                raise self._locked()

    def _locked(self) -> IndexLocked:
        hint = "wait for it to end; asking goes on meanwhile"
        return IndexLocked(f"another build of {self._server.address} is running", hint=hint)

    def _hear(self, holder: str) -> list[str]:
        """Return what a builder said last."""
        with suppress(IbidError):
            rows = self._server.query(holder, "id in [0]", ["data"], strong=True)
            return [str(row["data"]) for row in rows]
        return []

    def _say(self, beat: str) -> None:
        row = {"id": 0, "data": beat, "nothing": [0.0, 1.0]}
        self._server.client().upsert(self._own, [row], timeout=PATIENCE)

    def _beat(self, stop: Event) -> None:
        """Say something else each time, until the build is done."""
        while not stop.wait(_BEAT):
            with suppress(IbidError), writing(self._server.address):
                self._say(secrets.token_hex(8))

    def _give_back(self) -> None:
        if self._server.target(self._names.builder) == self._own:
            with writing(self._server.address):
                self._drop(self._own)

    def _drop(self, holder: str) -> None:
        """Take a builder's alias and collection away."""
        client = self._server.client()
        client.drop_alias(self._names.builder, timeout=PATIENCE)
        client.drop_collection(holder, timeout=PATIENCE)
