"""The page: Gradio's parts, and which call of the conversation answers which event.

Gradio's types are loose; they stay inside this file.
"""

from collections.abc import Iterator
from html import escape
from importlib.resources import files
from typing import Any

import gradio as gr

from ibid.library import LONGEST_QUESTION, Library
from ibid.ui.conversation import Conversation, converse, write_live
from ibid.ui.welcome import write_welcome

ASKING_AT_ONCE = 4
"""More questions wait in a queue: one model and one machine answer them all."""

_HEAD = """
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="stylesheet" href="chat/chat.css">
<script src="chat/chat.js" defer></script>
"""
_ASK_EXAMPLE = """
element.addEventListener('click', event => {
  const example = event.target.closest('[data-ask]');
  if (example) trigger('submit', {question: example.dataset.ask});
});
"""
_FONTS = ("system-ui", "sans-serif")

Update = tuple[Any, ...]


def build_page(library: Library) -> gr.Blocks:
    """Return the chat over a library."""
    with gr.Blocks(title="ibid", analytics_enabled=False, fill_width=True) as page:
        parts = _Parts(library)
        parts.connect(page)
    page.queue(max_size=32, api_open=False, default_concurrency_limit=ASKING_AT_ONCE)
    return page


def look() -> dict[str, Any]:
    """Return how the page is dressed, as arguments for mounting it."""
    return {"head": _HEAD, "theme": gr.themes.Base(font=_FONTS, font_mono=("monospace",))}


class _Parts:
    """The parts of the page, top to bottom, and their events."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.conversation = gr.State(Conversation())
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
        _html("source", _asset("source.html"))

    @property
    def outputs(self) -> list[Any]:
        buttons = [self.box, self.ask, self.stop, self.clear]
        return [self.conversation, self.transcript, self.live, self.status, *buttons]

    def connect(self, page: gr.Blocks) -> None:
        """Tie each event to its answer; none of them can be called as an API."""
        hidden: dict[str, Any] = {
            "outputs": self.outputs,
            "show_progress": "hidden",
            "api_visibility": "private",
        }
        asked: dict[str, Any] = {**hidden, "concurrency_id": "ask"}
        typed = [self.box, self.conversation]
        running = [
            gr.on([self.box.submit, self.ask.click], self.answer, typed, **asked),
            self.transcript.submit(self.answer_example, self.conversation, **asked),
            page.load(self.open, self.conversation, **asked),
        ]
        self.stop.click(self.give_up, self.conversation, cancels=running, **hidden)
        self.clear.click(self.start_over, None, cancels=running, **hidden)

    def answer(self, question: str, conversation: Conversation) -> Iterator[Update]:
        """Answer what was typed."""
        if not question.strip() or conversation.busy:
            yield _nothing(self.outputs)
            return
        for now in converse(question.strip(), conversation, self.library):
            yield self._show(now, before=conversation)
            conversation = now

    def answer_example(
        self, conversation: Conversation, event: gr.EventData
    ) -> Iterator[Update]:
        """Answer the example that was clicked."""
        yield from self.answer(str(getattr(event, "question", "")), conversation)

    def open(self, conversation: Conversation, request: gr.Request) -> Iterator[Update]:
        """Show the empty page, or answer the question in its address."""
        question = str(request.query_params.get("q", "")).strip()[:LONGEST_QUESTION]
        if question:
            yield from self.answer(question, conversation)
        else:
            yield self._show(conversation, before=conversation)

    def give_up(self, conversation: Conversation) -> Update:
        """Keep what was written so far, marked as unchecked."""
        return self._show(conversation.stop(), before=conversation)

    def start_over(self) -> Update:
        """Forget the conversation."""
        return self._show(Conversation(), before=Conversation(turns=("",)))

    def _show(self, now: Conversation, before: Conversation) -> Update:
        """Return what changes on the page; the box is emptied when its question is taken up."""
        unchanged = now.turns == before.turns and bool(now.turns or now.busy)
        begins = now.busy and not before.busy
        return (
            now,
            gr.skip() if unchanged and not begins else self._transcript(now),
            write_live(now),
            escape(now.said),
            "" if begins else gr.skip(),
            gr.update(visible=not now.busy),
            gr.update(visible=now.busy),
            gr.update(visible=bool(now.turns or now.busy)),
        )

    def _transcript(self, conversation: Conversation) -> str:
        if conversation.turns or conversation.busy:
            return "".join(conversation.turns)
        return write_welcome(self.library)


def _nothing(outputs: list[Any]) -> Update:
    return tuple(gr.skip() for _ in outputs)


def _html(name: str, template: str = "${value}", js_on_load: str | None = None) -> gr.HTML:
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
