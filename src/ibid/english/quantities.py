"""Quantities: a number with its scale and unit, what it measures, and when.

>>> text = "In 2024 share prices rose by over 20 percent, and 3 million people bought shares."
>>> for fact in find_quantities(text):
...     print(fact.span.of(text), fact.low, fact.unit, fact.thing, fact.time.of(text), sep=" | ")
over 20 percent | 20.0 | % | share prices rose by … | In 2024
3 million | 3000000.0 |  | … people bought shares | In 2024
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ibid.english.joints import begin_with_bound
from ibid.english.numbers import Number, find_numbers
from ibid.english.times import LONGEST, TIME_UNITS, Time, find_times
from ibid.english.verbs import AUXILIARIES, MOSTLY, verb_share
from ibid.english.words import STOP_WORDS, find_terms
from ibid.types import Span

LONGEST_BEFORE, LONGEST_BEHIND = 8, 9
"""Words that a thing has before and behind its figure at most."""

_FEWEST = 10
"""A smaller number in letters that counts something is no figure (`two reasons`)."""

_TO = re.compile(r"\s*(?:[–—-]|\bto\b|\bor\b)\s*")
_AND = re.compile(r"\s+(?:and|to)\s+")
_BETWEEN = re.compile(r"\bbetween\W*\Z", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\W*\Z", re.IGNORECASE)
_HYPHEN = re.compile(r"(?<![\w.-])(\d{1,3}(?:\.\d+)?)-(?=\d{1,3}(?:\.\d+)?(?![\d-]))")
_ODDS = re.compile(
    r"\b(?:\d+|one|two|three|nine)\s+(?:in|out\s+of)\s+(?:every\s+)?\Z", re.IGNORECASE
)
"""What stands before the second number of odds (`1 in 4 people`), which counts nobody."""

_PER = re.compile(
    r"\s*(?:per\s+|(?:an?|each|every)\s+(?=(?:second|minute|hour|day|week|month|quarter|year)\b))"
    r"(?P<per>(?:square |cubic )?[a-z]+)"
)
_NAMED = re.compile(
    r"(?:\b(?i:version|release|chapter|section|step|part|phase|level|figure|fig|table|item|no|number"
    r"|pages?|pp?|rule|issue|edition|v|vol|volume|episode|season|article|question|rank\w*|line|row"
    r"|grade|type|class|route|room|id|port|code|day|week|aged?)\.?"
    r"|\b(?!(?:In|On|Of|At|With|By|From|For|To|The|A|An|And|But|Or|Its?|Has|Had|There|Only|If)\b)"
    r"[A-Z][\w&’.-]*(?:\s[\d.]+(?:,|\sand|\sor))*"
    r"|[#\[:/_+^*=\"`]|\d\s?[–-]|\A\W*(?=\d)\W|\d)[ \t]*\Z",
)
"""What stands before a number that names something or counts its place, and measures nothing."""

_SIGNS = re.compile(
    r"[ \t]*(?:[\]/–](?=[\w\]])|:\s?\d|-(?![a-z]{3})|[\d)*=_]|[ap]\.?m\b|o[’']clock|(?:by|x|×)\s\d"
    r"|(?:in|out\s+of)\s+(?:every\s+)?\d{1,2}\b|(?:BCE?|AD|CE)\b"
    r"|(?:\w+ )?(?:release|edition|version)\b"
    r"|(?:[A-Z]\w+ ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Drive|Boulevard|Blvd)\b)"
)
"""What stands behind a number that is a sign, a time of day, a year or an address."""

_AGAINST = re.compile(
    r"\b(?:from|than|vs\.?|versus|(?<!according )to|with)\s+(?:in\s+|the\s+)?\Z", re.IGNORECASE
)
"""What stands before a date that a figure is held against."""

_PART_OF = re.compile(r"\s*of\s(?:[^,;:.!?()]|(?<=\d)[,.](?=\d))+")
_ASIDE = re.compile(r"\s*(?:\([^()]*\)|\))")
"""What stands between a figure and what it counts, or ends what it stands in: `20 (2 %) left`."""

_GOES_ON = re.compile(r"\s?\]|\.\w|@")
_CONVERTED = re.compile(r"\d\s*(?:[^\s(]+\s+){0,3}\(\W*\Z")
"""What stands before a figure that gives the one before it in another unit (`7 miles (11 km)`)."""

_NEXT = re.compile(r"\b(?:next|coming|last|past|previous|first)\s+\Z", re.IGNORECASE)
"""What makes a stretch of time out of a figure, which tells when."""

_PLACING = frozenset("for in on before after since until with through < > <= >= ≥ ≤ =".split())
"""What stands before a number that counts nothing behind it and names a place or a version."""

_DISTANCE = re.compile(r"\s+(?:after|before|later|earlier|prior|ago)\b")
"""What stands behind a stretch of time that tells when something else was."""

_BOUNDARY = re.compile(
    r",(?!\d{3})|[;:!?()\[\]—…|]|\s–\s|(?<![A-Z])\.(?=\s|\Z)|\b(?:and|but|while|whereas|which|who"
    r"|that|because|although|though|when|where|if|than|according|compared|down|up)\b",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[,;:(]\s|\s[–—-]\s|(?<![A-Z])\.\s")
_CLAUSE = re.compile(
    r"[;:(]|\s[–—-]\s|(?<![A-Z])\.\s|,\s+(?:and|but|(?:\w+\s+)?wh\w+|while|though|although)\b"
)
_LEADS = re.compile(
    r"\A(?:(?:in|the|an?|also|then|only|now|to|at|by|from|of|s)\b|\W)+", re.IGNORECASE
)
_TRAILS = re.compile(
    r"(?:(?<!\w)(?:in|on|at|as|since|until|during|from|to|the|an?|for|with|or|its|their|by|of|vs|only|is|are|was|were|than|that|who)"
    r"|[^\w%])+\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much there is of something."""

    span: Span
    """The figure as the sentence spells it: `more than $2.6 billion`, `10 to 15 years`."""
    low: float
    high: float
    """The same as `low`, but in a range."""
    unit: str
    """Its short form, `%` or `$/year`; empty for a count of what the thing names."""
    thing: str
    """The words around it, … in its place: `share prices rose by …`."""
    time: Span
    """Where the sentence says for when it holds (`In 2024`); empty where it does not."""


