"""What is said of figures and times in a comparison, in words that every writer shares."""

from collections.abc import Sequence
from itertools import groupby

from ibid.types import Article, Comparison, Figure, Moment

FEWEST = 2
"""Figures from which there is a table of them."""

FIGURES, TIMELINE = "Figures", "When"
"""The headings."""

FIGURES_COLUMNS = ("Of what", "Figure", "When", "Article")

Groups = Sequence[Sequence[Figure]]


def group_figures(comparison: Comparison) -> Groups:
    """Return the figures, those for one thing together; none where they make no table."""
    if len(comparison.figures) < FEWEST:
        return ()
    groups = groupby(comparison.figures, key=lambda figure: figure.group)
    return [list(figures) for _, figures in groups]


def group_moments(comparison: Comparison) -> list[tuple[str, list[Moment]]]:
    """Return what happens by year, in order, each year in words."""
    years = groupby(comparison.timeline, key=lambda moment: moment.year)
    return [(str(year) if year else "no year", list(moments)) for year, moments in years]


def describe_moment(moment: Moment, article: Article) -> str:
    """Return in words whether a year was to come, and how it is known: `forecast, by 2030`."""
    kind = "forecast" if moment.is_forecast else "past"
    if not moment.is_counted:
        return kind
    date = article.meta.date
    counted = f"counted from {date}" if date and moment.year else "the article has no date"
    return f"{kind}, “{moment.when}” {counted}"
