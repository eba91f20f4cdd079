"""Answers in a model's words: streamed, cited by code, and quotes instead where it fails."""

import time
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from fakes import FakeModel, FakeOllama, FakeOpenAI, Mode
from ibid.answering.prompt import ABSTAIN
from ibid.errors import ServerUnavailable
from ibid.library import Library
from ibid.output.terminal import print_answer
from ibid.output.wording import marked_text
from ibid.settings import Settings
from ibid.testing import ScriptedGenerator
from ibid.types.answers import Answer, Delta, Done, Found, Status, Support
from ibid.ui.panes.answers import write_answer
from model_servers import LATE

QUESTION = "what challenges are cited for AI drug discovery?"
GOOD = (
    "Data scarcity, data bias, and ethical concerns surrounding data privacy are significant "
    'hurdles [7]. The "black box" nature of some deep learning models poses a significant '
    "challenge."
)


class Asker:
    """Asks the seeds; the model says what it was told to."""

    def __init__(self, seeds: Path, index: Path) -> None:
        self.seeds, self.index = seeds, index
        self.library = Library.open(seeds, index, Settings(model="none"))

    def __call__(
        self,
        *replies: str | ServerUnavailable,
        question: str = QUESTION,
        settings: Settings | None = None,
    ) -> Answer:
        generator = ScriptedGenerator(*replies)
        return Library.open(self.seeds, self.index, settings, generator=generator).ask(question)


@pytest.fixture
def ask(seeds: Path, seed_index: Path) -> Asker:
    return Asker(seeds, seed_index)


def by_ollama(seeds: Path, index: Path, address: str) -> Answer:
    return Library.open(seeds, index, Settings(ollama=address)).ask(QUESTION)


def test_a_models_sentences_are_cited_and_its_own_marks_are_gone(ask) -> None:
    answer = ask(GOOD)
    assert answer.status is Status.ANSWERED
    assert answer.run.model == "scripted"
    assert [claim.support for claim in answer.claims] == [Support.VERBATIM] * 2
    assert "[7]" not in answer.text
    assert answer.text.endswith("[2]")


def test_an_unsupported_sentence_is_kept_and_marked(ask) -> None:
    answer = ask(GOOD + " Pfizer lost nine billion dollars on volcanoes.")
    assert answer.status is Status.PARTIAL
    assert answer.claims[-1].support is Support.UNSUPPORTED
    assert answer.claims[-1].citations == ()


ALTERED = "Bias in data can lead to accurate or discriminatory outcomes."


def test_an_altered_sentence_names_the_word_wherever_people_read_it(ask) -> None:
    answer = ask(f"{GOOD} {ALTERED}")
    assert answer.status is Status.PARTIAL
    said = "altered here: “accurate” instead of “inaccurate”"
    assert said in marked_text(answer)
    assert said in write_answer(answer, ask.library)
    terminal = Console(file=StringIO(), width=200)
    print_answer(answer, ask.library, terminal)
    assert said in terminal.file.getvalue()
    states = "3 sentences: 2 in the article, 1 altered here. Written by scripted, cited by ibid."
    assert states in terminal.file.getvalue()
    assert states in write_answer(answer, ask.library)


def test_a_reworded_sentence_says_so(ask) -> None:
    answer = ask("Significant hurdles are data scarcity, data bias and ethical concerns.")
    assert "(reworded)" in marked_text(answer)


def test_one_setting_leaves_out_what_the_articles_do_not_support(ask) -> None:
    drop = Settings(unsupported="drop")
    written = f"{GOOD} {ALTERED}\n\nPfizer lost nine billion dollars on volcanoes."
    answer = ask(written, settings=drop)
    assert [claim.support for claim in answer.claims] == [Support.VERBATIM] * 2
    assert "accurate or" not in answer.text
    assert "Pfizer" not in answer.text
    assert answer.status is Status.PARTIAL
    assert len(ask(written).claims) == 4


