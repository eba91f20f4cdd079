"""HTML and PDF: their text is read when the extra is there, and no file of theirs stops a build."""

import random
import time
from contextlib import suppress
from pathlib import Path

import pytest

from ibid.errors import ArticleUnreadable
from ibid.library import Library
from ibid.reading import extracting, formats, kinds
from ibid.reading.article import read_article
from ibid.reading.extracting import LARGEST_HTML, Extractor, extract
from ibid.reading.kinds import missing_extra
from ibid.types.articles import ArticleId, Meta
from web_pages import COSTS, PAGE, pdf

_FEED = "<rss version='2.0'><channel><item><description>Dear.</description></item></channel></rss>"
_RAW = {"pdf": COSTS, "html": PAGE.encode(), "xml": _FEED.encode()}

needs_html = pytest.mark.skipif(bool(missing_extra(".html")), reason=missing_extra(".html"))
needs_pdf = pytest.mark.skipif(bool(missing_extra(".pdf")), reason=missing_extra(".pdf"))


@needs_html
def test_html_is_read_as_the_article_in_it():
    article = read_article(ArticleId("a.html"), PAGE.encode())
    assert (article.title, article.meta.author, article.meta.date) == (
        "Rare disease drug discovery", "Ada Lovelace", "2024-05-12"
    )  # fmt: skip
    assert [section.headings for section in article.sections] == [
        ("Rare disease drug discovery",),
        ("Rare disease drug discovery", "Costs"),
    ]
    assert "Trials cost 10 million dollars in 2024. The café pays" in article.text
    assert not [word for word in ("Home", "steal", "rights") if word in article.text]
    assert article.warnings == ()


@needs_html
@pytest.mark.parametrize(
    ("raw", "warned"),
    [
        (b"\xef\xbb\xbf" + PAGE.encode(), False),
        (PAGE.replace("<head>", '<head><meta charset="cp1252">').encode("cp1252"), False),
        (PAGE.encode("cp1252"), True),
        (PAGE.encode("utf-16"), True),
    ],
)
def test_html_is_decoded_as_it_declares_and_a_guess_is_told(raw: bytes, warned: bool):
    article = read_article(ArticleId("a.htm"), raw)
    assert "The café pays" in article.text
    assert bool(article.warnings) is warned


@needs_pdf
def test_a_pdf_is_read_page_by_page():
    article = read_article(ArticleId("a.pdf"), COSTS)
    assert (article.title, article.meta) == ("On costs", Meta(title="On costs"))
    assert [section.headings for section in article.sections] == [
        ("page 1",), ("page 2",), ("page 3",)
    ]  # fmt: skip
    assert "Trials cost ten million dollars in 2024." in article.text
    assert "".join(section.span.of(article.text) for section in article.sections) == article.text


@needs_pdf
def test_a_citation_from_a_pdf_names_its_page(small: Library, articles: Path):
    (articles / "costs.PDF").write_bytes(COSTS)
    assert small.build().articles == 3
    answer = small.ask("What is cited as a challenge for drug discovery?")
    citation = answer.claims[0].citations[0]
    assert (citation.passage.article, citation.passage.headings) == ("costs.PDF", ("page 3",))
    text = small.article("costs.PDF").text
    assert " ".join(citation.quote.of(text).split()) == (
        "Data scarcity is cited as a challenge for drug discovery."
    )


@needs_pdf
def test_pages_beyond_the_limit_are_left_out_and_it_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(formats.pdf, "MOST_PAGES", 1)
    article = read_article(ArticleId("a.pdf"), COSTS)
    assert "scarcity" not in article.text
    assert article.warnings == ("too long: the last 2 pages are left out",)


