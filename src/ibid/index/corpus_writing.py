"""Writes a corpus: articles that were read, and runs of those that the last corpus has."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from weakref import finalize

from ibid.index.corpus import Corpus, Run, Values
from ibid.types import Article, ArticleId, Passage, Span

_SCHEMA = """
create table articles (
  id text primary key, first_row integer not null, rows integer not null,
  title text not null, meta text not null, digest text not null, warnings text not null,
  copies text not null,
  sections text not null, findings text not null, text text not null
) without rowid; -- what is long comes last: SQLite reads a row up to the column it needs
create table passages (
  place integer primary key, row integer unique, first_sentence integer not null,
  id text not null unique, article text not null, headings text not null,
  start integer not null, end integer not null, sentences text not null, stems text not null
);
create index passages_by_article on passages (article, start, row);
"""
_ADD_ARTICLE = (
    "insert into articles (id, title, text, meta, sections, digest, warnings, findings, copies,"
    " first_row, rows) values (?,?,?,?,?,?,?,?,?,?,?)"
)
_ADD_PASSAGE = "insert into passages values (null,?,?,?,?,?,?,?,?,?)"
_COPY_ARTICLES = (
    "insert into articles select id, first_row + ?, rows, title, meta, digest, warnings,"
    " coalesce(?, copies), sections, findings, text from last.articles"
    " where id between ? and ? order by id"
)
_COPY_PASSAGES = (
    "insert into passages select null, row + ?, first_sentence + ?, id, article, headings, start,"
    " end, sentences, stems from last.passages where place between ? and ? order by place"
)
_TOGETHER = 32
"""Articles that are written behind all their passages: so the file is the same however many of them
are copied at once."""


class CorpusWriter:
    """Writes a corpus article by article, as a SQLite database on the disk.

    Passages with sentences are numbered by `row`, their sentences by a running count: the rows of
    the vector and word indexes. The file is scratch: nobody relies on it before it is copied.
    """

    def __init__(self, path: Path, last: Corpus | None = None) -> None:
        # one thread uses it, and another may be the one that clears it away
        self._connection = sqlite3.connect(path, check_same_thread=False, uri=True)
        finalize(self, self._connection.close)
        self._connection.execute("pragma journal_mode = off")
        self._connection.execute("pragma synchronous = off")
        if last:
            self._connection.execute("attach database ? as last", (last.uri,))
        self._connection.executescript(_SCHEMA)
        self._waiting: list[tuple[str, Values]] = []
        self.articles = self.rows = self.sentences = 0

    def add(self, article: Article, passages: Sequence[Passage], stems: Sequence[str]) -> None:
        """Add an article; `stems` has those of each passage, with blanks between them."""
        rows = [
            (*_passage_values(passage), found, len(passage.sentences))
            for passage, found in zip(passages, stems, strict=True)
        ]
        first = self.rows
        self._connection.executemany(_ADD_PASSAGE, self._numbered(rows))
        self._note(1, _ADD_ARTICLE, (*_article_values(article), first, self.rows - first))

    def copy(
        self, last: Corpus, ids: Sequence[ArticleId], copies: Sequence[ArticleId] | None = None
    ) -> Iterator[Run]:
        """Add articles that lie side by side in the last corpus, and yield what they have there.

        A single one may have other copies now.
        """
        while ids:
            room = _TOGETHER - self.articles % _TOGETHER
            yield self._copy(last.run(ids[:room]), copies)
            ids = ids[room:]

    def _copy(self, run: Run, copies: Sequence[ArticleId] | None) -> Run:
        by, sentences = self.rows - run.rows.start, self.sentences - run.sentences.start
        self._connection.execute(_COPY_PASSAGES, (by, sentences, *run.places))
        self.rows += len(run.rows)
        self.sentences += len(run.sentences)
        said = None if copies is None else json.dumps(copies)
        self._note(len(run.ids), _COPY_ARTICLES, (by, said, run.ids[0], run.ids[-1]))
        return run

    def _note(self, articles: int, statement: str, values: Values) -> None:
        """Note how some articles are to be written, once all passages before them are there."""
        self._waiting.append((statement, values))
        self.articles += articles
        if self.articles % _TOGETHER == 0:
            self._write_articles()

    def _write_articles(self) -> None:
        for statement, values in self._waiting:
            self._connection.execute(statement, values)
        self._waiting.clear()

    def _numbered(self, passages: Iterable[Sequence[Any]]) -> Iterator[Values]:
        for *values, sentences in passages:
            yield (self.rows if sentences else None, self.sentences, *values)
            self.rows += bool(sentences)
            self.sentences += sentences

    def close(self) -> None:
        """Write what is left."""
        self._write_articles()
        self._connection.commit()
        self._connection.close()


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
        json.dumps(article.copies),
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
