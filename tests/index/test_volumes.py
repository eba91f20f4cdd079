"""Volumes: what did not change is linked from the last generation, and nothing else differs."""

import errno
import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from ibid.adapters.indexes.tantivy_index import TantivyIndex, TantivyWriter
from ibid.index.volumes import cut_volumes
from ibid.library import Library
from ibid.settings import Settings
from ibid.storage.atomic_writes import write_folder
from ibid.storage.verified_files import JoinedFile, KeptFile, VerifiedFile, record
from ibid.testing import HashEmbedder
from ibid.types.articles import ArticleId

FRUIT = ("apples", "pears", "plums", "quinces", "medlars", "cherries", "figs")
ARTICLES = 300
IDS = [ArticleId(f"{number:04}.md") for number in range(5_000)]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A library of several volumes."""
    folder = tmp_path / "articles"
    folder.mkdir()
    random = Random(1)  # noqa: S311 - the same for every run
    for id in IDS[:ARTICLES]:
        said = " ".join(random.choices(FRUIT, k=5))
        (folder / id).write_text(f"# About {id}\n\nIt tells of {said}. Bees like that.\n")
    return build(tmp_path, "index")


def build(root: Path, index: str) -> Library:
    settings = Settings(model="none")
    library = Library.open(root / "articles", root / index, settings, embedder=HashEmbedder())
    library.build()
    return library


def edit(library: Library) -> None:
    path = library.folder / IDS[ARTICLES // 2]
    path.write_text(f"{path.read_text()}\nWasps like that too. They sting.\n")


def inodes(library: Library) -> dict[int, str]:
    generation = library.store.current()
    return {(generation.folder / name).stat().st_ino: name for name in generation.manifest.files}


def files(library: Library) -> dict[str, bytes]:
    generation = library.store.current()
    names = [name for name in generation.manifest.files if not name.startswith("words")]
    return {name: generation.read(name) for name in names}


def assert_as_if_built_anew(library: Library, root: Path) -> None:
    anew = build(root, "anew")
    assert files(library) == files(anew)
    for question in (*FRUIT, "Which wasps sting?", "Who likes figs and plums?"):
        assert library.search(question, 50) == anew.search(question, 50)
    assert library.check() == []


def test_of_one_edited_article_only_its_volume_is_written_again(library: Library, tmp_path: Path):
    before = inodes(library)
    edit(library)
    library.build()
    linked = {name for inode, name in inodes(library).items() if inode in before}
    parts = library.store.current().parts("sentences.faiss")
    assert len(parts) >= 3
    for top in ("corpus.sqlite", "passages.faiss", "sentences.faiss", "words"):
        tops = {name.split("/")[0] for name in linked if name.startswith(top)}
        assert len(tops) == len(parts) - 1
    assert_as_if_built_anew(library, tmp_path)
    generation = library.store.current()
    assert {(generation.folder / name).stat().st_nlink for name in linked} == {1}


def test_a_volume_of_which_an_article_has_another_copy_is_written_again(
    library: Library, tmp_path: Path
):
    original = IDS[ARTICLES // 2]
    copy = library.folder / "copy.md"
    copy.write_text((library.folder / original).read_text())
    told = library.build()
    assert library.article("copy.md").id == original
    assert told.copies == {original: ("copy.md",)}
    assert_as_if_built_anew(library, tmp_path)
    copy.unlink()
    assert library.build().copies == {}
    assert library.article(original).copies == ()


def test_what_is_told_of_linked_volumes_is_what_stands_in_them(library: Library):
    strange = [IDS[0], IDS[ARTICLES - 1]]
    for id in strange:
        (library.folder / id).write_bytes(f"# {id}\n\nBees like caf\xe9s.\n".encode("latin-1"))
    library.build()
    edit(library)
    told = library.build()
    anew = library.build()
    assert told.changed
    assert not anew.changed
    assert [*told.warnings] == strange
    assert (told.articles, told.warnings, told.copies) == (
        anew.articles,
        anew.warnings,
        anew.copies,
    )


def test_volumes_move_along_when_another_one_comes_before_them(library: Library, tmp_path: Path):
    _, second, *_ = [volume[0] for volume in cut_volumes(IDS[:ARTICLES])]
    (library.folder / second).unlink()  # its volume becomes a part of the one before
    library.build()
    assert_as_if_built_anew(library, tmp_path)


def test_a_file_system_without_hard_links_gets_copies(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    before = inodes(library)
    edit(library)
    monkeypatch.setattr(os, "link", refuse)
    library.build()
    assert library.check() == []
    assert_as_if_built_anew(library, tmp_path)
    assert len(before) == len(inodes(library))


def test_damage_in_a_linked_file_is_found_by_a_build_and_mended(library: Library, tmp_path: Path):
    edit(library)
    library.build()
    path = library.store.current().folder / library.store.current().parts("sentences.faiss")[-1]
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    edit(library)
    assert library.build().changed
    assert_as_if_built_anew(library, tmp_path)


@pytest.mark.parametrize("kind", ["another file", "a link"])
def test_what_took_the_place_of_a_kept_file_gets_no_second_name(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
):
    there, precious = tmp_path / "there", tmp_path / "precious"
    there.write_bytes(b"kept")
    precious.write_bytes(b"mine")
    kept, link = KeptFile(there, "there", record([b"kept"])), os.link

    def swap_and_link(path: Path, target: Path, **options: bool) -> None:
        there.rename(tmp_path / "away")
        there.symlink_to(precious) if kind == "a link" else there.write_bytes(b"else")
        link(path, target, **options)
        there.unlink()
        (tmp_path / "away").rename(there)

    monkeypatch.setattr(os, "link", swap_and_link)
    write_folder(tmp_path / "new", {"part": kept})
    assert not (tmp_path / "new" / "part").is_symlink()
    assert (tmp_path / "new" / "part").read_bytes() == b"kept"
    assert precious.stat().st_nlink == 1


def test_an_article_more_or_less_changes_the_volumes_beside_it_only():
    whole = {tuple(volume) for volume in cut_volumes(IDS)}
    assert 16 <= len(whole) <= 64
    assert sorted(id for volume in whole for id in volume) == IDS
    for place in range(0, len(IDS), 251):
        others = {tuple(volume) for volume in cut_volumes([*IDS[:place], *IDS[place + 1 :]])}
        assert len(whole - others) <= 2
        assert len(others - whole) <= 1


def write_words(folder: Path, texts: Sequence[str]) -> Path:
    with TemporaryDirectory() as scratch:
        writer = TantivyWriter(Path(scratch) / "words")
        for text in texts:
            writer.add(text)
        folder.mkdir()
        for name, blocks in writer.files().items():
            (folder / name).write_bytes(b"".join(blocks))
    return folder


def test_words_in_several_volumes_rank_as_in_one_to_the_last_bit(tmp_path: Path):
    random = Random(1)  # noqa: S311 - the same for every run
    texts = [" ".join(random.choices(FRUIT, k=random.randint(1, 60))) for _ in range(400)]
    bounds = (0, 0, 7, 150, 399, 400)  # one volume has nothing in it
    volumes = [texts[start:end] for start, end in pairwise(bounds)]
    folders = [write_words(tmp_path / f"{n}", volume) for n, volume in enumerate(volumes)]
    joined, whole = TantivyIndex(*folders), TantivyIndex(write_words(tmp_path / "all", texts))
    assert len(joined) == len(whole) == 400
    for k in (1, 5, 100, 400):
        for count in (1, 2, 3):
            terms = random.sample(FRUIT, k=count)
            assert joined.search(terms, k) == whole.search(terms, k)
            assert joined.document_frequencies(terms) == whole.document_frequencies(terms)


def test_joined_files_are_read_as_one(tmp_path: Path):
    pieces = (b"", b"abc", b"", b"d", b"efghij", b"")
    paths = [tmp_path / str(number) for number in range(len(pieces))]
    for path, piece in zip(paths, pieces, strict=True):
        path.write_bytes(piece)
    joined = JoinedFile(
        [VerifiedFile(p, p.name, record([piece])) for p, piece in zip(paths, pieces, strict=True)]
    )
    whole = b"".join(pieces)
    for start in range(len(whole) + 1):
        for end in range(start, len(whole) + 1):
            assert joined.read(start, end - start) == whole[start:end]
