"""Pages: one file each, quotes in their articles, and nothing an article says can act."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ibid.library import Library
from ibid.output.markdown import write_markdown
from ibid.output.web_page import answer_page, comparison_page
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from markdown_texts import DATA

ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "ol", "li", "a", "span", "div",
    "table", "tr", "th", "td", "p", "b", "blockquote", "article", "mark", "section", "thead",
    "tbody", "details", "summary", "svg", "line", "circle", "text", "g",
}  # fmt: skip
NAMES = {
    "href", "id", "class", "lang", "charset", "http-equiv", "content", "name", "scope",
    "data-group", "open",
    # of the picture of times
    "xmlns", "role", "aria-label", "viewbox", "width", "height", "font-family", "font-size",
    "font-weight", "fill", "stroke", "stroke-opacity", "stroke-width", "text-anchor",
    "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r",
}  # fmt: skip


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def page(library: Library) -> Page:
    return Page(comparison_page(library.compare("challenges of AI in drug discovery"), library))


def test_a_page_loads_nothing_and_links_only_into_itself(page):
    assert page.tags <= ALLOWED
    assert page.attributes <= NAMES
    assert page.links
    assert all(link.startswith("#") for link in page.links)
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_a_page_forbids_scripts_and_requests(library):
    html = comparison_page(library.compare("cost"), library)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert policy.startswith("default-src 'none'")


def test_a_page_has_each_article_that_it_quotes_in_full(page, library):
    for article in library.articles:
        assert article.text.replace("\r\n", "\n") in page.text


def test_a_quote_is_marked_at_its_place(library):
    comparison = library.compare("challenges of AI in drug discovery")
    html = comparison_page(comparison, library)
    for cell in comparison.rows[0].saying:
        quote = cell.quotes[0]
        anchor = f'id="q-{cell.article.encode().hex()}-{quote.span.start}-{quote.span.end}"></a>'
        behind = html.split(anchor)[1]
        said = quote.span.of(library.article(cell.article).text)
        assert Page(behind[: 2 * len(said) + 200]).text.startswith(said)


def test_a_refusal_and_an_answer_are_pages_too(library):
    refused = Page(answer_page(library.ask("What is the capital of Australia?"), library))
    assert "Your articles do not say." in refused.text
    assert refused.tags <= ALLOWED
    nothing = Page(comparison_page(library.compare("the offside rule in football"), library))
    assert "Your articles do not say." in nothing.text


PAYLOADS = (
    '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "<svg/onload=alert(1)>",
    "javascript:alert(1)", "</title><script>alert(1)</script>", "</style><script>x</script>",
    "<!--<script>", "]]><script>alert(1)</script>", "' onmouseover='alert(1)", "\x00<b>",
    "<iframe src=//evil.example>", "<base href=//evil.example>", "${alert(1)}", "{{7*7}}",
)  # fmt: skip
"""A few of each kind, for machines without the sets."""


def payloads() -> list[str]:
    listed = DATA / "xss"
    texts = [path.read_text("utf-8", "replace") for path in sorted(listed.glob("*.txt"))]
    return [*PAYLOADS, *(line for text in texts for line in text.splitlines() if line.strip())]


@pytest.mark.long
def test_no_injection_in_text_title_or_file_name_becomes_an_element(tmp_path: Path):
    folder = tmp_path / "articles"
    folder.mkdir()
    found = payloads()
    for number, chunk in enumerate(found[n : n + 700] for n in range(0, len(found), 700)):
        name = f"{number} \"><img src=x onerror=alert(1)> '.md"
        lines = "\n\n".join(f"Apples are good with {each} in every orchard." for each in chunk)
        title = chunk[0].replace("\n", " ").replace("'", "''")
        text = f"---\ntitle: '{title}'\nauthor: '<script>x</script>'\n---\n\n{lines}\n"
        (folder / name).write_text(text, "utf-8", "replace")
    settings = Settings(model="none")
    library = Library.open(folder, tmp_path / "index", settings, embedder=HashEmbedder())
    library.build()
    topic = "apples <script>alert(1)</script>"
    comparison = library.compare(topic)
    page = Page(comparison_page(comparison, library))
    assert comparison.rows or comparison.alone
    assert page.tags <= ALLOWED
    assert page.attributes <= NAMES
    assert all(link.startswith("#") for link in page.links)
    answer = Page(answer_page(library.ask(topic), library))
    assert answer.tags <= ALLOWED
    assert answer.attributes <= NAMES
    markdown = write_markdown(comparison, library)
    assert not re.search(r"(?<!\\)<[a-zA-Z/!]", markdown)
