"""Junk whose digests fit is damage: one line says so, and a build mends it."""

import hashlib
import json
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ibid.errors import IndexDamaged, IndexUnusable
from ibid.index.token_vectors import TokenIndex
from ibid.library import Library
from ibid.storage.generations import DIGESTS, MANIFEST
from ibid.storage.store import Store
from ibid.storage.verified_files import FileRecord, VerifiedFile, record
from stores import again, apples, rewrite_manifest

Values = dict[str, Any]


def use(library: Library) -> None:
    """Do with an index whatever can be done. Raises IndexUnusable and nothing else."""
    library = again(library)
    library.search("Where do apples grow?")
    library.ask("Where do apples grow?")
    library.compare("apples")
    library.lint()
    library.changes()
    for article in library.articles:
        library.passages(article.id)
        library.claims(article.id)


def assert_damaged_and_mended(library: Library) -> None:
    with pytest.raises(IndexUnusable) as caught:
        use(library)
    assert "\n" not in str(caught.value)
    assert (caught.value.hint, caught.value.exit_code) == ("ibid build", 4)
    assert again(library).check()
    again(library).build()
    use(library)
    assert apples(library) == "apples.md"


def refit(store: Store, name: str, data: bytes) -> None:
    """Put other bytes in place of a file, and let all digests fit."""
    generation = store.current()
    (generation.folder / name).write_bytes(data)
    names = dict.fromkeys((*generation.manifest.files, name))
    files = {each: (generation.folder / each).read_bytes() for each in names}
    digests = b"".join(record([content]).digests for content in files.values())
    (generation.folder / DIGESTS).write_bytes(digests)
    sizes = {each: len(content) for each, content in files.items()}
    digest = hashlib.sha256(digests).hexdigest()
    rewrite_manifest(store, lambda values: values.update(files=sizes, digests=digest))


def _size(values: Values, size: object) -> None:
    values["files"]["corpus.sqlite"] = size


MANIFESTS: dict[str, Callable[[Values], object]] = {
    "articles are a list": lambda values: values.update(articles=["apples.md"]),
    "articles are numbers": lambda values: values.update(articles={"apples.md": 1}),
    "sizes are texts": lambda values: _size(values, "1"),
    "sizes are negative": lambda values: _size(values, -1),
    "sizes are absurd": lambda values: _size(values, 1 << 62),
    "sizes are fractions": lambda values: _size(values, 4096.0),
    "passages are a text": lambda values: values.update(passages="x"),
    "passages are true": lambda values: values.update(passages=True),
    "passages are many": lambda values: values.update(passages=1 << 60),
    "passages are negative": lambda values: values.update(passages=-1),
    "skipped has other fields": lambda values: values.update(skipped=[{"path": "a", "why": "b"}]),
    "skipped is no list": lambda values: values.update(skipped={"path": "a"}),
    "embedder is null": lambda values: values.update(embedder=None),
    "embedder is a text": lambda values: values.update(embedder="all"),
    "no dimensions": lambda values: values["embedder"].update(dimensions=0),
    "a file above": lambda values: values["files"].update({"../LOCK": 0}),
    "an absolute file": lambda values: values["files"].update({"/etc/passwd": 0}),
    "an article above": lambda values: values["articles"].update({"a/../../b.md": "0"}),
    "a NUL in the folder": lambda values: values.update(folder="a\0b"),
    "a folder that is no name": lambda values: values.update(folder="\ud800"),
    "a folder that is a number": lambda values: values.update(folder=7),
    "built is null": lambda values: values.update(built=None),
    "digests of another length": lambda values: values.update(digests="0"),
    "files are null": lambda values: values.update(files=None),
    "format is a text": lambda values: values.update(format="5"),
    "format is a list": lambda values: values.update(format=[[5]]),
}


@pytest.mark.parametrize("kind", MANIFESTS)
def test_a_manifest_of_other_types_is_damage(built: Library, kind: str):
    rewrite_manifest(built.store, MANIFESTS[kind])
    assert_damaged_and_mended(built)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"null", b"[]", b"7", b"[" * 200_000, b"{" * 9, b'{"format":' + b"9" * 5000],
)
def test_a_manifest_that_is_none_is_damage(built: Library, data: bytes):
    store = built.store
    generation = store.current()
    (generation.folder / MANIFEST).write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    (store.root / "CURRENT").write_text(f"{generation.name} {digest}")
    assert_damaged_and_mended(built)


@pytest.mark.parametrize(
    "data", [b"a" * 10_000_000, b"\0" * 99, b"a\0b c", b"a b\nc d", b"a\tb\x1b"]
)
def test_a_current_of_junk_is_damage(built: Library, data: bytes):
    (built.store.root / "CURRENT").write_bytes(data)
    assert_damaged_and_mended(built)


