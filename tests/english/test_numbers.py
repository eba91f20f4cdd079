"""Numbers as sentences spell them, and what they are figures of."""

import pytest

from ibid.english.numbers import find_numbers
from ibid.english.quantities import find_quantities


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("One hundred and fifty nets were collected.", ["150"]),
        ("There are at least half a million users.", ["500000"]),
        ("Nearly half-a-million and two and a half million people came.", ["2500000"]),
        ("A hundred and twenty-five dollars, or two thousand five hundred.", ["125", "2500"]),
        ("Half a dozen of the twelve hundred left.", ["6", "1200"]),
        ("It takes one to three years, and one of them is lost.", ["1", "3"]),
        ("Two hundred people and thirty dogs came.", ["200", "30"]),
        ("A thousand and one nights in five hundred pages.", ["1001", "500"]),
        ("The hundred best, and three million more.", ["100", "3000000"]),
    ],
)
def test_a_number_in_several_words_is_one_number(sentence: str, values: list[str]):
    found = [number.value for number in find_numbers(sentence) if not number.is_date]
    assert [value for value in found if value in values] == values
    assert len(found) <= len(values) + 1


@pytest.mark.parametrize(
    ("sentence", "figures"),
    [
        ("One hundred and fifty nets were collected.", [150]),
        ("There are half a million Go developers.", [500_000]),
        ("It takes one to three years to build a house.", [1]),
        ("About 1 in 4 people have it.", []),
        ("Of them 3 out of 5 patients got better.", []),
        ("In 2019, 20 patients got better.", [20]),
    ],
)
def test_a_figure_has_the_whole_of_its_number_and_odds_are_none(
    sentence: str, figures: list[float]
):
    assert [quantity.low for quantity in find_quantities(sentence)] == figures
