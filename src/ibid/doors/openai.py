"""An OpenAI-compatible server whose model is ibid: it answers from the articles, and cites.

What streams is the checked answer, sentence by sentence: a client cannot take back what it has
shown, so nothing is sent that was not held against the articles.
"""

import re
import time
import uuid
from collections.abc import Generator, Iterator, Sequence
from itertools import pairwise
from typing import Any, Literal, cast
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from ibid.doors.asking import LARGEST, Stream, last_answer, say_wrong, status_of, take_turn
from ibid.errors import IbidError, UsageError
from ibid.library import Library
from ibid.output import Cited, dump_line, write_cited
from ibid.text import count_tokens, line_of
from ibid.types import Answer, Claim, Done, Event, Turn
from ibid.ui import Chat, Opening

PATH = "/v1"
MODEL = "ibid"

_READ = re.compile(PATH + r"/models(?:/[\w.:-]{1,64})?", re.ASCII)
_SENT = re.compile(PATH + r"/chat/completions")
_NOTES = "\n\n- [1] "
"""What begins the notes below an answer: they are no part of what it said."""
_PLACE = re.compile(r"^- \[\d+\] .*`(?P<path>[^`\n]+):\d+`", re.MULTILINE)
_SILENT = 25  # batches of which one is told, so that nobody takes the stream for dead

Batches = Iterator[Sequence[Event]]


class Part(BaseModel):
    """A part of a message: only text is read."""

    model_config = ConfigDict(extra="allow")
    type: str
    text: str = ""


class Said(BaseModel):
    """A message of a conversation."""

    model_config = ConfigDict(extra="allow")
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """What it says, pictures and the like left out."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    """What a stream has beside the answer."""

    model_config = ConfigDict(extra="allow")
    include_usage: bool = False


class Asked(BaseModel):
    """A request for an answer. What would steer a model may be there, and steers nothing."""

    model_config = ConfigDict(extra="allow")
    model: str
    messages: list[Said] = Field(min_length=1, max_length=1000)
    stream: bool = False
    stream_options: StreamOptions = StreamOptions()
    n: Literal[1] | None = None


def open_openai(app: FastAPI, chat: Chat) -> Opening:
    """Add the models and their answers to an application, at /v1."""
    api = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    api.add_exception_handler(RequestValidationError, _refuse)
    api.add_exception_handler(IbidError, _complain)

    def list_models() -> Response:
        return _json({"object": "list", "data": [_model()]})

    def show_model(name: str) -> Response:
        return _json(_model()) if name == MODEL else _no_model(name)

    def complete(request: Asked) -> Response:
        return _complete(request, chat) if request.model == MODEL else _no_model(request.model)

    api.get("/models")(list_models)
    api.get("/models/{name}")(show_model)
    api.post("/chat/completions")(complete)
    app.mount(PATH, api)
    return Opening(_READ, _SENT, largest=LARGEST)


def _complete(request: Asked, chat: Chat) -> Response:
    library = chat.library
    question, history = read_conversation(request.messages, library)
    events = cast("Generator[Event]", library.stream(question, history=history))
    batches = take_turn(events, chat)
    completion = _Completion(request, library)
    if request.stream:
        return Stream(completion.stream, batches)
    return _json(completion.write(last_answer(batches)))


def read_conversation(messages: Sequence[Said], library: Library) -> tuple[str, list[Turn]]:
    """Return the question, which is the last message of the user, and the turns before it.

    Raises UsageError where the user does not come last.
    """
    spoken = [message for message in messages if message.role in ("user", "assistant")]
    if not spoken or spoken[-1].role != "user":
        raise UsageError("the last message is not the user's", hint="end with what is asked")
    turns: list[Turn] = []
    for question, answer in pairwise(spoken):
        if question.role == "user" and answer.role == "assistant":
            text, _, notes = answer.text.partition(_NOTES)
            turns.append(Turn(question.text, text, _cited(f"{_NOTES}{notes}", library)))
    return spoken[-1].text, turns


def _cited(notes: str, library: Library) -> tuple[Any, ...]:
    """Return the articles that the notes of an answer name, in their order."""
    paths = [match["path"] for match in _PLACE.finditer(notes)]
    folders = library.folders
    ids = {
        folders.path(article.id).as_posix(): article.id for article in library.described if paths
    }
    return tuple(dict.fromkeys(ids[path] for path in paths if path in ids))


class _Completion:
    """One answer in the shape of OpenAI's."""

    def __init__(self, request: Asked, library: Library) -> None:
        self.asked, self.library = request, library
        self.head = {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "created": int(time.time()),
            "model": MODEL,
        }

    def write(self, answer: Answer) -> dict[str, Any]:
        """Return the answer whole."""
        cited = write_cited(answer, self.library)
        message = {
            "role": "assistant",
            "content": cited.text,
            "refusal": None,
            "annotations": annotate(cited, self.library),
        }
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        whole = {**self.head, "object": "chat.completion", "choices": [choice]}
        return whole | {"usage": self._usage(cited)}

    def stream(self, batches: Batches) -> Iterator[str]:
        """Yield the answer piece by piece once it is checked, its citations with the last one."""
        try:
            for number, batch in enumerate(batches):
                if batch and isinstance(event := batch[-1], Done):
                    yield from self._pieces(event.answer)
                elif number % _SILENT == 0:
                    yield ": waiting\n\n"
        except IbidError as error:
            yield _sent({"error": _error(error)})
        yield "data: [DONE]\n\n"

    def _pieces(self, answer: Answer) -> Iterator[str]:
        cited = write_cited(answer, self.library)
        yield self._chunk({"role": "assistant", "content": ""})
        for text, _ in cited.pieces:
            if text:
                yield self._chunk({"content": text})
        yield self._chunk({"annotations": annotate(cited, self.library)}, "stop")
        if self.asked.stream_options.include_usage:
            yield _sent({**self._chunked, "choices": [], "usage": self._usage(cited)})

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
        return _sent({**self._chunked, "choices": [choice]})

    @property
    def _chunked(self) -> dict[str, Any]:
        return {**self.head, "object": "chat.completion.chunk"}

    def _usage(self, cited: Cited) -> dict[str, int]:
        """Return how many tokens were read and written, by a careful estimate."""
        prompt_tokens = sum(count_tokens(message.text) for message in self.asked.messages)
        completion_tokens = count_tokens(cited.text)
        return {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
        }


