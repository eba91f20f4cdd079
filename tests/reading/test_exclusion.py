"""What a folder holds beside its articles: nothing is left out in silence."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from clocks import at_most
from ibid.errors import FolderError
from ibid.reading.exclusion import exclusion_of
from ibid.reading.folder import Folder, scan_folder
from ibid.reading.patterns import read_pattern


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# Pears\n\nPears grow here.\n", "utf-8")
    return folder


def scan(folder: Path, *exclude: str) -> Folder:
    return scan_folder(folder, folder.parent / "index", exclude=exclude)


def told(found: Folder) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(each.kind, each.reason): each.paths for each in found.left_out}


def test_files_of_other_kinds_are_counted_with_the_reason(tmp_path: Path):
    found = scan(fill(tmp_path / "a", "a.md", "b.PNG", "sub/c.png", "d.xyz", "e"))
    assert list(found.digests) == ["a.md"]
    assert told(found) == {
        (".png", "no kind of file that is read"): ("b.PNG", "sub/c.png"),
        (".xyz", "no kind of file that is read"): ("d.xyz",),
        ("no ending", "no kind of file that is read"): ("e",),
    }


def test_a_linked_folder_is_told_and_not_followed(tmp_path: Path):
    folder = fill(tmp_path / "a", "a.md", "sub/b.md")
    (folder / "link").symlink_to(folder / "sub", target_is_directory=True)
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "nowhere.md").symlink_to(folder / "missing.md")
    found = scan(folder)
    assert list(found.digests) == ["a.md", "sub/b.md"]
    reason = "links to folders are not followed"
    assert told(found) == {("link to a folder", reason): ("link", "loop")}
    assert [file.path for file in found.skipped] == ["nowhere.md"]


@pytest.mark.parametrize(
    "name",
    ["node_modules/x/README.md", "blog/_site/a.md", "LICENSE.md", "sub/License.txt", "COPYING.txt",
     "licence.md", "LICENSE-MIT.txt", "vendor/bundle/gem/README.md"],
)  # fmt: skip
def test_other_peoples_files_and_what_a_tool_made_are_left_out_by_default(
    tmp_path: Path, name: str
):
    found = scan(fill(tmp_path / "a", "a.md", name))
    assert list(found.digests) == ["a.md"]
    assert [reason for _, reason in told(found)] == ["excluded by default"]


@pytest.mark.parametrize(
    "name", ["licensing.md", "how to license.md", "vendor/a.md", "site/a.md", "license-plates.md"]
)
def test_what_only_looks_like_it_is_read(tmp_path: Path, name: str):
    assert list(scan(fill(tmp_path / "a", name)).digests) == [name]


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ("hugo.toml", "layouts/list.html"),
        ("hugo.yaml", "archetypes/default.md"),
        ("_config.yml", "_includes/head.html"),
        ("pelicanconf.py", "themes/x/base.html"),
        ("mkdocs.yml", "site/index.html"),
    ],
)
def test_the_templates_of_a_site_are_left_out_beside_its_configuration(
    tmp_path: Path, config: str, name: str
):
    folder = fill(tmp_path / "a", f"blog/{config}", f"blog/{name}", f"notes/{name}")
    assert list(scan(folder).digests) == [f"notes/{name}"]


def test_hidden_files_and_folders_are_told(tmp_path: Path):
    found = scan(fill(tmp_path / "a", "a.md", ".obsidian/b.md", ".c.md"))
    assert told(found) == {
        ("hidden", "its name begins with a dot"): (".c.md", ".obsidian/"),
    }


def test_a_gitignore_holds_in_its_folder_and_below(tmp_path: Path):
    folder = fill(tmp_path / "a", "a.md", "drafts/b.md", "c.tmp.md", "sub/d.tmp.md", "sub/keep.md",
                  "sub/e.md", "e.md")  # fmt: skip
    (folder / ".gitignore").write_text("drafts/\n*.tmp.md\n# keep.md\n", "utf-8")
    (folder / "sub" / ".gitignore").write_text("!d.tmp.md\n/e.md\n", "utf-8")
    found = scan(folder)
    assert list(found.digests) == ["a.md", "e.md", "sub/d.tmp.md", "sub/keep.md"]
    assert told(found)["folder", "excluded by .gitignore"] == ("drafts/",)
    assert told(found)[".md", "excluded by sub/.gitignore"] == ("sub/e.md",)


def test_the_setting_is_stronger_than_all_else(tmp_path: Path):
    folder = fill(tmp_path / "a", "a.md", "LICENSE.md", "private/b.md", "c.md")
    (folder / ".gitignore").write_text("c.md\n", "utf-8")
    found = scan(folder, "!LICENSE.md", "private/", "!c.md")
    assert list(found.digests) == ["LICENSE.md", "a.md", "c.md"]
    assert told(found)["folder", "excluded by the setting exclude"] == ("private/",)


def test_a_folder_in_which_all_is_left_out_says_what_there_is(tmp_path: Path):
    with pytest.raises(FolderError) as error:
        scan(fill(tmp_path / "a", "a.xyz", "b.xyz", "LICENSE.md"))
    assert "2 .xyz (no kind of file that is read)" in error.value.hint
    assert "1 .md (excluded by default)" in error.value.hint


HOSTILE = [
    "*a" * 90 + "*b",
    "?*" * 90 + "b",
    "**/a/" * 30 + "b",
    "[" * 100 + "*a" * 40,
    "a/**/" * 30 + "**/" * 10 + "b",
]


def test_no_pattern_takes_longer_than_its_path(tmp_path: Path):
    folder = fill(tmp_path / "a", "a" * 250 + ".md", f"{'a/' * 300}a.md")
    (folder / ".gitignore").write_text("\n".join(HOSTILE * 100), "utf-8")
    with at_most(10):
        assert len(scan(folder, *HOSTILE).digests) == 2


def test_lines_that_are_no_patterns_are_passed_over(tmp_path: Path):
    folder = fill(tmp_path / "a", "a.md", "b.md")
    lines = [
        "\\",
        "\\\\\\",
        "!",
        "!/",
        "/",
        "//",
        "x" * 10_000,
        "[z-a]",
        "b.md",
        *["!z"] * 100_000,
        "a.md",
    ]
    (folder / ".gitignore").write_bytes("\n".join(lines).encode() + b"\xff\n")
    assert list(scan(folder).digests) == ["a.md"]


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("a.md", "a.md sub/a.md", "b.md xa.md"),
        ("/a.md", "a.md", "sub/a.md"),
        ("sub/a.md", "sub/a.md", "a.md x/sub/a.md"),
        ("sub/", "sub/ x/sub/", "sub"),
        ("*.md", "a.md .md x/a.md", "a.mdx"),
        ("a*b", "ab axxb x/acb", "a/b"),
        ("a?b", "axb", "ab a/b"),
        ("**/c.md", "c.md x/c.md x/y/c.md", "xc.md"),
        ("a/**", "a/b a/b/c", "a a/"),
        ("a/**/b", "a/b a/x/b a/x/y/b", "ab a/x"),
        ("*", "a a/b", ""),
        ("[ab].md", "a.md b.md", "c.md"),
        ("[!ab].md", "c.md", "a.md"),
        ("[^ab].md", "c.md", "a.md"),
        ("\\*.md", "*.md", "a.md"),
        ("\\!a", "!a", "a"),
        ("\\#a", "#a", "a"),
        ("a ", "a", ""),
        ("#a", "", "a #a"),
    ],
)
def test_a_pattern_fits_what_git_says_that_it_does(pattern: str, fitting: str, others: str):
    read = read_pattern(pattern)
    assert [path for path in fitting.split() if not (read and read.fits(path))] == []
    assert [path for path in others.split() if read and read.fits(path)] == []


def test_a_path_is_left_out_by_the_last_pattern_that_fits():
    rules = exclusion_of(["*.md", "!a.md"])
    assert (rules.reason("b.md"), rules.reason("a.md")) == ("excluded by the setting exclude", "")


def make_unreadable(path: Path) -> None:
    path.write_text("b.md\n", "utf-8")
    path.chmod(0)


UNREADABLE: dict[str, Callable[[Path], object]] = {
    "Permission denied": make_unreadable,
    "not a regular file": Path.mkdir,
    "not a regular file ": os.mkfifo,
    "a symbolic link": lambda path: path.symlink_to("/dev/zero"),
    "a symbolic link ": lambda path: path.symlink_to("gitignore"),
    "larger than 20 MB": lambda path: path.write_bytes(b"b.md\n" * 20_000_000),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("why", UNREADABLE)
def test_a_gitignore_that_cannot_be_read_is_told_once_and_excludes_nothing(
    tmp_path: Path, why: str
):
    folder = fill(tmp_path / "a", "a.md", "sub/b.md")
    UNREADABLE[why](folder / "sub" / ".gitignore")
    if why == "Permission denied" and os.access(folder / "sub" / ".gitignore", os.R_OK):
        pytest.skip("this user may read everything")
    found = scan(folder)
    assert list(found.digests) == ["a.md", "sub/b.md"]
    reason = f"{why.strip()}, so nothing is excluded by it"
    [(told_of, [path])] = told(found).items()
    assert told_of == (".gitignore", reason)
    assert path.rstrip("/") == "sub/.gitignore"


def test_what_does_not_count_of_a_long_gitignore_is_told(tmp_path: Path):
    folder = fill(tmp_path / "a", "a.md", "sub/b.md", "sub/c.md")
    (folder / ".gitignore").write_text("x\n" * 1000 + "a.md\n", "utf-8")
    (folder / "sub" / ".gitignore").write_text(f"{'?' * 201}\nc.md\n#{'-' * 300}\n", "utf-8")
    found = scan(folder)
    assert list(found.digests) == ["a.md", "sub/b.md"]
    assert told(found) == {
        (".gitignore", "what comes after its first 1,000 lines"): (".gitignore",),
        (".gitignore", "its lines of more than 200 characters"): ("sub/.gitignore",),
        (".md", "excluded by sub/.gitignore"): ("sub/c.md",),
    }


def test_a_gitignore_is_read_byte_for_byte_as_git_reads_it(tmp_path: Path):
    folder = fill(tmp_path / "a", "a.md", "b\u2028c.md")
    (folder / os.fsdecode(b"caf\xe9")).mkdir()
    fill(folder / os.fsdecode(b"caf\xe9"), "d.md")
    (folder / ".gitignore").write_bytes(b"\xef\xbb\xbf/b\xe2\x80\xa8c.md\r\ncaf\xe9/\n")
    found = scan(folder)
    assert (list(found.digests), found.skipped) == (["a.md"], ())
