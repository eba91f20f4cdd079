"""Markdown from HTML by trafilatura, whatever stands around the text, with its headings."""

import re
from itertools import islice
from typing import Any

_HEADING = re.compile(r"(?:\A|(?<=\n))#{1,6} \S")
_OPTIONS = {"output_format": "markdown", "include_comments": False}
_HEADINGS = "|".join(f".//h{level}" for level in range(1, 7))
_NO_TEXT = (
    "//script|//style|//noscript|//template|//nav|//footer|//aside|//form|//*[@hidden]"
    "|//*[@aria-hidden='true']|//*[contains(@class,'editsection')]"
    "|//*[contains(concat(' ',@class,' '),' toc ') or @id='toc']"
)
"""What no reader takes for the text of a page; MediaWiki's links to edit a section among it."""

_FEW = 200
"""Headings of which the element around all is looked for; the last one is among them."""

_MOST = 0.5
"""Share of a page's text that has to stand in the element that is taken for its article."""

_CELLS = frozenset(("table", "tbody", "thead", "tr", "td", "th"))


_SOURCE = re.compile(r"<(pre|code|script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_TEMPLATE = re.compile(
    r"\{#-.*?-#\}|\{%-?\s*[a-z]+\b[^{}]*%\}|\{\{-?\s*[$.\w][^{}]*\}\}|\{\{-?\s*/\*.*?\*/", re.DOTALL
)
_FEWEST_TAGS = 2


def is_template(html: str) -> bool:
    """Tell whether a file is what pages are made with, and no page: it has a template's tags."""
    tags = _TEMPLATE.finditer(_SOURCE.sub("", html)) if "{{" in html or "{%" in html else iter(())
    return sum(1 for _ in islice(tags, _FEWEST_TAGS)) == _FEWEST_TAGS


def without_template_tags(html: str) -> str:
    """Return a page without the tags of a template that stand in it."""
    return _TEMPLATE.sub("", html)


def as_document(html: str) -> str:
    """Return a page that says early on that it is HTML; trafilatura takes no other for one."""
    return html if "html" in html[:50].lower() else f"<!DOCTYPE html>\n{html}"


def extract_markdown(html: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of a page as Markdown, empty where it has none, and warnings.

    Where trafilatura keeps less than half of the headings, glues paragraphs together or finds
    nothing at all, it gets what stands around all headings once more, as one article.
    """
    import trafilatura

    untyped: Any = trafilatura
    text = str(untyped.extract(html, **_OPTIONS) or "")
    body = _body(html)
    if body is None:
        return text, ()
    headings = len(body.xpath(_HEADINGS))
    is_glued = len(body.xpath(".//p")) > 1 and "\n\n" not in text
    if not text or is_glued or 2 * _count(text) < headings:
        wrapped = str(untyped.extract(_as_article(body), favor_recall=True, **_OPTIONS) or "")
        text = wrapped if wrapped and _count(wrapped) >= _count(text) else text
    text = text or str(untyped.extract(html, favor_recall=True, **_OPTIONS) or "")
    lost = headings > 0 and not _count(text)
    return text, (f"none of its {headings} headings could be kept",) * (lost and bool(text))


def _count(text: str) -> int:
    return len(_HEADING.findall(text))


def _body(html: str) -> Any:
    """Return what stands in the page, without what is no text; None where that is nothing."""
    from lxml import html as parser

    untyped: Any = parser
    try:
        body = untyped.document_fromstring(re.sub(r"\A\s*<\?xml[^>]*>", "", html)).find(".//body")
    except (untyped.etree.LxmlError, ValueError):
        return None
    for element in body.xpath(_NO_TEXT) if body is not None else ():
        if element is not body:
            element.drop_tree()
    return body


def _as_article(body: Any) -> str:
    """Return the smallest element around all headings and most text as an article of its own.

    Tables that lay out a page, headings in their cells, are taken apart.
    """
    from lxml import html as parser

    untyped: Any = parser
    for table in body.xpath(".//table[" + _HEADINGS.replace("|", " or ") + "]"):
        for element in [*table.iter(*_CELLS)]:
            element.tag = "div"
    headings = body.xpath(_HEADINGS)
    above = [{*heading.iterancestors()} for heading in (*headings[:_FEW], *headings[-1:])]
    shared = set[Any].intersection(*above) if above else set[Any]()
    enough = _MOST * len(body.text_content())
    inside = [node for node in body.iter() if node in shared]  # the innermost last
    around = next((node for node in inside[::-1] if len(node.text_content()) >= enough), body)
    around.tag = "article"
    article = untyped.tostring(around, encoding="unicode", with_tail=False)
    return f"<html><body>{article}</body></html>"
