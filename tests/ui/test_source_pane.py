"""The source pane of long articles: a part of it, the cited place always in it, at once."""

from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibid.library import Library
from ibid.text.strings import line_of, line_starts
from ibid.types.articles import Span
from ibid.ui.panes.markup import Mark, Tag, write_markdown
from ibid.ui.panes.pictures import Pictures
from ibid.ui.panes.sources import find_source, read_on
from ibid.ui.panes.windows import MOST_CHARACTERS, MOST_LINES, Side, window_around, window_beside

LONG = 300_000  # characters
SHAPES = {
    **{"headings": "# a\n", "underlined": "ab\n==\n", "items": "- a\n", "rows": "| a | b |\n"},
    **{"words": "word ", "letters": "x", "links": "[a](b) ", "half links": "[a](", "brackets": "["},
    **{"stars": "*a ", "many stars": "*a **b ***c _d __e ", "ticks": "`", "open code": "`a "},
    **{"quotes": "> a\n", "a deep quote": ">", "fences": "```\na\n```\n", "notes": "[^1]: a\n"},
    **{
        "dashes": "- ",
        "returns": "a\r",
        "blank": "\n",
        "dots": ".) ",
        "code": "    a\n",
        "tabs": "\t",
    },
    "paragraphs of stars": "*a " * 6000 + "\n\n",
    "a heading and spaces": "# a" + " " * 100_000 + "b\n",
}


@pytest.mark.timeout(30)  # without bounds some of them take hours
@pytest.mark.parametrize("shape", SHAPES)
def test_any_article_is_shown_at_once_with_the_cited_place_in_it(shape: str):
    unit = SHAPES[shape]
    text = (unit * (LONG // len(unit) + 1))[:LONG]
    for at in (0, len(text) // 2, len(text) - 40):
        place = Span(at, at + 30)
        part = window_around(text, place)
        assert part.start <= place.start < place.end <= part.end
        assert len(part) <= 2 * MOST_CHARACTERS + len(place)
        html = write_markdown(text, part, [Mark(place, Tag("mark", "cited"))])
        is_visible = any(map(str.isalnum, place.of(text)))
        assert '<mark class="cited">' in html or not is_visible


@given(st.text("ab\r\n", max_size=60), st.integers(0, 60))
def test_a_line_is_counted_as_the_starts_of_lines_say(text: str, offset: int):
    assert line_of(text, offset) == bisect_right(line_starts(text), offset)


@pytest.mark.parametrize("line", ["word word\n", "a\r\n", "x" * 1000 + "\n"])
def test_reading_on_in_both_directions_shows_every_character_once(line: str):
    text = line * (8 * MOST_LINES if len(line) < 20 else 900)
    part = window_around(text, Span(len(text) // 2, len(text) // 2 + 3))
    parts = [part]
    while parts[0].start:
        parts.insert(0, window_beside(text, parts[0].start, Side.BEFORE))
    while parts[-1].end < len(text):
        parts.append(window_beside(text, parts[-1].end, Side.AFTER))
    assert "".join(each.of(text) for each in parts) == text
    assert len(parts) > 3


def test_an_article_of_ordinary_length_is_shown_whole():
    text = "# Pears\n\n" + "Pears ripen.\n\n" * 1000
    assert window_around(text, Span(5000, 5010)) == Span(0, len(text))


def test_what_is_left_out_is_told_with_a_way_to_read_on(small: Library, articles):
    stones = "".join(f"Stone {number} lies there.\n\n" for number in range(4 * MOST_LINES))
    (articles / "pears.md").write_text(f"{stones}Pears ripen late.\n\n{stones}", "utf-8")
    small.build()
    passage = next(each for each in small.passages("pears.md") if "Pears" in each.text)
    at = passage.text.index("Pears")
    key = f"{passage.id}-{at}-{at + 11}"
    html = find_source(key, (), small, Pictures(lambda: small.folders)).html
    assert '<mark class="cited">Pears ripen</mark>' in html
    assert html.count("more characters") == 2
    start = int(html.partition('data-read-on="before" data-at="')[2].partition('"')[0])
    above = read_on(key, start, Side.BEFORE, small, Pictures(lambda: small.folders)).html
    assert "more characters above" in above
    assert "below" not in above
    assert "Stone" in above
