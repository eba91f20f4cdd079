"""A build that is interrupted loses no vector: the next one goes on where it stopped."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest

from conftest import ROOT
from ibid.errors import IbidError
from ibid.index.journal import resume
from ibid.library import Library
from ibid.storage import Store
from ibid.testing import HashEmbedder
from ibid.types.indexing import BuildReport
from interrupts import Interrupted, open_library

SOURCE = ROOT / "src"
RECORD = 32 + 4 + 4 * HashEmbedder.identity.dimensions + 16
"""Of a sentence; that of a passage holds its tokens, too."""


def plant(articles: Path) -> Path:
    """Write some hundred sentences into a folder: several batches."""
    words = "apples pears plums grow ripen fall in early late autumn rain sun".split()
    chosen = Random(1)  # noqa: S311 - any sentences will do
    for number in range(8):
        sentences = (" ".join(chosen.choices(words, k=9)).capitalize() for _ in range(40))
        (articles / f"{number}.md").write_text(f"# Part {number}\n\n{'. '.join(sentences)}.\n")
    return articles


@pytest.fixture
def orchard(articles: Path) -> Path:
    """A folder with some hundred sentences."""
    return plant(articles)


@dataclass(frozen=True)
class Stopped:
    """A build that was interrupted: its folder, its journal, and what a build anew has."""

    folder: Path
    journal: bytes
    embedded: list[str]
    whole: dict[str, bytes]


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Stopped:
    folder = plant(tmp_path_factory.mktemp("orchard"))
    index = tmp_path_factory.mktemp("stopped")
    embedded = interrupt(folder, index, 2)
    whole = build(folder, tmp_path_factory.mktemp("whole"))[1]
    return Stopped(folder, (index / "JOURNAL").read_bytes(), embedded, whole)


def begin(index: Path) -> None:
    """Leave a folder as a build does that was killed before it wrote anything."""
    with Store(index).lock():
        pass


def go_on(stopped: Stopped, index: Path, journal: bytes) -> tuple[list[str], dict[str, bytes]]:
    """Build to the end with a journal in place; return what had to be embedded, and the files."""
    begin(index)
    (index / "JOURNAL").write_bytes(journal)
    (index / "JOURNAL").chmod(0o600)
    return build(stopped.folder, index)[:2]


def files(library: Library) -> dict[str, bytes]:
    generation = library.store.current()
    names = (
        "corpus.sqlite",
        "passages.faiss",
        "sentences.faiss",
        "tokens.signs",
        "tokens.starts",
    )
    return {name: generation.read(name) for name in names}


def build(folder: Path, index: Path) -> tuple[list[str], dict[str, bytes], BuildReport]:
    """Build to the end; return what had to be embedded, the files and the report."""
    embedder = Interrupted()
    library = open_library(folder, index, embedder)
    report = library.build()
    assert library.check() == []
    return embedder.embedded, files(library), report


def interrupt(folder: Path, index: Path, batches: int) -> list[str]:
    """Interrupt a build after some batches; return what it has embedded."""
    embedder = Interrupted(batches)
    with pytest.raises(KeyboardInterrupt):
        open_library(folder, index, embedder).build()
    return embedder.embedded


def test_after_ctrl_c_the_next_build_embeds_only_the_rest(orchard: Path, tmp_path: Path):
    everything, expected, _ = build(orchard, tmp_path / "anew")
    index = tmp_path / "index"
    first = interrupt(orchard, index, 2)
    second = interrupt(orchard, index, 1)
    rest, found, _ = build(orchard, index)
    assert len(everything) > len(first) > len(second) > 0
    assert sorted(first + second + rest) == sorted(everything)
    assert found == expected


def test_after_a_kill_the_next_build_embeds_only_the_rest(orchard: Path, tmp_path: Path):
    everything, expected, _ = build(orchard, tmp_path / "anew")
    program = """
import os, signal, sys
from interrupts import Interrupted, open_library
from pathlib import Path

class Killed(Interrupted):
    def passages(self, texts):
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().passages(texts)

