"""A page becomes a Markdown file with its address and date; a feed, a file for each entry."""

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from ibid.errors import ArticleUnreadable, PageUnavailable
from ibid.incoming.fetching import Page
from ibid.reading import (
    Extractor,
    check_folder,
    decode,
    find_front_matter,
    missing_extra,
    read_file,
)
from ibid.storage import write_new
from ibid.text import collapse, printable
from ibid.types import ArticleId, Meta

MOST_ENTRIES = 100
"""Entries of a feed that are added, the first ones."""

_WORD = re.compile(r"[^\W_]+")
_LONGEST_NAME = 80
_LONGEST_VALUE = 1000
"""Characters of a title or a description."""


@dataclass(frozen=True, slots=True)
class Added:
    """An article of the folder that was made of a page, or was there already."""

    name: ArticleId
    title: str
    url: str
    new: bool
    warnings: tuple[str, ...] = ()


def add_page(page: Page, folder: Path, today: str) -> list[Added]:
    """Write what a page says into the folder of articles, over nothing.

    Raises FolderError, PageUnavailable for what has no text, OSError.
    """
    check_folder(folder)
    return [_write(note, folder, today) for note in _read(page)]


@dataclass(frozen=True, slots=True)
class _Note:
    """What a file is to say, and of its page the title, the address and more."""

    meta: Meta
    text: str
    warnings: tuple[str, ...] = ()


def _read(page: Page) -> list[_Note]:
    """Return what a page says, or each entry of a feed. Raises PageUnavailable."""
    notes = [_read_text(page)] if page.suffix == ".md" else _extract(page)
    if not any(note.text.strip() for note in notes):
        raise PageUnavailable(f"{page.url} has no text")
    return notes


def _read_text(page: Page) -> _Note:
    if b"\0" in page.data:
        raise PageUnavailable(f"{page.url} is no text")
    decoded = decode(page.data)
    front = find_front_matter(decoded.text)
    meta = replace(front.meta, url=page.url)
    return _Note(meta, decoded.text[front.end :], decoded.warnings)


def _extract(page: Page) -> list[_Note]:
    if reason := missing_extra(page.suffix):
        raise PageUnavailable(reason)
    try:
        with Extractor() as extract:
            extraction = extract(page.suffix, page.data)
    except ArticleUnreadable as error:
        raise PageUnavailable(f"{page.url}: {error}", hint=error.hint) from error
    if page.suffix == ".html":
        return [_Note(replace(extraction.meta, url=page.url), extraction.text, extraction.warnings)]
    starts = [part.start for part in extraction.parts]
    metas = [replace(part.meta, url=part.meta.url or page.url) for part in extraction.parts]
    texts = [
        extraction.text[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)
    ]
    return list(map(_Note, metas[:MOST_ENTRIES], texts))


def _write(note: _Note, folder: Path, today: str) -> Added:
    """Put a note where there is nothing, unless its page is there already."""
    data, stem, url = (
        _format(note, today).encode("utf-8", "replace"),
        _stem(note.meta),
        note.meta.url,
    )
    for number in count(1):
        name = ArticleId(f"{stem}.md" if number == 1 else f"{stem}-{number}.md")
        try:
            write_new(folder / name, data)
        except FileExistsError:
            if not _is_from(folder / name, url):
                continue
            return Added(name, note.meta.title, url, new=False)
        return Added(name, note.meta.title, url, new=True, warnings=note.warnings)
    raise AssertionError


def _is_from(path: Path, url: str) -> bool:
    """Tell whether a file says that it is from an address."""
    try:
        return find_front_matter(read_file(path).decode("utf-8", "replace")).meta.url == url
    except (OSError, ArticleUnreadable):
        return False


def _format(note: _Note, today: str) -> str:
    """Return the text of a file below front matter that says where it is from, and from when."""
    values = {
        "title": note.meta.title,
        "author": list(note.meta.authors),
        "date": note.meta.date,
        "tags": list(note.meta.tags),
        "description": note.meta.description,
        "url": note.meta.url,
        "fetched": today,
    }
    lines = [f"{name}: {_quoted(value)}" for name, value in values.items() if value]
    return "\n".join(("---", *lines, "---", "", note.text.strip("\r\n"), ""))


def _quoted(value: str | list[str]) -> str:
    """Return a value as YAML, which reads the strings of JSON."""
    if isinstance(value, list):
        return f"[{', '.join(map(_quoted, value))}]"
    return json.dumps(printable(collapse(value))[:_LONGEST_VALUE], ensure_ascii=False)


def _stem(meta: Meta) -> str:
    """Return what a file is called: the words of the title, else those of the address.

    >>> _stem(Meta(title="Rare Diseases: What's new?")), _stem(Meta(url="https://a.org/b/c.html"))
    ('rare-diseases-what-s-new', 'a-org-b-c-html')
    """
    parts = urlsplit(meta.url)
    for text in (meta.title, f"{parts.hostname} {parts.path}"):
        if words := _WORD.findall(unicodedata.normalize("NFC", text).lower()):
            break
    stem = "-".join(words).encode()[:_LONGEST_NAME].decode("utf-8", "ignore").rstrip("-")
    return stem or "page"
