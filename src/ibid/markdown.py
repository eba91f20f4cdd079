"""A comparison as Markdown, to be pasted elsewhere: the grid as a table, then its quotes."""

import re
from collections.abc import Iterator

from ibid.comparing import SHOWN
from ibid.comparison import Assertion, Cell, Comparison, Row, Stance
from ibid.grid import (
    NOTHING,
    Numbers,
    describe_agreement,
    describe_conflict,
    describe_findings,
    describe_rest,
    describe_silence,
    line_of_quote,
    number_articles,
    say_unused,
    word_of,
)
from ibid.library import Library
from ibid.render import say_choice
from ibid.text import collapse, printable

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>|#~!&$]")


def write_markdown(comparison: Comparison, library: Library) -> str:
    """Return the comparison as Markdown; what articles say stands in it as plain text."""
    return "\n".join(_lines(comparison, library))


def _lines(comparison: Comparison, library: Library) -> Iterator[str]:
    numbers = number_articles(comparison)
    yield f"# {_plain(comparison.topic)}\n"
    if chosen := say_choice(comparison.run):
        yield f"{_plain(chosen)}\n"
    if not comparison.rows and not comparison.alone:
        yield " ".join(filter(None, (NOTHING, _plain(say_unused(comparison)))))
        return
    for id, number in numbers.items():
        article = library.article(id)
        path = _plain(library.path(id).as_posix())
        about = ", ".join(filter(None, (article.title, article.meta.author, article.meta.date)))
        weak = f": {_plain(said)}" if (said := describe_findings(article)) else ""
        yield f"{number}. {_plain(about)} ({path}){weak}"
    if comparison.rows:
        yield from _table(comparison, numbers)
    for row in comparison.rows:
        yield from _row_lines(row, numbers, library)
    if comparison.alone:
        yield "\n## Only one article says\n"
        yield from (_quote(str(numbers[q.article]), q, library) for q in comparison.alone)


def _table(comparison: Comparison, numbers: Numbers) -> Iterator[str]:
    yield ""
    yield _cells("", *(str(number) for number in numbers.values()), "")
    yield _cells(*("---" for _ in range(len(numbers) + 2)))
    for row in comparison.rows:
        words = (word_of(cell.stance) for cell in row.cells)
        yield _cells(_plain(row.title), *words, describe_agreement(row.agreement, numbers))


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _row_lines(row: Row, numbers: Numbers, library: Library) -> Iterator[str]:
    yield f"\n## {_plain(row.title)}\n"
    yield f"{describe_agreement(row.agreement, numbers)}\n"
    for conflict in row.conflicts:
        yield f"- **conflict**, {_plain(describe_conflict(conflict, numbers))}"
        for quote in (conflict.one, conflict.other):
            yield f"  {_quote(str(numbers[quote.article]), quote, library)}"
    for cell in row.cells:
        yield from _cell_lines(cell, str(numbers[cell.article]), library)


def _cell_lines(cell: Cell, number: str, library: Library) -> Iterator[str]:
    if cell.stance is Stance.SILENT:
        yield f"- [{number}] {describe_silence(cell)}" + _nearest(cell, library)
    for place, quote in enumerate(cell.quotes[:SHOWN]):
        yield _quote(number, quote, library, cell.difference if place == 0 else "")
    if rest := describe_rest(cell):
        yield f"- [{number}] {rest}"


def _nearest(cell: Cell, library: Library) -> str:
    if cell.nearest is None:
        return ""
    return f", line {line_of_quote(cell.nearest, library)}: “{_plain(cell.nearest.text)}”"


def _quote(number: str, quote: Assertion, library: Library, difference: str = "") -> str:
    notes = "; ".join(library.notes(quote.citation))
    differs = f"differs: {_plain(difference)}: " if difference else ""
    behind = f" ({_plain(notes)})" if notes else ""
    line = line_of_quote(quote, library)
    context = f" {_plain(f'[{quote.context}]')}" if quote.context else ""
    return f"- [{number}] line {line}: {differs}“{_plain(quote.text)}”{context}{behind}"


def _plain(text: str) -> str:
    """Return text on one line that Markdown takes as it stands."""
    return _SPECIAL.sub(r"\\\g<0>", printable(collapse(text)))
