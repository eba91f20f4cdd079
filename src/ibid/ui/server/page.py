"""The page: Gradio's parts, and which call of the conversation answers which event.

Gradio's types are too loose to be checked: it is `Any` here, and known nowhere else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from time import sleep
from typing import Any, cast

import gradio
from fastapi import FastAPI
from gradio import EventData, Request

from ibid.errors import IbidError
from ibid.text import escape
from ibid.ui.panes.trouble import sentence
from ibid.ui.panes.welcome import write_welcome
from ibid.ui.server.routes import SCRIPTS, STYLES
from ibid.ui.server.state import Chat
from ibid.ui.talk.conversation import (
    SECONDS_IN_QUEUE,
    Conversation,
    take_up,
    write_live,
    write_note,
    write_transcript,
)
from ibid.ui.talk.queue import Line
from ibid.ui.talk.request import Request as Asked
from ibid.ui.talk.request import read_request
from ibid.ui.talk.sessions import Session, keep_question, look_again, talk

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
for (const kind of ['submit', 'stop', 'clear', 'focus'])
  element.addEventListener(`send-${kind}`, event => trigger(kind, event.detail ?? {}));
"""
_OPENING = '<p class="stage opening">Opening your articles …</p>'
_FONTS = ("system-ui", "sans-serif")
_GONE = "The conversation that this address names is not kept any more."

gr: Any = gradio

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
class Tab:
    """An open page. A new conversation is a new session; what is answered still keeps its own."""

    session: Session = field(default_factory=Session)
    line: Line = field(default_factory=Line)


class _Parts:
    """The parts of the page, top to bottom, and their events."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.tab = gr.State(Tab())
        _html("top", _asset("top.html"))
        self.transcript = _html("transcript", value=_OPENING)
        self.live = _html("live")
        self.status = _html("status", '<p role="status">${value}</p>')
        self.composer = _html("composer", _asset("composer.html"), js_on_load=_SEND)
        _html("compare", _asset("compare.html"))
        _html("articles", _asset("articles.html"))
        _html("source", _asset("source.html"))
        _html("side", _asset("side.html"))

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
        several: dict[str, Any] = {"concurrency_id": "ask", "trigger_mode": "multiple"}
        self.composer.submit(self.answer, self.tab, **several, **hidden)
        page.load(self.open, self.tab, **hidden)
        self.composer.clear(self.start_over, self.tab, **hidden)
        self.composer.focus(self.look_again, self.tab, **hidden)
        self.composer.stop(self.give_up, self.tab, api_visibility="private")

    def answer(self, tab: Tab, event: EventData) -> Iterator[Update]:
        """Answer what the page sent."""
        yield from self._answer(_read_event(event), tab)

    def open(self, tab: Tab, request: Request) -> Update:
        """Show the empty page, or a conversation that was kept."""
        query: Mapping[str, str] = cast("Any", request).query_params
        session = tab.session
        if id := query.get("c", ""):
            try:
                if exchanges := self.chat.keeper.read(id):
                    session.conversation, session.id = take_up(exchanges), id
                note = "" if exchanges else _GONE
            except IbidError as error:
                note = f"{sentence(error)} {error.hint}"
            session.conversation = replace(session.conversation, note=note)
        return self._show(tab, before=session.conversation)

    def look_again(self, tab: Tab, event: EventData) -> Update:
        """Show what is kept of a conversation to a page that was away."""
        look_again(tab.session, _read_event(event), self.chat.keeper)
        return self._show(tab, tab.session.conversation)

    def give_up(self, tab: Tab) -> None:
        """Ask for an end; whoever is answering sees it, and nobody else writes to the page."""
        tab.session.stopping = True

    def start_over(self, tab: Tab) -> Update:
        """Begin a new conversation; the one before stays kept, its open question given up."""
        before, tab.session = tab.session, Session()
        before.stopping = True
        return self._show(tab, before.conversation)

    def _answer(self, request: Asked, tab: Tab) -> Iterator[Update]:
        skipped = tuple(gr.skip() for _ in self.outputs)
        if not request.question:
            yield skipped
            return
        session, begun = tab.session, False
        with tab.line.enter(request.nth, request.question) as nth:
            try:
                while not (begun := tab.line.begin(nth)) and tab.session is session:
                    yield skipped
                    sleep(SECONDS_IN_QUEUE)
                    if session.conversation.asked:  # it goes on with what was asked before it
                        request = replace(request, conversation=session.id, shown=())
            finally:
                if not begun:  # the page went elsewhere before it was the question's turn
                    keep_question(Session(id=request.conversation), request, self.chat.keeper)
            if begun:
                yield from self._talk(request, session, tab)

    def _talk(self, request: Asked, session: Session, tab: Tab) -> Iterator[Update]:
        if not request.conversation and not request.shown:  # nothing has reached the page so far
            request = replace(request, conversation=session.id)
        before = session.conversation
        for now in talk(session, request, self.chat):
            is_shown = tab.session is session
            yield self._show(tab, before) if is_shown else tuple(gr.skip() for _ in self.outputs)
            before = now

    def _show(self, tab: Tab, before: Conversation) -> Update:
        """Return what changes on the page."""
        session, now = tab.session, tab.session.conversation
        live = write_live(now, session.id, tab.line.list_waiting())
        if now.busy and before.busy:  # only the open answer grows
            return gr.skip(), live, gr.skip()
        message = " ".join(filter(None, (now.said, now.note)))
        return self._transcript(session), live, escape(message)

    def _transcript(self, session: Session) -> str:
        now = session.conversation
        if now.turns or now.busy:
            return write_transcript(now, session.id)
        chat = self.chat
        return write_note(now.note) + write_welcome(chat.library, chat.offers)


def _read_event(event: EventData) -> Asked:
    return read_request(getattr(event, "_data", None) or {})


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
