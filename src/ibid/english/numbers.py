"""Numbers, dates and units as a sentence writes them, in one spelling."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from ibid.types import Span

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_POWERS = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_SHORT_POWERS = {"k": 3, "m": 6, "bn": 9, "b": 9, "tn": 12}
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
MONTHS = (
    "january february march april may june july august september october november december"
).split()

_WORDS: dict[str, int] = {
    **{word: value for value, word in enumerate(_SMALL) if word != "one"},
    **{word: 10 * value for value, word in enumerate(_TENS, start=2)},
    **{
        f"{ten}-{small}": 10 * value + digit
        for value, ten in enumerate(_TENS, start=2)
        for digit, small in enumerate(_SMALL[:10])
        if digit
    },
}
"""All but `one`, which is mostly a pronoun."""

_OTHERS = {
    "half": "0.5", "twice": "2x", "double": "2x", "doubles": "2x", "doubled": "2x",
    "thrice": "3x", "triple": "3x", "triples": "3x", "tripled": "3x", "dozen": "12",
    **{f"{power}s": f"{power}s" for power in ("dozen", *_POWERS)},
    **{word: f"{place}." for place, word in enumerate(_ORDINALS, start=1)},
}  # fmt: skip

_UNITS = {
    "%": "% percent per_cent percentage_points", "$": "dollar dollars usd us$",
    "€": "euro euros eur", "£": "pound pounds gbp", "s": "second seconds sec secs",
    "ms": "ms millisecond milliseconds", "min": "minute minutes min mins", "h": "hour hours hr hrs",
    "d": "day days", "week": "week weeks", "month": "month months",
    "year": "year years yr yrs year-old",
    "decade": "decade decades", "mm": "mm millimetre millimetres millimeter millimeters",
    "cm": "cm centimetre centimetres centimeter centimeters", "m": "metre metres meter meters",
    "km": "km kilometre kilometres kilometer kilometers", "mile": "mile miles",
    "foot": "foot feet ft", "inch": "inch inches", "mg": "mg milligram milligrams",
    "g": "g gram grams", "kg": "kg kilogram kilograms", "t": "tonne tonnes ton tons",
    "kb": "kb kilobyte kilobytes", "mb": "mb megabyte megabytes", "gb": "gb gigabyte gigabytes",
    "tb": "tb terabyte terabytes", "hz": "hz", "ghz": "ghz", "mhz": "mhz", "w": "watt watts",
    "kwh": "kwh", "°c": "°c celsius", "°f": "°f fahrenheit", "ml": "ml", "l": "litre litres liter",
    "x": "x × times fold",
}  # fmt: skip
_SHORT_FORM = {
    spelling.replace("_", " "): unit
    for unit, spellings in _UNITS.items()
    for spelling in spellings.split()
}

_FULL_MONTH = "|".join(month.title() for month in MONTHS)
_MONTH = rf"(?P<month>{_FULL_MONTH}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
_YEAR = r"(?P<year>1[5-9]\d\d|20\d\d|21\d\d)"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_AFTER = r"(?!\w|[.,]\d|-\d)"
_DATES = tuple(
    re.compile(rf"(?<![\w.,$€£-]){form}{_AFTER}")
    for form in (
        rf"{_YEAR}-(?P<number>[01]\d)-(?P<day>[0-3]\d)",
        rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",
        rf"{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}",
        rf"{_MONTH},?\s+{_YEAR}",
        rf"{_MONTH}\s+{_DAY}",
        rf"{_DAY}\s+(?:of\s+)?{_MONTH}",
        r"(?P<whole>(?:1[5-9]|20)\d0s)",
        rf"(?P<quarter>Q[1-4])\s+{_YEAR}",
        rf"{_YEAR}(?![\w-]*\s+(?:people|patients|articles|users))",
        rf"(?<=[a-z] )(?!May)(?P<month>{_FULL_MONTH})",
        r"(?<=in )(?P<month>May)",
    )
)
_COUNT = "|".join(sorted((*_WORDS, *_POWERS, *_OTHERS), key=len, reverse=True))
_UNIT = "|".join(
    re.escape(unit).replace(r"\ ", r"\s+") for unit in sorted(_SHORT_FORM, key=len, reverse=True)
)
_PART = "|".join(sorted(("one", *_WORDS), key=len, reverse=True))
_POWER = "|".join(_POWERS)
_SPELLED = (
    rf"half(?:\s+an?\s+|[\s-])(?:{_POWER}|dozen)\b"
    rf"|(?:{_PART})\s+and\s+a\s+half\s+(?:{_POWER})\b"
    rf"|(?:(?:an?|{_PART})[\s-]+)?(?:{_POWER})"
    rf"(?:(?:[\s-]+and)?[\s-]+(?:{_PART})(?:[\s-]+(?:{_POWER}))*\b)+"
)
"""A number in several words: `half a million`, `two and a half million`, `a hundred and fifty`."""

_NUMBER = re.compile(
    r"(?<![\w.,-])(?P<money>[$€£]|US\$)?\s?"
    rf"(?:(?P<spelled>{_SPELLED})"
    r"|(?P<digits>[-−]?\d+(?:[,  ]\d{3})*(?:\.\d+)?)(?!\d|[.,]\d)(?P<th>st|nd|rd|th)?"
    rf"|(?P<words>{_COUNT}|one(?=\s+(?:to|or)\s+(?:\d|(?:{_PART})\b))))"
    rf"(?:(?P<power>[\s-]?(?:{'|'.join(_POWERS)}|bn|tn)|[kmb](?![\w-])))?(?![\w]*\d)"
    rf"(?:[\s-]?(?P<unit>{_UNIT})(?!\w))?(?![A-Za-z_])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number or a date, in one spelling."""

    span: Span
    value: str
    is_date: bool = False
    unit: str = ""
    unit_span: Span | None = None