CORPORA = {
    "another table": "drop table passages; create table passages (a)",
    "no articles": "delete from articles",
    "another article": "update articles set id = 'other' where id = 'apples.md'",
    "a blob for a title": "update articles set title = x'00ff'",
    "a blob for an id": "update articles set id = x'00ff' where id = 'apples.md'",
    "a blob for JSON": "update articles set meta = x'00'",
    "a number for JSON": "update articles set sections = '7'",
    "a text for rows": "update articles set rows = 'many'",
    "absurd rows": "update articles set rows = 1152921504606846976",
    "negative rows": "update articles set first_row = -1",
    "no rows": "update passages set row = null",
    "nested JSON": "update articles set warnings = '" + "[" * 100_000 + "'",
    "texts for places": 'update passages set sentences = \'[["a", "b"]]\'',
    "fractions for places": "update passages set sentences = '[[0.5, 1.5]]'",
    "a text for a start": "update passages set start = 'x'",
    "numbers for headings": "update passages set headings = '[1]'",
    "absurd sentences": "update passages set first_sentence = 99999999",
    "a text for a sentence": "update passages set first_sentence = 'x'",
    "an unknown finding": 'update articles set findings = \'[["a", "b", 0, 1, null]]\'',
    "a blob for copies": "update articles set copies = x'5b5d'",
    "other fields": "update articles set meta = '{\"author\": 1}'",
    "no UTF-8": "update articles set text = cast(x'ff41' as text)",
}


@pytest.mark.parametrize("kind", CORPORA)
def test_a_corpus_of_other_types_is_damage(built: Library, tmp_path: Path, kind: str):
    path = tmp_path / "corpus.sqlite"
    path.write_bytes((built.store.current().folder / "corpus.sqlite").read_bytes())
    with sqlite3.connect(path) as connection:
        connection.execute("pragma ignore_check_constraints = on")
        connection.executescript(CORPORA[kind])
    connection.close()
    refit(built.store, "corpus.sqlite", path.read_bytes())
    assert_damaged_and_mended(built)


def put(data: bytes, place: int, form: str, value: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(form, changed, place, value)
    return bytes(changed)


OTHER_BYTES: dict[str, Callable[[bytes], bytes]] = {
    "junk": lambda _: b"junk" * 999,
    "empty": lambda _: b"",
    "half": lambda data: data[: len(data) // 2],
    "zeros": lambda data: bytes(len(data)),
    "many vectors": lambda data: put(data, 8, "<q", 1 << 60),
    "no numbers": lambda data: put(put(data, 4, "<i", 0), 8, "<q", 1 << 60),
    "other numbers": lambda data: put(put(data, 4, "<i", 1), 8, "<q", 128),
}
BINARY = ["corpus.sqlite", "passages.faiss", "sentences.faiss", "words/meta.json"]


@pytest.mark.parametrize("kind", OTHER_BYTES)
@pytest.mark.parametrize("name", BINARY)
def test_a_file_of_other_bytes_is_damage(built: Library, name: str, kind: str):
    data = (built.store.current().folder / name).read_bytes()
    changed = OTHER_BYTES[kind](data)
    refit(built.store, name, changed)
    if changed[100:] != data[100:] or name.endswith("faiss"):
        assert_damaged_and_mended(built)


@pytest.mark.parametrize("data", [b"", b"junk" * 99, b"IwSq" + b"\xff" * 999, b"IxFI" + bytes(99)])
def test_clusters_of_junk_are_damage(built: Library, data: bytes):
    refit(built.store, "passages.ivf", data)
    assert_damaged_and_mended(built)


def starts(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}q", *values)


@pytest.mark.parametrize(
    "data",
    [b"", b"1234567", starts(0, 1, 2) + b"1", starts(1, 2), starts(0, 9, 2), starts(-1, 2),
     starts(0, 1 << 60), starts(2)],
)  # fmt: skip
def test_tokens_that_do_not_fit_are_damage(tmp_path: Path, data: bytes):
    files: list[VerifiedFile] = []
    for name, content in (("starts", data), ("signs", bytes(16))):
        (tmp_path / name).write_bytes(content)
        written: FileRecord = record([content])
        files.append(VerifiedFile(tmp_path / name, name, written))
    with pytest.raises(IndexDamaged):
        TokenIndex(*files, 64)


def test_rewriting_a_manifest_alone_does_no_damage(built: Library):
    rewrite_manifest(built.store, json.dumps)
    use(built)
