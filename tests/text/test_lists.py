import pytest
from hypothesis import given

from clocks import at_most
from ibid.text.lists import find_list, find_lists
from ibid.types.articles import Span
from markdown_texts import texts

LIST = """The challenges are:

- Bias, which
  goes on here
- Privacy
  - of patients

  Another paragraph.
- Cost

And this is no item.
"""


def items(text: str) -> list[list[str]]:
    found = find_lists(text, Span(0, len(text)))
    return [[item.of(text).strip() for item in each.items] for each in found]


def test_an_item_goes_on_until_the_next_one_with_what_is_nested_in_it() -> None:
    (found,) = items(LIST)
    assert found == [
        "- Bias, which\n  goes on here",
        "- Privacy\n  - of patients\n\n  Another paragraph.",
        "- Cost",
    ]


def test_a_list_has_the_line_before_it() -> None:
    (found,) = find_lists(LIST, Span(0, len(LIST)))
    assert found.lead_in == "The challenges are:"


def test_numbers_and_bullets_make_lists_and_a_single_item_makes_none() -> None:
    assert items("1. one\n2) two\n") == [["1. one", "2) two"]]
    assert items("* one\r\n\r\n* two\r\n") == [["* one", "* two"]]
    assert items("- alone\n\nText.\n\n- alone, too\n") == []
    assert items("-no item\n2020 was a year\n") == []


def test_a_list_is_found_by_a_place_in_it() -> None:
    within = Span(0, len(LIST))
    assert find_list(LIST, within, LIST.index("patients"))
    assert find_list(LIST, within, LIST.index("challenges")) is None
    assert find_list(LIST, within, LIST.index("no item")) is None


@given(texts)
def test_items_are_in_order_and_none_overlaps(text: str) -> None:
    ends = 0
    for found in find_lists(text, Span(0, len(text))):
        assert len(found.items) > 1
        for item in found.items:
            assert ends <= item.start < item.end <= len(text)
            ends = item.end


@pytest.mark.parametrize("item", ["- a\n", "1. a\n", "* a\n\n", "- a\n  more of it\n"])
def test_a_list_is_read_in_time_that_grows_with_its_length(item: str) -> None:
    text = item * 60_000
    with at_most(4):
        (found,) = find_lists(text, Span(0, len(text)))
    assert len(found.items) == 60_000
