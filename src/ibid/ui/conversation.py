"""One conversation: its finished turns, and the one that is being answered."""

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from html import escape
from typing import cast

from ibid.citing import drop_marks
from ibid.errors import IbidError
from ibid.library import Library
from ibid.types import Delta, Done, Event, Found
from ibid.ui.answers import count, say_result, write_answer
from ibid.ui.welcome import write_trouble

MOST_TURNS = 30
"""Older ones leave the page: what is shown is sent to the browser whole after each answer."""

SECONDS_BETWEEN_UPDATES = 0.08
"""Twelve updates a second read as fluent; at 50 a long conversation lags by a second."""

_LONGEST_MARK = 40

_log = logging.getLogger("ibid.ui")


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is on the page. The HTML of a finished turn is safe to insert."""

    turns: tuple[str, ...] = ()
    asked: int = 0
    question: str = ""
    """The question that is being answered, empty in between."""
    written: str = ""
    """What a model has written so far, not yet checked."""
    stage: str = ""
    said: str = ""
    """What a listener is told: once per answer, not once per word."""

    @property
    def busy(self) -> bool:
        return bool(self.question)

    def begin(self, question: str) -> "Conversation":
        """Return the conversation with a question that waits for its answer."""
        return replace(
            self, asked=self.asked + 1, question=question, stage="Reading the articles …", said=""
        )

    def end(self, html: str, said: str) -> "Conversation":
        """Return the conversation with its open question answered."""
        turn = _write_turn(self.asked, self.question, html, "done")
        return Conversation((*self.turns, turn)[-MOST_TURNS:], self.asked, said=said)

    def stop(self) -> "Conversation":
        """Return the conversation with its open question given up; nothing was checked."""
        if not self.busy:
            return self
        label = "Stopped. This text was not checked against the articles."
        draft = _write_draft(self.written, label) if self.written else ""
        return self.end(draft or '<p class="caveat">Stopped.</p>', "Stopped.")


def converse(
    question: str,
    conversation: Conversation,
    library: Library,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Conversation]:
    """Yield the conversation as the answer grows, at most every SECONDS_BETWEEN_UPDATES.

    Closing the iterator stops the model.
    """
    conversation = conversation.begin(question)
    yield conversation
    try:
        yield from _follow(conversation, library, clock)
    except IbidError as error:
        yield conversation.end(write_trouble(error, "This could not be answered"), str(error))
    except Exception:  # the border of a request: the page must say so and stay usable
        _log.exception("a question failed")
        trouble = IbidError("something broke", hint="the terminal that runs the chat says what")
        yield conversation.end(write_trouble(trouble, "This could not be answered"), str(trouble))


def _follow(
    conversation: Conversation, library: Library, clock: Callable[[], float]
) -> Iterator[Conversation]:
    shown = clock()
    stream = cast("Generator[Event]", library.stream(conversation.question))
    with closing(stream) as events:
        for event in events:
            match event:
                case Found(hits):
                    articles = len({hit.passage.article for hit in hits})
                    stage = f"Reading {count(len(hits), 'passage')} of {count(articles, 'article')} …"
                    conversation = replace(conversation, stage=stage)
                case Delta(text):
                    conversation = replace(conversation, written=conversation.written + text)
                    if clock() - shown < SECONDS_BETWEEN_UPDATES:
                        continue
                    shown = clock()
                case Done(answer):
                    html = write_answer(answer, library)
                    conversation = conversation.end(html, say_result(answer))
            yield conversation


def write_live(conversation: Conversation) -> str:
    """Return the HTML of the turn that is being answered, empty in between."""
    if not conversation.busy:
        return ""
    if conversation.written:
        body = _write_draft(conversation.written, "Writing; not checked yet")
    else:
        body = f'<p class="stage">{escape(conversation.stage)}</p>'
    return _write_turn(conversation.asked, conversation.question, body, "open")


def _write_turn(number: int, question: str, body: str, state: str) -> str:
    return (
        f'<article class="turn" data-turn="{number}" data-state="{state}">'
        f'<h2 class="question">{escape(question)}</h2><div class="answer">{body}</div></article>'
    )


def _write_draft(written: str, label: str) -> str:
    """Return a model's text as it stands, without marks of its own, whole or half."""
    return (
        f'<p class="stage">{escape(label)}</p>'
        f'<div class="draft">{escape(drop_marks(_without_half_mark(written)))}</div>'
    )


def _without_half_mark(written: str) -> str:
    """Return the text up to a bracket at its end that may yet become a citation mark."""
    lately = max(0, len(written) - _LONGEST_MARK)
    opened = max(written.rfind(bracket, lately) for bracket in "[【(")
    closed = max(written.rfind(bracket) for bracket in "]】)")
    return written[:opened] if opened > closed else written
