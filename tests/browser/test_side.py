"""The list of what is kept: conversations, quotes, watched questions, reached from everywhere."""

import json

from playwright.sync_api import expect

from .scene import QUESTION, serving, wait_until

CONCERNS = "what are the ethical concerns?"
HOSTILE_NAME = "<img src=x onerror=window.hurt=1> ${window.hurt=1}"


def test_conversations_are_found_named_deleted_and_brought_back(visit, kept_library):
    with serving(kept_library) as address:
        seen = visit(address).open()
        seen.ask()
        seen.page.click("#clear")
        seen.page.wait_for_selector(".welcome")
        seen.ask(CONCERNS)
        items = seen.page.locator("#side-list li")
        expect(items).to_have_count(2)
        expect(seen.page.locator("#side-list [aria-current]")).to_contain_text(CONCERNS)
        expect(seen.page.locator("#side-list h3")).to_have_text(["Today"])
        seen.page.get_by_role("link", name="Articles").click()
        seen.page.fill(".side-find input", "cited challenges")
        expect(items).to_have_count(1)
        expect(items).to_contain_text(QUESTION)
        seen.page.keyboard.press("ArrowDown")
        seen.page.keyboard.press("Tab")
        seen.page.keyboard.press("Enter")
        seen.page.keyboard.type(HOSTILE_NAME)
        seen.page.keyboard.press("Enter")
        seen.page.fill(".side-find input", "")
        expect(items).to_have_count(2)
        expect(items.last.locator(".title")).to_have_text(HOSTILE_NAME)
        seen.page.locator("[data-forget]").nth(1).click()
        expect(items).to_have_count(1)
        seen.page.get_by_role("button", name="Undo").click()
        expect(items).to_have_count(2)
        expect(items.last.locator(".title")).to_have_text(HOSTILE_NAME)
        items.last.locator("a").click()
        expect(seen.page.locator(".question")).to_have_text([QUESTION])
        seen.page.get_by_role("button", name="Delete this conversation").click()
        seen.page.wait_for_selector(".welcome")
        seen.page.get_by_role("button", name="Undo").click()
        expect(seen.page.locator(".question")).to_have_text([QUESTION])
        assert seen.page.evaluate("window.hurt") is None
        assert seen.complaints == []


def test_what_is_typed_or_has_the_focus_stays_when_the_list_comes_anew(visit, kept_library):
    with serving(kept_library) as address:
        seen = visit(address).open()
        seen.ask()
        page, items = seen.page, seen.page.locator("#side-list li")
        expect(items).to_have_count(1)

        def come_anew() -> None:
            with page.expect_response("**/kept?*"):
                page.evaluate("document.querySelector('#transcript').append('')")

        items.locator("a").focus()
        come_anew()
        expect(items.locator("a")).to_be_focused()
        items.locator("[data-rename]").click()
        page.keyboard.type("Half")
        come_anew()
        page.keyboard.type(" a name")
        page.keyboard.press("Enter")
        expect(items.locator(".title")).to_have_text("Half a name")
        expect(items.locator("[data-rename]")).to_be_focused()
        assert seen.complaints == []


def test_a_quote_is_saved_from_answer_card_and_source_and_leads_back(visit, kept_library, tmp_path):
    path = tmp_path / "kept" / "quotes.jsonl"
    with serving(kept_library) as address:
        seen = visit(address).open()
        seen.ask()
        page, quotes = seen.page, seen.page.locator("#side-list .kept-quote")
        page.get_by_role("button", name="Saved quotes", exact=True).click()
        chips = page.locator(".chip")
        page.locator(".quoted p").first.hover()
        page.locator(".keep").first.click()
        expect(quotes).to_have_count(1)
        chips.nth(1).hover()
        page.locator(".card [data-keep]").click()
        expect(quotes).to_have_count(2)
        chips.nth(2).focus()
        page.keyboard.press("s")
        expect(quotes).to_have_count(3)
        chips.nth(3).click()
        page.locator(".pane [data-keep]").click()
        wait_until(lambda: len(path.read_text("utf-8").splitlines()) == 4)
        page.keyboard.press("Escape")
        expect(quotes).to_have_count(4)
        said = [chips.nth(n).get_attribute("data-quote") for n in (3, 2, 1, 0)]
        expect(quotes.locator(".excerpt")).to_have_text(said)
        page.locator("[data-unsave]").first.click()
        expect(quotes).to_have_count(3)
        page.get_by_role("button", name="Undo").click()
        expect(quotes.locator(".excerpt")).to_have_text(said)
        with page.expect_download() as saving:
            page.get_by_role("link", name="JSON", exact=True).click()
        assert [each["text"] for each in json.loads(saving.value.path().read_text("utf-8"))] == said
        quotes.first.click()
        expect(page.locator(".pane mark.cited").first).to_be_visible()
        expect(page.locator(".pane [data-keep]")).to_be_hidden()
        assert seen.complaints == []


