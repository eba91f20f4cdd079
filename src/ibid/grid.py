"""A comparison as people read it in a terminal: a grid, then the quotes of each row."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.table import Table

from ibid.comparing import SHOWN
from ibid.comparison import Agreement, Assertion, Cell, Comparison, Conflict, Row, Stance
from ibid.library import Library
from ibid.marks import find_marks
from ibid.printing import Console, Text, highlight
from ibid.questions import names_a_subject
from ibid.render import RULES, list_unused, say_choice
from ibid.text import count, line_of
from ibid.types import Article, ArticleId, Rule

NARROW = 72
"""Columns of a terminal below which there is no grid, only its rows one below the other."""

Numbers = Mapping[ArticleId, int]
"""The number of each column, from 1."""

NOTHING = "Your articles do not say."

_STYLES = {Stance.SAYS: "green", Stance.DIFFERS: "yellow", Stance.SILENT: "dim"}


_HOW_TO_READ = "Every quote is word for word, the number before it is its line."


def print_comparison(comparison: Comparison, library: Library, console: Console) -> None:
    """Print who speaks of what, then what they say: each quote with its line."""
    if not comparison.rows and not comparison.alone:
        console.print(Text(NOTHING, style="bold"))
        if why := say_why_nothing(comparison):
            console.print(Text(why))
        return
    numbers = number_articles(comparison)
    _print_articles(numbers, library, console)
    if comparison.rows and console.width >= NARROW:
        console.print(_grid(comparison, numbers))
        console.print()
    for row in comparison.rows:
        _print_row(row, numbers, library, console)
    if comparison.alone:
        console.print(Text("Only one article says", style="bold"))
        table = _quote_table()
        for each in comparison.alone:
            _add_quote(table, str(numbers[each.article]), each, library)
        console.print(table)
        console.print()
    console.print(Text(f"{describe_scope(comparison)} {_HOW_TO_READ}", style="dim"))


def print_claims(claims: Sequence[Assertion], library: Library, console: Console) -> None:
    """Print what an article asserts: its line, its words, and what they commit it to."""
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column()
    for claim in claims:
        context = f"  [{claim.context}]" if claim.context else ""
        marks = ", ".join(f"{m.kind.value} {m.value}" for m in find_marks(claim.text))
        shown = Text.assemble(claim.text, (context, "dim"), (f"\n{marks}" * bool(marks), "cyan"))
        table.add_row(str(line_of_quote(claim, library)), shown)
    console.print(table)


def number_articles(comparison: Comparison) -> Numbers:
    """Return the number of each column, from 1."""
    return {id: number for number, id in enumerate(comparison.articles, start=1)}


def describe_findings(article: Article) -> str:
    """Return in words what a reader should know of an article as a whole, nothing if there is none.

    Forecasts that are over are told behind the quotes that they are.
    """
    counts = Counter(finding.rule for finding in article.findings if len(finding.span))
    counts.pop(Rule.OLD_FORECAST, None)
    whole = [finding.text for finding in article.findings if not len(finding.span)]
    return "; ".join((*whole, *(f"{number} × {RULES[rule]}" for rule, number in counts.items())))


def describe_agreement(agreement: Agreement, numbers: Numbers) -> str:
    """Return in words how many articles and sources speak, and why these are fewer."""
    articles = count(agreement.articles, "article")
    if agreement.sources == agreement.articles:
        return articles
    why = "; ".join(f"{numbers[k.one]} and {numbers[k.other]}: {k.why}" for k in agreement.kin)
    return f"{articles}, {count(agreement.sources, 'independent source')} ({why})"


def describe_silence(cell: Cell) -> str:
    """Return in words how it is known that an article does not speak of a row."""
    said = f"silent: {count(cell.searched, 'passage')} searched"
    return f"{said}; nearest ({cell.score:.2f})" if cell.nearest else said


def describe_rest(cell: Cell) -> str:
    """Return in words how many quotes of a cell are not shown, nothing where all are."""
    rest = len(cell.quotes) - SHOWN
    return f"and {count(rest, 'more quote')}" if rest > 0 else ""


def describe_conflict(conflict: Conflict, numbers: Numbers) -> str:
    """Return in words who is at odds with whom, and about what."""
    one, other = (numbers[each.article] for each in (conflict.one, conflict.other))
    who = f"{one} with itself" if conflict.is_within else f"{one} against {other}"
    return f"{conflict.kind}: “{conflict.said[0]}” / “{conflict.said[1]}”, {who}"


def say_unused(comparison: Comparison) -> str:
    """Return in words what of the topic no article uses, nothing where there is none."""
    words = list_unused(comparison.unused)
    return f"They never use {words}." if words else ""


def describe_scope(comparison: Comparison) -> str:
    """Return in words what was compared, what was only searched, and how they were chosen."""
    compared = f"{count(len(comparison.articles), 'article')} compared"
    if comparison.silent:
        compared += f", those of {comparison.run.articles:,} that say most about it"
    unused = say_unused(comparison) if names_a_subject(comparison.topic) else ""
    said = f"{compared}.", say_portion(comparison), unused, say_choice(comparison.run)
    return " ".join(filter(None, said))


def say_why_nothing(comparison: Comparison) -> str:
    """Return in words what stands behind "your articles do not say", nothing where that is all."""
    return " ".join(filter(None, (say_unused(comparison), say_portion(comparison))))


def say_portion(comparison: Comparison) -> str:
    """Return in words how many sentences were compared of too many, nothing where all were."""
    if comparison.compared == comparison.sentences:
        return ""
    return (
        f"Of their {comparison.sentences:,} sentences the {comparison.compared:,} in the passages "
        "that say most about it were compared."
    )


def _print_articles(numbers: Numbers, library: Library, console: Console) -> None:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", style="cyan", no_wrap=True)
    table.add_column()
    for id, number in numbers.items():
        article = library.article(id)
        path = library.path(id).as_posix()
        about = " · ".join(filter(None, (article.meta.author, article.meta.date, path)))
        title = Text(article.title, style="bold")
        lines = Text.assemble(title, "\n", (about, "dim"))
        if weak := describe_findings(article):
            lines.append(f"\n{weak}", style="yellow")
        table.add_row(str(number), lines)
    console.print(table)
    console.print()


def _grid(comparison: Comparison, numbers: Numbers) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="cyan")
    table.add_column("")
    for number in numbers.values():
        table.add_column(str(number))
    table.add_column("")
    for row in comparison.rows:
        cells = (Text(word_of(cell.stance), style=_STYLES[cell.stance]) for cell in row.cells)
        agreement = f"{row.agreement.articles} of {len(row.cells)}"
        table.add_row(Text(row.title, style="bold"), *cells, Text(agreement, style="dim"))
    return table


def word_of(stance: Stance) -> str:
    """Return what a stance is called in a grid."""
    return {Stance.SAYS: "says", Stance.DIFFERS: "differs", Stance.SILENT: "–"}[stance]


def _print_row(row: Row, numbers: Numbers, library: Library, console: Console) -> None:
    agreement = describe_agreement(row.agreement, numbers)
    console.print(Text.assemble((row.title, "bold"), (f"  {agreement}", "dim")))
    for conflict in row.conflicts:
        _print_conflict(conflict, numbers, library, console)
    table = _quote_table()
    for cell in row.cells:
        number = str(numbers[cell.article])
        if cell.stance is Stance.SILENT:
            _add_silence(table, number, cell, library)
        difference = cell.difference
        for quote in cell.quotes[:SHOWN]:
            _add_quote(table, number, quote, library, difference)
            number = difference = ""
        if rest := describe_rest(cell):
            table.add_row("", "", Text(rest, style="dim"))
    console.print(table)
    console.print()


def _print_conflict(
    conflict: Conflict, numbers: Numbers, library: Library, console: Console
) -> None:
    """Print a conflict with both its quotes, the words at odds marked."""
    console.print(Text(f"conflict · {describe_conflict(conflict, numbers)}", style="yellow"))
    table = _quote_table()
    for quote, words in zip((conflict.one, conflict.other), conflict.words, strict=True):
        shown = highlight(quote.text, [words], "bold yellow")
        table.add_row(str(numbers[quote.article]), str(line_of_quote(quote, library)), shown)
    console.print(table)


def _quote_table() -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", style="cyan", no_wrap=True)
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column()
    return table


def _add_quote(
    table: Table, number: str, quote: Assertion, library: Library, difference: str = ""
) -> None:
    notes = "; ".join(library.notes(quote.citation))
    context = f"  [{quote.context}]" if quote.context else ""
    shown = Text.assemble(
        (f"{difference}: " if difference else "", "yellow"),
        quote.text,
        (context, "dim"),
        (f"  ({notes})" if notes else "", "yellow"),
    )
    table.add_row(number, str(line_of_quote(quote, library)), shown)


def _add_silence(table: Table, number: str, cell: Cell, library: Library) -> None:
    said = describe_silence(cell)
    if cell.nearest:
        said += f", line {line_of_quote(cell.nearest, library)}: {_shortened(cell.nearest.text)}"
    table.add_row(number, "", Text(said, style="dim"))


def line_of_quote(quote: Assertion, library: Library) -> int:
    """Return the line of its article that a quote begins in."""
    return line_of(library.article(quote.article).text, quote.span.start)


def _shortened(text: str, longest: int = 90) -> str:
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"
