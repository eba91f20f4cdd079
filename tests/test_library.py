"""The public API: what it gives, and what it refuses."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import ibid
from fakes import FakeOllama
from ibid.english.question_kinds import LONGEST_QUESTION
from ibid.errors import (
    IbidError,
    IndexForeign,
    IndexMissing,
    ModelMissing,
    ServerUnavailable,
    UsageError,
)
from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder, ScriptedGenerator
from ibid.types.answers import Delta, Done, Found, Status
from ibid.types.articles import Span


def test_the_package_offers_exactly_what_it_says():
    nouns = "Answer Article Citation Claim Comparison Filter Hit Passage Status Support Turn"
    assert ibid.__all__ == sorted(["IbidError", "Library", *nouns.split()])
    assert all(getattr(ibid, name).__name__ == name for name in ibid.__all__)
    assert ibid.Library is Library
    assert ibid.IbidError is IbidError
    with pytest.raises(AttributeError, match="library_"):
        _ = ibid.library_


def test_to_open_a_library_reads_and_writes_nothing(tmp_path: Path):
    library = Library.open(tmp_path / "none", tmp_path / "index")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(IndexMissing, match=r"there is no index in .*index"):
        library.search("apples")
    assert list(tmp_path.iterdir()) == []


def test_settings_that_were_given_are_kept_and_arguments_go_before_them(tmp_path: Path):
    settings = Settings(model="none", port=8080, articles=("a",), index="b")
    library = Library.open(tmp_path, settings=settings)
    assert (library.settings.port, library.settings.index) == (8080, "b")
    assert library.folder == tmp_path
    with pytest.raises(UsageError, match="argument: articles takes a text"):
        Library.open("")


# Questions


@pytest.mark.parametrize("question", ["", " ", "\n\t"])
def test_an_empty_question_is_refused_before_anything_is_read(tmp_path: Path, question: str):
    library = Library.open(tmp_path, tmp_path / "index")
    for ask in (library.search, library.ask):
        with pytest.raises(UsageError, match="empty"):
            ask(question)


def test_a_question_may_be_as_long_as_a_long_paragraph(built: Library):
    built.search("a" * LONGEST_QUESTION)
    with pytest.raises(UsageError, match="1,000,000 characters, 2,000 at most"):
        built.search("a" * 1_000_000)


@pytest.mark.parametrize("question", ["apples \udcff", "\udcff\udcfe", "\0", "\x1b[31m"])
def test_a_question_may_hold_what_is_no_text(library: Library, question: str):
    assert library.search(question)
    library.ask(question).question.encode("utf-8")


def test_asking_streams_what_was_found_and_then_the_answer(built: Library):
    found, done = built.stream("Where do apples grow?")
    assert isinstance(found, Found)
    assert isinstance(done, Done)
    assert done.answer.hits == found.hits
    assert done.answer.status is Status.ANSWERED
    assert done.answer.run.index == built.store.current_name()
    assert done.answer.run.embedder == "hashed-words"


def test_a_model_that_was_given_writes_the_answer(built: Library):
    model = ScriptedGenerator("Apples grow on trees in orchards.")
    asked = Library(built.settings, HashEmbedder(), model)
    deltas = [e.text for e in asked.stream("Where do apples grow?") if isinstance(e, Delta)]
    assert "".join(deltas) == "Apples grow on trees in orchards."


def test_without_a_server_the_answer_says_why_it_is_made_of_quotes(built: Library):
    settings = Settings(str(built.folder), built.settings.index, ollama="http://127.0.0.1:9")
    run = Library(settings, HashEmbedder()).ask("Where do apples grow?").run
    assert run.model == ""
    assert "127.0.0.1:9" in run.notice


def test_a_model_that_was_named_is_not_replaced_by_quotes(built: Library):
    named = Settings(model="foo", ollama="http://127.0.0.1:9").changed(
        {"articles": str(built.folder), "index": built.settings.index}, "argument"
    )
    with pytest.raises(ServerUnavailable):
        Library(named, HashEmbedder()).ask("Where do apples grow?")
    with FakeOllama() as server:
        reached = Library(named.changed({"ollama": server.address}, "argument"), HashEmbedder())
        with pytest.raises(ModelMissing):
            reached.ask("Where do apples grow?")


# Articles and passages


def test_articles_come_by_id_and_their_passages_tile_them(library: Library, seeds: Path):
    assert [article.id for article in library.articles] == sorted(
        path.name for path in seeds.iterdir()
    )
    for article in library.articles:
        assert article.text == library.path(article.id).read_bytes().decode("utf-8")
        passages = library.passages(article.id)
        assert [p.span.of(article.text) for p in passages] == [p.text for p in passages]
        assert "".join(p.text for p in passages) == article.text
        assert [library.passage(p.id) for p in passages] == passages


def test_what_is_not_in_the_index_is_refused(library: Library):
    for call in (library.article, library.passages, library.passage):
        with pytest.raises(UsageError, match=r"named 'no\.md'"):
            call("no.md")


def test_a_passage_keeps_its_name_when_the_article_changes_elsewhere(
    small: Library, articles: Path
):
    text = "# Apples\n\n{}\n\n## Colours\n\nApples are red. Some apples are green.\n"
    (articles / "apples.md").write_text(text.format("Apples grow."))
    small.build()
    before = small.search("green")[0].passage
    (articles / "apples.md").write_text(text.format("Apples grow on old trees."))
    small.build()
    after = small.search("green")[0].passage
    assert after.id == before.id
    assert after.span == Span(before.span.start + 13, before.span.end + 13)


# Which folder, which index


def test_the_folder_of_the_last_build_is_remembered(built: Library, articles: Path):
    found = Library.open(index=built.settings.index, embedder=HashEmbedder())
    assert found.folder.resolve() == articles
    assert not found.build().changed


def test_folder_and_index_may_move_together(built: Library, tmp_path: Path):
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("articles", "index"):
        shutil.move(tmp_path / name, moved / name)
    found = Library.open(index=moved / "index", embedder=HashEmbedder())
    assert found.search("apples")
    assert found.path(found.articles[0].id).is_file()
    assert not found.build().changed


def test_an_index_of_another_folder_is_refused_and_a_build_that_prunes_replaces_it(
    small: Library, tmp_path: Path
):
    small.build()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "plums.md").write_text("# Plums\n\nPlums are purple.\n")
    other = Library.open(tmp_path / "other", small.settings.index, embedder=HashEmbedder())
    with pytest.raises(IndexForeign, match=r"built from .*articles, not from .*other"):
        other.search("plums")
    assert other.build(prune=True).changed
    assert other.search("plums")[0].passage.article == "plums.md"
    with pytest.raises(IndexForeign):
        small.search("apples")


def test_the_same_folder_by_another_path_is_the_same(
    built: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    (articles.parent / "link").symlink_to(articles)
    monkeypatch.chdir(articles)
    for folder in (".", "../articles", articles.parent / "link", os.path.relpath(articles)):
        library = Library.open(folder, built.settings.index, embedder=HashEmbedder())
        assert not library.build().changed


def test_another_embedder_is_refused_with_both_names(small: Library):
    small.build()
    with pytest.raises(IndexForeign, match="built by the embedder hashed-words, the settings say"):
        Library(small.settings).search("apples")


# One library, several askers


def test_a_library_sees_what_another_one_built(built: Library, articles: Path):
    assert len(built.articles) == 2
    (articles / "plums.md").write_text("# Plums\n\nPlums are purple.\n")
    Library(built.settings, HashEmbedder()).build()
    assert len(built.articles) == 3
    assert built.search("plums")[0].passage.article == "plums.md"


def test_threads_ask_one_library_and_get_the_same(built: Library):
    expected = built.search("Where do apples grow?")
    asking = Library(built.settings, HashEmbedder())
    with ThreadPoolExecutor(8) as threads:
        for hits in threads.map(lambda _: asking.search("Where do apples grow?"), range(100)):
            assert hits == expected
