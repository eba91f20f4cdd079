"""The Compare pane: what articles claim about a topic, a cell per article, conflicts first."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from ibid.library import Library
from ibid.output import (
    NOTHING,
    SYMBOLS,
    Format,
    Numbers,
    comparison_json,
    comparison_page,
    describe_agreement,
    describe_conflict,
    describe_scope,
    dump_json,
    list_notes,
    number_articles,
    say_key,
    say_scope,
    say_why_nothing,
    title_of,
    write_figures,
    write_markdown,
    write_timeline,
)
from ibid.text import count, escape, line_of
from ibid.types import Assertion, Cell, Comparison, Conflict, Row, Span, Stance
from ibid.ui.panes.sources import about, key_of
from ibid.ui.talk.request import Within

FORMATS: Mapping[str, Format[Comparison]] = {
    "md": Format("Markdown", "text/markdown", write_markdown),
    "json": Format(
        "JSON",
        "application/json",
        lambda comparison, library: dump_json(comparison_json(comparison, library)),
    ),
    "html": Format("Web page", "text/html", comparison_page),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """What the pane shows; `html` is safe to insert."""

    html: str
    said: str
    """What a listener is told."""


class Comparisons:
    """Compares one topic at a time, and remembers the last ones for as long as the index stays."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = Lock()
        self._compare = lru_cache(maxsize=8)(self._compare_anew)

    def write(self, topic: str, within: Within) -> Compared:
        """Return a comparison for the page. Raises UsageError, IndexUnusable, ModelError."""
        comparison = self._find(topic, within)
        return Compared(write_compared(comparison, self._library), _say(comparison))

    def export(self, topic: str, within: Within, suffix: str) -> str:
        """Return a comparison in the format of this suffix. Raises what `write` does."""
        return FORMATS[suffix].write(self._find(topic, within), self._library)

    def _find(self, topic: str, within: Within) -> Comparison:
        with self._lock:
            return self._compare(topic.strip(), within, self._library.store.current_name())

    def _compare_anew(self, topic: str, within: Within, _index: str) -> Comparison:
        return self._library.compare(topic, within.filter)


def _say(comparison: Comparison) -> str:
    if not comparison.rows and not comparison.alone:
        return NOTHING
    rows = count(len(comparison.rows), "row")
    conflicts = len(list(comparison.conflicts))
    outcome = count(conflicts, "conflict") if conflicts else "no conflict"
    return f"{rows} over {count(len(comparison.articles), 'article')}, {outcome}."


def write_compared(comparison: Comparison, library: Library) -> str:
    """Return the HTML of a comparison."""
    if not comparison.rows and not comparison.alone:
        searched = count(comparison.run.articles, "article")
        return (
            f'<p class="refusal">{escape(NOTHING)}</p><p class="about">{searched} searched for '
            f"“{escape(comparison.topic)}”. {escape(say_why_nothing(comparison))} "
            f"{escape(say_scope(comparison.run))} Try a subject in two or three words.</p>"
        )
    numbers = number_articles(comparison)
    ordered = sorted(comparison.rows, key=lambda row: not row.conflicts)
    at_odds = [(row, conflict) for row in comparison.rows for conflict in row.conflicts]
    conflicts = "".join(
        _write_conflict(row, conflict, numbers, library) for row, conflict in at_odds
    )
    odd = f'<section class="odds"><h3>At odds</h3>{conflicts}</section>' if conflicts else ""
    button = '<button type="button" class="link" data-choose>Choose others</button>'
    return "".join(
        (
            f'<h2 class="question">{escape(title_of(comparison))}</h2>',
            f'<p class="key">{escape(say_key(comparison))} '
            f"{button if comparison.silent else ''}</p>",
            f'<details class="scope"><summary>{escape(describe_scope(comparison))}</summary>'
            f"{_write_legend(numbers, library)}</details>",
            odd,
            *(_write_row(n, row, numbers, library) for n, row in enumerate(ordered)),
            _write_alone(comparison, numbers, library),
            *_write_numbers(comparison, numbers, library),
        )
    )


def _write_numbers(comparison: Comparison, numbers: Numbers, library: Library) -> tuple[str, str]:
    """Return the table of the figures, and the times, each with its quote to open."""

    def write_quote(quote: Assertion, words: Span) -> str:
        return f"<div><b>{numbers[quote.article]}</b>{_write_quote(quote, library, words)}</div>"

    figures = write_figures(comparison, write_quote, level=3)
    return figures, write_timeline(comparison, library, write_quote, level=3)


# The rows


def _write_legend(numbers: Numbers, library: Library) -> str:
    articles = "".join(
        f"<li><b>{number}</b><span>{escape(library.article(id).title)}"
        f'<span class="about">{escape(about(library.article(id)))}</span></span></li>'
        for id, number in numbers.items()
    )
    return f'<ol class="legend">{articles}</ol>'


