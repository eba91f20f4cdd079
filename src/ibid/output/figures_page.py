"""Figures and times of a comparison as HTML, with a picture of the times, for page and chat."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ibid.library import Library
from ibid.output.wording_of_comparisons import number_articles
from ibid.output.wording_of_figures import (
    FIGURES,
    FIGURES_COLUMNS,
    TIMELINE,
    describe_moment,
    group_figures,
    group_moments,
)
from ibid.text import count, printable
from ibid.types import Assertion, Comparison, Moment, Span

if TYPE_CHECKING:
    from jinja2 import Environment

WIDTH, LEFT, TOP, LANE = 440, 40, 40, 28
"""Of the picture, in pixels: its width, where its first year and line are, between two lines."""

MOST_TICKS = 7
"""Years that are named in the picture."""

MOST = 8
"""Things with figures, and times, that are shown at once; the others on request."""

WriteQuote = Callable[[Assertion, Span], str]
"""Writes a quote that leads to its place, with words of it marked; what it returns is HTML."""


@cache
def _templates() -> "Environment":
    """Return the templates: what hides in a text is shown, and all is escaped but other HTML."""
    from jinja2 import Environment, PackageLoader

    return Environment(
        loader=PackageLoader("ibid.output"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_show,
    )


def _show(value: object) -> object:
    return printable(value) if type(value) is str else value


def _render(name: str, **values: object) -> str:
    return _templates().get_template(name).render(**values)


def write_figures(comparison: Comparison, write_quote: WriteQuote, level: int = 2) -> str:
    """Return the table of the figures as HTML, nothing where there are too few for one."""
    if not (groups := group_figures(comparison)):
        return ""
    return _render(
        "figures.html",
        groups=groups,
        most=MOST,
        columns=FIGURES_COLUMNS,
        heading=FIGURES,
        level=level,
        write_quote=write_quote,
    )


def write_timeline(
    comparison: Comparison, library: Library, write_quote: WriteQuote, level: int = 2
) -> str:
    """Return the times as a picture and a list of quotes, as HTML; nothing where there are none."""
    if not comparison.timeline:
        return ""

    def describe(moment: Moment) -> str:
        return describe_moment(moment, library.article(moment.quote.article))

    return _render(
        "timeline.html",
        picture=draw_timeline(comparison),
        years=group_moments(comparison),
        amount=len(comparison.timeline),
        most=MOST,
        describe=describe,
        heading=TIMELINE,
        level=level,
        write_quote=write_quote,
    )


# The picture


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where years stand in the picture."""

    first: int
    last: int

    def x(self, year: int) -> float:
        span = max(1, self.last - self.first)
        return round(LEFT + 8 + (year - self.first) / span * (WIDTH - LEFT - 48), 1)

    def ticks(self) -> list[int]:
        """Return the years that are named: round ones, few enough to be read."""
        span = self.last - self.first
        step = next(step for step in _STEPS if span <= step * (MOST_TICKS - 1))
        start = -(-self.first // step) * step
        return [*range(start, self.last + 1, step)] or [self.first]


_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def draw_timeline(comparison: Comparison) -> str:
    """Return an SVG picture: a line per article, a mark per year that it names.

    Filled for what is past, hollow for a forecast. Nothing where no article names a year.
    """
    moments = [moment for moment in comparison.timeline if moment.year]
    if not moments:
        return ""
    scale = _Scale(min(m.year for m in moments), max(m.year for m in moments))
    numbers = number_articles(comparison)
    articles = sorted({numbers[moment.quote.article] for moment in moments})
    lanes = {number: TOP + LANE * place for place, number in enumerate(articles)}
    keys = [(numbers[m.quote.article], m.year, m.is_forecast) for m in moments]
    bottom = TOP + LANE * (len(lanes) - 1)
    return _render(
        "timeline.svg",
        title=_title(comparison),
        width=WIDTH,
        height=bottom + 48,
        left=LEFT,
        top=TOP,
        bottom=bottom,
        ticks=[{"x": scale.x(year), "year": year} for year in scale.ticks()],
        lanes=[{"number": number, "y": y} for number, y in lanes.items()],
        marks=[_mark(*key, amount, scale, lanes) for key, amount in Counter(keys).items()],
    )


def _mark(
    number: int, year: int, is_forecast: bool, amount: int, scale: _Scale, lanes: Mapping[int, int]
) -> dict[str, object]:
    kind = "forecast" if is_forecast else "past"
    return {"x": scale.x(year), "y": lanes[number], "kind": kind, "count": amount}


def _title(comparison: Comparison) -> str:
    """Return in words what the picture shows, for those who cannot see it."""
    moments = [moment for moment in comparison.timeline if moment.year]
    forecasts = sum(moment.is_forecast for moment in moments)
    years = f"from {moments[0].year} to {moments[-1].year}"
    past = count(len(moments) - forecasts, "time")
    text = f"{past} in the past and {count(forecasts, 'forecast')}, {years}"
    return f"{text}; the list has them all"