def find_quantities(sentence: str) -> list[Quantity]:
    """Return what a sentence measures or counts, in order."""
    if len(sentence) > LONGEST:
        return []
    text = _HYPHEN.sub(r"\1–", sentence)
    numbers = sorted(find_numbers(text), key=lambda number: number.span)
    times = find_times(text, numbers)
    dates = _dates(text, numbers, times)
    spans = [time.span for time in times]
    pairs = [pair for pair in _join_ranges(text, numbers) if _measures(text, *pair, spans)]
    places = [_place(text, *pair) for pair in pairs]
    edges = _edges(text, [*places, *spans, *dates])
    quantities: list[Quantity] = []
    before = ""
    for (first, last), place in zip(pairs, places, strict=True):
        behind = _behind(text, place, edges)
        goes_on = not any(verb_share(word) >= MOSTLY for word in behind.split())
        before = _before(text, place, edges) or before * goes_on  # as the first of a list has it
        thing = " ".join(filter(None, (before, "…", behind)))
        if not find_terms(thing):
            thing = _thing_beyond(text, place, quantities, dates)
        if find_terms(thing):
            unit, when = _unit(text, first, last), _date(text, place, places, dates)
            low, high = _values(text, first, last)
            quantities.append(Quantity(place, low, high, unit, thing, when))
    return quantities


def _dates(text: str, numbers: Sequence[Number], times: Sequence[Time]) -> list[Span]:
    """Return what may tell for when a figure holds, dates in names included (`the 2010 census`).

    A date that it is held against (`up from 2021`) does not.
    """
    dates = (n.span for n in numbers if n.is_date and re.match(r"\d{4}", n.value))
    spans = [time.span for time in times]
    spans += [date for date in dates if not any(date.overlaps(span) for span in spans)]
    return sorted(span for span in spans if not _AGAINST.search(text, 0, span.start))


def _join_ranges(text: str, numbers: Sequence[Number]) -> Iterator[tuple[Number, Number]]:
    """Yield the numbers that are no dates, each with the end of its range, or with itself."""
    amounts = [n for n in numbers if not n.is_date and re.fullmatch(r"-?[\d.]*\d", n.value)]
    place = 0
    while place < len(amounts):
        first, *rest = amounts[place : place + 2]
        last = rest[0] if rest and _is_range(text, first, rest[0]) else first
        yield first, last
        place += 1 + (last is not first)


def _is_range(text: str, first: Number, last: Number) -> bool:
    """Tell whether two numbers are the ends of a range, and not of a rise (`from 10 to 15 %`)."""
    start, between = _whole(first).start, Span(_whole(first).end, _whole(last).start).of(text)
    if first.unit not in ("", last.unit) or _FROM.search(text, 0, start):
        return False
    joins = _AND if _BETWEEN.search(text, 0, start) else _TO
    return joins.fullmatch(between) is not None


def _measures(text: str, first: Number, last: Number, times: Sequence[Span]) -> bool:
    """Tell whether a number says how much there is of something, and is no name, place or sign."""
    place = _place(text, first, last)
    if any(time.overlaps(place) for time in times):
        return False  # `within five years` tells when
    before, word = text[: place.start].rstrip(), first.span.of(text)
    is_spelled = not re.search(r"\d", word)
    is_name = is_spelled and before != "" and word[0].isupper()  # `the Eighty Years War`
    is_odds = _ODDS.search(text, 0, place.start)
    if is_name or is_odds or before.endswith(("[", "#")) or _GOES_ON.match(text, place.end):
        return False
    if last.unit != "%" and _CONVERTED.search(text, 0, place.start):
        return False
    if last.unit and not (is_spelled and last.unit == "x"):
        tells_when = _DISTANCE.match(text, place.end) or _NEXT.search(text, 0, place.start)
        return not (tells_when and last.unit in TIME_UNITS)
    is_sign = _NAMED.search(text[: place.start]) or _SIGNS.match(text, place.end)
    is_small = is_spelled and float(first.value) < _FEWEST
    return not (is_sign or is_small or _is_label(text, place))


