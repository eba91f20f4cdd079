"""What the tests share: the user's five articles, indexed once with the real model."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from shared_models import share_embedder, share_reader

if TYPE_CHECKING:
    from databases import Server
    from milvus_servers import Server as MilvusServer

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
MEMORY = Path("/dev/shm")  # noqa: S108  # pytest makes a folder of its own there
ROOM = 4 << 30
"""Bytes that have to be free there."""


def pytest_configure(config: pytest.Config) -> None:
    """Set what workers inherit, and the processes that tests start.

    Numpy has one thread, as in the command itself. Temporary folders are in memory where there is
    room: a build flushes twenty files.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture(scope="session", autouse=True)
def _models_started_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ibid.library.MiniLM", share_embedder)
        patch.setattr("ibid.adapters.MiniLMReader", share_reader)
        yield


@pytest.fixture(scope="session")
def seeds() -> Path:
    return SEEDS


@pytest.fixture(scope="session")
def seed_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index over the seeds, built by the real embedder."""
    index = tmp_path_factory.mktemp("seed-index")
    Library.open(SEEDS, index).build()
    return index


@pytest.fixture(scope="session")
def library(seed_index: Path) -> Library:
    """The library of the seeds, without a language model."""
    return Library.open(SEEDS, seed_index, Settings(model="none"))


def write_articles(folder: Path) -> Path:
    """Make a small folder of articles."""
    folder.mkdir()
    (folder / "apples.md").write_text(
        "# Apples\n\nApples grow on trees in orchards. Ripe apples fall in autumn.\n", "utf-8"
    )
    (folder / "pears.md").write_text(
        "# Pears\n\nPears ripen after harvest. Farmers store pears in cold rooms.\n", "utf-8"
    )
    return folder


def open_small(articles: Path) -> Library:
    """Return a library over a folder, with an embedder that needs no model."""
    index = articles.with_name("index")
    return Library.open(articles, index, Settings(model="none"), embedder=HashEmbedder())


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A small folder of articles that a test may change."""
    return write_articles(tmp_path / "articles")


@pytest.fixture
def small(articles: Path) -> Library:
    """A library over the small folder; nothing is built."""
    return open_small(articles)


@pytest.fixture(scope="session")
def small_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index over the small folder, for copies: a build writes and flushes twenty files."""
    library = open_small(write_articles(tmp_path_factory.mktemp("small") / "articles"))
    library.build()
    return library.store.root


@pytest.fixture
def built(small: Library, small_index: Path) -> Library:
    """A library over the small folder with an index that a test may change."""
    shutil.copytree(small_index, small.store.root)
    return small


@pytest.fixture(scope="session")
def postgresql() -> Iterator["Server"]:
    """A PostgreSQL server, whose password is in the environment as a user would put it there."""
    if not os.environ.get("CI"):
        pytest.importorskip("psycopg", reason="psycopg is not installed")
    from databases import PASSWORD, run_server

    with pytest.MonkeyPatch.context() as patch, run_server() as server:
        patch.setenv("PGPASSWORD", PASSWORD)
        yield server


@pytest.fixture(scope="session")
def milvus() -> Iterator["MilvusServer"]:
    """A server of Milvus, whose token is in the environment as a user would put it there."""
    from milvus_servers import TOKEN, run_milvus

    with pytest.MonkeyPatch.context() as patch, run_milvus() as server:
        patch.setenv("IBID_MILVUS_TOKEN", TOKEN)
        yield server
