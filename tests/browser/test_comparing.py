"""The comparison: its grid, its conflicts, and the evidence that each cell opens."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ibid.library import Library
from ibid.output.wording_of_comparisons import SYMBOLS
from ibid.search.filters import ALL
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from ibid.types.articles import Span
from ibid.types.comparisons import Conflict, Stance

from .scene import open_library, serving
from .test_reading import PLACE, words

TOPIC = "AI in drug discovery"


def compare(seen, topic=TOPIC):
    seen.page.get_by_role("link", name="Compare").click()
    seen.page.fill("#topic", topic)
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector(".compared .question, .compared .refusal")
    return seen


def choose(seen, **values):
    seen.page.click("form.topic [data-sieve]")
    seen.page.wait_for_selector("form.topic .sieve input")
    for name, value in values.items():
        seen.page.fill(f"form.topic .sieve [name={name}]", value)


class AtOdds(Library):
    """Finds that the first two quotes of the first row are at odds about their numbers."""

    def compare(self, topic, within=ALL):
        comparison = super().compare(topic, within)
        first, *rows = comparison.rows
        one, other, *_ = (cell.quotes[0] for cell in first.saying)
        words = tuple(Span(*re.search(r"\d+", each.text).span()) for each in (one, other))
        conflict = Conflict("number", one, other, words)
        return replace(comparison, rows=(*rows, replace(first, conflicts=(conflict,))))


class Silent(Library):
    """Finds that no article says anything."""

    def compare(self, topic, within=ALL):
        return replace(super().compare(topic, within), rows=(), alone=())


@pytest.fixture
def orchard(tmp_path: Path) -> Settings:
    """Two articles that name other numbers, and one that speaks of something else."""
    folder = tmp_path / "orchard"
    folder.mkdir()
    for name, text in {
        "one": "Apple trees need 40 litres of water a week in summer.",
        "two": "Apple trees need 90 litres of water a week in summer.",
        "three": "Pears ripen after the harvest in cold rooms.",
    }.items():
        (folder / f"{name}.md").write_text(f"# Trees {name}\n\n{text}\n", "utf-8")
    library = open_library(tmp_path / "index", folder, embedder=HashEmbedder())
    library.build()
    return library.settings


@pytest.mark.ui(number=12)
def test_each_cell_shows_what_the_comparison_says_and_leads_to_its_place(visit, chat, library):
    seen = compare(visit(chat).open())
    comparison = library.compare(TOPIC)
    rows = sorted(comparison.rows, key=lambda row: not row.conflicts)
    shown = seen.page.locator(".claim")
    expect(shown).to_have_count(len(rows))
    for number, row in enumerate(rows):
        expect(shown.nth(number).locator("h3")).to_contain_text(row.title)
        spoken = [*row.saying, *row.close]
        cells = shown.nth(number).locator("> .cells > .cell")
        expect(cells).to_have_count(len(spoken))
        for place, cell in enumerate(spoken):
            stance = f"{SYMBOLS[cell.stance]} {cell.stance}"
            expect(cells.nth(place).locator(".stance")).to_have_text(stance)
            expect(cells.nth(place).locator("> .said")).to_contain_text(cell.quotes[0].text)
        silent = [cell for cell in row.cells if cell.stance is Stance.SILENT]
        told = shown.nth(number).locator(".silence")
        expect(told).to_have_count(int(bool(silent)))
        for place, cell in enumerate(silent):
            nearest = told.locator(".cell").nth(place)
            expect(nearest).to_contain_text(f"{cell.searched} passage")
            expect(nearest).to_contain_text(cell.nearest.text)
    quote = next(rows[0].saying).quotes[0]
    seen.page.locator(".claim .said").first.click()
    seen.page.wait_for_selector(".pane mark.cited")
    place = seen.page.evaluate(PLACE)
    expect(seen.page.locator(".pane-title")).to_have_text(library.article(quote.article).title)
    assert words(place["text"]) == quote.text
    assert place["seen"]
    expect(seen.page.locator(".compare-said")).to_contain_text(f"{len(rows)} row")
    assert seen.elsewhere == []
    assert seen.complaints == []


def test_conflicts_stand_first_with_the_words_that_make_them(visit, orchard):
    with serving(AtOdds(orchard, HashEmbedder())) as address:
        seen = compare(visit(address).open(), "water for apple trees")
        first = seen.page.locator(".compared section").first
        expect(first).to_have_attribute("class", "odds")
        expect(first.locator("strong")).to_have_count(2)
        assert sorted(first.locator("strong").all_inner_texts()) == ["40", "90"]
        expect(first.locator("h4")).to_contain_text("1 against")
        expect(seen.page.locator(".claim .odd")).to_have_text("at odds")
        first.locator(".said").first.click()
        seen.page.wait_for_selector(".pane mark.cited")
        expect(seen.page.locator(".position")).to_have_text("1 of 2")


def test_on_a_phone_the_quotes_stand_below_each_other_with_their_titles(visit, chat):
    seen = compare(visit(chat, width=390).open())
    first, second = (seen.page.locator(".claim .cell").nth(number) for number in (0, 1))
    expect(first.locator(".whose .title")).to_be_visible()
    assert second.bounding_box()["y"] > first.bounding_box()["y"]
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert seen.page.evaluate(overflow) <= 0


def test_without_a_subject_the_page_shows_what_the_articles_have_in_common(visit, chat):
    seen = compare(visit(chat).open(), "")
    expect(seen.page.locator(".compared .question")).to_have_text(
        "What the articles have in common"
    )
    expect(seen.page.locator(".odds strong")).to_have_text(["2025", "2026"])
    assert seen.page.url.endswith("?topic=#compare")
    seen.page.reload()
    expect(seen.page.locator(".compared .question")).to_be_visible()


def test_a_subject_that_no_article_speaks_of_is_told(visit, orchard):
    with serving(Silent(orchard, HashEmbedder())) as address:
        seen = compare(visit(address).open(), "football")
        expect(seen.page.locator(".refusal")).to_have_text("Your articles do not say.")
        expect(seen.page.locator(".compare-actions")).to_be_hidden()


def test_subjects_of_the_articles_are_offered(visit, chat):
    seen = visit(chat).open()
    seen.page.get_by_role("link", name="Compare").click()
    topic = seen.page.locator("[data-topic]").first
    named = topic.inner_text()
    topic.click()
    seen.page.wait_for_selector(".compared .question, .compared .refusal")
    expect(seen.page.locator("#topic")).to_have_value(named)


def test_a_comparison_can_be_saved(visit, chat):
    seen = compare(visit(chat).open())
    saved = {}
    for name in ("Markdown", "JSON", "a web page"):
        with seen.page.expect_download() as download:
            seen.page.get_by_role("button", name=f"Save as {name}").click()
        saved[name] = Path(download.value.path()).read_text("utf-8")
    assert saved["Markdown"].startswith(f"# {TOPIC}")
    assert json.loads(saved["JSON"])["topic"] == TOPIC
    assert saved["a web page"].startswith("<!doctype html>")


def test_some_articles_alone_can_be_compared_and_the_address_and_the_exports_say_which(visit, chat):
    seen = visit(chat).open()
    seen.page.get_by_role("link", name="Compare").click()
    choose(seen, author="rkoots")
    compare(seen)
    expect(seen.page.locator(".scope summary")).to_contain_text("Only articles by rkoots.")
    expect(seen.page.locator(".legend li")).to_have_count(2)
    with seen.page.expect_download() as download:
        seen.page.get_by_role("button", name="Save as Markdown").click()
    assert "Only articles by rkoots." in Path(download.value.path()).read_text("utf-8")
    assert seen.page.url.endswith("?topic=AI+in+drug+discovery&author=rkoots#compare")
    seen.page.reload()
    seen.page.wait_for_selector(".compared .question")
    expect(seen.page.locator(".scope summary")).to_contain_text("Only articles by rkoots.")
    expect(seen.page.locator("form.topic [data-sieve]")).to_have_text("Only: rkoots")
    seen.page.click("form.topic [data-unsieve]")
    expect(seen.page.locator("#topic")).to_be_focused()
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_function("document.querySelectorAll('.legend li').length === 5")
    expect(seen.page.locator(".scope summary")).not_to_contain_text("Only")


def test_a_name_that_no_article_has_is_told_instead_of_a_comparison(visit, chat):
    seen = visit(chat).open()
    seen.page.get_by_role("link", name="Compare").click()
    choose(seen, author="rkots")
    seen.page.fill("#topic", TOPIC)
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector(".compare-said:has-text('rkoots Bot')")
    expect(seen.page.locator(".compare-actions")).to_be_hidden()


def test_another_view_and_its_address_keep_the_conversation(visit, chat):
    seen = visit(chat).open()
    seen.ask()
    seen.page.evaluate("window.same = true")
    compare(seen)
    seen.page.get_by_role("link", name="Ask", exact=True).click()
    expect(seen.page.locator("[data-turn='1'][data-state=done]")).to_be_visible()
    assert seen.page.evaluate("window.same")
    seen.page.reload()
    seen.page.wait_for_selector("[data-turn='1'][data-state=done]")
    seen.page.get_by_role("link", name="Compare").click()
    seen.page.wait_for_selector(".compared .question")


def test_hostile_articles_are_only_text_in_the_grid(visit, hostile_chat):
    seen = compare(visit(hostile_chat).open(), "dragons breathe fire over the village")
    for summary in seen.page.locator(".compared summary").all():
        summary.click()
    assert seen.page.evaluate("window.hurt") is None
    assert seen.elsewhere == []
    foreign = "script, iframe, form, img, style, a, [onload], [onerror]"
    expect(seen.page.locator(f".compared :is({foreign})")).to_have_count(0)


def test_figures_and_times_stand_below_the_claims_and_lead_to_their_place(visit, tmp_path):
    folder = tmp_path / "tolls"
    folder.mkdir()
    for name, text in {
        "one": "Bridge tolls rose by 20 percent in 2024. Bridge tolls will end by 2030.",
        "two": "Bridge tolls rose by 30 percent in 2024. Bridge tolls began in 1929.",
    }.items():
        (folder / f"{name}.md").write_text(f"---\ndate: 2025-01-02\n---\n\n{text}\n", "utf-8")
    library = open_library(tmp_path / "index", folder, embedder=HashEmbedder())
    library.build()
    with serving(library) as address:
        seen = compare(visit(address).open(), "bridge tolls")
        figures = seen.page.locator("section.figures tbody tr")
        expect(figures).to_have_count(2)
        expect(figures.first.locator(".figure")).to_have_text("20 percent")
        expect(figures.last.locator(".figure")).to_have_text("30 percent")
        above = seen.page.locator(".claim").last.bounding_box()["y"]
        assert figures.first.bounding_box()["y"] > above
        figures.last.locator(".said").click()
        seen.page.wait_for_selector(".pane mark.cited")
        expected = "Bridge tolls rose by 30 percent in 2024."
        assert words(seen.page.evaluate(PLACE)["text"]) == expected
        seen.page.keyboard.press("Escape")
        picture = seen.page.get_by_role("img", name="forecast")
        expect(picture).to_be_visible()
        expect(seen.page.locator(".moment.forecast")).to_contain_text(
            "Bridge tolls will end by 2030."
        )
        seen.page.locator(".moment.forecast .said").click()
        seen.page.wait_for_selector(".pane mark.cited")
        assert "2030" in words(seen.page.evaluate(PLACE)["text"])
        assert seen.elsewhere == []
        assert seen.complaints == []