@pytest.mark.parametrize(
    ("suffix", "raw", "reason"),
    [
        pytest.param(".html", b"", "no text", marks=needs_html),
        pytest.param(".html", b"<html><body></body></html>", "no text", marks=needs_html),
        pytest.param(".html", b"<div>" * 100_000, "no text", marks=needs_html),
        pytest.param(".html", b" " * (LARGEST_HTML + 1), "larger than 5 MB", marks=needs_html),
        pytest.param(".html", b"\x1f\x8b\xff\xff", "binary", marks=needs_html),
        pytest.param(".pdf", b"", "not a PDF", marks=needs_pdf),
        pytest.param(".pdf", b"# Markdown", "not a PDF", marks=needs_pdf),
        pytest.param(".pdf", pdf([], []), "no text", marks=needs_pdf),
    ],
    ids=range(8),
)
def test_a_file_without_text_is_refused_with_the_reason(suffix: str, raw: bytes, reason: str):
    with pytest.raises(ArticleUnreadable, match=reason):
        extract(suffix, raw)


@needs_pdf
@needs_html
def test_damaged_files_are_read_or_refused_and_one_process_reads_them_all():
    chance = random.Random(7)  # noqa: S311
    with Extractor() as extracted:
        for number in range(150):
            suffix, whole = ((".pdf", COSTS), (".html", PAGE.encode()))[number % 2]
            raw = bytearray(whole)
            for _ in range(chance.randrange(1, 40)):
                raw[chance.randrange(len(raw))] = chance.randrange(256)
            with suppress(ArticleUnreadable):
                extracted(suffix, bytes(raw[: chance.randrange(len(raw))]))
        assert extracted(".pdf", COSTS) == extract(".pdf", COSTS)
        assert extracted(".html", PAGE.encode()) == extract(".html", PAGE.encode())


@needs_pdf
@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import time; time.sleep(99)", "not read in 1 s"),
        ("while True: pass", "not read in 1 s"),
        ("import os; os.abort()", "its reader crashed"),
        ("print('half an answer', end='')", "its reader crashed"),
    ],
)
def test_an_extractor_that_hangs_or_crashes_costs_one_file(
    program: str, reason: str, monkeypatch: pytest.MonkeyPatch
):
    serve = extracting._SERVE
    with Extractor() as extracted:
        with monkeypatch.context() as patch:
            patch.setattr(extracting, "_SERVE", program)
            patch.setattr(extracting, "SECONDS", 1)
            before = time.monotonic()
            with pytest.raises(ArticleUnreadable, match=reason):
                extracted(".pdf", COSTS * 100)
            assert time.monotonic() - before < 60  # and not 99
        assert serve == extracting._SERVE
        assert extracted(".pdf", COSTS).parts


