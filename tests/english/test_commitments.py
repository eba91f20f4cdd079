"""What a sentence commits itself to is found by rule, each with its place."""

import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ibid.english.commitments
from ibid.english.commitments import MarkKind, antonyms, find_marks


def said(kind: MarkKind, sentence: str) -> list[str]:
    """Return the values of a sentence's marks of one kind."""
    return [mark.value for mark in find_marks(sentence) if mark.kind is kind]


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("Fewer than 200,000 people have it.", ["200000"]),
        ("It took twenty-five trials and three million users.", ["25", "3000000"]),
        ("Version 2.50 costs 1.5 billion.", ["2.5", "1500000000"]),
        ("A dozen of them came second, half as fast.", ["12", "2.", "0.5"]),
        ("It has 2.5M users, 5k of them paying.", ["2500000", "5000"]),
        ("The 18F team ran v1.2.3 on X86.", []),
        ("One of them is the one.", []),
    ],
)
def test_numbers_have_one_spelling_in_digits(sentence: str, values: list[str]) -> None:
    assert said(MarkKind.NUMBER, sentence) == values


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("20 % or 20 percent", ["%", "%"]),
        ("$5, €6 and 7 dollars", ["$", "€", "$"]),
        ("a 5-year study of 12 mg, 3 km away", ["year", "mg", "km"]),
        ("the percent sign, years ago", []),
    ],
)
def test_a_unit_stands_with_a_number(sentence: str, values: list[str]) -> None:
    assert said(MarkKind.UNIT, sentence) == values


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("On August 31, 2025 it began, by 31 August 2025.", ["2025-08-31", "2025-08-31"]),
        ("From 2025-08-31 until Sept. 2026", ["2025-08-31", "2026-09"]),
        ("In the 1990s, then in 2019, at last in Q3 2020", ["1990s", "2019", "2020-Q3"]),
        ("It grew in March and in May 2025.", ["03", "2025-05"]),
        ("We may march on.", []),
    ],
)
def test_dates_are_told_apart_from_numbers(sentence: str, values: list[str]) -> None:
    assert said(MarkKind.YEAR, sentence) == values
    assert said(MarkKind.NUMBER, sentence) == []


@pytest.mark.parametrize(
    ("sentence", "count"),
    [
        ("It does not help.", 1),
        ("It doesn’t help, and never did.", 2),
        ("It cannot work without help.", 2),
        ("It no longer fails to help.", 2),
        ("It not only helps but heals.", 0),
    ],
)
def test_negations_are_counted_but_for_not_only(sentence: str, count: int) -> None:
    assert len(said(MarkKind.NEGATION, sentence)) == count


def test_directions_hedges_and_scopes_are_reduced_to_a_few_values() -> None:
    assert said(MarkKind.DIRECTION, "Costs rose, quality declined, and fewer came.") == [
        "up",
        "down",
        "down",
    ]
    assert said(MarkKind.CERTAINTY, "It will help, may hurt, and can wait.") == [
        "sure",
        "unsure",
        "able",
    ]
    assert said(MarkKind.SCOPE, "All came, most stayed, some left, no one paid, only I ate.") == [
        "all",
        "most",
        "some",
        "none",
        "only",
    ]


def test_a_superlative_and_a_month_are_no_scope_and_no_hedge() -> None:
    assert said(MarkKind.SCOPE, "the most effective and its most useful") == []
    assert said(MarkKind.CERTAINTY, "It came in May 2025.") == []


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("Amgen’s collaboration with Nvidia is new.", ["amgen", "nvidia"]),
        ("Costs at the FDA rose, says Jane Doe.", ["fda", "jane doe"]),
        ("Large models like GPT-4o help.", ["gpt-4o"]),
        ("The models are large.", []),
        ("AI Revolutionizes Rare Disease Drugs", ["ai"]),
        ("I think that I know.", []),
    ],
)
def test_names_have_a_capital_where_a_common_word_has_none(
    sentence: str, values: list[str]
) -> None:
    assert said(MarkKind.NAME, sentence) == values


def test_antonyms_are_those_of_wordnet_whatever_the_ending() -> None:
    assert antonyms("increase") == antonyms("increasing") == antonyms("increas") == {"decreas"}
    assert "small" in antonyms("large")
    assert antonyms("xyzzy") == antonyms("the") == antonyms("") == frozenset()


@settings(deadline=None)  # the first example reads the lexicon
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from("3 May % not US no $ 2025 31".split()), max_size=9).map(" ".join)
)
def test_marks_of_any_text_stand_in_order_and_apart(sentence: str) -> None:
    end = 0
    for mark in find_marks(sentence):
        assert end <= mark.span.start < mark.span.end <= len(sentence)
        assert mark.value
        end = mark.span.end


def test_the_examples_run() -> None:
    assert doctest.testmod(ibid.english.commitments).failed == 0
