"""Every place that an index may lie in does the same: a folder, PostgreSQL, and Milvus."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ibid.testing import CHECKS, Check

if TYPE_CHECKING:
    from databases import Server
    from milvus_servers import Server as MilvusServer


@pytest.mark.long
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_an_index_in_a_folder_conforms(check: Check, tmp_path: Path):
    check(tmp_path, str(tmp_path / "index"))


@pytest.mark.long
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_an_index_in_postgresql_conforms(check: Check, tmp_path: Path, postgresql: "Server"):
    check(tmp_path, postgresql.address())


@pytest.mark.long
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_an_index_in_milvus_conforms(check: Check, tmp_path: Path, milvus: "MilvusServer"):
    check(tmp_path, milvus.address())
