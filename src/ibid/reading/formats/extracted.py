"""What is read from a file that is not text, and how its parts become one text."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from ibid.errors import ArticleUnreadable
from ibid.reading.front_matter import find_front_matter
from ibid.types import Meta

_LONGEST_VALUE = 1000
"""Characters of one value that a file says about itself."""


@dataclass(frozen=True, slots=True)
class Part:
    """A page, cell, message or entry of a file, which a citation names."""

    name: str
    """What a reader calls it: `page 3`."""
    start: int
    """Where it begins in the text, in characters; it ends where the next one begins."""
    meta: Meta = field(default_factory=Meta)
    """What an entry of a feed says about itself."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a file that is not text: Markdown, or plain lines from a PDF."""

    text: str
    meta: Meta = field(default_factory=Meta)
    parts: tuple[Part, ...] = ()
    """Its pages, cells, messages or entries in order; none where headings say it all."""
    warnings: tuple[str, ...] = ()
    headed: bool = True
    """Whether the text holds headings as Markdown marks them."""
    collected: bool = False
    """Whether its parts are texts of their own, none of whose headings is the title of all."""


def assemble(
    parts: Iterable[tuple[str, str]], meta: Meta, warnings: tuple[str, ...] = ()
) -> Extracted:
    """Join the names and texts of parts, a blank line between them; empty ones are left out.

    Raises ArticleUnreadable where none has any text.
    """
    texts, places, start = list[str](), list[Part](), 0
    for name, text in parts:
        if block := text.strip("\r\n"):
            places.append(Part(name, start))
            texts.append(mend(block) + "\n\n")
            start += len(texts[-1])
    whole = "".join(texts).rstrip() + "\n"
    if not whole.strip():
        raise ArticleUnreadable("no text in it")
    named_parts = tuple(place for place in places if place.name)
    return Extracted(whole, meta, named_parts, warnings)


def read_meta(**values: str | list[str]) -> Meta:
    """Return what a file says about itself, by the names and the rules of front matter."""
    short = {
        name: [item[:_LONGEST_VALUE] for item in value]
        if isinstance(value, list)
        else value[:_LONGEST_VALUE]
        for name, value in values.items()
        if value
    }
    return find_front_matter(json.dumps(short) + "\n").meta if short else Meta()


def mend(text: str) -> str:
    """Return text without lone surrogates, which no file can hold."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
