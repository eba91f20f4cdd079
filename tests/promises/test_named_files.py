"""A file that a user names is written whole or not at all, over nothing that ibid did not write."""

import os
import resource
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ibid.cli.commands import cli
from ibid.cli.console import refuse_own_folders, save_page
from ibid.errors import IbidError, UsageError
from ibid.evaluation.trec import write_qrels
from ibid.library import Library
from ibid.output.web_page import answer_page, is_page
from ibid.testing import HashEmbedder


@pytest.fixture
def built(built: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    monkeypatch.chdir(tmp_path)
    return built


@pytest.fixture
def page(built: Library) -> str:
    return answer_page(built.ask("Where do farmers store pears?"), built)


def save(path: str | Path, page: str, library: Library, *, force: bool = False) -> None:
    save_page(Path(path), page, library, force=force)


def files() -> dict[str, bytes]:
    there = (path for path in Path().rglob("*") if path.is_file() and not path.is_symlink())
    return {path.as_posix(): path.read_bytes() for path in there}


def test_a_new_page_is_for_its_owner_alone_and_replaces_the_one_before(built, page):
    save("page.html", page, built)
    assert stat.S_IMODE(Path("page.html").stat().st_mode) == 0o600
    Path("page.html").chmod(0o644)
    save("page.html", page + "<!-- newer -->", built)
    assert Path("page.html").read_text("utf-8") == page + "<!-- newer -->"
    assert stat.S_IMODE(Path("page.html").stat().st_mode) == 0o644
    assert not [path for path in Path().iterdir() if path.name.startswith(".")]


def test_a_file_of_somebody_else_stays_unless_force_is_given(built, page):
    Path("thesis.html").write_text("<!doctype html><p>My thesis.")
    Path("empty").touch()
    for name in ("thesis.html", "empty"):
        before = files()
        with pytest.raises(UsageError, match="is there already") as caught:
            save(name, page, built)
        assert "--force" in caught.value.hint
        assert files() == before
        save(name, page, built, force=True)
        assert is_page(Path(name))


@pytest.mark.parametrize(
    "name",
    ["articles/apples.md", "articles/new.html", "articles/deep/NEW.HTM", "articles/deep/../x.txt",
     "link/x.md", "below/../apples.md", "index/CURRENT", "index/page.html", "index/generations/x"],
)  # fmt: skip
def test_no_article_is_written_and_nothing_in_the_index_whatever_is_forced(name, built, page):
    Path("articles/deep").mkdir()
    Path("link").symlink_to("articles/deep")
    Path("below").symlink_to("articles/deep")
    before = files()
    with pytest.raises(UsageError, match="where ibid reads from"):
        save(name, page, built, force=True)
    assert files() == before


def test_links_pipes_devices_and_folders_are_not_written_to(built, page):
    Path("target").write_text("kept")
    Path("link").symlink_to("target")
    Path("dangling").symlink_to("nowhere")
    os.mkfifo("pipe")
    Path("folder").mkdir()
    for name in ("link", "dangling", "pipe", "folder", "", "..", "/dev/null", "/dev/stdout"):
        with pytest.raises(UsageError, match="no regular file"):
            save(name, page, built, force=True)
    assert Path("target").read_text() == "kept"
    assert not Path("nowhere").exists()


def test_a_hard_link_to_an_article_leaves_the_article(built, page):
    os.link("articles/apples.md", "page.html")
    before = Path("articles/apples.md").read_bytes()
    save("page.html", page, built, force=True)
    assert Path("articles/apples.md").read_bytes() == before


@pytest.mark.parametrize("name", ["nowhere/page.html", "file/page.html", "a" * 300, "/proc/x.html"])
def test_what_the_system_refuses_is_told_in_its_words(name, built, page):
    Path("file").touch()
    before = files()
    with pytest.raises((IbidError, UsageError), match=r"cannot be written: [A-Z]"):
        save(name, page, built)
    assert files() == before


def test_a_disk_that_is_full_leaves_the_old_page_or_none(built, page):
    save("old.html", page, built)
    before = files()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        for name in ("old.html", "new.html"):
            with pytest.raises(IbidError, match="cannot be written: File too large"):
                save(name, page + "newer", built)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert files() == before


def test_judgements_are_written_again_as_they_are_and_otherwise_with_force_only(tmp_path: Path):
    path = tmp_path / "x.qrels"
    write_qrels({"q": {"a": 1}}, path)
    write_qrels({"q": {"a": 1}}, path)
    with pytest.raises(UsageError, match="is there already"):
        write_qrels({"q": {"b": 1}}, path)
    assert "a" in path.read_text()
    write_qrels({"q": {"b": 1}}, path, force=True)
    assert "b" in path.read_text()
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="no regular file"):
        write_qrels({"q": {"b": 1}}, path, force=True)


def test_a_folder_beside_the_articles_may_have_anything(built):
    refuse_own_folders(Path("articles/ibid.run"), built)  # no kind of article
    refuse_own_folders(Path("articles.html"), built)


# The commands


@pytest.fixture
def run(built, monkeypatch):
    monkeypatch.setattr(Library, "embedder", HashEmbedder())

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli, [*arguments, "--articles", "articles", "--index", "index"])

    return invoke


@pytest.mark.parametrize("verb", [("ask", "Where do farmers store pears?"), ("compare", "pears")])
def test_an_answer_is_printed_before_its_page_is_refused(verb, run):
    Path("mine.html").write_text("mine")
    for more in ((), ("--json",)):
        result = run(*verb, "--html", "mine.html", *more)
        assert "cold rooms" in result.stdout
        assert isinstance(result.exception, UsageError)
        assert Path("mine.html").read_text() == "mine"
    assert run(*verb, "--html", "mine.html", "--force").exit_code == 0
    assert is_page(Path("mine.html"))


@pytest.mark.parametrize("name", ["ibid.toml", ".env", "Makefile", "notes.md", "page.html.sh"])
def test_a_page_gets_no_name_that_something_else_is_read_by(name, run):
    result = run("ask", "Where do farmers store pears?", "--html", name)
    assert "not what a page is called" in str(result.exception)
    assert not Path(name).exists()
    assert run("ask", "Where do farmers store pears?", "--html", name, "--force").exit_code == 0
    assert is_page(Path(name))


@pytest.mark.parametrize(
    "options", [("ask", "x", "--force"), ("ask", "x", "--html", "-"), ("eval", "--self", "--force")]
)
def test_options_that_would_do_nothing_are_refused_before_anything_is_asked(options, run):
    result = run(*options)
    assert isinstance(result.exception, UsageError)
    assert result.exception.hint
    assert not result.stdout
    assert not Path("-").exists()
