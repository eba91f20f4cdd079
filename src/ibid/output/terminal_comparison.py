"""A comparison as people read it in a terminal: a grid, then the quotes of each row."""

from collections.abc import Sequence

from rich.table import Table

from ibid.comparing import QUOTES_PER_CELL
from ibid.english import find_marks
from ibid.library import Library
from ibid.output.printing import Console, Text, highlight
from ibid.output.terminal_figures import print_figures, print_timeline
from ibid.output.wording import list_notes, say_scope
from ibid.output.wording_of_comparisons import (
    NOTHING,
    SYMBOLS,
    Numbers,
    describe_agreement,
    describe_conflict,
    describe_findings,
    describe_rest,
    describe_scope,
    describe_silence,
    describe_silences,
    describe_stance,
    is_near_silence,
    line_of_quote,
    number_articles,
    say_key,
    say_portion,
    say_unused,
)
from ibid.types import Assertion, Cell, Comparison, Conflict, Row, Stance

NARROW = 72
"""Columns of a terminal below which there is no grid, only its rows one below the other."""


_STYLES = {
    Stance.SAYS: "green",
    Stance.DIFFERS: "yellow",
    Stance.CLOSE: "cyan",
    Stance.SILENT: "dim",
}


_HOW_TO_READ = "Every quote is word for word, the number before it is its line."


def print_comparison(comparison: Comparison, library: Library, console: Console) -> None:
    """Print who speaks of what, then what they say: each quote with its line."""
    if not comparison.rows and not comparison.alone:
        if scope := say_scope(comparison.run):
            console.print(Text(scope, style="dim"))
        console.print(Text(NOTHING, style="bold"))
        if why := say_why_nothing(comparison):
            console.print(Text(why))
        return
    numbers = number_articles(comparison)
    _print_articles(numbers, library, console)
    if comparison.rows and console.width >= NARROW:
        console.print(_grid(comparison, numbers, console.width))
        console.print(Text(f"{say_key(comparison)}\n", style="dim"))
    for row in comparison.rows:
        _print_row(row, numbers, library, console)
    if comparison.alone:
        console.print(Text("Only one article says", style="bold"))
        table = _quote_table()
        for assertion in comparison.alone:
            _add_quote(table, str(numbers[assertion.article]), assertion, library)
        console.print(table)
        console.print()
    print_figures(comparison, numbers, library, console)
    print_timeline(comparison, numbers, library, console)
    console.print(Text(f"{describe_scope(comparison)} {_HOW_TO_READ}", style="dim"))


def print_claims(claims: Sequence[Assertion], library: Library, console: Console) -> None:
    """Print what an article asserts: its line, its words, and what they commit it to."""
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column()
    for claim in claims:
        context = f"  [{claim.context}]" if claim.context else ""
        marks = ", ".join(f"{m.kind.value} {m.value}" for m in find_marks(claim.text))
        text = Text.assemble(claim.text, (context, "dim"), (f"\n{marks}" * bool(marks), "cyan"))
        table.add_row(str(line_of_quote(claim, library)), text)
    console.print(table)


def say_why_nothing(comparison: Comparison) -> str:
    """Return in words what stands behind "your articles do not say", nothing where that is all."""
    return " ".join(filter(None, (say_unused(comparison), say_portion(comparison))))


def _print_articles(numbers: Numbers, library: Library, console: Console) -> None:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", style="cyan", no_wrap=True)
    table.add_column()
    for id, number in numbers.items():
        article = library.article(id)
        path = library.path(id).as_posix()
        about = " · ".join(filter(None, (article.meta.byline, article.meta.date, path)))
        title = Text(article.title, style="bold")
        lines = Text.assemble(title, "\n", (about, "dim"))
        if weak := describe_findings(article):
            lines.append(f"\n{weak}", style="yellow")
        table.add_row(str(number), lines)
    console.print(table)
    console.print()


def _grid(comparison: Comparison, numbers: Numbers, width: int) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="cyan")
    longest = width - 4 * len(numbers) - len(" 8 of 8 ")
    table.add_column("", max_width=longest)
    for number in numbers.values():
        table.add_column(str(number))
    table.add_column("", no_wrap=True)
    for row in comparison.rows:
        cells = (Text(SYMBOLS[cell.stance], style=_STYLES[cell.stance]) for cell in row.cells)
        agreement = f"{row.agreement.articles} of {len(row.cells)}"
        table.add_row(Text(row.title, style="bold"), *cells, Text(agreement, style="dim"))
    return table


def _print_row(row: Row, numbers: Numbers, library: Library, console: Console) -> None:
    agreement = describe_agreement(row, numbers)
    console.print(Text.assemble((row.title, "bold"), (f"  {agreement}", "dim")))
    for conflict in row.conflicts:
        _print_conflict(conflict, numbers, library, console)
    table = _quote_table()
    for cell in row.cells:
        number = str(numbers[cell.article])
        if is_near_silence(cell):
            _add_silence(table, number, cell, library)
        stance = describe_stance(cell)
        for quote in cell.quotes[:QUOTES_PER_CELL]:
            _add_quote(table, number, quote, library, stance)
            number = stance = ""
        if remainder := describe_rest(cell):
            table.add_row("", "", Text(remainder, style="dim"))
    console.print(table)
    if silences := describe_silences(row, numbers):
        console.print(Text(silences, style="dim"))
    console.print()


def _print_conflict(
    conflict: Conflict, numbers: Numbers, library: Library, console: Console
) -> None:
    """Print a conflict with both its quotes, the words at odds marked."""
    console.print(Text(f"conflict · {describe_conflict(conflict, numbers)}", style="yellow"))
    table = _quote_table()
    for quote, words in zip((conflict.one, conflict.other), conflict.words, strict=True):
        text = highlight(quote.text, [words], "bold yellow")
        table.add_row(str(numbers[quote.article]), str(line_of_quote(quote, library)), text)
    console.print(table)


def _quote_table() -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", style="cyan", no_wrap=True)
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column()
    return table


def _add_quote(
    table: Table, number: str, quote: Assertion, library: Library, stance: str = ""
) -> None:
    notes = "; ".join(list_notes(quote.citation, library))
    context = f"  [{quote.context}]" if quote.context else ""
    text = Text.assemble(
        (f"{stance}: " if stance else "", "yellow"),
        quote.text,
        (context, "dim"),
        (f"  ({notes})" if notes else "", "yellow"),
    )
    table.add_row(number, str(line_of_quote(quote, library)), text)


def _add_silence(table: Table, number: str, cell: Cell, library: Library) -> None:
    silence = describe_silence(cell)
    if cell.nearest:
        silence += f", line {line_of_quote(cell.nearest, library)}: {_shortened(cell.nearest.text)}"
    table.add_row(number, "", Text(silence, style="dim"))


def _shortened(text: str, longest: int = 90) -> str:
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"
