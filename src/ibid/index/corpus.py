"""The articles and passages of an index, in one SQLite file that is written once."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, overload
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from ibid.errors import IndexUnusable
from ibid.index.cells import STRANGE_ROWS, lists, parsed, require, span, texts
from ibid.storage import damaged, read_record, unreadable
from ibid.types import (
    Article,
    ArticleId,
    Described,
    Finding,
    Meta,
    Passage,
    PassageId,
    Rule,
    Section,
)

_ARTICLE = (
    "select id, title, text, meta, sections, digest, warnings, findings, copies from articles"
)
_PASSAGE = "select row, first_sentence, id, article, headings, start, end, sentences from passages"
_END = (
    "select place, first_sentence, json_array_length(sentences) from passages where article = ?"
    " order by start"
)
_LAST_SENTENCE = (
    "select first_sentence + json_array_length(sentences) from passages"
    " where row is not null order by row desc limit 1"
)
_STEMS = "select stems from passages where row is not null order by row"
_STEMS_OF = "select stems from passages where row between ? and ? order by row"

Values = tuple[Any, ...]

_PASSING = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
    }
)
"""Errors of SQLite that say nothing against a file."""


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """A passage that can be found: its row in the indexes, and where its sentences' rows begin."""

    number: int
    first_sentence: int
    passage: Passage


@dataclass(frozen=True, slots=True)
class Run:
    """What articles that lie side by side have in a corpus."""

    ids: Sequence[ArticleId]
    rows: range
    sentences: range
    places: tuple[int, int]
    """Those of the first and the last passage."""


