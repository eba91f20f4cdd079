"""The server's connections: how long one may keep the chat waiting, and how many there may be."""

import resource
import socket
from time import monotonic
from types import FrameType
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ibid.ui.server.guarding import STRICT_HEADERS

SECONDS_TO_ASK = 10.0
"""In which the head of a request has to arrive, from when the chat began to wait for it."""

SECONDS_TO_READ = 30.0
"""In which somebody has to take a part of what is there to be read."""

MOST_CONNECTIONS = 512
"""A browser opens six to one server. Fewer where the system allows fewer files to be open."""

SPARE_FILES = 24
"""Of those that may be open: the index and its builds need some that no connection can take."""

_ACCEPTED_AT_ONCE = 1  # more, and they come faster than room is made for them
_WAITING_TO_BE_ACCEPTED = 128
_MOST_IGNORED = 256 * 1024
"""Bytes that are read and thrown away behind a refusal, so that its reader gets to see it."""

_TICKS = 5  # of a tenth of a second, between two looks at the connections


class Connection(H11Protocol):
    """A connection that makes room for newer ones when it leaves the chat waiting."""

    waiting_since = 0.0
    """When the chat began to wait for a request, or to answer one that came before any pause."""
    _ignored = 0
    _unread = 0
    _taken_at = 0.0

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a request, in the place of another one where there is no room."""
        super().connection_made(transport)
        self.waiting_since = self._taken_at = monotonic()
        listed: Any = self.connections
        open_ones: list[Connection] = [peer for peer in listed if not peer.transport.is_closing()]
        if _are_too_many(open_ones):
            rivals = (peer for peer in open_ones if peer is not self)
            oldest = min(rivals, key=lambda peer: (peer.is_busy, peer.waiting_since), default=self)
            oldest.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Read what came, as long as it can still be of use."""
        if not self.is_busy:
            self._ignored += len(data)
        if self._ignored > _MOST_IGNORED:
            self.transport.abort()
        else:
            super().data_received(data)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self.waiting_since, self._ignored = monotonic(), 0
        super().on_response_complete()

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: what is wanted is served nowhere here, and no package is missing."""

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, with the same headers as every other answer.

        Where an answer has begun already, nothing can be said any more.
        """
        if self.is_busy and not self.cycle.response_started:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        elif self.conn.our_state is not h11.IDLE:
            self.transport.abort()
            return
        body = msg.encode("ascii")
        headers = {
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(body)),
            "Connection": "close",
            **STRICT_HEADERS,
        }
        for event in (
            h11.Response(status_code=400, headers=list(headers.items()), reason=b"Bad Request"),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    @property
    def is_busy(self) -> bool:
        """Tell whether a request is being answered, which may take hours: a page stays open."""
        answering: Any = self.cycle  # None before the first request
        return answering is not None and not answering.response_complete

    def is_overdue(self, now: float) -> bool:
        """Tell whether whoever is at the other end has let the chat wait for too long."""
        unread = self.transport.get_write_buffer_size()
        if unread == 0 or unread < self._unread:
            self._taken_at = now
        self._unread = unread
        is_late = not self.is_busy and now - self.waiting_since > SECONDS_TO_ASK
        return is_late or now - self._taken_at > SECONDS_TO_READ

    @property
    def file_number(self) -> int:
        """Return the number of its socket among the open files: the lowest that was free."""
        return self.transport.get_extra_info("socket").fileno()


def _are_too_many(connections: list[Connection]) -> bool:
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    are_files_scarce = allowed != resource.RLIM_INFINITY and any(
        connection.file_number >= allowed - SPARE_FILES for connection in connections
    )
    return len(connections) > MOST_CONNECTIONS or are_files_scarce


class Server(uvicorn.Server):
    """A server that waits for nobody for ever, and leaves at the first Ctrl-C."""

    def __init__(self, app: Any) -> None:
        options: dict[str, Any] = {"http": Connection, "ws": "none", "log_config": None}
        super().__init__(uvicorn.Config(app, backlog=_ACCEPTED_AT_ONCE, **options))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note the signal and stop waiting for anybody: an open page never ends by itself."""
        super().handle_exit(sig, frame)
        self.force_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; more may wait to be accepted than are accepted before room is made for them."""
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(_WAITING_TO_BE_ACCEPTED)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close; the chat itself is ended, too, which uvicorn leaves out where it is in a hurry."""
        await super().shutdown(sockets)
        await self.lifespan.shutdown()

    async def on_tick(self, counter: int) -> bool:
        """Close, twice a second, the connections that are overdue."""
        if counter % _TICKS == 0:
            now = monotonic()
            listed: Any = self.server_state.connections
            for connection in [peer for peer in listed if peer.is_overdue(now)]:
                connection.transport.abort()
        return await super().on_tick(counter)
