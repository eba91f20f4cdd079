"""The word index against BM25 worked out by hand."""

import gc
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from conftest import ROOT
from ibid.adapters.indexes.tantivy_index import TantivyIndex, TantivyWriter
from ibid.english.words import K1, inverse_document_frequency, stems
from ibid.errors import IndexDamaged
from ibid.index.words import indexed_stems, list_explained, with_about
from ibid.library import Library

B = 0.75
Texts = Sequence[Sequence[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "words").mkdir()
    return tmp_path / "words"


def write(folder: Path, texts: Texts) -> TantivyIndex:
    with TemporaryDirectory() as scratch:
        writer = TantivyWriter(Path(scratch) / "words")
        for text in texts:
            writer.add(" ".join(text))
        for name, blocks in writer.files().items():
            (folder / name).write_bytes(b"".join(blocks))
    return TantivyIndex(folder)


def kept_length(length: int) -> int:
    """Return the length that tantivy keeps in its one byte: exact to 40, then 4 bits of it."""
    if length <= 40:
        return length
    above = length - 24
    shift = above.bit_length() - 4
    return 24 + (above >> shift << shift)


class Definition:
    """BM25 as it is defined (Robertson and Zaragoza 2009), with Lucene's idf."""

    def __init__(self, texts: Texts, *, exact: bool = False) -> None:
        self.counts = [Counter(text) for text in texts]
        self.containing = Counter(term for counts in self.counts for term in counts)
        self.lengths = [len(text) if exact else kept_length(len(text)) for text in texts]
        self.average = sum(map(len, texts)) / len(texts)

    def score(self, terms: Sequence[str], row: int) -> float:
        length = self.lengths[row] / self.average
        return sum(self.weight(term) * self.share(self.counts[row][term], length) for term in terms)

    def weight(self, term: str) -> float:
        n = self.containing[term]
        return log(1 + (len(self.counts) - n + 0.5) / (n + 0.5))

    def share(self, count: int, length: float) -> float:
        return (K1 + 1) * count / (count + K1 * (1 - B + B * length))


def random_texts(longest: int) -> list[list[str]]:
    """Return texts of very different lengths, common words and rare ones."""
    random = np.random.default_rng(longest)
    lengths = random.integers(1, longest, 200)
    return [[f"w{n}" for n in random.zipf(1.4, length).clip(max=500)] for length in lengths]


QUERIES = (("w1",), ("w2", "w7", "w500"), ("w3", "w3000"), tuple(f"w{n}" for n in range(1, 60)))


@pytest.mark.parametrize("longest", [40, 400])
def test_scores_are_bm25_with_lengths_as_tantivy_keeps_them(folder: Path, longest: int):
    texts = random_texts(longest)
    index, definition = write(folder, texts), Definition(texts)
    for terms in QUERIES:
        expected = {row: definition.score(terms, row) for row in range(len(texts))}
        found = dict(index.search(terms, 1000))
        assert found.keys() == {row for row, score in expected.items() if score}
        for row, score in found.items():
            assert score == pytest.approx(expected[row], abs=1e-4)


def test_what_is_lost_by_short_lengths_is_below_six_percent(folder: Path):
    texts = random_texts(400)
    index, definition = write(folder, texts), Definition(texts, exact=True)
    for terms in QUERIES:
        for row, score in index.search(terms, 1000):
            assert score == pytest.approx(definition.score(terms, row), rel=0.06)


def test_no_score_exceeds_the_bound_that_hits_are_measured_by(folder: Path):
    texts = [*random_texts(100), ["w9"] * 5000, ["w1", "w2"], ["w8"]]
    index = write(folder, texts)
    for terms in (*QUERIES, ("w9",), ("w8",), ("w1", "w2")):
        counts = index.document_frequencies(terms)
        assert counts == [sum(term in text for text in texts) for term in terms]
        weights = (inverse_document_frequency(len(texts), count) for count in counts)
        bound = (K1 + 1) * sum(weights)
        scores = [score for _, score in index.search(terms, 1000)]
        assert all(0 < score < bound for score in scores)


def test_the_best_come_first_and_ties_go_to_the_lower_row(folder: Path):
    texts = [["a", "b"], ["a"], ["c"], ["a", "b"], ["a"]] * 30
    index = write(folder, texts)
    found = [row for row, _ in index.search(["a"], 1000)]
    scores = [Definition(texts).score(["a"], row) for row in range(150)]
    expected = sorted(range(150), key=lambda row: (-scores[row], row))
    assert found == [row for row in expected if "a" in texts[row]]
    assert [row for row, _ in index.search(["a"], 7)] == found[:7]


def test_no_terms_no_places_and_no_texts_find_nothing(folder: Path, tmp_path: Path):
    index = write(folder, [["a"]])
    assert index.search([], 5) == index.search(["a"], 0) == index.search(["a"], -1) == []
    assert index.search(["b"], 5) == []
    (tmp_path / "empty").mkdir()
    empty = write(tmp_path / "empty", [])
    assert (len(empty), empty.search(["a"], 5), empty.document_frequencies(["a"])) == (0, [], [0])


def test_more_than_there_is_gives_all_there_is(folder: Path):
    index = write(folder, [["a"], ["a", "b"], []])
    assert len(index) == 3
    assert len(index.search(["a"], 10_000)) == 2


ODD = ["é", "日本", "ß", "c++", "2.5", "a" * 1000, "\U0001f34e", "AND", '"', "stems:x", "*", "-"]


def test_odd_terms_are_found_as_they_are_and_never_parsed(folder: Path):
    index = write(folder, [[term] for term in ODD])
    for row, term in enumerate(ODD):
        assert [found for found, _ in index.search([term], 5)] == [row]
    assert len(index.search(ODD, 100)) == len(ODD)
    for term in ("", " ", "\0", "a b", "\ud800".encode("utf-8", "replace").decode()):
        assert index.search([term], 5) == []


@pytest.mark.parametrize("word", ["½", "ﬁne", "⑴", "ＷＩＤＥ", "naïve", "İstanbul"])
def test_each_word_of_a_text_is_found_by_itself(folder: Path, word: str):
    index = write(folder, [stems(f"a text with {word} in it"), stems("another")])
    assert [row for row, _ in index.search(stems(word), 5)] == [0]


def test_a_folder_that_is_no_index_is_refused(folder: Path):
    with pytest.raises(IndexDamaged, match="word index"):
        TantivyIndex(folder)
    (folder / "meta.json").write_text("{}")
    with pytest.raises(IndexDamaged, match="word index"):
        TantivyIndex(folder)
    with pytest.raises(IndexDamaged, match="word index"):
        TantivyIndex(folder / "missing")


def test_an_index_answers_after_its_files_are_gone(folder: Path):
    index = write(folder, [["a"], ["b"]])
    for path in folder.iterdir():
        path.unlink()
    assert [row for row, _ in index.search(["b"], 5)] == [1]


def test_nothing_is_left_behind_and_nothing_fails_when_many_are_opened_at_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write(folder, [["a"]])
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    with ThreadPoolExecutor(8) as threads:
        found = threads.map(lambda _: TantivyIndex(folder).search(["a"], 1)[0][0], range(200))
        assert set(found) == {0}
    gc.collect()
    assert list((tmp_path / "temporary").iterdir()) == []
    assert not list(folder.glob(".tantivy*"))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_an_index_answers_where_nobody_can_write(folder: Path):
    write(folder, [["a"]])
    for path in (folder, *folder.parents):
        path.chmod(path.stat().st_mode | 0o055)
    program = f"""
import os
from pathlib import Path
from ibid.adapters.indexes.tantivy_index import TantivyIndex
import tantivy
os.setuid(65534)
assert not os.access({str(folder)!r}, os.W_OK)
print(TantivyIndex(Path({str(folder)!r})).search(["a"], 5)[0][0])
"""
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.stdout, run.stderr) == ("0\n", "")


def test_the_seeds_are_scored_by_the_definition(library: Library):
    index = library._index()
    texts: list[list[str]] = []
    for article in library.articles:
        rows, explained = index.corpus.rows_of(article.id), list_explained(article)
        found = [indexed_stems(article, row.passage, explained) for row in rows]
        texts += [each.split() for each in with_about(article, found)]
    terms, definition = stems("challenges of drug discovery"), Definition(texts)
    for row, score in index.words.search(terms, 100):
        assert score == pytest.approx(definition.score(terms, row), abs=1e-4)


def test_a_file_that_is_removed_while_the_index_is_opened_is_noticed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    import tantivy

    write(folder, [["apple", "pear"]])
    opened = tantivy.Index.open

    class Removing:
        """Opens an index whose positions a build has just removed."""

        @staticmethod
        def open(path: str) -> tantivy.Index:
            next(folder.glob("*.pos")).unlink()
            return opened(path)

    monkeypatch.setattr(tantivy, "Index", Removing)
    with pytest.raises(IndexDamaged, match="the word index cannot be read"):
        TantivyIndex(folder)
