"""What is asked stays asked, and Back leads where a reader was: each place has an address."""

import re

import pytest
from playwright.sync_api import expect

from ibid.library import Library

from .scene import QUESTION, open_library, serving
from .test_asking import done
from .test_keeping import questions

pytestmark = pytest.mark.long

THREE = (QUESTION, "what are the ethical concerns?", "what is data bias?")
ASK_AT_ONCE = """questions => questions.forEach(question => {
  document.querySelector('#box').value = question;
  document.querySelector('.composer').requestSubmit();
})"""


@pytest.fixture
def written_library(index, tmp_path, model) -> Library:
    library = open_library(index, generator=model)
    library.settings = library.settings.changed({"keep": str(tmp_path / "kept")}, "test")
    return library


def test_three_questions_at_once_are_answered_in_order(visit, written_library, model):
    model.will_write("Data bias is a hurdle. " * 3, pause=0.05)
    with serving(written_library) as address:
        seen = visit(address).open()
        seen.page.evaluate(ASK_AT_ONCE, THREE)
        expect(seen.page.locator(".waiting .question")).to_have_text(THREE[1:])
        expect(seen.page.locator(".waiting .stage").first).to_contain_text("Waiting")
        expect(seen.page.locator("#box")).to_have_value("")
        done(seen, 3).wait_for()
        assert questions(seen) == list(THREE)
        expect(seen.page.locator("#live .turn")).to_have_count(0)
        seen.page.reload()
        done(seen, 3).wait_for()
        assert questions(seen) == list(THREE)


def test_a_reload_finds_the_questions_that_were_not_answered(visit, written_library, model):
    model.will_write("Data bias is a hurdle. " * 99, pause=0.1)
    with serving(written_library) as address:
        seen = visit(address).open()
        seen.page.evaluate(ASK_AT_ONCE, THREE[:2])
        seen.page.wait_for_selector("#live .draft")
        expect(seen.page).to_have_title(f"{QUESTION} · ibid")
        seen.page.reload()
        expect(seen.page.locator("#transcript .unanswered").first).to_have_text(
            "Asked, not answered."
        )
        expect(seen.page).to_have_title(f"{QUESTION} · ibid")
        assert model.closed.wait(5)
        model.will_write("Data bias is a hurdle.")
        expect(seen.page.locator("#transcript .question")).to_have_text(THREE[:2])
        seen.page.locator("[data-again]").last.click()
        seen.page.wait_for_selector("[data-turn='3'][data-state=done] .chip")
        expect(seen.page.locator("#transcript .unanswered")).to_have_count(1)
        assert seen.complaints == []


def test_a_tab_that_comes_to_the_front_shows_what_another_one_asked(visit, written_library, model):
    model.will_write("Data bias is a hurdle.")
    with serving(written_library) as address:
        first = visit(address).open()
        first.ask()
        first.page.wait_for_url("**/?c=*")
        second = visit(first.page.url).open(wait="[data-turn='1'][data-state=done]")
        first.page.evaluate("document.querySelector('.turn').dataset.same = ''")
        front = "document.dispatchEvent(new Event('visibilitychange'))"
        first.page.evaluate(front)
        first.page.wait_for_timeout(300)
        expect(first.page.locator(".turn[data-same]")).to_have_count(
            1
        )  # nothing new, nothing moves
        second.ask(THREE[1])
        first.page.evaluate(front)
        done(first, 2).wait_for()
        assert questions(first) == list(THREE[:2])


def test_back_and_forward_lead_through_source_view_and_conversation(visit, library):
    with serving(library) as address:
        seen = visit(address).open()
        page, pane = seen.page, seen.page.locator(".pane")
        seen.ask()
        page.wait_for_url("**/?c=*")
        asked = page.url
        page.locator(".chip").nth(1).click()
        page.wait_for_url(re.compile("source="))
        expect(page.locator(".pane mark.cited").first).to_be_visible()
        shared = page.url
        page.go_back()
        expect(pane).to_be_hidden()
        assert page.url == asked
        expect(page.locator(".chip").nth(1)).to_be_focused()
        page.go_forward()
        expect(page.locator(".pane mark.cited").first).to_be_visible()
        page.get_by_role("link", name="Articles").click()
        expect(pane).to_be_hidden()
        expect(page).to_have_title(f"Articles · {QUESTION} · ibid")
        page.locator(".shelf [data-cite]").first.click()
        expect(pane).to_be_visible()
        article = page.locator(".pane-title").inner_text()
        page.reload()
        expect(page.locator(".pane-title")).to_have_text(article)
        expect(page.locator(".shelf")).to_be_visible()
        page.go_back()
        expect(pane).to_be_hidden()
        page.go_back()
        expect(page.locator(".pane mark.cited").first).to_be_visible()
        expect(page.locator(".chip.active")).to_have_count(1)
        page.keyboard.press("Escape")
        expect(pane).to_be_hidden()
        assert page.url == asked
        page.click("#clear")
        page.wait_for_selector(".welcome")
        expect(page).to_have_title("ibid")
        page.go_back()
        done(seen, 1).wait_for()
        assert page.url == asked
        again = visit(shared)
        page = again.page
        page.goto(shared)
        expect(page.locator(".pane mark.cited").first).to_be_visible()
        expect(page.locator(".position")).to_have_text(re.compile("^2 of "))
        page.get_by_label("Close the source").click()
        expect(page.locator(".pane")).to_be_hidden()
        assert "source" not in page.url
        assert seen.complaints == again.complaints == []


def test_on_a_phone_back_closes_the_sheet(visit, chat):
    seen = visit(chat, width=390).open()
    seen.ask()
    seen.page.locator(".chip").first.click()
    expect(seen.page.locator(".pane mark.cited").first).to_be_visible()
    seen.page.go_back()
    expect(seen.page.locator(".pane")).to_be_hidden()
    expect(seen.page.locator(".turn")).to_have_count(1)
