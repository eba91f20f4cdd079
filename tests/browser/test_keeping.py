"""What was said stays: two tabs on one conversation, and a chat that is started again."""

from contextlib import closing

import pytest
from playwright.sync_api import expect

from ibid.ui.talk.history import Keeper

from .conftest import CHROMIUM, FLAGS
from .scene import QUESTION, Visit, open_library, serving, wait_until
from .test_asking import done

pytestmark = pytest.mark.long

COSTS = "what about costs?"
CONCERNS = "what are the ethical concerns?"


def questions(seen) -> list[str]:
    return seen.page.locator("#transcript .question").all_inner_texts()


def ask_after(seen, question: str, number: int) -> None:
    seen.type(question)
    done(seen, number).wait_for()


def test_two_tabs_on_one_conversation_keep_what_both_asked(visit, kept_library, tmp_path):
    with serving(kept_library) as address:
        first = visit(address).open()
        first.ask()
        first.page.wait_for_url("**/?c=*")
        second = visit(first.page.url).open(wait="[data-turn='1'][data-state=done]")
        second.ask(CONCERNS)
        ask_after(first, COSTS, 3)
        assert questions(first) == [QUESTION, CONCERNS, COSTS]
        expect(first.page.locator(".unkept")).to_have_count(0)
        second.page.reload()
        done(second, 3).wait_for()
        assert questions(second) == [QUESTION, CONCERNS, COSTS]
        (path,) = (tmp_path / "kept" / "conversations").iterdir()
        assert len(Keeper(path.parent).read(path.stem)) == 3


def test_what_another_tab_deletes_stays_deleted(visit, kept_library, tmp_path):
    with serving(kept_library) as address:
        first = visit(address).open()
        first.ask()
        first.page.wait_for_url("**/?c=*")
        second = visit(first.page.url).open(wait="[data-turn='1'][data-state=done]")
        first.page.get_by_role("button", name="Delete this conversation").click()
        first.page.wait_for_selector(".welcome")
        wait_until(lambda: not list((tmp_path / "kept" / "conversations").iterdir()))
        ask_after(second, CONCERNS, 2)
        assert questions(second) == [CONCERNS]
        expect(second.page.locator(".unkept")).to_contain_text("not kept any more")
        second.page.wait_for_selector(".unkept")
        first.open(wait="#side-list li")
        expect(first.page.locator("#side-list li").first).to_contain_text(CONCERNS)


def test_a_chat_that_is_started_again_goes_on_with_the_page(visit, kept_library):
    with serving(kept_library) as address:
        seen = visit(address).open()
        seen.ask()
        seen.page.wait_for_url("**/?c=*")
        port = int(address.rstrip("/").rsplit(":", 1)[1])
    with serving(kept_library, port):
        ask_after(seen, COSTS, 2)
        assert questions(seen) == [QUESTION, COSTS]
        expect(done(seen, 2).locator(".restated")).to_contain_text("costs are cited for AI drug")


def test_a_chat_that_is_started_again_says_what_it_does_not_have(visit, kept_library, tmp_path):
    (tmp_path / "kept").write_text("in the way")
    with serving(kept_library) as address:
        seen = visit(address).open()
        seen.ask()
        expect(seen.page.locator(".unkept")).to_contain_text("cannot be kept on this machine")
        port = int(address.rstrip("/").rsplit(":", 1)[1])
    with serving(kept_library, port):
        ask_after(seen, COSTS, 2)
        assert questions(seen) == [COSTS]
        expect(seen.page.locator(".unkept")).to_contain_text("not kept any more")


def test_a_long_answer_of_a_chat_that_is_started_again_is_waited_for(visit, index, tmp_path, model):
    (tmp_path / "kept").write_text("in the way")
    library = open_library(index, generator=model)
    library.settings = library.settings.changed({"keep": str(tmp_path / "kept")}, "test")
    model.will_write("Data bias is a hurdle.")
    with serving(library) as address:
        seen = visit(address).open()
        seen.ask()
        port = int(address.rstrip("/").rsplit(":", 1)[1])
    model.will_write("Data bias is a hurdle. " * 3, pause=0.2)  # longer than the page's pulse
    with serving(library, port):
        ask_after(seen, COSTS, 2)
        assert questions(seen) == [COSTS]


