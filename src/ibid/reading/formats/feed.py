"""Saved RSS and Atom files, by feedparser: each entry below its title."""

import re
from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO
from typing import Any

from ibid.errors import ArticleUnreadable
from ibid.reading.decoding import decode
from ibid.reading.formats.archives import refuse_entities
from ibid.reading.formats.extracted import Extracted, assemble, read_meta
from ibid.reading.formats.markup import to_markdown
from ibid.types import Meta

_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]{1,200}?\sencoding\s*=|\xff\xfe|\xfe\xff")


def extract_feed(raw: bytes) -> Extracted:
    """Return the entries of a feed. Raises ArticleUnreadable."""
    import feedparser

    refuse_entities(raw)
    raw, warnings = _as_declared(raw)
    untyped: Any = feedparser
    feed: Any = untyped.parse(BytesIO(raw))  # a stream: of a string, an address would be fetched
    if not feed.version:
        raise ArticleUnreadable("XML that is no feed")
    entries: list[Any] = list(feed.entries)
    about: Any = feed.feed
    parts = [
        (_name(number, entry), f"# {_title(entry) or 'No title'}\n\n{_text(entry)}")
        for number, entry in enumerate(entries, start=1)
    ]
    dates = sorted(date for entry in entries if (date := _date(entry)))
    authors = [_author(about), *map(_author, entries)]
    meta = read_meta(
        title=_plain(about.get("title", "")),
        authors=list(dict.fromkeys(filter(None, authors))),
        date=dates[-1] if dates else _date(about),
        description=_plain(about.get("subtitle", "")),
    )
    extraction = assemble(parts, meta, warnings)
    metas = {name: _meta(entry) for (name, _), entry in zip(parts, entries, strict=True)}
    entry_parts = tuple(replace(part, meta=metas[part.name]) for part in extraction.parts)
    return replace(extraction, parts=entry_parts, collected=True)


def _as_declared(raw: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return a feed as it declares to be encoded, else in UTF-8, and what was guessed for it."""
    if _DECLARED.match(raw):
        return raw, ()
    decoded = decode(raw)
    return decoded.text.encode("utf-8", "replace"), decoded.warnings


def _meta(entry: Any) -> Meta:
    """Return what an entry says about itself; an address only of the web."""
    link: str = entry.get("link", "")
    return read_meta(
        title=_title(entry),
        author=_author(entry),
        date=_date(entry),
        url=link if link.startswith(("http://", "https://")) else "",
    )


def _title(entry: Any) -> str:
    return _plain(entry.get("title", ""))


def _text(entry: Any) -> str:
    """Return the whole text of an entry, or its summary where the feed has no more."""
    contents: Iterable[Any] = entry.get("content", [])
    texts = [content.get("value", "") for content in contents]
    return to_markdown(max((*texts, entry.get("summary", "")), key=len), below=1)


def _name(number: int, entry: Any) -> str:
    """Return how a citation names an entry: its number, author and date."""
    return ", ".join(filter(None, (f"entry {number}", _author(entry), _date(entry))))


def _author(entry: Any) -> str:
    detail: Any = entry.get("author_detail") or entry
    return _plain(detail.get("name") or entry.get("author", ""))


def _date(entry: Any) -> str:
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    return f"{moment.tm_year:04}-{moment.tm_mon:02}-{moment.tm_mday:02}" if moment else ""


def _plain(html: str) -> str:
    return " ".join(to_markdown(html).split())
