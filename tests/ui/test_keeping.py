"""What cannot be read just now stays in the index as it was; what is there twice is read once."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ibid.cli.commands import cli
from ibid.errors import FolderError
from ibid.library import Library
from ibid.storage.store import Store
from ibid.testing import HashEmbedder
from ibid.types.articles import ArticleId
from ibid.types.indexing import BuildReport, Skipped

PLUMS = "# Plums\n\nPlums are purple in late summer.\n"


def ids(library: Library) -> list[str]:
    return [article.id for article in library.articles]


def kept(report: BuildReport) -> list[str]:
    return [file.path for file in report.skipped if file.kept]


def cannot_be_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every attempt to open a file fail, for root too."""
    opened = os.open

    def refuse(file: Any, *args: int, **options: Any) -> int:
        if Path(os.fsdecode(file)) == path:
            raise OSError(5, "Input/output error", file)
        return opened(file, *args, **options)

    monkeypatch.setattr(os, "open", refuse)


def becomes_binary(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(b"\x89PNG\0\0" * 99)


def becomes_a_link(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.rename(path.with_suffix(".old"))
    path.symlink_to(path.with_suffix(".old"))


def becomes_a_pipe(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.unlink()
    os.mkfifo(path)


def grows_too_large(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with path.open("ab") as file:
        file.truncate(1 << 30)


TROUBLES = (cannot_be_read, becomes_binary, becomes_a_link, becomes_a_pipe, grows_too_large)
Trouble = Callable[[Path, pytest.MonkeyPatch], None]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_an_article_that_cannot_be_read_any_more_keeps_its_last_version(
    built: Library, articles: Path, monkeypatch: pytest.MonkeyPatch, trouble: Trouble
):
    before = built.passages("pears.md")
    trouble(articles / "pears.md", monkeypatch)
    for text in (PLUMS, PLUMS + "They are sweet.\n"):  # two builds that have something to write
        (articles / "plums.md").write_text(text)
        report = built.build()
        assert report.changed
        assert kept(report) == ["pears.md"]
        assert ids(built) == ["apples.md", "pears.md", "plums.md"]
        assert built.passages("pears.md") == before
        assert built.search("pears in cold rooms")[0].passage.article == "pears.md"
    again = built.build()
    assert (again.changed, kept(again)) == (False, ["pears.md"])


@pytest.mark.parametrize("trouble", TROUBLES)
def test_pruning_leaves_it_out(
    built: Library, articles: Path, monkeypatch: pytest.MonkeyPatch, trouble: Trouble
):
    trouble(articles / "pears.md", monkeypatch)
    assert kept(built.build()) == ["pears.md"]
    report = built.build(prune=True)
    assert kept(report) == []
    assert [file.path for file in report.skipped] == ["pears.md"]
    assert ids(built) == ["apples.md"]
    assert not built.build(prune=True).changed


def test_it_is_read_again_as_soon_as_it_can_be(
    built: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as context:
        cannot_be_read(articles / "pears.md", context)
        built.build()
    report = built.build()
    assert (report.changed, report.skipped) == (False, ())
    becomes_binary(articles / "pears.md", monkeypatch)
    assert kept(built.build()) == ["pears.md"]
    (articles / "pears.md").write_text(PLUMS)
    assert built.build().skipped == ()
    assert built.article("pears.md").text == PLUMS


def test_a_folder_that_cannot_be_listed_keeps_the_articles_in_it(
    small: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    (articles / "deep").mkdir()
    (articles / "deep" / "plums.md").write_text(PLUMS)
    small.build()
    scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    report = small.build()
    assert report.skipped == (Skipped("deep", "Permission denied", kept=True),)
    assert ids(small) == ["apples.md", "deep/plums.md", "pears.md"]
    assert small.build(prune=True).changed
    assert ids(small) == ["apples.md", "pears.md"]


def test_what_was_deleted_or_emptied_is_not_kept(small: Library, articles: Path):
    (articles / "plums.md").write_text(PLUMS)
    for number in range(3):
        (articles / f"{number}.md").write_text(f"# Figs\n\nFigs have {number} seeds.\n")
    small.build()
    (articles / "pears.md").unlink()
    (articles / "plums.md").write_text("")
    report = small.build()
    assert report.skipped == (Skipped("plums.md", "empty"),)
    assert ids(small) == ["0.md", "1.md", "2.md", "apples.md"]


def test_a_file_that_vanishes_while_it_is_read_keeps_its_last_version_until_the_next_build(
    built: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    (articles / "pears.md").write_text(PLUMS)
    (articles / "new.md").write_text("# New\n\nSomething new.\n")

    def vanish(path: Path) -> bytes:
        raise FileNotFoundError(2, "No such file or directory", path)

    monkeypatch.setattr("ibid.index.build.read_file", vanish)
    gone = "No such file or directory"
    assert built.build().skipped == (Skipped("new.md", gone), Skipped("pears.md", gone, kept=True))
    assert "Farmers store pears" in built.article("pears.md").text
    monkeypatch.undo()
    assert built.build().skipped == ()
    assert built.article("pears.md").text == PLUMS
    assert ids(built) == ["apples.md", "new.md", "pears.md"]


def test_a_file_that_grows_while_it_is_read_is_no_copy_of_what_it_was(
    small: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("1.md", "2.md"):
        (articles / name).write_text(PLUMS)

    def grow(path: Path) -> bytes:
        return path.read_bytes() + b"They grow."

    monkeypatch.setattr("ibid.index.build.read_file", grow)
    small.build()
    assert (ids(small)[0], small.article("1.md").copies) == ("1.md", ())
    monkeypatch.undo()
    small.build()
    assert (small.article("1.md").text, small.article("1.md").copies) == (PLUMS, ("2.md",))


def test_where_the_last_version_cannot_be_used_nothing_is_lost_either(
    built: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    (
        Path(built.settings.index) / "generations" / built.store.current_name() / "corpus.sqlite"
    ).write_bytes(b"?")
    cannot_be_read(articles / "pears.md", monkeypatch)
    before = Store(Path(built.settings.index)).current_name()
    with pytest.raises(
        FolderError, match=r"pears\.md was in the index and cannot be read now"
    ) as e:
        built.build()
    assert "--prune" in e.value.hint
    assert built.store.current_name() == before
    assert built.build(prune=True).articles == 1


# Copies


def test_files_with_the_same_bytes_are_searched_once_and_all_are_named(
    small: Library, articles: Path
):
    (articles / "again").mkdir()
    for copy in ("again/pears.txt", "pears 2.md"):
        shutil.copy(articles / "pears.md", articles / copy)
    report = small.build()
    assert report.articles == 2
    assert report.copies == {"again/pears.txt": ("pears 2.md", "pears.md")}
    assert ids(small) == ["again/pears.txt", "apples.md"]
    assert small.article("pears.md").id == "again/pears.txt"
    assert [hit.passage.article for hit in small.search("pears")].count(
        ArticleId("again/pears.txt")
    ) == 1
    assert "the same file as pears 2.md, pears.md" in {
        finding.text for finding in small.lint()[ArticleId("again/pears.txt")]
    }
    assert not small.build().changed


def test_when_the_first_of_the_copies_goes_the_next_one_takes_its_place(
    small: Library, articles: Path
):
    shutil.copy(articles / "pears.md", articles / "a.md")
    small.build()
    assert ids(small) == ["a.md", "apples.md"]
    (articles / "a.md").unlink()
    assert small.build().embedded == 0
    assert ids(small) == ["apples.md", "pears.md"]
    (articles / "z.md").write_bytes((articles / "pears.md").read_bytes())
    assert small.build().copies == {"pears.md": ("z.md",)}
    assert small.article("pears.md").copies == ("z.md",)


def test_a_copy_that_cannot_be_read_takes_the_place_of_one_that_is_gone(
    small: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copy(articles / "pears.md", articles / "z.md")
    small.build()
    (articles / "pears.md").unlink()
    cannot_be_read(articles / "z.md", monkeypatch)
    assert kept(small.build()) == ["z.md"]
    assert ids(small) == ["apples.md", "z.md"]
    assert small.search("pears")[0].passage.article == "z.md"


def test_a_copy_that_turns_binary_is_left_out_since_its_original_still_says_it(
    small: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copy(articles / "pears.md", articles / "z.md")
    small.build()
    becomes_binary(articles / "z.md", monkeypatch)
    report = small.build()
    assert [(file.path, file.kept) for file in report.skipped] == [("z.md", False)]
    assert (ids(small), small.article("pears.md").copies) == (["apples.md", "pears.md"], ())
    assert not small.build().changed


def test_articles_that_turn_into_the_same_garbage_are_all_kept(
    built: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("apples.md", "pears.md"):
        becomes_binary(articles / name, monkeypatch)
    assert kept(built.build()) == ["apples.md", "pears.md"]
    assert ids(built) == ["apples.md", "pears.md"]
    (articles / "new.md").write_text(PLUMS)
    assert kept(built.build()) == ["apples.md", "pears.md"]


def test_empty_files_are_all_named_and_none_is_held(small: Library, articles: Path):
    for name in ("1.md", "2.md"):
        (articles / name).write_text("")
    assert [file.path for file in small.build().skipped] == ["1.md", "2.md"]
    becomes_binary(articles / "2.md", pytest.MonkeyPatch())
    assert kept(small.build()) == []
    assert small.check() == []


def test_a_library_that_was_open_sees_the_kept_version(built: Library, articles: Path):
    other = Library(built.settings, HashEmbedder())
    becomes_binary(articles / "pears.md", pytest.MonkeyPatch())
    built.build()
    assert other.search("pears")[0].passage.article == "pears.md"


def test_an_index_of_another_folder_holds_nothing(built: Library, articles: Path, tmp_path: Path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "plums.md").write_text(PLUMS)
    becomes_binary(other / "pears.md", pytest.MonkeyPatch())
    library = Library.open(other, built.settings.index, embedder=HashEmbedder())
    assert kept(library.build(prune=True)) == []
    assert ids(library) == ["plums.md"]


def test_the_command_tells_what_it_keeps_and_fails_until_it_is_pruned(
    small: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ibid.library.MiniLM", lambda _: HashEmbedder())

    def build(*options: str) -> Result:
        arguments = ["build", "--index", small.settings.index, *options, str(articles)]
        return CliRunner().invoke(cli, arguments, standalone_mode=False)

    assert build().exception is None
    becomes_binary(articles / "pears.md", monkeypatch)
    result = build()
    assert "kept as it was pears.md: binary data" in result.stderr
    assert isinstance(result.exception, FolderError)
    assert str(result.exception).startswith("the index keeps an earlier version of pears.md,")
    assert "--prune" in result.exception.hint
    assert [file["kept"] for file in json.loads(build("--json").stdout)["skipped"]] == [True]
    pruned = build("--prune")
    assert (pruned.exception, "skipped pears.md" in pruned.stderr) == (None, True)
