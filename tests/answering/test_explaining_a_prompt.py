"""What a model was given can be seen, and a record leads to the same request again."""

from pathlib import Path

import pytest
from rich.console import Console

from fakes import FakeOllama, FakeOpenAI, Mode
from ibid.errors import PromptTooLong
from ibid.library import Library
from ibid.output.terminal import print_prompt
from ibid.settings import Settings
from ibid.testing import ScriptedGenerator
from ibid.text.token_budget import ANSWER_TOKENS, count_tokens
from ibid.types.answers import Answer

QUESTION = "what challenges are cited for AI drug discovery?"
GOOD = 'The "black box" nature of some deep learning models poses a significant challenge.'

SEED_PASSAGES, FOUND = 47, 24
"""Passages of the seeds, all of which fit, and how many of them are found for a question."""


def explained(answer: Answer, console: Console) -> str:
    with console.capture() as capture:
        print_prompt(answer.run, console)
    return capture.get()


@pytest.fixture
def console() -> Console:
    return Console(width=500, highlight=False)


def test_each_part_of_the_prompt_is_listed_and_they_add_up(
    seeds: Path, seed_index: Path, console: Console
) -> None:
    answer = Library.open(seeds, seed_index, generator=ScriptedGenerator(GOOD)).ask(QUESTION)
    printed = [line.rstrip() for line in explained(answer, console).splitlines()]
    numbers = [int(line.split()[0].replace(",", "")) for line in printed[2:-1]]
    assert printed[-1] == f"{sum(numbers):,} tokens of a context of 8,192"
    assert printed[2].endswith("instructions")
    assert sum("passage: " in line for line in printed) == SEED_PASSAGES
    assert printed[-2].split() == ["1,024", "room", "for", "the", "answer"]


def test_what_found_no_room_is_said(seeds: Path, seed_index: Path, console: Console) -> None:
    generator = ScriptedGenerator(GOOD, context=2048)
    answer = Library.open(seeds, seed_index, generator=generator).ask(QUESTION)
    printed = explained(answer, console)
    left_out = [part for part in answer.run.prompt if not part.packed]
    assert 0 < len(left_out) < FOUND
    assert printed.count("left out, no room: passage: ") == len(left_out)
    assert sum(part.tokens for part in answer.run.prompt if part.packed) <= 2048
    for part in left_out:
        assert f": {part.title}>" not in generator.prompts[0][1].content


def test_a_prompt_that_was_shortened_is_the_one_that_is_explained(
    seeds: Path, seed_index: Path
) -> None:
    with FakeOllama(Mode.TOO_LONG, Mode.OK, text=GOOD) as server:
        settings = Settings(ollama=server.address)
        answer = Library.open(seeds, seed_index, settings).ask(QUESTION)
    assert answer.run.model
    packed = [part for part in answer.run.prompt if part.what == "passage" and part.packed]
    assert server.chats[1].body.count("</passage-") <= len(packed) < SEED_PASSAGES


def test_a_prompt_that_is_too_long_for_a_small_server_is_shortened_to_what_it_takes(
    seeds: Path, seed_index: Path
) -> None:
    with FakeOpenAI(text=GOOD, window=900) as server:
        settings = Settings(server=server.address)
        answer = Library.open(seeds, seed_index, settings).ask(QUESTION)
    assert answer.run.model
    assert len(server.chats[0].words) > 1000
    assert len(server.chats[1].words) <= 900
    assert any(part.what == "passage" and part.packed for part in answer.run.prompt)


def test_a_shortened_prompt_fits_by_the_servers_own_count(seeds: Path, seed_index: Path) -> None:
    refusal = PromptTooLong("too long", tokens=9000, limit=6000)
    generator = ScriptedGenerator(refusal, GOOD)
    Library.open(seeds, seed_index, generator=generator).ask(QUESTION)
    first, second = (
        sum(count_tokens(message.content) for message in prompt) for prompt in generator.prompts
    )
    assert 0 < second * 9000 / first <= 6000 - ANSWER_TOKENS


def test_a_model_that_failed_has_its_prompt_explained_as_well(
    seeds: Path, seed_index: Path
) -> None:
    with FakeOpenAI(Mode.CUT) as server:
        settings = Settings(server=server.address)
        answer = Library.open(seeds, seed_index, settings).ask(QUESTION)
    assert answer.run.model == ""
    assert answer.run.prompt


def test_without_a_model_there_is_nothing_to_explain(library: Library, console: Console) -> None:
    answer = library.ask(QUESTION)
    assert answer.run.prompt == ()
    assert explained(answer, console).strip() == (
        "No model was asked, so there is no prompt to explain."
    )


@pytest.mark.parametrize("fake", [FakeOllama, FakeOpenAI])
def test_a_record_leads_to_the_same_request_byte_for_byte(
    fake: type[FakeOllama | FakeOpenAI], seeds: Path, seed_index: Path
) -> None:
    with fake(text=GOOD) as server:
        name = "server" if fake is FakeOpenAI else "ollama"
        settings = Settings().changed({name: server.address}, "test")
        run = Library.open(seeds, seed_index, settings).ask(QUESTION).run
        again = {name: run.settings["server"], **{k: run.settings[k] for k in ("model", "context")}}
        repeated = Settings().changed(again, "test")
        assert Library.open(seeds, seed_index, repeated).ask(QUESTION).run.index == run.index
        first, second = server.chats
    assert first == second
    assert (run.settings["temperature"], run.settings["seed"]) == ("0", "1")
    assert '"temperature": 0' in first.body or '"temperature":0' in first.body
    assert '"seed": 1' in first.body or '"seed":1' in first.body
