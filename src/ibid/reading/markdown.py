"""Headings of Markdown text: ATX, setext, and the bold lines that authors use as headings."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from ibid.reading.headings import PSEUDO_LEVEL, Heading
from ibid.text import LINE_END, line_starts, plain, view
from ibid.types import Span

_LINE_START, _LINE_STOP = r"(?<![^\r\n])", r"(?![^\r\n])"
_MARKDOWN = re.compile(
    rf"{_LINE_START} {{0,3}}(?:\#{{1,6}}[ \t]+\S|```|~~~|__\S)|\*\*\S|\]\([^()\s]++\)"
    rf"|\S[ \t]*+(?>\r\n|\r|\n)(?:=+|-{{3,}})[ \t]*+{_LINE_STOP}"
)
_BOLD_LINE = re.compile(
    r" {0,3}(?P<mark>\*\*|__)(?=\S)(?P<title>[^\r\n]+?)(?P=mark)(?P<colon>:?)(?P<rest>[^\r\n]*)"
)
_QUESTION_LABEL = re.compile(r"Q\d{0,3}")
_ANSWER_LABEL = re.compile(r"A\d{0,3}")
_ANCHOR = re.compile(r" ?(?:\{[:#.][^{}]*\}|\^[A-Za-z0-9-]+)$")  # of Hugo, kramdown, Obsidian

MOST_LINES, MOST_CHARACTERS = 20_000, 2_000_000
"""How far headings are looked for: the block pass takes up to 35 µs a line and 0.2 µs a
character; the longest of 1,600 real articles has 2,900 lines and 173,000 characters."""

_LONGEST_TITLE = 300
"""Characters; a longer heading is a paragraph that happens to be underlined."""

_LONGEST_LABEL = 100
_LONGEST_QUESTION = 250


def looks_like_markdown(text: str, body: int) -> bool:
    """Tell whether a text file is really Markdown."""
    return _MARKDOWN.search(text, body) is not None


def find_markdown_headings(text: str, body: int, end: int) -> list[Heading]:
    """Return the headings of the Markdown from `body` to `end`, in order.

    Only the block pass of the CommonMark parser runs: it finds the same headings as the whole
    parser, in half the time.
    """
    from markdown_it import MarkdownIt

    page = view(text)
    tokens = MarkdownIt("commonmark").disable("inline").parse(page.markdown[body:end])
    starts = [*(body + start for start in line_starts(text[body:end])), end]
    headings: list[Heading] = []
    for token, inline in pairwise(tokens):
        if token.level or not token.map:
            continue
        first, behind = token.map
        if token.type == "heading_open":
            if title := _read_title(inline.content):
                headings.append(Heading(int(token.tag[1:]), title, starts[first], starts[behind]))
        elif token.type == "paragraph_open":
            headings.extend(_find_bold(page.markdown, starts[first:behind]))
    elements = list(_read_elements(text, page.headings, Span(body, end)))
    return _without_inner([*headings, *elements]) if elements else headings


def _without_inner(headings: Sequence[Heading]) -> list[Heading]:
    """Return headings in order, those left out that stand within another one."""
    outer: list[Heading] = []
    for heading in sorted(headings, key=lambda item: item.start):
        if not outer or heading.start >= outer[-1].prose:
            outer.append(heading)
    return outer


def _read_elements(
    text: str, elements: Sequence[tuple[int, Span]], within: Span
) -> Iterator[Heading]:
    """Yield the headings that are elements of HTML."""
    for level, place in elements:
        title = _read_title(place.of(text))
        if title and within.start <= place.start and place.end <= within.end:
            yield Heading(level, title, place.start, place.end)


def last_searched(text: str, body: int) -> int:
    """Return where the part of the text ends in which headings are looked for."""
    lines = islice(LINE_END.finditer(text, body, body + MOST_CHARACTERS), MOST_LINES)
    ends = [body, *(line.end() for line in lines)]
    fits = len(ends) <= MOST_LINES and len(text) <= body + MOST_CHARACTERS
    return len(text) if fits else ends[-1]


def _read_title(content: str) -> str:
    """Return a heading's words, or nothing where it is no title."""
    return _ANCHOR.sub("", plain(content)) if len(content) <= _LONGEST_TITLE else ""


def _find_bold(text: str, lines: list[int]) -> Iterator[Heading]:
    """Yield the bold pseudo-headings of one paragraph, each at the start of a line."""
    for line in lines:
        match = _BOLD_LINE.match(text, line)
        if match and (heading := _read_label(match, opens=line == lines[0])):
            yield heading


def _read_label(match: re.Match[str], *, opens: bool) -> Heading | None:
    """Return the heading that a line with bold text at its start is, if it is one.

    A bold label counts where it has the line for itself, or runs in to the text behind it and
    ends in a colon or a question mark. Bold emphasis at the start of a sentence does not. Only a
    question counts below the line that opens the paragraph, and `**Q:** …?` is one.
    """
    title = plain(match["title"][:_LONGEST_TITLE]).rstrip(":").strip()
    question, mark, _ = match["rest"].partition("?")
    prose = match.start("rest")
    if mark and _QUESTION_LABEL.fullmatch(title):
        title = f"{title}: {plain(question[:_LONGEST_TITLE])}?"
        prose += len(question) + len(mark)
    asks = title.endswith("?")
    labels = asks or match["colon"] or match["title"].rstrip().endswith(":")
    is_heading = asks or (opens and (labels or not match["rest"].strip()))
    longest = _LONGEST_QUESTION if asks else _LONGEST_LABEL
    if not is_heading or not 0 < len(title) <= longest or _ANSWER_LABEL.fullmatch(title):
        return None
    return Heading(PSEUDO_LEVEL, title, match.start(), prose)
