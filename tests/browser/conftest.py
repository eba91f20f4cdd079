"""A real chat over a real index, and a real browser to read it with."""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from ibid.library import Library
from ibid.testing import HashEmbedder

from .scene import HOSTILE, SEEDS, SlowGenerator, Visit, open_library, serving

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
WAIT = 60_000  # milliseconds; a machine that does much else takes long
NO_WISHES = {"color_scheme": "light", "reduced_motion": "no-preference"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives the browser; without one it is skipped."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM.exists():
                item.add_marker(pytest.mark.skip(reason=f"no Chromium at {CHROMIUM}"))


@pytest.fixture(scope="session")
def index(seed_index: Path) -> Path:
    """The index of the seeds, built once with the real model; no test may change it."""
    return seed_index


@pytest.fixture(scope="session")
def library(index: Path) -> Library:
    return open_library(index)


@pytest.fixture(scope="session")
def chat(library: Library) -> Iterator[str]:
    """The address of a chat over the seeds that quotes, without a model."""
    with serving(library) as address:
        yield address


@pytest.fixture(scope="session")
def model() -> SlowGenerator:
    return SlowGenerator()


@pytest.fixture(scope="session")
def written_chat(index: Path, model: SlowGenerator) -> Iterator[str]:
    """The address of a chat over the seeds whose answers `model` writes."""
    with serving(open_library(index, generator=model)) as address:
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
    expect.set_options(timeout=WAIT)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Callable[..., BrowserContext]:
    """One browser profile per reader: its cache makes the next page load quickly."""

    @cache
    def context(reader: str, **options: Any) -> BrowserContext:
        made = browser.new_context(**options)
        made.set_default_timeout(WAIT)
        return made

    return context


@pytest.fixture(scope="session")
def idle() -> dict[BrowserContext, list[Page]]:
    """Blank pages of each profile: one that has run the chat's scripts before loads it sooner."""
    return defaultdict(list)


@pytest.fixture
def visit(
    contexts: Callable[..., BrowserContext], idle: dict[BrowserContext, list[Page]]
) -> Iterator[Callable[..., Visit]]:
    """Open a blank page on an address; what it asks for and complains of is noted.

    `media` is what the reader prefers, `color_scheme` or `reduced_motion`.
    """
    visits: list[Visit] = []

    def start(
        address: str,
        *,
        reader: str = "",
        width: int = 1360,
        permissions: Sequence[str] = (),
        **media: Any,
    ) -> Visit:
        context = contexts(reader, permissions=tuple(permissions))
        page = idle[context].pop() if idle[context] else context.new_page()
        page.set_viewport_size({"width": width, "height": 860})
        page.emulate_media(**{**NO_WISHES, **media})
        visits.append(Visit(page, address).watch())
        return visits[-1]

    yield start
    for seen in visits:
        seen.leave()
        if not seen.page.is_closed():
            idle[seen.page.context].append(seen.page)


@pytest.fixture
def kept_library(index: Path, tmp_path: Path) -> Library:
    """The seeds, with a folder of their own for what the chat keeps."""
    library = open_library(index)
    library.settings = library.settings.changed({"keep": str(tmp_path / "kept")}, "test")
    return library


@pytest.fixture
def small_library(tmp_path: Path) -> Library:
    """The seeds under an embedder that needs no model, not built yet."""
    shutil.copytree(SEEDS, tmp_path / "seeds")
    return open_library(tmp_path / "index", tmp_path / "seeds", embedder=HashEmbedder())


@pytest.fixture(scope="session")
def hostile_chat(hostile_library: Library) -> Iterator[str]:
    with serving(hostile_library) as address:
        yield address
