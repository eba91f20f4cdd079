"""A build whose texts a Ray cluster embeds: three nodes on this machine, one of them killed."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import SEEDS
from ibid.adapters.embedders.ray_cluster import translated
from ibid.errors import ModelError, ServerUnavailable, UsageError
from ibid.library import Library
from ibid.ports import Vectors
from ibid.settings import Settings
from ibid.testing import HashEmbedder

NOWHERE = "127.0.0.1:1"
SECONDS = 280
ROOM = {"object_store_memory": 80_000_000, "node_ip_address": "127.0.0.1"}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head that embeds nothing, and three nodes of a core each, all on 127.0.0.1."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
    from ray.cluster_utils import Cluster

    made = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False, **ROOM}
    )
    for _ in range(3):
        made.add_node(num_cpus=1, **ROOM)
    yield made
    made.shutdown()


def start(place: Path, address: str, *more: str) -> subprocess.Popen[str]:
    """Begin to build the articles of a folder by a cluster."""
    words = (
        sys.executable,
        "-m",
        "ibid",
        "build",
        str(place / "articles"),
        "--ray",
        address,
        *more,
    )
    return subprocess.Popen(
        [*words, "--index", str(place / "index"), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(building: subprocess.Popen[str]) -> dict[str, Any]:
    said, trouble = building.communicate(timeout=SECONDS)
    assert building.returncode == 0, trouble
    assert said.startswith("{"), said
    return json.loads(said)


def write_many(folder: Path) -> Path:
    """Write articles with a thousand sentences of which no two are the same."""
    folder.mkdir(parents=True)
    for number in range(16):
        sentences = (
            f"In garden {number} the pear of row {row} ripens {row + number} days after the rain."
            for row in range(80)
        )
        (folder / f"{number}.md").write_text(
            f"# Garden {number}\n\n{' '.join(sentences)}\n", "utf-8"
        )
    return folder


def wait_for_journal(journal: Path, building: subprocess.Popen[str]) -> None:
    """Return when a build has kept some of what it embedded."""
    until = time.monotonic() + SECONDS
    while not (journal.exists() and journal.stat().st_size > 100_000):
        assert building.poll() is None, building.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)


def vectors_of(articles: Path, index: Path) -> tuple[Vectors, Vectors]:
    """Return the vectors of the passages and of the sentences, in the articles' order."""
    opened = Library.open(articles, index, Settings(model="none"))._index()
    passages, sentences = opened.meaning, opened.sentences
    return passages.vectors(range(len(passages))), sentences.vectors(range(len(sentences)))


def assert_same(articles: Path, one: Path, other: Path) -> None:
    for mine, theirs in zip(vectors_of(articles, one), vectors_of(articles, other), strict=True):
        assert np.array_equal(mine, theirs)


def test_an_address_that_is_none_is_refused(tmp_path: Path):
    for address in (
        "ray",
        "http://127.0.0.1:6379",
        "127.0.0.1",
        "127.0.0.1:0",
        "a b:6379",
        "h:99999",
    ):
        library = Library.open(SEEDS, tmp_path / "index", Settings(ray=address))
        with pytest.raises(UsageError, match="no address of a Ray cluster"):
            library.build()


def test_another_machine_is_refused_before_its_name_is_looked_up(tmp_path: Path):
    for address in ("ray.example:6379", "192.0.2.77:6379", "a..b:6379", "[2001:db8::1]:6379"):
        library = Library.open(SEEDS, tmp_path / "index", Settings(ray=address))
        with pytest.raises(ServerUnavailable, match="may be another machine") as refused:
            library.build()
        assert "--allow-remote" in refused.value.hint
    allowed = Settings(ray="a..b:6379", allow_remote=True)
    with pytest.raises(ServerUnavailable, match="no Ray cluster answers"):
        Library.open(SEEDS, tmp_path / "index", allowed).build()


def test_an_embedder_of_a_server_is_refused(tmp_path: Path):
    settings = Settings(ray=NOWHERE, embedder="ollama:all-minilm")
    with pytest.raises(UsageError, match="no server's"):
        Library.open(SEEDS, tmp_path / "index", settings).build()


