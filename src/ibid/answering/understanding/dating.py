"""Of when the articles are that a question speaks of: `from 2024`, `since July`."""

import calendar
import re

_MONTHS = {
    name.lower(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
}
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = (
    rf"(?:(?P<month>{_NAMES})\b\.?,?(?:\s+(?P<year>(?:19|20)\d\d))?"
    r"|(?P<iso>(?:19|20)\d\d(?:-\d\d?){0,2})|(?:the year )?(?P<alone>(?:19|20)\d\d))\b"
)
WHEN = re.compile(
    rf"\b(?P<how>from|of|in|during|since|after|before|until|up to|till)\s+(?:the\s+)?{_DATE}",
    re.IGNORECASE,
)
"""A time as it is said of articles."""

DECEMBER = 12


def read_time(expression: re.Match[str], newest: str) -> tuple[str, str]:
    """Return the first and last time of what `WHEN` matched, as a filter has them; "" for none.

    A month without a year is the last one up to the `newest` article's date.
    """
    date = expression["iso"] or expression["alone"] or _month_of(expression, newest)
    match expression["how"].lower():
        case "since":
            return date, ""
        case "until" | "up to" | "till":
            return "", date
        case "after":
            return _beside(date, 1), ""
        case "before":
            return "", _beside(date, -1)
        case _:
            return date, date


def _month_of(expression: re.Match[str], newest: str) -> str:
    month = _MONTHS[expression["month"].lower()]
    year = expression["year"]
    if not year:
        last = newest[:7] or "9999"
        year = last[:4] if f"{last[:4]}-{month:02}" <= last else str(int(last[:4]) - 1)
    return f"{year}-{month:02}"


def _beside(date: str, step: int) -> str:
    """Return the day, month or year after a date, or before it."""
    import datetime

    year, *rest = (int(part) for part in date.split("-"))
    if not rest:
        return str(year + step)
    if len(rest) == 1:
        month = rest[0] + step
        year, month = year + (month > DECEMBER) - (month < 1), (month - 1) % DECEMBER + 1
        return f"{year}-{month:02}"
    return str(datetime.date(year, *rest) + datetime.timedelta(days=step))
