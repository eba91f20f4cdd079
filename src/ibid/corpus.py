"""The articles and passages of an index, in one SQLite file that is written once."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, overload
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from ibid.errors import IndexDamaged
from ibid.filtering import Described
from ibid.types import Article, ArticleId, Finding, Meta, Passage, PassageId, Rule, Section, Span

_ARTICLE = (
    "select id, title, text, meta, sections, digest, warnings, findings, copies from articles"
)
_PASSAGE = "select row, first_sentence, id, article, headings, start, end, sentences from passages"
_END = (
    "select place, first_sentence, json_array_length(sentences) from passages where article = ?"
    " order by start"
)
_STEMS = "select stems from passages where row is not null order by row"
_STEMS_OF = "select stems from passages where row between ? and ? order by row"

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Row:
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
            query = "select id, digest, first_row, rows from articles order by id"
            found: list[Any] = self._connection.execute(query).fetchall()
        except sqlite3.Error as error:
            message = "the articles in the index cannot be read"
            raise IndexDamaged(message, hint="ibid build") from error
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
        return {
            ArticleId(id): tuple(json.loads(said)) for id, said in self._connection.execute(query)
        }

    @cached_property
    def copies(self) -> Mapping[ArticleId, tuple[ArticleId, ...]]:
        """The articles that have copies, and those."""
        query = "select id, copies from articles where copies != '[]'"
        return {
            ArticleId(id): tuple(json.loads(ids)) for id, ids in self._connection.execute(query)
        }

    @cached_property
    def originals(self) -> Mapping[ArticleId, ArticleId]:
        """The articles that copies are of."""
        return {copy: of for of, copies in self.copies.items() for copy in copies}

    @cached_property
    def passage_counts(self) -> Mapping[ArticleId, int]:
        """How many passages each article is cut into."""
        query = "select article, count(*) from passages group by article"
        return {ArticleId(id): number for id, number in self._connection.execute(query)}

    @property
    def articles(self) -> "Articles":
        """All articles, each read when its turn comes."""
        return Articles(self)

    def findings(self) -> Iterator[tuple[ArticleId, tuple[Finding, ...]]]:
        """Yield what is noteworthy about each article by itself, in order of their ids."""
        query = "select id, findings from articles order by id"
        for id, findings in self._connection.execute(query):
            yield ArticleId(id), _findings(findings)

    def read_all(self) -> Iterator[Article]:
        """Yield the articles in order of their ids; none is kept."""
        for values in self._connection.execute(f"{_ARTICLE} order by id"):
            yield _article(values)

    def rows(self, rows: Sequence[int]) -> list[Row]:
        """Return the passages of `rows`, in that order."""
        return [self.row(row) for row in rows]

    def row(self, row: int) -> Row:
        """Return the passage of one row."""
        found = self._connection.execute(f"{_PASSAGE} where row = ?", (row,)).fetchone()
        return Row(found[0], found[1], self._passage(found))

    @cached_property
    def described(self) -> tuple[Described, ...]:
        """The articles without their texts, in order of their ids."""
        found = self._connection.execute("select id, title, meta from articles order by id")
        return tuple(
            Described(id, title, _meta(meta), self.copies.get(id, ())) for id, title, meta in found
        )

    def article_numbers(self, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of the article that each of some rows is of, for `sizes`."""
        return np.searchsorted(self._first_rows, rows, side="right") - 1

    def articles_of(self, rows: Collection[int]) -> set[ArticleId]:
        """Return the articles that some rows are of."""
        return {self._searched[each] for each in np.unique(self.article_numbers([*rows])).tolist()}

    def row_numbers(self, articles: Collection[ArticleId]) -> frozenset[int]:
        """Return the rows of some articles."""
        return frozenset(row for id in articles for row in self._rows.get(id, ()))

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

    def rows_of(self, article: ArticleId) -> list[Row]:
        """Return the passages of one article that can be found, in order."""
        query = f"{_PASSAGE} where article = ? and row is not null order by start"
        found = self._connection.execute(query, (article,))
        return [Row(values[0], values[1], self._passage(values)) for values in found]

    def stems(self) -> Iterator[list[str]]:
        """Yield the stems of each row, in order of the rows."""
        for (stems,) in self._connection.execute(_STEMS):
            yield stems.split()

    def repeated_names(self) -> list[PassageId]:
        """Return the ids that several passages have."""
        query = "select id from passages group by id having count(*) > 1"
        return [PassageId(id) for (id,) in self._connection.execute(query)]

    def orphans(self) -> set[str]:
        """Return the articles that passages name and that are not there."""
        named = self._connection.execute("select distinct article from passages")
        return {article for (article,) in named} - self.digests.keys()

    def stems_of(self, rows: range) -> Iterator[str]:
        """Yield the stems of some rows, with blanks between them."""
        for (stems,) in self._connection.execute(_STEMS_OF, (rows.start, rows.stop - 1)):
            yield stems

    def run(self, ids: Sequence[ArticleId]) -> Run:
        """Return what some articles have that lie side by side here."""
        first, sentence, _ = self._connection.execute(f"{_END} limit 1", (ids[0],)).fetchone()
        end = self._connection.execute(f"{_END} desc limit 1", (ids[-1],)).fetchone()
        rows = range(self._rows[ids[0]].start, self._rows[ids[-1]].stop)
        return Run(ids, rows, range(sentence, end[1] + end[2]), (first, end[0]))

    @cached_property
    def places(self) -> Mapping[ArticleId, int]:
        """Where each article stands in the order of their ids."""
        return {id: place for place, id in enumerate(self.digests)}

    def passage(self, id: PassageId) -> Passage | None:
        """Return a passage by its id."""
        found = self._connection.execute(f"{_PASSAGE} where id = ?", (id,)).fetchone()
        return self._passage(found) if found else None

    def passages(self, article: ArticleId) -> list[Passage]:
        """Return the passages of one article: they tile its text."""
        query = f"{_PASSAGE} where article = ? order by start"
        return [self._passage(found) for found in self._connection.execute(query, (article,))]

    def _passage(self, values: Sequence[Any]) -> Passage:
        _, _, id, article, headings, start, end, sentences = values
        span = Span(start, end)
        return Passage(
            id=PassageId(id),
            article=ArticleId(article),
            headings=tuple(json.loads(headings)),
            span=span,
            text=span.of(self.article(ArticleId(article)).text),
            sentences=tuple(Span(*pair) for pair in json.loads(sentences)),
        )

    def _read_article(self, id: ArticleId) -> Article:
        """Return an article by its id. Raises KeyError when there is none."""
        found = self._connection.execute(f"{_ARTICLE} where id = ?", (id,)).fetchone()
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
    return Article(
        id=id,
        title=title,
        text=text,
        meta=_meta(meta),
        sections=_sections(sections),
        digest=digest,
        warnings=tuple(json.loads(warnings)),
        findings=_findings(findings),
        copies=tuple(map(ArticleId, json.loads(copies))),
    )


def _meta(data: str) -> Meta:
    values: dict[str, Any] = json.loads(data)
    values["tags"], values["keywords"] = tuple(values["tags"]), tuple(values["keywords"])
    return Meta(**values)


def _sections(data: str) -> tuple[Section, ...]:
    return tuple(
        Section(tuple(headings), Span(start, end), Span(prose, prose_end))
        for headings, start, end, prose, prose_end in json.loads(data)
    )


def _findings(data: str) -> tuple[Finding, ...]:
    return tuple(
        Finding(Rule(rule), text, Span(start, end), year)
        for rule, text, start, end, year in json.loads(data)
    )
