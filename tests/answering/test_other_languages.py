"""Articles and questions in other languages: found by their words, refused without, and told."""

from pathlib import Path

import pytest

from ibid.library import Library
from ibid.settings import Settings
from ibid.types import Signal, Status

ARTICLES = {
    "ruby.md": "# Ruby\n\nDie Version 1.9.3 wird bis zum 23. Februar 2014 gepflegt. "
    "Danach gibt es nur noch wenige Korrekturen.\n",
    "panthers.md": "黑豹队的防守只丢了308分，在联赛中排名第六。"
    "黑豹队的防线上有经验丰富的防守端锋。\n",
    "thai.md": "แพนเทอร์สเสียแต้มไปเพียง 308 แต้ม และอยู่อันดับที่หกของลีก\n",
}


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder: Path = tmp_path_factory.mktemp("foreign")
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    index = tmp_path_factory.mktemp("index") / "index"
    library = Library.open(folder, index, Settings(model="none"))
    library.build()
    return library


@pytest.mark.parametrize(
    ("question", "article", "quote"),
    [
        (
            "Bis wann wird die Version 1.9.3 gepflegt?",
            "ruby.md",
            "Die Version 1.9.3 wird bis zum 23. Februar 2014 gepflegt.",
        ),
        ("黑豹队的防守丢了多少分？", "panthers.md", "黑豹队的防守只丢了308分，在联赛中排名第六。"),
        ("แพนเทอร์สเสียแต้มไปเท่าไร", "thai.md", ARTICLES["thai.md"].strip()),
    ],
)
def test_an_article_in_another_language_answers_in_its_own_sentences(
    foreign: Library, question: str, article: str, quote: str
):
    answer = foreign.ask(question)
    citation = answer.claims[0].citations[0]
    assert (answer.status, citation.passage.article) == (Status.ANSWERED, article)
    assert citation.quote.of(foreign.article(article).text) == quote
    assert "by words alone" in answer.run.notice


@pytest.mark.parametrize(
    "question", ["Wie hoch ist der Eiffelturm eigentlich?", "埃菲尔铁塔有多高？", "หอไอเฟลสูงกี่เมตร"]
)
def test_what_articles_in_another_language_do_not_say_is_refused(foreign: Library, question: str):
    answer = foreign.ask(question)
    assert answer.status is Status.NOT_IN_SOURCES
    assert answer.receipt is not None
    assert answer.receipt.missed is None  # measured on English questions


def test_the_word_that_the_articles_never_use_is_told_whole(foreign: Library):
    receipt = foreign.ask("埃菲尔铁塔有多高？").receipt
    assert receipt is not None
    assert receipt.unused == ("埃菲尔铁塔有多高",)


def test_a_question_in_a_language_that_the_articles_are_not_in_is_told_so(library: Library):
    answer = library.ask("Welche Herausforderungen gibt es bei der Entwicklung von Medikamenten?")
    assert answer.status is Status.NOT_IN_SOURCES
    assert answer.run.notice == (
        "the nearest articles are in English, and the question seems to be in German: "
        "only words that both have were found"
    )


def test_an_english_question_over_english_articles_is_told_nothing(library: Library):
    answer = library.ask("What challenges are cited for AI drug discovery?")
    assert (answer.status, answer.run.notice) == (Status.ANSWERED, "")


def test_words_alone_find_a_passage_in_a_script_without_blanks(foreign: Library):
    [hit, *_] = foreign.search("防守端锋", by=Signal.WORDS)
    assert hit.passage.article == "panthers.md"


def test_a_word_that_two_languages_share_does_not_answer_beside_english_articles(tmp_path: Path):
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "ferns.md").write_text("# Ferns\n\nFerns die below minus five degrees.\n", "utf-8")
    (folder / "ruby.md").write_text(ARTICLES["ruby.md"], "utf-8")
    library = Library.open(folder, tmp_path / "index", Settings(model="none"))
    library.build()
    answer = library.ask("When do ferns die?")
    assert [claim.text for claim in answer.claims] == ["Ferns die below minus five degrees."]
