"""What the page asks for beside Gradio: its own files, articles, the index and its build."""

from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.resources import files
from typing import Annotated

from fastapi import Body, FastAPI, Query
from fastapi.responses import JSONResponse, Response
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse

from ibid.doctor import CHAT_ADDRESS, describe_chat
from ibid.errors import IbidError, IndexLocked, IndexUnusable, UsageError
from ibid.output import FORMATS
from ibid.text import printable
from ibid.ui.panes.articles import Order
from ibid.ui.panes.comparisons import FORMATS as COMPARISON_FORMATS
from ibid.ui.panes.kept import find_any, find_key
from ibid.ui.panes.models import write_models
from ibid.ui.panes.sources import MOST_MARKED, find_places, read_on, write_outline
from ibid.ui.panes.trouble import sentence
from ibid.ui.panes.welcome import write_topics, write_writer
from ibid.ui.panes.windows import Side
from ibid.ui.server.bodies import ADDING
from ibid.ui.server.kept import add_kept
from ibid.ui.server.replies import LONGEST, Outcome, answered, download, told, trouble
from ibid.ui.server.state import Chat
from ibid.ui.talk.adding import add_article, find_landing
from ibid.ui.talk.feedback import Complaint
from ibid.ui.talk.feedback import Kind as Complained
from ibid.ui.talk.history import Exchange
from ibid.ui.talk.records import export
from ibid.ui.talk.request import find_article, read_within, write_choices

LONGEST_SENT = 1000  # characters of a name as somebody else gave it


@dataclass(frozen=True, slots=True)
class Places:
    """Where an article has what somebody looks for."""

    keys: list[str]


SCRIPTS = (
    *("main", "add", "dom", "articles", "card", "compare", "composer", "feedback", "related"),
    *("settings", "side", "sieve", "source", "strip", "talk", "views", "writer"),
)
STYLES = (
    *("frame", "composer", "talk", "below", "welcome", "source", "articles", "compare"),
    *("figures", "side"),
    "narrow",  # last: it changes what the others say
)
_ASSETS = {f"{name}.js": "text/javascript" for name in SCRIPTS} | {
    f"{name}.css": "text/css" for name in STYLES
}


def add_routes(app: FastAPI, chat: Chat) -> None:
    """Add the addresses to `app`, each with one call of what answers it."""
    _add_assets(app)
    _add_reading(app, chat)
    _add_places(app, chat)
    _add_building(app, chat)
    _add_adding(app, chat)
    _add_comparing(app, chat)
    _add_answers(app, chat)
    add_kept(app, chat)


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
        return told(lambda: find_any(key, also, chat.library, chat.pictures, chat.quotes))

    def get_more(key: str, at: Annotated[int, Query(ge=0, le=10**9)], side: Side) -> Response:
        place = partial(find_key, key, chat.library, chat.quotes)
        return told(lambda: read_on(place(), at, side, chat.library, chat.pictures))

    def get_articles(
        find: Annotated[str, Query(max_length=LONGEST)] = "",
        start: Annotated[int, Query(ge=0, le=10**9)] = 0,
        order: Order = Order.STATE,
    ) -> Response:
        return told(lambda: chat.shelves.write(find, start, order))

    def get_choices() -> Response:
        return told(lambda: Outcome(write_choices(chat.library)))

    def get_writer() -> Response:
        return told(lambda: Outcome(write_writer(chat.library)))

    def get_models() -> Response:
        return told(lambda: Outcome(write_models(chat.library)))

    async def get_about() -> Response:  # not in a thread: they may all be busy answering
        return JSONResponse(describe_chat(chat.library))

    app.get(CHAT_ADDRESS)(get_about)
    app.get("/choices")(get_choices)
    app.get("/writer")(get_writer)
    app.get("/models")(get_models)
    app.get("/source/{key}")(get_source)
    app.get("/source/{key}/more")(get_more)
    app.get("/articles")(get_articles)


def _add_places(app: FastAPI, chat: Chat) -> None:
    def get_places(key: str, find: Annotated[str, Query(max_length=LONGEST)]) -> Response:
        place = partial(find_key, key, chat.library, chat.quotes)
        return told(lambda: Places(find_places(place(), find, chat.library)))

    def get_outline(key: str) -> Response:
        place = partial(find_key, key, chat.library, chat.quotes)
        return told(lambda: Outcome(write_outline(place(), chat.library)))

    def get_picture(name: str) -> Response:
        try:
            content, kind = chat.pictures.read(name)
        except UsageError:
            return PlainTextResponse("Not found", 404)
        return Response(content, media_type=kind)

    app.get("/source/{key}/places")(get_places)
    app.get("/source/{key}/outline")(get_outline)
    app.get("/picture/{name}")(get_picture)


