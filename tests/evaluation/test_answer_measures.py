"""What `ibid eval --answers` counts, on three articles and five questions worked out by hand."""

from pathlib import Path

import pytest

from fakes import FakeOllama, FakeOpenAI, Mode
from ibid.adapters.servers.choice import require_generator
from ibid.answering.prompt import ABSTAIN
from ibid.errors import ServerUnavailable, UsageError
from ibid.evaluation.answers import QUOTES, Answers, Outcome, Reason, measure_answers
from ibid.evaluation.cases import Case, Target
from ibid.evaluation.report_answers import answers_json
from ibid.evaluation.running import Exam, examine
from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder, ScriptedGenerator
from ibid.types.answers import Support
from ibid.types.articles import ArticleId, Span
from ibid.types.indexing import Progress

APPLES = ArticleId("apples.md")
PEARS = ArticleId("pears.md")
GROW = "Apples grow on trees in orchards."
COLD = "Farmers store pears in cold rooms."
INVENTED = "Bananas are yellow. The moon orbits the earth. Volcanoes erupt at night."


def ignore(progress: Progress) -> None:
    """Take no notice of progress."""


def place(library: Library, article: ArticleId, quote: str) -> Target:
    start = library.article(article).text.index(quote)
    return Target(article, Span(start, start + len(quote)))


@pytest.fixture
def exam(small: Library) -> Exam:
    """A question answered by a sentence, one by an article, and one that nothing answers."""
    small.build()
    cases = (
        Case("grow", "Where do apples grow?", (place(small, APPLES, GROW),)),
        Case("cold", "Where do farmers store pears?", (Target(PEARS),)),
        Case("bach", "Who was Bach?", ()),
    )
    return Exam("fruit", cases, {}, small)


def over_http(exam: Exam, server: FakeOllama | FakeOpenAI) -> Answers:
    name = "ollama" if isinstance(server, FakeOllama) else "server"
    settings = Settings().changed({name: server.address}, "test")
    return measure_answers(exam, require_generator(settings).generator, ignore)


def copied(words: list[str]) -> str:
    """Answer as a model that copies: the sentence that the question (last) is about."""
    return GROW if words[-2] == "grow" else COLD


def test_the_articles_own_sentences_are_the_baseline(exam: Exam):
    found = measure_answers(exam, None, ignore)
    assert found.writer == QUOTES
    assert found.outcomes(answerable=True) == {Outcome.ANSWERED: 2}
    assert found.outcomes(answerable=False) == {Outcome.REFUSED: 1}
    assert found.values["citation recall"] == {"grow": 1.0, "cold": 1.0}
    assert found.values["sentences supported"] == {"grow": 1.0, "cold": 1.0}
    assert set(found.sentences.elements()) == {Support.VERBATIM}
    assert found.reasons == {}


@pytest.mark.parametrize("fake", [FakeOllama, FakeOpenAI])
def test_a_model_that_copies_cites_the_very_places(fake: type[FakeOllama | FakeOpenAI], exam: Exam):
    with fake(text=copied) as server:
        found = over_http(exam, server)
        assert len(server.chats) == 2  # nobody asks it about Bach
    assert found.writer in ("qwen3:4b-instruct", "qwen3-4b-instruct")
    assert found.outcomes(answerable=True) == {Outcome.ANSWERED: 2}
    assert found.outcomes(answerable=False) == {Outcome.REFUSED: 1}
    assert found.values == {
        "citation precision": {"grow": 1.0, "cold": 1.0},
        "citation recall": {"grow": 1.0, "cold": 1.0},
        "sentences supported": {"grow": 1.0, "cold": 1.0},
    }
    assert found.sentences[Support.VERBATIM] == found.sentences.total() == 2
    assert [each.characters for each in found.replies.values()] == [len(GROW), len(COLD), 0]


def test_a_citation_of_another_place_or_another_article_is_wrong(exam: Exam):
    ripe = "Ripe apples fall in autumn."
    with FakeOllama(text=f"{GROW} {ripe} {COLD}") as server:
        found = over_http(exam, server)
    assert found.values["citation precision"] == {"grow": 1 / 3, "cold": 1 / 3}
    assert found.values["citation recall"] == {"grow": 1.0, "cold": 1.0}


