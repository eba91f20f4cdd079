"""An index whose bytes are not those that were written, or that was built otherwise, is refused."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ibid.errors import FolderError, IbidError, IndexDamaged, IndexForeign
from ibid.library import Library
from ibid.settings import Settings
from ibid.storage.generations import DIGESTS, FORMAT
from ibid.storage.verified_files import record
from ibid.testing import HashEmbedder
from stores import again, apples, rewrite_manifest


def assert_helpful(error: IbidError) -> None:
    assert "\n" not in str(error)
    assert error.hint == "ibid build"
    assert error.exit_code == 4


def damage(data: bytes) -> Iterator[bytes | None]:
    """Yield a file as it is never written: bytes changed, cut, empty, longer, gone."""
    for place in (0, len(data) // 2, len(data) - 1):
        yield data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
    yield data[: len(data) // 2]
    yield b""
    yield data + b"\n"
    yield None


def test_damage_to_any_file_is_refused_and_a_build_repairs_it(built: Library):
    assert apples(built) == "apples.md"
    folder = built.store.current().folder
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) >= 8
    for path in files:
        whole = path.read_bytes()
        for data in damage(whole):
            path.unlink() if data is None else path.write_bytes(data)
            with pytest.raises(IndexDamaged) as caught:
                apples(built)
            assert_helpful(caught.value)
            path.write_bytes(whole)
    files[0].write_bytes(b"?")
    assert again(built).build().changed
    assert apples(built) == "apples.md"


def test_a_block_that_was_changed_together_with_its_digest_is_refused(built: Library):
    folder = built.store.current().folder
    for name in built.store.current().manifest.files:
        whole, digests = (folder / name).read_bytes(), (folder / DIGESTS).read_bytes()
        changed = bytes([whole[0] ^ 1]) + whole[1:]
        old, new = record([whole]).digests, record([changed]).digests
        assert digests.count(bytes(old)) == 1
        (folder / name).write_bytes(changed)
        (folder / DIGESTS).write_bytes(digests.replace(bytes(old), bytes(new)))
        with pytest.raises(IndexDamaged, match="digests is not the file that was written"):
            apples(built)
        (folder / name).write_bytes(whole)
        (folder / DIGESTS).write_bytes(digests)
    assert apples(built) == "apples.md"


def test_a_build_finds_damage_that_came_after_the_index_was_read(built: Library):
    built.search("apples")
    (built.store.current().folder / "corpus.sqlite").write_bytes(b"?")
    assert built.build().changed
    assert apples(built) == "apples.md"


def test_no_changed_bit_of_current_goes_unseen(small: Library):
    name, store = small.build().index, small.store
    current = store.root / "CURRENT"
    whole = current.read_bytes()
    for place in range(len(whole)):
        for bit in range(8):
            changed = bytearray(whole)
            changed[place] ^= 1 << bit
            current.write_bytes(changed)
            try:
                assert store.current().name == name
            except IndexDamaged as error:
                assert_helpful(error)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"one", b"a b c", b"../../etc 00", b"\0 \0"])
def test_a_current_that_names_nothing_is_refused_and_replaced(built: Library, data: bytes):
    (built.store.root / "CURRENT").write_bytes(data)
    with pytest.raises(IndexDamaged) as caught:
        apples(built)
    assert_helpful(caught.value)
    assert again(built).build().changed
    assert apples(built) == "apples.md"


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values.pop("passages"),
        lambda values: values.update(more=1),
        lambda values: values["embedder"].pop("name"),
        lambda values: values.update(skipped=[{"path": "a.md"}]),
    ],
)
def test_a_manifest_with_other_fields_is_damage(
    built: Library, change: Callable[[dict[str, Any]], object]
):
    rewrite_manifest(built.store, change)
    with pytest.raises(IndexDamaged, match=r"manifest\.json is not what an index has") as caught:
        apples(built)
    assert_helpful(caught.value)
    assert again(built).build().changed


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda values: values.update(format=FORMAT + 1, files=7), f"format {FORMAT + 1}"),
        (lambda values: values.update(chunker="0"), "version 0 of the chunker"),
        (
            lambda values: values["embedder"].update(name="other", digest="2"),
            "by the embedder other",
        ),
        (lambda values: values["embedder"].update(digest="2"), "with other weights"),
        (lambda values: values["embedder"].update(dimensions=3), "with other weights"),
        (lambda values: values.update(folder="../elsewhere"), "built from .*elsewhere"),
    ],
    ids=["format", "chunker", "embedder", "weights", "dimensions", "folder"],
)
def test_an_index_that_was_built_otherwise_is_refused_with_the_reason(
    built: Library, change: Callable[[dict[str, Any]], None], reason: str
):
    rewrite_manifest(built.store, change)
    with pytest.raises(IndexForeign, match=reason) as caught:
        apples(built)
    assert_helpful(caught.value)
    assert again(built).build().changed
    assert apples(built) == "apples.md"


@pytest.mark.parametrize("name", ["CURRENT", "generations", "manifest.json"])
def test_a_damaged_index_that_names_its_folder_no_more_asks_for_it(
    built: Library, articles: Path, name: str
):
    root = built.store.root
    match name:
        case "CURRENT":
            (root / name).write_text("junk")
        case "generations":
            shutil.rmtree(root / name)
        case _:
            (built.store.current().folder / name).write_text("junk")
    lost = Library.open(index=root, settings=Settings(model="none"), embedder=HashEmbedder())
    with pytest.raises(IndexDamaged) as asked:
        lost.search("apples")
    with pytest.raises(FolderError, match="does not say any more") as made:
        lost.build()
    assert asked.value.hint == made.value.hint == "ibid build FOLDER"
    assert again(built).build().changed
