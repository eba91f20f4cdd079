"""Pure string helpers: lines, sentences and plain display text."""

import re
from bisect import bisect_right

from sentencex import segment

from ibid.types import Span

LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line in Markdown; `str.splitlines` also cuts at U+2028, form feeds and the like."""

_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)")
_EMPHASIS = re.compile(r"(?<![\w*])(\*\*\*|\*\*|\*|__|_)(?=\S)(.+?)(?<=\S)\1(?![\w*])")
_CODE = re.compile(r"(`+)(.+?)\1")


def line_starts(text: str) -> list[int]:
    """Return where each line of `text` begins; the first is always 0."""
    return [0, *(match.end() for match in LINE_END.finditer(text))]


def line_of(text: str, offset: int) -> int:
    """Return the line, counted from 1, that holds the character at `offset`."""
    return bisect_right(line_starts(text), offset)


def split_sentences(text: str) -> list[Span]:
    """Cut `text` into sentences, white space around them left out."""
    spans: list[Span] = []
    start = 0
    for piece in segment("en", text):
        spans.append(trim(text, Span(start, start + len(piece))))
        start += len(piece)
    return [span for span in spans if len(span)]


def trim(text: str, span: Span) -> Span:
    """Return `span` without the white space at its ends."""
    inner = span.of(text)
    start = span.start + len(inner) - len(inner.lstrip())
    return Span(start, max(start, span.start + len(inner.rstrip())))


def collapse(text: str) -> str:
    """Return `text` on one line, each run of white space one space."""
    return " ".join(text.split())


def plain(text: str) -> str:
    """Return Markdown inline text as a reader sees it: no emphasis marks, links by their words."""
    text = _CODE.sub(r"\2", _LINK.sub(r"\1", text))
    while (shorter := _EMPHASIS.sub(r"\2", text)) != text:
        text = shorter
    return collapse(text)
