"""The examples in the docstrings hold."""

import doctest
from types import ModuleType

import pytest

from ibid.english import excerpts, governing, joints, numbers, quantities, roles, times


@pytest.mark.parametrize("module", [excerpts, governing, joints, numbers, quantities, roles, times])
def test_the_examples_of_a_module_hold(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("a and " * 3000, "b and a " * 2000),
        ("It is " + "that " * 3000, "x " + "that " * 3000),
        (" ".join(f"w{n}" for n in range(3000)), " ".join(f"w{n}" for n in range(3000, 0, -1))),
        ("x and y or z, " * 100 + "k", "k and y or z, " * 100 + "x"),
    ],
    ids=["and", "that", "turned", "list"],
)
@pytest.mark.timeout(20)
def test_endless_sentences_do_not_take_endless_time(said: str, source: str) -> None:
    roles.find_turned(said, source)
    list(governing.find_governors(said, source))
    list(joints.find_joints(said, source))
    excerpts.is_excerpt(said, source)
    governing.find_attribution(said)


@pytest.mark.parametrize(
    "part",
    [
        "1 ",
        "2 a and ",
        "12 (",
        "5 % in 2020, ",
        "$",
        "2019 to 2020 ",
        "about ",
        "- ",
        "a,\u00a0",
        "1-2",
    ],
)
@pytest.mark.timeout(20)
def test_endless_numbers_do_not_take_endless_time(part: str) -> None:
    for length in (times.LONGEST, 100_000):
        sentence = (part * (1 + length // len(part)))[:length]
        quantities.find_quantities(sentence)
        times.find_times(sentence)
