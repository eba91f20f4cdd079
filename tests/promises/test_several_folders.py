"""Several folders are one library: what was embedded stays, and no folder goes without a word."""

import json
import os
import shutil
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner, Result

from ibid.adapters import watch_folders
from ibid.cli.commands import cli
from ibid.cli.console import refuse_own_folders
from ibid.errors import ArticlesWouldBeLost, FolderError, IndexForeign, UsageError
from ibid.library import Library
from ibid.ports import Vectors
from ibid.search import Filter
from ibid.settings import Settings, load_settings
from ibid.testing import HashEmbedder
from ibid.types import ArticleId, FileState
from ibid.watched import Watchlist


class Counting(HashEmbedder):
    """Counts the texts that it embeds."""

    def __init__(self) -> None:
        super().__init__()
        self.texts = 0

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.texts += len(texts)
        return super().passages(texts)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder, fruit in (("notes", "Pears"), ("blog", "Apples"), ("papers", "Quinces")):
        (tmp_path / folder).mkdir()
        for number in range(4):
            text = f"# {fruit} {number}\n\n{fruit} of kind {number} ripen after the harvest.\n"
            (tmp_path / folder / f"{number}.md").write_text(text, "utf-8")
    return tmp_path


def opened(root: Path, *names: str, embedder: HashEmbedder | None = None) -> Library:
    folders = [root / name for name in names]
    settings = Settings(model="none", keep=str(root / "kept"))
    return Library.open(
        folders or None, root / "index", settings, embedder=embedder or HashEmbedder()
    )


def built(root: Path, *names: str) -> Library:
    library = opened(root, *names)
    library.build()
    return library


def built_alone(root: Path) -> Library:
    library = Library.open(root / "blog", root / "index-alone", embedder=HashEmbedder())
    library.build()
    return library


def ids(library: Library) -> list[str]:
    return [article.id for article in library.described]


# Ids


def test_a_single_folder_in_a_list_is_the_same_as_by_itself(root: Path):
    listed = built(root, "notes")
    assert ids(listed) == ["0.md", "1.md", "2.md", "3.md"]
    assert "//" not in listed.store.current().manifest.folder
    alone = Library.open(root / "notes", root / "index", embedder=HashEmbedder())
    assert not alone.build().changed


def test_the_same_path_in_two_folders_is_two_articles_with_two_files(root: Path):
    library = built(root, "notes", "blog")
    assert ids(library) == sorted(f"{name}/{n}.md" for name in ("blog", "notes") for n in range(4))
    assert library.article("blog/0.md").title == "Apples 0"
    assert library.path(library.article("blog/0.md").id) == root / "blog/0.md"
    assert library.check() == []


def test_the_same_file_in_two_folders_is_read_once_and_found_in_both(root: Path):
    shutil.copy(root / "notes/0.md", root / "blog/copy.md")
    library = built(root, "notes", "blog")
    assert library.article("notes/0.md").id == "blog/copy.md"
    for name in ("notes", "blog"):
        assert "blog/copy.md" in library.select(Filter(folders=(name,))).ids


def test_the_folders_of_the_last_build_are_remembered_with_the_names_of_links(root: Path):
    (root / "posts").symlink_to(root / "blog")
    built(root, "notes", "posts")
    remembered = opened(root)
    assert ids(remembered)[-1] == "posts/3.md"
    assert [path.name for path in remembered.folders.paths] == ["notes", "posts"]
    assert remembered.path(remembered.article("posts/0.md").id).samefile(root / "blog/0.md")
    assert not remembered.build().changed


def test_an_index_moves_together_with_its_folders(root: Path, monkeypatch: pytest.MonkeyPatch):
    built(root, "notes", "blog")
    moved = root.parent / f"{root.name}-moved"
    root.rename(moved)
    monkeypatch.chdir(moved)
    assert not opened(moved).build().changed


# Nothing is embedded again


def test_adding_a_folder_embeds_what_is_new_in_it(root: Path):
    built(root, "notes", "blog")
    embedder = Counting()
    report = opened(root, "notes", "blog", "papers", embedder=embedder).build()
    assert len(report.added) == 4
    assert report.removed == ()
    assert 0 < embedder.texts == report.embedded <= 3 * 4


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (("notes",), ("notes", "empty")),
        (("notes", "empty"), ("notes",)),
        (("",), ("notes", "blog")),
    ],
)
def test_going_from_one_folder_to_several_or_back_embeds_nothing(
    root: Path, before: tuple[str, ...], now: tuple[str, ...]
):
    (root / "empty").mkdir()
    shutil.rmtree(root / "papers")
    built(root, *before)
    embedder = Counting()
    report = opened(root, *now, embedder=embedder).build()
    assert (embedder.texts, report.embedded) == (0, 0)
    assert (report.added, report.edited, report.removed) == ((), (), ())


