"""Figures of a comparison: what is measured, how much, when; and which numbers are none."""

from pathlib import Path

import pytest

from comparisons import compare_texts
from ibid.english import Quantity, find_quantities
from ibid.types import Comparison

PRICES = {
    "a": "Share prices rose by 20 percent in March 2024. The index of shares is old.",
    "b": "Share prices rose by 30 percent in March 2024. Banks hold shares for their clients.",
}


def only(sentence: str) -> Quantity:
    (quantity,) = find_quantities(sentence)
    return quantity


@pytest.fixture
def prices(tmp_path: Path) -> Comparison:
    return compare_texts(tmp_path, "share prices", **PRICES)


def test_figures_of_two_articles_for_one_thing_stand_side_by_side(prices):
    said = [(each.quote.article, each.text, each.when, each.group) for each in prices.figures]
    assert said == [
        ("a.txt", "20 percent", "in March 2024", 1),
        ("b.txt", "30 percent", "in March 2024", 1),
    ]
    assert {each.thing for each in prices.figures} == {"Share prices rose by …"}


def test_a_figure_stands_in_its_quote_and_that_in_its_article(prices):
    for figure in prices.figures:
        assert figure.quote.text in PRICES[figure.quote.article[0]]
        assert figure.words.of(figure.quote.text) == figure.text


def test_figures_in_other_units_or_of_other_things_stand_apart(tmp_path):
    comparison = compare_texts(
        tmp_path,
        "the bridge",
        a="The bridge cost 4 million dollars. Trams run over it. Gulls sit there.",
        b="The bridge cost 5 million euros. Of its cost, the bridge owes 30 percent to steel.",
    )
    groups = {each.text: each.group for each in comparison.figures}
    assert len(set(groups.values())) == len(groups) >= 3


def test_two_figures_of_one_sentence_are_for_two_things(tmp_path):
    comparison = compare_texts(
        tmp_path,
        "town people",
        a="The people of the town are 60 percent farmers and 40 percent miners. Cows graze.",
        b="The people of the town are 70 percent farmers and 30 percent miners. It rains a lot.",
    )
    groups = {each.text: each.group for each in comparison.figures}
    assert groups["60 percent"] == groups["70 percent"] != groups["40 percent"]
    assert groups["40 percent"] == groups["30 percent"]


def test_a_topic_without_numbers_has_no_figures(tmp_path):
    text = "Apples taste sweet. Apples grow on trees."
    assert compare_texts(tmp_path, "apples", a=text, b=text).figures == ()


@pytest.mark.parametrize(
    ("sentence", "text", "low", "high", "unit"),
    [
        ("A drug costs $2.6 billion.", "$2.6 billion", 2.6e9, 2.6e9, "$"),
        ("A drug costs 2.6 billion dollars.", "2.6 billion dollars", 2.6e9, 2.6e9, "$"),
        ("The town has over 3,500 people.", "over 3,500", 3500, 3500, ""),
        ("It takes 10-15 years to build a dam.", "10-15 years", 10, 15, "year"),
        ("The fund needs $2 to $3 million.", "$2 to $3 million", 2e6, 3e6, "$"),
        ("Rates lie between 4 and 5 percent.", "4 and 5 percent", 4, 5, "%"),
        ("A nurse earns 40,000 euros a year.", "40,000 euros a year", 40_000, 40_000, "€/year"),
        ("Ten percent of patients died.", "Ten percent", 10, 10, "%"),
    ],
)
def test_a_figure_has_its_value_in_numbers_and_its_own_spelling(sentence, text, low, high, unit):
    found = only(sentence)
    assert found.span.of(sentence) == text
    assert (found.low, found.high, found.unit) == (low, high, unit)


@pytest.mark.parametrize(
    ("sentence", "thing"),
    [
        ("Share prices rose by 20 percent in March.", "Share prices rose by … in March"),
        ("About 77% of respondents use it at work.", "… of respondents use it at work"),
        ("The city has a population of 3,559.", "city has a population of …"),
        ("So far, only 20% of 2023 answers are old.", "… of 2023 answers are old"),
        ("More people read it – 80% in 2023.", "More people read it – …"),
        ("The oldest rocks, gneiss among them, are 17 miles deep.", "oldest rocks are … deep"),
    ],
)
def test_what_is_measured_is_said_in_the_words_around_the_figure(sentence, thing):
    assert only(sentence).thing == thing


def test_of_a_list_every_figure_has_what_its_first_one_has():
    things = [each.thing for each in find_quantities("There were 90 farmers, and 12 smiths there.")]
    assert things == ["… farmers", "… smiths there"]
    things = [each.thing for each in find_quantities("The town is 90% old, 12% new.")]
    assert things == ["town is … old", "town is … new"]


@pytest.mark.parametrize(
    ("sentence", "when"),
    [
        ("In 2024 prices rose by 20 percent.", "In 2024"),
        ("Prices rose by 20 percent by 2030.", "by 2030"),
        ("Last year, 16% of users left.", "Last year"),
        ("At the 2010 census 12,456 people lived here.", "2010"),
        ("It had 11,482 answers, up from 2021.", ""),
        ("With 353,000 copies sold, it opened best since a song in 2016.", ""),
        ("It was founded in 1911, and it had 200 members.", ""),
    ],
)
def test_the_date_of_a_figure_is_that_of_its_clause(sentence, when):
    (found, *_) = find_quantities(sentence)
    assert found.time.of(sentence) == when


@pytest.mark.parametrize(
    "sentence",
    [
        "1. Open the lid.",
        "Version 2.0 of the app was shown.",
        "Python 3.11 is faster, and GPT-4 is slower.",
        "Most of it landed in 1.62, the current beta.",
        "Go 1.11 and 1.12 have modules, enabled for 1.21.",
        "Call 555-1234 or +1 (555) 123-4567 for help.",
        "Bees sleep at night [12].",
        "The office is at 1600 Pennsylvania Avenue.",
        "The proof is on page 12 and in chapter 3.",
        "Smith (2019) and Jones wrote about it in 2020.",
        "There are two reasons and three ways.",
        "The second of them left at 10:30 or 5 p.m. on May 5.",
        "Platform 1 is used on Sundays.",
        "It will be done within five years.",
        "It opened seven years after the fire.",
        "The 19th century and the Eighty Years War are over.",
    ],
)
def test_a_number_that_measures_nothing_is_no_figure(sentence):
    assert find_quantities(sentence) == []
