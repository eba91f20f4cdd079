"""What the page asks for beside Gradio: its own files, articles, the index and its build."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from typing import Annotated, Any

from fastapi import Body, FastAPI, Query
from fastapi.responses import JSONResponse, Response
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse

from ibid.doctor import CHAT_ADDRESS, describe_chat
from ibid.errors import IbidError, IndexLocked, IndexUnusable, UsageError
from ibid.output import FORMATS
from ibid.text import printable
from ibid.ui.panes.comparisons import FORMATS as COMPARISON_FORMATS
from ibid.ui.panes.sources import MOST_MARKED, find_source, read_on
from ibid.ui.panes.trouble import in_words, sentence
from ibid.ui.panes.welcome import write_topics, write_writer
from ibid.ui.panes.windows import Side
from ibid.ui.server.state import Chat
from ibid.ui.talk.feedback import Complaint, Kind
from ibid.ui.talk.history import Exchange
from ibid.ui.talk.records import export
from ibid.ui.talk.request import find_article, read_within, write_choices


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the page is told."""

    said: str
    place: str = ""


_LONGEST = 200  # characters of what somebody looks for

SCRIPTS = (
    *("main", "dom", "articles", "card", "compare", "composer", "feedback", "keeping", "sieve"),
    *("source", "strip", "talk", "views"),
)
STYLES = (
    *("frame", "composer", "talk", "below", "welcome", "source", "articles", "compare"),
    "narrow",  # last: it changes what the others say
)
_ASSETS = {f"{name}.js": "text/javascript" for name in SCRIPTS} | {
    f"{name}.css": "text/css" for name in STYLES
}


def add_routes(app: FastAPI, chat: Chat) -> None:
    """Add the addresses to `app`, each with one call of what answers it."""
    _add_assets(app)
    _add_reading(app, chat)
    _add_building(app, chat)
    _add_comparing(app, chat)
    _add_keeping(app, chat)


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

    def get_more(key: str, at: Annotated[int, Query(ge=0, le=10**9)], side: Side) -> Response:
        return _told(lambda: read_on(key, at, side, chat.library))

    def get_articles(
        find: Annotated[str, Query(max_length=_LONGEST)] = "",
        start: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> Response:
        return _told(lambda: chat.shelves.write(find, start))

    def get_choices() -> Response:
        return _told(lambda: Outcome(write_choices(chat.library)))

    def get_writer() -> Response:
        return _told(lambda: Outcome(write_writer(chat.library)))

    async def get_about() -> Response:  # not in a thread: they may all be busy answering
        return JSONResponse(describe_chat(chat.library))

    app.get(CHAT_ADDRESS)(get_about)
    app.get("/choices")(get_choices)
    app.get("/writer")(get_writer)
    app.get("/source/{key}")(get_source)
    app.get("/source/{key}/more")(get_more)
    app.get("/articles")(get_articles)


def _add_comparing(app: FastAPI, chat: Chat) -> None:
    def get_comparison(request: HttpRequest, topic: str) -> Response:
        within = read_within(request.query_params)
        return _told(lambda: chat.comparisons.write(topic, within))

    def get_export(request: HttpRequest, topic: str, suffix: str) -> Response:
        if suffix not in COMPARISON_FORMATS:
            return PlainTextResponse("Not found", 404)
        within = read_within(request.query_params)
        try:
            written = chat.comparisons.export(topic, within, suffix)
        except IbidError as error:
            return _trouble(error, 404)
        return _saved(written, "ibid-comparison", suffix, COMPARISON_FORMATS[suffix].media_type)

    def get_topics() -> Response:
        return _told(lambda: Outcome(write_topics(chat.offers)))

    app.get("/topics")(get_topics)
    app.get("/comparison")(get_comparison)
    app.get("/comparison.{suffix}")(get_export)


def _saved(written: str, name: str, suffix: str, media_type: str) -> Response:
    """Return a file that the browser saves and never shows as a page of the chat."""
    named = {"Content-Disposition": f'attachment; filename="{name}.{suffix}"'}
    return Response(written, media_type=media_type, headers=named)


def _add_building(app: FastAPI, chat: Chat) -> None:
    def get_build() -> Response:
        return _told(lambda: chat.rebuild.job)

    def start_build(losing: Annotated[str, Body(embed=True, max_length=_LONGEST)] = "") -> Response:
        try:
            chat.rebuild.start(losing)
        except IndexLocked as error:
            return _trouble(error, 409)
        return _told(lambda: chat.rebuild.job)

    def get_standing() -> Response:
        try:
            changes = chat.library.changes()
        except IndexUnusable:  # the page itself says what to do then
            changes = []
        except IbidError as error:
            return JSONResponse(
                {"error": sentence(error), "hint": printable(error.hint), "stale": True}
            )
        said = printable(f"Since the index was built: {', '.join(changes)}.") if changes else ""
        return JSONResponse({"stale": bool(changes), "said": said})

    app.get("/build")(get_build)
    app.post("/build")(start_build)
    app.get("/standing")(get_standing)


def _add_keeping(app: FastAPI, chat: Chat) -> None:
    def get_export(id: str, number: int, suffix: str) -> Response:
        if suffix not in FORMATS:
            return PlainTextResponse("Not found", 404)
        try:
            exchange = _find_exchange(chat, id, number)
            written = exchange.exports.get(suffix) or export(exchange.record, suffix, chat.library)
        except IbidError as error:
            return _trouble(error, 404)
        return _saved(written, "ibid-answer", suffix, FORMATS[suffix].media_type)

    def forget(id: Annotated[str, Body(embed=True)]) -> Response:
        return _told(lambda: chat.keeper.forget(id) or Outcome("Deleted."))

    def complain(
        id: Annotated[str, Body()], number: Annotated[int, Body()], complaint: Complaint
    ) -> Response:
        return _told(lambda: _note(complaint, _find_exchange(chat, id, number), chat))

    app.get("/export/{id}/{number}.{suffix}")(get_export)
    app.post("/forget")(forget)
    app.post("/feedback")(complain)


def _find_exchange(chat: Chat, id: str, number: int) -> Exchange:
    for exchange in chat.keeper.read(id):
        if exchange.number == number:
            return exchange
    raise UsageError("this answer is not kept any more")


def _note(complaint: Complaint, exchange: Exchange, chat: Chat) -> Outcome:
    if complaint.kind is Kind.MISSING_SOURCE:
        article = find_article(complaint.article, chat.library)
        complaint = replace(complaint, article=article.id)
        said = printable(f"Kept as a missing source: {article.title}")
    else:
        said = "Taken back." if complaint.taken_back else f"Kept: {complaint.kind}."
    chat.feedback.note(complaint, exchange)
    return Outcome(said, chat.feedback.path.as_posix())


def _told(find: Callable[[], Any]) -> Response:
    """Return what was found as JSON, or the error and its hint."""
    try:
        return JSONResponse(asdict(find()))
    except Exception as error:  # noqa: BLE001  (a request's border: the page must stay usable)
        return _trouble(in_words(error), 404)


def _trouble(error: IbidError, status: int) -> Response:
    return JSONResponse(
        {"error": sentence(error), "hint": printable(error.hint)}, status_code=status
    )