def test_an_address_whose_conversation_is_gone_says_so(visit, kept_library):
    with serving(kept_library) as address:
        seen = visit(address).open("?c=0123456789abcdef")
        expect(seen.page.locator(".unkept")).to_contain_text("not kept any more")


def test_a_new_conversation_that_begins_while_an_answer_is_written_keeps_both(
    visit, index, tmp_path, model
):
    library = open_library(index, generator=model)
    library.settings = library.settings.changed({"keep": str(tmp_path)}, "test")
    model.will_write("Data bias is a hurdle. " * 12, pause=0.2)
    with serving(library) as address:
        seen = visit(address).open()
        seen.type(QUESTION)
        seen.page.wait_for_selector("#live .draft")
        seen.page.click("#clear")
        seen.page.wait_for_selector(".welcome")
        model.will_write("Data bias is a hurdle.")
        seen.ask(CONCERNS)
        assert questions(seen) == [CONCERNS]
        keeper = Keeper(tmp_path / "conversations")
        wait_until(lambda: len(keeper.list_kept()) == 2)
        assert {each.title for each in keeper.list_kept()} == {QUESTION, CONCERNS}


def test_a_page_that_the_browser_brings_back_shows_what_was_said_meanwhile(
    browser, index, tmp_path, model
):
    """From its cache, which Playwright turns off but for a browser of its own, or read anew."""
    library = open_library(index, generator=model)
    library.settings = library.settings.changed({"keep": str(tmp_path)}, "test")
    launched = browser.browser_type.launch(
        executable_path=CHROMIUM, args=FLAGS, ignore_default_args=["--disable-back-forward-cache"]
    )
    with closing(launched), serving(library) as address:
        seen = Visit(launched.new_page(), address).open()
        model.will_write("Data bias is a hurdle.")
        seen.ask()
        seen.page.wait_for_url("**/?c=*")
        other = Visit(launched.new_page(), seen.page.url)
        other.open(wait="[data-turn='1'][data-state=done]")
        seen.page.fill("#box", "half a question")
        seen.page.goto(f"{address}about")
        other.ask(CONCERNS)
        seen.page.go_back(wait_until="commit")
        done(seen, 2).wait_for()
        expect(seen.page.locator("#box")).to_have_value("half a question")
        model.will_write("Data bias is a hurdle. " * 30, pause=0.2)
        seen.type(COSTS)  # and leave while it is answered
        seen.page.wait_for_selector("#live .draft")
        seen.page.goto(f"{address}about")
        seen.page.go_back(wait_until="commit")
        model.will_write("Data bias is a hurdle.")  # which ends it
        done(seen, 3).wait_for()
        expect(seen.page.locator("#live [data-turn]")).to_have_count(0)
        assert questions(seen) == [QUESTION, CONCERNS, COSTS]


def test_a_page_whose_chat_ends_while_it_answers_goes_on_after_the_restart(
    visit, index, tmp_path, model
):
    library = open_library(index, generator=model)
    library.settings = library.settings.changed({"keep": str(tmp_path)}, "test")
    model.will_write("Data bias is a hurdle.")
    with serving(library) as address:
        seen = visit(address).open()
        seen.ask()
        seen.page.wait_for_url("**/?c=*")
        model.will_write("Data bias is a hurdle. " * 30, pause=0.2)
        seen.type(CONCERNS)
        seen.page.wait_for_selector("#live .draft")
        port = int(address.rstrip("/").rsplit(":", 1)[1])
    model.will_write("Data bias is a hurdle.")
    with serving(library, port):
        seen.page.wait_for_function("!document.querySelector('#live [data-turn]')")
        done(seen, 1).wait_for()
        seen.type(COSTS)
        seen.page.wait_for_selector(f"#transcript .question:text-is('{COSTS}')")
        assert questions(seen)[0] == QUESTION
