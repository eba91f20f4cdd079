"""Times of a comparison: what was and what is foreseen, by year, and how the year is known."""

from pathlib import Path

import pytest

from comparisons import compare_files
from ibid.english import find_times
from ibid.types import Comparison


def compare(folder: Path, topic: str, **texts: str) -> Comparison:
    """Compare articles that are written with their front matter."""
    return compare_files(folder, topic, {f"{name}.md": text for name, text in texts.items()})


def written(date: str, text: str) -> str:
    return f"---\ntitle: Trains\ndate: {date}\n---\n\n{text}\n"


@pytest.fixture
def trains(tmp_path: Path) -> Comparison:
    return compare(
        tmp_path,
        "night trains",
        a=written(
            "2024-05-02", "Night trains will run to Rome by 2030. Night trains began in 1872."
        ),
        b=written("2024-06-01", "Night trains will pay within five years. They are blue."),
        c="# Trains\n\nNight trains will be fast in the next decade. Night trains ended in 2016.",
    )


def test_times_stand_in_order_and_past_and_forecast_apart(trains):
    said = [(each.year, each.is_forecast, each.when) for each in trains.timeline]
    assert said == [
        (1872, False, "in 1872"),
        (2016, False, "in 2016"),
        (2029, True, "within five years"),
        (2030, True, "by 2030"),
        (0, True, "in the next decade"),
    ]


def test_a_year_that_is_counted_from_the_date_of_the_article_says_so(trains):
    counted = {each.when: each.year for each in trains.timeline if each.is_counted}
    assert counted == {"within five years": 2029, "in the next decade": 0}


def test_each_time_stands_in_its_quote(trains):
    for moment in trains.timeline:
        assert moment.words.of(moment.quote.text) == moment.when
        assert "trains" in moment.quote.text


def test_a_forecast_is_one_by_the_date_of_its_article_even_when_it_is_over(tmp_path):
    comparison = compare(
        tmp_path,
        "steam engines",
        a=written("1999-01-01", "Steam engines are gone by 2005, and steam engines rule in 1990."),
        b=written("2015-01-01", "Steam engines went in 2005. Steam engines made noise."),
    )
    said = {(each.quote.article, each.year): each.is_forecast for each in comparison.timeline}
    assert said == {("a.md", 2005): True, ("a.md", 1990): False, ("b.md", 2005): False}


def test_a_day_of_the_year_of_writing_is_told_by_its_month(tmp_path):
    comparison = compare(
        tmp_path,
        "the survey",
        a=written(
            "2020-05-27", "The survey ends on June 10, 2020. The survey began on May 1, 2020."
        ),
    )
    assert [each.is_forecast for each in comparison.timeline] == [False, True]


def test_the_seeds_foresee_what_they_say_for_years_to_come(library):
    years = [(each.year, each.is_forecast) for each in library.compare("rare diseases").timeline]
    assert years == sorted(years)
    assert {year for year, is_forecast in years if is_forecast} == {2025, 2026, 2027}


@pytest.mark.parametrize(
    ("sentence", "when"),
    [
        ("It will be cheap by 2030.", ["by 2030"]),
        ("Two decades ago it was new.", ["Two decades ago"]),
        ("He served from 1990 to 1995 and since 2001.", ["from 1990 to 1995", "since 2001"]),
        ("It grew in the 1820s.", ["in the 1820s"]),
        ("It ran between May 2, 2023 and June 5, 2024.", ["between May 2, 2023 and June 5, 2024"]),
        ("In 2010, 2011 and 2012 it rained.", ["In 2010", "2011", "2012"]),
        ("It fell at the end of 2022.", ["at the end of 2022"]),
    ],
)
def test_a_time_is_told_with_the_words_that_lead_to_it(sentence, when):
    assert [each.span.of(sentence) for each in find_times(sentence)] == when


@pytest.mark.parametrize(
    "sentence",
    [
        "Smith (2019) wrote about it, as did Jones et al. 2020.",
        "The Rust 2018 edition is old, and so is the 2010 census.",
        "It has room for 2000 users.",
        "Patients died within five years.",
        "It is up from 2021, and more than last year.",
        "It took five years.",
        "Oxygen came 2.5 billion years ago.",
    ],
)
def test_a_year_of_publication_a_name_and_a_length_of_time_tell_no_when(sentence):
    assert find_times(sentence) == []
