"""How the page looks, by day and by night, on a desk and on a phone.

IBID_SCREENSHOTS=FOLDER keeps a picture of each there, and makes those of the README in docs/.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .scene import QUESTION

DOCS = Path(__file__).parents[2] / "docs"
OPENED = [(1360, "light"), (768, "dark"), (390, "dark")]
"""How wide each page is, and the scheme that it is opened in, before it turns to the other one."""

PAPER = {"dark": "rgb(23, 22, 19)", "light": "rgb(250, 248, 244)"}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.ui(number=16)
@pytest.mark.parametrize(("width", "scheme"), OPENED)
def test_everything_fits_and_the_question_can_be_typed(visit, chat, width, scheme):
    seen = visit(chat, width=width, color_scheme=scheme).open()
    assert_fits(seen, f"welcome-{{}}-{width}", scheme)
    seen.ask()
    assert_fits(seen, f"answer-{{}}-{width}", scheme)
    box = seen.page.locator("#question textarea").bounding_box()
    assert box["y"] + box["height"] <= 860
    seen.page.locator(".chip").first.click()
    seen.page.wait_for_selector(".pane mark.cited")
    assert_fits(seen, f"source-{{}}-{width}", scheme)


def test_on_a_phone_the_source_is_a_sheet_from_below(visit, chat):
    seen = visit(chat, width=390).open()
    seen.ask()
    seen.page.locator(".chip").first.click()
    seen.page.wait_for_selector(".pane mark.cited")
    sheet = seen.page.locator(".pane").bounding_box()
    assert sheet["width"] == 390
    assert sheet["y"] > 80
    seen.page.mouse.click(200, 40)
    expect(seen.page.locator(".pane")).to_be_hidden()


def test_whoever_wants_no_motion_gets_none(visit, chat):
    seen = visit(chat, reduced_motion="reduce").open()
    seen.ask()
    seen.page.locator(".chip").first.click()
    seen.page.wait_for_selector(".pane mark.cited")
    style = "getComputedStyle(document.querySelector('.pane')).animationName"
    assert seen.page.evaluate(style) == "none"


@pytest.mark.ui(number=16)
@pytest.mark.parametrize(("width", "scheme"), OPENED)
def test_the_other_views_fit_as_well(visit, chat, width, scheme):
    seen = visit(chat, width=width, color_scheme=scheme, reduced_motion="reduce").open()
    show(seen, "Articles", ".shelf tbody tr")
    seen.page.locator("[data-findings]").first.click()
    assert_fits(seen, f"articles-{{}}-{width}", scheme)
    show(seen, "Compare", "[data-topic]")
    assert seen.page.evaluate(OVERFLOW) <= 0
    compare(seen)
    assert_fits(seen, f"compare-{{}}-{width}", scheme)


def assert_fits(seen, name, opened):
    """See that nothing is wider than the page in either scheme, first in the one it opened in."""
    for scheme in (opened, *(PAPER.keys() - {opened}), opened):
        seen.page.emulate_media(color_scheme=scheme)
        paper = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == PAPER[scheme]
        assert seen.page.evaluate(OVERFLOW) <= 0
        keep(seen, name.format(scheme))


def show(seen, name, wait):
    seen.page.get_by_role("link", name=name).click()
    seen.page.wait_for_selector(wait)


def compare(seen):
    seen.page.fill("#topic", "challenges of AI in drug discovery")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector(".cell")
    seen.page.locator(".silence summary").first.click()


def keep(seen, name):
    """Keep a picture of the page where IBID_SCREENSHOTS names a folder."""
    if (folder := Path(os.environ.get("IBID_SCREENSHOTS", ""))).is_dir() and folder.name:
        seen.page.mouse.move(0, 0)
        seen.page.wait_for_timeout(300)
        seen.page.screenshot(path=folder / f"{name}.png")


def take(seen, name):
    seen.page.mouse.move(0, 0)
    seen.page.wait_for_timeout(300)
    DOCS.mkdir(exist_ok=True)
    seen.page.screenshot(path=DOCS / name)
    assert (DOCS / name).stat().st_size < 400_000


@pytest.mark.skipif("IBID_SCREENSHOTS" not in os.environ, reason="IBID_SCREENSHOTS is not set")
def test_take_the_picture_of_an_answer_for_the_readme(visit, chat):
    seen = visit(chat, reduced_motion="reduce").open()
    seen.ask(QUESTION)
    seen.page.locator(".chip").nth(2).click()
    seen.page.wait_for_selector(".pane mark.cited")
    take(seen, "chat.png")


@pytest.mark.skipif("IBID_SCREENSHOTS" not in os.environ, reason="IBID_SCREENSHOTS is not set")
def test_take_the_picture_of_a_comparison_for_the_readme(visit, chat):
    seen = visit(chat, color_scheme="dark", reduced_motion="reduce").open()
    show(seen, "Compare", "[data-topic]")
    compare(seen)
    seen.page.evaluate("for (const open of document.querySelectorAll('details')) open.open = false")
    seen.page.evaluate("scrollTo(0, 0)")
    take(seen, "compare.png")
