"""What is kept on this machine: conversations, and saved quotes with their exports."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import groupby

from ibid.errors import UsageError
from ibid.library import Library
from ibid.output import (
    Quoted,
    Work,
    bibtex_of,
    csl_of,
    plain_markdown,
    web_address,
    wiki_link,
)
from ibid.text import count, escape, printable
from ibid.types import ArticleId, Meta
from ibid.ui.panes.pictures import Pictures
from ibid.ui.panes.sources import Source, find_source
from ibid.ui.talk.history import Kept
from ibid.ui.talk.quotes import Quote, Quotes, find_place

SAVED = "saved-"
"""What the key of a saved quote begins with: the place is looked for when it is opened."""

_LABELS = {"md": "Markdown", "bib": "BibTeX", "csl.json": "CSL-JSON", "json": "JSON"}

CROSS = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="m4 4 8 8M12 4l-8 8"/></svg>'
_PEN = (
    '<svg viewBox="0 0 16 16" aria-hidden="true">'
    '<path d="m3 13 .6-2.8L11 2.8l2.2 2.2-7.4 7.4z"/></svg>'
)


def write_conversations(conversations: Sequence[Kept], find: str, current: str) -> str:
    """Return the HTML of the list of conversations below their days, the current one marked."""
    if not conversations:
        return write_nothing("No conversation holds these words." if find else "Nothing yet.")
    days = "".join(
        f"<h3>{day}</h3><ul>{''.join(_write_kept(entry, current) for entry in group)}</ul>"
        for day, group in groupby(conversations, key=lambda entry: _day_of(entry.when))
    )
    return (
        f'{days}<p class="side-foot"><button type="button" class="quiet" data-forget="*">'
        "Delete all</button></p>"
    )


def _write_kept(entry: Kept, current: str) -> str:
    title = escape(entry.title)
    marked = ' aria-current="page"' if entry.id == current else ""
    when = datetime.fromtimestamp(entry.when).astimezone()
    return (
        f'<li><a href="./?c={entry.id}"{marked}><span class="title">{title}</span>'
        f'<span class="about"><time datetime="{when.isoformat(timespec="minutes")}">'
        f"{when:{_clock(entry.when)}}</time> · {count(entry.exchanges, 'question')}</span></a>"
        f'<button type="button" class="icon" data-rename="{entry.id}" aria-label="Rename {title}">'
        f'{_PEN}</button><button type="button" class="icon" data-forget="{entry.id}" '
        f'aria-label="Delete the conversation {title}">{CROSS}</button></li>'
    )


def _day_of(when: float) -> str:
    """Return what a day is called from here: of older ones, the month."""
    day, today = datetime.fromtimestamp(when).date(), datetime.now().astimezone().date()
    if day >= today - timedelta(days=1):
        return "Today" if day >= today else "Yesterday"
    return "Last 7 days" if day > today - timedelta(days=7) else f"{day:%Y-%m}"


def _clock(when: float) -> str:
    return "%H:%M" if _day_of(when) in ("Today", "Yesterday") else "%Y-%m-%d"


def write_quotes(quotes: Sequence[Quote], find: str) -> str:
    """Return the HTML of the saved quotes."""
    if not quotes:
        hint = "Save one by its button in an answer or a source, or by S on a number."
        return write_nothing("No quote holds these words." if find else f"Nothing yet. {hint}")
    return (
        f'<ul data-group="saved">{"".join(map(_write_quote, quotes))}</ul>'
        '<p class="side-foot">Export'
        + "".join(
            f'<a class="quiet" href="quotes.{suffix}" download>{label}</a>'
            for suffix, label in _LABELS.items()
        )
        + "</p>"
    )


def _write_quote(quote: Quote) -> str:
    about = " · ".join(filter(None, (quote.title, quote.heading, f"line {quote.line}")))
    return (
        f'<li><button type="button" class="kept-quote" data-cite="{SAVED}{quote.id}">'
        f'<span class="excerpt">{escape(quote.text)}</span>'
        f'<span class="about">{escape(about)}</span></button>'
        f'<button type="button" class="icon" data-unsave="{quote.id}" '
        f'aria-label="Remove the quote {escape(quote.text[:80])}">{CROSS}</button></li>'
    )


def write_nothing(message: str) -> str:
    """Return the HTML of a list that is empty."""
    return f'<p class="nothing">{message}</p>'


def find_any(
    key: str, also: Sequence[str], library: Library, pictures: Pictures, quotes: Quotes
) -> Source:
    """Return what the source pane shows of a key, that of a saved quote, too.

    Raises UsageError, IndexUnusable, OSError.
    """
    if place := find_key(key, library, quotes):
        here = [quote_key for quote_key in also if not quote_key.startswith(SAVED)]
        return find_source(place, here, library, pictures)
    quote = quotes.read(key.removeprefix(SAVED))
    message = "No article says this any more. It was saved as:"
    html = f"<p>{message}</p><blockquote>{escape(quote.text)}</blockquote>"
    return Source(printable(quote.title), printable(quote.about), "", html)


def find_key(key: str, library: Library, quotes: Quotes) -> str:
    """Return the key of the place that a key means now, empty where a saved quote has none.

    Raises UsageError, IndexUnusable, OSError.
    """
    if not key.startswith(SAVED):
        return key
    return find_place(quotes.read(key.removeprefix(SAVED)), library)


# Exports


Metas = Mapping[ArticleId, Meta]
"""What the articles say about themselves that are in the index, by their ids."""


def write_notes(quotes: Sequence[Quote], metas: Metas) -> str:
    """Return quotes as Markdown notes: block quotes under their article, with a link to its file.

    Obsidian follows the link where the articles are in the same vault.
    """
    lines = [
        "---",
        f"title: Saved quotes\ndate: {datetime.now(UTC):%Y-%m-%d}",
        "source: ibid",
        "---",
    ]
    ordered = sorted(quotes, key=lambda quote: (quote.title, quote.article, quote.line))
    for (title, about), group in groupby(ordered, key=lambda quote: (quote.title, quote.about)):
        lines.append(f"\n## {plain_markdown(title)}\n")
        if about:
            lines.append(f"{plain_markdown(about)}\n")
        for quote in group:
            url = metas.get(ArticleId(quote.article), Meta()).url
            parts = (
                plain_markdown(quote.heading),
                wiki_link(ArticleId(quote.article)) or plain_markdown(quote.article),
                f"line {quote.line}",
                f"<{web_address(url)}>" if url else "",
            )
            lines.append(
                f"> {plain_markdown(quote.text)}\n>\n> — {', '.join(filter(None, parts))}\n"
            )
    return "\n".join(lines)


def _list_works(quotes: Sequence[Quote], metas: Metas) -> list[Work]:
    """Return the articles that quotes are from, as reference managers have them."""
    ordered = sorted(quotes, key=lambda quote: (quote.article, quote.title, quote.line))
    groups = groupby(ordered, key=lambda quote: (quote.article, quote.title))
    return [
        Work(
            id,
            title,
            metas.get(ArticleId(id), Meta()),
            tuple(Quoted(q.line, q.text) for q in group),
        )
        for (id, title), group in groups
    ]


def write_bibtex(quotes: Sequence[Quote], metas: Metas) -> str:
    """Return an entry of BibTeX per article, its quotes in the note."""
    return bibtex_of(_list_works(quotes, metas))


def write_csl(quotes: Sequence[Quote], metas: Metas) -> str:
    """Return the articles of quotes as CSL-JSON."""
    return csl_of(_list_works(quotes, metas))


def write_json(quotes: Sequence[Quote], metas: Metas) -> str:
    """Return quotes as a list in JSON."""
    del metas
    records = [
        {name: value for name, value in asdict(quote).items() if name != "id"} for quote in quotes
    ]
    return json.dumps(records, ensure_ascii=False, indent=2) + "\n"


EXPORTS: Mapping[str, tuple[str, Callable[[Sequence[Quote], Metas], str]]] = {
    "md": ("text/markdown", write_notes),
    "bib": ("application/x-bibtex", write_bibtex),
    "csl.json": ("application/vnd.citationstyles.csl+json", write_csl),
    "json": ("application/json", write_json),
}
"""The media type and the writer of each format."""


def export_quotes(quotes: Quotes, suffix: str, library: Library) -> tuple[str, str]:
    """Return the saved quotes in a format, and its media type. Raises IbidError, OSError."""
    saved = quotes.list_saved()
    if not saved:
        raise UsageError("no quote is saved")
    media_type, write = EXPORTS[suffix]
    return write(saved, {article.id: article.meta for article in library.described}), media_type
