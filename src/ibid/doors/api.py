"""The HTTP API: what the commands print with --json, for programs of this machine."""

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from typing import Annotated, Any, cast

from fastapi import FastAPI, Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from ibid import __version__
from ibid.doors.asking import (
    LARGEST,
    Stream,
    Within,
    last_answer,
    say_wrong,
    status_of,
    take_turn,
    turn,
)
from ibid.errors import FolderError, IbidError
from ibid.library import Library
from ibid.output import (
    SHAPES,
    answer_json,
    comparison_json,
    described_json,
    dump_line,
    hit_json,
    proof_json,
    search_json,
)
from ibid.types import Anew, ArticleId, Delta, Done, Event, Found, Turn
from ibid.ui import Chat, Opening

PATH = "/api"
MOST_LISTED = 1_000

_READ = re.compile(PATH + r"/(?:articles|status|openapi\.json)")
_SENT = re.compile(PATH + r"/(?:search|ask|compare|verify)")


class Searched(Within):
    """What is searched for."""

    question: str
    k: int = Field(8, ge=1, le=1000, description="passages")


class Said(BaseModel):
    """An earlier exchange of a conversation."""

    model_config = ConfigDict(extra="forbid")
    question: str
    answer: str = ""
    articles: list[str] = Field([], description="the ids that it cites, in order")


class Asked(Within):
    """What is asked."""

    question: str
    history: list[Said] = Field([], max_length=50)
    stream: bool = Field(False, description="Server-sent events: found, delta, anew, done, error")


class Topic(Within):
    """What is compared."""

    topic: str = Field("", description="nothing for what the articles have in common")


class Written(Within):
    """What is verified."""

    text: str
    start: int = Field(0, ge=0, description="leave out the sentences before this character")


class Trouble(BaseModel):
    """What went wrong, and what to do."""

    error: str
    hint: str


def open_api(app: FastAPI, chat: Chat) -> Opening:
    """Add the API to an application, at /api, with an OpenAPI document of its own."""
    codes: dict[int | str, dict[str, Any]] = {
        code: {"model": Trouble} for code in (400, 409, 500, 503)
    }
    api = FastAPI(
        title="ibid",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        responses=codes,
        servers=[{"url": PATH}],
    )
    api.add_exception_handler(RequestValidationError, _refuse)
    api.add_exception_handler(IbidError, _complain)
    _add_questions(api, chat)
    _add_reading(api, chat.library)
    app.mount(PATH, api)
    return Opening(_READ, _SENT, largest=LARGEST)


def _add_questions(api: FastAPI, chat: Chat) -> None:
    library = chat.library

    def search(request: Searched) -> Response:
        """Return the passages that fit a question, as `ibid search --json` prints them."""
        with turn(chat):
            query, hits = library.find(request.question, request.k, request.within)
            return _json(search_json(hits, query, library))

    def ask(request: Asked) -> Response:
        """Return an answer, as `ibid ask --json` prints it, or what leads to it as it comes."""
        events = library.stream(request.question, request.within, _turns(request.history))
        batches = take_turn(cast("Generator[Event]", events), chat)
        if request.stream:
            return Stream(partial(_events, library=library), batches)
        return _json(answer_json(last_answer(batches), library))

    def compare(request: Topic) -> Response:
        """Return what the articles claim about a topic, as `ibid compare --json` prints it."""
        with turn(chat):
            return _json(comparison_json(library.compare(request.topic, request.within), library))

    def verify(request: Written) -> Response:
        """Return the verdict on each sentence of a text, with what it rests on."""
        with turn(chat):
            proofs = library.verify(request.text, request.within, request.start)
            return _json([proof_json(proof, library) for proof in proofs])

    shapes: dict[Callable[..., Response], str] = {
        **{search: "search", ask: "ask", compare: "compare", verify: "verify"}
    }
    for route, shape in shapes.items():
        api.post(f"/{shape}", responses={200: {"model": SHAPES[shape]}})(route)


def _add_reading(api: FastAPI, library: Library) -> None:
    def articles(
        start: Annotated[int, Query(ge=0, le=10**9)] = 0,
        count: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 100,
    ) -> Response:
        """Return the articles in the index, by id, without their texts."""
        listed = library.described
        page = [described_json(article) for article in listed[start : start + count]]
        return _json({"of": len(listed), "articles": page})

    def status() -> Response:
        """Return what is indexed, and what changed in the folder since."""
        return _json(describe(library))

    api.get("/articles")(articles)
    api.get("/status")(status)


def describe(library: Library) -> dict[str, Any]:
    """Return what is indexed, what changed since, and who writes. Raises IndexUnusable."""
    try:
        changes = library.changes()
    except FolderError as error:
        changes = [str(error)]
    return {
        "version": __version__,
        "index": library.store.current_name(),
        "articles": len(library.described),
        "embedder": library.embedder.identity.name,
        "stale": changes,
    }


def _turns(history: Sequence[Said]) -> list[Turn]:
    return [
        Turn(exchange.question, exchange.answer, tuple(map(ArticleId, exchange.articles)))
        for exchange in history
    ]


def _events(batches: Iterator[Sequence[Event]], library: Library) -> Iterator[str]:
    """Yield an answer's events as server-sent ones; what fails in between is the last of them."""
    try:
        for batch in batches:
            yield "".join(map(partial(_event, library=library), batch)) or ": waiting\n\n"
    except IbidError as error:
        yield _sent("error", {"error": str(error), "hint": error.hint})


def _event(event: Event, library: Library) -> str:
    match event:
        case Found(hits, question):
            records = [hit_json(hit, library) for hit in hits]
            return _sent("found", {"question": question, "hits": records})
        case Delta(text):
            return _sent("delta", {"text": text})
        case Anew(text):
            return _sent("anew", {"text": text})
        case Done(answer):
            return _sent("done", answer_json(answer, library))


def _sent(name: str, value: object) -> str:
    return f"event: {name}\ndata: {dump_line(value)}\n\n"


def _json(value: object, status: int = 200) -> Response:
    return Response(dump_line(value), status, media_type="application/json")


def _complain(_: Request, error: Exception) -> Response:
    hint = error.hint if isinstance(error, IbidError) else ""
    status = status_of(error) if isinstance(error, IbidError) else 500
    return _json({"error": str(error), "hint": hint}, status)


def _refuse(_: Request, error: Exception) -> Response:
    message = (
        say_wrong(error.errors(), inside=1) if isinstance(error, RequestValidationError) else ""
    )
    return _json({"error": message, "hint": f"{PATH}/openapi.json says what it takes"}, 400)
