"""What axe-core finds, what keys can do, and what a listener is told."""

from importlib.resources import files

import pytest
from playwright.sync_api import Route, expect

from .scene import QUESTION
from .test_reading import WRITTEN

pytestmark = pytest.mark.long

AXE = files("axe_playwright_python") / "axe.min.js"
"""axe-core 4.12, MPL-2.0, in one file: nothing is fetched."""

GRADIOS_OWN: dict[str, str] = {}
"""Rules that Gradio's own frame breaks, by the element that does."""

RUN = """rules => axe.run(document, {resultTypes: ['violations'], ...rules}).then(
  found => found.violations.flatMap(
    rule => rule.nodes.map(node => [rule.id, node.target.join(' '), node.html.slice(0, 160)])))"""


COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
"""All that day and night can change."""


def faults(seen, scheme: str = "light") -> list[tuple[str, str, str]]:
    """Return what axe finds in the scheme that the page was opened in, and in the other one."""
    if not seen.page.evaluate("typeof axe === 'object'"):
        seen.page.evaluate(AXE.read_text("utf-8"))
    found = seen.page.evaluate(RUN, {})
    seen.page.emulate_media(color_scheme={"light": "dark", "dark": "light"}[scheme])
    found += seen.page.evaluate(RUN, COLOURS)
    seen.page.emulate_media(color_scheme=scheme)
    return [fault for fault in found if GRADIOS_OWN.get(fault[0]) != fault[1]]


def open_source(seen):
    seen.page.locator(".chip").first.click()
    seen.page.wait_for_selector(".pane mark.cited")


@pytest.mark.ui(number=17)
@pytest.mark.parametrize(("width", "scheme"), [(1360, "light"), (390, "dark")])
def test_axe_finds_nothing_while_asking(visit, chat, width, scheme):
    how = {"width": width, "color_scheme": scheme, "reduced_motion": "reduce"}
    seen = visit(chat, reader=scheme, **how).open()
    assert faults(seen, scheme) == []
    seen.page.click("[data-sieve]")
    seen.page.wait_for_selector(".sieve input")
    assert faults(seen, scheme) == []
    seen.page.keyboard.press("Escape")
    seen.ask()
    seen.page.click("[data-missing]")
    seen.page.wait_for_selector(".missing input")
    seen.page.locator(".foot .menu summary").click()
    assert faults(seen, scheme) == []
    open_source(seen)
    assert faults(seen, scheme) == []
    seen.page.keyboard.press("Escape")
    seen.ask("who won the 1998 football world cup?")
    assert faults(seen, scheme) == []
    seen.page.locator(".keep").first.dispatch_event("click")
    seen.page.wait_for_selector(".toast")
    if not seen.page.locator(".side").is_visible():
        seen.page.click(".top [data-side]")
    seen.page.wait_for_selector("#side-list li")
    assert faults(seen, scheme) == []
    seen.page.get_by_role("button", name="Saved quotes", exact=True).click()
    seen.page.wait_for_selector("#side-list .kept-quote")
    assert faults(seen, scheme) == []


@pytest.mark.ui(number=17)
@pytest.mark.parametrize(("width", "scheme"), [(1360, "light"), (390, "dark")])
def test_axe_finds_nothing_among_the_articles(visit, chat, width, scheme):
    seen = visit(chat, width=width, color_scheme=scheme, reduced_motion="reduce").open()
    seen.page.get_by_role("link", name="Articles").click()
    seen.page.wait_for_selector(".shelf tbody tr")
    seen.page.locator("[data-findings]").first.click()
    assert faults(seen, scheme) == []


@pytest.mark.ui(number=17)
@pytest.mark.parametrize(("width", "scheme"), [(1360, "light"), (390, "dark")])
def test_axe_finds_nothing_in_a_comparison(visit, chat, width, scheme):
    seen = visit(chat, width=width, color_scheme=scheme, reduced_motion="reduce").open()
    seen.page.get_by_role("link", name="Compare").click()
    seen.page.wait_for_selector("[data-topic]")
    assert faults(seen, scheme) == []
    seen.page.click("form.topic [data-sieve]")
    seen.page.wait_for_selector("form.topic .sieve input")
    assert faults(seen, scheme) == []
    seen.page.fill("#topic", "challenges of AI in drug discovery")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector(".cell")
    seen.page.locator(".silence summary").first.click()
    assert faults(seen, scheme) == []


@pytest.mark.ui(number=17)
def test_axe_finds_nothing_in_what_a_model_wrote(visit, written_chat, model):
    model.will_write(WRITTEN)
    seen = visit(written_chat, color_scheme="light", reduced_motion="reduce").open()
    seen.ask()
    assert faults(seen) == []


@pytest.mark.ui(number=17)
def test_axe_finds_nothing_where_nothing_is_indexed(visit, small_library):
    from .scene import serving

    with serving(small_library) as address:
        assert faults(visit(address, reduced_motion="reduce").open(wait=".unbuilt")) == []


def press_until(seen, key: str, selector: str, most: int = 40) -> None:
    for _ in range(most):
        seen.page.keyboard.press(key)
        if seen.page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} was not reached")


def test_everything_can_be_done_with_keys(visit, chat):
    seen = visit(chat).open()
    expect(seen.page.locator("#box")).to_be_focused()
    press_until(seen, "Tab", "[data-sieve]")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector(".sieve input:focus")
    seen.page.keyboard.press("Escape")
    expect(seen.page.locator(".composer .sieve")).to_be_hidden()
    expect(seen.page.locator("#box")).to_be_focused()
    seen.page.keyboard.type(QUESTION)
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector("[data-state=done]")
    press_until(seen, "Shift+Tab", ".chip", 80)
    seen.page.wait_for_selector(".card:visible")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector(".pane mark.cited:focus")
    seen.page.keyboard.press("ArrowLeft")
    press_until(seen, "Shift+Tab", ".pane [data-close]")
    seen.page.keyboard.press("Enter")
    expect(seen.page.locator(".chip:focus")).to_have_count(1)
    press_until(seen, "Shift+Tab", ".views a[href='#articles']", 80)
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector(".shelf tbody tr")
    press_until(seen, "Tab", "[data-findings]")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector(".findings:visible")


@pytest.mark.parametrize("comes", [True, False])
def test_a_source_that_comes_late_leaves_the_focus_where_the_reader_went(visit, chat, comes):
    seen = visit(chat).open()
    seen.ask()
    seen.page.locator(".chip").last.focus()
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector(".pane mark.cited:focus")
    place = seen.page.locator(".pane .position")
    before = place.inner_text()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    seen.page.route("**/source/*", hold)
    seen.page.locator(".pane mark.cited").focus()
    with seen.page.expect_request("**/source/*"):
        seen.page.keyboard.press("ArrowLeft")
    press_until(seen, "Shift+Tab", ".pane [data-close]")
    [asked] = held
    expect(place).to_have_text(before)
    if comes:
        asked.continue_()
        expect(place).not_to_have_text(before)
    seen.page.keyboard.press("Enter")
    expect(seen.page.locator(".pane")).to_be_hidden()
    expect(seen.page.locator(".chip:focus")).to_have_count(1)
