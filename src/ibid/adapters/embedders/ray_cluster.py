"""Embeds the texts of a build on the nodes of a Ray cluster (https://docs.ray.io).

A task is a pure function of a model's name and a batch of texts, the same as a build gives to its
own processor. Ray gives the task of a node that dies to another one, and a build that is killed
goes on from its journal: nothing is embedded twice, nothing is lost.
"""

import logging
import os
import re
import socket
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from ibid.adapters.embedders.choice import is_built_in, open_embedder
from ibid.adapters.embedders.minilm import MiniLM
from ibid.adapters.embedders.served import is_served
from ibid.adapters.servers.connection import is_here
from ibid.errors import IbidError, ModelError, ServerUnavailable, UsageError
from ibid.ports import Embedder, EmbedderIdentity, Encoded, EncodedQuery, TokenEmbedder, Vectors
from ibid.settings import Settings

_log = logging.getLogger("ibid.ray")

_BATCH = 64
"""Texts of a task: about a second of a core."""

_TASKS_PER_CORE = 4
_MOST_AT_ONCE = 32_768
"""Texts of a block, which are in memory together."""

_RETRIES = 8
"""How often a task whose node died is given to another one."""

_CONNECTING, _STALLED = 5.0, 300.0
"""Seconds in which the address has to answer, and in which a task has to be done by somebody."""

_ADDRESS = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:]+)\]|(?P<host>[\w.-]+)):(?P<port>\d{1,5})")
_LAST_PORT = 65_535
_BEFORE_IMPORT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_NUM_REDIS_GET_RETRIES": "1"}
"""Ray tells its makers nothing of the cluster, and gives up after one try, of some 40 seconds."""

_ON_LOOPBACK = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Off, Ray leaves 127.0.0.1 as it is; on, it takes this machine's outer address in its place."""

_START = "ray start --head --node-ip-address=127.0.0.1 --port=6379, and --ray 127.0.0.1:6379"


def spread(embedder: Embedder, settings: Settings, *, is_named: bool) -> "ClusterEmbedder":
    """Return an embedder whose passages the cluster of `settings.ray` embeds, until it is closed.

    Its vectors are those of `embedder`, which the nodes open by the name that the settings give it;
    one that has none (`is_named`) or is a server's is refused. Raises UsageError, also for what is
    no address, and ServerUnavailable for another machine that is not allowed.
    """
    if not is_named or is_served(settings.embedder):
        raise UsageError("a Ray cluster takes an embedder that the settings name, and no server's")
    cluster = _Cluster(settings)
    if isinstance(embedder, TokenEmbedder):
        return _ClusterTokenEmbedder(embedder, cluster, settings)
    return ClusterEmbedder(embedder, cluster, settings)


class ClusterEmbedder:
    """An embedder for a build. Questions are embedded here."""

    def __init__(self, embedder: Embedder, cluster: "_Cluster", settings: Settings) -> None:
        self._embedder, self._cluster = embedder, cluster
        folder = Path(settings.embedder).expanduser()
        name = str(folder.resolve()) if folder.is_dir() else settings.embedder
        self._model = (name, settings.precision, embedder.identity.digest)

    def close(self) -> None:
        """Leave the cluster."""
        self._cluster.close()

    @property
    def identity(self) -> EmbedderIdentity:
        return self._embedder.identity

    def texts_at_once(self) -> int:
        """Return how many texts keep all nodes busy. Raises ServerUnavailable."""
        return min(_BATCH * _TASKS_PER_CORE * self._cluster.cores(), _MOST_AT_ONCE)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text. Raises ServerUnavailable, ModelError."""
        return np.concatenate(self._run(texts, tokens=False))

    def query(self, text: str) -> Vectors:
        return self._embedder.query(text)

    def _run(self, texts: Sequence[str], *, tokens: bool) -> list[Any]:
        batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
        return self._cluster.map([(*self._model, tuple(batch), tokens) for batch in batches])


class _ClusterTokenEmbedder(ClusterEmbedder):
    """The same for one that tells the vectors of tokens."""

    def __init__(self, embedder: TokenEmbedder, cluster: "_Cluster", settings: Settings) -> None:
        super().__init__(embedder, cluster, settings)
        self._encoder = embedder

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Return the vectors of texts and the signs of their tokens."""
        parts: list[Encoded] = self._run(texts, tokens=True)
        vectors = np.concatenate([part.vectors for part in parts])
        return Encoded(vectors, tuple(signs for part in parts for signs in part.tokens))

    def encode_query(self, text: str) -> EncodedQuery:
        return self._encoder.encode_query(text)


def embed(
    name: str, precision: str, digest: str, texts: Sequence[str], tokens: bool
) -> Vectors | Encoded:
    """Embed texts, on whatever node. Raises ModelError where it has another model of that name."""
    embedder = _open(name, precision)
    if embedder.identity.digest != digest:
        machine = socket.gethostname()
        raise ModelError(
            f"{machine} has another model {name} than this machine",
            hint="install ibid and the model there as here",
        )
    if tokens and isinstance(embedder, TokenEmbedder):
        return embedder.encode(texts)
    return embedder.passages(texts)


