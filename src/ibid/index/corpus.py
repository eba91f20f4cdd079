"""The articles and passages of an index, read from the tables of its volumes."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from ibid.index.cells import article_of, findings_of, lists, meta_of, require, span, texts
from ibid.index.corpus_volume import ARTICLE, CorpusVolume, Stored
from ibid.storage import damaged
from ibid.types import Article, ArticleId, Described, Finding, Passage, PassageId

_PASSAGE = (
    'select row, first_sentence, id, article, headings, start, "end", sentences from passages'
)
_STORED = (
    'select id, article, headings, start, "end", sentences, stems, json_array_length(sentences)'
    " from passages where article = ? order by start"
)
_BOUNDS = (
    "select min(first_sentence), max(first_sentence + json_array_length(sentences))"
    " from passages where article = ?"
)
_STEMS = "select stems from passages where row is not null order by row"


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """A passage that can be found: its row in the indexes, and where its sentences' rows begin."""

    number: int
    first_sentence: int
    passage: Passage


class Corpus:
    """Articles and passages, read from tables that never change.

    There is one for each volume: their articles follow one another in the order of the ids.
    """

    def __init__(self, *volumes: CorpusVolume) -> None:
        self.volumes: Sequence[CorpusVolume] = volumes
        digests, rows = dict[ArticleId, str](), dict[ArticleId, range]()
        self._volume_of = dict[ArticleId, CorpusVolume]()
        for volume in self.volumes:
            digests |= volume.digests
            rows |= volume.rows_of
            self._volume_of |= dict.fromkeys(volume.digests, volume)
        self.digests: Mapping[ArticleId, str] = digests
        self._rows: Mapping[ArticleId, range] = rows
        self.article = lru_cache(maxsize=256)(self._read_article)

    @property
    def ids(self) -> tuple[ArticleId, ...]:
        return tuple(self.digests)

    @property
    def sentences(self) -> int:
        """How many sentences the passages that can be found have."""
        return self.volumes[-1].sentences.stop if self.volumes else 0

    @cached_property
    def warnings(self) -> Mapping[ArticleId, tuple[str, ...]]:
        """What reading said of the articles that it said something of."""
        query = "select id, warnings from articles where warnings != '[]'"
        return {ArticleId(id): texts(warnings) for id, warnings in self._stream(query)}

    @cached_property
    def copies(self) -> Mapping[ArticleId, tuple[ArticleId, ...]]:
        """The articles that have copies, and those."""
        query = "select id, copies from articles where copies != '[]'"
        return {ArticleId(id): tuple(map(ArticleId, texts(ids))) for id, ids in self._stream(query)}

    @cached_property
    def references(self) -> Mapping[ArticleId, str]:
        """The articles that a file of references describes, and which entry of it does."""
        query = """select id, meta from articles where instr(meta, '"reference": ""') = 0"""
        return {ArticleId(id): meta_of(meta).reference for id, meta in self._stream(query)}

    @cached_property
    def originals(self) -> Mapping[ArticleId, ArticleId]:
        """The articles that copies are of."""
        return {copy: of for of, copies in self.copies.items() for copy in copies}

    @cached_property
    def passage_counts(self) -> Mapping[ArticleId, int]:
        """How many passages each article is cut into."""
        query = "select article, count(*) from passages group by article"
        return {ArticleId(id): number for id, number in self._stream(query)}

    @property
    def articles(self) -> "Articles":
        """All articles, each read when its turn comes."""
        return Articles(self)

    def findings(self) -> Iterator[tuple[ArticleId, tuple[Finding, ...]]]:
        """Yield what is noteworthy about each article by itself, in order of their ids."""
        query = "select id, findings from articles order by id"
        for id, findings in self._stream(query):
            yield ArticleId(id), findings_of(findings)

    def read_all(self) -> Iterator[Article]:
        """Yield the articles in order of their ids; none is kept."""
        for values in self._stream(f"{ARTICLE} order by id"):
            yield article_of(values)

    def rows(self, rows: Sequence[int]) -> list[IndexedPassage]:
        """Return the passages of `rows`, in that order."""
        return [self.row(row) for row in rows]

    def row(self, row: int) -> IndexedPassage:
        """Return the passage of one row."""
        volume = self.volumes[bisect_right(self._starts, row) - 1]
        for record in volume.select(f"{_PASSAGE} where row = ?", row - volume.rows.start):
            return self._row(volume, record)
        raise damaged(f"corpus.sqlite has no row {row}")

    @cached_property
    def described(self) -> tuple[Described, ...]:
        """The articles without their texts, in order of their ids."""
        records = self._stream("select id, title, meta from articles order by id")
        return tuple(
            Described(ArticleId(id), title, meta_of(meta), self.copies.get(id, ()))
            for id, title, meta in records
        )

    def article_numbers(self, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of the article that each of some rows is of, for `sizes`."""
        return np.searchsorted(self._first_rows, rows, side="right") - 1

    def articles_of(self, rows: Collection[int]) -> set[ArticleId]:
        """Return the articles that some rows are of."""
        return {
            self._searched[number] for number in np.unique(self.article_numbers([*rows])).tolist()
        }

    def row_numbers(self, articles: Collection[ArticleId]) -> frozenset[int]:
        """Return the rows of some articles."""
        return frozenset(row for id in articles for row in self._rows.get(id, ()))

    def count_sentences(self, articles: Iterable[ArticleId]) -> dict[ArticleId, dict[int, int]]:
        """Return how many sentences each row of some articles has."""
        query = (
            "select row + ?, json_array_length(sentences) from passages"
            " where article = ? and row is not null order by row"
        )
        homes = {id: self._volume_of[id] for id in articles}
        return {id: dict(home.select(query, home.rows.start, id)) for id, home in homes.items()}

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
    def _starts(self) -> Sequence[int]:
        """The first row of each volume."""
        return [volume.rows.start for volume in self.volumes]

    @cached_property
    def _searched(self) -> tuple[ArticleId, ...]:
        """The articles that have rows, in the order of these: an article's number is its place."""
        ids = (id for id, rows in self._rows.items() if rows)
        return tuple(sorted(ids, key=lambda article: self._rows[article].start))

    def rows_of(self, article: ArticleId) -> list[IndexedPassage]:
        """Return the passages of one article that can be found, in order."""
        query = f"{_PASSAGE} where article = ? and row is not null order by start"
        volume = self._volume_of[article]
        return [self._row(volume, record) for record in volume.stream(query, article)]

    def stems(self) -> Iterator[list[str]]:
        """Yield the stems of each row, in order of the rows."""
        for (stems,) in self._stream(_STEMS):
            require(str, stems)
            yield stems.split()

    def repeated_names(self) -> list[PassageId]:
        """Return the ids that several passages have."""
        names = Counter(id for (id,) in self._stream("select id from passages"))
        return [PassageId(id) for id, number in names.items() if number > 1]

    def orphans(self) -> set[str]:
        """Return the articles that passages name and that are not there."""
        names = self._stream("select distinct article from passages")
        return {article for (article,) in names} - self.digests.keys()

    def between(self, first: ArticleId, last: ArticleId) -> tuple[range, range]:
        """Return the rows and the sentences of the articles from one to another."""
        start, stop = self._sentences_of(first).start, self._sentences_of(last).stop
        return range(self._rows[first].start, self._rows[last].stop), range(start, stop)

    def _sentences_of(self, id: ArticleId) -> range:
        """Return which of all sentences an article has."""
        volume = self._volume_of[id]
        ((first, end),) = volume.select(_BOUNDS, id)
        return range(volume.sentences.start + first, volume.sentences.start + end)

    @cached_property
    def places(self) -> Mapping[ArticleId, int]:
        """Where each article stands in the order of their ids."""
        return {id: place for place, id in enumerate(self.digests)}

    def stored(self, id: ArticleId) -> Stored:
        """Return an article as it is written into another volume."""
        volume = self._volume_of[id]
        article = volume.select(f"{ARTICLE} where id = ?", id)[0]
        return Stored(article, volume.select(_STORED, id))

    def passage(self, id: PassageId) -> Passage | None:
        """Return a passage by its id."""
        record = next(self._stream(f"{_PASSAGE} where id = ?", id), None)
        return self._passage(record) if record else None

    def passages(self, article: ArticleId) -> list[Passage]:
        """Return the passages of one article: they tile its text."""
        query = f"{_PASSAGE} where article = ? order by start"
        return [self._passage(record) for record in self._volume_of[article].stream(query, article)]

    def verify(self, volumes: Iterable[int]) -> None:
        """Raise IndexDamaged where a cell of some volumes is not of the type that was written."""
        for number in volumes:
            self.volumes[number].verify()

    def _stream(self, query: str, *values: object) -> Iterator[Any]:
        """Yield the rows of a query to each volume, none of which is kept. Raises IndexUnusable."""
        for volume in self.volumes:
            yield from volume.stream(query, *values)

    def _row(self, volume: CorpusVolume, values: Sequence[Any]) -> IndexedPassage:
        row, first_sentence, *_ = values
        require(int, row, first_sentence)
        return IndexedPassage(
            volume.rows.start + row,
            volume.sentences.start + first_sentence,
            self._passage(values),
        )

    def first_passage(self, article: ArticleId) -> Passage | None:
        """Return the passage that an article begins with, None where it has none."""
        query = f"{_PASSAGE} where article = ? order by start limit 1"
        record = next(self._volume_of[article].stream(query, article), None)
        return self._passage(record) if record else None

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
        record = next(self._volume_of[id].stream(f"{ARTICLE} where id = ?", id))
        return article_of(record)


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
