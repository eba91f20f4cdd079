"""`ibid check --conformance`: a place is tried, a line for each check."""

import re
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from ibid.cli.commands import cli
from ibid.errors import UsageError
from ibid.testing import CHECKS, Check, try_checks


def always_wrong(folder: Path, index: str) -> None:
    raise AssertionError("a place of another kind\nand more")


def check(checks: tuple[Check, ...], index: Path) -> tuple[int, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ibid.testing.try_checks", partial(try_checks, checks=checks))
        arguments = ["check", "--conformance", "--index", str(index)]
        result = CliRunner().invoke(cli, arguments, standalone_mode=False)
    code = result.return_value if result.exception is None else -1
    return code, re.sub(r"\d+\.\d s", "0.1 s", result.output)


def test_a_place_that_conforms_is_told_line_by_line(tmp_path: Path):
    code, output = check(CHECKS[6:8], tmp_path / "index")
    assert code == 0
    assert output == (
        "another embedder is refused, 0.1 s: ok\n"
        "one builds at a time, 0.1 s: ok\n"
        f"2 checks passed, 0 failed: {tmp_path / 'index'}\n"
    )
    assert not [*tmp_path.iterdir()]


def test_a_place_that_does_not_conform_ends_with_1(tmp_path: Path):
    code, output = check((CHECKS[7], always_wrong), tmp_path / "index")
    assert code == 1
    assert "always wrong, 0.1 s: failed: a place of another kind\n" in output
    assert "1 check passed, 1 failed" in output


def test_a_trial_prints_no_json():
    arguments = ["check", "--conformance", "--json"]
    result = CliRunner().invoke(cli, arguments, standalone_mode=False)
    assert isinstance(result.exception, UsageError)
