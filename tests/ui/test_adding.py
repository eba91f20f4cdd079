"""Adding articles by the page: off by default, under a clean name, over nothing, guarded."""

from base64 import b64encode
from pathlib import Path

import pytest

from ibid.errors import UsageError
from ibid.library import Library
from ibid.reading import LARGEST_FILE
from ibid.ui.talk.adding import LONGEST_NAME, add_article, clean_name, find_landing

TEXT = b"# Plums\n\nPlums are picked in August.\n"
CONTENT = b64encode(TEXT).decode()


@pytest.fixture
def open_library(small: Library) -> Library:
    small.settings = small.settings.changed({"add": True}, "option")
    return small


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("plums.md", "plums.md"),
        ("../../etc/plums.md", "plums.md"),
        ("C:\\Users\\me\\plums.MD", "plums.md"),
        ("/abs/olute.txt", "olute.txt"),
        ("....plums.md", "plums.md"),
        (".-~ plums .md", "plums.md"),
        ("-rf.md", "rf.md"),
        ("con.md", "_con.md"),
        ("LPT1.md", "_LPT1.md"),
        ("nul.tar.md", "_nul.tar.md"),
        ("a\u202e\u0000\n\tb\x1b[31m.md", "a b[31m.md"),
        ('what: "is" <this>?.md', "what- -is- -this--.md"),
        ("cafe\u0301.md", "caf\u00e9.md"),
        ("x" * 500 + ".md", "x" * (LONGEST_NAME - 3) + ".md"),
        ("two  spaces\u00a0here.md", "two spaces here.md"),
    ],
)
def test_a_name_becomes_only_a_name(name: str, clean: str):
    assert clean_name(name) == clean
    assert clean_name(clean) == clean


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "/", ".md", "../.md", "plums", "plums.exe", "plums.md/", "run.sh", "x.md.py"],
)
def test_what_is_no_name_of_an_article_is_refused(name: str):
    if name == "plums.md/":
        assert clean_name(name) == "plums.md"
        return
    with pytest.raises(UsageError):
        clean_name(name)


def test_what_is_added_can_be_asked(open_library: Library, articles: Path):
    landing = find_landing("../Plums: 2025.md", len(TEXT), open_library)
    assert landing.name == "Plums- 2025.md"
    assert landing.folder == articles.as_posix()
    add_article(landing.name, CONTENT, open_library)
    assert (articles / landing.name).read_bytes() == TEXT
    assert not list(articles.glob(".*"))
    open_library.build()
    assert "August" in open_library.ask("when are plums picked?").text


def test_nothing_is_overwritten_or_followed(open_library: Library, articles: Path, tmp_path: Path):
    precious = tmp_path / "precious.md"
    precious.write_text("precious")
    (articles / "link.md").symlink_to(precious)
    (articles / "nowhere.md").symlink_to(tmp_path / "made.md")
    (articles / "folder.md").mkdir()
    (articles / "caf\u00e9.md").write_text("x")
    before = everything(articles)
    names = (
        "link.md",
        "nowhere.md",
        "folder.md",
        "caf\u00c9.md",
        *before,
        *(n.upper() for n in before),
    )
    for name in names:
        with pytest.raises(UsageError):
            add_article(name, CONTENT, open_library)
    assert everything(articles) == before
    assert precious.read_text() == "precious"
    assert not (tmp_path / "made.md").exists()


def test_a_name_that_is_taken_between_asking_and_writing_stays(
    open_library: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    from ibid.storage import atomic_writes

    write = atomic_writes.write_file

    def write_late(path: Path, blocks: list[bytes]) -> None:
        write(path, blocks)
        (articles / "plums.md").write_text("mine")

    monkeypatch.setattr(atomic_writes, "write_file", write_late)
    with pytest.raises(UsageError, match="already"):
        add_article("plums.md", CONTENT, open_library)
    assert (articles / "plums.md").read_text() == "mine"
    assert not list(articles.glob(".*"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plums.md", ""),
        ("plums.md", "no base 64!"),
        ("plums.md", b64encode(b"a\0b").decode()),
        ("plums.md", b64encode(b"x" * (LARGEST_FILE + 1)).decode()),
        ("../plums.md", CONTENT),
        ("PLUMS.MD", CONTENT),
        (".plums.md", CONTENT),
        ("plums.exe", CONTENT),
        ("x" * 300 + ".md", CONTENT),
    ],
    ids=range(9),
)
def test_what_was_not_confirmed_or_is_no_article_is_not_written(
    open_library: Library, articles: Path, name: str, content: str
):
    before = everything(articles)
    with pytest.raises(UsageError):
        add_article(name, content, open_library)
    assert everything(articles) == before


def test_without_leave_nothing_is_added(small: Library, articles: Path):
    before = everything(articles)
    for ask in (
        lambda: find_landing("plums.md", 9, small),
        lambda: add_article("plums.md", CONTENT, small),
    ):
        with pytest.raises(UsageError) as refused:
            ask()
        assert str(refused.value) == "this chat was not started so that it may add to the folder"
        assert refused.value.hint == "ibid chat --add"
    assert everything(articles) == before
