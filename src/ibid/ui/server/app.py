"""The server: this machine only, behind a guard, and closed to whoever keeps it waiting."""

import logging
import os
import socket
from collections.abc import Callable, Sequence
from threading import Thread

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.types import ASGIApp

from ibid.errors import IbidError
from ibid.library import Library
from ibid.ui.server.addresses import find_address
from ibid.ui.server.guarding import Guard, Opening, StrictHeaders, open_adding, open_page
from ibid.ui.server.routes import add_routes
from ibid.ui.server.state import Chat

Door = Callable[[FastAPI, Chat], Opening]
"""Adds addresses of its own to an application, and returns what they take."""


def serve(
    library: Library,
    announce: Callable[[str], None],
    doors: Sequence[Door] = (),
    *,
    page: bool = True,
) -> None:
    """Serve the chat until it is interrupted; `announce` is told its address.

    What the `doors` add is served beside it, or alone without the `page`. Raises UsageError for a
    host that is not this machine, IbidError when the port is taken.
    """
    host, port = library.settings.host, library.settings.port
    token = "" if page else library.settings.token
    with _listen(host, port, token) as listening:
        from ibid.ui.server.connections import Server
        from ibid.ui.server.logs import show_log

        show_log()
        chat = Chat(library)
        server = Server(_app_of(chat, doors, page=page, token=token))
        if page:
            Thread(target=_warm_up, args=(chat,), daemon=True).start()
        url_host = f"[{host}]" if ":" in host else host
        announce(f"http://{url_host}:{listening.getsockname()[1]}")
        server.run(sockets=[listening])


def create_app(library: Library, doors: Sequence[Door] = (), *, page: bool = True) -> ASGIApp:
    """Return the chat as an application for any ASGI server."""
    return _app_of(Chat(library), doors, page=page)


def _app_of(chat: Chat, doors: Sequence[Door], *, page: bool, token: str = "") -> ASGIApp:
    app = FastAPI(title="ibid", openapi_url=None, docs_url=None, redoc_url=None)
    openings = [door(app, chat) for door in doors]  # before the page, which takes every address
    if page:
        openings.append(_open_page(app, chat))
        if chat.library.settings.add:
            openings.append(open_adding())
    return StrictHeaders(Guard(app, openings, token))


def _open_page(app: FastAPI, chat: Chat) -> Opening:
    """Add the page and what it asks for."""
    # Gradio sums up all events after each one, with pandas, for a page that does not exist here.
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(2**31)
    from ibid.ui.server.page import mount_page

    add_routes(app, chat)
    events = mount_page(app, chat)
    mounted = (route.app for route in app.routes if isinstance(route, Mount) and not route.path)
    for application in (app, *mounted):
        if isinstance(application, FastAPI):
            application.add_exception_handler(RequestValidationError, _refuse_values)
    return open_page(events)


def _refuse_values(_: Request, __: Exception) -> Response:
    body = {"error": "This is not what the address takes.", "hint": ""}
    return JSONResponse(body, status_code=400)


def _listen(host: str, port: int, token: str) -> socket.socket:
    """Return a socket that listens. Raises UsageError, IbidError."""
    address = find_address(host, elsewhere=bool(token))
    listening = socket.socket(address.family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address.ip, port))
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
