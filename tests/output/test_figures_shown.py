"""Figures and times as they are written: for terminals, Markdown, programs, pages and the chat."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from ibid.library import Library
from ibid.output import (
    Console,
    comparison_json,
    comparison_page,
    print_comparison,
    write_markdown,
)
from ibid.output.figures_page import draw_timeline
from ibid.output.terminal_figures import SHOWN
from ibid.settings import Settings
from ibid.types import Comparison
from ibid.ui.panes.comparisons import write_compared

SVG = "{http://www.w3.org/2000/svg}"
TEXTS = {
    "a": "---\ndate: 2024-04-02\n---\n\nBridge tolls rose by 20 percent in March 2024. "
    "Bridge tolls will double within five years.\n",
    "b": "---\ndate: 2024-04-09\n---\n\nBridge tolls rose by 30 percent <b>in</b> March 2024. "
    "Bridge tolls will end by 2026.\n",
    "c": "Bridge tolls began in 1929. Bridge tolls may return in the next decade.\n",
}


class Parts(HTMLParser):
    """The text of each cell and of each heading, and which quotes can be opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cites = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.cites += any(name == "data-cite" for name, _ in attrs)


@pytest.fixture(scope="module")
def tolls(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("tolls")
    (folder / "articles").mkdir()
    for name, text in TEXTS.items():
        (folder / "articles" / f"{name}.md").write_text(text, "utf-8")
    library = Library.open(folder / "articles", folder / "index", Settings(model="none"))
    library.build()
    return library


@pytest.fixture(scope="module")
def comparison(tolls: Library) -> Comparison:
    return tolls.compare("bridge tolls")


def printed(comparison: Comparison, library: Library) -> str:
    written = StringIO()
    print_comparison(comparison, library, Console(file=written, width=120))
    return written.getvalue()


def test_a_terminal_shows_a_table_of_figures_and_a_list_by_year(comparison, tolls):
    figures, times = printed(comparison, tolls).split("\nFigures\n")[1].split("\nWhen\n")
    rows = [line.split() for line in figures.splitlines() if "rose by" in line]
    assert [row[5:] for row in rows] == [
        ["20", "percent", "in", "March", "2024", "1", "5"],
        ["30", "percent", "in", "March", "2024", "2", "5"],
    ]
    assert re.findall(r"^ *(\d{4}|no year) ", times, re.MULTILINE) == [
        "1929", "2024", "2026", "2029", "no year",
    ]  # fmt: skip
    assert "forecast, “within five years” counted from 2024-04-02: Bridge tolls will" in times


def test_one_figure_alone_makes_no_table(comparison, tolls):
    alone = replace(comparison, figures=comparison.figures[:1], timeline=())
    for text in (
        printed(alone, tolls),
        write_markdown(alone, tolls),
        comparison_page(alone, tolls),
        write_compared(alone, tolls),
    ):
        assert "Figures" not in text
        assert "When" not in text
    assert len(comparison_json(alone, tolls)["figures"]) == 1


def test_of_many_figures_a_terminal_shows_the_first_and_counts_the_others(comparison, tolls):
    many = replace(comparison, figures=comparison.figures * SHOWN, timeline=())
    said = printed(many, tolls)
    assert said.count("rose by …") == SHOWN
    assert f"and {SHOWN} more figures" in said


def test_markdown_has_a_true_table_with_every_quote(comparison, tolls):
    written = write_markdown(comparison, tolls)
    html = MarkdownIt().enable("table").render(written.split("## Figures")[1])
    assert html.count("<tr>") == 1 + len(comparison.figures)
    assert "“Bridge tolls rose by 20 percent in March 2024.”" in html
    assert "2026, forecast: “Bridge tolls will end by 2026.”" in html


def test_programs_get_figures_as_numbers_with_their_place(comparison, tolls):
    found = comparison_json(comparison, tolls)
    first, second = found["figures"]
    assert (first["low"], first["high"], first["unit"]) == (20, 20, "%")
    assert (first["text"], first["when"]) == ("20 percent", "in March 2024")
    assert first["group"] == second["group"]
    assert first["quote"]["line"] == 5
    years = [(each["year"], each["forecast"], each["counted"]) for each in found["timeline"]]
    assert years[-1] == (None, True, True)
    assert (2029, True, True) in years


def test_a_page_draws_the_times_and_lists_what_it_draws(comparison, tolls):
    page = comparison_page(comparison, tolls)
    picture = page[page.index("<svg") : page.index("</svg>") + len("</svg>")]
    drawn = ElementTree.fromstring(picture)  # noqa: S314  (it is our own)
    assert drawn.get("role") == "img"
    title = drawn.find(f"{SVG}title")
    assert title is not None
    assert title.text == drawn.get("aria-label")
    assert "from 1929 to 2029" in (title.text or "")
    kinds = [each.get("class") for each in drawn.findall(f"{SVG}circle")]
    assert sorted(filter(None, kinds)) == ["forecast", "forecast", "past", "past", "past"]
    for moment in comparison.timeline:
        assert f"<b>{moment.when}</b>" in page


def test_nothing_is_drawn_where_no_year_is_known(comparison):
    undated = tuple(each for each in comparison.timeline if not each.year)
    assert undated
    assert draw_timeline(replace(comparison, timeline=undated)) == ""


def test_years_of_a_picture_are_few_and_round_however_far_apart_they_are(comparison):
    for far in (1, 30, 900):
        first, *_ = comparison.timeline
        both = (first, replace(first, year=first.year + far))
        drawn = ElementTree.fromstring(draw_timeline(replace(comparison, timeline=both)))  # noqa: S314
        texts = [each.text or "" for each in drawn.findall(f"{SVG}text")]
        years = [int(text) for text in texts if text.isdecimal() and len(text) == 4]
        assert 1 <= len(years) <= 7


def test_in_the_chat_every_figure_and_time_opens_its_source(comparison, tolls):
    html = write_compared(comparison, tolls)
    below = Parts(html[html.index('<section class="figures"') :])
    assert below.cites == len(comparison.figures) + len(comparison.timeline)
    assert "<strong>20 percent</strong>" in html


def test_what_an_article_says_is_no_markup_in_the_table(comparison, tolls):
    first, *others = comparison.figures
    odd = replace(first, thing="<script>alert(1)</script> … \u202e")
    for html in (
        comparison_page(replace(comparison, figures=(odd, *others)), tolls),
        write_compared(replace(comparison, figures=(odd, *others)), tolls),
    ):
        assert "<script>" not in html
        assert "&lt;script&gt;" in html
        assert "\u202e" not in html