def test_what_answers_a_question_and_is_not_cited_lowers_the_recall(exam: Exam, small: Library):
    both = (place(small, APPLES, GROW), Target(PEARS))
    exam = Exam("both", (Case("both", "Where do apples grow?", both),), {}, small)
    with FakeOllama(text=GROW) as server:
        found = over_http(exam, server)
    assert found.values["citation precision"] == {"both": 1.0}
    assert found.values["citation recall"] == {"both": 0.5}


def test_the_article_that_a_question_was_taken_from_is_neither_right_nor_wrong(
    exam: Exam, small: Library
):
    asked = Case("link", "Where do apples grow?", (Target(PEARS),), asked_in=APPLES)
    with FakeOllama(text=f"{GROW} {COLD}") as server:
        found = over_http(Exam("links", (asked,), {}, small), server)
    assert found.values["citation precision"] == {"link": 1.0}


def test_a_copy_of_an_article_answers_as_well(articles: Path, tmp_path: Path):
    (articles / "again.md").write_bytes((articles / "apples.md").read_bytes())
    library = Library.open(
        articles, tmp_path / "index", Settings(model="none"), embedder=HashEmbedder()
    )
    library.build()
    cases = tuple(
        Case(name, "Where do apples grow?", (Target(ArticleId(name)),))
        for name in ("apples.md", "again.md")
    )
    found = measure_answers(examine("copies", cases, library), None, ignore)
    assert found.values["citation recall"] == {"apples.md": 1.0, "again.md": 1.0}


def test_a_model_that_invents_is_no_match_for_quotes_and_gets_no_credit_for_them(exam: Exam):
    with FakeOpenAI(text=INVENTED) as server:
        found = over_http(exam, server)
    assert found.outcomes(answerable=True) == {Outcome.FELL_BACK: 2}
    assert found.reasons == {Reason.NOT_SUPPORTED: 2}
    assert found.values == {
        "citation precision": {},
        "citation recall": {"grow": 0.0, "cold": 0.0},
        "sentences supported": {"grow": 0.0, "cold": 0.0},
    }
    assert found.sentences.total() == 0


def test_an_invented_sentence_among_copied_ones_lowers_what_is_supported(exam: Exam):
    with FakeOllama(text=f"{GROW} {COLD} Volcanoes erupt at night.") as server:
        found = over_http(exam, server)
    assert found.values["sentences supported"] == {"grow": 2 / 3, "cold": 2 / 3}
    assert found.sentences == {
        Support.VERBATIM: 4,
        Support.REWORDED: 0,
        Support.ALTERED: 0,
        Support.UNSUPPORTED: 2,
        Support.GAP: 0,
    }


def test_no_sentence_is_dropped_before_it_is_counted(exam: Exam, small: Library):
    drop = Settings(index=small.settings.index, articles=small.settings.articles).changed(
        {"unsupported": "drop"}, "test"
    )
    library = Library.open(settings=drop, embedder=HashEmbedder())
    generator = ScriptedGenerator(f"{GROW} {COLD} Volcanoes erupt at night.")
    found = measure_answers(Exam("fruit", exam.cases, {}, library), generator, ignore)
    assert found.sentences[Support.UNSUPPORTED] == 2


def test_a_model_that_abstains_refuses(exam: Exam):
    with FakeOllama(text=ABSTAIN) as server:
        found = over_http(exam, server)
    assert found.outcomes(answerable=True) == {Outcome.REFUSED: 2}
    assert found.values["citation recall"] == {"grow": 0.0, "cold": 0.0}
    assert found.values["sentences supported"] == {}


