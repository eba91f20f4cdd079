"""From a folder to an index: what is read, what is left alone, and when something is written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from ibid.errors import FolderError, IndexMissing
from ibid.library import Library
from ibid.reading.files import LARGEST_FILE
from ibid.testing import HashEmbedder
from ibid.types.indexing import BuildReport, Progress

SOURCE = ROOT / "src"
PLUMS = "# Plums\n\nPlums are purple in late summer.\n"


def skipped(report: BuildReport) -> dict[str, str]:
    return {file.path: file.reason for file in report.skipped}


def ids(library: Library) -> list[str]:
    return [article.id for article in library.articles]


# What is read


def test_every_article_below_the_folder_is_read_in_order(small: Library, articles: Path):
    (articles / "Z.MARKDOWN").write_text(PLUMS)
    (articles / "deep" / "er").mkdir(parents=True)
    (articles / "deep" / "er" / "plums.txt").write_text(f"{PLUMS}And sweet.")
    small.build()
    assert ids(small) == ["Z.MARKDOWN", "apples.md", "deep/er/plums.txt", "pears.md"]


def test_other_files_and_hidden_ones_are_left_alone(small: Library, articles: Path):
    for name in ("notes.doc", "data.json", ".draft.md", "README"):
        (articles / name).write_text(PLUMS)
    (articles / ".git").mkdir()
    (articles / ".git" / "plums.md").write_text(PLUMS)
    report = small.build()
    assert (report.articles, report.skipped) == (2, ())


def test_links_and_pipes_are_skipped_and_nothing_outside_the_folder_is_read(
    small: Library, articles: Path, tmp_path: Path
):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text(PLUMS)
    (articles / "link.md").symlink_to(outside / "secret.md")
    (articles / "zero.md").symlink_to("/dev/zero")
    (articles / "dangling.md").symlink_to("nowhere")
    (articles / "folder").symlink_to(outside)
    os.mkfifo(articles / "pipe.md")
    report = small.build()
    assert report.articles == 2
    assert skipped(report) == {
        "dangling.md": "a symbolic link",
        "link.md": "a symbolic link",
        "pipe.md": "not a regular file",
        "zero.md": "a symbolic link",
    }


def test_the_index_is_not_read_when_it_lies_among_the_articles(articles: Path):
    library = Library.open(articles, articles / "index", embedder=HashEmbedder())
    (articles / "index").mkdir()
    (articles / "index" / "README.md").write_text(PLUMS)
    library.build()
    assert ids(library) == ["apples.md", "pears.md"]
    assert not library.build().changed


def test_a_file_that_cannot_be_an_article_is_skipped_with_the_reason(
    small: Library, articles: Path
):
    with (articles / "big.md").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    (articles / "binary.md").write_bytes(b"\x89PNG\0\0")
    (articles / "mixed.md").write_bytes("10\xa0mg\n".encode() + b"\xff\xc0\x80tail")
    (articles / "empty.md").write_text("")
    reasons = skipped(small.build())
    assert reasons["big.md"] == "larger than 20 MB"
    assert "binary" in reasons["binary.md"]
    assert "byte 0xff in line 2" in reasons["mixed.md"]
    assert reasons["empty.md"] == "empty"
    assert len(reasons) == 4


def test_a_file_name_that_is_no_text_is_shown_and_skipped(small: Library, articles: Path):
    for name in (b"caf\xe9.md", b"two\nlines.md", b"\x1b[31mred.md"):
        Path(os.fsdecode(bytes(articles) + b"/" + name)).write_text(PLUMS)
    (articles / "café \u202f👩‍🌾.md").write_text(PLUMS)
    report = small.build()
    assert list(skipped(report)) == ["\\x1b[31mred.md", "caf\\udce9.md", "two\\nlines.md"]
    assert report.articles == 3
    assert not small.build().changed


def test_a_folder_whose_name_is_no_text_can_be_built(articles: Path, tmp_path: Path):
    folder = articles.rename(Path(os.fsdecode(bytes(tmp_path) + b"/\xe9")))
    Library.open(folder, tmp_path / "index", embedder=HashEmbedder()).build()
    library = Library.open(index=tmp_path / "index", embedder=HashEmbedder())
    assert library.folder.resolve() == folder
    assert not library.build().changed


def test_a_sub_folder_that_cannot_be_listed_is_skipped_with_the_reason(
    small: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    (articles / "locked").mkdir()
    scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert skipped(small.build()) == {"locked": "Permission denied"}


def test_the_size_that_counts_is_what_was_read(
    small: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ibid.reading.files.LARGEST_FILE", (articles / "apples.md").stat().st_size)
    (articles / "pears.md").write_bytes(b"Pears. " * 99)
    assert list(skipped(small.build())) == ["pears.md"]


# When there is nothing to build from


def test_a_missing_folder_is_an_error_and_the_old_index_still_answers(
    built: Library, articles: Path, tmp_path: Path
):
    articles.rename(tmp_path / "elsewhere")
    with pytest.raises(FolderError, match="does not exist"):
        built.build()
    assert built.search("apples")


def test_a_file_is_not_a_folder(articles: Path, tmp_path: Path):
    library = Library.open(articles / "apples.md", tmp_path / "index", embedder=HashEmbedder())
    with pytest.raises(FolderError, match="is not a folder"):
        library.build()
    with pytest.raises(IndexMissing):
        library.search("apples")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("notes.doc", b"text", "holds no articles"),
        ("a.md", b"\0\1\2", "a.md: binary data"),
        ("a.md", "10\xa0mg".encode() + b"\xff\xc0\x80", "a.md: neither UTF-8"),
        ("a.md", b" \n\n", "a.md: empty"),
    ],
    ids=["nothing", "binary", "not-utf-8", "blank"],
)
def test_a_folder_without_one_article_is_an_error_and_the_old_index_still_answers(
    built: Library, articles: Path, name: str, data: bytes, message: str
):
    for path in articles.iterdir():
        path.unlink()
    (articles / name).write_bytes(data)
    with pytest.raises(FolderError, match=message):
        built.build(prune=True)
    assert built.search("apples")[0].passage.article == "apples.md"


def test_a_folder_that_cannot_be_listed_is_an_error(
    small: Library, monkeypatch: pytest.MonkeyPatch
):
    def refuse(path: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(FolderError, match=r"cannot be read \(Permission denied\)"):
        small.build()


# When something is written


def test_a_build_of_an_unchanged_folder_writes_nothing(small: Library):
    assert small.build().changed
    index = small.store.root
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in index.rglob("*")}
    report = small.build()
    assert not report.changed
    del before[index / "LOCK"]
    for path, status in before.items():
        assert (path.stat().st_mtime_ns, path.stat().st_ino) == status
    assert (report.articles, report.passages) == (2, small.store.current().manifest.passages)


def test_a_build_of_an_unchanged_folder_loads_no_model(seed_index: Path):
    program = """
