"""Text as Markdown that shows it as it stands, and comparisons: the grid, then its quotes."""

import re
from collections.abc import Iterator

from ibid.comparing import QUOTES_PER_CELL
from ibid.library import Library
from ibid.output.terminal_comparison import say_why_nothing
from ibid.output.wording import list_notes, say_scope
from ibid.output.wording_of_comparisons import (
    NOTHING,
    SYMBOLS,
    Numbers,
    describe_agreement,
    describe_conflict,
    describe_findings,
    describe_rest,
    describe_silence,
    describe_stance,
    line_of_quote,
    number_articles,
    say_portion,
    title_of,
)
from ibid.output.wording_of_figures import (
    FIGURES,
    FIGURES_COLUMNS,
    TIMELINE,
    describe_moment,
    group_figures,
    group_moments,
)
from ibid.text import LINE_END, collapse, printable, set_apart
from ibid.types import Assertion, Cell, Comparison, Row, Stance

_SPECIAL = re.compile(
    r"[\\`*_{}\[\]<>|#~&$%=^@]|^[-+(:]"
    # An address needs a colon behind letters, two slashes, or a dot before two letters.
    r"|(?<=[^\W\d_]):(?=\S)|(?<=/)/|(?<=\S)\.(?=[^\W_]{2})"
)
"""What CommonMark, GitHub's tables and links, footnotes, mathematics and Obsidian take as marks."""

_NUMBERED = re.compile(r"^\d{1,9}(?=[.)])")
_ITEM = re.compile(r"[ \t]*([-*+]|\d{1,3}[.)])[ \t]+")


def write_markdown(comparison: Comparison, library: Library) -> str:
    """Return the comparison as Markdown; what articles say stands in it as plain text."""
    return "\n".join(_lines(comparison, library))


def _lines(comparison: Comparison, library: Library) -> Iterator[str]:
    numbers = number_articles(comparison)
    yield f"# {plain_markdown(title_of(comparison))}\n"
    if scope := say_scope(comparison.run):
        yield f"{plain_markdown(scope)}\n"
    if not comparison.rows and not comparison.alone:
        yield " ".join(filter(None, (NOTHING, plain_markdown(say_why_nothing(comparison)))))
        return
    for id, number in numbers.items():
        article = library.article(id)
        path = plain_markdown(id)
        about = ", ".join(filter(None, (article.title, article.meta.byline, article.meta.date)))
        weak = f": {plain_markdown(findings)}" if (findings := describe_findings(article)) else ""
        yield f"{number}. {plain_markdown(about)} ({path}){weak}"
    if comparison.rows:
        yield from _table(comparison, numbers)
    for row in comparison.rows:
        yield from _row_lines(row, numbers, library)
    if comparison.alone:
        yield "\n## Only one article says\n"
        yield from (_quote(str(numbers[q.article]), q, library) for q in comparison.alone)
    yield from _figure_lines(comparison, numbers, library)
    yield from _timeline_lines(comparison, numbers, library)
    if portion := say_portion(comparison):
        yield f"\n{portion}"


def _table(comparison: Comparison, numbers: Numbers) -> Iterator[str]:
    yield ""
    yield _cells("", *(str(number) for number in numbers.values()), "")
    yield _cells(*("---" for _ in range(len(numbers) + 2)))
    for row in comparison.rows:
        symbols = (SYMBOLS[cell.stance] for cell in row.cells)
        yield _cells(plain_markdown(row.title), *symbols, describe_agreement(row, numbers))


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _row_lines(row: Row, numbers: Numbers, library: Library) -> Iterator[str]:
    yield f"\n## {plain_markdown(row.title)}\n"
    yield f"{describe_agreement(row, numbers)}\n"
    for conflict in row.conflicts:
        yield f"- **conflict**, {plain_markdown(describe_conflict(conflict, numbers))}"
        for quote in (conflict.one, conflict.other):
            yield f"  {_quote(str(numbers[quote.article]), quote, library)}"
    for cell in row.cells:
        yield from _cell_lines(cell, str(numbers[cell.article]), library)


