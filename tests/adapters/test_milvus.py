"""An index in Milvus beside one in a folder, and what goes wrong with a server."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from conftest import ROOT, SEEDS
from ibid.adapters.indexes.milvus.address import read_address
from ibid.adapters.indexes.milvus.lease import Lease
from ibid.adapters.indexes.milvus.parts import numbers
from ibid.errors import IbidError, IndexDamaged, IndexForeign, IndexLocked, IndexMissing, UsageError
from ibid.library import Library
from ibid.output import answer_json, comparison_json
from ibid.settings import Settings
from served_libraries import again, assert_error, edit, open_library, rounded, run

if TYPE_CHECKING:
    from milvus_servers import Server

QUESTIONS = json.loads((ROOT / "tests" / "data" / "seed_questions.json").read_text("utf-8"))


@pytest.fixture
def library(milvus: "Server", tmp_path: Path) -> Library:
    """A small library in Milvus, built."""
    library = open_library(tmp_path, milvus.address())
    library.build()
    return library


def name_of(library: Library) -> str:
    return read_address(library.settings.index).library


# Beside an index in a folder


@pytest.fixture(scope="module")
def in_milvus(milvus: "Server") -> Library:
    """The seeds in Milvus, with the real embedder."""
    library = Library.open(SEEDS, milvus.address(), Settings(model="none"))
    library.build()
    return library


@pytest.fixture(scope="module")
def in_a_folder(seed_index: Path) -> Library:
    return Library.open(SEEDS, seed_index, Settings(model="none"))


@pytest.mark.long
def test_the_seeds_answer_word_for_word_the_same(in_a_folder: Library, in_milvus: Library):
    for question in QUESTIONS[::4]:
        one, other = (
            rounded(answer_json(each.ask(question), each)) for each in (in_a_folder, in_milvus)
        )
        assert one == other, question


@pytest.mark.parametrize("topic", ["black box", ""])
def test_the_seeds_compare_the_same(in_a_folder: Library, in_milvus: Library, topic: str):
    one, other = (
        rounded(comparison_json(each.compare(topic), each)) for each in (in_a_folder, in_milvus)
    )
    assert one == other


def test_the_index_of_the_seeds_is_whole(in_milvus: Library):
    assert in_milvus.check() == []
    assert not in_milvus.build().changed


# Addresses and filters


@pytest.mark.parametrize(
    ("text", "uri", "library"),
    [
        ("milvus://127.0.0.1:19530/posts", "http://127.0.0.1:19530", "posts"),
        ("milvus://localhost", "http://localhost:19530", "ibid"),
        ("milvus://[::1]/a_1", "http://[::1]:19530", "a_1"),
        ("milvus://db.example.org/a?database=x", "https://db.example.org:19530", "a"),
        ("milvus://db:1/a?tls=no", "http://db:1", "a"),
    ],
)
def test_an_address_names_a_server_and_a_library(text: str, uri: str, library: str):
    address = read_address(text)
    assert (address.uri, address.library) == (uri, library)


@pytest.mark.parametrize(
    "text",
    [
        *("milvus:///a", "milvus://h:x/a", "milvus://h:99999/a", "milvus://ana@h/a"),
        *(
            "milvus://h/A",
            "milvus://h/a__b",
            "milvus://h/a_",
            "milvus://h/a/b",
            'milvus://h/a"',
            "milvus://h/a#b",
        ),
        *("milvus://h/a?tls=maybe", "milvus://h/a?x=1", "milvus://h/a?tls", "milvus://[h/a"),
        "milvus://h/a?database=x y",
    ],
)
def test_what_is_no_address_is_refused(text: str):
    with pytest.raises(UsageError) as caught:
        read_address(text)
    assert caught.value.hint


@pytest.mark.parametrize("secret", ["ana:secret@h/a", ":secret@h/a", "h/a?token=secret"])
def test_no_token_stands_in_an_address(secret: str):
    with pytest.raises(UsageError, match="has a password in it") as caught:
        Settings().changed({"index": f"milvus://{secret}"}, "option")
    assert "secret" not in f"{caught.value}{caught.value.hint}"
    assert "IBID_MILVUS_TOKEN" in caught.value.hint


def test_a_server_elsewhere_is_not_asked_without_a_token(tmp_path: Path):
    result = run("ask", "x", "--index", "milvus://192.0.2.1/a", IBID_MILVUS_TOKEN="")
    assert_error(result, 2, "on another machine", "IBID_MILVUS_TOKEN")


def test_a_filter_holds_numbers_and_nothing_else():
    assert numbers("row", np.array([3, 1])) == "row in [3,1]"
    with pytest.raises(ValueError, match="invalid literal"):
        numbers("row", ["1] or row > 0 or row in [2"])  # type: ignore[list-item]


def test_articles_of_odd_names_are_found_under_their_filter(milvus: "Server", tmp_path: Path):
    from ibid.search import Filter

    library = open_library(tmp_path, milvus.address())
    name = """x' or row >= 0 or id in ["].md"""
    (library.folder / name).write_text('# Odd "x" % \'y\'\n\nPears and "apples" of an odd name.\n')
    library.build()
    for chosen in ("x*", name, """Odd "x" % 'y'"""):
        hits = library.search("""'apples" or 1 in [1]""", within=Filter(articles=(chosen,)))
        assert {hit.passage.article for hit in hits} == {name}, chosen


