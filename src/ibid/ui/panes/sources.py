"""The source pane: a whole article with the cited sentence marked, found again by an opaque key."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ibid.errors import UsageError
from ibid.library import Library
from ibid.output import list_notes
from ibid.text import count, line_of, printable, trim
from ibid.types import Article, Citation, Hit, Passage, Span
from ibid.ui.panes.blocks import blocks_of
from ibid.ui.panes.inline import Tag
from ibid.ui.panes.markup import Mark, write_blocks
from ibid.ui.panes.windows import Side, window_around, window_beside
from ibid.ui.talk.request import name_article

_KEY = re.compile(r"([0-9A-Za-z]{1,64})-(\d{1,9})-(\d{1,9})")
_CITED, _ALSO = Tag("mark", "cited"), Tag("mark", "also")

MOST_MARKED = 100


@dataclass(frozen=True, slots=True)
class Source:
    """What the pane shows; `html` is safe to insert, the other values are plain text."""

    title: str
    about: str
    place: str
    html: str
    """A part of a long article, with buttons to read on where something is left out."""
    name: str = ""
    """What means this article alone when it is to be asked."""


def key_of(citation: Citation) -> str:
    """Return a key for a quote. It stays right when the article changes elsewhere."""
    start = citation.passage.span.start
    quote = citation.quote.shifted(-start)
    return f"{citation.passage.id}-{quote.start}-{quote.end}"


def key_of_passage(hit: Hit) -> str:
    """Return the key of a whole passage."""
    passage = hit.passage
    inner = trim(passage.text, Span(0, len(passage.text)))
    return f"{passage.id}-{inner.start}-{inner.end}"


def key_of_article(passages: Sequence[Passage]) -> str:
    """Return the key of a whole article, nothing in it marked."""
    return f"{passages[0].id}-0-0"


def key_of_place(place: Span, passages: Sequence[Passage]) -> str:
    """Return the key of a place, as far as it is in one passage; empty for an empty place."""
    behind = bisect_right(passages, place.start, key=lambda passage: passage.span.start)
    passage = passages[max(behind - 1, 0)]  # passages tile their article
    if not len(place) or not passage.span.overlaps(place):
        return ""
    start, end = place.start - passage.span.start, min(place.end, passage.span.end)
    return f"{passage.id}-{start}-{end - passage.span.start}"


def find_source(key: str, also: Sequence[str], library: Library) -> Source:
    """Return the article that holds the quote `key`, its places in `also` marked lighter.

    The key of a whole article marks nothing and notes nothing.

    Raises UsageError for a key that belongs to nothing in the index, IndexUnusable.
    """
    passage, quote = find_quote(key, library)
    article = library.article(passage.article)
    others = [find_quote(other, library) for other in also[:MOST_MARKED] if other != key]
    marks = [Mark(quote, _CITED)] if len(quote) else []
    marks += [Mark(span, _ALSO) for where, span in others if where.article == article.id]
    path = library.path(article.id).as_posix()
    line = f":{line_of(article.text, quote.start)}" if len(quote) else ""
    notes = list_notes(Citation(passage, quote), library) if len(quote) else ()
    return Source(
        title=printable(article.title),
        about=printable(" · ".join(filter(None, (about(article), *notes)))),
        place=printable(f"{path}{line}"),
        html=_write_part(article, window_around(article.text, quote), marks),
        name=name_article(article, library),
    )


def read_on(key: str, at: int, side: Side, library: Library) -> Source:
    """Return what stands before or after the character `at` in the article of `key`.

    Raises UsageError, IndexUnusable.
    """
    article = library.article(find_quote(key, library)[0].article)
    part = window_beside(article.text, at, side)
    return Source("", "", "", _write_part(article, part, (), (side,)))


def _write_part(
    article: Article, part: Span, marks: Sequence[Mark], sides: Sequence[Side] = tuple(Side)
) -> str:
    """Return the HTML of a part, with what is left out on these sides of it."""
    before = _write_rest(Side.BEFORE, part.start, part.start) if Side.BEFORE in sides else ""
    left = len(article.text) - part.end
    after = _write_rest(Side.AFTER, part.end, left) if Side.AFTER in sides else ""
    return before + write_blocks(article.text, blocks_of(article, part), marks) + after


def _write_rest(side: Side, at: int, left: int) -> str:
    where = "above" if side is Side.BEFORE else "below"
    if not left:
        return ""
    return (
        f'<p class="left-out">{count(left, "more character")} {where}. <button type="button" '
        f'class="quiet" data-read-on="{side}" data-at="{at}">Read on</button></p>'
    )


def about(article: Article) -> str:
    """Return who wrote an article and when, as far as it says."""
    return " · ".join(filter(None, (article.meta.author, article.meta.date)))


def find_quote(key: str, library: Library) -> tuple[Passage, Span]:
    """Return the passage that has the quote `key`, and its place. Raises UsageError."""
    found = _KEY.fullmatch(key)
    if not found:
        raise UsageError("this is not the key of a quote")
    try:
        passage = library.passage(found[1])
    except UsageError:
        raise UsageError("the article has changed since", hint="ask the question again") from None
    quote = Span(int(found[2]), int(found[3]))
    if not quote.start < quote.end <= len(passage.text) and quote != Span(0, 0):
        raise UsageError("this is not the key of a quote")
    return passage, quote.shifted(passage.span.start)
