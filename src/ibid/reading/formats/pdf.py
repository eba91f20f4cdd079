"""PDF by pypdfium2: a part per page, without what a page repeats and with words made whole."""

import datetime
import re
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ibid.errors import ArticleUnreadable
from ibid.reading.formats.extracted import Extracted, Part, mend, read_meta
from ibid.reading.formats.running_heads import drop_running_heads
from ibid.reading.formats.titles import written_author, written_title
from ibid.types import Meta

MOST_PAGES = 2000
"""Pages of a PDF; the rest is left out, and a warning says so."""

_FIRST_YEAR = 1993
"""PDF is not older: what says so has no clock."""

_DATE = re.compile(r"D?:?(\d{4})(\d\d)(\d\d)")
_HYPHEN = "[\x02\ufffe]"
"""pdfium's mark in the place of a hyphen at the end of a line, which it joins with the next."""

_PARTED = re.compile(rf"([^\W\d_]+){_HYPHEN}(?=([^\W\d_]+))")
_LEFT_HYPHEN = re.compile(_HYPHEN)
_TEX_LIGATURES = {"\x0b": "ff", "\x0c": "fi", "\r": "fl", "\x0e": "ffi", "\x0f": "ffl"}
_TEX_LIGATURE = re.compile(
    r"[\x0b\x0c\r\x0e\x0f](?=[a-z]{2})|(?<=[a-z]{2})[\x0b\x0c\r\x0e\x0f](?![A-Za-z])"
)
_SPACED = re.compile(r"(?<!\S)(?:[A-Za-zÀ-ɏΑ-ωА-я] ){4,}[A-Za-zÀ-ɏΑ-ωА-я](?!\S)")


def extract_pdf(raw: bytes) -> Extracted:
    """Return the text of a PDF. Raises ArticleUnreadable."""
    import pypdfium2

    untyped: Any = pypdfium2
    try:
        with untyped.PdfDocument(raw) as pdf:
            pages = [_page_text(pdf[number]) for number in range(min(len(pdf), MOST_PAGES))]
            excess, values = len(pdf) - len(pages), pdf.get_metadata_dict()
    except untyped.PdfiumError as error:
        raise ArticleUnreadable(f"not a PDF that can be read: {error}") from error
    if not any(page.strip() for page in pages):
        raise ArticleUnreadable("no text in it", hint="a scan needs text recognition first")
    pages, dropped = drop_running_heads(pages)
    texts = [text + "\n\f" for text in _join_words(pages)]
    parts, start = list[Part](), 0
    for number, text in enumerate(texts, start=1):
        parts.append(Part(f"page {number}", start))
        start += len(text)
    warnings = (
        *((f"too long: the last {excess} pages are left out",) if excess > 0 else ()),
        *((f"running heads and page numbers are left out: {dropped}",) if dropped else ()),
    )
    return Extracted("".join(texts), _read_meta(values), tuple(parts), warnings, headed=False)


def _page_text(page: Any) -> str:
    text: str = page.get_textpage().get_text_range()
    text = mend(text.replace("\r\n", "\n"))
    text = _TEX_LIGATURE.sub(lambda mark: _TEX_LIGATURES[mark[0]], text)
    return _SPACED.sub(lambda letters: letters[0].replace(" ", ""), text)


def _join_words(pages: list[str]) -> list[str]:
    """Return the pages with words made whole that were parted at the end of a line.

    A hyphen stays where the text has the word with it elsewhere, and never without it.
    """
    whole = "\n".join(pages)
    words = set(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", whole))

    def join(parted: re.Match[str]) -> str:
        first, second = parted.groups()
        is_compound = f"{first}-{second}" in words and first + second not in words
        return f"{first}-" if is_compound else first

    return [_LEFT_HYPHEN.sub("", _PARTED.sub(join, page)) for page in pages]


def _read_meta(values: dict[str, str]) -> Meta:
    """Return what the file says about itself where an author, and not a program, said it."""
    clean = {name: mend(value).strip() for name, value in values.items()}
    meta = read_meta(
        title=written_title(clean.get("Title", "")), author=written_author(clean.get("Author", ""))
    )
    return replace(meta, date=_read_date(clean.get("CreationDate", "")))


def _read_date(value: str) -> str:
    """Return the day on which the file was made, nothing for one that cannot be.

    >>> _read_date("D:20250208122313Z"), _read_date("D:19700101000000Z")
    ('2025-02-08', '')
    """
    match = _DATE.match(value)
    with suppress(ValueError):
        if match and int(match[1]) >= _FIRST_YEAR:
            return datetime.date(*map(int, match.groups())).isoformat()
    return ""
