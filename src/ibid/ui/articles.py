"""The Articles pane: every file, how it stands, and what a reader should know about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ibid.contract import line_of_finding
from ibid.errors import FolderError, IbidError, IndexUnusable
from ibid.filtering import fold
from ibid.library import Library
from ibid.text import collapse, count, escape, plain
from ibid.types import Article, ArticleId, File, FileState, Finding
from ibid.ui.sources import key_of_article, key_of_place
from ibid.ui.trouble import sentence

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
    article: Article | None
    """As the index has it, None when it does not."""


class Shelves:
    """The articles of a library, page by page; what takes long is found once per index."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._findings = lru_cache(maxsize=1)(self._find_findings)

    def write(self, find: str = "", start: int = 0) -> Shelf:
        """Return the rows from `start` on that hold every word of `find`."""
        rows, troubles = self._rows()
        fitting = [row for row in rows if _fits(row, fold(find))]
        shown = fitting[start : start + AT_ONCE]
        left = len(fitting) - start - len(shown)
        findings = self._findings(self._library.store.current_name())
        written = (self._write_row(row, findings, start + n) for n, row in enumerate(shown))
        return Shelf(
            head=_write_head(rows, troubles, self._library),
            rows="".join(written),
            more=_write_more(start + len(shown), left) if left else "",
            sorry="" if fitting or not rows else "No article fits these words.",
        )

    def warm_up(self) -> None:
        """Find now what takes long."""
        self._findings(self._library.store.current_name())

    def _rows(self) -> tuple[list[_Row], list[IbidError]]:
        """Return all rows, what changed first and what is no article last, and why some miss."""
        troubles: list[IbidError] = []
        articles: dict[str, Article] = {}
        try:
            for article in self._library.articles:
                articles |= dict.fromkeys((article.id, *article.copies), article)
        except IndexUnusable as error:
            troubles.append(error)
        try:
            files = self._library.files()
        except FolderError as error:
            troubles.append(error)
            files = [File(id, FileState.INDEXED) for id in sorted(articles)]
        rows = [_Row(file, articles.get(file.path)) for file in files]
        return sorted(rows, key=lambda row: _ORDER.index(row.file.state)), troubles

    def _find_findings(self, index: str) -> Mapping[ArticleId, tuple[Finding, ...]]:
        try:
            return self._library.lint() if index else {}
        except IndexUnusable:
            return {}

    def _write_row(
        self, row: _Row, findings: Mapping[ArticleId, tuple[Finding, ...]], number: int
    ) -> str:
        file, article = row.file, row.article
        found = findings.get(article.id, ()) if article and article.id == file.path else ()
        passages = len(self._library.passages(article.id)) if article else 0
        state = f'<span class="state {file.state}">{STATES[file.state]}</span>'
        why = file.reason or (_MEANING[file.state] if file.state is not FileState.INDEXED else "")
        meta = article.meta if article else None
        return (
            f'<tr data-group="shelf-{number}"><th scope="row">{self._write_name(row)}</th>'
            f'<td>{state}<span class="why">{escape(why)}</span></td>'
            f'<td class="date">{escape(meta.date if meta else "")}</td>'
            f"<td>{escape(meta.author if meta else '')}</td>"
            f'<td class="number">{passages or ""}</td>'
            f"<td>{_write_toggle(found, number)}</td></tr>"
            f"{self._write_findings(found, article, number) if article and found else ''}"
        )

    def _write_name(self, row: _Row) -> str:
        path = f'<span class="path">{escape(row.file.path)}</span>'
        article = row.article
        if not article:
            return f'<span class="title">{escape(row.file.path)}</span>'
        if article.id != row.file.path:
            path += f'<span class="why">the same file as {escape(article.id)}</span>'
        key = key_of_article(self._library.passages(article.id))
        return (
            f'<button type="button" class="opens" data-cite="{key}">{escape(article.title)}'
            f"</button>{path}"
        )

    def _write_findings(self, found: Sequence[Finding], article: Article, number: int) -> str:
        passages = self._library.passages(article.id)
        items = "".join(
            f"<li>{_write_finding(finding, article, key_of_place(finding.span, passages))}</li>"
            for finding in found
        )
        return (
            f'<tr class="findings" id="findings-{number}" data-group="shelf-{number}" hidden>'
            f'<td colspan="6"><ul>{items}</ul></td></tr>'
        )


def _fits(row: _Row, find: str) -> bool:
    article = row.article
    meta = (article.title, article.meta.author, *article.meta.tags) if article else ()
    known = fold(" ".join((row.file.path, STATES[row.file.state], *meta)))
    return all(word in known for word in find.split())


def _write_head(rows: Sequence[_Row], troubles: Sequence[IbidError], library: Library) -> str:
    said = "".join(
        f'<p class="caveat">{escape(sentence(error))} {escape(error.hint)}</p>'
        for error in troubles
    )
    answering = [row for row in rows if row.article]
    changed = any(row.file.state in _CHANGES for row in rows)
    label = "Update the index" if answering else "Build the index"
    kind = "" if changed else " quiet-button"
    lead = _describe(answering, library) if answering else "None of them can be asked yet."
    counted = len(rows) - sum(row.file.state is FileState.UNREADABLE for row in rows)
    what = "article" if answering else "file"  # nobody has read them yet
    return (
        f'<div><h2>{count(counted, what)}</h2><p class="lead">{escape(lead)}'
        f"{_write_unread(len(rows) - counted)}</p></div>"
        f'<button type="button" class="small{kind}" data-build>{label}</button>{said}'
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
    return (
        f"{count(manifest.passages, 'passage')} of {count(len(answering), 'article')} in the "
        f"index of {day}, {time} UTC. Folder: {library.folder.as_posix()}."
    )


def _write_more(start: int, left: int) -> str:
    return (
        f'<button type="button" class="small quiet-button" data-more="{start}">'
        f"Show {min(left, AT_ONCE)} more of {left:,}</button>"
    )


def _write_toggle(found: Sequence[Finding], number: int) -> str:
    if not found:
        return '<span class="nothing">nothing</span>'
    return (
        f'<button type="button" class="small quiet-button" data-findings aria-expanded="false" '
        f'aria-controls="findings-{number}">{count(len(found), "note")}</button>'
    )


def _write_finding(finding: Finding, article: Article, key: str) -> str:
    line = line_of_finding(article, finding)
    quote = collapse(plain(finding.span.of(article.text)))
    quote = quote if len(quote) <= _QUOTE else quote[:_QUOTE].rsplit(" ", 1)[0] + " …"
    said = f"Line {line} · {finding.text}" if line else finding.text
    shown = f'<span class="excerpt">“{escape(quote)}”</span>' if quote else ""
    if not key:
        return f"{escape(said)}{shown}"
    return f'<button type="button" class="opens" data-cite="{key}">{escape(said)}</button>{shown}'
