"""Headings of Markdown text: ATX, setext, and the bold lines that authors use as headings."""

import re
from collections.abc import Iterator
from itertools import pairwise

from ibid.reading.headings import PSEUDO_LEVEL, Heading
from ibid.text import line_starts, plain

_LINE_START, _LINE_STOP = r"(?<![^\r\n])", r"(?![^\r\n])"
_MARKDOWN = re.compile(
    rf"{_LINE_START} {{0,3}}(?:\#{{1,6}}[ \t]+\S|```|~~~|__\S)|\*\*\S|\]\([^)\s]+\)"
    rf"|\S[ \t]*[\r\n]{{1,2}}(?:=+|-{{3,}})[ \t]*{_LINE_STOP}"
)
_BOLD_LINE = re.compile(
    r" {0,3}(?P<mark>\*\*|__)(?=\S)(?P<title>[^\r\n]+?)(?P=mark)(?P<colon>:?)(?P<rest>[^\r\n]*)"
)
_QUESTION_LABEL = re.compile(r"Q\d{0,3}")
_ANSWER_LABEL = re.compile(r"A\d{0,3}")
_ANCHOR = re.compile(r" ?\{[:#.][^{}]*\}$")  # `## Title {#anchor}` of Hugo and kramdown

_LONGEST_TITLE = 1000
_LONGEST_LABEL = 100
_LONGEST_QUESTION = 250


def looks_like_markdown(text: str, body: int) -> bool:
    """Tell whether a text file is really Markdown."""
    return _MARKDOWN.search(text, body) is not None


def find_markdown_headings(text: str, body: int) -> list[Heading]:
    """Return the headings of the Markdown that begins at `body`, in order.

    Only the block pass of the CommonMark parser runs: it finds the same headings as the whole
    parser, in half the time.
    """
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").disable("inline").parse(text[body:])
    starts = [*(body + start for start in line_starts(text[body:])), len(text)]
    headings: list[Heading] = []
    for token, inline in pairwise(tokens):
        if token.level or not token.map:
            continue
        first, end = token.map
        if token.type == "heading_open":
            title = _ANCHOR.sub("", plain(inline.content[:_LONGEST_TITLE]))
            headings.append(Heading(int(token.tag[1:]), title, starts[first], starts[end]))
        elif token.type == "paragraph_open":
            headings.extend(_find_bold(text, starts[first:end]))
    return [heading for heading in headings if heading.title]


def _find_bold(text: str, lines: list[int]) -> Iterator[Heading]:
    """Yield the bold pseudo-headings of one paragraph, each at the start of a line."""
    for line in lines:
        found = _BOLD_LINE.match(text, line)
        if found and (heading := _read_label(found, opens=line == lines[0])):
            yield heading


def _read_label(found: re.Match[str], *, opens: bool) -> Heading | None:
    """Return the heading that a line with bold text at its start is, if it is one.

    A bold label counts where it has the line for itself, or runs in to the text behind it and
    ends in a colon or a question mark. Bold emphasis at the start of a sentence does not. Only a
    question counts below the line that opens the paragraph, and `**Q:** …?` is one.
    """
    title = plain(found["title"][:_LONGEST_TITLE]).rstrip(":").strip()
    question, mark, _ = found["rest"].partition("?")
    prose = found.start("rest")
    if mark and _QUESTION_LABEL.fullmatch(title):
        title = f"{title}: {plain(question[:_LONGEST_TITLE])}?"
        prose += len(question) + len(mark)
    asks = title.endswith("?")
    labels = asks or found["colon"] or found["title"].rstrip().endswith(":")
    is_heading = asks or (opens and (labels or not found["rest"].strip()))
    longest = _LONGEST_QUESTION if asks else _LONGEST_LABEL
    if not is_heading or not 0 < len(title) <= longest or _ANSWER_LABEL.fullmatch(title):
        return None
    return Heading(PSEUDO_LEVEL, title, found.start(), prose)
