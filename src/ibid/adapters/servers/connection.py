"""How ibid talks to a server of language models: where it may be, for how long, and no detours.

Nothing leaves the machine unless it was allowed: other hosts are refused before their names are
looked up. Proxies of the environment and redirects are never followed.
"""

import ipaddress
import json
import socket
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from threading import Timer
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ibid.adapters.servers.replies import one_line, too_long
from ibid.errors import AnswerIncomplete, ModelError, ModelMissing, ServerUnavailable, UsageError
from ibid.types import Delta

_CONNECT = 2.0  # seconds; the server is on this machine, or near
_LARGEST_LIST = 4_000_000  # bytes; a list of a thousand models
_LARGEST_REFUSAL = 64_000


@dataclass(frozen=True, slots=True)
class ServerKind:
    """A kind of server, as messages speak of it."""

    name: str
    noun: str
    example: str
    """Where it listens when nobody says otherwise."""
    port: int
    """Where it listens when the address names none."""
    start: str
    """The command that starts it."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that may be asked."""

    kind: ServerKind
    url: str
    remote: bool
    """True when it may be another machine, which somebody has allowed."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model that a server has."""

    name: str
    remote: bool = False
    """True when what it is asked leaves this machine."""
    context: int = 0
    """How many tokens it can take, 0 where the server does not say."""
    digest: str = ""
    """Of its bytes, empty where the server does not say."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait. The defaults let a processor without GPU read a full context."""

    first_token: float = 300
    answer: float = 900


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request for an answer, and how its reply is read."""

    server: Server
    path: str
    body: Mapping[str, object]
    optional: tuple[str, ...]
    """Fields of the body that some servers refuse: they are asked again without."""
    read: Callable[[Iterator[bytes]], Iterator[Delta]]
    missing: ModelMissing
    """What is raised when the server does not have the model."""
    context: int


def locate(address: str, kind: ServerKind, *, allow_remote: bool = False) -> Server:
    """Return the server at an address; no name is looked up.

    Raises UsageError for what is no address, and ServerUnavailable for what may be another
    machine unless `allow_remote`.
    """
    try:
        parts = urlsplit(address.strip())
        url = _base_url(parts, kind)
    except ValueError as error:
        message = f"{address!r} is no address of a server"
        raise UsageError(message, hint=f"use {kind.example}") from error
    here = is_here(parts.hostname or "")
    if not here and not allow_remote:
        raise ServerUnavailable(
            f"{parts.hostname} may be another machine, and ibid sends nothing to other machines",
            hint=f"use {kind.example}, or allow it with --allow-remote",
        )
    if (here and parts.scheme != "http") or parts.username is not None:
        hint = f"use {kind.example}"
        raise UsageError(f"{address!r} is no address of a server here", hint=hint)
    return Server(kind, url, remote=not here)


def _base_url(parts: SplitResult, kind: ServerKind) -> str:
    """Return scheme, host, port and path. Raises ValueError where one is missing or wrong."""
    host, port = parts.hostname or "", parts.port
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise ValueError(parts)
    if host == "localhost":
        host = "127.0.0.1"  # where they listen, and no look-up
    port = port or (443 if parts.scheme == "https" else kind.port)
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}{parts.path.rstrip('/')}"


def is_here(host: str) -> bool:
    """Tell whether a host is this machine by its address; no name is looked up."""
    with suppress(ValueError):
        return "%" not in host and ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def probe(server: Server, timeout: float) -> None:
    """Return when something listens. Raises ServerUnavailable; imports nothing heavy."""
    parts = urlsplit(server.url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout).close()
    except OSError as error:
        raise _nobody_listens(server) from error


def _unreachable(server: Server, error: Exception) -> ServerUnavailable:
    """Return the error for an address where nobody answers, or not in the way of `https`."""
    if "SSL" in str(error):
        message = f"no safe connection to {server.url}: {one_line(str(error))}"
        return ServerUnavailable(message, hint="check whether it is http or https")
    return _nobody_listens(server)


def _nobody_listens(server: Server) -> ServerUnavailable:
    return ServerUnavailable(
        f"no {server.kind.noun} listens at {server.url}", hint=server.kind.start
    )


def converse(exchange: Exchange, patience: Patience) -> Iterator[Delta]:
    """Yield the answer piece by piece; closing the iterator closes the connection.

    Raises PromptTooLong, AnswerIncomplete, ModelMissing or ServerUnavailable.
    """
    first = min(patience.first_token, patience.answer)
    with Deadline(first) as deadline, _translated(exchange.server, deadline):
        yield from _ask(exchange, exchange.body, deadline, patience.answer)


def _ask(
    exchange: Exchange, body: Mapping[str, object], deadline: "Deadline", seconds: float
) -> Iterator[Delta]:
    with (
        deadline.client(exchange.server) as client,
        client.stream("POST", exchange.path, json=body) as response,
    ):
        if response.is_success:
            yield from exchange.read(deadline.moved_by_first_line(response.iter_raw(), seconds))
            return
        status = response.status_code
        reply = next(response.iter_raw(_LARGEST_REFUSAL), b"").decode("utf-8", "replace")
    refused = [name for name in exchange.optional if name in body and name in reply]
    if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY) and refused:
        fewer = {name: value for name, value in body.items() if name not in refused}
        yield from _ask(exchange, fewer, deadline, seconds)
    else:
        raise _refusal(exchange, status, reply)


def _refusal(exchange: Exchange, status: int, reply: str) -> ModelError:
    if status == HTTPStatus.NOT_FOUND:
        return exchange.missing
    if status == HTTPStatus.BAD_REQUEST and (long := too_long(reply, exchange.context)):
        return long
    return _refused(exchange.server, status, reply)


def _refused(server: Server, status: int, reply: str) -> ServerUnavailable:
    name = server.kind.name
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        message = f"{name} wants a key, and ibid sends none (error {status})"
        return ServerUnavailable(message, hint="start it without a key")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        message = f"the server at {server.url} sends on to another address, which is refused"
    else:
        message = f"{name} answered with error {status}: {one_line(reply)}"
    return ServerUnavailable(message, hint=server.kind.start)


def fetch(
    server: Server, path: str, deadline: "Deadline", body: Mapping[str, object] | None = None
) -> object:
    """Return the JSON that a server answers to a question about itself.

    Raises ServerUnavailable for everything else.
    """
    with asking(server):
        with (
            deadline.client(server) as client,
            client.stream("GET" if body is None else "POST", path, json=body) as response,
        ):
            reply = next(response.iter_raw(_LARGEST_LIST), b"")
            status = response.status_code
        if status != HTTPStatus.OK:
            raise _refused(server, status, reply.decode("utf-8", "replace"))
        return json.loads(reply)


@contextmanager
def asking(server: Server) -> Generator[None]:
    """Turn what goes wrong with a question to a server about itself into ServerUnavailable."""
    import httpx

    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise _unreachable(server, error) from error
    except (ConnectionError, httpx.HTTPError) as error:
        message = f"the server at {server.url} does not answer"
        raise ServerUnavailable(message, hint=server.kind.start) from error
    except (ValueError, TypeError, RecursionError) as error:
        message = f"the server at {server.url} does not answer like {server.kind.name}"
        raise ServerUnavailable(message, hint=server.kind.start) from error


class Deadline:
    """Breaks a connection off in time, even while the server sends a byte now and then.

    httpx's timeouts start anew with each byte. So a timer shuts the socket down, which wakes
    whoever reads from it.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = False
        self._began = time.monotonic()
        self._socket: socket.socket | None = None
        self._timer = self._start(seconds)

    def __enter__(self) -> "Deadline":
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def client(self, server: Server) -> Any:
        """Return a client as every one here is made: no proxy, no redirect, this deadline."""
        import httpx

        return httpx.Client(base_url=server.url, **self.client_options(server))

    def client_options(self, server: Server) -> Mapping[str, Any]:
        """Return what such a client is made with, for libraries that make their own."""
        import httpx

        return {
            "timeout": httpx.Timeout(None, connect=_CONNECT),
            "trust_env": False,
            "follow_redirects": False,
            "verify": server.url.startswith("https:"),  # reading certificates takes a while
            "headers": {"Accept-Encoding": "identity"},  # compressed, a size could not be bounded
            "event_hooks": self.hooks,
        }

    @property
    def hooks(self) -> Mapping[str, Any]:
        """What a client is made with, so that its connections are broken off in time."""
        return {"request": [self._attach]}

    def moved_by_first_line(self, chunks: Iterator[bytes], seconds: float) -> Iterator[bytes]:
        """Yield the chunks; once there is a whole line, `seconds` since the start count."""
        waiting = True
        for chunk in chunks:
            if waiting and b"\n" in chunk:
                waiting = False
                self._timer.cancel()
                self.seconds = seconds
                self._timer = self._start(seconds - (time.monotonic() - self._began))
            yield chunk

    def _start(self, seconds: float) -> Timer:
        timer = Timer(max(seconds, 0), self._pass)
        timer.daemon = True
        timer.start()
        return timer

    def _attach(self, request: Any) -> None:
        request.extensions["trace"] = self._trace

    def _trace(self, event: str, details: Mapping[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = details["return_value"].get_extra_info("socket")
            if self.passed:
                self._pass()

    def _pass(self) -> None:
        self.passed = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


@contextmanager
def _translated(server: Server, deadline: Deadline) -> Generator[None]:
    """Turn what goes wrong with an answer into errors of ours."""
    import httpx

    name = server.kind.name
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise _unreachable(server, error) from error
    except (httpx.HTTPError, AnswerIncomplete) as error:
        if deadline.passed:
            message = f"{name} did not answer within {deadline.seconds:g} s"
            raise AnswerIncomplete(message, hint="choose a smaller model") from error
        if isinstance(error, AnswerIncomplete):
            raise
        raise AnswerIncomplete(f"the connection to {name} broke off", hint="ask again") from error
