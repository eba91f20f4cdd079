"""Seals: what a build verified is neither read nor verified again, and damage is found still."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ibid.errors import IndexDamaged
from ibid.index.cells import meta_of
from ibid.library import Library
from ibid.reading import read_digest
from ibid.settings import Settings
from ibid.storage.verified_files import VerifiedFile
from ibid.testing import HashEmbedder
from ibid.types import FileState, Meta

ARTICLES = 150


@pytest.fixture
def sealed(tmp_path: Path) -> Library:
    """A library whose files were written some time ago, and are sealed."""
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(ARTICLES):
        text = f"# Fruit {number}\n\nWord{number:03} grows there. Bees like word{number % 7}.\n"
        (folder / f"{number:03}.md").write_text(text)
    library = open_library(tmp_path)
    library.build()
    seal(library)
    return library


def open_library(root: Path) -> Library:
    settings = Settings(model="none")
    return Library.open(root / "articles", root / "index", settings, embedder=HashEmbedder())


def seal(library: Library) -> None:
    """Let some time pass, which the clocks of files need to tell two writes apart, and build."""
    for path in library.store.current().folder.rglob("*"):
        if path.is_file():
            past = time.time_ns() - 10**10
            os.utime(path, ns=(past, past))
    with pytest.MonkeyPatch.context() as patch:
        later = time.time_ns() + 10**10
        patch.setattr("time.time_ns", lambda: later)
        assert not library.build().changed


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is read of articles, and verified of the index."""
    done: list[str] = []
    monkeypatch.setattr(
        "ibid.reading.folder.read_digest",
        lambda path: done.append(Path(path).name) or read_digest(path),
    )
    verify: Callable[..., bytes] = VerifiedFile._verify  # pyright: ignore[reportPrivateUsage]

    def note(file: VerifiedFile, first: int, end: int) -> bytes:
        done.extend(f"{file.path.name} {number}" for number in range(first, end))
        return verify(file, first, end)

    monkeypatch.setattr(VerifiedFile, "_verify", note)
    return done


def edit(library: Library, name: str = "070.md") -> None:
    path = library.folder / name
    path.write_text(f"{path.read_text()}\nWasps sting there.\n")


def rot(path: Path, text: bytes = b"") -> None:
    """Change a bit of a file, or of each place where it has a text."""
    data = path.read_bytes()
    changed = data.replace(text, bytes([text[0] ^ 1]) + text[1:]) if text else data
    path.write_bytes(changed if text else data[:-1] + bytes([data[-1] ^ 1]))


def parts(library: Library, name: str) -> list[Path]:
    generation = library.store.current()
    return [generation.folder / part for part in generation.parts(name)]


def test_what_is_sealed_is_neither_read_nor_verified_again(sealed: Library, work: list[str]):
    assert not sealed.build().changed
    assert not [name for name in work if name.endswith(".md")]
    blocks = len(sealed.store.current().digests) // 32
    assert len(work) < blocks / 2  # the first of each file that is opened


def test_an_edited_article_is_read_alone_and_its_volume_verified(sealed: Library, work: list[str]):
    edit(sealed)
    report = sealed.build()
    assert report.edited == ("070.md",)
    assert [name for name in work if name.endswith(".md")] == ["070.md"]
    assert "corpus.sqlite 0" in work
    assert len(work) < len(sealed.store.current().digests) // 32
    assert sealed.search("Which wasps sting?")[0].passage.article == "070.md"
    assert sealed.check() == []


def test_a_list_of_the_files_reads_only_what_no_build_has_sealed(
    sealed: Library, tmp_path: Path, work: list[str]
):
    assert {file.state for file in open_library(tmp_path).files()} == {FileState.INDEXED}
    assert not [name for name in work if name.endswith(".md")]
    edit(sealed)
    changed = [file.path for file in open_library(tmp_path).files() if file.state != "indexed"]
    assert [name for name in work if name.endswith(".md")] == changed == ["070.md"]


