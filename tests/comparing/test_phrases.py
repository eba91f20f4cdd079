"""Words of a topic: which are forms of one word, and what a row is called."""

import pytest

from ibid.comparing.phrases import Grammar, are_called_alike, are_forms, name_row, read_words


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


@pytest.mark.parametrize(
    ("stem", "title", "sentences"),
    [
        (
            "optim",
            "optimization",
            ("They optimize the design.", "To optimize is hard.", "Optimization of trials helps."),
        ),
        (
            "griesem",
            "Robert Griesemer",
            ("A talk by Robert Griesemer was given.", "We met Robert Griesemer in June."),
        ),
        ("approv", "regulatory approval", ("Regulatory Approval: It takes regulators years.",) * 2),
        (
            "algorithm",
            "algorithm",
            ("He wrote the Mississippi Delta algorithm.", "We know of an algorithm for it."),
        ),
        ("avail", "", ("An available host is best.", "They host what is available.")),
        ("access", "", ("A page accessible to all is best.", "We like pages accessible to all.")),
        ("expens", "", ("It is long and expensive for all.", "Trials, long and expensive, fail.")),
        (
            "softwar",
            "open source software",
            ("We know open source software.", "Open source software is free."),
        ),
        (
            "tool",
            "AI-powered tools",
            ("AI-powered tools help.", "We made AI-powered tools for you."),
        ),
    ],
)
def test_a_title_is_a_noun_and_only_names_are_written_large(stem, title, sentences):
    spoken = [read_words(each, each.partition(": ")[0] * (": " in each)) for each in sentences]
    members = [(f"{n}.md", each) for n, each in enumerate(spoken)]
    assert name_row((stem,), members, Grammar(spoken)) == title


def test_words_that_stand_apart_are_no_title_put_together():
    texts = ("The version of the feature is new.", "They know feature, version and name.")
    spoken = [read_words(each, "") for each in texts]
    members = [(f"{n}.md", each) for n, each in enumerate(spoken)]
    assert name_row(("featur", "version"), members, Grammar(spoken)) == "version of the feature"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Savings", "Cost savings", True),
        ("Goroutines", "Goroutine", True),
        ("Data bias", "Data privacy", False),
        ("", "Cost savings", False),
    ],
)
def test_rows_are_called_alike_where_one_title_has_all_words_of_the_other(one, other, alike):
    assert are_called_alike(one, other) is alike
    assert are_called_alike(other, one) is alike
