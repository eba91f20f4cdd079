"""The server: this machine only, a short list of addresses, and strict headers on every answer."""

import logging
import os
import re
import socket
from collections.abc import Callable
from threading import Thread
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ibid.errors import IbidError, UsageError
from ibid.library import Library
from ibid.ui.chat import Chat
from ibid.ui.routes import add_routes

HOSTS = ("127.0.0.1", "localhost", "::1")

LARGEST_REQUEST = 64 * 1024
"""Bytes. A question has 2,000 characters at most; the rest is Gradio's envelope."""

_OPEN = re.compile(
    r"/|/about|/config|/theme\.css|/favicon\.ico|/(?:assets|static)/[\w./@-]+"
    r"|/chat/\w+\.(?:css|js)|/source/[\w-]+|/articles|/build|/choices|/comparison(?:\.\w+)?|/standing|/topics|/writer"
    r"|/export/[0-9a-f]+/\d+\.\w+|/feedback|/forget"
    r"|/gradio_api/(?:queue/join|queue/data|heartbeat/\w+|cancel|reset|startup-events)"
)
"""The only addresses that answer. Gradio's others (files, uploads, proxy, runs …) do not exist."""

# Gradio needs inline scripts and styles, and evaluates its templates.
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; script-src 'self' 'unsafe-inline' "
    "'unsafe-eval'; style-src 'self' 'unsafe-inline'; connect-src 'self'; font-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def serve(library: Library, announce: Callable[[str], None]) -> None:
    """Serve the chat until it is interrupted; `announce` is told its address.

    Raises UsageError for a host that is not this machine, IbidError when the port is taken.
    """
    host, port = library.settings.host, library.settings.port
    with _listen(host, port) as listening:
        chat = Chat(library)
        config = uvicorn.Config(_app_of(chat), log_level="warning", use_colors=False)
        Thread(target=_warm_up, args=(chat,), daemon=True).start()
        shown = f"[{host}]" if ":" in host else host
        announce(f"http://{shown}:{listening.getsockname()[1]}")
        Server(config).run(sockets=[listening])


def create_app(library: Library) -> FastAPI:
    """Return the chat as an application for any ASGI server."""
    return _app_of(Chat(library))


def _app_of(chat: Chat) -> FastAPI:
    # Gradio sums up all events after each one, with pandas, for a page that does not exist here.
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(2**31)
    from ibid.ui.page import mount_page

    app = FastAPI(title="ibid", openapi_url=None, docs_url=None, redoc_url=None)
    add_routes(app, chat)
    app.add_middleware(Guard)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS), www_redirect=False)
    app.add_middleware(StrictHeaders)
    mount_page(app, chat)
    return app


class Server(uvicorn.Server):
    """A server that leaves at the first Ctrl-C: an open page holds a connection that never ends."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note the signal and stop waiting for anybody."""
        super().handle_exit(sig, frame)
        self.force_exit = True


class StrictHeaders:
    """Sends the strict headers with every answer, refusals included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class Guard:
    """Refuses what the chat's own page never sends."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":  # the page opens none
            await send({"type": "websocket.close", "code": 1008})
            return
        refused = _refuse(scope) if scope["type"] == "http" else None
        answering = PlainTextResponse(refused[1], refused[0]) if refused else self.app
        await answering(scope, receive, send)


def _refuse(scope: Scope) -> tuple[int, str] | None:
    """Return status and reason when a request must not be answered."""
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{headers.get('host')}":
        return 403, "Cross-site requests are refused"
    foreign = headers.get("sec-fetch-site") in ("cross-site", "same-site")
    if foreign and headers.get("sec-fetch-mode") != "navigate":
        return 403, "Cross-site requests are refused"
    if not _OPEN.fullmatch(scope["path"]):
        return 404, "Not found"
    if scope["method"] not in ("GET", "HEAD"):
        length = headers.get("content-length", "")
        if not length.isdigit():
            return 411, "Length required"
        if int(length) > LARGEST_REQUEST:
            return 413, "Too large"
    return None


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises UsageError, IbidError."""
    if host not in HOSTS:
        raise UsageError(
            f"the chat listens on this machine only, not on {host}",
            hint="ibid chat --host 127.0.0.1",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except (OSError, OverflowError) as error:
        listening.close()
        raise IbidError(f"port {port} is taken", hint="ibid chat --port 7861") from error
    return listening


def _warm_up(chat: Chat) -> None:
    """Read index and model before the first question; what fails here is told there."""
    try:
        chat.library.search("warm up", k=1)
        chat.offers.find()
        chat.shelves.warm_up()
    except IbidError as error:
        logging.getLogger("ibid.ui").debug("not ready yet: %s", error)
