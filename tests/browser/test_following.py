"""Follow-up questions and refusals: the page shows what was understood, and what is behind a no."""

from urllib.parse import parse_qs, urlparse

from playwright.sync_api import expect

from .test_asking import CLIPBOARD, done


def test_the_page_shows_a_follow_up_question_in_full(visit, chat):
    seen = visit(chat, permissions=CLIPBOARD).open()
    seen.ask()
    expect(done(seen).locator(".restated")).to_have_count(0)
    seen.ask("what about costs?")
    restated = done(seen, 2).locator(".restated").inner_text()
    assert restated == "Understood as “What costs are cited for AI drug discovery?”"
    done(seen, 2).locator("[data-link]").click()
    done(seen, 2).get_by_text("Copied").wait_for()
    link = seen.page.evaluate("navigator.clipboard.readText()")
    assert parse_qs(urlparse(link).query)["q"] == ["What costs are cited for AI drug discovery?"]


def test_a_follow_up_question_can_point_at_a_cited_article(visit, chat):
    seen = visit(chat).open()
    seen.ask()
    titles = done(seen).locator(".sources .title").all_inner_texts()
    seen.ask("and in the second one?")
    expect(done(seen, 2).locator(".within")).to_contain_text(f"in “{titles[1]}”")
    expect(done(seen, 2).locator(".sources .title")).to_have_text([titles[1]])


def test_a_kept_conversation_is_gone_on_with(visit, chat):
    seen = visit(chat).open()
    seen.ask()
    seen.page.wait_for_url("**/?c=*")
    seen.page.reload()
    seen.page.wait_for_selector("[data-turn='1'][data-state=done]")
    seen.ask("what about costs?")
    expect(done(seen, 2).locator(".restated")).to_contain_text("costs are cited for AI drug")


def test_asking_again_does_not_take_the_answer_itself_for_what_went_before(visit, chat):
    seen = visit(chat).open()
    seen.ask()
    seen.ask("what about costs?")
    done(seen, 2).locator("[data-again]").click()
    seen.page.wait_for_selector("[data-turn='3'][data-state=done]")
    restated = done(seen, 3).locator(".restated").inner_text()
    assert restated == "Understood as “What costs are cited for AI drug discovery?”"


def test_a_refusal_shows_its_receipt(visit, chat):
    seen = visit(chat).open()
    seen.ask("how much does blockchain cost in Patagonia?")
    unused = done(seen).locator(".unused").inner_text()
    assert unused == "They never use “blockchain” or “Patagonia”."
    expect(done(seen).locator(".nearest")).to_contain_text("from 0.24 on it is shown")
