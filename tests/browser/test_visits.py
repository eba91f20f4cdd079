"""A page of the browser serves many tests, and none sees what another one did in it."""

from playwright.sync_api import expect

from .scene import Visit


def test_a_page_that_is_visited_again_has_nothing_of_the_visit_before(visit, chat):
    page = visit(chat).page
    first = Visit(page, chat).watch().open()
    page.route("**/standing", lambda route: route.abort())
    page.fill("#box", "half a question")
    page.evaluate("console.error('first')")
    first.leave()
    assert page.url == "about:blank"
    asked = len(first.requests)
    second = Visit(page, chat).watch().open()
    page.wait_for_function("document.activeElement.id === 'box'")
    expect(page.locator("#box")).to_have_value("")
    assert second.requests
    assert len(first.requests) == asked
    assert "first" in first.complaints
    assert second.complaints == []
    second.leave()
