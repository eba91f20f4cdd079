"""The part of an article that is shown at once: around a place, or what goes on from there."""

from enum import StrEnum
from itertools import islice

from ibid.text import LINE_END
from ibid.types import Span

MOST_LINES = 2000
"""On each side of a place: a browser shows so many without delay."""

MOST_CHARACTERS = 40_000
"""On each side of a place, where lines are long."""


class Side(StrEnum):
    """Where somebody reads on."""

    BEFORE = "before"
    AFTER = "after"


def window_around(text: str, place: Span) -> Span:
    """Return what is shown around a place: all of a text of ordinary length."""
    if len(text) <= MOST_CHARACTERS and text.count("\n") + text.count("\r") <= MOST_LINES:
        return Span(0, len(text))
    return Span(_begin(text, place.start), _end(text, place.end))


def window_beside(text: str, at: int, side: Side) -> Span:
    """Return what is shown next where somebody reads on from `at`."""
    at = min(at, len(text))
    return Span(_begin(text, at), at) if side is Side.BEFORE else Span(at, _end(text, at))


def _begin(text: str, place: int) -> int:
    """Return where a window up to `place` begins: at a line, where one begins within reach."""
    farthest = max(0, place - MOST_CHARACTERS)
    starts = [match.end() for match in LINE_END.finditer(text, farthest, place)]
    if len(starts) > MOST_LINES:
        return starts[-MOST_LINES - 1]
    return farthest if farthest == 0 or not starts else starts[0]


def _end(text: str, place: int) -> int:
    """Return where a window from `place` on ends: behind a line, where one ends within reach."""
    farthest = min(len(text), place + MOST_CHARACTERS)
    lines = islice(LINE_END.finditer(text, place, farthest), MOST_LINES)
    ends = [line.end() for line in lines]
    is_whole = farthest == len(text) and len(ends) < MOST_LINES
    return farthest if is_whole or not ends else ends[-1]
