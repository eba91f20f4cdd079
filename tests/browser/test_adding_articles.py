"""Adding articles: what the page confirms first, and what the guard refuses."""

import json
from base64 import b64encode
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from ibid.library import Library
from ibid.reading import LARGEST_FILE

from .scene import serving, wait_until

TEXT = b"# Plums\n\nPlums are picked in August.\n"
SENT = {"name": "plums.md", "content": b64encode(TEXT).decode()}


BODY = json.dumps(SENT)
SLOES = "# Sloes\n\nSloes are picked after the first frost."


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def open_library(small_library: Library) -> Library:
    small_library.settings = small_library.settings.changed({"add": True}, "option")
    return small_library


def test_without_leave_there_is_no_such_address_and_the_page_says_how(visit, small_library):
    before = everything(small_library.folder)
    with serving(small_library) as address:
        assert httpx.post(f"{address}add", json=SENT).status_code == 404
        seen = visit(address).open("#articles", wait=".shelf tbody tr")
        seen.page.get_by_role("button", name="Add articles").click()
        expect(seen.page.locator(".adding-sorry")).to_contain_text("ibid chat --add")
        expect(seen.page.locator(".adding-ways")).to_be_hidden()
    assert everything(small_library.folder) == before


def test_the_guard_stands_before_it(open_library):
    before = everything(open_library.folder)
    with serving(open_library) as address, httpx.Client(base_url=address) as page:
        for headers, status in (
            ({"host": "evil.example"}, 400),
            ({"origin": "http://evil.example"}, 403),
            ({"origin": "null"}, 403),
            ({"sec-fetch-site": "cross-site"}, 403),
            ({"content-type": "text/plain"}, 415),
        ):
            sent = {"content-type": "application/json", **headers}
            assert page.post("/add", content=BODY, headers=sent).status_code == status
        assert page.post("/add", json={**SENT, "x": 1}).status_code == 400
        assert page.post("/add", json={"name": "plums.md"}).status_code == 400
        assert page.get("/add").status_code == 405
        large = {**SENT, "content": "A" * (LARGEST_FILE * 4 // 3 + 70_000)}
        assert page.post("/add", json=large).status_code == 413
        assert page.post("/forget", json={"id": "0" * 70_000}).status_code == 413
        assert page.post("/add", json={**SENT, "name": "../plums.md"}).status_code == 404
        assert everything(open_library.folder) == before
        assert page.post("/add", json=SENT).json()["name"] == "plums.md"
    assert everything(open_library.folder) == {**before, "plums.md": TEXT}


def test_what_is_chosen_and_pasted_is_confirmed_indexed_and_asked(visit, open_library):
    folder = open_library.folder
    before = everything(folder)
    known = next(name for name in before if name.endswith(".txt"))
    with serving(open_library) as address:
        seen = visit(address).open("#articles", wait=".shelf tbody tr")
        page, confirm = seen.page, seen.page.locator("[data-add-confirmed]")
        page.get_by_role("button", name="Add articles").click()
        expect(confirm).to_be_disabled()
        page.locator(".adding [type=file]").set_input_files(
            [
                {"name": "Plüms <b>.md", "mimeType": "text/markdown", "buffer": TEXT},
                {"name": "run.exe", "mimeType": "text/plain", "buffer": TEXT},
                {"name": known, "mimeType": "text/plain", "buffer": TEXT},
            ]
        )
        page.fill(".adding-text", SLOES)
        expect(page.locator(".adding-list li")).to_have_count(4)
        expect(page.locator(".adding-list .refused")).to_have_count(2)
        expect(page.locator(".adding-where")).to_contain_text(f"2 files (85 bytes) to {folder}")
        page.keyboard.press("Escape")
        assert everything(folder) == before
        page.get_by_role("button", name="Add articles").click()
        page.fill(".adding-text", SLOES)
        where = page.locator(".adding-where")
        expect(where).to_contain_text(f"Add Sloes.md (48 bytes) to {folder}?")
        confirm.click()
        wait_until(lambda: "Sloes.md" in everything(folder))
        page.locator(".toast [data-undo]", has_text="Ask only this").click()
        expect(page.locator(".composer [data-sieve]")).to_have_text("Only: Sloes.md")
        seen.ask("when are sloes picked?")
        expect(page.locator(".quoted")).to_contain_text("after the first frost")
        assert seen.complaints == []
    assert {known: before[known]}.items() <= everything(folder).items()
