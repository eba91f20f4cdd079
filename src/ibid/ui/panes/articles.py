"""The Articles pane: every file, how it stands, and what a reader should know about it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from threading import Lock, Thread

from ibid.errors import FolderError, IbidError, IndexUnusable
from ibid.library import Library
from ibid.output import line_of_finding
from ibid.search import fold
from ibid.text import as_read, collapse, count, escape
from ibid.types import Article, ArticleId, Described, File, FileState, Finding, Passage
from ibid.ui.panes.sources import key_of_article, key_of_place
from ibid.ui.panes.trouble import hint_of, sentence
from ibid.ui.talk.request import count_names, name_article

AT_ONCE = 100
"""Rows; more come when they are asked for."""

STATES: Mapping[FileState, str] = {
    FileState.INDEXED: "indexed",
    FileState.CHANGED: "changed since",
    FileState.NEW: "new",
    FileState.GONE: "deleted since",
    FileState.UNREADABLE: "unreadable",
}
_MEANING: Mapping[FileState, str] = {
    FileState.INDEXED: "Answers come from the file as it is.",
    FileState.CHANGED: "Answers come from the file as it was.",
    FileState.NEW: "Not asked yet: the index does not know it.",
    FileState.GONE: "Answers still come from it.",
    FileState.UNREADABLE: "The file cannot be read.",
}
_CHANGES = (FileState.CHANGED, FileState.NEW, FileState.GONE)
_ORDER = (*_CHANGES, FileState.INDEXED, FileState.UNREADABLE)
_QUOTE = 200
_PATIENCE = 0.2  # seconds


class Order(StrEnum):
    """How the rows are sorted."""

    STATE = "state"
    TITLE = "title"
    DATE = "date"
    AUTHOR = "author"


Findings = Mapping[ArticleId, tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the pane shows; `head`, `rows` and `more` are HTML that is safe to insert."""

    head: str
    rows: str
    more: str
    sorry: str


@dataclass(frozen=True, slots=True)
class _Row:
    file: File
    article: Described | None
    """As the index has it, None when it does not."""
    names: str
    """What it can be looked for by, folded."""