def _write_row(place: int, row: Row, numbers: Numbers, library: Library) -> str:
    """Return what a row claims, the quotes of those that say so, and who is silent."""
    odd = '<span class="odd">at odds</span>' if row.conflicts else ""
    spoken = "".join(
        _write_cell(cell, numbers[cell.article], library) for cell in (*row.saying, *row.close)
    )
    return (
        f'<section class="claim" data-group="row-{place}"><h3>{escape(row.title)}{odd}</h3>'
        f'<p class="about">{escape(describe_agreement(row, numbers))}</p>'
        f'<ul class="cells">{spoken}</ul>{_write_silence(row, numbers, library)}</section>'
    )


def _write_cell(cell: Cell, number: int, library: Library) -> str:
    """Return what an article says of a row: its best quote, and the others on request."""
    first, *rest = (_write_quote(quote, library) for quote in cell.quotes)
    more = (
        f"<details><summary>{count(len(rest), 'more quote')}</summary>{''.join(rest)}</details>"
        if rest
        else ""
    )
    difference = f'<p class="caveat">{escape(cell.difference)}</p>' if cell.difference else ""
    return (
        f'<li class="cell {cell.stance}">{_write_whose(cell, number, library)}{difference}'
        f"{first}{more}</li>"
    )


def _write_whose(cell: Cell, number: int, library: Library) -> str:
    title = escape(library.article(cell.article).title)
    return (
        f'<p class="whose"><b>{number}</b> <span class="title">{title}</span> '
        f'<span class="stance">{SYMBOLS[cell.stance]} {cell.stance}</span></p>'
    )


def _write_silence(row: Row, numbers: Numbers, library: Library) -> str:
    """Return who is silent, and what of each comes closest."""
    silent = [cell for cell in row.cells if cell.stance is Stance.SILENT]
    if not silent:
        return ""
    nearest = "".join(_write_nearest(cell, numbers[cell.article], library) for cell in silent)
    who = ", ".join(str(numbers[cell.article]) for cell in silent)
    searched = count(sum(cell.searched for cell in silent), "passage")
    return (
        f'<details class="silence"><summary>{SYMBOLS[Stance.SILENT]} silent: {who} '
        f'<span class="about">{searched} searched</span></summary>'
        f'<ul class="cells">{nearest}</ul></details>'
    )


def _write_nearest(cell: Cell, number: int, library: Library) -> str:
    searched = count(cell.searched, "passage")
    text = f"{searched} searched; this comes closest:" if cell.nearest else "Nothing comes close."
    quote = _write_quote(cell.nearest, library) if cell.nearest else ""
    return (
        f'<li class="cell silent">{_write_whose(cell, number, library)}'
        f'<p class="about">{text}</p>{quote}</li>'
    )


def _write_quote(quote: Assertion, library: Library, words: Span | None = None) -> str:
    article = library.article(quote.article)
    line = line_of(article.text, quote.span.start)
    notes = "; ".join(list_notes(quote.citation, library))
    behind = f' <span class="notes">{escape(notes)}</span>' if notes else ""
    context = f'<span class="about">after “{escape(quote.context)}”</span>' if quote.context else ""
    return (
        f'<button type="button" class="said" data-cite="{key_of(quote.citation)}">'
        f"{_mark(quote.text, words)}{context}"
        f'<span class="about">line {line}{behind}</span></button>'
    )


def _mark(text: str, words: Span | None) -> str:
    if words is None:
        return f"<span>{escape(text)}</span>"
    before, inner, after = text[: words.start], words.of(text), text[words.end :]
    return f"<span>{escape(before)}<strong>{escape(inner)}</strong>{escape(after)}</span>"


# Conflicts, and what one article alone says


def _write_conflict(row: Row, conflict: Conflict, numbers: Numbers, library: Library) -> str:
    quotes = "".join(
        f"<div><b>{numbers[assertion.article]}</b>{_write_quote(assertion, library, words)}</div>"
        for assertion, words in zip((conflict.one, conflict.other), conflict.words, strict=True)
    )
    group = f"odds-{conflict.one.citation.passage.id}-{conflict.one.span.start}"
    return (
        f'<section class="conflict" data-group="{group}"><h4>{escape(row.title)}: '
        f"{escape(describe_conflict(conflict, numbers))}</h4>{quotes}</section>"
    )


def _write_alone(comparison: Comparison, numbers: Numbers, library: Library) -> str:
    if not comparison.alone:
        return ""
    quotes = "".join(
        f"<li><b>{numbers[assertion.article]}</b>{_write_quote(assertion, library)}</li>"
        for assertion in comparison.alone
    )
    return (
        '<section class="alone" data-group="alone"><h3>Only one article says</h3>'
        f"<ul>{quotes}</ul></section>"
    )
