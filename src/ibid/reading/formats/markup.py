"""From HTML to Markdown, all of it kept that a reader of the page would see."""

import re
from typing import Any

from markdownify import MarkdownConverter

_UNSEEN = ("script", "style", "head", "template", "noscript", "nav", "svg", "img", "iframe")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = ("table", "blockquote", *_HEADINGS)
"""What no cell of a table of data holds."""

_BLOCKS_OF_TEXT = ("p", "div", "section", "article", "body")
_CELLS, _ROWS = ("td", "th"), ("caption", "tbody", "thead", "tfoot", "tr")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_BLANKS_AT_END = re.compile(r"[ \t]+$", re.MULTILINE)


def to_markdown(html: str, below: int = 0) -> str:
    """Return HTML as Markdown: headings, lists, quotes, code and tables of data are kept.

    Links are their words; pictures, scripts and what is hidden are left out. Headings stand
    `below` so many others.
    """
    from bs4 import BeautifulSoup
    from bs4.element import PreformattedString

    untyped: Any = BeautifulSoup
    soup = untyped(html, "html.parser")
    for text in soup.find_all(string=True):
        if isinstance(text, PreformattedString):  # a comment, a declaration, an instruction
            text.extract()
    for element in soup.find_all(_is_unseen):
        element.extract()
    for heading in soup.find_all(_HEADINGS) if below else ():
        heading.name = f"h{min(int(heading.name[1]) + below, 6)}"
    for table in soup.find_all("table"):
        _unfold(table)
    markdown: str = _Converter(
        heading_style="ATX",
        bullets="-",
        escape_asterisks=False,
        escape_underscores=False,
        escape_misc=False,
        wrap=True,  # … to no width: a paragraph is one line
        wrap_width=None,
        table_infer_header=True,
    ).convert_soup(soup)
    markdown = _BLANKS_AT_END.sub("", markdown.replace("\xa0", " "))
    return _BLANK_LINES.sub("\n\n", markdown).strip("\n")


def _is_unseen(element: Any) -> bool:
    style: str = element.get("style") or ""
    is_hidden = element.has_attr("hidden") or bool(_HIDDEN.search(style))
    is_page_break = "pagebreak" in f"{element.get('epub:type')} {element.get('role')}"
    return element.name in _UNSEEN or is_hidden or is_page_break


def _unfold(table: Any) -> None:
    """Turn a table that only lays out a page, as newsletters use them, into plain blocks."""
    cells = [cell for cell in table.find_all(_CELLS) if cell.find_parent("table") is table]
    rows = {id(cell.parent) for cell in cells}
    is_layout = table.get("role") == "presentation" or any(cell.find(_BLOCKS) for cell in cells)
    if is_layout or len(rows) == len(cells):
        own = [part for part in table.find_all(_ROWS) if part.find_parent("table") is table]
        for element in (table, *own, *cells):
            element.name = "div"


class _Converter(MarkdownConverter):  # type: ignore[misc]
    """Keeps no emphasis but that of a whole paragraph, which may be a heading."""

    def convert_a(self, el: Any, text: str, parent_tags: set[str]) -> str:
        del el, parent_tags
        return text

    convert_em = convert_i = convert_a

    def convert_b(self, el: Any, text: str, parent_tags: set[str]) -> str:
        block = el.find_parent(_BLOCKS_OF_TEXT)
        is_whole = "_inline" not in parent_tags and block and _words(block) == _words(el) != ""
        return f"**{text.strip()}**" if is_whole else text

    convert_strong = convert_b


def _words(element: Any) -> str:
    words: str = element.get_text()
    return words.strip()
