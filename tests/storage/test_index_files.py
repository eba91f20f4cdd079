"""The files of an index are ibid's own: nothing else is read, emptied, removed or waited for."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ibid.errors import IbidError
from ibid.library import Library
from stores import again, apples

PRECIOUS = "what nobody may lose"

FILES = ["LOCK", "CURRENT", "CURRENT.new", "JOURNAL", "SEALS", "SEALS.new"]
FOLDERS = ["scratch", "generations", "generations/*", "generations/*/words"]
PARTS = [
    *("manifest.json", "digests", "corpus.sqlite", "passages.faiss", "sentences.faiss"),
    "words/meta.json",
]


def link_to_file(path: Path, precious: Path) -> None:
    path.symlink_to(precious / "file.txt")


def link_to_folder(path: Path, precious: Path) -> None:
    path.symlink_to(precious)


def second_name(path: Path, precious: Path) -> None:
    path.hardlink_to(precious / "file.txt")


def full_folder(path: Path, _: Path) -> None:
    path.mkdir()
    (path / "file.txt").write_text(PRECIOUS)


KINDS: dict[str, Callable[[Path, Path], None]] = {
    "link to a file": link_to_file,
    "link to a folder": link_to_folder,
    "dangling link": lambda path, _: path.symlink_to("nowhere"),
    "link to a device": lambda path, _: path.symlink_to("/dev/zero"),
    "pipe": lambda path, _: os.mkfifo(path),
    "folder": lambda path, _: path.mkdir(),
    "full folder": full_folder,
    "second name of a file": second_name,
}


CASES = [
    *((place, kind) for place in (*FILES, *FOLDERS) for kind in KINDS),
    *((f"generations/*/{name}", kind) for name in PARTS for kind in ("link to a file", "pipe")),
]


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    """A folder outside of the index that holds what nobody may lose."""
    folder = tmp_path / "precious"
    folder.mkdir()
    (folder / "file.txt").write_text(PRECIOUS)
    (folder / "folder").mkdir()
    (folder / "folder" / "file.txt").write_text(PRECIOUS)
    return folder


def replace(path: Path, kind: str, precious: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    KINDS[kind](path, precious)


def saved(folder: Path) -> list[tuple[str, str]]:
    return [(path.name, path.read_text()) for path in sorted(folder.rglob("*.txt"))]


def build(library: Library) -> str:
    """Build; return the path that is in the way, as the hint names it, empty where none is."""
    told = trouble(lambda: again(library).build())
    if told is None:
        return ""
    assert "\n" not in str(told)
    assert told.hint.startswith("move ")
    return told.hint.removeprefix("move ").partition(" away,")[0]


def trouble(use: Callable[[], object]) -> IbidError | None:
    try:
        use()
    except IbidError as error:
        return error
    return None


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("place", "kind"), CASES)
def test_what_stands_in_place_of_a_file_of_the_index_is_left_alone(
    built: Library, articles: Path, precious: Path, place: str, kind: str
):
    path = built.store.root / place.replace("*", built.store.current().name)
    replace(path, kind, precious)
    before = saved(precious)
    if told := trouble(lambda: apples(built)):
        assert (told.hint, told.exit_code) == ("ibid build", 4)
    (articles / "apples.md").write_text("# Apples\n\nApples grow on trees. They are round.\n")
    if in_the_way := build(built):
        blocking = Path(in_the_way)
        assert blocking == path
        shutil.rmtree(blocking) if blocking.is_dir() and not blocking.is_symlink() else (
            blocking.unlink()
        )
        assert build(built) == ""
    assert apples(built) == "apples.md"
    assert saved(precious) == before


NOBODY = 54_321

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files to another user")


def give_away(path: Path, mode: int = 0o1777) -> None:
    """Give a file to another user, in a folder where everybody may write."""
    os.chown(path, NOBODY, NOBODY)
    path.chmod(0o777 if path.is_dir() else 0o666)
    path.parent.chmod(mode)


@as_root
@pytest.mark.parametrize(
    "place",
    ["CURRENT", "generations", "generations/*", *(f"generations/*/{name}" for name in PARTS)],
)
def test_what_another_user_put_into_a_shared_index_answers_nothing(built: Library, place: str):
    path = built.store.root / place.replace("*", built.store.current().name)
    give_away(path)
    told = trouble(lambda: apples(built))
    assert told
    assert "of another user" in str(told)
    assert (told.hint, told.exit_code) == ("ibid build", 4)
    path.parent.chmod(0o755)  # nobody else can have put it there
    assert apples(built) == "apples.md"


@as_root
@pytest.mark.parametrize("place", ["LOCK", "JOURNAL", "generations"])
def test_a_build_says_which_file_of_another_user_is_in_its_way(
    built: Library, articles: Path, place: str
):
    path = built.store.root / place
    if not path.exists():
        path.write_bytes(b"")
    give_away(path)
    before = path.stat()
    (articles / "apples.md").write_text("# Apples\n\nApples grow on trees. They are round.\n")
    assert Path(build(built)) == path
    assert (path.stat().st_uid, path.stat().st_size) == (NOBODY, before.st_size)


@as_root
def test_seals_of_another_user_seal_nothing(built: Library, articles: Path):
    again(built).build()
    os.utime(articles / "apples.md", ns=(1, 1))
    again(built).build()
    seals = built.store.root / "SEALS"
    assert built.store.seals().articles
    give_away(seals)
    assert not built.store.seals().articles
    assert apples(built) == "apples.md"


@as_root
def test_the_owner_of_a_shared_folder_is_trusted_with_its_index(built: Library):
    for path in (built.store.root, *built.store.root.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
        path.chmod(0o777 if path.is_dir() else 0o666)
    assert apples(built) == "apples.md"


@pytest.mark.parametrize("kind", ["link to a file", "link to a folder", "dangling link", "pipe"])
@pytest.mark.parametrize("place", ["scratch", "CURRENT", "CURRENT.new"])
def test_a_build_makes_way_for_itself_where_nothing_can_be_lost(
    built: Library, articles: Path, precious: Path, place: str, kind: str
):
    replace(built.store.root / place, kind, precious)
    (articles / "apples.md").write_text("# Apples\n\nApples grow on trees. They are round.\n")
    assert again(built).build().changed
    assert apples(built) == "apples.md"


def test_an_index_that_was_copied_by_hard_links_answers_and_is_built_apart(
    built: Library, articles: Path, tmp_path: Path
):
    shutil.copytree(built.store.root, tmp_path / "copy", copy_function=os.link)
    (tmp_path / "copy" / "LOCK").unlink()
    assert apples(built) == "apples.md"
    before = (built.store.root / "CURRENT").read_bytes()
    copy = Library.open(articles, tmp_path / "copy", embedder=built.embedder)
    (articles / "apples.md").write_text("# Apples\n\nApples grow on trees. They are round.\n")
    assert copy.build().changed
    assert (built.store.root / "CURRENT").read_bytes() == before
    assert apples(built) == "apples.md"