def test_what_a_node_raises_is_told_without_its_traceback():
    from ray.exceptions import RayTaskError

    def raised(cause: Exception) -> Exception:
        return RayTaskError("embed", "Traceback: many lines", cause).as_instanceof_cause()

    with pytest.raises(ModelError) as told, translated(NOWHERE):
        raise raised(ModelError("node has another model", hint="install it there"))
    assert (str(told.value), told.value.hint) == ("node has another model", "install it there")
    line = r"^127\.0\.0\.1:1: MemoryError: too large$"
    with pytest.raises(ServerUnavailable, match=line), translated(NOWHERE):
        raise raised(MemoryError("too large"))


def test_an_embedder_without_a_name_cannot_be_opened_elsewhere(tmp_path: Path):
    library = Library.open(
        SEEDS, tmp_path / "index", Settings(ray=NOWHERE), embedder=HashEmbedder()
    )
    with pytest.raises(UsageError, match="an embedder that the settings name"):
        library.build()


def test_a_cluster_that_does_not_answer_is_told_in_a_line(tmp_path: Path):
    (tmp_path / "articles").symlink_to(SEEDS)
    building = start(tmp_path, NOWHERE)
    _, trouble = building.communicate(timeout=SECONDS)
    assert building.returncode == 5
    first, second = trouble.splitlines()
    assert first.startswith(f"error: {NOWHERE}: no Ray cluster answers (")
    assert second.startswith("hint:  ray start --head")
    assert not (tmp_path / "index" / "CURRENT").exists()


@pytest.mark.long
def test_a_cluster_gives_the_index_that_this_machine_gives(cluster, seed_index, tmp_path):
    (tmp_path / "articles").symlink_to(SEEDS)
    report = finish(start(tmp_path, cluster.address))
    assert report["articles"] == 5
    assert_same(SEEDS, tmp_path / "index", seed_index)
    again = finish(start(tmp_path, cluster.address))
    assert (again["changed"], again["embedded"]) == (False, 0)


@pytest.mark.long
def test_a_node_that_is_killed_loses_nothing_and_holds_nothing_up(cluster, tmp_path):
    write_many(tmp_path / "articles")
    building = start(tmp_path, cluster.address)
    wait_for_journal(tmp_path / "index" / "JOURNAL", building)
    cluster.remove_node(cluster.worker_nodes.copy().pop(), allow_graceful=False)
    report = finish(building)
    assert report["articles"] == 16
    library = Library.open(tmp_path / "articles", tmp_path / "index", Settings(model="none"))
    assert not list(library.check())
    here = Library.open(tmp_path / "articles", tmp_path / "here", Settings(model="none"))
    here.build()
    assert_same(tmp_path / "articles", tmp_path / "index", tmp_path / "here")


@pytest.mark.long
def test_a_build_that_is_killed_goes_on_where_it_was(cluster, tmp_path):
    write_many(tmp_path / "articles")
    building = start(tmp_path, cluster.address)
    journal = tmp_path / "index" / "JOURNAL"
    wait_for_journal(journal, building)
    building.kill()
    building.communicate()
    assert finish(start(tmp_path, cluster.address))["articles"] == 16
    assert not journal.exists()
    library = Library.open(tmp_path / "articles", tmp_path / "index", Settings(model="none"))
    assert not list(library.check())


@pytest.mark.long
def test_a_node_that_may_be_another_machine_gets_nothing_unless_it_is_allowed(cluster, tmp_path):
    address = find_outer_address()
    (tmp_path / "articles").symlink_to(SEEDS)
    node = cluster.add_node(num_cpus=1, **(ROOM | {"node_ip_address": address}))
    try:
        building = start(tmp_path, cluster.address)
        _, trouble = building.communicate(timeout=SECONDS)
        assert building.returncode == 5
        assert f"{address}, a node of the cluster, may be another machine" in trouble
        assert "hint:  allow it with --allow-remote" in trouble
        assert finish(start(tmp_path, cluster.address, "--allow-remote"))["articles"] == 5
    finally:
        cluster.remove_node(node, allow_graceful=False)


def find_outer_address() -> str:
    """Return this machine's address on its network; nothing is sent. Skips where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine is on no network")
        return way.getsockname()[0]


@pytest.mark.long
def test_what_listens_and_is_no_cluster_is_told(tmp_path: Path):
    (tmp_path / "articles").symlink_to(SEEDS)
    with socket.create_server(("127.0.0.1", 0)) as server:
        building = start(tmp_path, f"127.0.0.1:{server.getsockname()[1]}")
        _, trouble = building.communicate(timeout=SECONDS)
    assert building.returncode == 5
    assert "Traceback" not in trouble
    assert trouble.splitlines()[-1].startswith("hint:  ray start --head")
