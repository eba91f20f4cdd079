"""What the doors have in common: which articles are asked, one queue, what an error is."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from time import sleep
from typing import Any

from anyio import CancelScope, to_thread
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from ibid.errors import (
    FolderError,
    IbidError,
    IndexLocked,
    IndexUnusable,
    LibraryMissing,
    ModelError,
    UsageError,
    name_missing,
)
from ibid.search import Filter
from ibid.text import collapse
from ibid.types import Answer, Done, Event
from ibid.ui import Chat, listen

LARGEST = 1 << 20
"""Bytes of a request: a conversation may be long."""

MOST_WAITING = 16
"""Questions of programs that wait in the queue; more are told to come again."""

SECONDS_IN_QUEUE = 0.1
"""Between two looks at the queue."""


Batches = Generator[Sequence[Event]]
"""What an answer's stream has, as it comes."""

_SHOWN = 3  # of what is wrong with a request


class Within(BaseModel):
    """Which articles are asked; all of them where nothing is said."""

    model_config = ConfigDict(extra="forbid")
    article: list[str] = Field([], description="ids, globs or parts of titles")
    author: list[str] = []
    tag: list[str] = []
    folder: list[str] = Field([], description="folders: what ids begin with")
    since: str = Field("", description="2025, 2025-08 or 2025-08-31")
    until: str = ""

    @property
    def within(self) -> Filter:
        """The same as a filter."""
        names = (tuple(values) for values in (self.author, self.tag, self.article, self.folder))
        return Filter(self.since, self.until, *names)


class Busy(IbidError):
    """Too many questions wait for others to be answered."""


@contextmanager
def turn(chat: Chat) -> Generator[None]:
    """Wait in the chat's queue until a question may be answered. Raises Busy, LibraryMissing."""
    with chat.turnstile.enter() as place:
        if place.ahead() > MOST_WAITING:
            raise Busy("too many questions wait to be answered", hint="ask again in a minute")
        while place.ahead():
            sleep(SECONDS_IN_QUEUE)
        try:
            yield
        except ModuleNotFoundError as error:
            raise name_missing(error) or error from error


def take_turn(events: Generator[Event], chat: Chat) -> Batches:
    """Yield what an answer's stream has, as it comes, an empty batch where nothing has come.

    Closing it gives the answer up. Raises Busy and what the stream raises.
    """
    with turn(chat):
        yield from listen(events)


def last_answer(batches: Batches) -> Answer:
    """Return the checked answer that a stream ends with. Raises what the stream raises."""
    with closing(batches):
        events = (event for batch in batches for event in batch)
        return next(event.answer for event in events if isinstance(event, Done))


class Stream(StreamingResponse):
    """An answer's events as they come; whoever stops reading gives the answer up.

    A generator that nobody reads on keeps its place in the queue: it has to be closed.
    """

    def __init__(
        self, write: Callable[[Iterator[Sequence[Event]]], Iterator[str]], batches: Batches
    ) -> None:
        first = next(filter(None, batches))  # whatever fails at once is no stream
        self._batches = batches
        super().__init__(write(chain([first], batches)), media_type="text/event-stream")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await to_thread.run_sync(self._batches.close)


def say_wrong(wrong: Sequence[Any], *, inside: int = 0) -> str:
    """Return what pydantic finds wrong, on a line; `inside` parts of each place go unsaid."""
    places = (".".join(map(str, fault["loc"][inside:])) for fault in wrong[:_SHOWN])
    return collapse(
        "; ".join(f"{at}: {fault['msg']}" for at, fault in zip(places, wrong, strict=False))
    )


def status_of(error: IbidError) -> int:
    """Return the HTTP status that says of whom an error is."""
    match error:
        case UsageError():
            return 400
        case IndexLocked():
            return 409
        case IndexUnusable() | ModelError() | FolderError() | LibraryMissing() | Busy():
            return 503
        case _:
            return 500
