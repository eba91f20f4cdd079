"""Several folders as one library: which file an id means, and which folders can be together."""

from pathlib import Path

import pytest

from ibid.errors import FolderError, UsageError
from ibid.reading import Folders, scan_folders
from ibid.types import ArticleId


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("notes", "blog", "notes/2025", "other/notes"):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / name / "a.md").write_text(f"# From {name}\n\nPears.", "utf-8")
    return tmp_path


def together(root: Path, *names: str) -> Folders:
    return Folders(tuple(root / name for name in names))


def found(folders: Folders) -> list[str]:
    return list(scan_folders(folders, folders.first / "index").digests)


def test_the_ids_of_one_folder_are_its_paths(root: Path):
    assert found(together(root, "notes")) == ["2025/a.md", "a.md"]


def test_the_ids_of_several_folders_begin_with_their_names_in_one_order(root: Path):
    ids = ["blog/a.md", "notes/2025/a.md", "notes/a.md"]
    assert found(together(root, "notes", "blog")) == ids
    assert found(together(root, "blog", "notes")) == ids


@pytest.mark.parametrize("names", [("notes",), ("notes", "blog"), ("notes/", "./blog/../blog")])
def test_each_id_means_the_file_that_it_came_from(root: Path, names: tuple[str, ...]):
    folders = together(root, *names)
    for id in found(folders):
        assert folders.path(id).read_text("utf-8").startswith("# From ")
        assert folders.rename(ArticleId(id), folders) == id


def test_an_id_of_no_folder_is_looked_for_in_the_first_and_never_outside(root: Path):
    folders = together(root, "notes", "blog")
    assert folders.path("papers/a.md") == root / "notes/papers/a.md"
    assert folders.path("notes//etc/passwd").is_relative_to(root / "notes")


def test_a_link_has_its_own_name_and_a_dot_the_name_of_the_folder(root: Path, monkeypatch):
    (root / "link").symlink_to(root / "other/notes")
    monkeypatch.chdir(root / "notes")
    folders = Folders((Path(), Path("../link")))
    assert found(folders) == ["link/a.md", "notes/2025/a.md", "notes/a.md"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("notes", "notes"), "are the same folder"),
        (("notes", "notes/"), "are the same folder"),
        (("notes", "blog/../notes"), "are the same folder"),
        (("notes", "link"), "are the same folder"),
        (("notes", "notes/2025"), "2025 is in .*notes"),
        (("notes/2025", "notes"), "2025 is in .*notes"),
        (("notes", "inner"), "inner is in .*notes"),
        (("notes", "other/notes"), "have the same name"),
        (("notes", "index/blog"), "is in the index"),
    ],
)
def test_folders_that_cannot_be_together_are_refused(
    root: Path, names: tuple[str, ...], message: str
):
    (root / "link").symlink_to(root / "notes")
    (root / "inner").symlink_to(root / "notes/2025")
    (root / "index/blog").mkdir(parents=True)
    with pytest.raises(UsageError, match=message) as refused:
        scan_folders(together(root, *names), root / "index")
    assert refused.value.hint


@pytest.mark.parametrize(
    ("name", "message"), [("gone", "gone does not exist"), ("blog/a.md", "is not a folder")]
)
def test_one_folder_that_is_none_is_named(root: Path, name: str, message: str):
    with pytest.raises(FolderError, match=message):
        scan_folders(together(root, "notes", name), root / "index")


def test_an_empty_folder_may_stand_beside_others_and_not_all_may_be_empty(root: Path):
    for name in ("empty", "bare"):
        (root / name).mkdir()
    assert found(together(root, "blog", "empty")) == ["blog/a.md"]
    with pytest.raises(FolderError, match=r"empty and .*bare hold no articles"):
        found(together(root, "empty", "bare"))


def test_a_folder_s_gitignore_holds_in_it_alone_and_exclude_in_each(root: Path):
    for name in ("notes", "blog"):
        (root / name / "drafts").mkdir()
        (root / name / "drafts/d.md").write_text("# Draft", "utf-8")
        (root / name / "x.tmp.md").write_text("# X", "utf-8")
    (root / "blog/.gitignore").write_text("drafts/\n", "utf-8")
    folders = together(root, "notes", "blog")
    scanned = scan_folders(folders, root / "index", exclude=("*.tmp.md",))
    assert list(scanned.digests) == [
        "blog/a.md",
        "notes/2025/a.md",
        "notes/a.md",
        "notes/drafts/d.md",
    ]
    left = [path for each in scanned.left_out for path in each.paths if "gitignore" not in path]
    assert sorted(left) == ["blog/drafts/", "blog/x.tmp.md", "notes/x.tmp.md"]


def test_what_cannot_be_read_of_a_folder_is_named_with_the_folder(root: Path):
    (root / "blog/link.md").symlink_to(root / "notes/a.md")
    scanned = scan_folders(together(root, "notes", "blog"), root / "index")
    assert [file.path for file in scanned.skipped] == ["blog/link.md"]


@pytest.mark.parametrize(
    ("before", "now", "id", "name"),
    [
        (("notes",), ("notes", "blog"), "2025/a.md", "notes/2025/a.md"),
        (("notes", "blog"), ("notes",), "notes/a.md", "a.md"),
        (("notes", "blog"), ("blog", "notes"), "notes/a.md", "notes/a.md"),
        (("",), ("notes", "blog"), "notes/a.md", "notes/a.md"),
        (("notes", "blog"), ("",), "blog/a.md", "blog/a.md"),
        (("notes", "blog"), ("notes/2025", "blog"), "notes/2025/a.md", "2025/a.md"),
    ],
)
def test_an_article_keeps_its_file_when_folders_come_and_go(
    root: Path, before: tuple[str, ...], now: tuple[str, ...], id: str, name: str
):
    assert together(root, *now).rename(ArticleId(id), together(root, *before)) == name


def test_what_is_in_no_folder_any_more_has_its_whole_path_for_an_id(root: Path):
    before, now = together(root, "notes", "blog"), together(root, "notes")
    assert now.rename(ArticleId("blog/a.md"), before) == (root / "blog/a.md").as_posix()
