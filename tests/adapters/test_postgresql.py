"""An index in PostgreSQL beside one in a folder, and what goes wrong with a server."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT, SEEDS
from databases import PASSWORD, Server
from ibid.adapters.indexes.postgresql.address import read_address
from ibid.adapters.indexes.postgresql.connection import Database, execute
from ibid.adapters.indexes.postgresql.tables import NEIGHBOURS
from ibid.adapters.indexes.postgresql.vectors import PostgresVectors
from ibid.errors import (
    IbidError,
    IndexDamaged,
    IndexForeign,
    IndexMissing,
    IndexUnreadable,
    UsageError,
)
from ibid.library import Library
from ibid.output import answer_json, comparison_json
from ibid.ports import Vectors
from ibid.settings import Settings
from served_libraries import again, assert_error, edit, open_library, rounded, run

QUESTIONS = json.loads((ROOT / "tests" / "data" / "seed_questions.json").read_text("utf-8"))
ARTICLE = "Apples grow on trees in orchards."


@pytest.fixture
def library(postgresql: Server, tmp_path: Path) -> Library:
    """A small library in PostgreSQL, built."""
    library = open_library(tmp_path, postgresql.address())
    library.build()
    return library


def name_of(library: Library) -> str:
    return read_address(library.settings.index).library


# Beside an index in a folder


@pytest.fixture(scope="module")
def in_postgresql(postgresql: Server) -> Library:
    """The seeds in PostgreSQL, with the real embedder."""
    library = Library.open(SEEDS, postgresql.address(), Settings(model="none"))
    library.build()
    return library


@pytest.mark.long
def test_the_seeds_answer_word_for_word_the_same(library_of_seeds: Library, in_postgresql: Library):
    for question in QUESTIONS[::4]:
        one, other = (
            rounded(answer_json(each.ask(question), each))
            for each in (library_of_seeds, in_postgresql)
        )
        assert one == other, question


@pytest.fixture(scope="module")
def library_of_seeds(seed_index: Path) -> Library:
    return Library.open(SEEDS, seed_index, Settings(model="none"))


@pytest.mark.parametrize("topic", ["black box", "challenges of AI in drug discovery", ""])
def test_the_seeds_compare_the_same(library_of_seeds: Library, in_postgresql: Library, topic: str):
    one, other = (
        rounded(comparison_json(each.compare(topic), each))
        for each in (library_of_seeds, in_postgresql)
    )
    assert one == other


def test_the_index_of_the_seeds_is_whole(in_postgresql: Library):
    assert in_postgresql.check() == []
    assert in_postgresql.changes() == []
    assert not in_postgresql.build().changed


# Vectors


@pytest.fixture(scope="module")
def many(postgresql: Server) -> tuple[Database, Vectors]:
    """Vectors in a hundred groups, with an index of neighbours."""
    random = np.random.default_rng(1)
    centres = random.normal(size=(100, 64))
    vectors = centres[random.integers(0, 100, 6000)] + 0.7 * random.normal(size=(6000, 64))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    with postgresql.connect() as connection:
        connection.execute("create schema many")
        connection.execute("create table many.vectors (row int primary key, vector vector(64))")
        with connection.cursor().copy("copy many.vectors from stdin") as copy:
            for row, vector in enumerate(vectors.tolist()):
                copy.write_row((row, str(vector)))
        connection.execute("set search_path to many, public")
        execute(connection, NEIGHBOURS, dimensions=64)
        connection.execute("analyze many.vectors")
    return Database(read_address(postgresql.address()), "many"), vectors


@pytest.mark.parametrize("share", [1.0, 0.3, 0.02, 0.001])
def test_neighbours_are_found_under_any_filter(many: tuple[Database, Vectors], share: float):
    database, vectors = many
    index = PostgresVectors(database, "vectors", len(vectors), near=True, few=10)
    random = np.random.default_rng(2)
    rows = sorted(random.choice(len(vectors), round(share * len(vectors)), replace=False).tolist())
    found = wanted = 0
    for query in vectors[random.choice(len(vectors), 30)]:
        exact = [rows[place] for place in np.argsort(-(vectors[rows] @ query), kind="stable")[:10]]
        hits = index.search(query[None], 10, None if share == 1 else rows)
        assert len(hits) == len(exact)
        found += len({row for row, _ in hits} & {*exact})
        wanted += len(exact)
    assert found >= (0.98 if share == 1 else 0.95) * wanted


@pytest.mark.parametrize("chosen", ["", "where row <@ '{[0,2000)}'::int4multirange"])
def test_many_vectors_are_looked_for_by_their_index(many: tuple[Database, Vectors], chosen: str):
    database, vectors = many
    order = "order by vector::halfvec(64) <#> %s::halfvec(64) limit 35"
    plan = f"explain select row, vector from vectors {chosen} {order}"  # noqa: S608
    assert "neighbours" in str(database.rows(plan, vectors[0]))


# Addresses


@pytest.mark.parametrize(
    ("text", "server", "library"),
    [
        ("postgresql://ana@db/x?library=posts", "postgresql://ana@db/x", "posts"),
        ("postgresql://db/x?sslmode=verify-full", "postgresql://db/x?sslmode=verify-full", "ibid"),
        ("postgresql:///?service=s&library=a_1", "postgresql:///?service=s", "a_1"),
        ("postgresql://a:5432,b:5433/x?library=y", "postgresql://a:5432,b:5433/x", "y"),
        ("postgresql://u@/x?host=/run/pg", "postgresql://u@/x?host=/run/pg", "ibid"),
    ],
)
def test_an_address_names_a_server_and_a_library(text: str, server: str, library: str):
    address = read_address(text)
    assert (address.server, address.library) == (server, library)


@pytest.mark.parametrize("name", ["", "A", "1a", "a-b", 'a"; drop', "x" * 41])
def test_a_library_that_no_schema_can_be_called_is_refused(name: str):
    with pytest.raises(UsageError, match="no library can be called"):
        read_address(f"postgresql://db/x?library={name}")


def test_two_libraries_in_one_database_are_apart(library: Library, postgresql: Server):
    other = open_library(Path(library.folder).parent, postgresql.address())
    with pytest.raises(IndexMissing):
        other.search("apples")
    (other.folder / "apples.md").unlink()
    other.build()
    assert [article.id for article in other.articles] == ["pears.md"]
    assert [article.id for article in again(library).articles] == ["apples.md", "pears.md"]


# Generations


def generations(library: Library, postgresql: Server) -> list[str]:
    query = "select nspname from pg_namespace where nspname like %s order by 1"
    return [name for (name,) in postgresql.run(query, f"{name_of(library)}\\_%")]


def test_the_generation_before_stays_for_those_who_read_it(library: Library, postgresql: Server):
    reader = again(library)
    asked = reader.articles
    first = generations(library, postgresql)
    edit(library, "Apples fall in autumn.")
    library.build()
    assert len(generations(library, postgresql)) == 2
    assert len(list(asked)) == 2  # of the generation before
    edit(library, "Apples rot in winter.")
    library.build()
    assert len(generations(library, postgresql)) == 2
    assert not {*first} & {*generations(library, postgresql)}
    assert reader.search("apples rot")[0].passage.text.startswith("# Apples\n\nApples rot")


_CHILD = """
import sys
from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder
tell = lambda progress: print(progress.stage, flush=True)
Library.open(*sys.argv[1:], Settings(model="none"), embedder=HashEmbedder()).build(tell)
"""


def test_a_build_killed_while_it_publishes_leaves_nothing(library: Library, postgresql: Server):
    before = generations(library, postgresql)
    edit(library, "Apples fall in autumn.")
    with postgresql.connect() as connection:
        connection.execute("begin")
        execute(connection, "lock table {library}.generations", library=name_of(library))
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", _CHILD, str(library.folder), library.settings.index]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as child:
            waiting = "select count(*) from pg_locks where not granted"
            deadline = time.monotonic() + 60
            while connection.execute(waiting).fetchone() == (0,):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            child.send_signal(signal.SIGKILL)
        connection.execute("rollback")
    deadline = time.monotonic() + 10
    while "another build" in build_error(library):
        assert time.monotonic() < deadline  # the server has not seen yet that the build is gone
    assert len(generations(library, postgresql)) == len(before) + 1
    assert again(library).check() == []
    assert again(library).search("autumn")[0].passage.article == "apples.md"


def build_error(library: Library) -> str:
    try:
        again(library).build()
    except IbidError as error:
        return str(error)
    return ""


# What is checked


def test_check_names_the_table_that_was_changed(library: Library, postgresql: Server):
    schema = generations(library, postgresql)[0]
    edit = "update {schema}.passages set stems = stems || ' plum' where row = 0"
    postgresql.run(edit, schema=schema)
    postgresql.run("delete from {schema}.postings where row = 1", schema=schema)
    found = {problem.where: problem.what for problem in again(library).check()}
    assert found["passages"] == "has other rows than it was given"
    assert "rows, not" in found["postings"]
    assert len(found) == 2
    result = run("check", "--index", library.settings.index, "--embedder", "all-MiniLM-L6-v2")
    assert result.returncode == 4


def test_a_table_that_is_gone_is_damage_that_a_build_mends(library: Library, postgresql: Server):
    schema = generations(library, postgresql)[0]
    postgresql.run("drop table {schema}.contents", schema=schema)
    with pytest.raises(IndexDamaged):
        again(library).search("apples")
    assert again(library).build().changed
    assert again(library).check() == []


def test_tables_of_another_layout_are_refused(library: Library, postgresql: Server):
    newer = "update {library}.library set layout = layout + 1"
    postgresql.run(newer, library=name_of(library))
    with pytest.raises(IndexForeign, match="layout 2, this ibid reads 1") as caught:
        again(library).search("apples")
    assert caught.value.hint == "ibid build"
    assert again(library).build().changed
    assert again(library).search("apples")


def test_vectors_of_other_dimensions_are_damage(library: Library, postgresql: Server):
    schema = generations(library, postgresql)[0]
    postgresql.run("truncate {schema}.vectors", schema=schema)
    narrower = "alter table {schema}.vectors alter column vector type vector(32)"
    postgresql.run(narrower, schema=schema)
    with pytest.raises(IndexDamaged, match="not of 64 numbers"):
        again(library).search("apples")


# Roles


def test_a_reader_asks_and_cannot_build(library: Library, postgresql: Server, tmp_path: Path):
    address = postgresql.address(name_of(library), user="reader")
    reader = open_library(tmp_path, address)
    with pytest.raises(IndexUnreadable, match="may not be read"):
        reader.search("apples")
    for right in ("usage on schema", "select on all tables in schema"):
        postgresql.run(f"grant {right} {{schema}} to reader", schema=name_of(library))
    with pytest.raises(IndexUnreadable, match="may not be read by this role"):
        reader.search("apples")
    assert not library.build().changed  # and yet lets readers of the library read what is there
    assert reader.search("apples")
    edit(library, "Apples fall in autumn.")
    library.build()
    assert reader.search("autumn")
    assert reader.check() == []
    edit(library, "Apples rot in winter.")
    with pytest.raises(IbidError, match="may not be written") as caught:
        reader.build()
    assert caught.value.exit_code == 1
    assert reader.search("autumn")


def test_a_database_without_pgvector_says_what_to_run(postgresql: Server, tmp_path: Path):
    postgresql.run("create database plain owner owner", user="postgres")
    address = postgresql.address().replace("/postgres?", "/plain?")
    with pytest.raises(IbidError, match="has no pgvector") as caught:
        open_library(tmp_path, address).build()
    assert "CREATE EXTENSION vector" in caught.value.hint


# Secrets, and servers that are not there


def test_a_server_that_is_not_there_is_told_in_a_line(tmp_path: Path):
    address = f"postgresql://ana@/x?host={tmp_path}"
    for verb in (["ask", "x"], ["check"], ["build", str(SEEDS)]):
        assert_error(run(*verb, "--index", address), 4, "cannot be read now", "then try again")


def test_a_wrong_password_is_told_and_not_repeated(library: Library):
    result = run("ask", "apples", "--index", library.settings.index, PGPASSWORD="not-the-one")
    assert_error(result, 4, "password authentication failed")
    assert "not-the-one" not in result.stderr


def test_a_service_file_has_what_an_address_leaves_out(
    library: Library, postgresql: Server, tmp_path: Path
):
    service = tmp_path / "services"
    service.write_text(
        f"[posts]\nhost={postgresql.folder}\nuser=owner\ndbname=postgres\npassword={PASSWORD}\n"
    )
    result = run(
        "config",
        "--index",
        f"postgresql:///?service=posts&library={name_of(library)}",
        PGSERVICEFILE=str(service),
        PGPASSWORD="",
    )
    assert PASSWORD not in result.stdout + result.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PGPASSWORD")
        patch.setenv("PGSERVICEFILE", str(service))
        address = f"postgresql:///?service=posts&library={name_of(library)}"
        assert open_library(tmp_path, address).search("apples")


def test_no_password_is_kept(library: Library, postgresql: Server):
    ((row,),) = postgresql.run("select t::text from {name}.library t", name=name_of(library))
    assert PASSWORD not in row
    assert "apples.md" in row


def test_a_server_that_is_started_again_answers_the_same_library(
    library: Library, postgresql: Server
):
    before = library.search("apples")
    postgresql.stop()
    try:
        with pytest.raises(IndexUnreadable, match="cannot be read now"):
            library.search("apples")
    finally:
        postgresql.start()
    assert library.search("apples") == before


def test_questions_and_builds_go_on_at_a_replica_that_is_promoted(
    postgresql: Server, tmp_path: Path
):
    with postgresql.replica() as replica:
        hosts = f"host={postgresql.folder},{replica.folder}"
        address = f"postgresql://owner@/postgres?{hosts}&library=followed"
        library = open_library(tmp_path, address)
        library.build()
        before = library.search("apples")
        ((position,),) = postgresql.run("select pg_current_wal_lsn()::text")
        behind = "select coalesce(pg_last_wal_replay_lsn() < %s::pg_lsn, true)"
        while replica.run(behind, position) == [(True,)]:
            time.sleep(0.02)
        postgresql.stop()
        try:
            assert library.search("apples") == before
            with pytest.raises(IbidError, match="read-only"):
                library.build()
            replica.promote()
            edit(library, "Apples fall in autumn.")
            assert library.build().changed
            assert library.search("autumn")[0].passage.article == "apples.md"
        finally:
            replica.stop()
            postgresql.start()


def test_what_needs_psycopg_names_the_extra(tmp_path: Path):
    program = "import sys; sys.modules['psycopg'] = None; from ibid.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", program, "ask", "x", "--index", "postgresql://db/x"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert_error(result, 1, "psycopg is not installed")
