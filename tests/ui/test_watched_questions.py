"""Watched questions in the chat: what answers one otherwise is shown with the way to its place."""

import time
from pathlib import Path

import pytest
from lxml import html

from conftest import write_articles
from ibid.errors import IndexUnusable, ServerUnavailable, UsageError
from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from ibid.ui.panes.sources import find_source
from ibid.ui.panes.watched import write_watching
from ibid.ui.talk.watching import Watch, Watching
from ibid.watched import Watchlist

QUESTION, OTHER = "Where do apples grow?", "When do pears ripen?"
ANSWER = "Apples grow on trees in orchards."


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Two articles and their index, with a folder of its own for what is kept."""
    settings = Settings(model="none", keep=str(tmp_path / "keep"))
    opened = Library.open(
        write_articles(tmp_path / "articles"), tmp_path / "index", settings, embedder=HashEmbedder()
    )
    opened.build()
    return opened


def edit(library: Library, new: str, old: str = ANSWER) -> None:
    path = library.folder / "apples.md"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    library.build()


def look(watch: Watch, find: str = "") -> Watching:
    """Return the questions once all of them were asked."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        watching = watch.look(find)
        if len(watching.outcomes) == len(watching.questions):
            return watching
    raise AssertionError("they are still being asked")


def write(library: Library, watching: Watching, find: str = "") -> html.HtmlElement:
    return html.fragment_fromstring(write_watching(watching, find, library), create_parent="div")


def test_a_question_that_is_answered_as_before_is_only_listed(library):
    watch = Watch(library)
    watch.add(QUESTION)
    (item,) = write(library, look(watch)).findall(".//li")
    assert QUESTION in item.text_content()
    assert "1 quote of 1 article" in item.text_content()
    assert not item.xpath(".//*[@data-noted]")


def test_what_changed_is_shown_with_the_old_quote_and_the_way_to_the_new_one(library):
    watch = Watch(library)
    watch.add(QUESTION)
    watch.add(OTHER)
    look(watch)
    edit(library, "Apples grow on tall trees in old orchards.")
    shown = write(library, look(watch))
    assert [heading.text for heading in shown.findall(".//h3")] == [
        "Something else answers",
        "As before",
    ]
    (outcome,) = shown.xpath(".//li[@class='outcome']")
    was, now = outcome.findall(".//dd")
    assert was.text_content().startswith(ANSWER)
    assert not was.xpath(".//*[@data-cite]")
    (link,) = now.xpath(".//*[@data-cite]")
    source = html.fromstring(find_source(link.get("data-cite"), (), library).html)
    assert [mark.text_content() for mark in source.xpath("//mark")] == [
        "Apples grow on tall trees in old orchards."
    ]


def test_what_is_noted_is_known_and_told_no_more(library):
    watch = Watch(library)
    watch.add(QUESTION)
    edit(library, "Apples grow on tall trees in old orchards.")
    (id,) = write(library, look(watch)).xpath(".//@data-noted")
    watch.accept(id)
    assert not write(library, look(watch)).xpath(".//@data-noted")


def test_what_was_taken_away_can_be_brought_back_as_it_was(library):
    watch = Watch(library)
    watch.add(QUESTION)
    before = look(watch).questions
    watch.remove(before[0].id)
    assert look(watch).questions == []
    watch.restore()
    assert look(watch).questions == before
    with pytest.raises(UsageError, match="no question was taken away"):
        watch.restore()


def test_a_question_is_found_by_its_words(library):
    watch = Watch(library)
    watch.add(QUESTION)
    watch.add(OTHER)
    assert [q.question for q in look(watch, "PEARS ripen").questions] == [OTHER]
    assert "holds these words" in write(library, look(watch, "plums"), "plums").text_content()


def test_each_question_is_asked_once_of_an_index(library, monkeypatch):
    watch, asked = Watch(library), []
    watch.add(QUESTION)
    ask = Library.ask
    monkeypatch.setattr(
        Library, "ask", lambda self, q, *a, **k: asked.append(q) or ask(self, q, *a, **k)
    )
    look(watch)
    look(watch)
    assert asked == [QUESTION]
    edit(library, "Apples grow elsewhere.")
    look(watch)
    assert asked == [QUESTION] * 2


def test_an_index_that_is_gone_is_told(library, tmp_path):
    watch = Watch(library)
    watch.add(QUESTION)
    (tmp_path / "index" / "CURRENT").unlink()
    with pytest.raises(IndexUnusable):
        look(watch)


def test_no_word_of_a_question_or_an_article_becomes_an_element(library):
    hostile = "Where do <b>apples</b> grow?"
    watch = Watch(library)
    watch.add(hostile)
    edit(library, "Apples <i onclick=x>grow</i> on <u>tall</u> trees in old orchards.")
    shown = write(library, look(watch))
    assert hostile in shown.text_content()
    assert not shown.xpath(".//b | .//i | .//u | .//@onclick")


def test_trouble_that_comes_late_is_told_once_and_asking_goes_on_after_it(library, monkeypatch):
    watch = Watch(library)
    watch.add(QUESTION)
    compare = Watchlist.compare

    def fail_late(*_: object) -> None:
        time.sleep(0.6)
        raise ServerUnavailable("the embedder is gone")

    monkeypatch.setattr(Watchlist, "compare", fail_late)
    assert not watch.look().outcomes
    time.sleep(0.6)
    with pytest.raises(ServerUnavailable):
        watch.look()
    monkeypatch.setattr(Watchlist, "compare", compare)
    assert len(look(watch).outcomes) == 1


def test_what_nobody_has_seen_cannot_be_noted(library):
    watch = Watch(library)
    watch.add(QUESTION)
    edit(library, "Apples grow on tall trees in old orchards.")
    (watched,) = look(watch).questions
    edit(library, "on no trees", "on tall trees")
    with pytest.raises(UsageError, match="the index has changed meanwhile"):
        watch.accept(watched.id)
    assert look(watch).outcomes[watched].changed


def test_of_a_sentence_that_stands_twice_the_one_that_answers_is_opened(library):
    watch = Watch(library)
    watch.add(OTHER)
    path = library.folder / "apples.md"
    said = "Pears ripen in the second week of September."
    path.write_text(f"# Apples\n\n{said}\n\n## Pears\n\nWhen do pears ripen?\n\n{said}\n", "utf-8")
    library.build()
    outcome = look(watch).outcomes[look(watch).questions[0]]
    shown = write(library, look(watch))
    links = dict(
        zip(
            [each.new.line for each in outcome.differences if each.new],
            shown.xpath(".//li[@class='outcome']//@data-cite"),
            strict=True,
        )
    )
    assert links
    for line, key in links.items():
        assert find_source(key, (), library).place.endswith(f":{line}")