def test_an_article_that_cannot_be_read_keeps_its_text_under_its_new_id(root: Path):
    built(root, "notes")
    (root / "notes/0.md").unlink()
    (root / "notes/0.md").symlink_to(root / "notes/1.md")
    library = opened(root, "notes", "blog")
    report = library.build()
    assert [(file.path, file.kept) for file in report.skipped] == [("notes/0.md", True)]
    assert report.removed == ()
    assert "kind 0" in library.article("notes/0.md").text
    assert not library.build().changed
    back = opened(root, "notes")
    back.build(prune=[ArticleId(f"{root}/blog/{number}.md") for number in range(4)])
    assert "kind 0" in back.article("0.md").text


# No folder goes without a word


def test_a_folder_that_vanished_is_no_reason_to_drop_it(root: Path):
    library = built(root, "notes", "blog", "papers")
    shutil.rmtree(root / "blog")
    for prune in (False, True):
        with pytest.raises(FolderError, match="blog does not exist"):
            library.build(prune=prune)
    assert len(library.described) == 12


def test_a_folder_that_is_empty_now_is_asked_for(root: Path):
    """A drive that is not mounted leaves an empty folder: one of twenty, it were no great loss."""
    for number in range(4, 60):
        (root / "notes" / f"{number}.md").write_text(f"# Note {number}\n\nPear {number}.", "utf-8")
    library = built(root, "notes", "blog")
    (root / "blog/0.md").unlink()
    assert library.build().removed == ("blog/0.md",)
    for number in range(1, 4):
        (root / "blog" / f"{number}.md").unlink()
    with pytest.raises(ArticlesWouldBeLost) as refused:
        library.build()
    assert list(refused.value.articles) == [f"blog/{n}.md" for n in range(1, 4)]
    assert library.build(prune=True).removed == tuple(refused.value.articles)


def test_leaving_out_a_folder_is_told_and_asked(root: Path):
    for number in range(4, 60):
        (root / "notes" / f"{number}.md").write_text(f"# Note {number}\n\nPear {number}.", "utf-8")
    built(root, "notes", "blog")
    for names in (("notes",), ("notes", "papers")):
        library = opened(root, *names)
        with pytest.raises(ArticlesWouldBeLost, match="4 of 64") as refused:
            library.build()
        assert refused.value.articles[0] == (root / "blog/0.md").as_posix()
        assert "--prune" in refused.value.hint
    agreed = opened(root, "notes").build(prune=refused.value.articles)
    assert len(agreed.removed) == 4


def test_a_folder_with_another_name_loses_nothing(root: Path):
    built(root, "notes", "blog")
    (root / "blog").rename(root / "posts")
    report = opened(root, "notes", "posts").build()
    assert (report.embedded, report.removed) == (0, ())


def test_another_folder_of_that_name_is_no_edit_of_the_first(root: Path):
    built(root, "notes", "blog")
    (root / "other").mkdir()
    shutil.copytree(root / "papers", root / "other/blog")
    with pytest.raises(ArticlesWouldBeLost) as refused:
        opened(root, "notes", "other/blog").build()
    assert len(refused.value.articles) == 4


def test_questions_to_an_index_of_other_folders_are_refused(root: Path):
    built(root, "notes", "blog")
    with pytest.raises(IndexForeign, match=r"notes and .*blog, not from .*notes"):
        opened(root, "notes").search("pears")
    assert len(opened(root, "blog", "notes").search("pears")) > 0
    shutil.copytree(root / "blog", root / "other/blog")
    with pytest.raises(IndexForeign, match=r"not from .*other/blog"):
        opened(root, "notes", "other/blog", "blog").search("pears")


def test_a_link_that_goes_round_is_told_whatever_is_asked(root: Path):
    built(root, "notes", "blog")
    (root / "round").symlink_to("round")
    with pytest.raises(IndexForeign):
        opened(root, "notes", "round").search("pears")
    with pytest.raises(FolderError, match="round does not exist"):
        opened(root, "notes", "round").build()


# What ids are for


def test_filters_choose_folders_and_what_is_below_them(root: Path):
    (root / "notes/2025").mkdir()
    (root / "notes/2025/a.md").write_text("# Plums\n\nPlums ripen in August.", "utf-8")
    library = built(root, "notes", "blog")
    for name, number in (("blog", 4), ("notes", 5), ("./notes/2025/", 1), ("NOTES", 5)):
        assert len(library.select(Filter(folders=(name,))).ids) == number
    assert len(library.select(Filter(folders=("blog", "notes/2025"))).ids) == 5
    with pytest.raises(UsageError, match="no article is in papers") as refused:
        library.select(Filter(folders=("papers",)))
    assert "notes" in refused.value.hint
    with pytest.raises(UsageError, match="no article is in blog") as refused:
        built_alone(root).select(Filter(folders=("blog",)))
    assert refused.value.hint == "all lie in one folder"
    hits = library.search("ripen", within=Filter(folders=("blog",)))
    assert {hit.passage.article.split("/")[0] for hit in hits} == {"blog"}


def test_the_state_of_files_and_quotes_is_that_of_their_own_folder(root: Path):
    library = built(root, "notes", "blog")
    (root / "blog/0.md").write_text("# Apples 0\n\nNothing of that.", "utf-8")
    (root / "blog/new.md").write_text("# New\n\nNew apples.", "utf-8")
    states = {file.path: file.state for file in library.files()}
    assert states["blog/0.md"] is FileState.CHANGED
    assert states["blog/new.md"] is FileState.NEW
    assert states["notes/0.md"] is FileState.INDEXED
    hits = library.search("apples", within=Filter(articles=("blog/0.md", "notes/0.md")))
    assert len(hits) == 2
    assert library.changes() == ["1 article new", "1 article changed"]


