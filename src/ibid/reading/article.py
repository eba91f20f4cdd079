"""The reader of articles: decodes or extracts a file, and finds its parts."""

import hashlib
from dataclasses import replace
from pathlib import PurePosixPath

from ibid.reading import extracting
from ibid.reading.decoding import BYTE_ORDER_MARK, decode
from ibid.reading.extracting import Extract
from ibid.reading.flags import find_flags
from ibid.reading.formats import Extracted
from ibid.reading.front_matter import FrontMatter, find_front_matter, quotable
from ibid.reading.headers import find_properties
from ibid.reading.headings import Heading, cut_at_parts, tile
from ibid.reading.kinds import EXTRACTED
from ibid.reading.markdown import find_markdown_headings, last_searched, looks_like_markdown
from ibid.reading.metadata import join, read_meta
from ibid.reading.names import name_of, says_something
from ibid.reading.plain import find_plain_headings, find_wiki_headings
from ibid.text import LINE_END, find_sentences, has_words, line_of, plain
from ibid.types import Article, ArticleId, Meta, Section, Span

_TITLE_LENGTH = 200
_SHORTEST_BODY = 2000
"""Characters. A longer body holds a sentence; whether a shorter one does is looked up."""


def read_article(id: ArticleId, raw: bytes, extract: Extract = extracting.extract) -> Article:
    """Read one file as an article whose sections tile its text: decoded, or extracted.

    Raises ArticleUnreadable, with the reason, when no text can be had.
    """
    suffix = PurePosixPath(id).suffix.lower()
    if suffix in EXTRACTED:
        return _from_extracted(id, raw, extract(suffix, raw))
    decoded = decode(raw)
    text = decoded.text
    front = find_front_matter(text)
    body = front.end or len(BYTE_ORDER_MARK) * text.startswith(BYTE_ORDER_MARK)
    headings, warnings = _find_headings(id, text, body)
    properties, _ = read_meta(find_properties(text, body))
    title, meta = _name(id, text, body, headings, join(front.meta, properties))
    return Article(
        id=id,
        title=title,
        text=text,
        meta=meta,
        sections=_tile(text, body, headings, front),
        digest=hashlib.sha256(raw).hexdigest(),
        warnings=decoded.warnings + front.warnings + warnings + find_flags(text),
    )


def _from_extracted(id: ArticleId, raw: bytes, extraction: Extracted) -> Article:
    """Return the article of a file that is not text, cut at its headings, pages or cells."""
    text, headings, warnings = extraction.text, list[Heading](), tuple[str, ...]()
    if extraction.headed:
        headings, warnings = _find_headings(id, text, 0)
    title, meta = _name(id, text, 0, [] if extraction.collected else headings, extraction.meta)
    return Article(
        id=id,
        title=title,
        text=text,
        meta=meta,
        sections=cut_at_parts(text, tile(text, 0, headings), extraction.parts),
        digest=hashlib.sha256(raw).hexdigest(),
        warnings=extraction.warnings + warnings + find_flags(text),
    )


def _tile(text: str, body: int, headings: list[Heading], front: FrontMatter) -> tuple[Section, ...]:
    """Cut a text; where nothing stands below the front matter, its title and summary are text."""
    sections = tile(text, body, headings)
    has_body = len(text) - body > _SHORTEST_BODY or find_sentences(text, Span(body, len(text)))
    if has_body or not front.meta.description or not (places := quotable(text, front)):
        return sections
    starts = [0, *(place.start for place in places[1:]), body]
    spans = map(Span, starts, starts[1:])
    top = (Section((), span, place) for span, place in zip(spans, places, strict=True))
    return (*top, *sections[1:])


def _find_headings(id: ArticleId, text: str, body: int) -> tuple[list[Heading], tuple[str, ...]]:
    end = last_searched(text, body)
    headings = list[Heading]()
    if PurePosixPath(id).suffix.lower() == ".txt":
        is_marked = looks_like_markdown(text, body)
        headings = find_wiki_headings(text, body, end)
        headings = headings or ([] if is_marked else find_plain_headings(text, body, end))
    else:
        is_marked = True
    if is_marked and not headings:
        headings = find_markdown_headings(text, body, end)
    warning = f"too long: no headings are looked for from line {line_of(text, end)} on"
    return headings, (warning,) * (end < len(text))


def _name(
    id: ArticleId, text: str, body: int, headings: list[Heading], meta: Meta
) -> tuple[str, Meta]:
    """Return what an article is called, and its metadata with what its file's name adds."""
    name, date = name_of(id)
    guessed = list[str]()
    title = meta.title or _find_title(text, body, headings)
    if not title:
        guessed.append("title")
        title = name if says_something(name) else _first_line(text, body)
        title = title or name or PurePosixPath(id).stem
    if date and not meta.days[0]:
        guessed.append("date")
        meta = replace(meta, date=date)
    return title, replace(meta, guessed=tuple(guessed))


def _find_title(text: str, body: int, headings: list[Heading]) -> str:
    """Return the only heading of the first level, or one with no text above it; else nothing.

    One of a lower level has to be above all others: `## Entries` before `## Links` is no title.
    """
    real = [heading for heading in headings if not heading.pseudo]
    highest = [heading for heading in real if heading.level == 1]
    if len(highest) == 1:
        return highest[0].title[:_TITLE_LENGTH]
    is_top = bool(real) and (real[0].level == 1 or all(real[0].level < h.level for h in real[1:]))
    if is_top and not find_sentences(text, Span(body, real[0].start)):
        return real[0].title[:_TITLE_LENGTH]
    return ""


def _first_line(text: str, body: int) -> str:
    """Return the first line that says something."""
    lines = (line for line in LINE_END.split(text[body:]) if has_words(line, Span(0, len(line))))
    return plain(next(lines, "")[: 10 * _TITLE_LENGTH])[:_TITLE_LENGTH]