@pytest.mark.parametrize(
    ("suffix", "extra", "named"),
    [
        ("html", "html", "HTML"),
        ("pdf", "pdf", "PDF"),
        ("rst", "rst", "RST"),
        ("org", "org", "ORG"),
        ("xml", "feeds", "a feed"),
    ],
)
def test_without_the_extra_a_file_is_skipped_with_the_command_and_read_once_it_is_there(
    suffix: str,
    extra: str,
    named: str,
    small: Library,
    articles: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    (articles / f"a.{suffix}").write_bytes(_RAW.get(suffix, b"Trials cost ten million dollars."))
    with monkeypatch.context() as patch:
        patch.setattr(kinds, "find_spec", lambda _: None)
        report = small.build()
    reason = f"{named} needs an extra: pip install 'ibid-articles[{extra}]'"
    assert [(file.path, file.reason) for file in report.skipped] == [(f"a.{suffix}", reason)]
    assert report.articles == 2
    if not missing_extra(f".{suffix}"):
        assert small.build().articles == 3


FAQ = "".join(
    f"<h2>What is number {n}?</h2><p>The answer {n} is long enough for a text. It goes on.</p>"
    for n in range(6)
)
AROUND = {
    "nothing": "{}",
    "article": "<article>{}</article>",
    "main": "<main>{}</main>",
    "div": "<div>{}</div>",
    "section": "<section>{}</section>",
    "many": "<div class='wrap'><div id='x'><section><div>{}</div></section></div></div>",
    "table": "<table><tr><td>{}</td></tr></table>",
    "a table with a comment": "<table><!-- x --><tr><td>{}</td></tr></table>",
    "centre": "<center><font>{}</font></center>",
    "menus": "<nav><ul><li><a href='x'>Home</a></li></ul></nav>{}<footer><p>Ours.</p></footer>",
}


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_headings_are_kept_whatever_stands_around_them(around: str):
    page = f"<html><head><title>T</title></head><body>{around.format(FAQ)}</body></html>"
    article = read_article(ArticleId("a.html"), page.encode())
    headings = [section.headings[-1] for section in article.sections if section.headings]
    assert headings == [f"What is number {n}?" for n in range(6)]
    assert all("goes on." in s.prose.of(article.text) for s in article.sections if s.headings)


def test_a_page_with_one_heading_in_a_box_of_its_own_keeps_its_text():
    said = "The text of the page is here, and it goes on for a while. " * 3
    page = f"<html><body><div><div><h1>Top</h1></div><div>{said}</div></div></body></html>"
    text = extract(".html", page.encode()).text
    assert "# Top" in text
    assert "goes on for a while" in text


def test_a_short_page_is_read_in_paragraphs():
    page = b"<html><body><h1>Top</h1><p>One short.</p><p>Two short.</p></body></html>"
    assert extract(".html", page).text.strip() == "# Top\n\nOne short.\n\nTwo short."
    assert extract(".html", b"<p>Only this.</p>").text.strip() == "Only this."


def test_a_page_needs_no_tag_that_html_lets_it_leave_out():
    page = f"<title>Costs</title><h1>Costs</h1><p>{'Costs rose by nine percent. ' * 9}</p>"
    found = extract(".html", page.encode())
    assert found.meta.title == "Costs"
    assert "Costs rose by nine percent." in found.text


def test_the_headings_of_a_wiki_are_kept_without_its_links_to_edit():
    page = (
        b'<html><body><div id="mw-content"><h1>Tides</h1><div id="bodyContent">'
        b'<div class="mw-heading"><h2>History</h2><span class="mw-editsection">[edit]</span></div>'
        b"<p>They were known long ago in the north of the country.</p>"
        b'<h3><span class="mw-headline">Early</span></h3><p>Early times were hard for all.</p>'
        b"</div></div></body></html>"
    )
    text = extract(".html", page).text
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# Tides", "## History", "### Early"
    ]  # fmt: skip
    assert "[edit]" not in text


def test_a_page_that_loses_all_headings_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("trafilatura.extract", lambda *_, **__: "Only this was found.")
    page = b"<html><body><h1>Top</h1><h2>Two</h2><p>Only this was found.</p></body></html>"
    assert extract(".html", page).warnings == ("none of its 2 headings could be kept",)


def test_a_page_of_jekyll_is_read_with_its_front_matter_and_without_tags():
    page = (
        b"---\ntitle: T\nauthor: Ann Lee\n---\n{% include head.html %}\n<h2>Part</h2>\n"
        b"<p>So it is {{ x }}.</p>"
    )
    article = read_article(ArticleId("a.html"), page)
    assert (article.title, article.meta.author) == ("T", "Ann Lee")
    assert "{" not in article.text
    assert "## Part" in article.text


@pytest.mark.parametrize(
    "page",
    [
        "<title>{{ page.title }}</title>{% if x %}<p>Text is here.</p>{% endif %}",
        '{{ define "main" }}<h1>{{ .Title }}</h1>{{ end }}',
        "{#- made -#}{{ {'a': 'b'}[key] }}{% set x = 1 %}{% set y = 1 %}",
    ],
)
def test_a_template_is_no_page(page: str):
    with pytest.raises(ArticleUnreadable, match="a template of pages"):
        extract(".html", page.encode())


def test_a_page_about_templates_is_a_page():
    page = "<h1>Tags</h1><p>Write it so:</p><pre>{% if x %}{{ y }}{% endif %}</pre><p>It works.</p>"
    assert "It works." in extract(".html", page.encode()).text


def test_all_authors_of_a_page_are_read():
    page = (
        b"<html><head><meta name='author' content='Ann Lee'><meta name='author' content='Bob Fox'>"
        b"</head><body><article><p>The text of it stands here in full.</p></article></body></html>"
    )
    assert read_article(ArticleId("a.html"), page).meta.authors == ("Ann Lee", "Bob Fox")
