"""A true llama.cpp server, and whatever its random model babbles, nothing of it is supported.

The model knows the words of the articles and nothing else about them: an adversary that no fake
would have thought of.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest

from conftest import ROOT
from ibid.adapters.servers.openai_server import OpenAIGenerator, find_model
from ibid.doctor.canary import choose_canary
from ibid.doctor.checks import Area, Health, examine, exit_code
from ibid.errors import AnswerIncomplete, PromptTooLong
from ibid.library import Library
from ibid.ports import Message
from ibid.settings import Settings
from ibid.text.token_budget import least_tokens
from ibid.types.answers import Answer, Claim, Delta, Support

pytest.importorskip("gguf", reason="gguf, which writes the model, is not installed")
pytest.importorskip(
    "xllamacpp",
    reason="xllamacpp, which serves the model, is not installed or not for this machine",
    exc_type=ImportError,
)

CONTEXT = 4096
MODELS = ("1", "2")  # seeds of their weights
QUESTIONS = (
    "what challenges are cited for AI drug discovery?",
    "How important is data privacy?",
    "How many people may a rare disease affect in the US?",
)
ASKED = [Message("system", "Answer."), Message("user", "What do apples need?")]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Iterator[dict[str, str]]:
    """The address of a server for each model."""
    folder = tmp_path_factory.mktemp("babble")
    program = ROOT / "tests" / "babbling_server.py"
    running: dict[str, subprocess.Popen[str]] = {}
    for model in MODELS:
        arguments = (str(seeds), str(folder / f"babble-{model}.gguf"), str(CONTEXT), model)
        with (folder / f"{model}.log").open("w", encoding="utf-8") as log:
            running[model] = subprocess.Popen(
                [sys.executable, str(program), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=os.environ,
            )
    addresses = {
        model: _address(process, folder / f"{model}.log") for model, process in running.items()
    }
    yield addresses
    for process in running.values():
        process.communicate(timeout=20)


def _address(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    assert address, log.read_text("utf-8")[-2000:]
    return address


@pytest.fixture(scope="module")
def babble(servers: dict[str, str], seed_index: Path, seeds: Path) -> list[Answer]:
    """The answers to all questions by all models."""
    return [
        Library.open(seeds, seed_index, Settings(server=servers[model])).ask(question)
        for model, question in product(MODELS, QUESTIONS)
    ]


def supported(answers: list[Answer]) -> list[Claim]:
    """Return the sentences of models that are shown as supported."""
    trusted = (Support.VERBATIM, Support.REWORDED)
    written = [claim for answer in answers if answer.run.model for claim in answer.claims]
    return [claim for claim in written if claim.support in trusted]


@pytest.mark.long
def test_no_sentence_that_it_babbles_is_supported(babble: list[Answer]):
    assert supported(babble) == []


def test_babble_is_replaced_by_the_articles_own_sentences_and_the_reason(babble: list[Answer]):
    replaced = [answer for answer in babble if not answer.run.model]
    assert len(replaced) >= len(babble) / 2
    for answer in replaced:
        assert "these are the articles' own sentences" in answer.run.notice
        assert {claim.support for claim in answer.claims} == {Support.VERBATIM}


def test_it_wrote_something_each_time(servers: dict[str, str], seeds: Path, seed_index: Path):
    library = Library.open(seeds, seed_index, Settings(server=servers["1"]))
    events = library.stream(QUESTIONS[0])
    assert sum(isinstance(event, Delta) for event in events) > 5


def test_its_model_and_context_are_found(servers: dict[str, str]):
    model = find_model(servers["1"])
    assert model.name.endswith("babble-1.gguf")
    assert (model.context, model.remote) == (CONTEXT, False)


def test_its_count_of_a_prompt_is_never_below_ours(servers: dict[str, str], seeds: Path):
    text = "".join(path.read_text("utf-8") for path in sorted(seeds.iterdir()))[:6000]
    model = OpenAIGenerator("babble", servers["1"], context=CONTEXT)
    long = [Message("system", "Answer."), Message("user", text * 9)]
    with pytest.raises(PromptTooLong) as caught:
        list(model.stream(long))
    assert caught.value.limit == CONTEXT
    assert caught.value.tokens > sum(least_tokens(each.content) for each in long)


def test_a_prompt_that_is_too_long_for_it_is_shortened(
    servers: dict[str, str], seeds: Path, seed_index: Path
):
    answer = Library.open(seeds, seed_index, Settings(server=servers["1"])).ask(QUESTIONS[0])
    assert int(answer.run.settings["context"]) == CONTEXT
    assert "prompt" not in answer.run.notice


def test_the_same_prompt_leads_to_the_same_text(servers: dict[str, str]):
    first, second = (write(OpenAIGenerator("babble", servers["2"])) for _ in range(2))
    assert first == second != ""


def test_the_doctor_sees_that_it_does_not_read_its_prompt(
    servers: dict[str, str], seeds: Path, seed_index: Path
):
    library = Library.open(seeds, seed_index, Settings(server=servers["1"]))
    found = {finding.area: finding for finding in examine(library, choose_canary())}
    assert "babble-1.gguf" in found[Area.SERVER].text
    assert f"asked with {CONTEXT:,} tokens" in found[Area.MODEL].text
    assert found[Area.CONTEXT].state is Health.FAULT
    assert exit_code(list(found.values())) == 5


def write(model: OpenAIGenerator) -> str:
    """Return what a model writes, up to where it is cut."""
    written: list[str] = []
    with suppress(AnswerIncomplete):
        written.extend(delta.text for delta in model.stream(ASKED))
    return "".join(written)
