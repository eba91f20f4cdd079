"""An answer as it is kept: what its exports are made from when somebody asks for them.

It holds the passages that were found and no article. An export quotes the index of today as long
as that has those passages; an article that was changed there is quoted as it was, and says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter

from ibid.errors import UsageError
from ibid.library import Library
from ibid.output import FORMATS
from ibid.text import line_of
from ibid.types import (
    Answer,
    Article,
    ArticleId,
    Citation,
    Claim,
    Hit,
    Meta,
    Passage,
    PassageId,
    Standing,
    State,
)

_CHANGED = "the article has changed since this was answered"


@dataclass(frozen=True, slots=True)
class Named:
    """What an article was called."""

    title: str
    meta: Meta


@dataclass(frozen=True, slots=True)
class Record:
    """An answer, and what has to be said of the articles that it quotes."""

    answer: Answer
    articles: Mapping[ArticleId, Named]
    lines: Mapping[PassageId, int]
    """Where each passage began."""


_RECORD = TypeAdapter(Record)


def write_record(answer: Answer, library: Library) -> str:
    """Return what is kept of an answer."""
    passages = list(_passages(answer))
    articles = {
        id: library.article(id) for id in dict.fromkeys(passage.article for passage in passages)
    }
    names = {id: Named(article.title, article.meta) for id, article in articles.items()}
    lines = {
        passage.id: line_of(articles[passage.article].text, passage.span.start)
        for passage in passages
    }
    return _RECORD.dump_json(Record(answer, names, lines)).decode()


def export(record: str, suffix: str, library: Library) -> str:
    """Return a kept answer in a format. Raises UsageError, IndexUnusable."""
    entry = _read(record)
    current = _find_current(entry.answer, library)
    changed = {passage.article for passage in _passages(entry.answer) if passage.id not in current}
    excerpts = {id: _excerpt(id, entry) for id in changed}
    places = {passage.id: passage for excerpt in excerpts.values() for passage in excerpt.passages}
    answer = _move(entry.answer, {**current, **places})
    shelf = _Shelf(library, {id: excerpt.article for id, excerpt in excerpts.items()})
    return FORMATS[suffix].write(answer, cast("Library", shelf))  # it reads no more than that


def read_answer(record: str) -> Answer:
    """Return the answer that is kept. Raises UsageError."""
    return _read(record).answer


def _read(record: str) -> Record:
    try:
        return _RECORD.validate_json(record)
    except ValueError:
        raise UsageError("what is kept of this answer cannot be read") from None


def _passages(answer: Answer) -> Iterator[Passage]:
    for part in answer.parts:
        yield from _passages(part)
    for claim in answer.claims:
        yield from (citation.passage for citation in claim.citations)
    yield from (hit.passage for hit in answer.hits)


def _find_current(answer: Answer, library: Library) -> dict[PassageId, Passage]:
    """Return those passages of an answer that the index has, where they stand there now."""
    current: dict[PassageId, Passage] = {}
    for passage in _passages(answer):
        try:
            now = library.passage(passage.id)
        except UsageError:
            continue
        if (now.article, now.text) == (passage.article, passage.text):
            current[passage.id] = now
    return current


# Articles that were changed


@dataclass(frozen=True, slots=True)
class _Excerpt:
    article: Article
    passages: tuple[Passage, ...]


def _excerpt(id: ArticleId, record: Record) -> _Excerpt:
    """Return the passages that are kept of an article, as an article, each in the line it had."""
    pieces = {passage.id: passage for passage in _passages(record.answer) if passage.article == id}
    text, line, moved = "", 1, list[Passage]()
    for passage in sorted(pieces.values(), key=lambda item: item.span):
        gap = record.lines[passage.id] - line
        text += "\n" * gap if gap > 0 else " " * bool(text)
        moved.append(_moved(passage, len(text)))
        text += passage.text
        line = line_of(text, len(text))
    article = record.articles[id]
    title = f"{article.title} ({_CHANGED})"
    return _Excerpt(Article(id, title, text, article.meta, (), ""), tuple(moved))


def _moved(passage: Passage, start: int) -> Passage:
    by = start - passage.span.start
    sentences = tuple(sentence.shifted(by) for sentence in passage.sentences)
    return replace(passage, span=passage.span.shifted(by), sentences=sentences)


def _move(answer: Answer, places: Mapping[PassageId, Passage]) -> Answer:
    """Return an answer whose passages stand where `places` has them."""

    def cite(citation: Citation) -> Citation:
        place = places[citation.passage.id]
        by = place.span.start - citation.passage.span.start
        return Citation(place, citation.quote.shifted(by))

    def claim(statement: Claim) -> Claim:
        return replace(statement, citations=tuple(map(cite, statement.citations)))

    hits: tuple[Hit, ...] = tuple(
        replace(hit, passage=places[hit.passage.id]) for hit in answer.hits
    )
    parts = tuple(_move(part, places) for part in answer.parts)
    return replace(answer, claims=tuple(map(claim, answer.claims)), hits=hits, parts=parts)


class _Shelf:
    """What the formats read of a library, with excerpts in place of articles that were changed."""

    def __init__(self, library: Library, excerpts: Mapping[ArticleId, Article]) -> None:
        self._library, self._excerpts = library, excerpts

    def article(self, id: ArticleId) -> Article:
        return self._excerpts.get(id) or self._library.article(id)

    def path(self, id: ArticleId) -> Path:
        """Return where a file is in its folder: where that is, is nobody else's business."""
        return Path(id)

    def notes(self, citation: Citation) -> tuple[str, ...]:
        if citation.passage.article in self._excerpts:
            return (_CHANGED,)
        return self._library.notes(citation)

    def standing(self, citation: Citation) -> Standing:
        if citation.passage.article in self._excerpts:
            return Standing(State.CHANGED)
        return self._library.standing(citation)