def _add_comparing(app: FastAPI, chat: Chat) -> None:
    def get_comparison(request: HttpRequest, topic: str) -> Response:
        within = read_within(request.query_params)
        return told(lambda: chat.comparisons.write(topic, within))

    def get_export(request: HttpRequest, topic: str, suffix: str) -> Response:
        if suffix not in COMPARISON_FORMATS:
            return PlainTextResponse("Not found", 404)
        within, kind = read_within(request.query_params), COMPARISON_FORMATS[suffix].media_type
        write = partial(chat.comparisons.export, topic, within, suffix)
        return answered(lambda: download(write(), "ibid-comparison", suffix, kind))

    def get_topics() -> Response:
        return told(lambda: Outcome(write_topics(chat.offers)))

    app.get("/topics")(get_topics)
    app.get("/comparison")(get_comparison)
    app.get("/comparison.{suffix}")(get_export)


def _add_adding(app: FastAPI, chat: Chat) -> None:
    def get_landing(
        name: Annotated[str, Query(max_length=LONGEST_SENT)], size: Annotated[int, Query(ge=0)]
    ) -> Response:
        find = partial(find_landing, name, size, chat.library)
        # What cannot be added is told beside what can.
        return answered(lambda: JSONResponse(asdict(find())), 200)

    def add(name: Annotated[str, Body()], content: Annotated[str, Body()]) -> Response:
        return told(lambda: add_article(name, content, chat.library))

    app.get("/landing")(get_landing)
    app.post(ADDING)(add)


def _add_building(app: FastAPI, chat: Chat) -> None:
    def get_build() -> Response:
        return told(lambda: chat.rebuild.job)

    def start_build(losing: Annotated[str, Body(embed=True, max_length=LONGEST)] = "") -> Response:
        try:
            chat.rebuild.start(losing)
        except IndexLocked as error:
            return trouble(error, 409)
        return told(lambda: chat.rebuild.job)

    def get_standing() -> Response:
        try:
            changes = chat.library.changes()
        except IndexUnusable:  # the page itself says what to do then
            changes = []
        except IbidError as error:
            return JSONResponse(
                {"error": sentence(error), "hint": printable(error.hint), "stale": True}
            )
        message = printable(f"Since the index was built: {', '.join(changes)}.") if changes else ""
        return JSONResponse({"stale": bool(changes), "said": message})

    app.get("/build")(get_build)
    app.post("/build")(start_build)
    app.get("/standing")(get_standing)


def _add_answers(app: FastAPI, chat: Chat) -> None:
    def get_export(id: str, number: int, suffix: str) -> Response:
        if suffix not in FORMATS:
            return PlainTextResponse("Not found", 404)

        def write() -> str:
            exchange = _find_exchange(chat, id, number)
            return exchange.exports.get(suffix) or export(exchange.record, suffix, chat.library)

        kind = FORMATS[suffix].media_type
        return answered(lambda: download(write(), "ibid-answer", suffix, kind))

    def complain(
        id: Annotated[str, Body()], number: Annotated[int, Body()], complaint: Complaint
    ) -> Response:
        return told(lambda: _note(complaint, _find_exchange(chat, id, number), chat))

    def get_related(id: str, number: int) -> Response:
        return told(lambda: Outcome(chat.related.write(id, number)))

    app.get("/related/{id}/{number}")(get_related)
    app.get("/export/{id}/{number}.{suffix}")(get_export)
    app.post("/feedback")(complain)


def _find_exchange(chat: Chat, id: str, number: int) -> Exchange:
    for exchange in chat.keeper.read(id):
        if exchange.number == number:
            return exchange
    raise UsageError("this answer is not kept any more")


def _note(complaint: Complaint, exchange: Exchange, chat: Chat) -> Outcome:
    if complaint.kind is Complained.MISSING_SOURCE:
        article = find_article(complaint.article, chat.library)
        complaint = replace(complaint, article=article.id)
        message = printable(f"Kept as a missing source: {article.title}")
    else:
        message = "Taken back." if complaint.taken_back else f"Kept: {complaint.kind}."
    chat.feedback.note(complaint, exchange)
    return Outcome(message, chat.feedback.path.as_posix())
