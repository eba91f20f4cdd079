"""The source pane: a whole article with the cited sentence marked, found again by an opaque key."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from ibid.errors import UsageError
from ibid.library import Library
from ibid.output import list_notes
from ibid.text import count, escape, line_of, printable, trim, view, words_apart
from ibid.types import Article, Citation, Hit, Passage, Span
from ibid.ui.panes.markup import Mark, Tag, write_markdown
from ibid.ui.panes.pictures import Pictures
from ibid.ui.panes.windows import Side, window_around, window_beside
from ibid.ui.talk.request import count_names, name_article

_KEY = re.compile(r"([0-9A-Za-z]{1,64})-(\d{1,9})-(\d{1,9})")
_CITED, _ALSO = Tag("mark", "cited"), Tag("mark", "also")

MOST_MARKED = 100
_MOST_FOUND = 500
_LONG = 6000
"""Characters of an article that has an outline and can be searched."""


@dataclass(frozen=True, slots=True)
class Source:
    """What the pane shows; `html` is safe to insert, the other values are plain text."""

    title: str
    about: str
    place: str
    html: str
    """A part of a long article, with buttons to read on where something is left out."""
    long: str = ""
    """Something where it is so long that one looks for words in it, and wants an outline."""
    name: str = ""
    """What means this article alone when it is to be asked, nothing where that hides characters."""


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


def find_source(
    key: str, also: Sequence[str], library: Library, pictures: Pictures | None = None
) -> Source:
    """Return the article that holds the quote `key`, its places in `also` marked lighter.

    The key of a whole article marks nothing and notes nothing. Without `pictures` none is shown.

    Raises UsageError for a key that belongs to nothing in the index, IndexUnusable.
    """
    passage, quote = find_quote(key, library)
    article = library.article(passage.article)
    extras = [find_quote(extra, library) for extra in also[:MOST_MARKED] if extra != key]
    marks = [Mark(quote, _CITED)] if len(quote) else []
    marks += [Mark(span, _ALSO) for where, span in extras if where.article == article.id]
    path = library.path(article.id).as_posix()
    line = f":{line_of(article.text, quote.start)}" if len(quote) else ""
    notes = list_notes(Citation(passage, quote), library) if len(quote) else ()
    name = name_article(article, count_names(library))
    return Source(
        title=printable(article.title),
        about=printable(" · ".join(filter(None, (about(article), *notes)))),
        place=printable(f"{path}{line}"),
        html=_write_part(article, _settle(article, quote), marks, pictures),
        long="long" if len(article.text) > _LONG else "",
        name=name if printable(name) == name else "",
    )


def find_places(key: str, words: str, library: Library) -> list[str]:
    """Return the keys of the places in the article of `key` that have some words, in any case.

    Raises UsageError, IndexUnusable.
    """
    article = library.article(find_quote(key, library)[0].article)
    passages = library.passages(article.id)
    pattern = re.compile(words_apart(words.split()), re.IGNORECASE)
    places = islice(pattern.finditer(view(article.text).markdown), _MOST_FOUND)
    keys = (key_of_place(Span(*place.span()), passages) for place in places if place[0])
    return [place_key for place_key in keys if place_key]


def write_outline(key: str, library: Library) -> str:
    """Return the HTML of the headings of an article, each a way to its place.

    Raises UsageError, IndexUnusable.
    """
    article = library.article(find_quote(key, library)[0].article)
    passages = library.passages(article.id)
    items = [
        f'<li class="depth-{min(len(section.headings), 4)}"><button type="button" class="quiet" '
        f'data-cite="{key}">{escape(section.headings[-1])}</button></li>'
        for section in article.sections
        if section.headings
        for place in [trim(article.text, Span(section.span.start, section.prose.start))]
        if (key := key_of_place(place, passages))
    ]
    return f'<ul class="headings">{"".join(items) or "<li>No headings.</li>"}</ul>'


def _settle(article: Article, place: Span) -> Span:
    """Return what is shown around a place: whole sections, where some begin and end within reach.

    What is cut anywhere else may begin in the middle of code or of a list.
    """
    part = window_around(article.text, place)
    edges = [section.span.start for section in article.sections]
    before = [edge for edge in edges if part.start <= edge <= place.start]
    after = [edge for edge in edges if place.end <= edge <= part.end]
    start = before[0] if before and part.start else part.start
    return Span(start, after[-1] if after and part.end < len(article.text) else part.end)


def read_on(
    key: str, at: int, side: Side, library: Library, pictures: Pictures | None = None
) -> Source:
    """Return what stands before or after the character `at` in the article of `key`.

    Raises UsageError, IndexUnusable.
    """
    article = library.article(find_quote(key, library)[0].article)
    part = window_beside(article.text, at, side)
    return Source("", "", "", _write_part(article, part, (), pictures, (side,)))


def _write_part(
    article: Article,
    part: Span,
    marks: Sequence[Mark],
    pictures: Pictures | None,
    sides: Sequence[Side] = tuple(Side),
) -> str:
    """Return the HTML of a part, with what is left out on these sides of it."""
    before = _write_rest(Side.BEFORE, part.start, part.start) if Side.BEFORE in sides else ""
    remaining = len(article.text) - part.end
    after = _write_rest(Side.AFTER, part.end, remaining) if Side.AFTER in sides else ""
    front, span = _part_front(article, part)
    body = write_markdown(
        view(article.text).markdown,
        span,
        marks,
        {section.span.start: section.prose for section in article.sections if section.headings},
        lambda address: pictures.name(address, article.id) if pictures else "",
    )
    return before + front + body + after


def _part_front(article: Article, part: Span) -> tuple[str, Span]:
    """Return the HTML of the front matter in a part, folded, and the rest of the part."""
    ends = (s.span.end for s in article.sections if not s.headings and not len(s.prose))
    end = next(ends, 0)
    if part.start or not 0 < end <= part.end or not article.text[:end].strip():
        return "", part
    front = escape(article.text[:end].strip())
    return f"<details><summary>Front matter</summary><pre>{front}</pre></details>", Span(
        end, part.end
    )


def _write_rest(side: Side, at: int, remaining: int) -> str:
    where = "above" if side is Side.BEFORE else "below"
    if not remaining:
        return ""
    return (
        f'<p class="left-out">{count(remaining, "more character")} {where}. <button type="button" '
        f'class="quiet" data-read-on="{side}" data-at="{at}">Read on</button></p>'
    )


def about(article: Article) -> str:
    """Return who wrote an article and when, as far as it says."""
    return " · ".join(filter(None, (article.meta.byline, article.meta.date)))


def find_quote(key: str, library: Library) -> tuple[Passage, Span]:
    """Return the passage that has the quote `key`, and its place. Raises UsageError."""
    match = _KEY.fullmatch(key)
    if not match:
        raise UsageError("this is not the key of a quote")
    try:
        passage = library.passage(match[1])
    except UsageError:
        raise UsageError("the article has changed since", hint="ask the question again") from None
    quote = Span(int(match[2]), int(match[3]))
    if not quote.start < quote.end <= len(passage.text) and quote != Span(0, 0):
        raise UsageError("this is not the key of a quote")
    return passage, quote.shifted(passage.span.start)
