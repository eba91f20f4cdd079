"""What is missing or slow is told in plain words, with the command that mends it."""

import pytest
from playwright.sync_api import expect

from fakes import FakeModel, FakeOllama, Mode
from ibid.library import Library
from ibid.testing import ScriptedGenerator

from .scene import QUESTION, SlowGenerator, open_library, serving

pytestmark = pytest.mark.long


def with_model(index, **changes: str) -> Library:
    library = open_library(index)
    library.settings = library.settings.changed(changes, "test")
    return library


def test_without_a_server_the_page_says_how_to_get_one_and_still_answers(visit, index):
    with serving(with_model(index, model="auto", ollama="http://127.0.0.1:9")) as address:
        seen = visit(address).open(wait=".writer code")
        expect(seen.page.locator(".writer code")).to_have_text("ollama serve")
        expect(seen.page.locator(".writer")).to_contain_text("own sentences")
        seen.ask()
        expect(seen.page.locator(".chip")).not_to_have_count(0)
        expect(seen.page.locator(".notice code")).to_have_text("ollama serve")


def test_a_model_that_is_missing_is_told_with_the_command_that_gets_it(visit, index):
    with (
        FakeOllama() as server,
        serving(with_model(index, model="granite4:micro", ollama=server.address)) as address,
    ):
        seen = visit(address).open(wait=".writer code")
        expect(seen.page.locator(".writer code")).to_have_text("ollama pull granite4:micro")
        seen.ask()
        expect(seen.page.locator(".trouble .command code")).to_have_text(
            "ollama pull granite4:micro"
        )


def test_who_writes_is_told_before_the_first_question(visit, index):
    with (
        FakeOllama(models=[FakeModel("qwen3:4b-instruct")]) as server,
        serving(with_model(index, model="auto", ollama=server.address)) as address,
    ):
        seen = visit(address).open(wait=".writer:has-text('qwen3')")
        expect(seen.page.locator(".writer")).to_contain_text("qwen3:4b-instruct writes the answers")


def test_a_model_that_is_being_loaded_is_told_and_can_be_stopped(visit, index, monkeypatch):
    monkeypatch.setattr("ibid.ui.talk.conversation.SECONDS_TO_BEGIN", 0.3)
    with (
        FakeOllama(Mode.HANGS) as server,
        serving(with_model(index, model="auto", ollama=server.address)) as address,
    ):
        seen = visit(address).open()
        seen.type(QUESTION)
        seen.page.wait_for_selector(".stage:has-text('Ollama may be loading it')")
        seen.page.click("#stop")
        seen.page.wait_for_selector("[data-state=done]:has-text('Stopped.')")
        server.over.set()


def test_a_model_that_fails_leaves_the_articles_own_sentences(visit, index):
    with (
        FakeOllama(Mode.BREAKS_OFF) as server,
        serving(with_model(index, model="auto", ollama=server.address)) as address,
    ):
        seen = visit(address).open()
        seen.ask()
        expect(seen.page.locator(".quoted .chip")).not_to_have_count(0)
        expect(seen.page.locator(".caveat:has(.notice) ~ .quoted").first).to_be_visible()
        expect(seen.page.locator(".notice")).to_contain_text(
            "these are the articles' own sentences"
        )


def test_who_waits_sees_how_many_are_before(visit, index, monkeypatch):
    monkeypatch.setattr("ibid.ui.server.state.ANSWERED_AT_ONCE", 1)
    model = SlowGenerator()
    model.will_write("Data bias is a significant hurdle for rare diseases. " * 400, pause=0.2)
    with serving(open_library(index, generator=model)) as address:
        # A browser opens six connections to a host, and each page holds two: three readers then.
        first, second, third = (visit(address, reader=who).open() for who in "abc")
        first.type(QUESTION)
        first.page.wait_for_selector(".draft")
        second.type(QUESTION)
        second.page.wait_for_selector(".stage:has-text('Waiting: 1 question before this one')")
        third.type(QUESTION)
        third.page.wait_for_selector(".stage:has-text('Waiting: 2 questions before this one')")
        second.page.click("#stop")
        third.page.wait_for_selector(".stage:has-text('Waiting: 1 question before this one')")
        model.will_write("Data bias is a significant hurdle.")
        first.page.click("#stop")
        third.page.wait_for_selector("[data-state=done]")


def test_a_chat_that_is_gone_is_told_and_the_question_is_not_lost(visit, index):
    with serving(open_library(index)) as address:
        seen = visit(address).open()
        seen.page.evaluate("() => { window.fetch = () => Promise.reject(new Error('gone')); }")
    seen.type(QUESTION)
    seen.page.wait_for_selector(".composer-sorry:has-text('ibid chat')")
    expect(seen.page.locator("#box")).to_have_value(QUESTION)


@pytest.mark.parametrize("reply", ["", "Dragons guard every laboratory in Wales."])
def test_an_answer_that_the_articles_do_not_support_is_not_shown(visit, index, reply):
    model = ScriptedGenerator(reply)
    with serving(open_library(index, generator=model)) as address:
        seen = visit(address).open()
        seen.ask()
        expect(seen.page.locator(".notice")).to_contain_text("own sentences")
        expect(seen.page.locator("#transcript")).not_to_contain_text("Dragons")


def test_the_comparison_offers_to_build_a_missing_index(visit, small_library):
    with serving(small_library) as address:
        seen = visit(address).open("#compare", wait=".compare-build button:visible")
        expect(seen.page.locator(".compare-said")).to_contain_text("There is no index in ")
        seen.page.click(".compare-build button")
        seen.page.wait_for_selector("[data-topic]")
        expect(seen.page.locator(".compare-build")).to_be_hidden()
