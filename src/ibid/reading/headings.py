"""Headings and the sections between them."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, starmap

from ibid.reading.formats import Part
from ibid.text import trim
from ibid.types import Section, Span

PSEUDO_LEVEL = 7
"""Bold pseudo-headings stand below every real heading (1 to 6) and beside each other."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading and the section that it opens."""

    level: int
    title: str
    start: int
    """Where its line begins: the section starts here."""
    prose: int
    """Where the text below or behind it begins."""

    @property
    def pseudo(self) -> bool:
        return self.level == PSEUDO_LEVEL


def tile(text: str, body: int, headings: Sequence[Heading]) -> tuple[Section, ...]:
    """Cut `text` at its headings: front matter, preamble, then a section per heading.

    The sections tile the text: no gap, no overlap. `body` is where the front matter ends.
    """
    sections = [Section((), Span(0, body), Span(body, body))] if body else []
    starts = [*(heading.start for heading in headings), len(text)]
    if starts[0] > body:
        preamble = Span(body, starts[0])
        sections.append(Section((), preamble, trim(text, preamble)))
    for heading, trail, end in zip(headings, _trails(headings), starts[1:], strict=True):
        prose = trim(text, Span(heading.prose, end))
        sections.append(Section(trail, Span(heading.start, end), prose))
    return tuple(sections)


def cut_at_parts(
    text: str, sections: Sequence[Section], parts: Sequence[Part]
) -> tuple[Section, ...]:
    """Cut sections where a page, cell or message begins, and name it last in their trails.

    Both tile the text, and so does what is returned.
    """
    if not parts:
        return tuple(sections)
    starts = [part.start for part in parts]
    pieces: list[Section] = []
    for section in sections:
        first = bisect_right(starts, section.span.start)
        behind = bisect_left(starts, section.span.end)
        edges = (section.span.start, *starts[first:behind], section.span.end)
        for place, span in enumerate(starmap(Span, pairwise(edges)), start=first - 1):
            trail = (*section.headings, parts[place].name) if place >= 0 else section.headings
            prose = Span(*(max(edge, section.prose.start) for edge in (span.start, span.end)))
            pieces.append(Section(trail, span, trim(text, prose)))
    return tuple(pieces)


def _trails(headings: Sequence[Heading]) -> list[tuple[str, ...]]:
    trails: list[tuple[str, ...]] = []
    above: list[Heading] = []
    for heading in headings:
        above = [*(higher for higher in above if higher.level < heading.level), heading]
        trails.append(tuple(higher.title for higher in above))
    return trails
