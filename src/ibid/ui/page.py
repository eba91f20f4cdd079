"""The page: Gradio's parts, and which call of the conversation answers which event.

Gradio's types are too loose to be checked: it is `Any` here, and known nowhere else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from typing import Any, cast

import gradio
from fastapi import FastAPI
from gradio import EventData, Request

from ibid.library import LONGEST_QUESTION
from ibid.ui.chat import Chat
from ibid.ui.conversation import Conversation, converse, write_live
from ibid.ui.routes import SCRIPTS, STYLES
from ibid.ui.welcome import write_welcome

ASKING_AT_ONCE = 4
"""More questions wait in a queue: one model and one machine answer them all."""

_HEAD = "\n".join(
    (
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        *(f'<link rel="stylesheet" href="chat/{name}.css">' for name in STYLES),
        *(f'<link rel="modulepreload" href="chat/{name}.js">' for name in SCRIPTS),
        '<script type="module" src="chat/main.js"></script>',
    )
)
_ASK_EXAMPLE = """
element.addEventListener('click', event => {
  const example = event.target.closest('[data-ask]');
  if (example) trigger('submit', {question: example.dataset.ask});
});
"""
_FONTS = ("system-ui", "sans-serif")

gr: Any = gradio

Update = tuple[Any, ...]


def mount_page(app: FastAPI, chat: Chat) -> None:
    """Put the page of a chat at the root of `app`."""
    with gr.Blocks(title="ibid", analytics_enabled=False, fill_width=True) as page:
        _Parts(chat).connect(page)
    page.queue(max_size=32, api_open=False, default_concurrency_limit=ASKING_AT_ONCE)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        head=_HEAD,
        theme=gr.themes.Base(font=_FONTS, font_mono=("monospace",)),
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        show_error=False,
        max_file_size=1,
        enable_monitoring=False,
    )


@dataclass
class Session:
    """What one open page has said so far, and whether it gave up its question."""

    conversation: Conversation = field(default_factory=Conversation)
    stopping: bool = False


class _Parts:
    """The parts of the page, top to bottom, and their events."""

    def __init__(self, chat: Chat) -> None:
        self.library = chat.library
        self.session = gr.State(Session())
        _html("top", _asset("top.html"))
        self.transcript = _html("transcript", js_on_load=_ASK_EXAMPLE)
        self.live = _html("live")
        self.status = _html("status", '<p role="status">${value}</p>')
        with gr.Row(elem_id="composer"):
            self.box = gr.Textbox(
                elem_id="question",
                label="Your question",
                placeholder="Ask your articles …",
                container=False,
                lines=1,
                max_lines=6,
                max_length=LONGEST_QUESTION,
                autofocus=True,
            )
            self.ask = gr.Button("Ask", elem_id="ask", variant="primary")
            self.stop = gr.Button("Stop", elem_id="stop", visible=False)
        self.clear = gr.Button("New conversation", elem_id="clear", visible=False)
        _html("articles", _asset("articles.html"))
        _html("source", _asset("source.html"))

    @property
    def outputs(self) -> list[Any]:
        buttons = [self.box, self.ask, self.stop, self.clear]
        return [self.transcript, self.live, self.status, *buttons]

    def connect(self, page: Any) -> None:
        """Tie each event to its answer; none of them can be called as an API."""
        hidden: dict[str, Any] = {
            "outputs": self.outputs,
            "show_progress": "hidden",
            "api_visibility": "private",
        }
        asked: dict[str, Any] = {**hidden, "concurrency_id": "ask"}
        typed = [self.box, self.session]
        gr.on([self.box.submit, self.ask.click], self.answer, typed, **asked)
        self.transcript.submit(self.answer_example, self.session, **asked)
        page.load(self.open, self.session, **asked)
        self.clear.click(self.start_over, self.session, **hidden)
        self.stop.click(self.give_up, self.session, api_visibility="private")

    def answer(self, question: str, session: Session) -> Iterator[Update]:
        """Answer what was typed."""
        question, before = question.strip(), session.conversation
        if not question or before.busy:
            yield tuple(gr.skip() for _ in self.outputs)
            return
        session.stopping = False
        try:
            for now in converse(question, before, self.library, lambda: session.stopping):
                update = self._show(now, before=session.conversation)
                session.conversation = now
                yield update
        finally:
            session.conversation = session.conversation.stop()

    def answer_example(self, session: Session, event: EventData) -> Iterator[Update]:
        """Answer the example that was clicked."""
        yield from self.answer(str(getattr(event, "question", "")), session)

    def open(self, session: Session, request: Request) -> Iterator[Update]:
        """Show the empty page, or answer the question in its address."""
        query: Mapping[str, str] = cast("Any", request).query_params
        question = query.get("q", "").strip()[:LONGEST_QUESTION]
        if question:
            yield from self.answer(question, session)
        else:
            yield self._show(session.conversation, before=session.conversation)

    def give_up(self, session: Session) -> None:
        """Ask for an end; whoever is answering sees it, and nobody else writes to the page."""
        session.stopping = True

    def start_over(self, session: Session) -> Update:
        """Forget the conversation."""
        before, session.conversation = session.conversation, Conversation()
        return self._show(session.conversation, before=before)

    def _show(self, now: Conversation, before: Conversation) -> Update:
        """Return what changes on the page; the box is emptied when its question is taken up."""
        unchanged = now.turns == before.turns and bool(now.turns or now.busy)
        begins = now.busy and not before.busy
        return (
            gr.skip() if unchanged and not begins else self._transcript(now),
            write_live(now),
            escape(now.said),
            "" if begins else gr.skip(),
            gr.update(visible=not now.busy),
            gr.update(visible=now.busy),
            gr.update(visible=bool(now.turns) and not now.busy),
        )

    def _transcript(self, conversation: Conversation) -> str:
        if conversation.turns or conversation.busy:
            return "".join(conversation.turns)
        return write_welcome(self.library)


def _html(name: str, template: str = "${value}", js_on_load: str | None = None) -> Any:
    """Return a part whose value is HTML; Gradio puts it in as it is and evaluates nothing in it."""
    return gr.HTML(
        "",
        elem_id=name,
        html_template=template,
        apply_default_css=False,
        js_on_load=js_on_load,
    )


def _asset(name: str) -> str:
    return (files("ibid.ui") / "assets" / name).read_text("utf-8")
