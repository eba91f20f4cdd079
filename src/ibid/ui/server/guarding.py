"""The guard before the chat: who may ask, which addresses answer, what may be sent, and headers."""

import asyncio
import hmac
import logging
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ibid.reading import LARGEST_FILE
from ibid.ui.server.addresses import is_local, read_authority
from ibid.ui.server.bodies import ADDING, LARGEST_REQUEST, TAKEN, is_taken, read_object

SECONDS_TO_SEND = 10.0
"""In which a request has to arrive whole; it comes from this machine."""

_OPEN = re.compile(
    r"/|/about|/config|/theme\.css|/favicon\.ico|/(?:assets|static)/[\w./@-]{1,200}"
    r"|/chat/\w{1,32}\.(?:css|js)|/source/[\w-]{1,99}(?:/more|/outline|/places)?|/picture/[0-9a-f]{24}|/articles|/models|/landing|/build|/kept|/quotes\.\w{1,8}|/choices|/comparison(?:\.\w{1,8})?|/standing|/topics|/writer"
    r"|/related/[0-9a-f]{1,32}/\d{1,9}|/export/[0-9a-f]{1,32}/\d{1,9}\.\w+|/feedback|/forget|/rename|/quote|/unquote|/watch|/unwatch|/noted|/restore"
    r"|/gradio_api/(?:app_id|queue/join|queue/data|heartbeat/\w{1,64}|cancel|reset|startup-events)",
    re.ASCII,
)
"""The only addresses that answer. Gradio's others (files, uploads, proxy, runs …) do not exist."""

_LASTING = re.compile(r"/(?:chat|assets|static)/.*|/theme\.css|/favicon\.ico")
"""What a browser may keep: ibid's own files. All else may hold what articles or readers said."""

_HEARD = frozenset(
    {b"accept", b"accept-encoding", b"content-length", b"content-type", b"host", b"range"}
    | {b"if-modified-since", b"if-none-match", b"if-range"}
)
"""The headers that count behind the guard. Others say where a proxy would be, and who asks it."""

# Gradio needs inline scripts and styles, and evaluates its templates.
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; script-src 'self' 'unsafe-inline' "
    "'unsafe-eval'; style-src 'self' 'unsafe-inline'; connect-src 'self'; font-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
STRICT_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_LONGEST_LENGTH = 9  # digits: more than anything takes
_log = logging.getLogger("ibid.ui")


class Refusal(NamedTuple):
    """Why a request is not answered."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Opening:
    """Addresses that answer, and what can be sent to them."""

    read: re.Pattern[str]
    """Those that can be read."""
    sent: re.Pattern[str]
    """Those that something can be sent to."""
    fits: Callable[[Mapping[str, Any], str], bool] | None = None
    """Tells whether an object is what an address takes; None where that looks by itself."""
    largest: int = LARGEST_REQUEST
    """Bytes that can be sent at once."""
    heard: frozenset[bytes] = frozenset()
    """The headers that count there beside those that always do."""


def open_page(events: Collection[int]) -> Opening:
    """Return the addresses of the chat's page; what happens on it is one of `events`."""
    pattern = re.compile("|".join(re.escape(path) for path in TAKEN if path != ADDING))
    return Opening(_OPEN, pattern, lambda body, path: is_taken(body, path, events))


def open_adding() -> Opening:
    """Return the address that takes an article: as large as one may be, in base 64."""
    largest = LARGEST_FILE * 4 // 3 + LARGEST_REQUEST
    only = re.compile(re.escape(ADDING))
    return Opening(re.compile(r"(?!)"), only, lambda body, path: is_taken(body, path, ()), largest)


_FOREIGN = Refusal(403, "Cross-site requests are refused")
_UNKNOWN = Refusal(401, "This needs the token: Authorization: Bearer …")


