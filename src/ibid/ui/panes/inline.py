"""The words of a block and how they are set: Markdown's marks are left out, places are kept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ibid.text import escape
from ibid.types import Span

_LONGEST = 20_000
"""Characters. The marks of a longer block are shown as they stand: finding them takes too long."""

_DEEPEST = 6

# No mark looks for its end farther than 400 characters: many that have none take linear time.
_SYNTAX = re.compile(
    r"(?<!`)(?P<ticks>`++)(?P<code>[^`\n](?:[^\n]{0,400}?[^`\n])??)(?P=ticks)(?!`)"
    r"|(?P<image>!?)\[(?P<words>[^\[\]\n]*)\]\((?P<address>[^()\s]*)(?:\s+\"[^\"\n]*\")?\)"
    r"|(?<![\w*])(?P<mark>\*\*\*|\*\*|\*|__|_)(?=\S)(?P<set>.{1,400}?)(?<=\S)(?P=mark)(?![\w*])",
    re.DOTALL,
)
_EMPHASIS = {1: ("em",), 2: ("strong",), 3: ("strong", "em")}


@dataclass(frozen=True, slots=True)
class Tag:
    """An HTML element that words are set in; `title` is what it shows when pointed at."""

    name: str
    css: str = ""
    title: str = ""

    @property
    def opening(self) -> str:
        css = f' class="{self.css}"' if self.css else ""
        title = f' title="{escape(self.title)}"' if self.title else ""
        return f"<{self.name}{css}{title}>"

    @property
    def closing(self) -> str:
        return f"</{self.name}>"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words that a reader sees, and the elements around it, outermost first."""

    span: Span
    tags: tuple[Tag, ...] = ()


def read_inline(text: str, within: Span) -> Iterator[Piece]:
    """Yield the visible words of `text` inside `within`; no address in it becomes a link."""
    yield from _read(text, within, ())


def _read(text: str, within: Span, tags: tuple[Tag, ...]) -> Iterator[Piece]:
    start = within.start
    plain = len(within) > _LONGEST or len(tags) >= _DEEPEST
    for found in () if plain else _SYNTAX.finditer(text, within.start, within.end):
        if found.start() > start:
            yield Piece(Span(start, found.start()), tags)
        yield from _read_syntax(text, found, tags)
        start = found.end()
    if within.end > start:
        yield Piece(Span(start, within.end), tags)


def _read_syntax(text: str, found: re.Match[str], tags: tuple[Tag, ...]) -> Iterator[Piece]:
    if found["ticks"]:
        yield Piece(Span(*found.span("code")), (*tags, Tag("code")))
    elif found["mark"]:
        names = _EMPHASIS[len(found["mark"])]
        yield from _read(text, Span(*found.span("set")), (*tags, *map(Tag, names)))
    else:
        css = "image" if found["image"] else "link"
        tag = Tag("span", css, found["address"])
        yield from _read(text, Span(*found.span("words")), (*tags, tag))
