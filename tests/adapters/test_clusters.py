"""Many vectors: clusters find what comparing all of them finds, and stay what FAISS would write."""

import resource
import shutil
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from ibid.adapters.indexes import clusters, faiss_index
from ibid.adapters.indexes.clusters import Clusters, RawVectors, cluster
from ibid.adapters.indexes.faiss_index import ClusteredIndex, FaissWriter
from ibid.adapters.indexes.flat_index import FlatIndex
from ibid.errors import IndexDamaged
from ibid.library import Library
from ibid.ports import Vectors
from ibid.settings import Settings
from ibid.storage.verified_files import KeptFile, VerifiedFile, record
from ibid.testing import HashEmbedder

SIZE = 6000


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors are clustered although they are few."""
    monkeypatch.setattr(faiss_index, "MOST_EXACT", 1000)
    monkeypatch.setattr(faiss_index, "_FEW", 100)


def around(centres: Vectors, count: int, seed: int) -> Vectors:
    """Return vectors of unit length that lie around some centres."""
    random = np.random.default_rng(seed)
    near = centres[random.integers(len(centres), size=count)]
    vectors = near + 0.7 * random.standard_normal(near.shape) / np.sqrt(near.shape[1])
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


CENTRES = around(np.eye(64, dtype=np.float32), 300, 0)
VECTORS = around(CENTRES, SIZE, 1)
QUESTIONS = around(CENTRES, 50, 2)[:, None]


def write(folder: Path, *blocks: Vectors) -> dict[str, bytes]:
    """Return the files of an index of vectors that are added block by block."""
    folder.mkdir(exist_ok=True)
    writer = FaissWriter(folder / "passages.faiss", blocks[0].shape[1])
    writer.begin()
    for block in blocks:
        writer.add(block)
    files = {name: b"".join(blocks) for name, blocks in writer.files().items()}
    shutil.rmtree(folder)
    return files


def raw(folder: Path) -> RawVectors:
    VECTORS.tofile(folder / "raw")
    return RawVectors([folder / "raw"], VECTORS.shape[1], 0)


def trained(folder: Path) -> Any:
    """Return an index without vectors that has learnt from those with the smallest keys."""
    keys = cluster(raw(folder), folder / "codes").keys
    return clusters._train(raw(folder), clusters._smallest(keys))  # pyright: ignore[reportPrivateUsage]


def open_flat(folder: Path, data: bytes) -> FlatIndex:
    (folder / "passages.faiss").write_bytes(data)
    return FlatIndex(VerifiedFile(folder / "passages.faiss", "passages.faiss", record([data])))


def open_clustered(folder: Path, files: dict[str, bytes]) -> ClusteredIndex:
    kept = dict[str, KeptFile]()
    for name in ("passages.ivf", "passages.keys"):
        (folder / name).write_bytes(files[name])
        kept[name] = KeptFile(folder / name, name, record([files[name]]))
    return ClusteredIndex(open_flat(folder, files["passages.faiss"]), *kept.values())


@pytest.fixture
def clustered(few: None, tmp_path: Path) -> ClusteredIndex:
    return open_clustered(tmp_path, write(tmp_path / "scratch", VECTORS))


def test_few_vectors_are_not_clustered_and_many_are(tmp_path: Path, few: None):
    assert set(write(tmp_path / "a", VECTORS[:1000])) == {"passages.faiss"}
    assert set(write(tmp_path / "a", VECTORS)) == {
        "passages.faiss",
        "passages.ivf",
        "passages.keys",
    }


def test_clusters_find_what_comparing_all_vectors_finds(clustered: ClusteredIndex):
    assert len(clustered) == SIZE
    same = 0
    for question in QUESTIONS:
        scores = VECTORS @ question[0]
        hits = clustered.search(question, 10)
        found = [row for row, _ in hits]
        assert [score for _, score in hits] == pytest.approx(scores[found].tolist(), abs=1e-6)
        assert hits == sorted(hits, key=lambda hit: (-hit[1], hit[0]))
        same += len({*found} & {*np.argsort(-scores)[:10].tolist()})
    assert same >= 0.98 * 10 * len(QUESTIONS)


@pytest.mark.parametrize("count", [5, 99, 101, 3000])
def test_among_some_rows_the_nearest_of_them_are_found(clustered: ClusteredIndex, count: int):
    allowed = np.random.default_rng(count).permutation(SIZE)[:count]
    for question in QUESTIONS:
        scores = VECTORS[allowed] @ question[0]
        expected = allowed[np.lexsort((allowed, -scores))][:10].tolist()
        hits = clustered.search(question, 10, frozenset(allowed.tolist()))
        assert [row for row, _ in hits] == expected


@pytest.mark.skipif(not hasattr(resource, "RUSAGE_THREAD"), reason="only Linux tells it")
def test_a_search_waits_for_no_other_thread(clustered: ClusteredIndex):
    """Else FAISS starts 32 of them for each, which read the clusters before the search does."""
    waits: list[int] = []  # of each round: a busy machine adds to some of them, threads to all
    for _ in range(8):
        before = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
        for question in QUESTIONS:
            clustered.search(question, 10)
        waits.append(resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw - before)
    assert min(waits) < len(QUESTIONS) / 2


def test_a_question_that_is_no_number_finds_nothing(clustered: ClusteredIndex):
    nothing = np.full((1, 64), np.nan, dtype=np.float32)
    assert clustered.search(nothing, 5) == clustered.search(VECTORS[:1], 0) == []


def test_what_is_written_cluster_by_cluster_is_what_faiss_itself_would_write(
    few: None, tmp_path: Path
):
    written = write(tmp_path / "scratch", VECTORS[:10], VECTORS[10:10], VECTORS[10:])
    index: Any = trained(tmp_path)
    index.add(VECTORS)
    assert written["passages.ivf"] == faiss.serialize_index(index).tobytes()


def test_rows_are_read_in_order_across_files_and_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(clusters, "_AT_ONCE", 1000)
    paths = [tmp_path / "one", tmp_path / "none", tmp_path / "two"]
    for path, some in zip(paths, (VECTORS[:2500], VECTORS[:0], VECTORS[2500:]), strict=True):
        path.write_bytes(b"head!" + some.tobytes())
    there = RawVectors(paths, VECTORS.shape[1], 5)
    for rows in (np.arange(SIZE), np.arange(0, SIZE, 7), np.array([2499, 2500]), np.array([0])):
        assert (np.concatenate([*there.read(rows)]) == VECTORS[rows]).all()
    assert list(there.read(np.array([], dtype=np.int64))) == []


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_same_vectors_give_the_same_bytes(tmp_path: Path, threads: int):
    before = faiss.omp_get_max_threads()
    once = b"".join(cluster(raw(tmp_path), tmp_path / "one"))
    faiss.omp_set_num_threads(threads)
    try:
        assert b"".join(cluster(raw(tmp_path), tmp_path / "two")) == once
    finally:
        faiss.omp_set_num_threads(before)


def go_on(last: ClusteredIndex, folder: Path, rows: NDArray[np.int64], new: Vectors) -> Clusters:
    """Return the clusters of some rows of an index, and of some vectors behind them."""
    np.concatenate([VECTORS[rows], new]).tofile(folder / "next")
    vectors = RawVectors([folder / "next"], VECTORS.shape[1], 0)
    sources = np.concatenate([rows, np.full(len(new), -1)])
    made = cluster(vectors, folder / "codes", sources, last.known())
    assert b"".join(made) == b"".join(cluster(vectors, folder / "anew"))
    return made


def test_clusters_go_on_with_what_the_last_ones_learnt_and_have_the_bytes_of_new_ones(
    clustered: ClusteredIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    known = clustered.known()
    assert known
    learnt = clusters._smallest(known.keys)  # pyright: ignore[reportPrivateUsage]
    others = np.setdiff1d(np.arange(SIZE), learnt)
    assert 1500 < len(learnt) < 5000
    made = list[int]()
    train = clusters._train  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(clusters, "_train", lambda *given: made.append(1) or train(*given))
    go_on(clustered, tmp_path, np.arange(SIZE), VECTORS[:0])
    go_on(clustered, tmp_path, np.sort(np.append(learnt, others[::2])), VECTORS[:0])
    assert len(made) == 2  # only those that are made anew to be compared
    go_on(clustered, tmp_path, np.arange(learnt[-1]), VECTORS[learnt[-1:]])
    assert len(made) == 3  # the row of an article that was read again, with the vector it had
    go_on(clustered, tmp_path, np.sort(np.append(learnt[1:], others)), VECTORS[learnt[:1]])
    assert len(made) == 5


def test_what_is_copied_from_damaged_clusters_is_found(clustered: ClusteredIndex, tmp_path: Path):
    path = tmp_path / "passages.ivf"
    data = bytearray(path.read_bytes())
    data[-5000] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexDamaged):
        clustered.known()


def test_clusters_of_other_vectors_and_bytes_that_are_none_are_refused(few: None, tmp_path: Path):
    files = write(tmp_path / "scratch", VECTORS)
    others = write(tmp_path / "scratch", VECTORS[:-1])
    with pytest.raises(IndexDamaged, match="other vectors"):
        open_clustered(tmp_path, files | {"passages.ivf": others["passages.ivf"]})
    with pytest.raises(IndexDamaged, match="cannot be read"):
        open_clustered(tmp_path, files | {"passages.ivf": b"?"})


def write_articles(folder: Path, count: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        parts = [f"## Part {n}\n\nWord{number * 31 + n} meets word{n}.\n\n" for n in range(40)]
        (folder / f"{number}.md").write_text(f"# Article {number}\n\n{''.join(parts)}")


def files_of(library: Library) -> dict[str, bytes]:
    generation = library.store.current()
    names = [name for name in generation.manifest.files if not name.startswith("words")]
    return {name: generation.read(name) for name in names}


def test_an_index_with_clusters_answers_and_an_update_gives_the_bytes_of_a_build_anew(
    few: None, tmp_path: Path
):
    def build(index: str) -> Library:
        library = Library.open(
            folder, tmp_path / index, Settings(model="none"), embedder=HashEmbedder()
        )
        library.build()
        return library

    folder = tmp_path / "articles"
    write_articles(folder, 45)
    library = build("index")
    assert library.search("What does word7 meet?")[0].passage.headings[-1] == "Part 7"
    assert library.check() == []
    (folder / "3.md").write_text("# Short\n\nIt says little now.\n")
    (folder / "4.md").unlink()
    assert library.build(prune=True).changed
    assert library.search("What says little?")[0].passage.article == "3.md"
    updated = files_of(library)
    assert "passages.ivf" in updated
    assert updated == files_of(build("anew"))
    write_articles(folder, 10)
    for path in folder.glob("[1-4]?.md"):
        path.unlink()
    library.build(prune=True)
    assert "passages.faiss" in files_of(library)
    assert "passages.ivf" not in files_of(library)
    assert files_of(library) == files_of(build("few"))
