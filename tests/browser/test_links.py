"""Links to the chat: one's own ask by themselves, a page elsewhere can only fill the box."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from playwright.sync_api import expect

from .scene import Visit, open_library, serving

pytestmark = pytest.mark.long

ASKS = "?q=what+are+the+ethical+concerns%3F&author=rkoots"
COMPARES = "?topic=AI+in+drug+discovery&author=rkoots#compare"
WAYS = {
    "a link": "<a id=go href='{to}'>go</a><script>go.click()</script>",
    "a form": "<form id=go action='{address}'><input name=q value='what are the ethical concerns?'>"
    "<input name=author value=rkoots></form><script>go.submit()</script>",
    "a refresh": "<meta http-equiv=refresh content='0; url={to}'>",
}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def elsewhere(folder: Path, html: str) -> Iterator[str]:
    """Serve a page of another site: to a browser, `localhost` is not `127.0.0.1`."""
    (folder / "index.html").write_text(f"<!doctype html>{html}", "utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def own(tmp_path: Path, index: Path) -> Iterator[tuple[str, Path]]:
    """A chat whose kept conversations nobody else adds to, and their folder."""
    library = open_library(index)
    library.settings = library.settings.changed({"keep": str(tmp_path / "data")}, "test")
    with serving(library) as address:
        yield address, tmp_path / "data" / "conversations"


def arrive(seen: Visit, foreign: str, wait: str) -> None:
    seen.page.goto(foreign, wait_until="commit")
    seen.page.wait_for_selector(wait)


@pytest.mark.parametrize("way", WAYS)
def test_a_page_elsewhere_fills_the_box_and_asks_nothing(visit, tmp_path, own, way):
    address, kept = own
    html = WAYS[way].format(to=address + ASKS, address=address)
    with elsewhere(tmp_path, html) as foreign:
        seen = visit(address)
        arrive(seen, foreign, ".composer-sorry:has-text('Press Enter')")
        seen.page.wait_for_selector("[data-sieve].chosen")
        seen.page.keyboard.press("Enter")  # it may have been held down since the page elsewhere
        seen.page.wait_for_timeout(300)
        expect(seen.page.locator(".turn")).to_have_count(0)
        assert not kept.exists()
        expect(seen.page.locator("#box")).to_have_value("what are the ethical concerns?")
        seen.page.locator("#box").press("Enter")
        seen.page.wait_for_selector("[data-turn='1'][data-state=done]")
        expect(seen.page.locator(".within")).to_contain_text("by rkoots")
        assert len(list(kept.iterdir())) == 1


def test_a_page_elsewhere_fills_in_a_topic_and_compares_nothing(visit, tmp_path, chat):
    html = WAYS["a link"].format(to=chat + COMPARES)
    with elsewhere(tmp_path, html) as foreign:
        seen = visit(chat)
        arrive(seen, foreign, ".compare-said:has-text('Press Enter')")
        seen.page.wait_for_timeout(300)
        assert not [url for url in seen.requests if "/comparison" in url]
        seen.page.locator("#topic").press("Enter")
        seen.page.wait_for_selector(".compared .question, .compared .refusal")


def test_only_a_page_of_the_chat_itself_asks_and_compares_by_itself(visit, chat):
    # what is typed may have been sent elsewhere, and back here
    seen = visit(chat).open(ASKS, ".composer-sorry:has-text('Press Enter')")
    expect(seen.page.locator(".turn")).to_have_count(0)
    seen.page.evaluate("to => location = to", chat + ASKS)
    seen.page.wait_for_selector("[data-turn='1'][data-state=done]")
    expect(seen.page.locator(".within")).to_contain_text("by rkoots")
    seen.page.evaluate("to => location = to", chat + COMPARES)
    seen.page.wait_for_selector(".compared .question, .compared .refusal")
    seen.page.reload()
    seen.page.wait_for_selector(".compared .question, .compared .refusal")


@pytest.mark.parametrize(
    ("said", "is_own"),
    [
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Purpose": "prefetch;prerender"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Purpose": "prefetch"}, False),
        ({}, False),
    ],
)
def test_a_page_is_told_who_opened_it(chat, said: dict[str, str], is_own: bool):
    answer = httpx.get(chat + ASKS, headers=said)
    assert answer.status_code == 200
    assert ("own" in answer.headers.get("server-timing", "")) is is_own
    assert answer.headers["cache-control"] == "no-store"
