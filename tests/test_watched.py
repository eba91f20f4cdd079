"""Watched questions: what is kept, and what is told when the articles say something else."""

import json
from pathlib import Path

import pytest

from conftest import write_articles
from ibid.errors import IbidError, UsageError
from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from ibid.watched import Fate, Outcome, Watchlist

QUESTION = "Where do apples grow?"
ANSWER = "Apples grow on trees in orchards."
THEN, NOW = "2026-01-01T00:00:00+00:00", "2026-02-02T00:00:00+00:00"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Two articles and their index, with a folder of its own for what is kept."""
    articles, keep = write_articles(tmp_path / "articles"), str(tmp_path / "keep")
    settings = Settings(model="none", keep=keep)
    opened = Library.open(articles, tmp_path / "index", settings, embedder=HashEmbedder())
    opened.build()
    return opened


def edit(library: Library, old: str, new: str) -> None:
    path = library.folder / "apples.md"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    library.build()


def ask_again(library: Library) -> Outcome:
    watchlist = Watchlist(library)
    (watched,) = watchlist.questions()
    return watchlist.compare(watched, NOW)


def fates(outcome: Outcome) -> list[tuple[Fate, str, str]]:
    return [
        (each.fate, each.old.text if each.old else "", each.new.text if each.new else "")
        for each in outcome.differences
    ]


def test_a_question_is_kept_with_the_sentences_that_answer_it(library: Library):
    Watchlist(library).add(f"  Where do\napples {QUESTION[16:]}", THEN)
    (watched,) = Watchlist(library).questions()
    assert (watched.question, watched.since) == (QUESTION, THEN)
    assert [(quote.article, quote.line) for quote in watched.quotes] == [("apples.md", 3)]
    assert watched.quotes[0].text == ANSWER


def test_nothing_is_told_while_the_same_sentences_answer(library: Library):
    Watchlist(library).add(QUESTION, THEN)
    assert not ask_again(library).changed
    edit(library, "# Apples\n\nApples grow on", "# Apples\n\n\n\nApples\ngrow  on")
    (library.folder / "plums.md").write_text("# Plums\n\nPlums are blue.\n", "utf-8")
    library.build()
    assert not ask_again(library).changed


def test_a_changed_sentence_is_told_as_it_was_and_as_it_is(library: Library):
    Watchlist(library).add(QUESTION, THEN)
    edit(library, "on trees in orchards", "on trees in gardens")
    assert fates(ask_again(library)) == [(Fate.CHANGED, ANSWER, "Apples grow on trees in gardens.")]


def test_a_sentence_that_went_is_told(library: Library):
    Watchlist(library).add(QUESTION, THEN)
    edit(library, ANSWER, "")
    assert (Fate.GONE, ANSWER, "") in fates(ask_again(library))


def test_an_article_that_went_is_told(library: Library):
    Watchlist(library).add(QUESTION, THEN)
    (library.folder / "apples.md").unlink()
    library.build(prune=True)
    assert fates(ask_again(library))[0] == (Fate.GONE, ANSWER, "")


def test_a_renamed_article_says_so_under_its_new_name(library: Library):
    Watchlist(library).add(QUESTION, THEN)
    (library.folder / "apples.md").rename(library.folder / "fruit.md")
    library.build()
    (difference,) = ask_again(library).differences
    assert difference.fate is Fate.MOVED
    assert difference.new is not None
    assert (difference.new.article, difference.new.text) == ("fruit.md", ANSWER)


def test_a_sentence_that_answers_beside_the_old_one_is_new(library: Library):
    Watchlist(library).add(QUESTION, THEN)
    (library.folder / "more.md").write_text("# More\n\nApples grow on islands.\n", "utf-8")
    library.build()
    assert fates(ask_again(library)) == [(Fate.NEW, "", "Apples grow on islands.")]


def test_a_question_that_nothing_answered_is_told_once_something_does(library: Library):
    Watchlist(library).add("Where do quinces grow?", THEN)
    assert not ask_again(library).changed
    (library.folder / "q.md").write_text("# Quinces\n\nQuinces grow in Asia.\n", "utf-8")
    library.build()
    assert (Fate.NEW, "", "Quinces grow in Asia.") in fates(ask_again(library))


def test_what_was_taken_note_of_is_told_no_more(library: Library):
    Watchlist(library).add(QUESTION, THEN)
    edit(library, "on trees in orchards", "on trees in gardens")
    outcome = ask_again(library)
    assert ask_again(library).changed  # it is told until somebody says so
    Watchlist(library).accept([outcome])
    assert not ask_again(library).changed
    assert ask_again(library).before.since == NOW


def test_a_question_that_was_removed_meanwhile_does_not_come_back(library: Library):
    watchlist = Watchlist(library)
    watchlist.add(QUESTION, THEN)
    edit(library, "on trees in orchards", "on trees in gardens")
    outcome = ask_again(library)
    watchlist.remove(QUESTION)
    watchlist.accept([outcome])
    assert watchlist.questions() == []
    with pytest.raises(UsageError, match="not watched"):
        watchlist.remove(QUESTION)


def test_a_question_is_watched_once_and_per_folder(library: Library, tmp_path: Path):
    Watchlist(library).add(QUESTION, THEN)
    with pytest.raises(UsageError, match="watched already"):
        Watchlist(library).add(QUESTION, THEN)
    other = write_articles(tmp_path / "other")
    assert Watchlist(Library.open(other, tmp_path / "i", library.settings)).questions() == []


@pytest.mark.parametrize("bytes_there", [b"", b"{}", b"\xff", b"[" * 10_000, b'{"format": 2}'])
def test_a_file_that_is_no_question_is_named_and_stays(library: Library, bytes_there: bytes):
    Watchlist(library).add(QUESTION, THEN)
    (path,) = Path(library.settings.keep).rglob("*.json")
    path.write_bytes(bytes_there)
    with pytest.raises(IbidError, match="is no watched question"):
        Watchlist(library).questions()
    assert path.read_bytes() == bytes_there


def test_only_its_owner_can_read_what_is_watched(library: Library):
    Watchlist(library).add(QUESTION, THEN)
    (path,) = Path(library.settings.keep).rglob("*.json")
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    assert json.loads(path.read_text("utf-8"))["question"] == QUESTION
