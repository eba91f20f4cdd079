"""A trial of a place: each check in a place of its own, and what failed in a line."""

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ibid.adapters import trial_places
from ibid.errors import IndexMissing
from ibid.testing import CHECKS, try_checks

if TYPE_CHECKING:
    from databases import Server
    from milvus_servers import Server as MilvusServer


def good_place(folder: Path, index: str) -> None:
    assert not [*folder.iterdir()]
    Path(index).mkdir()


def bad_place(folder: Path, index: str) -> None:
    raise AssertionError("a place of another kind\nand more")


def worse_place(folder: Path, index: str) -> None:
    raise IndexMissing("no index\nat all")


def test_each_check_has_a_place_and_a_line(tmp_path: Path):
    checks = (good_place, bad_place, worse_place, good_place)
    with trial_places(str(tmp_path / "not" / "there")) as new_place:
        outcomes = [*try_checks(new_place, checks)]
    assert [(outcome.name, outcome.failure) for outcome in outcomes] == [
        ("good place", ""),
        ("bad place", "a place of another kind"),
        ("worse place", "IndexMissing: no index"),
        ("good place", ""),
    ]
    assert not [*tmp_path.iterdir()]


def test_python_without_assertions_tries_nothing():
    program = "from ibid.testing import try_checks; next(try_checks(str))"
    result = subprocess.run(
        [sys.executable, "-O", "-c", program], capture_output=True, text=True, check=False
    )
    assert "leaves out what the checks assert" in result.stderr


def test_a_trial_leaves_nothing_in_postgresql(postgresql: "Server"):
    before = postgresql.run("select nspname from pg_namespace order by 1")
    with trial_places(postgresql.address()) as new_place:
        (outcome,) = try_checks(new_place, CHECKS[4:5])
        assert not outcome.failure
        assert len(postgresql.run("select nspname from pg_namespace order by 1")) > len(before)
    assert postgresql.run("select nspname from pg_namespace order by 1") == before


def test_a_trial_leaves_nothing_in_milvus(milvus: "MilvusServer"):
    with trial_places(milvus.address()) as new_place:
        (outcome,) = try_checks(new_place, CHECKS[7:8])
        assert not outcome.failure
        assert milvus.collections("ibid_trial_")
    assert not milvus.collections("ibid_trial_")