def test_no_page_takes_the_place_of_an_article_in_any_folder(root: Path):
    library = built(root, "notes", "blog")
    for name in ("notes", "blog"):
        with pytest.raises(UsageError, match="where ibid reads from"):
            refuse_own_folders(root / name / "page.html", library)
    refuse_own_folders(root / "papers/page.html", library)


def test_watched_questions_belong_to_the_folders_in_any_order(root: Path):
    Watchlist(built(root, "notes", "blog")).add("When do pears ripen?", "2026-01-01")
    assert len(Watchlist(opened(root, "blog", "notes")).questions()) == 1
    assert Watchlist(opened(root, "notes")).questions() == []


def test_an_edit_behind_a_link_that_is_followed_is_noticed(root: Path):
    (root / "notes/link.md").symlink_to(root / "papers/0.md")
    settings = Settings(model="none", follow=True)
    library = Library.open(root / "notes", root / "index", settings, embedder=HashEmbedder())
    assert library.build().articles == 5
    assert not library.build().changed
    (hit, *_) = library.search("quinces")
    assert hit.passage.article == "link.md"
    (root / "papers/0.md").write_text("# Quinces 0\n\nQuinces are cooked.\n", "utf-8")
    assert library.changes() == ["1 article changed"]
    assert library.build().edited == ("link.md",)


def test_a_folder_s_own_settings_follow_no_link(tmp_path: Path):
    (tmp_path / "ibid.toml").write_text("follow = true")
    assert not load_settings({}, {}, tmp_path).follow
    assert load_settings({}, {"IBID_FOLLOW": "yes"}, tmp_path).follow


def test_a_change_in_any_of_the_folders_is_noticed_and_one_that_went_and_came(root: Path):
    looks = watch_folders((root / "notes", root / "blog"), root / "index", stop := Event())
    assert next(looks)
    for change in (
        lambda: (root / "blog/0.md").write_text("# Other", "utf-8"),
        lambda: (root / "blog").rename(root / "away"),
        lambda: (root / "away").rename(root / "blog"),
        lambda: (root / "notes/0.md").write_text("# Other", "utf-8"),
    ):
        change()
        assert any(islice(looks, 60))
    stop.set()


# Settings and commands


def test_folders_are_set_in_files_and_in_the_environment_as_paths_are(tmp_path: Path):
    (tmp_path / "ibid.toml").write_text('articles = ["notes", "blog"]')
    assert load_settings({}, {}, tmp_path).articles == ("notes", "blog")
    (tmp_path / "ibid.toml").write_text('articles = ["notes", "../out"]')
    assert set(load_settings({}, {}, tmp_path).ignored) == {"articles"}
    several = {"IBID_ARTICLES": os.pathsep.join(("a", "~/b", ""))}
    assert len(load_settings({}, several, Path("/nowhere")).articles) == 2
    odd = tmp_path / f"notes{os.pathsep}2025"
    odd.mkdir()
    assert load_settings({}, {"IBID_ARTICLES": str(odd)}, tmp_path / "x").articles == (str(odd),)


@pytest.mark.parametrize("value", ["[]", "['a', '']", "['a', 7]", "[['a']]", "{a = 1}"])
def test_what_is_no_list_of_folders_is_refused(tmp_path: Path, value: str):
    (tmp_path / "ibid.toml").write_text(f"articles = {value}")
    with pytest.raises(UsageError, match="articles"):
        load_settings({}, {}, tmp_path)


@pytest.fixture
def here(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(root)
    monkeypatch.setattr("ibid.library.MiniLM", lambda _precision: HashEmbedder())
    return root


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def test_the_command_builds_several_folders_and_tells_what_is_in_each(here: Path):
    (here / "blog/a.png").write_bytes(b"")
    result = run("build", "notes", "blog/")
    assert "  notes: 4 articles\n  blog: 4 articles, 1 not read\n" in result.stderr
    report = json.loads(run("build", "--json").stdout)
    assert report["folders"][1] == {"name": "blog", "articles": 4, "skipped": 0, "left_out": 1}
    found = json.loads(run("search", "--json", "--folder", "blog", "ripen").stdout)
    assert {hit["article"].split("/")[0] for hit in found} == {"blog"}
    assert run("show", "blog/0.md").stdout == (here / "blog/0.md").read_text("utf-8")


def test_the_option_that_names_the_folders_may_be_repeated(here: Path):
    run("build", "notes", "blog")
    listed = run("articles", "--articles", "blog", "--articles", "notes", "--json")
    assert len(json.loads(listed.stdout)) == 8
    shown = json.loads(run("config", "--articles", "a", "--articles", "b", "--json").stdout)
    assert shown["articles"]["value"] == ["a", "b"]
    assert json.loads(run("config", "--json").stdout)["articles"]["value"] == "seeds"
