"""What a reader of a text should know about it: what it hides, and where it is damaged."""

import re
from collections.abc import Iterator, Sequence

from ibid.text import BIDI, LINE_END, SOFT_HYPHEN, TAGS, ZERO_WIDTH, is_mojibake, line_of

_LATIN = "[A-Za-zÀ-ÖØ-öø-ɏ]"
_ALIKE = "[\u0400-\u052fΑΒΕΖΗΙΚΜΝΟΡΤΥΧο]"
"""Cyrillic, and the Greek letters that pass for Latin ones; `TNFα` and `NFκB` are words."""

_MIXED = re.compile(rf"(?:{_LATIN}{_ALIKE}|{_ALIKE}{_LATIN})\w*+")
_FLAGS = (
    ("control-characters", re.compile(r"[\0-\x08\x0e-\x1f\x7f]")),
    ("invisible-characters (zero width)", ZERO_WIDTH),
    ("invisible-characters (U+E0000 tags)", TAGS),
    ("invisible-characters (soft hyphens)", SOFT_HYPHEN),
    ("bidi-control", BIDI),
    ("mixed-script", _MIXED),
    ("replaced-characters (U+FFFD)", re.compile("\ufffd")),
)
_FEWEST = {"invisible-characters (soft hyphens)": 10}
"""A few soft hyphens are typesetting."""


def find_flags(text: str) -> tuple[str, ...]:
    """Return a warning per oddity: how many characters, words or lines, and the first line."""
    return tuple(_tell(text))


def _tell(text: str) -> Iterator[str]:
    for name, pattern in _FLAGS:
        spans = [match.span() for match in pattern.finditer(text)]
        count = len(spans) if pattern is _MIXED else sum(end - start for start, end in spans)
        if count >= _FEWEST.get(name, 1):
            yield f"{name}: {count}, first in line {line_of(text, spans[0][0])}"
    if lines := _mojibake_lines(text):
        yield f"mojibake: {len(lines)}, first in line {lines[0]}"


def _mojibake_lines(text: str) -> Sequence[int]:
    if text.isascii():
        return ()
    return [n for n, line in enumerate(LINE_END.split(text), start=1) if is_mojibake(line)]
