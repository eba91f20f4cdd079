"""Writes a volume of a corpus: articles that were read, and those that the last corpus has."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from weakref import finalize

from ibid.index.corpus_volume import Stored, Values
from ibid.types import Article, ArticleId, Passage, Span

_SCHEMA = """
create table articles (
  id text primary key, first_row integer not null, rows integer not null,
  title text not null, meta text not null, digest text not null, warnings text not null,
  copies text not null,
  sections text not null, findings text not null, text text not null
) without rowid; -- what is long comes last: SQLite reads a row up to the column it needs
create table passages (
  row integer unique, first_sentence integer not null,
  id text not null unique, article text not null, headings text not null,
  start integer not null, end integer not null, sentences text not null, stems text not null
);
create index passages_by_article on passages (article, start, row);
"""
_ADD_ARTICLE = (
    "insert into articles (id, title, text, meta, sections, digest, warnings, findings, copies,"
    " first_row, rows) values (?,?,?,?,?,?,?,?,?,?,?)"
)
_ADD_PASSAGE = "insert into passages values (?,?,?,?,?,?,?,?,?)"


class CorpusWriter:
    """Writes a volume article by article, as a SQLite database on the disk.

    Passages with sentences are numbered by `row`, their sentences by a running count: the rows of
    the vector and word indexes of the volume. The file is scratch: nobody relies on it before it is
    moved.
    """

    def __init__(self, path: Path) -> None:
        # one thread uses it, and another may be the one that clears it away
        self._connection = sqlite3.connect(path, check_same_thread=False)
        finalize(self, self._connection.close)
        self._connection.execute("pragma journal_mode = off")
        self._connection.execute("pragma synchronous = off")
        self._connection.executescript(_SCHEMA)
        self.rows = self.sentences = 0

    def add(self, stored: Stored) -> None:
        """Add an article with its passages."""
        first = self.rows
        self._connection.executemany(_ADD_PASSAGE, self._numbered(stored.passages))
        self._connection.execute(_ADD_ARTICLE, (*stored.article, first, self.rows - first))

    def _numbered(self, passages: Sequence[Values]) -> Iterator[Values]:
        for *values, sentences in passages:
            yield (self.rows if sentences else None, self.sentences, *values)
            self.rows += bool(sentences)
            self.sentences += sentences

    def close(self) -> None:
        """Write what is left."""
        self._connection.commit()
        self._connection.close()


def store(article: Article, passages: Sequence[Passage], stems: Sequence[str]) -> Stored:
    """Return how an article is stored; `stems` has those of each passage, with blanks between."""
    pairs = zip(passages, stems, strict=True)
    return Stored(_article_values(article), [_passage_values(*pair) for pair in pairs])


def with_copies(stored: Stored, copies: Sequence[ArticleId]) -> Stored:
    """Return how an article is stored that has other copies now."""
    return Stored((*stored.article[:-1], json.dumps(copies)), stored.passages)


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


def _passage_values(passage: Passage, stems: str) -> tuple[object, ...]:
    return (
        passage.id,
        passage.article,
        json.dumps(passage.headings),
        *_pair(passage.span),
        json.dumps([_pair(span) for span in passage.sentences]),
        stems,
        len(passage.sentences),
    )


def _pair(span: Span) -> tuple[int, int]:
    return span.start, span.end