@lru_cache(maxsize=1)
def _open(name: str, precision: str) -> Embedder:
    """Return the embedder of a node; a process of Ray's answers many tasks."""
    settings = Settings(embedder=name, precision=precision)
    return MiniLM(precision) if is_built_in(name) else open_embedder(settings)


class _Cluster:
    """A connection to a cluster, opened at its first use."""

    def __init__(self, settings: Settings) -> None:
        self._address, self._place = settings.ray.strip(), _read_address(settings.ray)
        self._allow_remote = settings.allow_remote
        self._ray: Any = None
        self._is_own = False
        self._task: Any = None

    def cores(self) -> int:
        """Return how many cores the nodes have. Raises ServerUnavailable."""
        self._connect()
        return max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def map(self, tasks: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Return what the nodes make of tasks, in their order. Raises ServerUnavailable."""
        self._connect()
        self._refuse_other_machines()
        with translated(self._address):
            given = [self._task.remote(*task) for task in tasks]
            try:
                self._wait(given)
                return self._ray.get(given)
            except BaseException:
                for task in given:
                    self._ray.cancel(task)
                raise

    def close(self) -> None:
        """Leave the cluster, if it was joined here."""
        if self._ray is not None and self._is_own:
            self._ray.shutdown()
        self._ray = None

    def _wait(self, tasks: Sequence[Any]) -> None:
        """Return when all tasks are done. Raises ServerUnavailable."""
        waiting = list(tasks)
        while waiting:
            done, waiting = self._ray.wait(waiting, num_returns=1, timeout=_STALLED)
            if not done:
                raise _unavailable(self._address, f"no node answered for {_STALLED:.0f} seconds")
            self._refuse_other_machines()

    def _connect(self) -> None:
        if self._ray is not None:
            return
        if not self._allow_remote and not _is_this_machine(self._place[0]):
            raise _other_machine(self._place[0])
        try:
            socket.create_connection(self._place, _CONNECTING).close()
        except (OSError, UnicodeError) as error:  # a name may be none
            raise _unavailable(self._address, f"no Ray cluster answers ({error})") from error
        os.environ.update(_BEFORE_IMPORT)
        if is_here(self._place[0]):
            os.environ[_ON_LOOPBACK] = "0"
        ray: Any = import_module("ray")
        _leave_stdout_alone()
        with translated(self._address):
            if not ray.is_initialized():
                self._is_own = True
                ray.init(
                    address=self._address,
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                    namespace="ibid",
                )
        self._ray = ray
        self._task = ray.remote(num_cpus=1, max_retries=_RETRIES)(embed)
        self._refuse_other_machines()

    def _refuse_other_machines(self) -> None:
        """Raise ServerUnavailable for nodes elsewhere, unless they are allowed."""
        if self._allow_remote:
            return
        own = self._ray.util.get_node_ip_address()
        nodes = [node["NodeManagerAddress"] for node in self._ray.nodes() if node["Alive"]]
        elsewhere = sorted(node for node in nodes if node != own and not is_here(node))
        if elsewhere:
            raise _other_machine(elsewhere[0])


@contextmanager
def translated(address: str) -> Generator[None]:
    """Raise what Ray raises, of the cluster at `address`, as an error of ibid's, in a line."""
    try:
        yield
    except Exception as error:  # Ray's own have no common base beside it
        cause: object = getattr(error, "cause", None) or error
        if isinstance(cause, IbidError):  # of a node: Ray's text of it is a traceback
            raise type(cause)(str(cause), hint=cause.hint) from error
        *_, line = ("", *str(cause).strip().splitlines())
        raise _unavailable(address, f"{type(cause).__name__}: {line}") from error


def _unavailable(address: str, reason: str) -> ServerUnavailable:
    hint = f"{_START}; the next build goes on from here"
    return ServerUnavailable(f"{address}: {reason}", hint=hint)


def _is_this_machine(host: str) -> bool:
    """Tell whether a host is an address of this machine; no name is looked up, nothing is sent."""
    if is_here(host):
        return True
    try:
        kind = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.inet_pton(kind, host)
        with socket.socket(kind, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True


def _other_machine(host: str) -> ServerUnavailable:
    return ServerUnavailable(
        f"{host}, a node of the cluster, may be another machine, and ibid sends nothing to other "
        "machines",
        hint="allow it with --allow-remote",
    )


def _leave_stdout_alone() -> None:
    """Log what Ray tells of its nodes: it prints that, and what a build prints may be JSON."""

    def log(event: Mapping[str, Any], **_: object) -> None:
        _log.info("\n".join(event["lines"]))

    worker: Any = import_module("ray._private.worker")
    worker.print_to_stdstream = log


def _read_address(address: str) -> tuple[str, int]:
    """Return host and port. Raises UsageError."""
    match = _ADDRESS.fullmatch(address.strip())
    if not match or not 0 < int(match["port"]) <= _LAST_PORT:
        raise UsageError(f"{address!r} is no address of a Ray cluster", hint=f"use {_START}")
    return match["six"] or match["host"], int(match["port"])