def find_numbers(sentence: str) -> Iterator[Number]:
    """Yield the numbers and dates of a sentence, dates first; a number may be part of a date."""
    dates: list[Span] = []
    for form in _DATES:
        for match in form.finditer(sentence):
            span = Span(*match.span())
            if not any(span.overlaps(date) for date in dates):
                dates.append(span)
                yield Number(span, _date(match.groupdict()), is_date=True)
    for match in _NUMBER.finditer(sentence):
        number = _read(match)
        if not any(number.span.overlaps(date) for date in dates):
            yield number


def _date(parts: dict[str, str | None]) -> str:
    if parts.get("whole"):
        return str(parts["whole"])
    month = (parts.get("month") or "").lower().rstrip(".")
    number = next(
        (n for n, name in enumerate(MONTHS, start=1) if month and name.startswith(month[:3])), 0
    )
    fields = (
        parts.get("year") or "",
        parts.get("number") or (f"{number:02}" if number else parts.get("quarter") or ""),
        (parts.get("day") or "").zfill(2) if parts.get("day") else "",
    )
    return "-".join(filter(None, fields))


def _read(match: re.Match[str]) -> Number:
    """Return the number that was found, its power of ten multiplied in."""
    start = (
        match.start("money")
        if match["money"]
        else max(match.start(name) for name in ("digits", "words", "spelled"))
    )
    end = max(match.end(name) for name in ("digits", "th", "words", "spelled", "power"))
    value = _sum(match["spelled"]) if match["spelled"] else ""
    value = value or _OTHERS.get((match["words"] or "").lower(), "")
    if not value:
        value = _digits(match) + "." * bool(match["th"])
    if match["money"]:
        unit, unit_span = match["money"][-1], Span(*match.span("money"))
        return Number(Span(unit_span.end, end), value, unit=unit, unit_span=unit_span)
    if not match["unit"]:
        return Number(Span(start, end), value)
    unit = _SHORT_FORM[" ".join(match["unit"].lower().split())]
    return Number(Span(start, end), value, unit=unit, unit_span=Span(*match.span("unit")))


def _sum(text: str) -> str:
    """Return the number that several words spell: `1500` for `one thousand five hundred`.

    >>> _sum("one hundred and fifty"), _sum("two and a half million"), _sum("half a dozen")
    ('150', '2500000', '6')
    """
    whole = part = 0.0
    words = re.findall(r"[a-z]+-[a-z]+|[a-z]+", text.lower().replace("half-", "half "))
    for word in chain.from_iterable(map(_split, words)):
        power = _POWERS.get(word, 0)
        if word == "half":
            part += 0.5
        elif word == "dozen":
            part *= 12
        elif power > _POWERS["hundred"]:
            whole, part = whole + (part or 1) * 10**power, 0.0
        elif power:
            part = (part or 1) * 100
        else:
            part += _WORDS.get(word, float(word == "one"))
    return f"{whole + part:.3f}".rstrip("0").rstrip(".")


def _split(word: str) -> Sequence[str]:
    """Return a word of two parts as these, but `twenty-five` whole."""
    return [word] if word in _WORDS else word.split("-")


def _digits(match: re.Match[str]) -> str:
    """Return a number without commas and final zeros behind its point."""
    if match["words"]:
        word = match["words"].lower()
        base = str(_WORDS.get(word, 1))
        power = _POWERS.get(word, 0)
    else:
        base, power = re.sub(r"[,  ]", "", match["digits"]).replace("−", "-"), 0
    letters = (match["power"] or "").lower().strip(" -")
    power += _POWERS.get(letters, _SHORT_POWERS.get(letters, 0))
    whole, _, part = base.partition(".")
    shifted = (whole + part.ljust(power, "0")[:power]).lstrip("0") or "0"
    fraction = part[power:].rstrip("0")
    return shifted + (f".{fraction}" if fraction else "")
