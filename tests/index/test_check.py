"""`ibid check` finds every defect that is planted in an index, and none in one that is whole."""

import hashlib
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from ibid.adapters.indexes.faiss_index import FaissWriter
from ibid.adapters.indexes.flat_index import FlatIndex
from ibid.adapters.indexes.tantivy_index import TantivyWriter
from ibid.cli.commands import cli
from ibid.errors import IbidError, IndexDamaged, IndexMissing
from ibid.library import Library
from ibid.ports import Files, Vectors
from ibid.settings import Settings
from ibid.storage.generations import DIGESTS, MANIFEST
from ibid.storage.verified_files import VerifiedFile, record
from ibid.testing import HashEmbedder
from markdown_texts import DATA

PEARS = "pears.md"
OUTSIDE = "its sentences are not in it"
FILES = ("passages.faiss", "sentences.faiss")


class Planter:
    """Changes an index as a faulty builder would have written it: all digests are right."""

    def __init__(self, library: Library) -> None:
        generation = library.store.current()
        self.root, self.folder = library.store.root, generation.folder
        self.name, self.manifest = generation.name, self._values()

    def sql(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.folder / "corpus.sqlite")) as connection:
            connection.execute(statement, values)
            connection.commit()

    def vectors(self, name: str, change: Callable[[Vectors], Vectors]) -> None:
        file = VerifiedFile(self.folder / name, name, record([(self.folder / name).read_bytes()]))
        index = FlatIndex(file)
        vectors = change(index.vectors(range(len(index))).copy())
        writer = FaissWriter(self.root / name, vectors.shape[1], half=name == "sentences.faiss")
        writer.begin()
        writer.add(vectors)
        (self.folder / name).write_bytes(b"".join(writer.files()[name]))
        (self.root / name).unlink()

    def words(self, change: Callable[[list[str]], list[str]]) -> None:
        with closing(sqlite3.connect(self.folder / "corpus.sqlite")) as connection:
            query = "select stems from passages where row is not null order by row"
            stems = [text for (text,) in connection.execute(query)]
        writer = TantivyWriter(self.folder / "scratch")
        for text in change(stems):
            writer.add(text)
        files: Files = writer.files()
        shutil.rmtree(self.folder / "words")
        (self.folder / "words").mkdir()
        for name, blocks in files.items():
            (self.folder / "words" / name).write_bytes(b"".join(blocks))
        shutil.rmtree(self.folder / "scratch")

    def seal(self) -> None:
        """Write the manifest with the digests of the files that are there now."""
        paths = [path for path in self.folder.rglob("*") if path.is_file()]
        records = {
            path.relative_to(self.folder).as_posix(): record([path.read_bytes()])
            for path in paths
            if path.name not in {MANIFEST, DIGESTS}
        }
        digests = b"".join(each.digests for each in records.values())
        (self.folder / DIGESTS).write_bytes(digests)
        self.manifest["files"] = {name: each.size for name, each in records.items()}
        self.manifest["digests"] = hashlib.sha256(digests).hexdigest()
        data = json.dumps(self.manifest).encode()
        (self.folder / "manifest.json").write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        (self.root / "CURRENT").write_text(f"{self.name} {digest}\n")

    def _values(self) -> dict[str, Any]:
        return json.loads((self.folder / "manifest.json").read_bytes())


def _update(column: str, value: object) -> Callable[[Planter], None]:
    """Return what changes a column of the passages of an article."""

    def plant(index: Planter) -> None:
        index.sql(f"update passages set {column} = ? where article = ?", value, PEARS)  # noqa: S608

    return plant


def _update_article(column: str, value: object) -> Callable[[Planter], None]:
    def plant(index: Planter) -> None:
        index.sql(f"update articles set {column} = ? where id = ?", value, PEARS)  # noqa: S608

    return plant


def _scaled(factor: float) -> Callable[[Vectors], Vectors]:
    def change(vectors: Vectors) -> Vectors:
        vectors[1] *= factor
        return vectors

    return change


def _set_nan(vectors: Vectors) -> Vectors:
    vectors[0, 0] = np.nan
    return vectors


def _drop_last(vectors: Vectors) -> Vectors:
    return vectors[:-1]


def _repeat_last(vectors: Vectors) -> Vectors:
    return np.concatenate([vectors, vectors[-1:]])


def _narrow(vectors: Vectors) -> Vectors:
    half = vectors[:, :32].copy()
    return half / np.linalg.norm(half, axis=1, keepdims=True)