def test_a_model_that_dies_midway_is_not_taken_for_the_baseline(exam: Exam):
    with FakeOpenAI(Mode.OK, Mode.FAILS, text=copied) as server:
        found = over_http(exam, server)
    assert found.outcomes(answerable=True) == {Outcome.ANSWERED: 1, Outcome.FELL_BACK: 1}
    assert found.reasons == {Reason.FAILED: 1}
    assert found.values["citation precision"] == {"grow": 1.0}
    assert found.values["citation recall"] == {"grow": 1.0, "cold": 0.0}
    assert found.values["sentences supported"] == {"grow": 1.0}
    assert found.sentences.total() == 1


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        (Mode.CUT, Reason.INCOMPLETE),
        (Mode.WRITES_NOTHING, Reason.INCOMPLETE),
        (Mode.TOO_LONG, Reason.TOO_LONG),
        (Mode.FAILS, Reason.FAILED),
    ],
)
def test_each_failure_has_its_reason(mode: Mode, reason: Reason, exam: Exam):
    with FakeOllama(mode, text=GROW) as server:
        assert over_http(exam, server).reasons == {reason: 2}


def test_an_earlier_failure_does_not_excuse_a_text_that_does_not_hold(exam: Exam):
    with FakeOpenAI(Mode.FAILS, Mode.OK, text=INVENTED) as server:
        assert over_http(exam, server).reasons == {Reason.FAILED: 1, Reason.NOT_SUPPORTED: 1}


def test_a_prompt_that_was_shortened_in_time_is_no_failure(exam: Exam):
    with FakeOllama(Mode.TOO_LONG, Mode.OK, text=copied) as server:
        found = over_http(exam, server)
    assert found.outcomes(answerable=True) == {Outcome.ANSWERED: 2}


def test_a_server_that_went_away_fails_at_once(exam: Exam):
    with FakeOllama(text=GROW) as server:
        generator = require_generator(Settings(ollama=server.address)).generator
    found = measure_answers(exam, generator, ignore)
    assert found.reasons == {Reason.FAILED: 2}


def test_moments_come_in_their_order(exam: Exam):
    with FakeOllama(text=copied) as server:
        found = over_http(exam, server)
    for reply in found.replies.values():
        assert 0 < reply.seconds.found <= reply.seconds.text <= reply.seconds.whole


def test_the_json_sets_a_model_beside_the_quotes(exam: Exam):
    quotes = measure_answers(exam, None, ignore)
    model = measure_answers(exam, ScriptedGenerator(GROW, INVENTED), ignore)
    values = answers_json([quotes, model])
    assert (values["set"], values["articles"], values["questions"]) == ("fruit", 2, 3)
    assert list(values["writers"]) == ["quotes", "scripted"]
    told = values["writers"]["scripted"]
    assert told["answerable"] == {"of": 2, "answered": 1, "refused": 0, "fell_back": 1}
    assert told["unanswerable"] == {"of": 1, "answered": 0, "refused": 1, "fell_back": 0}
    assert told["fell_back"]["not_supported"] == 1
    assert told["citation_recall"] == {"mean": 0.5, "low": 0.0, "high": 1.0, "questions": 2}
    assert told["sentences"] == {
        "verbatim": 1,
        "reworded": 0,
        "altered": 0,
        "unsupported": 0,
        "gap": 0,
    }
    assert told["per_answer"] == {"sentences": 1.0, "characters": len(GROW)}
    assert set(told["seconds"]) == {"found", "text", "whole"}
    test = values["compared_with"]["quotes"]["citation_recall"]
    assert (test["difference"], test["lost"]) == (-0.5, ["cold"])
    assert (test["means"], test["questions"]) == ([1.0, 0.5], 2)


def test_writers_are_compared_on_the_questions_that_both_answer(exam: Exam):
    quotes = measure_answers(exam, None, ignore)
    model = measure_answers(exam, ScriptedGenerator(GROW, ABSTAIN), ignore)
    values = answers_json([quotes, model])
    name = "citation_precision"
    assert [each[name]["questions"] for each in values["writers"].values()] == [2, 1]
    test = values["compared_with"]["quotes"][name]
    assert (test["questions"], test["low"], test["means"]) == (1, None, [1.0, 1.0])


def test_runs_without_articles_cannot_be_asked():
    with pytest.raises(UsageError, match="no articles to ask"):
        measure_answers(Exam("runs", (), {}), None, ignore)


def test_an_error_of_the_script_is_told_in_its_words(exam: Exam):
    generator = ScriptedGenerator(ServerUnavailable("the server fell over", hint="ollama serve"))
    reply = measure_answers(exam, generator, ignore).replies["grow"]
    assert reply.notice.startswith("the server fell over (ollama serve)")
