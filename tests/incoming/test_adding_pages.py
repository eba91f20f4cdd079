"""Pages and feeds become Markdown files, over nothing, and are read as articles."""

import os
from pathlib import Path

import pytest

from ibid.errors import FolderError, PageUnavailable
from ibid.incoming import Added, Page, add_page
from ibid.library import Library
from ibid.reading import read_article
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from ibid.types import Article, ArticleId

TODAY = "2026-11-30"
URL = "https://example.org/2025/costs.html"
TEXT = "Costs of care rose by nine percent in the last year, and nobody knows why they did."
HTML = f"""<html lang="en"><head><title>What care: "costs" #1</title>
<meta name="author" content="Ada Lovelace">
<meta property="article:published_time" content="2025-03-04">
</head><body><article><h1>What care: "costs" #1</h1><p>{TEXT}</p><h2>Why</h2><p>{TEXT}</p></article>
<script>alert(1)</script></body></html>"""
FEED = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Notes</title>
{}</feed>"""
ENTRY = """<entry><title>{0}</title><link href="{1}"/><author><name>Grace</name></author>
<updated>2025-01-0{2}T00:00:00Z</updated>
<content type="html">&lt;p&gt;{3}&lt;/p&gt;</content></entry>"""


def page(text: str, url: str = URL, suffix: str = ".html") -> Page:
    return Page(url, suffix, text.encode())


def add(folder: Path, *pages: Page) -> list[Added]:
    return [added for each in pages for added in add_page(each, folder, TODAY)]


def read(folder: Path, name: str) -> Article:
    return read_article(ArticleId(name), (folder / name).read_bytes())


def test_a_page_becomes_markdown_with_its_address_and_dates(tmp_path: Path):
    (added,) = add(tmp_path, page(HTML))
    assert (added.name, added.new) == ("what-care-costs-1.md", True)
    article = read(tmp_path, added.name)
    assert article.title == 'What care: "costs" #1'
    assert (article.meta.url, article.meta.date) == (URL, "2025-03-04")
    assert article.meta.author == "Ada Lovelace"
    assert "alert" not in article.text
    assert f'fetched: "{TODAY}"' in article.text
    assert "## Why" in article.text
    assert article.warnings == ()


def test_what_was_added_answers_once_it_is_built(tmp_path: Path):
    (tmp_path / "articles").mkdir()
    add(tmp_path / "articles", page(HTML))
    settings = Settings(model="none")
    library = Library.open(
        tmp_path / "articles", tmp_path / "index", settings, embedder=HashEmbedder()
    )
    library.build()
    (hit, *_) = library.search("costs of care")
    assert library.article(hit.passage.article).meta.url == URL


def test_a_page_that_is_there_stays_as_it_is(tmp_path: Path):
    (first,) = add(tmp_path, page(HTML))
    before = (tmp_path / first.name).read_bytes()
    (again,) = add(tmp_path, page(HTML.replace("nine", "ten")))
    assert (again.name, again.new) == (first.name, False)
    assert (tmp_path / first.name).read_bytes() == before


def test_another_page_of_that_title_gets_another_name(tmp_path: Path):
    added = add(tmp_path, page(HTML), page(HTML, f"{URL}?2"), page(HTML, f"{URL}?3"))
    assert [each.name for each in added] == [f"what-care-costs-1{n}.md" for n in ("", "-2", "-3")]


@pytest.mark.parametrize("what", ["file", "folder", "link to nowhere", "pipe"])
def test_nothing_in_the_folder_is_overwritten_or_followed(tmp_path: Path, what: str):
    taken, elsewhere = tmp_path / "what-care-costs-1.md", tmp_path / "elsewhere"
    match what:
        case "file":
            taken.write_text("mine")
        case "folder":
            taken.mkdir()
        case "pipe":
            os.mkfifo(taken)
        case _:
            taken.symlink_to(elsewhere)
    (added,) = add(tmp_path, page(HTML))
    assert added.name == "what-care-costs-1-2.md"
    assert not elsewhere.exists()
    assert what != "file" or taken.read_text() == "mine"


@pytest.mark.parametrize(
    "title",
    [
        *("../../etc/passwd", "/etc/passwd", "..", ".hidden", "a/b\\c", "x" * 500, "ä" * 300),
        *("---\nurl: http://evil.test", "*a &amp;b !!python/object x", "\u202egnp.exe", "\u2028"),
        *("{{ title", "[a](javascript:alert(1))", "日本語の題", "&#0;&#27;[31m", "'\"'"),
    ],
)
def test_no_title_leaves_the_folder_or_its_line_of_the_front_matter(tmp_path: Path, title: str):
    (added,) = add(tmp_path, page(HTML.replace('What care: "costs" #1', title)))
    assert [path.name for path in tmp_path.iterdir()] == [added.name]
    assert Path(added.name).name == added.name
    assert len(added.name.encode()) < 100
    assert added.name[0].isalnum()
    assert "\u202e" not in added.name
    article = read(tmp_path, added.name)
    assert (article.meta.url, article.meta.date) == (URL, "2025-03-04")
    assert not [warning for warning in article.warnings if "front matter" in warning]


def test_each_entry_of_a_feed_becomes_a_file(tmp_path: Path):
    entries = [ENTRY.format(f"Day {n}", f"https://example.org/{n}", n, TEXT) for n in (1, 2)]
    feed = page(FEED.format("".join(entries)), "https://example.org/feed", ".xml")
    first, second = add(tmp_path, feed)
    assert [first.name, second.name] == ["day-1.md", "day-2.md"]
    article = read(tmp_path, "day-2.md")
    assert (article.title, article.meta.author) == ("Day 2", "Grace")
    assert (article.meta.url, article.meta.date) == ("https://example.org/2", "2025-01-02")
    assert TEXT in article.text
    assert "Day 1" not in article.text
    assert [each.new for each in add(tmp_path, feed)] == [False, False]


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "file:///etc/passwd", "../x", "http://a b/", ""]
)
def test_an_entry_with_no_address_of_the_web_has_that_of_its_feed(tmp_path: Path, link: str):
    entry = ENTRY.format("Day", link, 1, TEXT)
    url = "https://example.org/feed"
    (added,) = add(tmp_path, page(FEED.format(entry), url, ".xml"))
    assert read(tmp_path, added.name).meta.url.startswith(("https://", "http://"))


def test_a_feed_adds_its_first_hundred_entries(tmp_path: Path):
    entries = [ENTRY.format(f"n{n}", f"https://example.org/{n}", 1, TEXT) for n in range(130)]
    added = add(tmp_path, page(FEED.format("".join(entries)), URL, ".xml"))
    assert [each.title for each in added] == [f"n{n}" for n in range(100)]


def test_plain_text_keeps_its_words_and_what_it_says_of_itself(tmp_path: Path):
    own = f"---\ntitle: Mine\nauthor: Ada\nurl: http://other.test/\n---\n\n# Head\n\n{TEXT}\n"
    (added,) = add(tmp_path, page(own, URL, ".md"))
    article = read(tmp_path, added.name)
    assert (added.name, article.meta.author, article.meta.url) == ("mine.md", "Ada", URL)
    assert article.text.endswith(f"---\n\n# Head\n\n{TEXT}\n")
    (bare,) = add(tmp_path, page(TEXT, "https://example.org/a/notes.txt", ".md"))
    assert bare.name == "example-org-a-notes-txt.md"


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        *(("", ".html"), ("<html></html>", ".html"), ("<script>1</script>", ".html")),
        *(("", ".md"), (" \n ", ".md"), ("a\0b", ".md"), ("---\ntitle: x\n---\n", ".md")),
        *(("<x/>", ".xml"), ("", ".xml"), (FEED.format(""), ".xml")),
        ('<!DOCTYPE x [<!ENTITY a "b">]>' + FEED.format(""), ".xml"),
    ],
)
def test_what_has_no_text_is_no_article(tmp_path: Path, text: str, suffix: str):
    with pytest.raises(PageUnavailable):
        add(tmp_path, page(text, URL, suffix))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path):
    with pytest.raises(FolderError):
        add(tmp_path / "none", page(HTML))
    assert not list(tmp_path.iterdir())
