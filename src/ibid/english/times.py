"""When a sentence says that something is: dates, and times counted from the day it was written.

>>> for text in ("It will end by 2030.", "It began two decades ago.", "See Smith (2019)."):
...     print([(time.span.of(text), time.date, time.years_away) for time in find_times(text)])
[('by 2030', '2030', None)]
[('two decades ago', '', -20.0)]
[]
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ibid.english.commitments import MarkKind, find_marks
from ibid.english.numbers import Number, find_numbers
from ibid.types import Span

_PART = (
    r"(?:(?:the\s+)?(?:early|late|mid|end|start|beginning|middle|turn|close|spring|summer|fall"
    r"|autumn|winter|year|first|second|half|third|fourth|quarter|next|as)[\s-]+(?:of\s+)?)*"
)
_LEAD = re.compile(
    rf"(?:\b(?:in|on|by|since|until|till|before|after|from|during|through|throughout|between|as of"
    rf"|for|at\s+the|circa|late|early|mid)[\s-]+{_PART}|\b(?:spring|summer|fall|autumn|winter|end)\s+(?:of\s+)?"
    r")\Z",
    re.IGNORECASE,
)
"""What stands before a year that tells when; elsewhere it is a part of a name."""

_SUBJECT = re.compile(r"\W*(?:1[5-9]|20)\d\ds?\s*(?::|(?:is|was|will|has|saw|brought|marked)\b)")
"""A year that opens a sentence and tells when (`2019 was dry`)."""

_COUNTS = re.compile(r"\s*(?:%|percent|(?!(?:has|was|is|as|does)\b)[a-z]+s\b)")
"""What stands behind a number that is no year (`for 2000 users`)."""

_JOINED = re.compile(r"\s*(?:–|-|\bto\b|\bthrough\b|\buntil\b)\s*")
_BETWEEN = re.compile(r"\s*and\s*")
_RANGE = re.compile(r"\d\s*(?:–|-|to|through|until)\s")
_LISTED = re.compile(r"\s*(?:,|(?:,\s*)?\b(?:and|or)\b)\s*")
LONGEST = 1000
"""Characters of a sentence that is read; what is longer is a table or a log."""

FARTHEST = 500
"""Years from which what lies so far back is the age of something."""

TIME_UNITS = frozenset("s ms min h d week month year decade".split())
_YEARS = {"month": 1 / 12, "year": 1.0, "decade": 10.0, "century": 100.0}
_AHEAD = re.compile(r"\b(?:(?:with)?in|over|during|for|by)\s+(?:the\s+)?(?:next|coming)\s+\Z", re.I)
_PAST = re.compile(r"\b(?:(?:with)?in|over|during|for)\s+(?:the\s+)?(?:past|last)\s+\Z", re.I)
_WITHIN = re.compile(r"\b(?:with)?in\s+\Z", re.IGNORECASE)
_AWAY = re.compile(r"\s+(?P<way>ago|from now)\b")
_BARE = re.compile(
    r"\b(?:(?:(?:with)?in|over|during|by)\s+the\s+|(?<!\bthan )(?<!\bto )(?<!\bfrom )(?<!\bvs )"
    r"(?<!\bwith )(?<!\bof )(?<!\bthe ))(?P<way>next|coming|last|past)\s+"
    r"(?P<unit>year|decade|century)\b(?![-’'])|\b(?:an?|one)\s+(?P<old>year|decade|century)\s+ago\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Time:
    """When something is, as a sentence has it."""

    span: Span
    """With what leads to it: `by 2030`."""
    date: str
    """As precise as it is given (`2030`, `2030-06-12`); empty where it is counted from the day of
    writing."""
    years_away: float | None = None
    """How many years after the day of writing, negative for before."""


def find_times(sentence: str, numbers: Sequence[Number] | None = None) -> list[Time]:
    """Return the times that a sentence gives, in order; dates of publication are none.

    `numbers` are those of the sentence in order, where they are known.
    """
    if len(sentence) > LONGEST:
        return []
    if numbers is None:
        numbers = sorted(find_numbers(sentence), key=lambda number: number.span)
    times = [*_find_dates(sentence, numbers), *_find_distances(sentence, numbers)]
    return sorted(times, key=lambda time: time.span)


def _find_dates(sentence: str, numbers: Sequence[Number]) -> Iterator[Time]:
    """Yield the dates that tell when, both ends of a range as one.

    What something is held against (`up from 2021`) is none.
    """
    times: list[Time] = []
    for number in numbers:
        if not number.is_date or not re.match(r"\d{4}", number.value):
            continue
        place, last = number.span, times[-1] if times else None
        between = sentence[last.span.end : place.start] if last else "."
        before = sentence[: place.start]
        opens = _LEAD.search(before.removesuffix("the ") if number.value.endswith("s") else before)
        if last and _joins(last.span.of(sentence), between):
            times[-1] = Time(Span(last.span.start, place.end), last.date)
        elif _tells_when(sentence, number, opens) or _LISTED.fullmatch(between):
            start = opens.start() if opens else place.start
            times.append(Time(Span(start, place.end), number.value))
    for time in times:
        words = time.span.of(sentence).lower()
        if not words.startswith("from") or _RANGE.search(words):
            yield time


def _joins(first: str, between: str) -> bool:
    """Tell whether what stands between two dates makes a range of them."""
    joins = _BETWEEN if first.lower().startswith("between") else _JOINED
    return joins.fullmatch(between) is not None


def _tells_when(sentence: str, date: Number, lead: re.Match[str] | None) -> bool:
    """Tell whether a date is no name (`the 2010 census`) and no count (`for 2000 users`)."""
    if not re.fullmatch(r"\d{4}s?", date.value):
        return True
    if _SUBJECT.match(sentence) and not sentence[: date.span.start].strip():
        return True
    is_count = _COUNTS.match(sentence, date.span.end) and not date.value.endswith("s")
    return lead is not None and (not is_count or lead[0].lower().startswith(("in", "since")))


def _find_distances(sentence: str, numbers: Sequence[Number]) -> Iterator[Time]:
    """Yield what is counted from the day of writing (`within five years`, `last year`)."""
    for number in numbers:
        years = _YEARS.get(number.unit)
        if years is None or number.unit_span is None:
            continue
        count, end = float(number.value) * years, number.unit_span.end
        if count > FARTHEST:
            continue
        before, away = sentence[: number.span.start], _AWAY.match(sentence, end)
        if away:
            way = -1 if away["way"] == "ago" else 1
            yield Time(Span(number.span.start, away.end()), "", way * count)
        elif lead := _PAST.search(before):
            yield Time(Span(lead.start(), end), "", -count)
        elif lead := _AHEAD.search(before) or (_looks_ahead(sentence) and _WITHIN.search(before)):
            yield Time(Span(lead.start(), end), "", count)
    for match in _BARE.finditer(sentence):
        is_past = match["way"] is None or match["way"].lower() in ("last", "past")
        years = _YEARS[(match["unit"] or match["old"]).lower()]
        yield Time(Span(*match.span()), "", -years if is_past else years)


def _looks_ahead(sentence: str) -> bool:
    """Tell whether something will or may be, as a sentence has it."""
    marks = find_marks(sentence)
    return any(mark.kind is MarkKind.CERTAINTY and mark.value != "able" for mark in marks)
