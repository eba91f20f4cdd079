"""An article in the source pane as its author meant it: set, with pictures, outline and finding."""

import re
import struct
import zlib

import pytest
from playwright.sync_api import expect

from ibid.library import Library
from ibid.testing import HashEmbedder

from .scene import open_library, serving

NASTY = """---
title: Pears
author: محمد علي
date: 2024-05-01
---

# Pears

Pears **ripen** in cold rooms.[^1] It takes $\\frac{a}{b}$ days.

| Kind | Days |
|------|-----:|
| Conference \\| red | 12 |

1. One
   - [x] nested

![A pear](pictures/a%20pear.png) ![far](http://127.0.0.2:9/x.png)
![out](../secret.png) ![link](pictures/link.png) ![text](pictures/text.png)
![hidden](.hidden/a.png) <img src="pictures/a pear.png" alt="again">

<details><summary>More</summary>

Inner text.

</details>

[^1]: A note.

مرحبا بالعالم
"""
HEADINGS = 40


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + chunk(b"IDAT", zlib.compress(b"\0" * 72))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def nasty(tmp_path) -> Library:
    folder = tmp_path / "articles"
    for inner in ("pictures", ".hidden"):
        (folder / inner).mkdir(parents=True, exist_ok=True)
    (folder / "pears.md").write_text(NASTY, "utf-8")
    (folder / "pictures" / "a pear.png").write_bytes(png())
    (folder / ".hidden" / "a.png").write_bytes(png())
    (folder / "pictures" / "text.png").write_text("<script>window.hurt=1</script>")
    (tmp_path / "secret.png").write_bytes(png())
    (folder / "pictures" / "link.png").symlink_to(tmp_path / "secret.png")
    stones = "\n\n".join(
        f"## Stone {n}\n\nStone {n} lies there. " + "It is grey. " * 200 for n in range(HEADINGS)
    )
    (folder / "stones.md").write_text(f"# Stones\n\n{stones}\n", "utf-8")
    library = open_library(tmp_path / "index", folder, embedder=HashEmbedder())
    library.build()
    return library


@pytest.mark.long
def test_an_article_is_set_as_its_author_meant_it(visit, nasty):
    with serving(nasty) as address:
        seen = visit(address).open("#articles", ".shelf [data-cite]")
        page, text = seen.page, seen.page.locator(".pane .text")
        page.locator(".shelf [data-cite]", has_text="Pears").first.click()
        expect(text.locator("td")).to_have_text(["Conference | red", "12"])
        expect(text.locator("math mfrac")).to_be_visible()
        expect(text.locator("ol li ul li input:checked")).to_be_visible()
        expect(text.locator("sup").first).to_have_text("1")
        expect(text.locator("details").last).to_contain_text("Inner text.")
        expect(text.locator("p", has_text="مرحبا")).to_have_css("direction", "rtl")
        expect(text.locator("img")).to_have_count(2)
        expect(text.locator("img").first).to_have_js_property("naturalWidth", 8)
        sources = text.locator("img").evaluate_all("all => all.map(one => one.getAttribute('src'))")
        assert all(re.fullmatch(r"picture/[0-9a-f]{24}", source) for source in sources)
        assert sources[0] == sources[1]
        assert page.request.get(f"{address}picture/{'0' * 24}").status == 404
        parts = page.locator(".pane-about bdi")
        expect(parts).to_have_text(["محمد علي", "2024-05-01"])
        assert seen.elsewhere == []


def test_a_long_article_has_an_outline_and_can_be_searched(visit, nasty):
    with serving(nasty) as address:
        seen = visit(address).open("#articles", ".shelf [data-cite]")
        page = seen.page
        page.locator(".shelf [data-cite]", has_text="Stones").first.click()
        page.locator(".outline summary").click()
        expect(page.locator(".headings button")).to_have_count(HEADINGS + 1)
        page.locator(".headings button", has_text="Stone 30").click()
        expect(page.locator(".pane mark.cited")).to_have_text("Stone 30")
        page.fill("#pane-find", "stone 7 LIES")
        expect(page.locator(".pane mark.cited")).to_have_text("Stone 7 lies")
        expect(page.locator("#pane-find")).to_be_focused()
        page.fill("#pane-find", "lies there")
        expect(page.locator(".position")).to_have_text(f"1 of {HEADINGS}")
        page.keyboard.press("Enter")
        expect(page.locator(".position")).to_have_text(f"2 of {HEADINGS}")
        page.fill("#pane-find", "no such words")
        expect(page.locator(".found")).to_have_text("not here")
        page.go_back()
        expect(page.locator(".pane")).to_be_hidden()
        assert seen.complaints == []
