"""The vector index against exact search in numpy."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

from ibid.adapters.indexes.faiss_index import FaissWriter
from ibid.adapters.indexes.flat_index import FlatIndex
from ibid.errors import IndexDamaged
from ibid.ports import Vectors
from ibid.storage.verified_files import VerifiedFile, record


def unit(*shape: int, seed: int = 1) -> Vectors:
    """Return random rows of unit length."""
    rows = np.random.default_rng(seed).standard_normal(shape)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def dump_vectors(*blocks: Vectors, half: bool = False) -> bytes:
    """Return a FAISS index of vectors that are added block by block."""
    with TemporaryDirectory() as folder:
        writer = FaissWriter(Path(folder) / "vectors", blocks[0].shape[1], half=half)
        writer.begin()
        for block in blocks:
            writer.add(block)
        return b"".join(writer.files()["vectors"])


def open_file(data: bytes) -> VerifiedFile:
    """Return a file that is gone once it is open."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "vectors"
        path.write_bytes(data)
        return VerifiedFile(path, path.name, record([data]))


def open_index(*blocks: Vectors, half: bool = False, held: bool = True) -> FlatIndex:
    return FlatIndex(open_file(dump_vectors(*blocks, half=half)), held=held)


def rows(hits: Sequence[tuple[int, float]]) -> list[int]:
    return [row for row, _ in hits]


@pytest.mark.parametrize("k", [1, 10, 100, 1000])
def test_a_search_finds_what_exact_search_finds(k: int):
    vectors = unit(1000, 384)
    index = open_index(vectors)
    for query in unit(20, 384, seed=2)[:, None]:
        scores = vectors.astype(np.float64) @ query[0]
        hits = index.search(query, k)
        found = [score for _, score in hits]
        assert len(set(rows(hits))) == k
        assert found == pytest.approx(scores[rows(hits)].tolist(), abs=1e-6)
        assert found == sorted(found, reverse=True)
        assert min(found) >= np.delete(scores, rows(hits)).max(initial=-1) - 1e-6


def test_a_vector_finds_itself_with_a_cosine_of_one():
    vectors = unit(50, 64)
    index = open_index(vectors)
    for row, vector in enumerate(vectors):
        (found, score), *_ = index.search(vector[None], 3)
        assert (found, score) == (row, pytest.approx(1, abs=1e-6))


def test_vectors_come_back_as_they_were_and_of_unit_length():
    vectors = unit(20, 384)
    index = open_index(vectors)
    assert len(index) == 20
    assert (index.vectors([7, 0, 7]) == vectors[[7, 0, 7]]).all()
    assert index.vectors([]).shape == (0, 384)
    assert np.linalg.norm(index.vectors(range(20)), axis=1) == pytest.approx(np.ones(20))


@pytest.mark.parametrize("k", [1, 5, 30, 99, 100, 101, 150])
def test_ties_go_to_the_lower_row_at_the_last_place_too(k: int):
    different = unit(3, 16)
    index = open_index(np.repeat(different, 60, axis=0))
    for query in unit(5, 16, seed=3):
        order = np.argsort(-(different @ query))
        expected = [int(which * 60 + n) for which in order for n in range(60)]
        assert rows(index.search(query[None], k)) == expected[:k]


def test_more_than_there_is_gives_all_there_is():
    assert len(open_index(unit(3, 8)).search(unit(1, 8), 50)) == 3


@pytest.mark.parametrize("k", [0, -1])
def test_no_place_finds_nothing(k: int):
    assert open_index(unit(3, 8)).search(unit(1, 8), k) == []


def test_an_empty_index_finds_nothing():
    index = open_index(np.zeros((0, 8), dtype=np.float32))
    assert (len(index), index.search(unit(1, 8), 5)) == (0, [])


def test_a_question_that_is_no_number_finds_nothing():
    index = open_index(unit(3, 8))
    nothing = np.full((1, 8), np.nan, dtype=np.float32)
    assert index.search(nothing, 5) == index.search(nothing, 1) == []


@pytest.mark.parametrize("data", [b"", b"?", b"not an index" * 99, dump_vectors(unit(3, 8))[:-9]])
def test_bytes_that_are_no_index_are_refused(data: bytes):
    with pytest.raises(IndexDamaged, match="vector index"):
        FlatIndex(open_file(data))


@pytest.mark.parametrize("half", [False, True])
def test_what_is_written_block_by_block_is_what_faiss_itself_would_write(half: bool):
    import faiss

    vectors = unit(500, 384)
    kind, metric = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    whole: Any = faiss.IndexScalarQuantizer(384, kind, metric) if half else faiss.IndexFlatIP(384)
    whole.add(vectors)
    written = dump_vectors(vectors[:100], vectors[100:100], vectors[100:], half=half)
    assert written == faiss.serialize_index(whole).tobytes()


def test_half_precision_changes_a_cosine_by_less_than_a_thousandth_and_only_once():
    vectors = unit(500, 384)
    index = open_index(vectors, half=True)
    once = index.vectors(range(500))
    assert np.abs(once @ vectors[0] - vectors @ vectors[0]).max() < 1e-3
    assert (open_index(once, half=True).vectors(range(500)) == once).all()
