"""The blocks of a text, read line by line: every block knows its exact place.

This is for showing, not for searching: it takes linear time on any text, and what it does not know
it shows as it stands.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, takewhile

from ibid.text import LINE_END, trim
from ibid.types import Article, Section, Span

_HEADING = re.compile(r" {0,3}(?P<marks>#{1,6})[ \t]+(?P<title>\S.*?)(?:[ \t]+#+)?[ \t]*\Z")
_ITEM = re.compile(r"(?P<indent>[ \t]*)(?P<marker>[-*+•–]|\(?\d{1,3}[.)])[ \t]+(?=\S)")
_QUOTE = re.compile(r" {0,3}>[ \t]?")
_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})")
_RULE = re.compile(r" {0,3}(?P<mark>[-*_])(?:[ \t]*(?P=mark)){2,}[ \t]*\Z")
_UNDERLINE = re.compile(r"[ \t]*(?:=+|-+)[ \t]*\Z")
_ENDS_SENTENCE = re.compile(r"[.!?:;…][\"'”’)\]*_]*[ \t]*\Z")

_DEEPEST_LIST, _LOWEST_HEADING = 3, 6

_LONGEST_HEADING = 1000
"""Characters of a line. A longer one is no heading and no rule: telling takes too long."""


class Kind(StrEnum):
    """What a block is shown as."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"
    QUOTE = "quote"
    CODE = "code"
    TABLE = "table"
    RULE = "rule"
    FRONT_MATTER = "front matter"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text that is shown as one, without the marks that made it one."""

    kind: Kind
    spans: tuple[Span, ...]
    level: int = 0
    """Of a heading, from 3; or how deep a list item stands, from 0."""
    marker: str = ""
    """The number of an ordered list item."""


def blocks_of(article: Article, within: Span) -> Iterator[Block]:
    """Yield the blocks of an article inside `within`; headings are those of its sections."""
    first = bisect_right(article.sections, within.start, key=lambda section: section.span.end)
    after = islice(article.sections, first, None)
    for section in takewhile(lambda section: section.span.start < within.end, after):
        start, end = max(section.span.start, within.start), min(section.span.end, within.end)
        if not section.headings and not len(section.prose):
            yield Block(Kind.FRONT_MATTER, (trim(article.text, Span(start, end)),))
            continue
        is_whole = start == section.span.start and section.prose.start <= end
        if section.headings and is_whole and _stands_alone(article.text, section):
            title = _without_marks(article.text, Span(start, section.prose.start))
            yield Block(Kind.HEADING, (title,), min(len(section.headings) + 2, _LOWEST_HEADING))
            start = section.prose.start
        yield from find_blocks(article.text, Span(start, end))


def find_blocks(text: str, within: Span) -> Iterator[Block]:
    """Yield the blocks of `text` inside `within`, in order."""
    lines = list(_lines(text, within))
    number, before = 0, Kind.BLANK
    while number < len(lines):
        kind = _kind(text, lines[number], before)
        end = _end_of_block(text, lines, number, kind)
        if kind is not Kind.BLANK:
            yield _block(kind, text, lines[number:end])
            before = kind
        number = end


def _stands_alone(text: str, section: Section) -> bool:
    """Tell whether a section's heading has lines for itself, and no text runs in behind it."""
    heading = Span(section.span.start, section.prose.start).of(text)
    return LINE_END.search(heading) is not None or not len(section.prose)


def _without_marks(text: str, heading: Span) -> Span:
    """Return where the words of a heading are, hashes and underline left out."""
    lines = [line for line in _lines(text, heading) if line.of(text).strip()]
    if not lines:
        return trim(text, heading)
    if len(lines) > 1 and _UNDERLINE.match(lines[-1].of(text)):
        lines.pop()
    if hashed := _heading(lines[0].of(text)):
        return Span(*hashed.span("title")).shifted(lines[0].start)
    return trim(text, Span(lines[0].start, lines[-1].end))