import sys
from ibid import Library
assert not Library.open(index=sys.argv[1]).build().changed
print([name for name in ("torch", "sentence_transformers", "langchain_text_splitters") \
if name in sys.modules])
"""
    run = subprocess.run(
        [sys.executable, "-c", program, seed_index],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "[]\n"


def test_a_file_s_time_alone_changes_nothing_and_its_bytes_alone_do(built: Library, articles: Path):
    apples = articles / "apples.md"
    os.utime(apples, (0, 0))
    assert not built.build().changed
    status = apples.stat()
    apples.write_text(apples.read_text().replace("autumn", "summer"))
    os.utime(apples, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert built.changes() == ["1 article changed"]
    assert built.build().changed
    assert "summer" in built.search("When do apples fall?")[0].passage.text


def test_a_new_article_and_one_that_is_gone_make_a_new_index(small: Library, articles: Path):
    first = small.build().index
    (articles / "plums.md").write_text(PLUMS)
    assert small.changes() == ["1 article new"]
    second = small.build()
    assert (second.changed, second.articles) == (True, 3)
    assert small.search("purple plums")[0].passage.article == "plums.md"
    (articles / "pears.md").unlink()
    (articles / "apples.md").unlink()
    assert small.changes() == ["2 articles gone"]
    third = small.build(prune=True)
    assert ids(small) == ["plums.md"]
    assert len({first, second.index, third.index}) == 3


def test_the_report_tells_what_is_skipped_now(small: Library, articles: Path):
    (articles / "link.md").symlink_to("apples.md")
    (articles / "binary.md").write_bytes(b"\0")
    assert list(skipped(small.build())) == ["link.md", "binary.md"]
    (articles / "link.md").unlink()
    report = small.build()
    assert not report.changed
    assert list(skipped(report)) == ["binary.md"]


def test_progress_is_told_from_the_first_article_to_the_last_sentence(small: Library):
    told: list[Progress] = []
    small.build(told.append)
    assert told[0] == Progress("reading", 0, 2)
    embedded = [each for each in told if each.stage == "embedding"]
    assert embedded[-1].done == embedded[-1].total > 4
    assert told[-1].stage == "writing"


def test_articles_of_one_text_are_kept_apart(small: Library, articles: Path):
    (articles / "copy.md").write_bytes((articles / "apples.md").read_bytes() + b"\n")
    small.build()
    found = {hit.passage.article for hit in small.search("apples")[:2]}
    assert found == {"apples.md", "copy.md"}
    assert len({p.id for id in ids(small) for p in small.passages(id)}) >= 3
