"""Headings of Markdown text: ATX, setext, and the bold lines that authors use as headings."""

import re
from collections.abc import Iterator

from ibid.reading.headings import PSEUDO_LEVEL, Heading
from ibid.text import line_starts, plain

_MARKDOWN = re.compile(
    r"^ {0,3}#{1,6}[ \t]+\S|^(?:\*\*|__)\S|^(?:```|~~~)|\]\([^)\s]+\)|\*\*\S", re.MULTILINE
)
_BOLD_START = re.compile(r"(?P<mark>\*\*|__)(?=\S)(?P<title>[^\r\n]+?)(?P=mark)(?P<colon>:?)")

_LONGEST_LABEL = 100
_LONGEST_QUESTION = 250


def looks_like_markdown(text: str) -> bool:
    """Tell whether a text file is really Markdown."""
    return _MARKDOWN.search(text) is not None


def find_markdown_headings(text: str, body: int) -> list[Heading]:
    """Return the headings of the Markdown that begins at `body`, in order.

    Only the block pass of the CommonMark parser runs: it finds the same headings as the whole
    parser, in half the time.
    """
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").disable("inline").parse(text[body:])
    starts = [body + start for start in line_starts(text[body:])] + [len(text)]
    headings: list[Heading] = []
    for token, inline in zip(tokens, tokens[1:], strict=False):
        if token.level or not token.map or token.type not in ("heading_open", "paragraph_open"):
            continue
        start, end = starts[token.map[0]], starts[token.map[1]]
        if token.type == "heading_open":
            headings.append(Heading(int(token.tag[1:]), plain(inline.content), start, end))
        else:
            headings.extend(_find_bold(text, start, end))
    return headings


def _find_bold(text: str, start: int, end: int) -> Iterator[Heading]:
    """Yield the bold pseudo-headings of one paragraph, each at the start of a line.

    A bold label counts where it has the line for itself, or runs in to the text behind it and
    ends in a colon or a question mark. Bold emphasis at the start of a sentence does not.
    """
    for line in _lines(text, start, end):
        found = _BOLD_START.match(text, line, end)
        if not found:
            continue
        title = plain(found["title"]).rstrip(":").strip()
        alone = not _rest_of_line(text, found.end(), end).strip()
        labels = bool(found["colon"]) or found["title"].rstrip().endswith((":", "?"))
        asks = title.endswith("?")
        longest = _LONGEST_QUESTION if asks else _LONGEST_LABEL
        opens = line == start or asks
        if title and opens and len(title) <= longest and (labels or (alone and line == start)):
            yield Heading(PSEUDO_LEVEL, title, line, found.end())


def _lines(text: str, start: int, end: int) -> Iterator[int]:
    for offset in line_starts(text[start:end]):
        indent = len(text[start + offset : end]) - len(text[start + offset : end].lstrip(" "))
        if start + offset < end:
            yield start + offset + indent


def _rest_of_line(text: str, start: int, end: int) -> str:
    rest = text[start:end]
    return rest[: line_starts(rest)[1]] if len(line_starts(rest)) > 1 else rest
