"""Articles and passages come back from the corpus as they went in."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibid.adapters.langchain_splitter import split_long_text
from ibid.errors import IndexDamaged
from ibid.index.corpus import Corpus
from ibid.index.corpus_volume import open_volumes
from ibid.index.corpus_writing import CorpusWriter, store, with_copies
from ibid.index.passages import cut_passages
from ibid.reading.article import read_article
from ibid.reading.lint import lint_article
from ibid.types.articles import Article, ArticleId, Passage

TEXT = """---
title: "Cider: a history"
author: Ana
date: 2025-08-31
tags: [fruit, drink]
---
# Cider

Cider is pressed. It ferments for weeks.

## Bottles

By 2024 (TODO) bottles are brown\u2028or green. \U0001f34e is an apple.
"""


def open_corpus(data: bytes) -> Corpus:
    """Return the corpus of a file that is gone once it is open."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "corpus ?#%.sqlite"
        path.write_bytes(data)
        return Corpus(*open_volumes([path]))


def dump_corpus(articles: Sequence[tuple[Article, tuple[Passage, ...]]]) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "corpus.sqlite"
        writer = CorpusWriter(path)
        for article, passages in articles:
            writer.add(store(article, passages, ["stem"] * len(passages)))
        writer.close()
        return path.read_bytes()


def read(*texts: str) -> list[tuple[Article, tuple[Passage, ...]]]:
    named = ((ArticleId(f"{number}.md"), text) for number, text in enumerate(texts))
    articles = [_linted(read_article(id, text.encode("utf-8"))) for id, text in named]
    return [(article, cut_passages(article, split_long_text)) for article in articles]


def _linted(article: Article) -> Article:
    return replace(article, findings=lint_article(article))


def assert_same(written: list[tuple[Article, tuple[Passage, ...]]], corpus: Corpus) -> None:
    for article, passages in written:
        assert corpus.article(article.id) == article
        assert tuple(corpus.passages(article.id)) == passages
        assert "".join(passage.text for passage in passages) == article.text
        assert [corpus.passage(passage.id) for passage in passages] == list(passages)


def test_articles_and_passages_come_back_as_they_were():
    written = read(TEXT, "Plain text. Two sentences.", "# Empty heading\n")
    corpus = open_corpus(dump_corpus(written))
    assert corpus.ids == ("0.md", "1.md", "2.md")
    assert_same(written, corpus)
    assert corpus.article(ArticleId("0.md")).meta.tags == ("fruit", "drink")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), max_size=3))
def test_any_text_comes_back_as_it_was(texts: list[str]):
    written = read(*(text.replace("\0", "") for text in texts))
    assert_same(written, open_corpus(dump_corpus(written)))


def test_rows_number_the_passages_that_have_sentences_and_count_the_sentences():
    written = read(TEXT, "# Only a heading\n", TEXT)
    corpus = open_corpus(dump_corpus(written))
    searched = [p for _, passages in written for p in passages if p.sentences]
    rows = corpus.rows(range(len(searched)))
    assert [row.passage for row in rows] == searched
    first = 0
    for row in rows:
        assert row.first_sentence == first
        first += len(row.passage.sentences)
    assert [row.passage for row in corpus.rows([2, 0])] == [searched[2], searched[0]]


def test_each_row_is_known_to_be_of_its_article_whatever_the_order_and_those_without_rows():
    empty, long = "# Only a heading\n", "Text. More text.\n\n" * 99
    written = read(empty, TEXT, empty, long, empty, TEXT, empty)
    for order in (written, written[::-1], written[3:] + written[:3]):
        corpus = open_corpus(dump_corpus(order))
        rows = {
            article.id: [row.number for row in corpus.rows_of(article.id)] for article, _ in order
        }
        of = {row: id for id, numbers in rows.items() for row in numbers}
        assert len(of) > 5
        assert {row: corpus.articles_of([row]) for row in of} == {row: {of[row]} for row in of}
        assert corpus.articles_of(list(of)) == set(of.values())
        numbers = corpus.article_numbers(list(of))
        assert corpus.sizes[numbers].tolist() == [len(rows[of[row]]) for row in of]
        assert {id: corpus.size_of(id) for id in rows} == {id: len(rows[id]) for id in rows}
        assert {id: corpus.row_numbers([id]) for id in rows} == {
            id: frozenset(numbers) for id, numbers in rows.items()
        }


