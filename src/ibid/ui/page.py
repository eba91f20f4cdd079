"""The page: Gradio's parts, and which call of the conversation answers which event.

Gradio's types are too loose to be checked: it is `Any` here, and known nowhere else.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, cast

import gradio
from fastapi import FastAPI
from gradio import EventData, Request

from ibid.text import escape
from ibid.ui.asking import Request as Asked
from ibid.ui.asking import read_request
from ibid.ui.chat import Chat
from ibid.ui.conversation import (
    Conversation,
    converse,
    take_up,
    write_live,
    write_transcript,
)
from ibid.ui.routes import SCRIPTS, STYLES
from ibid.ui.welcome import write_welcome

MOST_OPEN = 64
"""Questions that may be open at once, those included that wait for others to be answered."""

MOST_PAGES = 128
"""Pages whose conversation is in memory; the one that was used last goes on, the oldest go."""

_HEAD = "\n".join(
    (
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        *(f'<link rel="stylesheet" href="chat/{name}.css">' for name in STYLES),
        *(f'<link rel="modulepreload" href="chat/{name}.js">' for name in SCRIPTS),
        '<script type="module" src="chat/main.js"></script>',
    )
)
_SEND = """
for (const kind of ['submit', 'stop', 'clear'])
  element.addEventListener(`send-${kind}`, event => trigger(kind, event.detail ?? {}));
"""
_OPENING = '<p class="stage opening">Opening your articles …</p>'
_FONTS = ("system-ui", "sans-serif")

gr: Any = gradio
_log = logging.getLogger("ibid.ui")

Update = tuple[Any, ...]


def mount_page(app: FastAPI, chat: Chat) -> frozenset[int]:
    """Put the page of a chat at the root of `app`; return the numbers of its events."""
    with gr.Blocks(title="ibid", analytics_enabled=False, fill_width=True) as page:
        _Parts(chat).connect(page)
    page.state_session_capacity = MOST_PAGES
    page.queue(max_size=2 * MOST_OPEN, api_open=False, default_concurrency_limit=MOST_OPEN)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        head=_HEAD,
        theme=gr.themes.Base(font=_FONTS, font_mono=("monospace",)),
        footer_links=[],
        root_path="",  # what is not said here, Gradio takes from the environment
        run_history=False,
        ssr_mode=False,
        mcp_server=False,
        show_error=False,
        max_file_size=1,
        enable_monitoring=False,
    )
    return frozenset(page.fns)


@dataclass
class Session:
    """What one open page has said so far, and whether it gave up its question."""

    conversation: Conversation = field(default_factory=Conversation)
    id: str = ""
    """What the conversation is kept as, empty as long as it is not."""
    stopping: bool = False


class _Parts:
    """The parts of the page, top to bottom, and their events."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.session = gr.State(Session())
        _html("top", _asset("top.html"))
        self.transcript = _html("transcript", value=_OPENING)
        self.live = _html("live")
        self.status = _html("status", '<p role="status">${value}</p>')
        self.composer = _html("composer", _asset("composer.html"), js_on_load=_SEND)
        _html("compare", _asset("compare.html"))
        _html("articles", _asset("articles.html"))
        _html("source", _asset("source.html"))

    @property
    def outputs(self) -> list[Any]:
        return [self.transcript, self.live, self.status]

    def connect(self, page: Any) -> None:
        """Tie each event to its answer; none of them can be called as an API."""
        hidden: dict[str, Any] = {
            "outputs": self.outputs,
            "show_progress": "hidden",
            "api_visibility": "private",
        }
        self.composer.submit(self.answer, self.session, concurrency_id="ask", **hidden)
        page.load(self.open, self.session, **hidden)
        self.composer.clear(self.start_over, self.session, **hidden)
        self.composer.stop(self.give_up, self.session, api_visibility="private")

    def answer(self, session: Session, event: EventData) -> Iterator[Update]:
        """Answer what the page sent."""
        sent: dict[str, Any] = getattr(event, "_data", None) or {}
        yield from self._answer(read_request(sent), session)

    def open(self, session: Session, request: Request) -> Update:
        """Show the empty page, or a conversation that was kept."""
        query: Mapping[str, str] = cast("Any", request).query_params
        if kept := self.chat.keeper.read(query.get("c", "")):
            session.conversation, session.id = take_up(kept), query["c"]
        return self._show(session, before=session.conversation)

    def give_up(self, session: Session) -> None:
        """Ask for an end; whoever is answering sees it, and nobody else writes to the page."""
        session.stopping = True

    def start_over(self, session: Session) -> Update:
        """Begin a new conversation; the one before stays kept."""
        before, session.conversation, session.id = session.conversation, Conversation(), ""
        return self._show(session, before)

    def _answer(self, asked: Asked, session: Session) -> Iterator[Update]:
        before = session.conversation
        if not asked.question or before.busy:
            yield tuple(gr.skip() for _ in self.outputs)
            return
        session.stopping = False
        try:
            for now in converse(asked, before, self.chat, lambda: session.stopping):
                before, session.conversation = session.conversation, now
                if not now.busy:
                    self._keep(session)
                yield self._show(session, before)
        finally:
            session.conversation = session.conversation.stop()

    def _keep(self, session: Session) -> None:
        try:
            session.id = self.chat.keeper.keep(session.id, session.conversation.turns)
            session.conversation = session.conversation.slim()
        except OSError as error:
            _log.warning("a conversation cannot be kept: %s", error.strerror)

    def _show(self, session: Session, before: Conversation) -> Update:
        """Return what changes on the page."""
        now = session.conversation
        if now.busy and before.busy:  # only the open answer grows
            return gr.skip(), write_live(now), gr.skip()
        return self._transcript(session), write_live(now), escape(now.said)

    def _transcript(self, session: Session) -> str:
        if session.conversation.turns or session.conversation.busy:
            return write_transcript(session.conversation, session.id)
        chat = self.chat
        return write_welcome(chat.library, chat.offers, chat.keeper.list_kept())


def _html(
    name: str, template: str = "${value}", js_on_load: str | None = None, value: str = ""
) -> Any:
    """Return a part whose value is HTML; Gradio puts it in as it is and evaluates nothing in it."""
    return gr.HTML(
        value,
        elem_id=name,
        html_template=template,
        apply_default_css=False,
        js_on_load=js_on_load,
    )


def _asset(name: str) -> str:
    return (files("ibid.ui") / "assets" / name).read_text("utf-8")