def test_a_build_takes_apart_the_cells_of_few_articles_where_one_was_edited(
    sealed: Library, monkeypatch: pytest.MonkeyPatch
):
    (sealed.folder / "150.pdf").write_bytes(b"no PDF")  # which may be described elsewhere
    (sealed.folder / "refs.bib").write_text("@book{k, title = {T}, file = {150.pdf}}")
    seen: list[object] = []

    def note(data: object) -> Meta:
        seen.append(data)
        return meta_of(data)

    monkeypatch.setattr("ibid.index.corpus.meta_of", note)
    monkeypatch.setattr("ibid.index.cells.meta_of", note)
    edit(sealed)
    assert sealed.build().edited == ("070.md",)
    assert len(seen) < 10


def test_an_edit_that_keeps_size_and_time_is_seen(sealed: Library):
    path = sealed.folder / "070.md"
    before = path.stat()
    path.write_text(path.read_text().replace("Bees like", "Cows like"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert sealed.build().edited == ("070.md",)


def test_another_file_at_the_place_of_an_article_is_read(sealed: Library):
    path = sealed.folder / "070.md"
    path.rename(sealed.folder / "was.txt.bak")
    path.write_text("# Another\n\nIt tells of cows.\n")
    assert sealed.build().edited == ("070.md",)
    path.unlink()
    (sealed.folder / "was.txt.bak").rename(path)
    assert sealed.build().edited == ("070.md",)


@pytest.mark.parametrize("name", ["corpus.sqlite", "sentences.faiss", "tokens.starts", "words"])
def test_a_sealed_file_that_was_written_to_is_verified(sealed: Library, name: str):
    if name not in sealed.store.current().manifest.inside:
        pytest.skip("the embedder of the tests tells no tokens")
    path = parts(sealed, name)[-1]
    path = max(path.iterdir()) if path.is_dir() else path
    times = path.stat()
    rot(path)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert sealed.build().changed
    assert sealed.check() == []


def rot_and_seal(library: Library, path: Path, text: bytes = b"") -> None:
    """Let a disk lose a bit of a file: it has the mark of its seal still."""
    rot(path, text)
    past = time.time_ns() - 10**10
    os.utime(path, ns=(past, past))
    with library.store.lock():
        library.store.seal({})
    assert not Library(library.settings, HashEmbedder()).build().changed


@pytest.mark.parametrize("finder", ["a question", "a check"])
def test_who_finds_damage_breaks_the_seal_and_the_next_build_mends_it(sealed: Library, finder: str):
    rot_and_seal(sealed, parts(sealed, "corpus.sqlite")[0])
    if finder == "a question":
        with pytest.raises(IndexDamaged):
            Library(sealed.settings, HashEmbedder()).search("Which bees?")
    else:
        assert Library(sealed.settings, HashEmbedder()).check()
    assert sealed.build().changed
    assert sealed.check() == []
    assert sealed.search("word070")[0].passage.article == "070.md"


def test_what_a_disk_lost_is_not_copied_as_if_it_had_been_written(sealed: Library):
    lost = b"Word071 grows there"
    home = next(path for path in parts(sealed, "corpus.sqlite") if lost in path.read_bytes())
    rot_and_seal(sealed, home, lost)
    edit(sealed)
    assert sealed.build().changed
    assert sealed.check() == []
    assert "Word071 grows" in sealed.article("071.md").text


@pytest.mark.parametrize("junk", [b"", b"?" * 9_000, None])
def test_seals_of_junk_seal_nothing(sealed: Library, work: list[str], junk: bytes | None):
    path = sealed.store.root / "SEALS"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if junk is None else junk)
    assert not sealed.build().changed
    assert len([name for name in work if name.endswith(".md")]) == ARTICLES
    assert len(work) - ARTICLES >= len(sealed.store.current().digests) // 32


def test_a_link_in_place_of_the_seals_is_not_followed(sealed: Library, tmp_path: Path):
    path, precious = sealed.store.root / "SEALS", tmp_path / "precious"
    path.rename(precious)
    data = precious.read_bytes()
    path.symlink_to(precious)
    edit(sealed)
    sealed.build()
    assert precious.read_bytes() == data
    assert not path.is_symlink()
