"""When articles say that something of a topic happened or will happen."""

import re
from collections.abc import Iterator, Mapping, Sequence
from math import floor

from ibid.comparing.relevance import Hearing
from ibid.comparing.years import is_foreseen
from ibid.english import find_times
from ibid.types import Article, ArticleId, Assertion, Moment


def find_timeline(
    hearing: Hearing, numbers: Sequence[int], articles: Mapping[ArticleId, Article]
) -> tuple[Moment, ...]:
    """Return what some sentences say happened or will, by year; without a year last."""
    moments = {
        (quote, moment.year, moment.is_forecast): moment
        for number in numbers
        for quote in [hearing.voices[number].located.assertion]
        for moment in _find_moments(quote, articles[quote.article])
    }
    return tuple(
        sorted(moments.values(), key=lambda m: (not m.year, m.year, m.is_forecast, m.quote.article))
    )


def _find_moments(quote: Assertion, article: Article) -> Iterator[Moment]:
    for time in find_times(quote.text):
        if time.years_away is None:
            is_forecast, year = _is_foreseen(quote, time.date, article), int(time.date[:4])
            yield Moment(quote, time.span, year, is_forecast, is_counted=False)
        else:
            year = _count_from(article.meta.date, time.years_away)
            yield Moment(quote, time.span, year, time.years_away > 0, is_counted=True)


def _is_foreseen(quote: Assertion, date: str, article: Article) -> bool:
    """Tell whether a date was still to come; where dates do not tell, the words do."""
    precision = min(len(date), len(article.meta.date))
    ours, publication = date[:precision], article.meta.date[:precision]
    if publication[:4].isdecimal() and ours != publication:
        return ours > publication
    return is_foreseen(quote, [date[:4]], article)


def _count_from(date: str, years: float) -> int:
    """Return the year that lies so many years from a date, 0 where there is no date."""
    match = re.match(r"(\d{4})(?:-(\d\d))?", date)
    if not match:
        return 0
    return floor(int(match[1]) + (int(match[2] or 7) - 1) / 12 + years)