class StrictHeaders:
    """Sends the strict headers with every answer, refusals and failures included.

    It stands outside of everything else: what fails in there is logged and answered here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers.update(STRICT_HEADERS)
                if not _LASTING.fullmatch(scope.get("path", "")):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:
            if scope["type"] != "http":
                raise
            if isinstance(error.__cause__, HTTPException):  # a stream that nobody is to have
                await send({"type": "http.response.body", "body": b""})
                return
            _log.error("a request failed", exc_info=error)
            if not started:
                answer = PlainTextResponse("Something broke", 500)
                await answer(scope, receive, send_with_headers)


class Guard:
    """Refuses what no page of ours and no program of this machine sends.

    `openings` are the addresses that answer. With a `token` whoever asks has to have it, and may
    be on another machine.
    """

    def __init__(self, app: ASGIApp, openings: Sequence[Opening], token: str = "") -> None:
        self.app, self.openings, self.token = app, openings, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":  # the page opens none
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        opening = next((entry for entry in self.openings if _has(entry, scope["path"])), None)
        refused = _refuse_sender(headers, scope, self.token)
        refused = refused or _refuse_request(headers, scope, opening)
        if opening and refused is None and scope["method"] == "POST":
            try:
                async with asyncio.timeout(SECONDS_TO_SEND):
                    body = await _read(receive, scope["path"], opening)
            except TimeoutError:
                body = Refusal(408, "The request did not arrive in time")
            if body is None:  # nobody waits for an answer
                return
            refused = body if isinstance(body, Refusal) else None
            receive = _again(body, receive) if isinstance(body, bytes) else receive
        heard = _HEARD | opening.heard if opening else _HEARD
        raw_headers = [(name, value) for name, value in scope["headers"] if name in heard]
        scope = {**scope, "headers": raw_headers, "scheme": "http"}
        answering = PlainTextResponse(refused.reason, refused.status) if refused else self.app
        await answering(scope, receive, _opening(headers, send) if scope["path"] == "/" else send)


def _has(opening: Opening, path: str) -> bool:
    return any(paths.fullmatch(path) for paths in (opening.read, opening.sent))


def _refuse_sender(headers: Headers, scope: Scope, token: str) -> Refusal | None:
    """Return why somebody may not ask: under a foreign name, from a page elsewhere, or a stranger.

    A foreign name may be that of a page elsewhere, which knows no token.
    """
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    authority = read_authority(hosts[0]) if len(hosts) == 1 else None
    if authority is None or not (token or is_local(authority.name)):
        return Refusal(400, "Invalid host header")
    for origin in origins:
        scheme, _, address = origin.partition("://")
        if scheme.lower() != "http" or read_authority(address) != authority:
            return _FOREIGN
    is_foreign = headers.get("sec-fetch-site") in ("cross-site", "same-site")
    opens_page = headers.get("sec-fetch-mode") == "navigate" and scope["path"] == "/"
    if is_foreign and not opens_page:
        return _FOREIGN
    credentials = headers.get("authorization", "").encode("utf-8", "replace")
    is_known = not token or hmac.compare_digest(credentials, f"Bearer {token}".encode())
    return None if is_known else _UNKNOWN


def _refuse_request(headers: Headers, scope: Scope, opening: Opening | None) -> Refusal | None:
    """Return why a request cannot be answered, as far as its head tells."""
    if opening is None:
        return Refusal(404, "Not found")
    is_post = scope["method"] == "POST"
    pattern = opening.sent if is_post else opening.read
    if scope["method"] not in ("GET", "HEAD", "POST") or not pattern.fullmatch(scope["path"]):
        return Refusal(405, "Not allowed")
    length = headers.get("content-length", "0")
    if length.isdigit() and (len(length) > _LONGEST_LENGTH or int(length) > opening.largest):
        return Refusal(413, "Too large")
    has_body = "transfer-encoding" in headers or length != "0"
    if not is_post:
        return Refusal(400, "Nothing can be sent here") if has_body else None
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return None if kind == "application/json" else Refusal(415, "Only JSON can be sent")


async def _read(receive: Receive, path: str, opening: Opening) -> bytes | Refusal | None:
    """Return a body that an address takes, however it is framed; None when its sender left."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > opening.largest:
            return Refusal(413, "Too large")
    try:
        content = read_object(bytes(body))
    except ValueError:
        return Refusal(400, "This is not a plain JSON object")
    is_one = opening.fits is None or opening.fits(content, path)
    return bytes(body) if is_one else Refusal(400, "This is not what the address takes")


def _opening(headers: Headers, send: Send) -> Send:
    """Return a `send` that tells the page whether a page of the chat led to it.

    Only then does the page ask by itself what its address says. A browser that does not tell
    where it comes from, or that fetches pages before anybody wants them, is not believed.
    """
    is_own = headers.get("sec-fetch-site") == "same-origin"  # `none` may be somebody's redirect
    is_early = "sec-purpose" in headers or "purpose" in headers

    async def send_opening(message: Message) -> None:
        if message["type"] == "http.response.start":
            opening = MutableHeaders(scope=message)
            if is_own and not is_early:
                opening["Server-Timing"] = "own"
        await send(message)

    return send_opening


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives a body that was read already, then what comes after it."""
    waiting: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again
