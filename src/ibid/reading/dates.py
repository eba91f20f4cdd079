"""Dates as people write them, to ISO 8601 with the precision that they have."""

import datetime
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime

_ISO = re.compile(
    r"(\d{4})([-/._])(\d{1,2})\2(\d{1,2})(?!\d)|(\d{4})(\d\d)(\d\d)(?:\d{4}|\d{6})?(?!\d)"
)
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
_MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{4})")
_YEAR = re.compile(r"(?:1\d|20)\d\d")
_NUMBERS = re.compile(r"(\d{1,2})([-/.])[ ]?(\d{1,2})\2[ ]?(\d{4})(?!\d)")
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_CLOCK = re.compile(r"\d{1,2}:\d\d.*", re.DOTALL)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|º|ª)(?!\w)")

_MONTHS = (
    *("jan gen ene", "feb fev", "mar mrt", "apr avr abr", "may mai mag mei maj", "jun juin giu"),
    *("jul juil lug", "aug aou ago", "sep set", "oct okt ott out", "nov", "dec dez dic des"),
)
"""How months begin in English, French, German, Spanish, Italian, Portuguese, Dutch and Nordic."""

_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_SHORTEST_MONTH, _LONGEST_MONTH = 3, 10
_BESIDE = frozenset("de del di of the el le den am du at um à a".split())
"""Words that stand between the parts of a date."""

_CENTURY = "(?:19|20)"
_IN_NAME = re.compile(
    rf"(?<![\w.])(?:(?P<day>{_CENTURY}\d\d([-_.])\d\d\2\d\d|{_CENTURY}\d{{6}}(?:\d{{4}}|\d{{6}})?)"
    rf"|(?P<month>{_CENTURY}\d\d-\d\d))"
    r"(?![\d.])(?:T\d+)?"
)


def read_date(value: str) -> str:
    """Return `2025-08-31`, `2025-08` or `2025`, as precisely as a value says; else nothing.

    `03/04/2025` may be two dates, and is none. Raises ValueError for a day that does not exist.
    """
    value = " ".join(value.split()).strip("[]()\"'# ")
    for read in (_read_iso, _read_short, _read_numbers, _read_words, _read_mail):
        if date := read(value):
            return date
    return ""


def date_in_name(stem: str) -> tuple[str, str]:
    """Return the date at the beginning or the end of a file's name, and what else it says.

    Both are empty, or the name as it is, where no date stands there.

    >>> date_in_name("2023-01-15-first-light"), date_in_name("202301151200 Tides")
    (('2023-01-15', 'first-light'), ('2023-01-15', 'Tides'))
    """
    for match in _IN_NAME.finditer(stem):
        before, behind = stem[: match.start()], stem[match.end() :]
        if before and behind:
            continue
        with suppress(ValueError):
            if date := read_date(match["day"] or match["month"]):
                return date, (before or behind).strip(" -_.,–—")
    return "", stem


def date_in_path(folders: str) -> str:
    """Return the date that folders such as `posts/2023/01/15` give, empty where they give none."""
    match = re.search(r"(?:\A|/)((?:19|20)\d\d)/(0\d|1[012])(?:/([012]\d|3[01]))?(?:/|\Z)", folders)
    if not match:
        return ""
    with suppress(ValueError):
        return _date(*(int(part) for part in match.groups() if part))
    return ""


def _date(year: int, month: int = 0, day: int = 0) -> str:
    """Return a date as precisely as it is given. Raises ValueError for one that does not exist."""
    datetime.date(year, month or 1, day or 1)
    return "-".join((f"{year:04}", *(f"{part:02}" for part in (month, day) if part)))


def _read_iso(value: str) -> str:
    match = _ISO.match(value)
    if not match:
        return ""
    year, _, month, day, *compact = match.groups()
    return _date(*map(int, compact if compact[0] else (year, month, day)))


def _read_short(value: str) -> str:
    """Read `2023`, `2023-05` and `05/2023`."""
    if _YEAR.fullmatch(value):
        return value
    if match := _MONTH.fullmatch(value):
        return _date(int(match[1]), int(match[2]))
    if match := _MONTH_FIRST.fullmatch(value):
        return _date(int(match[2]), int(match[1]))
    return ""


def _read_numbers(value: str) -> str:
    """Read `15.01.2024`, where the day is first, and `31/08/2025`, where only one order exists."""
    match = _NUMBERS.match(value)
    if not match:
        return ""
    first, mark, second, year = int(match[1]), match[2], int(match[3]), int(match[4])
    if mark == "." or first > 12 or first == second:  # noqa: PLR2004 - months
        return _date(year, second, first)
    return _date(year, first, second) if second > 12 else ""  # noqa: PLR2004


def _read_words(value: str) -> str:
    """Read `15 January 2023`, `January 15th, 2023`, `Jan 2023`, `15. Januar 2023, 10:00`."""
    tokens = _TOKEN.findall(_ORDINAL.sub("", _CLOCK.sub("", value)))
    months = [(place, month) for place, token in enumerate(tokens) if (month := _month(token))]
    years = [token for token in tokens if _YEAR.fullmatch(token)]
    if len(months) != 1 or len(years) != 1 or any(map(_is_strange, _beside(tokens, months[0][0]))):
        return ""
    days = [int(token) for token in tokens if token.isdigit() and len(token) <= 2]  # noqa: PLR2004
    return _date(int(years[0]), months[0][1], *days[:1])


def _beside(tokens: list[str], month: int) -> Iterator[str]:
    """Yield the words that stand behind the month; a weekday may stand before all."""
    yield from (token for place, token in enumerate(tokens) if 0 < place != month)


def _is_strange(token: str) -> bool:
    return not token.isdigit() and token.lower() not in _BESIDE


def _month(word: str) -> int:
    folded = unicodedata.normalize("NFKD", word.casefold())
    bare = "".join(char for char in folded if char.isalpha() and char.isascii())
    if not _SHORTEST_MONTH <= len(bare) <= _LONGEST_MONTH:
        return 0
    return _MONTH_OF.get(bare[:3]) or _MONTH_OF.get(bare[:4], 0)


def _read_mail(value: str) -> str:
    with suppress(ValueError):
        return parsedate_to_datetime(value).date().isoformat()
    return ""