class Corpus:
    """Articles and passages, read from a file that had been verified and that never changes."""

    def __init__(self, path: Path) -> None:
        self.uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        try:
            # One connection for all threads: SQLite serialises them, and nobody writes.
            self._connection = sqlite3.connect(self.uri, uri=True, check_same_thread=False)
            finalize(self, self._connection.close)
        except sqlite3.Error as error:
            raise _unusable(error) from error
        query = "select id, digest, first_row, rows from articles order by id"
        found = self._select(query)
        rows = self._select("select ifnull(max(row), -1) + 1 from passages")[0][0]
        for id, digest, first, count in found:
            require(str, id, digest)
            require(int, rows, first, count)
            if not (0 <= first <= rows and 0 <= count <= rows):
                raise damaged("an article has rows that are not there")
        self.digests: Mapping[ArticleId, str] = {id: digest for id, digest, _, _ in found}
        self._rows: Mapping[ArticleId, range] = {
            id: range(first, first + rows) for id, _, first, rows in found
        }  # those of one article lie side by side
        self.article = lru_cache(maxsize=256)(self._read_article)

    @property
    def ids(self) -> tuple[ArticleId, ...]:
        return tuple(self.digests)

    @cached_property
    def warnings(self) -> Mapping[ArticleId, tuple[str, ...]]:
        """What reading said of the articles that it said something of."""
        query = "select id, warnings from articles where warnings != '[]'"
        return {ArticleId(id): texts(said) for id, said in self._select(query)}

    @cached_property
    def copies(self) -> Mapping[ArticleId, tuple[ArticleId, ...]]:
        """The articles that have copies, and those."""
        query = "select id, copies from articles where copies != '[]'"
        return {ArticleId(id): tuple(map(ArticleId, texts(ids))) for id, ids in self._select(query)}

    @cached_property
    def originals(self) -> Mapping[ArticleId, ArticleId]:
        """The articles that copies are of."""
        return {copy: of for of, copies in self.copies.items() for copy in copies}

    @cached_property
    def passage_counts(self) -> Mapping[ArticleId, int]:
        """How many passages each article is cut into."""
        query = "select article, count(*) from passages group by article"
        return {ArticleId(id): number for id, number in self._select(query)}

    @property
    def articles(self) -> "Articles":
        """All articles, each read when its turn comes."""
        return Articles(self)

    def findings(self) -> Iterator[tuple[ArticleId, tuple[Finding, ...]]]:
        """Yield what is noteworthy about each article by itself, in order of their ids."""
        query = "select id, findings from articles order by id"
        for id, findings in self._stream(query):
            yield ArticleId(id), _findings(findings)

    def read_all(self) -> Iterator[Article]:
        """Yield the articles in order of their ids; none is kept."""
        for values in self._stream(f"{_ARTICLE} order by id"):
            yield _article(values)

    def rows(self, rows: Sequence[int]) -> list[IndexedPassage]:
        """Return the passages of `rows`, in that order."""
        return [self.row(row) for row in rows]

    def row(self, row: int) -> IndexedPassage:
        """Return the passage of one row."""
        for found in self._select(f"{_PASSAGE} where row = ?", row):
            return self._row(found)
        raise damaged(f"corpus.sqlite has no row {row}")

    @cached_property
    def described(self) -> tuple[Described, ...]:
        """The articles without their texts, in order of their ids."""
        found = self._select("select id, title, meta from articles order by id")
        return tuple(
            Described(ArticleId(id), title, _meta(meta), self.copies.get(id, ()))
            for id, title, meta in found
        )

    def article_numbers(self, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of the article that each of some rows is of, for `sizes`."""
        return np.searchsorted(self._first_rows, rows, side="right") - 1

    def articles_of(self, rows: Collection[int]) -> set[ArticleId]:
        """Return the articles that some rows are of."""
        return {self._searched[each] for each in np.unique(self.article_numbers([*rows])).tolist()}

    def articles_between(self, rows: range) -> Sequence[ArticleId]:
        """Return the articles whose rows are among neighbouring ones."""
        first, end = np.searchsorted(self._first_rows, (rows.start, rows.stop)).tolist()
        return self._searched[first:end]

    def row_numbers(self, articles: Collection[ArticleId]) -> frozenset[int]:
        """Return the rows of some articles."""
        return frozenset(row for id in articles for row in self._rows.get(id, ()))

    def count_sentences(self, articles: Iterable[ArticleId]) -> dict[ArticleId, dict[int, int]]:
        """Return how many sentences each row of some articles has."""
        query = (
            "select row, json_array_length(sentences) from passages"
            " where article = ? and row is not null order by row"
        )
        return {id: dict(self._select(query, id)) for id in articles}

    def size_of(self, article: ArticleId) -> int:
        """Return how many rows an article has."""
        return len(self._rows[article])

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """How many rows each article has, by its number."""
        return np.fromiter((len(self._rows[id]) for id in self._searched), dtype=np.int64)

    @cached_property
    def _first_rows(self) -> NDArray[np.int64]:
        return np.fromiter((self._rows[id].start for id in self._searched), dtype=np.int64)

    @cached_property
    def _searched(self) -> tuple[ArticleId, ...]:
        """The articles that have rows, in the order of these: an article's number is its place."""
        found = (id for id, rows in self._rows.items() if rows)
        return tuple(sorted(found, key=lambda each: self._rows[each].start))

    def rows_of(self, article: ArticleId) -> list[IndexedPassage]:
        """Return the passages of one article that can be found, in order."""
        query = f"{_PASSAGE} where article = ? and row is not null order by start"
        return [self._row(found) for found in self._select(query, article)]

    def stems(self) -> Iterator[list[str]]:
        """Yield the stems of each row, in order of the rows."""
        for (stems,) in self._stream(_STEMS):
            require(str, stems)
            yield stems.split()

    def repeated_names(self) -> list[PassageId]:
        """Return the ids that several passages have."""
        query = "select id from passages group by id having count(*) > 1"
        return [PassageId(id) for (id,) in self._select(query)]

    def orphans(self) -> set[str]:
        """Return the articles that passages name and that are not there."""
        named = self._select("select distinct article from passages")
        return {article for (article,) in named} - self.digests.keys()

    def stems_of(self, rows: range) -> Iterator[str]:
        """Yield the stems of some rows, with blanks between them."""
        for (stems,) in self._stream(_STEMS_OF, rows.start, rows.stop - 1):
            require(str, stems)
            yield stems

    def run(self, ids: Sequence[ArticleId]) -> Run:
        """Return what some articles have that lie side by side here."""
        first, sentence, _ = self._select(f"{_END} limit 1", ids[0])[0]
        end = self._select(f"{_END} desc limit 1", ids[-1])[0]
        rows = range(self._rows[ids[0]].start, self._rows[ids[-1]].stop)
        return Run(ids, rows, range(sentence, end[1] + end[2]), (first, end[0]))

    @cached_property
    def places(self) -> Mapping[ArticleId, int]:
        """Where each article stands in the order of their ids."""
        return {id: place for place, id in enumerate(self.digests)}

    def passage(self, id: PassageId) -> Passage | None:
        """Return a passage by its id."""
        found = next(self._stream(f"{_PASSAGE} where id = ?", id), None)
        return self._passage(found) if found else None

    def passages(self, article: ArticleId) -> list[Passage]:
        """Return the passages of one article: they tile its text."""
        query = f"{_PASSAGE} where article = ? order by start"
        return [self._passage(found) for found in self._select(query, article)]

    def verify(self, sentences: int) -> None:
        """Raise IndexDamaged where a row is not of the types that were written, or out of place.

        SQLite looks at the rows: that costs less than their digests did.
        """
        for query in STRANGE_ROWS:
            for _ in self._select(query):
                raise damaged("corpus.sqlite has a row that is not as it was written")
        try:
            for _ in self._connection.execute("select title, text from articles"):
                pass  # a text that is no UTF-8 is an error
        except sqlite3.Error as error:
            raise _unusable(error) from error
        for (end,) in self._select(_LAST_SENTENCE):
            if end != sentences:
                raise damaged("corpus.sqlite has other sentences than there are vectors of")

    def _select(self, query: str, *values: object) -> list[Any]:
        """Return the rows of a query. Raises IndexUnusable."""
        return list(self._stream(query, *values))

    def _stream(self, query: str, *values: object) -> Iterator[Any]:
        """Yield the rows of a query, none of which is kept. Raises IndexUnusable."""
        try:
            yield from self._connection.execute(query, values)
        except sqlite3.Error as error:
            raise _unusable(error) from error

    def _row(self, values: Sequence[Any]) -> IndexedPassage:
        require(int, values[0], values[1])
        return IndexedPassage(values[0], values[1], self._passage(values))

    def first_passage(self, article: ArticleId) -> Passage | None:
        """Return the passage that an article begins with, None where it has none."""
        query = f"{_PASSAGE} where article = ? order by start limit 1"
        found = next(self._stream(query, article), None)
        return self._passage(found) if found else None

    def _passage(self, values: Sequence[Any]) -> Passage:
        _, _, id, article, headings, start, end, sentences = values
        require(str, id, article)
        if article not in self.digests:
            raise damaged("a passage is of no article that is there")
        place = span(start, end)
        return Passage(
            id=PassageId(id),
            article=ArticleId(article),
            headings=texts(headings),
            span=place,
            text=place.of(self.article(ArticleId(article)).text),
            sentences=tuple(span(*pair) for pair in lists(sentences, 2)),
        )

    def _read_article(self, id: ArticleId) -> Article:
        """Return an article by its id. Raises KeyError when there is none."""
        found = next(self._stream(f"{_ARTICLE} where id = ?", id), None)
        if found is None:
            raise KeyError(id)
        return _article(found)


class Articles(Sequence[Article]):
    """The articles of a corpus by their ids: each is read when it is asked for, and none is held.

    So what goes through all of them needs the memory of one.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def __len__(self) -> int:
        return len(self._corpus.digests)

    def __iter__(self) -> Iterator[Article]:
        return self._corpus.read_all()

    @overload
    def __getitem__(self, place: int) -> Article: ...
    @overload
    def __getitem__(self, place: slice) -> list[Article]: ...
    def __getitem__(self, place: int | slice) -> Article | list[Article]:
        ids = self._corpus.ids
        if isinstance(place, slice):
            return [self._corpus.article(id) for id in ids[place]]
        return self._corpus.article(ids[place])


def _article(values: Values) -> Article:
    id, title, text, meta, sections, digest, warnings, findings, copies = values
    require(str, id, title, text, digest)
    return Article(
        id=id,
        title=title,
        text=text,
        meta=_meta(meta),
        sections=_sections(sections),
        digest=digest,
        warnings=texts(warnings),
        findings=_findings(findings),
        copies=tuple(map(ArticleId, texts(copies))),
    )


def _unusable(error: sqlite3.Error) -> IndexUnusable:
    """Return what an error of SQLite means for the index: trouble that may pass, or damage."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING:
        return unreadable("corpus.sqlite", OSError(str(error)))
    what = getattr(error, "sqlite_errorname", type(error).__name__)
    return damaged(f"the articles in the index cannot be read ({what})")


def _meta(data: object) -> Meta:
    try:
        return read_record(Meta, parsed(data, dict))
    except ValueError as error:
        raise damaged(f"corpus.sqlite: {error}") from error


def _sections(data: object) -> tuple[Section, ...]:
    found = lists(data, 5)
    require(list, *(headings for headings, *_ in found))
    require(str, *(heading for headings, *_ in found for heading in headings))
    return tuple(
        Section(tuple(headings), span(start, end), span(prose, prose_end))
        for headings, start, end, prose, prose_end in found
    )


def _findings(data: object) -> tuple[Finding, ...]:
    try:
        found = [(Rule(rule), *rest) for rule, *rest in lists(data, 5)]
    except ValueError as error:
        raise damaged(f"corpus.sqlite: {error}") from error
    require(str, *(text for _, text, *_ in found))
    require(int, *(year for *_, year in found if year is not None))
    return tuple(
        Finding(rule, text, span(start, end), year) for rule, text, start, end, year in found
    )
