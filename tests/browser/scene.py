"""What the browser tests are made of: a served chat, a watched page, a slow model."""

import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import uvicorn
from playwright.sync_api import ConsoleMessage, Dialog, Error, Page, Request

from ibid.library import Library
from ibid.ports import Message
from ibid.settings import Settings
from ibid.types.answers import Delta
from ibid.ui.server.app import create_app

SEEDS = Path(os.path.relpath(Path(__file__).parents[2] / "seeds"))
QUESTION = "what challenges are cited for AI drug discovery?"
HOSTILE = (
    "<script>window.hurt=1</script>",
    "<img src=x onerror=window.hurt=1>",
    "<img src='http://127.0.0.2:9/leak.png'>",
    "![pixel](http://127.0.0.2:9/leak.png?q=secret)",
    "[click](javascript:window.hurt=1)",
    '"><svg onload=window.hurt=1>',
    "${window.hurt=1}",
    "{{constructor.constructor('window.hurt=1')()}}",
    "<form action='http://127.0.0.2:9/'><button>send</button></form>",
    "<iframe src='http://127.0.0.2:9/'></iframe>",
    "<style>@import 'http://127.0.0.2:9/x.css'; body{display:none}</style>",
    "`window.hurt=1`",
)


@dataclass
class Visit:
    """A page, and everything that it asked for, complained of and asked its reader."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def watch(self) -> "Visit":
        for event, note in self._listeners().items():
            self.page.on(event, note)
        return self

    def leave(self) -> None:
        """Make the page blank for the next visit; close it where it cannot be."""
        if self.page.is_closed():
            return
        for event, note in self._listeners().items():
            self.page.remove_listener(event, note)
        if not self.page.url.startswith("http://127.0.0.1:"):
            self.page.close()
            return
        self.page.unroute_all(behavior="ignoreErrors")
        self.page.evaluate("sessionStorage.clear(); location.replace('about:blank')")
        self.page.wait_for_url("about:blank")
        self.page.mouse.move(0, 0)

    def open(self, query: str = "", wait: str = ".welcome") -> "Visit":
        self.page.goto(self.address + query)
        self.page.wait_for_selector(wait)
        return self

    def ask(self, question: str = QUESTION) -> None:
        turn = 1 + self.page.locator("[data-turn]").count()
        self.type(question)
        self.page.wait_for_selector(f"[data-turn='{turn}'][data-state=done]")

    def type(self, question: str) -> None:
        self.page.fill("#question textarea", question)
        self.page.keyboard.press("Enter")

    def _listeners(self) -> dict[str, Callable[[Any], None]]:
        return {
            "request": self._note_request,
            "pageerror": self._note_error,
            "console": self._note_message,
            "dialog": self._note_dialog,
        }

    def _note_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _note_error(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _note_dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    @property
    def elsewhere(self) -> list[str]:
        local = (self.address, "data:", "blob:")
        return [url for url in self.requests if not url.startswith(local)]


class SlowGenerator:
    """A model that writes its reply three letters at a time, with a pause before each."""

    name = "slow"
    context = 8192

    def __init__(self) -> None:
        self.prompts: list[Sequence[Message]] = []
        self.closed = Event()
        self.will_write("")

    def will_write(self, reply: str, pause: float = 0.0) -> None:
        """Say what it answers from now on; a longer reply that it is writing ends."""
        self.reply, self.pause = reply, pause
        self.closed.clear()

    def stream(self, messages: Sequence[Message]) -> Iterator[Delta]:
        self.prompts.append(messages)
        try:
            for start in range(0, len(self.reply), 3):
                time.sleep(self.pause)
                yield Delta(self.reply[start : start + 3])
        finally:
            self.closed.set()


@contextmanager
def serving(library: Library, port: int = 0) -> Iterator[str]:
    """Serve a chat for as long as the block runs, on a free port where none is named."""
    listening = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(create_app(library), log_level="critical")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        server.should_exit = server.force_exit = True
        thread.join(10)
        listening.close()


def open_library(index: Path, folder: Path = SEEDS, **parts: Any) -> Library:
    settings = Settings(model="none", keep=f"{index}-kept")
    return Library.open(folder, index, settings, **parts)


def wait_until(happened: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something that another thread does."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)
