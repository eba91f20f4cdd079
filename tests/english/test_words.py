import pytest
from hypothesis import example, given

from ibid.english.words import (
    STOP_WORDS,
    find_terms,
    inverse_document_frequency,
    mark_words,
    stems,
    unique_stems,
)
from ibid.types import Span
from markdown_texts import texts


@given(texts)
@example("૰ and ૰ક")  # a mark among the letters of its script
def test_terms_point_at_their_words(text: str):
    last = Span(-1, 0)
    for term in find_terms(text):
        word = term.span.of(text)
        assert last.start < term.span.start
        assert last.end <= term.span.start or not word.isascii()  # pairs of ideographs overlap
        assert term.stem
        assert word == word.strip()
        assert stems(word) == [term.stem]
        last = term.span


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Drugs and drug's discovery, discovered!", ["drug", "drug", "discoveri", "discov"]),
        ("the patient’s and the patients’ data", ["patient", "patient", "data"]),
        ("We'll see; they've won; I'm sure it's so", ["see", "won", "sure"]),
        ("It doesn't, can’t and won't fail", ["fail"]),
        ("O'Reilly at five o’clock", ["oreilli", "five", "oclock"]),
        ("AI-driven, state-of-the-art", ["ai", "driven", "state", "art"]),
        ("GPT-4o costs 1,000.50 in 2025", ["gpt", "4o", "cost", "1", "000", "50", "2025"]),
        ("snake_case and __init__", ["snake", "case", "init"]),
        ("Ⅳ ﬁne Ｗｉｄｅ", ["iv", "fine", "wide"]),
        ("cafe\u0301 café CAFÉ", ["café", "café", "café"]),
        ("naïve 漢字 привет", ["naïv", "漢字", "привет"]),
        ("10\u00a0mg", ["10", "mg"]),
        ("What are the main ones?", ["main", "one"]),
        ("… — !", []),
    ],
)
def test_words_are_found_by_their_stems(text: str, found: list[str]):
    assert stems(text) == found


def test_stop_words_are_no_terms():
    assert stems(" ".join(STOP_WORDS)) == []


def test_each_stem_is_counted_once_in_order():
    assert unique_stems("Beta alpha betas") == ("beta", "alpha")


def test_words_are_marked_where_they_stand():
    text = "Drugs, a drug’s price and the drug-like."
    marked = [span.of(text) for span in mark_words(text, frozenset({"drug"}))]
    assert marked == ["Drugs", "drug’s", "drug"]


def test_a_rare_word_weighs_more_than_a_common_one():
    weights = [inverse_document_frequency(10, n) for n in (0, 1, 5, 10)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0
    assert weights[1] == pytest.approx(1.9924, abs=1e-4)  # ln(1 + 9.5 / 1.5)
