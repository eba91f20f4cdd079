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


# Links


@pytest.fixture
def linked(root: Path) -> Path:
    """Folders with links in and between them, and to others outside."""
    (root / "out/deep").mkdir(parents=True)
    for name in ("out/o.md", "out/deep/d.md", "alone.md"):
        (root / name).write_text(f"# Outside {name}\n\nPlums.", "utf-8")
    for name, target in {
        "notes/deep": "../out/deep",
        "notes/out": "../out",
        "notes/twice": "../out",
        "notes/alone.md": "../alone.md",
        "notes/again.md": "../alone.md",
        "notes/inside.md": "a.md",
        "notes/dead.md": "nowhere.md",
        "notes/here": ".",
        "notes/2025/up": "../..",
        "notes/blog": "../blog",
        "notes/index": "../index",
        "notes/round": "round",
        "out/back": "../notes",
        "out/deep/up": "..",
    }.items():
        (root / name).symlink_to(target)
    (root / "index").mkdir()
    (root / "index/i.md").write_text("# Index", "utf-8")
    return root


def test_links_are_followed_only_where_that_is_set(linked: Path):
    assert found(together(linked, "notes")) == ["2025/a.md", "a.md"]


@pytest.mark.parametrize("names", [("notes",), ("notes", "blog")])
def test_what_links_lead_to_is_read_once_and_every_loop_ends(linked: Path, names: tuple[str, ...]):
    folders = Folders(together(linked, *names).paths, follow=True)
    scanned = scan_folders(folders, linked / "index")
    texts = [folders.file(id).read_text("utf-8").splitlines()[0] for id in scanned.digests]
    assert len(texts) == len(set(texts))
    outside = ("alone.md", "out/deep/d.md", "out/o.md")
    assert {f"# Outside {name}" for name in outside} <= set(texts)
    assert not [text for text in texts if "Index" in text]


def test_each_link_that_is_not_followed_is_told_with_its_reason(linked: Path):
    folders = Folders(together(linked, "notes", "blog").paths, follow=True)
    left = scan_folders(folders, linked / "index").left_out
    reasons = {path.rstrip("/"): each.reason for each in left for path in each.paths}
    assert "read already" in reasons["notes/inside.md"]
    assert "read already" in reasons["notes/blog"]
    assert "link back" in reasons["notes/2025/up"]
    assert "link to nothing" in reasons["notes/dead.md"]
    assert len([path for path in reasons if path in ("notes/again.md", "notes/alone.md")]) == 1
