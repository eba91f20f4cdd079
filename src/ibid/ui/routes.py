"""What the page asks for beside Gradio: its own files, articles, the index and its build."""

from collections.abc import Callable
from dataclasses import asdict
from importlib.resources import files
from typing import Annotated, Any

from fastapi import FastAPI, Query
from fastapi.responses import JSONResponse, Response
from starlette.responses import PlainTextResponse

from ibid.errors import IbidError, IndexLocked, IndexUnusable
from ibid.ui.chat import Chat
from ibid.ui.sources import MOST_MARKED, find_source
from ibid.ui.trouble import in_words, sentence

_LONGEST = 200  # characters of what somebody looks for

SCRIPTS = ("main", "dom", "articles", "card", "source", "strip", "talk", "views")
STYLES = ("frame", "talk", "source", "articles", "narrow")
_ASSETS = {f"{name}.js": "text/javascript" for name in SCRIPTS} | {
    f"{name}.css": "text/css" for name in STYLES
}


def add_routes(app: FastAPI, chat: Chat) -> None:
    """Add the addresses to `app`, each with one call of what answers it."""
    _add_assets(app)
    _add_reading(app, chat)
    _add_building(app, chat)


def _add_assets(app: FastAPI) -> None:
    def get_asset(name: str) -> Response:
        if name not in _ASSETS:
            return PlainTextResponse("Not found", 404)
        content = (files("ibid.ui") / "assets" / name).read_bytes()
        caching = {"Cache-Control": "no-cache"}
        return Response(content, media_type=_ASSETS[name], headers=caching)

    app.get("/chat/{name}")(get_asset)


def _add_reading(app: FastAPI, chat: Chat) -> None:
    def get_source(
        key: str, also: Annotated[tuple[str, ...], Query(max_length=MOST_MARKED)] = ()
    ) -> Response:
        return _told(lambda: find_source(key, also, chat.library))

    def get_articles(
        find: Annotated[str, Query(max_length=_LONGEST)] = "",
        start: Annotated[int, Query(ge=0)] = 0,
    ) -> Response:
        return _told(lambda: chat.shelves.write(find, start))

    app.get("/source/{key}")(get_source)
    app.get("/articles")(get_articles)


def _add_building(app: FastAPI, chat: Chat) -> None:
    def get_build() -> Response:
        return _told(lambda: chat.rebuild.job)

    def start_build() -> Response:
        try:
            chat.rebuild.start()
        except IndexLocked as error:
            return _trouble(error, 409)
        return _told(lambda: chat.rebuild.job)

    def get_standing() -> Response:
        try:
            changes = chat.library.changes()
        except IndexUnusable:  # the page itself says what to do then
            changes = []
        except IbidError as error:
            return JSONResponse({"error": sentence(error), "hint": error.hint, "stale": True})
        said = f"Since the index was built: {', '.join(changes)}." if changes else ""
        return JSONResponse({"stale": bool(changes), "said": said})

    app.get("/build")(get_build)
    app.post("/build")(start_build)
    app.get("/standing")(get_standing)


def _told(find: Callable[[], Any]) -> Response:
    """Return what was found as JSON, or the error and its hint."""
    try:
        return JSONResponse(asdict(find()))
    except Exception as error:  # noqa: BLE001  (a request's border: the page must stay usable)
        return _trouble(in_words(error), 404)


def _trouble(error: IbidError, status: int) -> Response:
    return JSONResponse({"error": sentence(error), "hint": error.hint}, status_code=status)
