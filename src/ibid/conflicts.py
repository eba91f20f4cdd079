"""Which two assertions cannot both hold, shown by their own words; when in doubt, none.

Two sentences are held against each other only where they say the same but for one commitment: a
number, a date, a direction, a negation, a certainty or a scope. Anything else that differs makes
them two statements about two things.
"""

import re
from collections.abc import Sequence

from ibid.comparison import Assertion, Conflict
from ibid.differences import Difference, find_differences, shared_words
from ibid.lexical import find_words
from ibid.marks import Kind, Mark, find_marks
from ibid.types import Span

SHARED = 0.6
"""Share of the words of either sentence that the other one has in the same order."""

_FEWEST_WORDS = 5

_FACTS = frozenset({Kind.NUMBER, Kind.YEAR, Kind.UNIT})
_SHOWN = frozenset(
    {Kind.NUMBER, Kind.YEAR, Kind.NEGATION, Kind.DIRECTION, Kind.CERTAINTY, Kind.SCOPE}
)
_MOVING = re.compile(
    r"\b(?:today|now|currently|so far|to date|yesterday|tomorrow|tonight|recently|ago|yet"
    r"|(?:this|last|next|past|previous|coming)\s+(?:\w+\s+)?(?:week|month|quarter|year|spring|summer"
    r"|fall|autumn|winter|release|version|cycle|time))\b",
    re.IGNORECASE,
)
"""Words whose meaning moves with the day they are written."""

_NUMBERED = re.compile(
    r"(?:\b(?:version|release|chapter|section|step|part|phase|level|figure|table|item|no\.?|number"
    r"|page|rule|day|week|issue|rfc|pr|edition|v|episode|season|title|article|question|week's)"
    r"|[A-Z][\w-]*|[#.\-–_/v])[ \t]*\Z",
)
"""What a number stands behind that is a part of a name."""


def find_conflict(one: Assertion, other: Assertion) -> Conflict | None:
    """Return how two assertions exclude each other, None where they do not, or may not."""
    if min(len(find_words(one.text)), len(find_words(other.text))) < _FEWEST_WORDS:
        return None
    if _MOVING.search(one.text) or _MOVING.search(other.text):
        return None
    if min(shared_words(one.text, other.text), shared_words(other.text, one.text)) < SHARED:
        return None
    found = find_differences(one.text, other.text)
    return _decide(one, other, found)


def _decide(one: Assertion, other: Assertion, found: Sequence[Difference]) -> Conflict | None:
    if any(each.kind is Kind.NAME for each in found):
        return None
    facts = [each for each in found if each.kind in _FACTS]
    if len(facts) > 1:
        return None
    for each in found:
        if each.kind not in _SHOWN or not each.said or not each.source:
            continue
        if each.kind is Kind.NUMBER and (
            _is_name(one.text, each.said) or _is_name(other.text, each.source)
        ):
            continue
        return Conflict(each.kind.value, one, other, (each.said, each.source))
    return None


def _is_name(text: str, number: Span) -> bool:
    return _NUMBERED.search(text[: number.start]) is not None