def annotate(cited: Cited, library: Library) -> list[dict[str, Any]]:
    """Return the citations of an answer: each where its sentence stands in the text."""
    annotations: list[dict[str, Any]] = []
    at = 0
    for text, claim in cited.pieces:
        annotations += _annotations(claim, at, at + len(text), library) if claim else []
        at += len(text)
    return annotations


def _annotations(claim: Claim, start: int, end: int, library: Library) -> Iterator[dict[str, Any]]:
    for citation in claim.citations:
        article = library.article(citation.passage.article)
        line = line_of(article.text, citation.quote.start)
        place = {
            "start_index": start,
            "end_index": end,
            "url": f"ibid://article/{quote(article.id)}?line={line}",
            "title": f"{article.title}, line {line}",
        }
        yield {"type": "url_citation", "url_citation": place}


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": "ibid"}


def _no_model(name: str) -> Response:
    text = f"no model is named {name[:64]!r}, only {MODEL!r}"
    return _json({"error": _trouble(text, "invalid_request_error", "model_not_found")}, 404)


def _complain(_: Request, error: Exception) -> Response:
    failure = error if isinstance(error, IbidError) else IbidError(str(error))
    return _json({"error": _error(failure)}, status_of(failure))


def _refuse(_: Request, error: Exception) -> Response:
    message = (
        say_wrong(error.errors(), inside=1) if isinstance(error, RequestValidationError) else ""
    )
    return _json({"error": _trouble(message, "invalid_request_error")}, 400)


def _error(error: IbidError) -> dict[str, Any]:
    text = f"{error} ({error.hint})" if error.hint else str(error)
    is_theirs = isinstance(error, UsageError)
    return _trouble(text, "invalid_request_error" if is_theirs else "server_error")


def _trouble(message: str, kind: str, code: str | None = None) -> dict[str, Any]:
    return {"message": message, "type": kind, "param": None, "code": code}


def _sent(value: object) -> str:
    return f"data: {dump_line(value)}\n\n"


def _json(value: object, status: int = 200) -> Response:
    return Response(dump_line(value), status, media_type="application/json")