def test_where_nothing_is_left_the_articles_speak_for_themselves(ask) -> None:
    answer = ask(ALTERED, settings=Settings(unsupported="drop"))
    assert answer.run.model == ""
    assert "changed what the articles say in every sentence" in answer.run.notice
    assert answer.claims


def test_a_text_that_the_articles_do_not_support_is_replaced_by_quotes(ask) -> None:
    answer = ask("Bananas are yellow. The moon orbits the earth. Volcanoes erupt at night.")
    assert answer.run.model == ""
    assert "scripted wrote 3 sentences and the articles support 0" in answer.run.notice
    assert all(claim.support is Support.VERBATIM for claim in answer.claims)
    assert answer.claims


def test_a_model_that_does_not_stop_is_not_read_to_the_end(ask) -> None:
    answer = ask(GOOD + " And so on." * 2000)
    assert answer.status is Status.ANSWERED
    assert not answer.run.model
    assert "scripted wrote more than 20,000 characters" in answer.run.notice
    assert ask(GOOD + " And so on." * 2).run.model == "scripted"


def test_one_sentence_is_not_called_sentences(ask) -> None:
    assert "scripted wrote 1 sentence and" in ask("Bananas are yellow.").run.notice


def test_a_model_that_finds_no_answer_leads_to_a_refusal(ask) -> None:
    answer = ask(ABSTAIN + ".")
    assert answer.status is Status.NOT_IN_SOURCES
    assert answer.claims == ()


def test_no_model_is_asked_what_the_articles_do_not_say(seeds: Path, seed_index: Path) -> None:
    generator = ScriptedGenerator("The capital of Australia is Canberra.")
    answer = Library.open(seeds, seed_index, generator=generator).ask(
        "What is the capital of Australia?"
    )
    assert answer.status is Status.NOT_IN_SOURCES
    assert generator.prompts == []


def test_a_failing_model_leaves_the_quotes_and_says_why(ask) -> None:
    answer = ask(ServerUnavailable("the server fell over", hint="ollama serve"))
    assert answer.claims
    assert answer.run.notice.startswith("the server fell over (ollama serve)")


def test_the_stream_shows_what_was_found_then_text_then_the_checked_answer(
    seeds: Path, seed_index: Path
) -> None:
    library = Library.open(seeds, seed_index, generator=ScriptedGenerator(GOOD))
    first, *middle, last = library.stream(QUESTION)
    assert isinstance(first, Found)
    assert isinstance(last, Done)
    assert "".join(event.text for event in middle if isinstance(event, Delta)) == GOOD


def test_the_passages_reach_the_model_and_the_question_stands_last(
    seeds: Path, seed_index: Path
) -> None:
    generator = ScriptedGenerator(GOOD)
    Library.open(seeds, seed_index, generator=generator).ask(QUESTION)
    content = generator.prompts[0][1].content
    assert "Data scarcity, data bias" in content
    assert content.endswith(QUESTION)


def test_ollama_answers_over_its_native_api(seeds: Path, seed_index: Path) -> None:
    with FakeOllama(text=GOOD) as server:
        answer = by_ollama(seeds, seed_index, server.address)
    assert answer.run.model == "qwen3:4b-instruct"
    assert [claim.support for claim in answer.claims] == [Support.VERBATIM] * 2


@pytest.mark.parametrize(
    "mode",
    [
        Mode.ENDS_EARLY,
        Mode.CUT,
        Mode.STOPS_WITH_ERROR,
        Mode.NOT_JSON,
        Mode.FAILS,
        Mode.REDIRECTS,
        Mode.WRITES_NOTHING,
    ],
)
def test_every_failure_of_ollama_gives_the_quotes_and_a_reason(
    mode: Mode, seeds: Path, seed_index: Path
) -> None:
    with FakeOllama(mode, text=GOOD) as server:
        answer = by_ollama(seeds, seed_index, server.address)
    assert answer.run.model == ""
    assert "these are the articles' own sentences" in answer.run.notice
    assert answer.claims