# Generations


def test_the_generation_before_stays_for_those_who_read_it(library: Library, milvus: "Server"):
    reader = again(library)
    assert len(list(reader.articles)) == 2
    for text in ("Apples fall in autumn.", "Apples rot in winter."):
        edit(library, text)
        library.build()
        assert len(milvus.collections(f"{name_of(library)}__")) == 4
    assert reader.search("apples rot")[0].passage.text.endswith("Apples rot in winter.\n")


def test_two_libraries_on_one_server_are_apart(library: Library, milvus: "Server"):
    other = open_library(Path(library.folder).parent, milvus.address())
    with pytest.raises(IndexMissing):
        other.search("apples")


def test_check_names_the_collection_that_was_changed(library: Library, milvus: "Server"):
    parts, passages = milvus.collections(f"{name_of(library)}__")
    client = milvus.client()
    client.delete(passages, ids=[0])
    client.upsert(parts, [{"id": 2, "data": "AAAA", "nothing": [0.0, 1.0]}])
    client.close()
    found = {problem.where: problem.what for problem in again(library).check()}
    assert found[parts] == "has other rows than it was given"
    assert "rows, not" in found[passages]


def test_collections_of_another_layout_are_refused(
    library: Library, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ibid.adapters.indexes.milvus.parts.LAYOUT", 2)
    with pytest.raises(IndexForeign, match="layout 1, this ibid reads 2"):
        again(library).search("apples")


@pytest.mark.parametrize(
    ("said", "instead"),
    [('"corpus.sqlite"', '"corpus.sqlite/../../../x"'), ('"digest": "', '"digest": "../../../')],
)
def test_a_server_does_not_choose_where_a_copy_lies(
    library: Library, milvus: "Server", said: str, instead: str
):
    parts, _ = milvus.collections(f"{name_of(library)}__")
    client = milvus.client()
    (head,) = client.get(parts, ids=[0], output_fields=["data"])
    data = base64.b64decode(head["data"]).decode().replace(said, instead)
    row = {"id": 0, "data": base64.b64encode(data.encode()).decode(), "nothing": [0.0, 1.0]}
    client.upsert(parts, [row])
    client.close()
    with pytest.raises(IndexDamaged):
        again(library).search("apples")
    assert not (library.store.root / "x").exists()


# Builders on several machines


def lease(library: Library, folder: Path) -> Lease:
    """Return the right to build as a machine has it whose folder of work is another one."""
    from ibid.adapters.indexes.milvus.collections import Names
    from ibid.adapters.indexes.milvus.connection import Server

    folder.mkdir()
    address = read_address(library.settings.index)
    return Lease(Server(address), Names(address.library), folder)


def test_a_builder_elsewhere_is_waited_for(library: Library, tmp_path: Path):
    edit(library, "Apples fall in autumn.")
    with lease(library, tmp_path / "elsewhere").held():
        with pytest.raises(IndexLocked, match="another build"):
            library.build()
        assert again(library).search("apples")
    assert library.build().changed


def test_a_builder_that_went_silent_is_replaced_and_cannot_publish(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ibid.adapters.indexes.milvus.lease._DEAD", 2.0)
    monkeypatch.setattr(Lease, "_beat", lambda *_: None)
    silent = lease(library, tmp_path / "elsewhere")
    with silent.held():
        edit(library, "Apples fall in autumn.")
        assert library.build().changed
        with pytest.raises(IbidError, match="took over"):
            silent.require()


# Servers that are not there


def test_a_server_that_is_not_there_is_told_in_a_line():
    result = run("ask", "x", "--index", "milvus://127.0.0.1:9/a")
    assert_error(result, 4, "cannot be read now", "then try again")


def test_a_wrong_token_is_told_and_not_repeated(library: Library):
    result = run(
        "ask", "x", "--index", library.settings.index, **{"IBID_MILVUS_TOKEN": "not-this-one"}
    )
    assert_error(result, 4, "cannot be read now", "does it take IBID_MILVUS_TOKEN?")
    assert "not-this-one" not in result.stderr


def test_an_old_server_is_told_in_a_line(milvus: "Server"):
    with milvus.of_version("v2.5.14"):
        result = run("ask", "x", "--index", milvus.address())
    assert_error(result, 4, "has version v2.5.14, ibid needs 2.6", "update the server")


def test_what_needs_pymilvus_names_the_library():
    program = "import sys; sys.modules['pymilvus'] = None; from ibid.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", program, "ask", "x", "--index", "milvus://127.0.0.1:9/a"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert_error(result, 1, "pymilvus is not installed")