def _drop_text(stems: list[str]) -> list[str]:
    return stems[:-1]


def _add_text(stems: list[str]) -> list[str]:
    return [*stems, "x"]


def _empty_text(stems: list[str]) -> list[str]:
    return ["", *stems[1:]]


def _shift_sections(index: Planter) -> None:
    with closing(sqlite3.connect(index.folder / "corpus.sqlite")) as connection:
        query = "select sections from articles where id = ?"
        sections = json.loads(connection.execute(query, (PEARS,)).fetchone()[0])
    sections[0][2] += 1
    index.sql("update articles set sections = ? where id = ?", json.dumps(sections), PEARS)


def _prose_outside(index: Planter) -> None:
    index.sql(
        "update articles set sections = ? where id = ?",
        json.dumps([[["Pears"], 0, 70, 9, 71]]).replace("70, 9, 71", "66, 9, 99"),
        PEARS,
    )


def _manifest(**values: object) -> Callable[[Planter], None]:
    def plant(index: Planter) -> None:
        index.manifest |= values

    return plant


def _manifest_articles(change: Callable[[dict[str, str]], object]) -> Callable[[Planter], None]:
    def plant(index: Planter) -> None:
        change(index.manifest["articles"])

    return plant


DEFECTS: dict[str, tuple[Callable[[Planter], object], str]] = {
    # rows
    "a row is missing": (_update("row", None), "rows for other passages"),
    "a row is not dense": (_update("row", 7), "other rows than it should"),
    "a sentence's row is wrong": (_update("first_sentence", 9), "other rows than it should"),
    "an article's rows begin elsewhere": (_update_article("first_row", 0), "names other rows"),
    "an article has too many rows": (_update_article("rows", 2), "names other rows"),
    "the passage count is wrong": (_manifest(passages=9), "says 9 passages of 2"),
    # places
    "a passage starts too late": (_update("start", 1), "do not tile"),
    "a passage ends too early": (_update("end", 20), "do not tile"),
    "a passage ends behind the text": (_update("end", 9999), "do not tile"),
    "sections leave a gap": (_shift_sections, "sections do not tile"),
    "a section's text is outside of it": (_prose_outside, "text of a section"),
    "a sentence is outside of its passage": (_update("sentences", "[[0, 900]]"), OUTSIDE),
    "a sentence is empty": (_update("sentences", "[[9, 9], [9, 20]]"), OUTSIDE),
    "sentences overlap": (_update("sentences", "[[9, 30], [20, 40]]"), OUTSIDE),
    "sentences are out of order": (_update("sentences", "[[30, 40], [9, 20]]"), OUTSIDE),
    "a finding is outside of the text": (
        _update_article("findings", '[["heading", "x", 5, 9999, 0]]'),
        "a finding is about a place",
    ),
    # names and texts
    "a passage has another name": (_update("id", "0123456789abcdef"), "not named after its text"),
    "a passage has other headings": (_update("headings", '["Plums"]'), "not named after its text"),
    "the text was changed": (_update_article("text", "# Pears\n\nPears rot."), "do not tile"),
    "the text was cut": (_update_article("text", "# Pears\n"), "do not tile"),
    "the text is gone": (_update_article("text", ""), "do not tile"),
    # articles
    "an article is missing": (
        lambda index: index.sql("delete from articles where id = ?", PEARS),
        "has passages and is not there",
    ),
    "an article has no passages": (
        lambda index: index.sql("delete from passages where article = ?", PEARS),
        "do not tile",
    ),
    "an article is unknown to the manifest": (
        _manifest_articles(lambda articles: articles.pop(PEARS)),
        "the manifest does not name it",
    ),
    "an article is only in the manifest": (
        _manifest_articles(lambda articles: articles.update({"plums.md": "0"})),
        "the manifest names it",
    ),
    "an article is of another file": (
        _manifest_articles(lambda articles: articles.update({PEARS: "0"})),
        "not of the file that the manifest names",
    ),
    "what an article says of itself is no JSON": (_update_article("meta", "{"), "cannot be read"),
    "sections are no JSON": (_update_article("sections", "[[1]]"), "cannot be read"),
    "sentences are no JSON": (_update("sentences", "[["), "cannot be read"),
    # vectors
    **{
        f"{what} ({name})": (partial(Planter.vectors, name=name, change=change), said)
        for name in FILES
        for what, change, said in (
            ("a vector is too long", _scaled(1.01), "has the length 1.010, not 1"),
            ("a vector is zero", _scaled(0), "has the length 0.000, not 1"),
            ("a vector is not a number", _set_nan, "has the length nan, not 1"),
            ("a vector is missing", _drop_last, r"has \d vectors for \d texts"),
            ("a vector is too many", _repeat_last, r"has \d vectors for \d texts"),
            ("the dimensions are wrong", _narrow, "have 32 numbers, not 64"),
        )
    },
    # words
    "a text is missing": (partial(Planter.words, change=_drop_text), "has 1 texts for 2"),
    "a text is too many": (partial(Planter.words, change=_add_text), "has 3 texts for 2"),
    "a word is missing": (
        partial(Planter.words, change=_empty_text),
        "knows 0 passages with",
    ),
}  # fmt: skip


