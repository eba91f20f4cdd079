"""The reader of articles: decodes or extracts a file, and finds its parts."""

import hashlib
from pathlib import PurePosixPath

from ibid.reading import extracting
from ibid.reading.decoding import BYTE_ORDER_MARK, decode
from ibid.reading.extracting import Extract
from ibid.reading.flags import find_flags
from ibid.reading.formats import Extracted
from ibid.reading.front_matter import find_front_matter
from ibid.reading.headings import Heading, cut_at_parts, tile
from ibid.reading.kinds import EXTRACTED
from ibid.reading.markdown import find_markdown_headings, last_searched, looks_like_markdown
from ibid.reading.plain import find_plain_headings
from ibid.text import LINE_END, has_words, line_of, plain
from ibid.types import Article, ArticleId, Span

_TITLE_LENGTH = 200


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
    return Article(
        id=id,
        title=front.meta.title or _title_from(text, body, headings) or PurePosixPath(id).stem,
        text=text,
        meta=front.meta,
        sections=tile(text, body, headings),
        digest=hashlib.sha256(raw).hexdigest(),
        warnings=decoded.warnings + front.warnings + warnings + find_flags(text),
    )


def _from_extracted(id: ArticleId, raw: bytes, found: Extracted) -> Article:
    """Return the article of a file that is not text, cut at its headings, pages or cells."""
    text, headings, warnings = found.text, list[Heading](), tuple[str, ...]()
    if found.headed:
        headings, warnings = _find_headings(id, text, 0)
    title = "" if found.collected else _title_from(text, 0, headings)
    return Article(
        id=id,
        title=found.meta.title or title or PurePosixPath(id).stem,
        text=text,
        meta=found.meta,
        sections=cut_at_parts(text, tile(text, 0, headings), found.parts),
        digest=hashlib.sha256(raw).hexdigest(),
        warnings=found.warnings + warnings + find_flags(text),
    )


def _find_headings(id: ArticleId, text: str, body: int) -> tuple[list[Heading], tuple[str, ...]]:
    is_text_file = PurePosixPath(id).suffix.lower() == ".txt"
    is_plain = is_text_file and not looks_like_markdown(text, body)
    find_headings = find_plain_headings if is_plain else find_markdown_headings
    end = last_searched(text, body)
    warning = f"too long: no headings are looked for from line {line_of(text, end)} on"
    return find_headings(text, body, end), (warning,) * (end < len(text))


def _title_from(text: str, body: int, headings: list[Heading]) -> str:
    """Return the first real heading, or else the first line that says something."""
    for heading in headings:
        if not heading.pseudo:
            return heading.title[:_TITLE_LENGTH]
    lines = (line for line in LINE_END.split(text[body:]) if has_words(line, Span(0, len(line))))
    return plain(next(lines, "")[: 10 * _TITLE_LENGTH])[:_TITLE_LENGTH]