def _cell_lines(cell: Cell, number: str, library: Library) -> Iterator[str]:
    if cell.stance is Stance.SILENT:
        yield f"- [{number}] {describe_silence(cell)}" + _nearest(cell, library)
    for place, quote in enumerate(cell.quotes[:QUOTES_PER_CELL]):
        yield _quote(number, quote, library, describe_stance(cell) if place == 0 else "")
    if remainder := describe_rest(cell):
        yield f"- [{number}] {remainder}"


def _figure_lines(comparison: Comparison, numbers: Numbers, library: Library) -> Iterator[str]:
    groups = group_figures(comparison)
    if not groups:
        return
    yield f"\n## {FIGURES}\n"
    yield _cells(*FIGURES_COLUMNS, "Quote")
    yield _cells(*("---" for _ in (*FIGURES_COLUMNS, "")))
    for figure in (figure for group in groups for figure in group):
        values = map(plain_markdown, (figure.thing, figure.text, figure.when))
        place = f"[{numbers[figure.quote.article]}] line {line_of_quote(figure.quote, library)}"
        yield _cells(*values, place, f"“{plain_markdown(figure.quote.text)}”")


def _timeline_lines(comparison: Comparison, numbers: Numbers, library: Library) -> Iterator[str]:
    if comparison.timeline:
        yield f"\n## {TIMELINE}\n"
    for year, moments in group_moments(comparison):
        for moment in moments:
            kind = f"{year}, {describe_moment(moment, library.article(moment.quote.article))}"
            yield _quote(str(numbers[moment.quote.article]), moment.quote, library, kind)


def _nearest(cell: Cell, library: Library) -> str:
    if cell.nearest is None:
        return ""
    return f", line {line_of_quote(cell.nearest, library)}: “{plain_markdown(cell.nearest.text)}”"


def _quote(number: str, quote: Assertion, library: Library, stance: str = "") -> str:
    notes = "; ".join(list_notes(quote.citation, library))
    before = f"{plain_markdown(stance)}: " if stance else ""
    behind = f" ({plain_markdown(notes)})" if notes else ""
    line = line_of_quote(quote, library)
    context = f" {plain_markdown(f'[{quote.context}]')}" if quote.context else ""
    return f"- [{number}] line {line}: {before}“{plain_markdown(quote.text)}”{context}{behind}"


def plain_markdown(text: str) -> str:
    """Return text on one line that Markdown takes as it stands."""
    return escape_markdown(collapse(text))


def escape_markdown(text: str) -> str:
    """Return text that every kind of Markdown shows as it stands, at the start of a line, too.

    No link comes of it, nor of an address without marks; an article's own `[1]` is none of ours.
    """
    escaped = _SPECIAL.sub(r"\\\g<0>", set_apart(printable(text)))
    return _NUMBERED.sub(r"\g<0>\\", escaped)


def escape_lines(text: str) -> str:
    """Return text whose lines and lists Markdown keeps; all else in it stands as it is."""
    first, *lines = LINE_END.split(text)
    begins = re.fullmatch(_ITEM, first) is not None and not first[0].isspace()
    # it may go on behind other text; four blanks before it would be code
    start = _escape_line(first) if begins else escape_markdown(re.sub(r"^\s+", " ", first))
    *closed, last = start, *map(_escape_line, lines)
    return "\n".join((*(line.rstrip() for line in closed), last))  # two blanks would break a line


def _escape_line(line: str) -> str:
    marker = _ITEM.match(line)
    if not marker:
        return escape_markdown(line.lstrip())
    mark = marker[1] if marker[1][0].isdecimal() else "*"  # `-` alone would underline a heading
    return f"{mark} {escape_markdown(line[marker.end() :])}"


def code_markdown(text: str) -> str:
    """Return text on one line as code, whatever backticks are in it."""
    text = printable(collapse(text))
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    edge = " " if "`" in (text[:1], text[-1:]) else ""
    return f"{fence}{edge}{text}{edge}{fence}"