def _is_label(text: str, place: Span) -> bool:
    """Tell whether a bare number counts nothing (`platform 1 is used`, `landed in 1.62`)."""
    following = re.match(r"\s*(\w*)", text[place.end :])
    behind = following[1] if following else ""
    if find_terms(behind) and verb_share(behind) < MOSTLY:
        return False
    before = re.search(r"(\S+)\s+(?:\d+\s*(?:,|and|or)\s+)*\Z", text[: place.start])
    word = before[1].lower() if before else ""
    if word in _PLACING:
        return True
    is_noun = word.isalpha() and word not in STOP_WORDS and not word.endswith(("ing", "ed"))
    return is_noun and verb_share(word) < MOSTLY


def _whole(number: Number) -> Span:
    """Return where a number and its unit stand."""
    unit = number.unit_span or number.span
    return Span(min(number.span.start, unit.start), max(number.span.end, unit.end))


def _place(text: str, first: Number, last: Number) -> Span:
    """Return a figure with its bound and what it is counted by (`over $2 a year`)."""
    per = _PER.match(text, _whole(last).end)
    end = per.end() if per else _whole(last).end
    return Span(begin_with_bound(text, _whole(first).start), end)


def _unit(text: str, first: Number, last: Number) -> str:
    per = _PER.match(text, _whole(last).end)
    return (last.unit or first.unit) + (f"/{per['per']}" if per else "")


def _values(text: str, first: Number, last: Number) -> tuple[float, float]:
    """Return both ends of a range; the scale of the last one holds for both (`2 to 3 million`)."""
    low, high = float(first.value), float(last.value)
    digits = re.sub(r"[^\d.]", "", last.span.of(text))
    scale = high / float(digits) if digits.strip(".0") else 1.0
    is_bare = re.fullmatch(r"[\d.]+", first.span.of(text)) is not None
    return (low * scale if first is not last and is_bare and scale > 1 else low), high


def _edges(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return where clauses end, with the figures and dates, none of which a thing goes over."""
    return sorted([*(Span(*match.span()) for match in _BOUNDARY.finditer(text)), *spans])


def _before(text: str, place: Span, edges: Sequence[Span]) -> str:
    """Return the words before a figure, as far as its clause goes.

    Where that opens with `is` or `has`, what the sentence opens with is said to be so.
    """
    start = max((edge.end for edge in edges if edge.end <= place.start), default=0)
    words = text[start : place.start].split()
    if start and words and words[0].lower() in AUXILIARIES:
        opening = text[: min(edge.start for edge in edges)].split()
        words = [*opening, *words] if AUXILIARIES.isdisjoint(opening) else words
    phrase = _LEADS.sub("", " ".join(words[-LONGEST_BEFORE:]), count=1)
    return phrase if find_terms(phrase) else ""


def _thing_beyond(text: str, place: Span, before: Sequence[Quantity], dates: Sequence[Span]) -> str:
    """Return what a figure measures that has no words of its own.

    That is the whole that it is a part of (`20 of the 30 members`), or what the one before it
    measures, where only a date stands between them (`from 10 in 2020 to 20`); of the first one,
    what the clause before it says.
    """
    if part := _PART_OF.match(text, place.end):
        return "… " + " ".join(part[0].split()[:LONGEST_BEHIND])
    if not before:
        return " ".join(text[: place.start].split()[-LONGEST_BEFORE:]) + " …"
    last = before[-1]
    end = max((d.end for d in dates if last.span.end <= d.start < place.start), default=0)
    is_next = not find_terms(text[max(end, last.span.end) : place.start])
    return last.thing if is_next else ""


def _behind(text: str, place: Span, edges: Sequence[Span]) -> str:
    """Return the words behind a figure, as far as its clause goes."""
    aside = _ASIDE.match(text, place.end)
    start = aside.end() if aside else place.end
    ends = (
        e.start for e in edges if e.start >= start and e.of(text).lower() not in ("that", "who")
    )
    end = min(ends, default=len(text))
    return _TRAILS.sub("", " ".join(text[start:end].lstrip("-").split()[:LONGEST_BEHIND]))


def _date(text: str, place: Span, places: Sequence[Span], dates: Sequence[Span]) -> Span:
    """Return the date next to a figure: right behind it, else before it, of the same clause.

    One that opens the sentence holds for all of it.
    """
    following = min((p.start for p in places if p.start >= place.end), default=len(text))
    behind = [
        date
        for date in dates
        if place.end <= date.start < following and not _BREAK.search(text, place.end, date.start)
    ]
    before = [
        date
        for date in reversed(dates)
        if date.end <= place.start
        and (_opens(text, date) or not _CLAUSE.search(text, date.end, place.start))
    ]
    return (*behind, *before, Span(0, 0))[0]


def _opens(text: str, date: Span) -> bool:
    """Tell whether a date opens its sentence: no verb stands before it."""
    words = text[: date.start].lower().split()
    return not any(word in AUXILIARIES or verb_share(word) >= MOSTLY for word in words)
