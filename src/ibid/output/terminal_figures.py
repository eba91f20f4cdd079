"""Figures and times of a comparison as people read them in a terminal."""

from collections.abc import Sequence
from itertools import islice

from rich.table import Table

from ibid.library import Library
from ibid.output.printing import Console, Text, highlight
from ibid.output.wording import list_notes
from ibid.output.wording_of_comparisons import Numbers, line_of_quote
from ibid.output.wording_of_figures import (
    FIGURES,
    FIGURES_COLUMNS,
    TIMELINE,
    describe_moment,
    group_figures,
    group_moments,
)
from ibid.text import count
from ibid.types import Comparison, Figure

SHOWN = 16
"""Figures, and times, that are printed; the others are counted."""


def print_figures(
    comparison: Comparison, numbers: Numbers, library: Library, console: Console
) -> None:
    """Print a table of the figures, those for one thing side by side."""
    if not (groups := group_figures(comparison)):
        return
    console.print(Text(FIGURES, style="bold"))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="cyan")
    for name in (*FIGURES_COLUMNS[:-1], "", "Line"):
        table.add_column(name, justify="right" if name in ("", "Line") else "left")
    figures = ((place, figure) for group in groups for place, figure in enumerate(group))
    for place, figure in islice(figures, SHOWN):
        table.add_row(*_cells(figure, numbers, library, is_first=place == 0))
    console.print(table)
    _print_rest(len(comparison.figures), "figure", console)


def _cells(figure: Figure, numbers: Numbers, library: Library, *, is_first: bool) -> Sequence[Text]:
    return (
        Text(figure.thing, style="" if is_first else "dim"),
        Text(figure.text, style="bold"),
        Text(figure.when),
        Text(str(numbers[figure.quote.article]), style="cyan"),
        Text(str(line_of_quote(figure.quote, library)), style="dim"),
    )


def print_timeline(
    comparison: Comparison, numbers: Numbers, library: Library, console: Console
) -> None:
    """Print what happened and what is foreseen, by year, each with its quote."""
    if not comparison.timeline:
        return
    console.print(Text(TIMELINE, style="bold"))
    table = Table.grid(padding=(0, 1))
    for style in ("bold", "cyan", "dim", ""):
        table.add_column(style=style, justify="left" if style == "" else "right")
    moments = (
        (year if place == 0 else "", moment)
        for year, own in group_moments(comparison)
        for place, moment in enumerate(own)
    )
    for year, moment in islice(moments, SHOWN):
        kind = describe_moment(moment, library.article(moment.quote.article))
        notes = "; ".join(list_notes(moment.quote.citation, library))
        text = Text.assemble(
            (f"{kind}: ", "yellow" if moment.is_forecast else "dim"),
            highlight(moment.quote.text, [moment.words], "bold"),
            (f"  ({notes})" if notes else "", "yellow"),
        )
        number, line = numbers[moment.quote.article], line_of_quote(moment.quote, library)
        table.add_row(year, str(number), str(line), text)
    console.print(table)
    _print_rest(len(comparison.timeline), "time", console)


def _print_rest(all_of_them: int, noun: str, console: Console) -> None:
    if all_of_them > SHOWN:
        more = f"and {count(all_of_them - SHOWN, f'more {noun}')}; --json and --html have them all"
        console.print(Text(more, style="dim"))
    console.print()
