"""The addresses that list, name, delete and bring back what the chat keeps."""

from enum import StrEnum
from typing import Annotated

from fastapi import Body, FastAPI, Query
from fastapi.responses import Response
from starlette.responses import PlainTextResponse

from ibid.english import LONGEST_QUESTION
from ibid.ui.panes.kept import EXPORTS, export_quotes, write_conversations, write_quotes
from ibid.ui.panes.watched import write_watching
from ibid.ui.server.replies import LONGEST, Outcome, answered, download, told
from ibid.ui.server.state import Chat
from ibid.ui.talk.quotes import make_quote


class Kind(StrEnum):
    """What is kept."""

    CONVERSATIONS = "conversations"
    QUOTES = "quotes"
    WATCHED = "watched"


def add_kept(app: FastAPI, chat: Chat) -> None:
    """Add the addresses to `app`."""
    _add_lists(app, chat)
    _add_conversations(app, chat)
    _add_quotes(app, chat)
    _add_watched(app, chat)


def _add_lists(app: FastAPI, chat: Chat) -> None:
    def get_kept(
        what: Kind, find: Annotated[str, Query(max_length=LONGEST)] = "", current: str = ""
    ) -> Response:
        def write() -> str:
            if what is Kind.QUOTES:
                return write_quotes(chat.quotes.list_saved(find), find)
            if what is Kind.WATCHED:
                return write_watching(chat.watch.look(find), find, chat.library)
            return write_conversations(chat.keeper.list_kept(find), find, current)

        return told(lambda: Outcome(write()))

    def restore(what: Annotated[Kind, Body(embed=True)]) -> Response:
        stores = {
            Kind.CONVERSATIONS: chat.keeper,
            Kind.QUOTES: chat.quotes,
            Kind.WATCHED: chat.watch,
        }
        return told(lambda: stores[what].restore() or Outcome("It is back."))

    app.get("/kept")(get_kept)
    app.post("/restore")(restore)


def _add_conversations(app: FastAPI, chat: Chat) -> None:
    def forget(id: Annotated[str, Body(embed=True)]) -> Response:
        reply = "All conversations were deleted." if id == "*" else "The conversation was deleted."
        return told(lambda: Outcome(reply, "held" if chat.keeper.forget(id) else ""))

    def rename(id: Annotated[str, Body()], name: Annotated[str, Body()]) -> Response:
        return told(lambda: chat.keeper.rename(id, name) or Outcome("Renamed."))

    app.post("/forget")(forget)
    app.post("/rename")(rename)


def _add_quotes(app: FastAPI, chat: Chat) -> None:
    def get_quotes(suffix: str) -> Response:
        if suffix not in EXPORTS:
            return PlainTextResponse("Not found", 404)

        def export() -> Response:
            content, media_type = export_quotes(chat.quotes, suffix, chat.library)
            return download(content, "ibid-quotes", suffix, media_type)

        return answered(export)

    def save(key: Annotated[str, Body(embed=True)]) -> Response:
        def save_quote() -> Outcome:
            quote = make_quote(key, chat.library)
            new = chat.quotes.save(quote)
            return Outcome("Quote saved." if new else "This quote is saved already.", quote.id)

        return told(save_quote)

    def remove(id: Annotated[str, Body(embed=True)]) -> Response:
        return told(lambda: chat.quotes.remove(id) or Outcome("The quote was removed."))

    app.get("/quotes.{suffix}")(get_quotes)
    app.post("/quote")(save)
    app.post("/unquote")(remove)


def _add_watched(app: FastAPI, chat: Chat) -> None:
    def watch(question: Annotated[str, Body(embed=True, max_length=LONGEST_QUESTION)]) -> Response:
        return told(
            lambda: chat.watch.add(question) or Outcome("The question is watched, in all articles.")
        )

    def remove(id: Annotated[str, Body(embed=True)]) -> Response:
        return told(lambda: chat.watch.remove(id) or Outcome("It is watched no more."))

    def accept(id: Annotated[str, Body(embed=True)]) -> Response:
        return told(lambda: chat.watch.accept(id) or Outcome("What answers it now is known."))

    app.post("/watch")(watch)
    app.post("/unwatch")(remove)
    app.post("/noted")(accept)