def _lines(text: str, within: Span) -> Iterator[Span]:
    start = within.start
    for found in LINE_END.finditer(text, within.start, within.end):
        yield Span(start, found.start())
        start = found.end()
    if start < within.end:
        yield Span(start, within.end)


def _heading(line: str) -> re.Match[str] | None:
    return _HEADING.match(line) if len(line) <= _LONGEST_HEADING else None


_LOOKS_WHOLE = ((_RULE, Kind.RULE), (_HEADING, Kind.HEADING))
_LOOKS = (
    (_FENCE, Kind.CODE),
    (_ITEM, Kind.ITEM),
    (_QUOTE, Kind.QUOTE),
    (re.compile(r"[ \t]*\|"), Kind.TABLE),
)


def _kind(text: str, line: Span, before: Kind) -> Kind:
    """Return what a line begins; `before` is the block above it."""
    words = line.of(text)
    if not words.strip():
        return Kind.BLANK
    if words.startswith(("    ", "\t")) and before is not Kind.ITEM:
        return Kind.CODE
    looks = (*_LOOKS_WHOLE, *_LOOKS) if len(words) <= _LONGEST_HEADING else _LOOKS
    return next((kind for look, kind in looks if look.match(words)), Kind.PARAGRAPH)


def _end_of_block(text: str, lines: list[Span], number: int, kind: Kind) -> int:
    """Return the number of the first line that no longer belongs to the block."""
    end = number + 1
    if kind is Kind.CODE and (fence := _FENCE.match(lines[number].of(text))):
        closing = re.compile(rf" {{0,3}}{re.escape(fence['fence'])}[`~]*[ \t]*\Z")
        while end < len(lines) and not closing.match(lines[end].of(text)):
            end += 1
        return min(end + 1, len(lines))
    while end < len(lines) and _continues(text, lines[end - 1], lines[end], kind):
        end += 1
    return end


def _continues(text: str, above: Span, line: Span, kind: Kind) -> bool:
    """Tell whether a line goes on with the block of the line above it."""
    follows = _kind(text, line, Kind.BLANK if kind is Kind.CODE else Kind.ITEM)
    match kind:
        case Kind.PARAGRAPH:
            return follows is Kind.PARAGRAPH
        case Kind.ITEM:
            indented = line.of(text).startswith((" ", "\t"))
            unfinished = not _ENDS_SENTENCE.search(above.of(text)[-_LONGEST_HEADING:])
            return follows is Kind.PARAGRAPH and (indented or unfinished)
        case Kind.QUOTE | Kind.TABLE | Kind.CODE:
            return follows is kind
        case _:
            return False


def _block(kind: Kind, text: str, lines: list[Span]) -> Block:
    first = lines[0].of(text)
    whole = Span(lines[0].start, lines[-1].end)
    if kind is Kind.CODE and _FENCE.match(first):
        closed = len(lines) > 1 and _FENCE.match(lines[-1].of(text)) is not None
        inner = lines[1 : -1 if closed else None]
        whole = Span(inner[0].start, inner[-1].end) if inner else Span(whole.end, whole.end)
    elif kind is Kind.HEADING and (hashed := _heading(first)):
        title = Span(*hashed.span("title")).shifted(whole.start)
        return Block(kind, (title,), min(len(hashed["marks"]) + 2, _LOWEST_HEADING))
    elif kind is Kind.ITEM and (item := _ITEM.match(first)):
        deep = min(len(item["indent"].replace("\t", "    ")) // 2, _DEEPEST_LIST)
        number = item["marker"] if item["marker"][-1] in ".)" else ""
        return Block(kind, (Span(whole.start + item.end(), whole.end),), deep, number)
    elif kind is Kind.QUOTE:
        return Block(kind, tuple(_unquoted(text, line) for line in lines))
    return Block(kind, (whole,))


def _unquoted(text: str, line: Span) -> Span:
    mark = _QUOTE.match(line.of(text))
    return Span(line.start + mark.end(), line.end) if mark else line
