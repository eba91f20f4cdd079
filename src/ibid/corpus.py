"""The articles and passages of an index, in one SQLite image that is written once."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any
from weakref import finalize

from ibid.errors import IndexDamaged
from ibid.types import Article, ArticleId, Finding, Meta, Passage, PassageId, Rule, Section, Span

_SCHEMA = """
create table articles (
  id text primary key, title text not null, text text not null, meta text not null,
  sections text not null, digest text not null, warnings text not null,
  findings text not null
) without rowid;
create table passages (
  place integer primary key, row integer unique, id text not null unique,
  article text not null, headings text not null, start integer not null, end integer not null,
  sentences text not null, first_sentence integer not null
);
create index passages_by_article on passages (article, start);
"""
_ADD_ARTICLE = "insert into articles values (?,?,?,?,?,?,?,?)"
_ADD_PASSAGE = "insert into passages values (?,?,?,?,?,?,?,?,?)"
_ARTICLE = "select title, text, meta, sections, digest, warnings, findings from articles"
_PASSAGE = "select id, article, headings, start, end, sentences, first_sentence from passages"


@dataclass(frozen=True, slots=True)
class Row:
    """A passage that can be found, and where its sentences' vectors begin."""

    passage: Passage
    first_sentence: int


def dump_corpus(articles: Iterable[tuple[Article, Sequence[Passage]]]) -> bytes:
    """Return the corpus as the bytes of a SQLite database.

    Passages with sentences are numbered by `row`, their sentences by a running count: the rows of
    the vector and word indexes.
    """
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(_SCHEMA)
        row = sentences = 0
        for article, passages in articles:
            connection.execute(_ADD_ARTICLE, _article_values(article))
            for passage in passages:
                number = row if passage.sentences else None
                values = (None, number, *_passage_values(passage), sentences)
                connection.execute(_ADD_PASSAGE, values)
                row += bool(passage.sentences)
                sentences += len(passage.sentences)
        connection.commit()
        return connection.serialize()


class Corpus:
    """Articles and passages, read from bytes whose digest had been verified."""

    def __init__(self, data: bytes) -> None:
        # One connection for all threads: SQLite serialises them, and nobody writes.
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        finalize(self, self._connection.close)
        try:
            self._connection.deserialize(data)
            self.ids: tuple[ArticleId, ...] = tuple(
                ArticleId(id) for (id,) in self._connection.execute("select id from articles")
            )
        except sqlite3.Error as error:
            message = "the articles in the index cannot be read"
            raise IndexDamaged(message, hint="ibid build") from error
        self.article = lru_cache(maxsize=256)(self._read_article)

    def rows(self, rows: Sequence[int]) -> list[Row]:
        """Return the passages of `rows`, in that order."""
        return [self._row(row) for row in rows]

    def passage(self, id: PassageId) -> Passage | None:
        """Return a passage by its id."""
        found = self._connection.execute(f"{_PASSAGE} where id = ?", (id,)).fetchone()
        return self._passage(found) if found else None

    def passages(self, article: ArticleId) -> list[Passage]:
        """Return the passages of one article: they tile its text."""
        query = f"{_PASSAGE} where article = ? order by start"
        return [self._passage(found) for found in self._connection.execute(query, (article,))]

    def _row(self, row: int) -> Row:
        found = self._connection.execute(f"{_PASSAGE} where row = ?", (row,)).fetchone()
        return Row(self._passage(found), first_sentence=found[-1])

    def _passage(self, values: Sequence[Any]) -> Passage:
        id, article, headings, start, end, sentences, _ = values
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
        title, text, meta, sections, digest, warnings, findings = found
        return Article(
            id=id,
            title=title,
            text=text,
            meta=_meta(meta),
            sections=_sections(sections),
            digest=digest,
            warnings=tuple(json.loads(warnings)),
            findings=_findings(findings),
        )


def _article_values(article: Article) -> tuple[str, ...]:
    sections = [[s.headings, *_pair(s.span), *_pair(s.prose)] for s in article.sections]
    findings = [[f.rule, f.text, *_pair(f.span), f.year] for f in article.findings]
    return (
        article.id,
        article.title,
        article.text,
        json.dumps(asdict(article.meta)),
        json.dumps(sections),
        article.digest,
        json.dumps(article.warnings),
        json.dumps(findings),
    )


def _passage_values(passage: Passage) -> tuple[object, ...]:
    sentences = json.dumps([_pair(span) for span in passage.sentences])
    return (
        passage.id,
        passage.article,
        json.dumps(passage.headings),
        *_pair(passage.span),
        sentences,
    )


def _pair(span: Span) -> tuple[int, int]:
    return span.start, span.end


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
