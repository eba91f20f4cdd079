"""The examples in the docstrings hold."""

import doctest
from types import ModuleType

import pytest

from ibid.english import excerpts, governing, joints, roles


@pytest.mark.parametrize("module", [excerpts, governing, joints, roles])
def test_the_examples_of_a_module_hold(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0
