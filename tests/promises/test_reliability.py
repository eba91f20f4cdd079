"""The table of docs/reliability.md: each promise names tests, and each of them is there."""

import ast
import re

import pytest

from conftest import ROOT

ROWS = re.findall(
    r"^\| (\d+) \| .+ \| (.+) \|$",
    (ROOT / "docs" / "reliability.md").read_text("utf-8"),
    re.MULTILINE,
)
NAMED = [test for _, tests in ROWS for test in re.findall(r"`([^`]+)`", tests)]


def test_each_promise_is_numbered_and_names_a_test():
    assert [int(number) for number, _ in ROWS] == list(range(1, 16))
    assert all("`tests/" in tests for _, tests in ROWS)


@pytest.mark.parametrize("test", NAMED)
def test_a_test_that_is_named_is_there(test: str):
    path, _, name = test.partition("::")
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}