@pytest.mark.parametrize(
    "mode",
    [
        Mode.ENDS_EARLY,
        Mode.NEVER_SAYS_DONE,
        Mode.BREAKS_OFF,
        Mode.CUT,
        Mode.GIVES_NO_REASON,
        Mode.STOPS_WITH_ERROR,
        Mode.NOT_JSON,
        Mode.FAILS,
        Mode.WANTS_KEY,
        Mode.REDIRECTS,
        Mode.WRITES_NOTHING,
        Mode.THINKS,
        Mode.THINKS_UNMARKED,
        Mode.NEVER_STOPS_THINKING,
        Mode.FLOODS,
        Mode.CUTS_PROMPT,
    ],
)
def test_every_failure_of_a_model_server_gives_the_quotes_and_a_reason_soon(
    mode: Mode, seeds: Path, seed_index: Path
) -> None:
    began = time.monotonic()
    with FakeOpenAI(mode, text=GOOD, window=500) as server:
        answer = Library.open(seeds, seed_index, Settings(server=server.address)).ask(QUESTION)
    assert answer.run.model == ""
    assert "these are the articles' own sentences" in answer.run.notice
    assert answer.claims
    assert time.monotonic() - began < LATE


@pytest.mark.parametrize("fake", [FakeOllama, FakeOpenAI])
def test_closing_the_stream_stops_the_model(
    fake: type[FakeOllama | FakeOpenAI], seeds: Path, seed_index: Path
) -> None:
    with fake(Mode.RAMBLES) as server:
        name = "ollama" if fake is FakeOllama else "server"
        settings = Settings().changed({name: server.address}, "test")
        stream = Library.open(seeds, seed_index, settings).stream(QUESTION)
        next(event for event in stream if isinstance(event, Delta))
        stream.close()  # pyright: ignore[reportAttributeAccessIssue]
        assert server.hung_up.wait(2)


def test_a_model_server_answers_over_its_own_api(seeds: Path, seed_index: Path) -> None:
    with FakeOpenAI(text=GOOD) as server:
        settings = Settings(server=server.address, model="qwen3-4b-instruct")
        answer = Library.open(seeds, seed_index, settings).ask(QUESTION)
    assert answer.run.model == "qwen3-4b-instruct"
    assert [claim.support for claim in answer.claims] == [Support.VERBATIM] * 2


def test_a_prompt_that_the_server_finds_too_long_is_shortened_and_sent_once_more(
    seeds: Path, seed_index: Path
) -> None:
    with FakeOllama(Mode.TOO_LONG, Mode.OK, text=GOOD) as server:
        answer = by_ollama(seeds, seed_index, server.address)
        first, second = (len(chat.body) for chat in server.chats)
    assert answer.run.model
    assert second < first


def test_without_a_server_the_notice_names_the_command(seeds: Path, seed_index: Path) -> None:
    answer = by_ollama(seeds, seed_index, "http://127.0.0.1:9")
    assert answer.run.notice.endswith("for answers in a model's words: ollama serve")
    assert answer.claims


def test_without_a_model_the_notice_names_the_command(seeds: Path, seed_index: Path) -> None:
    with FakeOllama(models=()) as server:
        answer = by_ollama(seeds, seed_index, server.address)
    assert "ollama pull qwen3:4b-instruct" in answer.run.notice


def test_a_model_that_runs_elsewhere_is_never_asked(seeds: Path, seed_index: Path) -> None:
    with FakeOllama(text=GOOD, models=(FakeModel("big-cloud", remote=True),)) as server:
        answer = by_ollama(seeds, seed_index, server.address)
        assert server.chats == []
    assert answer.run.model == ""


def test_a_server_on_another_machine_is_never_asked(seeds: Path, seed_index: Path) -> None:
    answer = by_ollama(seeds, seed_index, "http://192.0.2.1:11434")
    assert answer.run.model == ""
    assert answer.run.notice