def test_an_unknown_article_is_a_key_error_and_an_unknown_passage_is_none():
    corpus = open_corpus(dump_corpus([]))
    assert corpus.ids == ()
    with pytest.raises(KeyError):
        corpus.article(ArticleId("no.md"))
    assert corpus.passage(read(TEXT)[0][1][0].id) is None


@pytest.mark.parametrize("data", [b"not a database", dump_corpus([])[:100]])
def test_bytes_that_are_no_corpus_are_refused(data: bytes):
    with pytest.raises(IndexDamaged, match="articles in the index"):
        open_corpus(data)


def test_threads_read_one_corpus_at_once():
    written = read(*(f"# Number {n}\n\nThis is text {n}. It says {n}." for n in range(300)))
    corpus = open_corpus(dump_corpus(written))
    with ThreadPoolExecutor(8) as threads:
        for found in threads.map(lambda _: [corpus.article(a.id) for a, _ in written], range(8)):
            assert found == [article for article, _ in written]


def write_volumes(folder: Path, *volumes: Sequence[tuple[Article, tuple[Passage, ...]]]) -> Corpus:
    paths = [folder / f"{number}.sqlite" for number in range(len(volumes))]
    for path, volume in zip(paths, volumes, strict=True):
        path.write_bytes(dump_corpus(volume))
    return Corpus(*open_volumes(paths))


def test_volumes_are_read_as_one_corpus(tmp_path: Path):
    written = read(*(f"{TEXT}\n\nThis is number {number}.\n" for number in range(9)))
    whole = open_corpus(dump_corpus(written))
    corpus = write_volumes(tmp_path, written[:2], [], written[2:3], written[3:], [])
    assert_same(written, corpus)
    assert (corpus.ids, corpus.digests, corpus.sentences) == (
        whole.ids,
        whole.digests,
        whole.sentences,
    )
    assert list(corpus.articles) == list(whole.articles)
    assert corpus.described == whole.described
    assert corpus.count_sentences(corpus.ids) == whole.count_sentences(whole.ids)
    rows = range(int(whole.sizes.sum()))
    assert corpus.rows(rows) == whole.rows(rows)
    assert corpus.sizes.tolist() == whole.sizes.tolist()
    for id in whole.ids:
        assert corpus.rows_of(id) == whole.rows_of(id)
        assert corpus.between(id, whole.ids[-1]) == whole.between(id, whole.ids[-1])


def test_copied_articles_are_as_if_they_had_been_read_again(tmp_path: Path):
    written = read(*(f"{TEXT}\n\nThis is number {number}.\n" for number in range(9)))
    last = write_volumes(tmp_path, written[:5], written[5:])
    writer = CorpusWriter(tmp_path / "corpus.sqlite")
    for id in last.ids[1:8]:
        writer.add(last.stored(id))
    writer.close()
    assert (tmp_path / "corpus.sqlite").read_bytes() == dump_corpus(written[1:8])


def test_a_copied_article_may_have_other_copies(tmp_path: Path):
    written = read(TEXT, "Plain text. Two sentences.")
    last, copies = write_volumes(tmp_path, written), (ArticleId("2.md"),)
    writer = CorpusWriter(tmp_path / "corpus.sqlite")
    writer.add(with_copies(last.stored(last.ids[1]), copies))
    writer.close()
    article = replace(written[1][0], copies=copies)
    assert (tmp_path / "corpus.sqlite").read_bytes() == dump_corpus([(article, written[1][1])])


def test_a_writer_may_be_cleared_away_by_another_thread(tmp_path: Path):
    writer = CorpusWriter(tmp_path / "corpus.sqlite")
    with ThreadPoolExecutor(1) as other:
        other.submit(writer._connection.close).result()  # what its finalizer does
