"""Quotes that a reader saved: a line each, found again where their article says them now."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter

from ibid.errors import UsageError
from ibid.library import Library
from ibid.search import fold
from ibid.storage import make_folder, replace_file
from ibid.text import as_read, collapse, line_of, words_apart
from ibid.types import Article, Span
from ibid.ui.panes.sources import about, find_quote, key_of_place
from ibid.ui.talk.lines import LONGEST_LINE, read_kept

MOST_QUOTES = 2000

_GONE = "this quote is not saved any more"


@dataclass(frozen=True, slots=True)
class Quote:
    """A place of an article as it was when somebody saved it, without what cited it."""

    id: str
    article: str
    title: str
    about: str
    """Who wrote the article and when."""
    heading: str
    line: int
    text: str
    """As a reader sees it."""
    source: str
    """The same, character by character as the article has it."""
    saved: str
    """When, as ISO 8601."""


_QUOTE = TypeAdapter(Quote)


class Quotes:
    """The file that the quotes are in. A line that cannot be read stays, and is left out."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._removed: tuple[bytes, int] | None = None
        """The line that was removed last, and where it stood."""

    def list_saved(self, find: str = "") -> list[Quote]:
        """Return the quotes that hold every word of `find`, the newest first. Raises IbidError."""
        words = fold(find).split()
        saved = [quote for line in reversed(self._lines()) if (quote := _read(line))]
        return [entry for entry in saved if all(word in _searched(entry) for word in words)]

    def save(self, quote: Quote) -> bool:
        """Add a quote; False where it is there already. Raises UsageError for too many, OSError."""
        with self._lock:
            lines = self._lines()
            ids = {saved.id for line in lines if (saved := _read(line))}
            if quote.id in ids:
                return False
            if len(ids) >= MOST_QUOTES:
                hint = "remove some, or export them and begin anew"
                raise UsageError(f"{MOST_QUOTES:,} quotes are saved already", hint=hint)
            self._write([*lines, json.dumps(asdict(quote), ensure_ascii=False).encode()])
        return True

    def remove(self, id: str) -> None:
        """Remove a quote. Raises UsageError where it is not there, OSError."""
        with self._lock:
            lines = self._lines()
            place, _ = _find(id, lines)
            self._write(lines[:place] + lines[place + 1 :])
            self._removed = lines[place], place

    def restore(self) -> None:
        """Bring back what was removed last. Raises UsageError where nothing was, OSError."""
        with self._lock:
            if self._removed is None:
                raise UsageError(_GONE)
            line, place = self._removed
            lines = self._lines()
            self._write([*lines[:place], line, *lines[place:]])
            self._removed = None

    def read(self, id: str) -> Quote:
        """Return a quote. Raises UsageError where it is not there, OSError."""
        return _find(id, self._lines())[1]

    def _lines(self) -> list[bytes]:
        return read_kept(self._path)

    def _write(self, lines: Sequence[bytes]) -> None:
        make_folder(self._path.parent)
        replace_file(self._path, b"".join(line + b"\n" for line in lines))


def _read(line: bytes) -> Quote | None:
    try:
        return _QUOTE.validate_json(line, strict=True) if len(line) <= LONGEST_LINE else None
    except ValueError:
        return None


def _find(id: str, lines: Sequence[bytes]) -> tuple[int, Quote]:
    """Return the place of a quote among the lines, and the quote. Raises UsageError."""
    for place, line in enumerate(lines):
        if (quote := _read(line)) and quote.id == id:
            return place, quote
    raise UsageError(_GONE)


def _searched(quote: Quote) -> str:
    return fold(" ".join((quote.text, quote.title, quote.about, quote.heading)))


def make_quote(key: str, library: Library) -> Quote:
    """Return what is saved of the quote `key`. Raises UsageError, IndexUnusable."""
    passage, span = find_quote(key, library)
    if not len(span):
        raise UsageError("this is a whole article", hint="mark a sentence of it")
    article = library.article(passage.article)
    source = span.of(article.text)
    return Quote(
        id=sha256(f"{article.id}\0{source}".encode()).hexdigest()[:16],
        article=article.id,
        title=article.title,
        about=about(article),
        heading=passage.headings[-1] if passage.headings else "",
        line=line_of(article.text, span.start),
        text=collapse(as_read(article.text, span)),
        source=source,
        saved=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def find_place(quote: Quote, library: Library) -> str:
    """Return the key of the place where its article says a quote now, empty where none does.

    A file that was moved is known by its title, lines that were broken anew by their words.
    """
    spaced = re.compile(words_apart(quote.source.split()))
    for article in _candidates(quote, library):
        places = [Span(*match.span()) for match in spaced.finditer(article.text)]
        if places:
            lines = [abs(line_of(article.text, place.start) - quote.line) for place in places]
            nearest = places[lines.index(min(lines))]
            return key_of_place(nearest, library.passages(article.id))
    return ""


def _candidates(quote: Quote, library: Library) -> Iterator[Article]:
    with suppress(UsageError):
        yield library.article(quote.article)
    for article in library.described:
        if article.title == quote.title and article.id != quote.article:
            yield library.article(article.id)