def problems(library: Library) -> list[str]:
    """Return what a fresh process finds."""
    found = Library(library.settings, HashEmbedder()).check()
    return [f"{problem.where}: {problem.what}" for problem in found]


def test_there_are_at_least_thirty_defects():
    assert len(DEFECTS) >= 30


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_found(built: Library, defect: str):
    plant, said = DEFECTS[defect]
    index = Planter(built)
    plant(index)
    index.seal()
    found = problems(built)
    assert any(re.search(said, problem) for problem in found), found
    assert all("\n" not in problem for problem in found)


def test_sealing_alone_plants_nothing(built: Library):
    Planter(built).seal()
    assert problems(built) == []


def damages(folder: Path) -> Iterator[tuple[str, str]]:
    """Damage each file of a generation in turn; yield its name and what is to be said."""
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        name, data = path.relative_to(folder).as_posix(), path.read_bytes()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        yield name, "is not the file that was written"
        path.unlink()
        yield name, "cannot be read (No such file or directory)"
        path.write_bytes(data)


def test_every_damaged_file_is_named(built: Library):
    for name, said in damages(built.store.current().folder):
        (found,) = problems(built)
        assert name in found
        assert said in found
    assert problems(built) == []


def test_all_damaged_files_are_named_at_once_and_those_that_do_not_belong_there(built: Library):
    folder = built.store.current().folder
    for name in FILES:
        (folder / name).write_bytes(b"?")
    (folder / "evil.pkl").write_bytes(b"?")
    assert [problem.split(":")[0] for problem in problems(built)] == [*FILES, "evil.pkl"]


def test_an_index_is_whole_after_every_kind_of_edit(built: Library, articles: Path):
    assert problems(built) == []
    (articles / "plums.md").write_text("# Plums\n\nPlums are purple.\n")
    (articles / "copy.md").write_bytes((articles / PEARS).read_bytes())
    built.build()
    assert problems(built) == []
    (articles / "apples.md").rename(articles / "z.md")
    (articles / PEARS).unlink()
    (articles / "plums.md").write_bytes(b"\x89PNG\0\0")
    (articles / "empty.md").write_text("")
    built.build()
    assert problems(built) == []


def test_real_articles_make_a_whole_index(library: Library):
    assert library.check() == []


@pytest.mark.skipif(not DATA.is_dir(), reason="the evaluation data is not on this machine")
def test_hostile_articles_make_a_whole_index(tmp_path: Path):
    folder = DATA / "hostile_articles"
    library = Library.open(folder, tmp_path, Settings(model="none"), embedder=HashEmbedder())
    library.build()
    assert library.check() == []


def test_without_an_index_there_is_nothing_to_check(small: Library):
    with pytest.raises(IndexMissing):
        small.check()


def test_the_command_prints_each_problem_and_fails(
    built: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ibid.library.MiniLM", lambda _: HashEmbedder())

    def check(*options: str) -> Result:
        arguments = ["check", "--index", built.settings.index, *options]
        return CliRunner().invoke(cli, arguments, standalone_mode=False)

    assert check().stdout == "The index is whole: 2 articles.\n"
    assert json.loads(check("--json").stdout) == []
    (built.store.current().folder / "corpus.sqlite").write_bytes(b"?")
    result = check()
    assert result.stdout == "corpus.sqlite: is not the file that was written\n"
    assert isinstance(result.exception, IndexDamaged)
    error: IbidError = result.exception
    assert (str(error), error.hint, error.exit_code) == (
        "the index has 1 problem",
        f"delete {built.store.root / 'CURRENT'}, then ibid build {os.path.relpath(articles)}",
        4,
    )
    assert json.loads(check("--json").stdout) == [
        {"where": "corpus.sqlite", "what": "is not the file that was written"}
    ]
