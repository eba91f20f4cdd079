"""The Compare pane: what articles claim about a topic, a cell per article, conflicts first."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from ibid.comparing import QUOTES_PER_CELL
from ibid.library import Library
from ibid.output import (
    NOTHING,
    Format,
    Numbers,
    comparison_json,
    comparison_page,
    describe_agreement,
    describe_conflict,
    describe_rest,
    describe_scope,
    dump_json,
    list_notes,
    number_articles,
    say_scope,
    say_why_nothing,
    write_markdown,
)
from ibid.text import count, escape, line_of
from ibid.types import Assertion, Cell, Comparison, Conflict, Row, Span, Stance
from ibid.ui.panes.sources import about, key_of
from ibid.ui.talk.request import Within

WORDS: Mapping[Stance, tuple[str, str]] = {
    Stance.SAYS: ("✓", "says"),
    Stance.DIFFERS: ("≠", "differs"),
    Stance.SILENT: ("–", "silent"),
}
"""A symbol and a word for what an article has to do with a row: never a colour alone."""

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
    found = count(conflicts, "conflict") if conflicts else "no conflict"
    return f"{rows} over {count(len(comparison.articles), 'article')}, {found}."


def write_compared(comparison: Comparison, library: Library) -> str:
    """Return the HTML of a comparison."""
    if not comparison.rows and not comparison.alone:
        searched = count(comparison.run.articles, "article")
        return (
            f'<p class="refusal">{escape(NOTHING)}</p><p class="about">{searched} searched for '
            f"“{escape(comparison.topic)}”. {escape(say_why_nothing(comparison))} "
            f"{escape(say_scope(comparison.run))} Try a subject in two or three words.</p>"
        )
    numbers, chosen = number_articles(comparison), say_scope(comparison.run)
    at_odds = [(row, each) for row in comparison.rows for each in row.conflicts]
    conflicts = "".join(_write_conflict(row, each, numbers, library) for row, each in at_odds)
    odd = f'<section class="odds"><h3>At odds</h3>{conflicts}</section>' if conflicts else ""
    return "".join(
        (
            f'<h2 class="question">{escape(comparison.topic)}</h2>',
            f'<p class="within">{escape(chosen)}</p>' if chosen else "",
            odd,
            _write_grid(comparison, numbers, library) if comparison.rows else "",
            _write_alone(comparison, numbers, library),
            f'<p class="scope">{escape(_say(comparison))} {escape(describe_scope(comparison))}</p>',
        )
    )


# The grid


def _write_grid(comparison: Comparison, numbers: Numbers, library: Library) -> str:
    legend = "".join(
        f"<li><b>{number}</b><span>{escape(library.article(id).title)}"
        f'<span class="about">{escape(about(library.article(id)))}</span></span></li>'
        for id, number in numbers.items()
    )
    heads = "".join(
        f'<th scope="col"><abbr title="{escape(library.article(id).title)}">{number}</abbr></th>'
        for id, number in numbers.items()
    )
    ordered = sorted(comparison.rows, key=lambda row: not row.conflicts)
    rows = "".join(_write_row(n, row, numbers, library) for n, row in enumerate(ordered))
    return (
        f'<ol class="legend">{legend}</ol><table class="grid"><thead><tr>'
        f'<th scope="col">What they speak of</th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _write_row(place: int, row: Row, numbers: Numbers, library: Library) -> str:
    agreement = escape(describe_agreement(row.agreement, numbers))
    odd = '<span class="odd">at odds</span>' if row.conflicts else ""
    cells = "".join(
        _write_cell(f"cell-{place}-{number}", cell, numbers[cell.article], library)
        for number, cell in enumerate(row.cells)
    )
    evidence = "".join(
        f'<div id="cell-{place}-{number}" class="evidence" hidden>'
        f"{_write_evidence(cell, numbers[cell.article], library)}</div>"
        for number, cell in enumerate(row.cells)
    )
    wide = len(row.cells) + 1
    return (
        f'<tr><th scope="row">{escape(row.title)}{odd}<span class="about">{agreement}</span></th>'
        f'{cells}</tr><tr class="shown" data-group="row-{place}"><td colspan="{wide}">{evidence}'
        "</td></tr>"
    )


def _write_cell(id: str, cell: Cell, number: int, library: Library) -> str:
    symbol, word = WORDS[cell.stance]
    title = library.article(cell.article).title
    return (
        f'<td><span class="whose">{number} · {escape(title)}</span>'
        f'<button type="button" class="cell {cell.stance}" data-cell aria-expanded="false" '
        f'aria-controls="{id}" aria-label="Article {number} {word}: show the evidence">'
        f'<span aria-hidden="true">{symbol}</span> {word}</button></td>'
    )


def _write_evidence(cell: Cell, number: int, library: Library) -> str:
    title = escape(library.article(cell.article).title)
    head = f"<p><b>{number}</b> {title}</p>"
    if cell.stance is Stance.SILENT:
        nearest = cell.nearest
        said = f"Silent: {count(cell.searched, 'passage')} searched"
        if not nearest:
            return f"{head}<p>{said}, nothing comes close.</p>"
        return f"{head}<p>{said}; this comes closest:</p>{_write_quote(nearest, library)}"
    difference = f'<p class="caveat">{escape(cell.difference)}</p>' if cell.difference else ""
    first, others = (
        "".join(_write_quote(quote, library) for quote in quotes)
        for quotes in (cell.quotes[:QUOTES_PER_CELL], cell.quotes[QUOTES_PER_CELL:])
    )
    rest = describe_rest(cell)
    more = f"<details><summary>{escape(rest)}</summary>{others}</details>" if rest else ""
    return f"{head}{difference}{first}{more}"


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
        f"<div><b>{numbers[each.article]}</b>{_write_quote(each, library, words)}</div>"
        for each, words in zip((conflict.one, conflict.other), conflict.words, strict=True)
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
        f"<li><b>{numbers[each.article]}</b>{_write_quote(each, library)}</li>"
        for each in comparison.alone
    )
    return (
        '<section class="alone" data-group="alone"><h3>Only one article says</h3>'
        f"<ul>{quotes}</ul></section>"
    )
