"""A sentence that follows another one word for word is told from it by the words it changed."""

import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ibid.english.differences
from clocks import at_most
from ibid.english.aligning import shared_words
from ibid.english.commitments import MarkKind
from ibid.english.differences import find_differences

AMGEN = "Amgen works with Nvidia on antibodies at its center in Iceland."
RARE = "Rare diseases affect fewer than 200,000 people in the US."
BIAS = "Data bias might lead to inaccurate predictions for most patients by 2026."


def differences(said: str, source: str) -> list[tuple[MarkKind, str, str]]:
    """Return each difference by its words in either sentence, empty where there are none."""
    return [
        (
            each.kind,
            each.said.of(said) if each.said else "",
            each.source.of(source) if each.source else "",
        )
        for each in find_differences(said, source)
    ]


@pytest.mark.parametrize(
    ("said", "source", "expected"),
    [
        (AMGEN.replace("Nvidia", "Pfizer"), AMGEN, (MarkKind.NAME, "Pfizer", "Nvidia")),
        (AMGEN.replace("Iceland", "Ireland"), AMGEN, (MarkKind.NAME, "Ireland", "Iceland")),
        (RARE.replace("200", "300"), RARE, (MarkKind.NUMBER, "300,000", "200,000")),
        (RARE.replace("fewer", "more"), RARE, (MarkKind.DIRECTION, "more", "fewer")),
        (RARE.replace("affect", "do not affect"), RARE, (MarkKind.NEGATION, "not", "")),
        (BIAS.replace("might", "will"), BIAS, (MarkKind.CERTAINTY, "will", "might")),
        (BIAS.replace("might lead", "leads"), BIAS, (MarkKind.CERTAINTY, "", "might")),
        (BIAS.replace("most", "all"), BIAS, (MarkKind.SCOPE, "all", "most")),
        (BIAS.replace("most ", ""), BIAS, (MarkKind.SCOPE, "", "most")),
        (BIAS.replace("2026", "2027"), BIAS, (MarkKind.YEAR, "2027", "2026")),
        (
            BIAS.replace("inaccurate", "accurate"),
            BIAS,
            (MarkKind.ANTONYM, "accurate", "inaccurate"),
        ),
        ("AI will replace us.", "AI will not replace us.", (MarkKind.NEGATION, "", "not")),
        ("It needs 20 mg.", "It needs 20 kg.", (MarkKind.UNIT, "mg", "kg")),
    ],
)
def test_the_very_word_that_was_changed_is_found(
    said: str, source: str, expected: tuple[MarkKind, str, str]
) -> None:
    assert differences(said, source) == [expected]


@pytest.mark.parametrize(
    ("said", "source"),
    [
        (AMGEN, AMGEN),
        ("Amgen works with Nvidia on antibodies.", AMGEN),
        ("Rare diseases affect fewer than 200 thousand people.", RARE),
        ("Data bias may lead to inaccurate predictions by 2026.", BIAS),
        ("AI will assist us.", "AI will assist us, and it will not replace us."),
    ],
)
def test_a_shortened_sentence_and_another_spelling_differ_in_nothing(
    said: str, source: str
) -> None:
    assert differences(said, source) == []


def test_the_share_of_words_kept_in_their_order_is_the_gate_between_the_regimes() -> None:
    assert shared_words(AMGEN, AMGEN) == 1
    assert shared_words("Amgen works on antibodies.", AMGEN) == 1
    assert shared_words("Volcanoes erupt at night.", AMGEN) == 0.25
    assert shared_words("", AMGEN) == 0


def test_two_endless_sentences_are_compared_in_no_time() -> None:
    said = " ".join(f"a{number}" for number in range(5_000))
    source = " ".join(f"b{number}" for number in range(5_000))
    with at_most(5):
        assert shared_words(f"begins {said} ends", f"begins {source} ends") < 0.01
        assert shared_words(said, said) == 1


TEXTS = st.text(max_size=40) | st.lists(
    st.sampled_from("may not all rise US 3 2025 cost the costs".split()), max_size=8
).map(" ".join)


@settings(deadline=None)  # the first example reads the lexicon
@given(TEXTS, TEXTS)
def test_differences_of_any_two_texts_stand_inside_them(said: str, source: str) -> None:
    for each in find_differences(said, source):
        assert each.said or each.source
        assert not each.said or each.said.of(said)
        assert not each.source or each.source.of(source)


@settings(deadline=None)  # the first example reads the lexicon
@given(TEXTS)
def test_no_text_differs_from_itself(text: str) -> None:
    assert find_differences(text, text) == ()


def test_the_examples_run() -> None:
    assert doctest.testmod(ibid.english.differences).failed == 0
