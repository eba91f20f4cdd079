"""What one open page has said, brought up to date with what is kept of it.

The page says which conversation it shows, and the file of that says what is in it: other pages
may have gone on with it or deleted it meanwhile, and the chat may have been started anew. Only
what could not be kept is known to the page's session alone.
"""

import logging
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from ibid.errors import IbidError
from ibid.ui.panes.answers import write_unanswered
from ibid.ui.server.state import Chat
from ibid.ui.talk.conversation import Conversation, converse, take_up
from ibid.ui.talk.history import MOST_EXCHANGES, Exchange, Keeper
from ibid.ui.talk.request import Request

_LOST = "What stood here before is not kept any more: this begins a new conversation."
_PARTLY_LOST = "Not all that stood here before is kept: this goes on without the rest."
_DELETED = "This conversation was deleted before the answer was there, which is not kept either."
_UNKEPT = "This conversation cannot be kept on this machine: {}."
_log = logging.getLogger("ibid.ui")


@dataclass
class Session:
    """A conversation on an open page, and whether the page gave up its question."""

    conversation: Conversation = field(default_factory=Conversation)
    id: str = ""
    """What the conversation is kept as, empty as long as it is not."""
    unkept: tuple[Exchange, ...] = ()
    """Those of its turns that could not be kept yet."""
    stopping: bool = False


def talk(session: Session, request: Request, chat: Chat) -> Generator[Conversation]:
    """Yield the conversation as the answer grows, and keep it, also where nobody waits any more."""
    session.stopping = False
    keep_question(session, request, chat.keeper)
    try:
        for now in converse(request, session.conversation, chat, lambda: session.stopping):
            session.conversation = now
            if not now.busy:
                _keep(session, request.instead, chat.keeper)
            yield session.conversation
    finally:
        if session.conversation.busy:  # the page is gone
            session.conversation = session.conversation.stop(write_unanswered())
            _keep(session, request.instead, chat.keeper)


def look_again(session: Session, request: Request, keeper: Keeper) -> None:
    """Bring a page up to date that was away; what is not kept it goes on to show until it asks."""
    if session.conversation.busy:
        return
    with suppress(IbidError):
        exchanges = keeper.read(request.conversation)
        if exchanges and not session.unkept:
            session.conversation, session.id = take_up(exchanges), request.conversation


def keep_question(session: Session, request: Request, keeper: Keeper) -> None:
    """Keep a question as soon as it is asked, and bring the session to what is kept before it.

    Where less is kept than the page shows, the conversation notes that.
    """
    if request.conversation != session.id:
        session.conversation, session.id, session.unkept = Conversation(), request.conversation, ()
    turns: tuple[Exchange, ...] = session.conversation.turns
    unkept = session.unkept
    last = max(
        (session.conversation.asked, *request.shown, *(exchange.number for exchange in unkept))
    )
    question = Exchange(
        last + 1, request.question, write_unanswered(), request.within, unanswered=True
    )
    try:
        saved = keeper.add(session.id, (*unkept, question))
        saved = saved or keeper.add("", (question,))  # the conversation was deleted
        if saved:
            *before, question = saved.exchanges
            session.id, session.unkept, turns = saved.id, (), tuple(before)
    except OSError as error:  # what is in memory has to do
        _log.warning("a conversation cannot be kept: %s", error.strerror)
    now = take_up(turns)
    note = _compare(request, turns)
    session.conversation = replace(now, asked=question.number - 1, note=note)


def _compare(request: Request, turns: tuple[Exchange, ...]) -> str:
    """Return what has to be said of answers that a page shows and that are not kept."""
    if len(turns) + 1 >= MOST_EXCHANGES or {*request.shown} <= {turn.number for turn in turns}:
        return ""
    return _PARTLY_LOST if turns else _LOST


def _keep(session: Session, instead: int, keeper: Keeper) -> None:
    """Keep the turn that has just ended, in place of the turn `instead` if that is gone.

    What others said in the same conversation comes into the session; what cannot be kept is noted.
    """
    ended = session.conversation
    here = {turn.number for turn in ended.turns}
    unkept = (
        *(exchange for exchange in session.unkept if exchange.number in here),
        ended.turns[-1],
    )
    try:
        saved = keeper.add(session.id, unkept, 0 if instead in here else instead)
    except OSError as error:
        _log.warning("a conversation cannot be kept: %s", error.strerror)
        session.unkept = unkept
        note = f"{ended.note} {_UNKEPT.format(error.strerror)}".strip()
        session.conversation = replace(ended, note=note)
        return
    session.unkept = ()
    if saved is None:  # nor is what the answer was understood after shown again
        session.conversation = replace(ended, turns=ended.turns[-1:], note=_DELETED)
        return
    session.id = saved.id
    now = take_up(saved.exchanges)
    session.conversation = replace(now, said=ended.said, note=ended.note)
