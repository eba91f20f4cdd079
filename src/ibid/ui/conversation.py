"""One conversation: its finished turns, and the one that is being answered."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import cast

from ibid.citing import drop_marks
from ibid.library import Library
from ibid.text import count
from ibid.types import Delta, Done, Event, Found
from ibid.ui.answers import say_result, write_answer
from ibid.ui.listening import listen
from ibid.ui.trouble import write_trouble

MOST_TURNS = 30
"""Older ones leave the page: what is shown is sent to the browser whole after each answer."""

_LONGEST_MARK = 40
_FAILED = "This could not be answered"


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
    question: str, conversation: Conversation, library: Library, stopped: Callable[[], bool]
) -> Iterator[Conversation]:
    """Yield the conversation as the answer grows; `stopped` tells that the reader gave it up.

    Closing the iterator stops the model.
    """
    conversation = conversation.begin(question)
    yield conversation
    try:
        for batch in listen(cast("Generator[Event]", library.stream(question))):
            if stopped():
                yield conversation.stop()
                return
            for event in batch:
                conversation = _after(event, conversation, library)
            yield conversation
    except Exception as error:  # noqa: BLE001  (a request's border: the page must stay usable)
        yield conversation.end(write_trouble(error, _FAILED), _FAILED)


def _after(event: Event, conversation: Conversation, library: Library) -> Conversation:
    match event:
        case Found(hits):
            articles = len({hit.passage.article for hit in hits})
            stage = f"Reading {count(len(hits), 'passage')} of {count(articles, 'article')} …"
            return replace(conversation, stage=stage)
        case Delta(text):
            return replace(conversation, written=conversation.written + text)
        case Done(answer):
            return conversation.end(write_answer(answer, library), say_result(answer))


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