open_library(Path(sys.argv[1]), Path(sys.argv[2]), Killed(3)).build()
"""
    path = os.pathsep.join([str(SOURCE), str(ROOT / "tests")])
    killed = subprocess.run(
        [sys.executable, "-c", program, orchard, tmp_path / "index"],
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    rest, found, _ = build(orchard, tmp_path / "index")
    assert 0 < len(rest) < len(everything)
    assert found == expected


def test_a_build_that_ends_takes_its_journal_away(orchard: Path, tmp_path: Path):
    journal = tmp_path / "index" / "JOURNAL"
    interrupt(orchard, tmp_path / "index", 2)
    assert journal.stat().st_mode & 0o777 == 0o600
    build(orchard, tmp_path / "index")
    assert not journal.exists()
    (orchard / "new.md").write_text("# New\n\n" + " ".join(f"It grew {n}." for n in range(99)))
    interrupt(orchard, tmp_path / "index", 1)
    assert journal.exists()
    (orchard / "new.md").unlink()
    assert not build(orchard, tmp_path / "index")[2].changed
    assert not journal.exists()


def test_an_interrupted_update_goes_on_as_well(orchard: Path, tmp_path: Path):
    build(orchard, tmp_path / "index")
    (orchard / "new.md").write_text("# New\n\n" + " ".join(f"It grew {n}." for n in range(199)))
    first = interrupt(orchard, tmp_path / "index", 1)
    rest, found, _ = build(orchard, tmp_path / "index")
    assert found == build(orchard, tmp_path / "anew")[1]
    assert len(first) > 0
    assert not set(first) & set(rest)


@pytest.mark.parametrize("cut", [1, 15, 16, 17, RECORD // 2, RECORD - 1, RECORD, RECORD + 1])
def test_a_torn_end_is_embedded_again(stopped: Stopped, tmp_path: Path, cut: int):
    rest, found = go_on(stopped, tmp_path / "index", stopped.journal[:-cut])
    assert len(set(stopped.embedded) & set(rest)) == -(-cut // RECORD)
    assert found == stopped.whole


def test_a_journal_with_a_torn_end_goes_on(orchard: Path, tmp_path: Path):
    interrupt(orchard, tmp_path / "index", 2)
    journal = tmp_path / "index" / "JOURNAL"
    os.truncate(journal, journal.stat().st_size - 5)
    second = interrupt(orchard, tmp_path / "index", 2)
    rest, _, _ = build(orchard, tmp_path / "index")
    assert second
    assert not set(second) & set(rest)


@pytest.mark.parametrize("place", [0, 31, 32, 40, 70, RECORD + 31, RECORD + 40, 5 * RECORD, -1])
@pytest.mark.parametrize("damage", ["a bit", "zeros"])
def test_nothing_is_taken_from_what_is_damaged(
    stopped: Stopped, tmp_path: Path, place: int, damage: str
):
    data = bytearray(stopped.journal)
    if damage == "a bit":
        data[place] ^= 1
    else:  # what a power cut may leave: the length is on the disk, the data are not
        data[place:] = bytes(len(data[place:]))
    assert go_on(stopped, tmp_path / "index", bytes(data))[1] == stopped.whole


@pytest.mark.parametrize("content", [b"", b"x", b"\0" * 5000, b"no journal at all " * 999])
def test_a_file_that_is_no_journal_is_begun_anew(orchard: Path, tmp_path: Path, content: bytes):
    begin(tmp_path / "index")
    (tmp_path / "index" / "JOURNAL").write_bytes(content)
    first = interrupt(orchard, tmp_path / "index", 1)
    rest, _, _ = build(orchard, tmp_path / "index")
    assert first
    assert not set(first) & set(rest)


def test_nothing_is_taken_from_another_embedder(orchard: Path, tmp_path: Path):
    interrupt(orchard, tmp_path / "index", 2)
    other = Interrupted()
    other.identity = replace(other.identity, digest="another")
    open_library(orchard, tmp_path / "index", other).build()
    assert sorted(other.embedded) == sorted(build(orchard, tmp_path / "anew")[0])


def test_a_text_that_is_in_the_journal_has_the_vector_that_it_was_given(tmp_path: Path):
    embedder = HashEmbedder()
    texts = ["apples", "", "pears \udcff", "plums"]
    expected = embedder.passages(texts)
    with resume(tmp_path / "JOURNAL", embedder) as resumed:
        assert resumed.identity == embedder.identity
        assert (resumed.passages(texts[:3]) == expected[:3]).all()
        assert (resumed.passages(texts) == expected).all()
        assert (resumed.query("apples") == embedder.query("apples")).all()
    with resume(tmp_path / "JOURNAL", Interrupted(0)) as resumed:
        assert (resumed.passages(texts[::-1]) == expected[::-1]).all()
        assert resumed.passages([]).shape == (0, embedder.identity.dimensions)


def test_a_link_in_place_of_the_journal_is_not_written_through(orchard: Path, tmp_path: Path):
    (tmp_path / "precious").write_text("precious")
    begin(tmp_path / "index")
    (tmp_path / "index" / "JOURNAL").symlink_to(tmp_path / "precious")
    with pytest.raises(IbidError, match="could not be written"):
        build(orchard, tmp_path / "index")
    assert (tmp_path / "precious").read_text() == "precious"
