"""What leaves an index is told, and much of it leaves only when somebody agrees."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ibid.cli.commands import cli
from ibid.errors import ArticlesWouldBeLost, FolderError
from ibid.index.losses import is_much
from ibid.library import Library
from ibid.ports import EmbedderIdentity
from ibid.storage.generations import FORMAT
from ibid.testing import HashEmbedder

MANY = 30


class OtherEmbedder(HashEmbedder):
    """Embeds as the other one does, under another name."""

    identity = EmbedderIdentity("other-words", "1", 64)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "volume"
    folder.mkdir()
    for number in range(MANY):
        text = f"# Pear {number}\n\n" + f"Pear number {number} ripens after the harvest. " * 20
        (folder / f"{number:02}.md").write_text(text, "utf-8")
    return folder


@pytest.fixture
def many(folder: Path, tmp_path: Path) -> Library:
    """A library of thirty articles, built."""
    library = Library.open(folder, tmp_path / "index", embedder=HashEmbedder())
    library.build()
    return library


def paths(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def bytes_of(library: Library) -> dict[str, bytes]:
    """Return what answers; a lock and a journal may stay behind."""
    files = (path for path in library.store.root.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files if path.name not in ("LOCK", "JOURNAL")}


def refused(library: Library) -> ArticlesWouldBeLost:
    """Return why a build is refused; the index must stay as it is, byte for byte."""
    before = bytes_of(library)
    with pytest.raises(ArticlesWouldBeLost) as caught:
        library.build()
    assert bytes_of(library) == before
    return caught.value


# What counts as much


@pytest.mark.parametrize(
    ("lost", "before", "much"),
    [
        *((1, 3, False), (2, 3, True), (1, 2, False), (1, 1, True), (0, 0, False), (0, 5, False)),
        *((2, 6, False), (3, 8, True), (10, 30, False), (11, 30, True)),
        *((19, 10_000, False), (20, 10_000, True), (299, 300, True)),
    ],
)
def test_a_third_or_twenty_or_all_is_much(lost: int, before: int, much: bool):
    assert is_much(lost, before) is much


# Ways to lose articles


def unmount(folder: Path) -> None:
    for path in paths(folder)[1:]:
        path.unlink()


def truncate(folder: Path) -> None:
    for path in paths(folder)[1:]:
        os.truncate(path, 0)


def leave_blanks(folder: Path) -> None:
    for number, path in enumerate(paths(folder)[1:]):
        path.write_text(" \n" * number)


def leave_no_words(folder: Path) -> None:
    for number, path in enumerate(paths(folder)[1:]):
        path.write_text("---\n" * (number + 2))


def leave_pointers(folder: Path) -> None:
    for path in paths(folder)[1:]:
        path.write_text(f"The text of {path.name} is elsewhere.")


def make_all_the_same(folder: Path) -> None:
    for path in paths(folder)[1:]:
        path.write_text("This file is not on this device. " * 30)


def make_copies_of_the_first(folder: Path) -> None:
    for path in paths(folder)[1:]:
        shutil.copy(paths(folder)[0], path)


def hide(folder: Path) -> None:
    (folder / ".hidden").mkdir()
    for path in paths(folder)[2:]:
        path.rename(folder / ".hidden" / path.name)


def rename_as_no_articles(folder: Path) -> None:
    for path in paths(folder)[1:]:
        path.rename(path.with_suffix(".md.bak"))


def put_another_volume_there(folder: Path) -> None:
    unmount(folder)
    paths(folder)[0].unlink()
    for number in range(MANY):
        (folder / f"other {number}.md").write_text(f"# Other\n\nOther number {number} is here.\n")


WAYS = (
    unmount,
    truncate,
    leave_blanks,
    leave_no_words,
    leave_pointers,
    make_all_the_same,
    make_copies_of_the_first,
    hide,
    rename_as_no_articles,
    put_another_volume_there,
)


@pytest.mark.parametrize("lose", WAYS)
def test_a_great_loss_is_refused_and_nothing_is_touched(
    many: Library, folder: Path, lose: Callable[[Path], None]
):
    lose(folder)
    error = refused(many)
    assert len(error.articles) >= MANY - 2
    assert error.before == MANY
    assert f"of {MANY} articles would leave the index" in str(error)
    assert many.search("pear number 17", 1)[0].passage.article == "17.md"


def test_the_message_says_how_many_of_how_many_and_names_three(many: Library, folder: Path):
    unmount(folder)
    error = refused(many)
    assert f"29 of {MANY} articles" in str(error)
    assert str(error).endswith(": 01.md, 02.md, 03.md and 26 more")
    assert "mounted" in error.hint
    assert "ibid build --prune" in error.hint


def test_an_empty_folder_loses_nothing(many: Library, folder: Path):
    unmount(folder)
    paths(folder)[0].unlink()
    before = bytes_of(many)
    for prune in (False, True):
        with pytest.raises(FolderError, match="holds no articles"):
            many.build(prune=prune)
    assert bytes_of(many) == before


# What is no loss


def test_what_is_renamed_edited_copied_or_added_is_not_lost(many: Library, folder: Path):
    first, second, *others = paths(folder)
    for path in others:
        path.rename(folder / f"renamed {path.name}")
    shutil.copy(first, folder / "copy.md")
    second.write_text(second.read_text() + "It is sweet.\n")
    (folder / "new.md").write_text("# Plums\n\nPlums are purple.\n")
    report = many.build()
    assert (report.added, report.edited, report.removed) == (("new.md",), ("01.md",), ())


def test_copies_may_go_as_long_as_one_is_left(many: Library, folder: Path):
    for number in range(MANY):
        shutil.copy(folder / "00.md", folder / f"a copy {number}.md")
    assert many.build().removed == ()
    for path in (*folder.glob("a copy*"), folder / "00.md"):
        path.unlink()
    assert many.build().removed == ("00.md",)


def test_what_cannot_be_read_is_kept_and_never_lost(many: Library, folder: Path):
    for path in paths(folder):
        path.write_bytes(b"\0\1\2" * 99)
    report = many.build()
    assert (len(many.articles), report.removed) == (MANY, ())
    unmount(folder)
    assert len(refused(many).articles) == MANY - 1


def test_what_was_kept_and_can_be_read_again_was_never_gone(
    many: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    texts = {path: path.read_bytes() for path in paths(folder)}

    def fail(path: Path) -> bytes:
        raise OSError(5, "Input/output error", path)

    for path in texts:
        path.write_text(f"{path.name} is being edited.")
    with monkeypatch.context() as context:
        context.setattr("ibid.index.build.read_file", fail)
        assert len(many.build().skipped) == MANY
    for path, text in texts.items():
        path.write_bytes(text)
    (folder / "new.md").write_text("# Plums\n\nPlums are purple.\n")
    report = many.build()
    assert (report.added, report.removed) == (("new.md",), ())


def test_where_an_extra_is_missing_its_articles_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(3):
        page = f"<html><body><article><p>Page {number} is about pears.</p></article></body></html>"
        (folder / f"{number}.html").write_text(page)
    library = Library.open(folder, tmp_path / "index", embedder=HashEmbedder())
    library.build()
    (folder / "new.md").write_text("# Plums\n\nPlums are purple.\n")
    monkeypatch.setattr(
        "ibid.reading.folder.missing_extra", lambda suffix: "no extra" if suffix == ".html" else ""
    )
    report = library.build()
    assert (report.articles, report.removed) == (4, ())
    assert [file.kept for file in report.skipped] == [True] * 3


# Another folder, another index


def test_another_folder_is_refused_unless_it_holds_the_same(
    many: Library, folder: Path, tmp_path: Path
):
    other = tmp_path / "other"
    other.mkdir()
    for path in paths(folder):
        (other / path.name).write_text(f"# Plums\n\nPlums of {path.name} are purple.\n" * 20)
    elsewhere = Library.open(other, many.settings.index, embedder=HashEmbedder())
    error = refused(elsewhere)
    assert len(error.articles) == MANY
    assert "--index" in error.hint
    assert f"--prune {other}" in error.hint
    for path in paths(folder):
        path.rename(other / path.name)
    assert elsewhere.build().removed == ()


def test_the_check_needs_no_index_that_can_answer(many: Library, folder: Path):
    unmount(folder)
    foreign = Library.open(folder, many.settings.index, embedder=OtherEmbedder())
    assert len(refused(foreign).articles) == MANY - 1
    manifest = many.store.current().folder / "manifest.json"
    whole = manifest.read_bytes()
    for old, new in ((f'"format": {FORMAT}', '"format": 99'), ('"chunker"', '"thunker"')):
        manifest.write_bytes(whole.replace(old.encode(), new.encode()))
        assert len(refused(Library(many.settings, HashEmbedder())).articles) == MANY - 1
    manifest.write_bytes(b"?" + whole)
    report = Library(many.settings, HashEmbedder()).build()
    assert (report.articles, report.compared) == (1, False)


# Agreeing


def test_what_was_agreed_to_go_may_go_and_nothing_else(many: Library, folder: Path):
    kept = paths(folder)[0].read_text()
    unmount(folder)
    agreed = refused(many).articles
    (folder / "00.md").unlink()
    (folder / "new.md").write_text("# Plums\n\nPlums are purple.\n")
    with pytest.raises(ArticlesWouldBeLost) as caught:
        many.build(prune=agreed)
    assert set(caught.value.articles) == {"00.md", *agreed}
    (folder / "00.md").write_text(kept)
    assert many.build(prune=agreed).removed == agreed
    assert not many.build().changed


# The command


def build(library: Library, *options: str) -> Result:
    arguments = ["build", "--index", library.settings.index, *options, *library.settings.articles]
    return CliRunner().invoke(cli, arguments, standalone_mode=False)


def test_the_command_refuses_and_tells_what_was_removed(
    many: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ibid.library.MiniLM", lambda _: HashEmbedder())
    paths(folder)[3].unlink()
    assert "0 articles added, 0 edited, 1 removed: 03.md" in build(many).stderr
    unmount(folder)
    error = build(many).exception
    assert isinstance(error, ArticlesWouldBeLost)
    assert error.exit_code == 1
    report = json.loads(build(many, "--prune", "--json").stdout)
    assert (report["added"], report["edited"], len(report["removed"])) == ([], [], MANY - 2)