class Shelves:
    """The articles of a library, page by page: only those of a page are read.

    What they are beside each other takes long. It is found once per index, in a thread of its own
    that a page does not wait for.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = Lock()
        self._known = lru_cache(maxsize=1)(self._read_known)
        self._beside = lru_cache(maxsize=1)(self._look_beside)

    def write(self, find: str = "", start: int = 0, order: Order = Order.STATE) -> Shelf:
        """Return the rows from `start` on that hold every word of `find`."""
        rows, troubles = self._rows()
        rows = _sort(rows, order)
        words = fold(find).split()
        fitting = [row for row in rows if _fits(row, words)]
        batch = fitting[start : start + AT_ONCE]
        remaining = len(fitting) - start - len(batch)
        beside = self._find_beside(_PATIENCE)
        names = count_names(self._library) if any(row.article for row in batch) else Counter[str]()
        entries = (
            self._write_row(row, beside or {}, start + n, names) for n, row in enumerate(batch)
        )
        return Shelf(
            head=_write_head(rows, troubles, self._library, looking=beside is None),
            rows="".join(entries),
            more=_write_more(start + len(batch), remaining) if remaining else "",
            sorry="" if fitting or not rows else "No article fits these words.",
        )

    def warm_up(self) -> None:
        """Find now what takes long."""
        self._rows()
        self._find_beside(None)

    def _rows(self) -> tuple[list[_Row], list[IbidError]]:
        """Return all rows, what changed first and what is no article last, and why some miss."""
        troubles: list[IbidError] = []
        by_path: Mapping[str, _Row] = {}
        try:
            by_path = self._known(self._library.store.current_name())
        except IndexUnusable as error:
            troubles.append(error)
        try:
            files = self._library.files()
        except FolderError as error:
            troubles.append(error)
            files = [row.file for row in by_path.values()]
        rows = [_row(file, by_path.get(file.path)) for file in files]
        return sorted(rows, key=lambda row: _ORDER.index(row.file.state)), troubles

    def _read_known(self, index: str) -> Mapping[str, _Row]:
        """Return the articles of an index, and their copies, by their paths."""
        del index  # what is kept is known by it
        rows = (
            _row(File(id, FileState.INDEXED), article)
            for article in self._library.described
            for id in (article.id, *article.copies)
        )
        return {row.file.path: row for row in sorted(rows, key=lambda row: row.file.path)}

    def _find_beside(self, seconds: float | None) -> Findings | None:
        """Return what is noteworthy about articles beside each other, None when it takes longer."""
        try:
            with self._lock:
                future = self._beside(self._library.store.current_name())
            return future.result(seconds)
        except TimeoutError:
            return None
        except IndexUnusable:
            return {}

    def _look_beside(self, index: str) -> Future[Findings]:
        future: Future[Findings] = Future()
        if index:
            Thread(target=_settle, args=(future, self._library), daemon=True).start()
        else:
            future.set_result({})
        return future

    def _write_row(self, row: _Row, beside: Findings, number: int, names: Counter[str]) -> str:
        file, article = row.file, row.article
        passages = self._library.passages(article.id) if article else []
        is_original = article is not None and article.id == file.path
        findings = self._find_notes(article.id, beside) if article and is_original else ()
        state = f'<span class="state {file.state}">{STATES[file.state]}</span>'
        why = file.reason or (_MEANING[file.state] if file.state is not FileState.INDEXED else "")
        meta = article.meta if article else None
        name = name_article(article, names) if article else ""
        return (
            f'<tr data-group="shelf-{number}"><th scope="row">'
            f"{_write_name(row, passages, name)}</th>"
            f'<td>{state}<span class="why">{escape(why)}</span></td>'
            f'<td class="date">{escape(meta.date if meta else "")}</td>'
            f"<td>{escape(meta.byline if meta else '')}</td>"
            f'<td class="number">{len(passages) or ""}</td>'
            f"<td>{_write_toggle(findings, number)}</td></tr>"
            f"{self._write_findings(findings, passages, number) if findings else ''}"
        )

    def _find_notes(self, id: ArticleId, beside: Findings) -> tuple[Finding, ...]:
        return (*beside.get(id, ()), *self._library.lint_one(id))

    def _write_findings(
        self, findings: Sequence[Finding], passages: Sequence[Passage], number: int
    ) -> str:
        article = self._library.article(passages[0].article)
        items = "".join(
            f"<li>{_write_finding(finding, article, key_of_place(finding.span, passages))}</li>"
            for finding in findings
        )
        return (
            f'<tr class="findings" id="findings-{number}" data-group="shelf-{number}" hidden>'
            f'<td colspan="6"><ul>{items}</ul></td></tr>'
        )


def _sort(rows: Sequence[_Row], order: Order) -> list[_Row]:
    """Return the rows in another order, the newest first; those without a value come last."""
    if order is Order.STATE:
        return list(rows)
    values = {Order.TITLE: _title_of, Order.DATE: _date_of, Order.AUTHOR: _author_of}
    value = values[order]
    front = sorted((row for row in rows if value(row)), key=value, reverse=order is Order.DATE)
    return [*front, *(row for row in rows if not value(row))]


def _title_of(row: _Row) -> str:
    return fold(row.article.title) if row.article else ""


def _date_of(row: _Row) -> str:
    return row.article.meta.days[0] if row.article else ""


def _author_of(row: _Row) -> str:
    return fold(row.article.meta.author) if row.article else ""


def _settle(future: Future[Findings], library: Library) -> None:
    """Find what articles are beside each other, or why it cannot be found."""
    try:
        future.set_result(library.lint_beside())
    except Exception as error:  # noqa: BLE001  (a thread's border: who waits for it is told)
        future.set_exception(error)


def _row(file: File, entry: "_Row | Described | None") -> _Row:
    """Return the row of a file, of which something may be known."""
    if isinstance(entry, _Row):
        return _Row(file, entry.article, entry.names)
    meta = (entry.title, *entry.meta.authors, *entry.meta.tags) if entry else ()
    return _Row(file, entry, fold(" ".join((file.path, *meta))))


def _write_name(row: _Row, passages: Sequence[Passage], name: str) -> str:
    path = f'<span class="path">{escape(row.file.path)}</span>'
    article = row.article
    if not article:
        return f'<span class="title">{escape(row.file.path)}</span>'
    if article.id != row.file.path:
        path += f'<span class="why">the same file as {escape(article.id)}</span>'
    return (
        f'<input type="checkbox" data-tick="{escape(name)}" aria-label="Ask {escape(name)}">'
        f'<button type="button" class="opens" data-cite="{key_of_article(passages)}">'
        f"{escape(article.title)}</button>{path}"
        f'<button type="button" class="quiet" data-only="{escape(name)}">Ask only this</button>'
    )


def _fits(row: _Row, words: Sequence[str]) -> bool:
    return all(word in row.names or word in STATES[row.file.state] for word in words)


def _write_head(
    rows: Sequence[_Row], troubles: Sequence[IbidError], library: Library, *, looking: bool
) -> str:
    caveats = "".join(
        f'<p class="caveat">{escape(sentence(error))} '
        f"{escape(hint_of(error, library.settings))}</p>"
        for error in troubles
    )
    answering = [row for row in rows if row.article]
    changed = any(row.file.state in _CHANGES for row in rows)
    label = "Update the index" if answering else "Build the index"
    kind = "" if changed else " quiet-button"
    lead = _describe(answering, library) if answering else "None of them can be asked yet."
    lead += " Near-copies and series are still being looked for." if looking else ""
    counted = len(rows) - sum(row.file.state is FileState.UNREADABLE for row in rows)
    noun = "article" if answering else "file"  # nobody has read them yet
    return (
        f'<div><h2>{count(counted, noun)}</h2><p class="lead">{escape(lead)}'
        f"{_write_unread(len(rows) - counted)}</p></div>"
        f'<button type="button" class="small{kind}" data-build>{label}</button>{caveats}'
    )


def _write_unread(files: int) -> str:
    if not files:
        return ""
    return (
        f" {count(files, 'file')} could not be read."
        f' <button type="button" class="quiet" data-find="{STATES[FileState.UNREADABLE]}">'
        "Show</button>"
    )


def _describe(answering: Sequence[_Row], library: Library) -> str:
    manifest = library.store.current().manifest
    day, time = manifest.built[:10], manifest.built[11:16]
    label = "Folders" if library.folders.are_several else "Folder"
    return (
        f"{count(manifest.passages, 'passage')} of {count(len(answering), 'article')} in the "
        f"index of {day}, {time} UTC. {label}: {library.folders}."
    )


def _write_more(start: int, remaining: int) -> str:
    return (
        f'<button type="button" class="small quiet-button" data-more="{start}">'
        f"Show {min(remaining, AT_ONCE)} more of {remaining:,}</button>"
    )


def _write_toggle(findings: Sequence[Finding], number: int) -> str:
    if not findings:
        return '<span class="nothing">nothing</span>'
    return (
        f'<button type="button" class="small quiet-button" data-findings aria-expanded="false" '
        f'aria-controls="findings-{number}">{count(len(findings), "note")}</button>'
    )


def _write_finding(finding: Finding, article: Article, key: str) -> str:
    line = line_of_finding(article, finding)
    quote = collapse(as_read(article.text, finding.span))
    quote = quote if len(quote) <= _QUOTE else quote[:_QUOTE].rsplit(" ", 1)[0] + " …"
    text = f"Line {line} · {finding.text}" if line else finding.text
    excerpt = f'<span class="excerpt">“{escape(quote)}”</span>' if quote else ""
    if not key:
        return f"{escape(text)}{excerpt}"
    return f'<button type="button" class="opens" data-cite="{key}">{escape(text)}</button>{excerpt}'
