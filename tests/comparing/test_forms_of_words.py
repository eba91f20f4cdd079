"""Words of a topic: which of them are forms of one word."""

import pytest

from ibid.comparing.words import are_forms


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("regul", "regulatori", True),
        ("diagnosi", "diagnost", True),
        ("accur", "accuraci", True),
        ("generic", "generat", False),
        ("factor", "factori", False),
        ("polic", "polici", False),
        ("test", "tester", False),
    ],
)
def test_forms_of_a_word_share_their_root_and_words_that_look_alike_do_not(one, other, same):
    assert are_forms(one, other) is same
    assert are_forms(other, one) is same