def test_a_question_is_watched_and_what_answers_it_now_is_shown_until_it_is_noted(
    visit, small_library, tmp_path
):
    articles = small_library.folder
    (articles / "pears.md").write_text("# Pears\n\nPears ripen in September.\n", "utf-8")
    settings = small_library.settings.changed({"keep": str(tmp_path / "kept")}, "test")
    small_library.settings = settings
    small_library.build()
    with serving(small_library) as address:
        seen = visit(address).open()
        seen.ask("When do pears ripen?")
        page, items = seen.page, seen.page.locator("#side-list li")
        page.get_by_role("button", name="Watch", exact=True).click()
        expect(page.locator(".toast-said")).to_have_text(
            "The question is watched, in all articles."
        )
        page.get_by_role("button", name="Watched", exact=True).click()
        expect(items).to_have_count(1)
        expect(page.locator("#side-list h3")).to_have_text(["As before"])
        (articles / "pears.md").write_text("# Pears\n\nPears ripen in late October.\n", "utf-8")
        small_library.build()
        page.get_by_role("button", name="Conversations", exact=True).click()
        page.get_by_role("button", name="Watched", exact=True).click()
        expect(page.locator("#side-list h3")).to_have_text(["Something else answers"])
        quotes = page.locator("#side-list .excerpt")
        said = ["Pears ripen in September.", "Pears ripen in late October."]
        expect(quotes).to_have_text(said)
        quotes.last.click()
        expect(page.locator(".pane mark.cited")).to_have_text("Pears ripen in late October.")
        page.keyboard.press("Escape")
        page.locator("[data-noted]").click()
        expect(page.locator("#side-list h3")).to_have_text(["As before"])
        page.locator("[data-unwatch]").click()
        expect(page.locator("#side-list .nothing")).to_contain_text("Nothing yet")
        page.get_by_role("button", name="Undo").click()
        expect(items).to_have_count(1)
        assert seen.complaints == []


def test_on_a_phone_the_list_is_a_drawer_that_closes(visit, kept_library):
    with serving(kept_library) as address:
        seen = visit(address, width=390).open()
        seen.ask()
        side = seen.page.locator(".side")
        expect(side).to_be_hidden()
        seen.page.get_by_role("link", name="Compare").click()
        seen.page.get_by_role("button", name="Conversations and saved quotes").click()
        expect(seen.page.locator("#side-list li")).to_have_count(1)
        seen.page.keyboard.press("Escape")
        expect(side).to_be_hidden()
        seen.page.get_by_role("button", name="Conversations and saved quotes").click()
        expect(side).to_be_visible()
        seen.page.mouse.click(370, 600)
        expect(side).to_be_hidden()
        assert seen.page.evaluate("document.documentElement.scrollWidth") == 390


def test_one_article_or_those_that_are_ticked_are_asked_alone_until_that_is_taken_back(visit, chat):
    seen = visit(chat, width=1180).open("#articles", wait="[data-tick]")
    page, chip = seen.page, seen.page.locator(".composer [data-sieve]")
    ticks = page.locator("[data-tick]")
    names = [ticks.nth(n).get_attribute("data-tick") for n in range(5)]
    ticks.nth(0).check()
    ticks.nth(3).check()
    page.fill(".shelf-find input", "rkoots")
    expect(ticks).to_have_count(2)
    ticks.nth(0).check()
    page.get_by_role("button", name="Ask only these 3").click()
    expect(chip).to_have_text(f"Only: {names[0]}, {names[3]}, {names[2]}")
    seen.ask("what are the risks?")
    sources = page.locator(".sources .title")
    asked = {names[0], names[3], names[2]}
    assert set(sources.all_inner_texts()) <= asked
    for name in asked:
        expect(page.locator(".within")).to_contain_text(name)
    sources.first.click()
    page.get_by_role("button", name="Ask only this article").click()
    expect(chip).to_have_text(f"Only: {sources.first.inner_text()}")
    page.get_by_role("button", name="Clear", exact=True).locator("visible=true").click()
    expect(chip).to_have_text("All articles")
    seen.ask("who won the football world cup of 1998?")
    offered = page.locator("[data-turn='2'] .related .example").first
    question = offered.inner_text()
    offered.click()
    answer = page.locator("[data-turn='3'][data-state=done]")
    expect(answer.locator(".question")).to_have_text(question)
    expect(answer.locator(".chip")).not_to_have_count(0)
    assert seen.complaints == []
