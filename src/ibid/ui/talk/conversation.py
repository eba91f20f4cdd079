"""One conversation: its finished turns, and the one that is being answered."""

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape as escape_value  # noqa: TID251 -- sent back as it came
from time import monotonic, sleep
from typing import cast

from ibid.answering import drop_marks
from ibid.english import LONGEST_QUESTION
from ibid.library import Library
from ibid.output import ASKED_AGAIN
from ibid.text import count, escape
from ibid.types import Anew, Answer, Delta, Done, Event, Found, Hit, Run
from ibid.ui.panes.answers import Finished, finish, write_retry
from ibid.ui.panes.trouble import write_notice, write_trouble
from ibid.ui.server.state import Chat
from ibid.ui.talk.history import Exchange
from ibid.ui.talk.listening import listen
from ibid.ui.talk.request import Request, Within

SECONDS_IN_QUEUE = 0.2
"""Between two looks at the queue."""

SECONDS_TO_BEGIN = 4.0
"""In which a model that is loaded writes its first word; the page says what it waits for then."""

MOST_TURNS = 30
"""Older ones leave the page: what is shown is sent to the browser whole after each answer."""

_LONGEST_MARK = 40
_FAILED = "This could not be answered"
_SLOW = "The model has not begun to write. Ollama may be loading it, which takes up to a minute …"


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is on the page."""

    turns: tuple[Exchange, ...] = ()
    asked: int = 0
    request: Request | None = None
    """The question that is being answered, None in between."""
    full: str = ""
    """The question in full, where it is a follow-up."""
    written: str = ""
    """What a model has written so far, not yet checked."""
    stage: str = ""
    said: str = ""
    """What a listener is told: once per answer, not once per word."""
    note: str = ""
    """What the page has to say of its conversation beside the answers: what is not kept of it."""

    @property
    def busy(self) -> bool:
        return self.request is not None

    def begin(self, request: Request) -> "Conversation":
        """Return the conversation with a question that waits for its answer.

        The last answer goes when the new one is asked for instead of it.
        """
        last = self.turns[-1].number if self.turns else 0
        turns = self.turns[:-1] if last and request.instead == last else self.turns
        stage = "Reading the articles …"
        return Conversation(turns, self.asked + 1, request, stage=stage, note=self.note)

    def end(self, finished: Finished) -> "Conversation":
        """Return the conversation with its open question answered."""
        request, answer = self.request or Request(""), finished.answer
        turn = Exchange(
            number=self.asked,
            question=request.question,
            html=finished.html,
            within=_within(request.within, finished),
            record=finished.record,
            cited=finished.cited,
            full=self._say_in_full(answer),
            answer=answer.text if answer else "",
        )
        return Conversation(
            (*self.turns, turn)[-MOST_TURNS:], self.asked, said=finished.said, note=self.note
        )

    def _say_in_full(self, answer: Answer | None) -> str:
        """Return a follow-up question in full, empty for one that stands alone."""
        if not answer:
            return self.full
        is_said = answer.run.asked and (self.turns or answer.run.named)
        return answer.question if is_said else ""

    def stop(self, foot: str = "") -> "Conversation":
        """Return the conversation with its open question given up; nothing was checked.

        `foot` says why where it was not the reader.
        """
        if not self.busy:
            return self
        label = "Stopped. This text was not checked against the articles."
        html = _write_draft(self.written, label) if self.written else ""
        if not html and not foot:
            html = '<p class="caveat">Stopped.</p>'
        return self.end(Finished(html + (foot or write_retry()), "Stopped."))


def _within(chosen: Within, finished: Finished) -> Within:
    """Return which articles alone were asked: those chosen, named in the question or pointed at."""
    names = finished.answer.run.named if finished.answer else dict[str, str]()
    pointed = {"article": finished.pointed_at} if finished.pointed_at else {}
    return Within(**{**names, **chosen.given, **pointed})


def take_up(turns: Sequence[Exchange]) -> Conversation:
    """Return a conversation that was kept, to be gone on with, without what only its file needs."""
    slim = tuple(replace(turn, record="", exports={}) for turn in turns[-MOST_TURNS:])
    return Conversation(slim, max((turn.number for turn in turns), default=0))


def converse(
    request: Request, conversation: Conversation, chat: Chat, stopped: Callable[[], bool]
) -> Iterator[Conversation]:
    """Yield the conversation as the answer grows; `stopped` tells that the reader gave it up.

    Closing the iterator stops the model.
    """
    conversation = conversation.begin(request)
    yield conversation
    try:
        with chat.turnstile.enter() as place:
            while ahead := place.ahead():
                conversation = replace(conversation, stage=_say_ahead(ahead))
                yield conversation
                if stopped():
                    yield conversation.stop()
                    return
                sleep(SECONDS_IN_QUEUE)
            yield from _answer(request, conversation, chat.library, stopped)
    except Exception as error:  # noqa: BLE001  (a request's border: the page must stay usable)
        html = write_trouble(error, _FAILED, chat.library.settings) + write_retry()
        yield conversation.end(Finished(html, _FAILED))


def _answer(
    request: Request, conversation: Conversation, library: Library, stopped: Callable[[], bool]
) -> Iterator[Conversation]:
    within = request.within.filter
    notes = list(_list_unread(request, library.select(within).undated if within else 0))
    history = [turn.turn for turn in conversation.turns if not turn.unanswered]
    events = cast(
        "Generator[Event]", library.stream(request.question, within, history, request.model)
    )
    found_at = 0.0
    for batch in listen(events):
        if stopped():
            yield conversation.stop()
            return
        for event in batch:
            match event:
                case Found(hits, question):
                    full = question if history and question != request.question else ""
                    conversation = replace(conversation, stage=_say_found(hits), full=full)
                    found_at = monotonic()
                case Delta(text):
                    conversation = replace(conversation, written=conversation.written + text)
                case Anew(text):
                    conversation = replace(conversation, written=text, stage=ASKED_AGAIN)
                case Done(answer):
                    is_repeat = _is_told(answer.run, conversation.turns)
                    conversation = conversation.end(finish(answer, library, notes, told=is_repeat))
        if conversation.busy and found_at and monotonic() - found_at > SECONDS_TO_BEGIN:
            conversation = replace(conversation, stage=_SLOW)
        yield conversation


def _list_unread(request: Request, undated: int) -> Iterator[str]:
    """Yield what of a question, and of the articles chosen for it, is not read."""
    if request.cut:
        yield f"The question is too long: only its first {LONGEST_QUESTION:,} characters were read."
    if undated:
        yield f"{count(undated, 'article')} without a date cannot be filtered by one."


def _is_told(run: Run, turns: Sequence[Exchange]) -> bool:
    """Tell whether the page says already why there is no model; what one did, it says each time."""
    had_model = "server" in run.settings
    return not had_model and any(write_notice(run.notice) in turn.html for turn in turns)


def _say_found(hits: Sequence[Hit]) -> str:
    if not hits:
        return "Reading the index …"
    articles = len({hit.passage.article for hit in hits})
    return f"Reading {count(len(hits), 'passage')} of {count(articles, 'article')} …"


def _say_ahead(ahead: int) -> str:
    return f"Waiting: {count(ahead, 'question')} before this one …"


def write_transcript(conversation: Conversation, id: str) -> str:
    """Return the HTML of the finished turns of the conversation that is kept as `id`."""
    *before, last = conversation.turns or (None,)
    blocks = [_write_done(turn, id) for turn in before if turn]
    note = "" if conversation.busy else conversation.note
    return "".join((*blocks, _write_done(last, id, note) if last else ""))


def write_live(conversation: Conversation, id: str = "", waiting: Sequence[str] = ()) -> str:
    """Return the HTML of the turn that is being answered, and of the questions that wait for it."""
    behind = "".join(
        f'<article class="turn waiting"><h2 class="question">{escape(question)}</h2>'
        '<p class="stage">Waiting for the answer above …</p></article>'
        for question in waiting
    )
    return _write_open(conversation, id) + behind


def _write_open(conversation: Conversation, id: str) -> str:
    request = conversation.request
    if request is None:
        return ""
    if conversation.written:
        body = _write_draft(conversation.written, _say_writing(conversation.stage))
    else:
        body = f'<p class="stage">{escape(conversation.stage)}</p>'
    question = _write_question(
        request.question, conversation.full, request.within, conversation.note
    )
    return (
        f'<article class="turn" data-turn="{conversation.asked}" data-state="open" '
        f'data-conversation="{escape_value(id)}">'
        f'{question}<div class="answer">{body}</div></article>'
    )


def _say_writing(stage: str) -> str:
    """Return what stands above a text that is being written, the first or the one in its place."""
    writing = "Writing; not checked yet"
    return f"{ASKED_AGAIN} {writing}" if stage == ASKED_AGAIN else writing


def _write_done(turn: Exchange, id: str, note: str = "") -> str:
    within = escape_value(json.dumps(dict(turn.within.given)))
    return (
        f'<article class="turn" data-turn="{turn.number}" data-state="done" '
        f'data-conversation="{escape_value(id)}" data-question="{escape_value(turn.question)}" '
        f'data-full="{escape_value(turn.turn.question)}" data-within="{within}">'
        f"{_write_question(turn.question, turn.full, turn.within, note)}"
        f'<div class="answer">{turn.html}</div></article>'
    )


def _write_question(question: str, full: str, within: Within, note: str) -> str:
    restated = f'<p class="restated">Understood as “{escape(full)}”</p>' if full else ""
    chosen = f'<p class="within">Only articles {escape(str(within))}</p>' if within.given else ""
    return f'<h2 class="question">{escape(question)}</h2>{restated}{chosen}{write_note(note)}'


def write_note(note: str) -> str:
    """Return the HTML that says what is not kept of a conversation; it may be ""."""
    return f'<p class="caveat unkept">{escape(note)}</p>' if note else ""


def _write_draft(text: str, label: str) -> str:
    """Return a model's text as it stands, without marks of its own, whole or half."""
    return (
        f'<p class="stage">{escape(label)}</p>'
        f'<div class="draft">{escape(drop_marks(_without_half_mark(text)))}</div>'
    )


def _without_half_mark(text: str) -> str:
    """Return the text up to a bracket at its end that may yet become a citation mark."""
    lately = max(0, len(text) - _LONGEST_MARK)
    opened = max(text.rfind(bracket, lately) for bracket in "[【(")
    closed = max(text.rfind(bracket) for bracket in "]】)")
    return text[:opened] if opened > closed else text
