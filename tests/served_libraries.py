"""Small libraries whose index lies on a server, and the command that is run against them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from conftest import write_articles
from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder

SECRET = "only-for-tests"  # noqa: S105
"""The password, or the token, of every server that tests start."""


def open_library(folder: Path, address: str) -> Library:
    """Return a small library whose index is at an address, with articles in a folder."""
    articles = folder / "articles"
    if not articles.exists():
        write_articles(articles)
    settings = Settings(model="none").changed({"index": address}, "option")
    return Library.open(articles, settings=settings, embedder=HashEmbedder())


def again(library: Library) -> Library:
    """Return the same library as another process opens it."""
    return Library(library.settings, HashEmbedder())


def edit(library: Library, text: str) -> None:
    (library.folder / "apples.md").write_text(f"# Apples\n\n{text}\n", "utf-8")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    known = {**os.environ, "IBID_MODEL": "none", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "ibid", *arguments]
    environment = {**known, **environment}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def assert_error(result: subprocess.CompletedProcess[str], code: int, *parts: str) -> None:
    """One line says what happened, one what to do, and no secret is in them."""
    assert (result.returncode, result.stdout) == (code, ""), result.stderr
    first, second = result.stderr.splitlines()
    assert first.startswith("error: ")
    assert second.startswith("hint:  ")
    assert all(part in result.stderr for part in parts), result.stderr
    assert SECRET not in result.stderr


def rounded(value: dict[str, Any]) -> Any:
    """Return what is printed as JSON, with four digits of each number and no word of the run."""
    run = value.pop("run")
    assert run["embedder"] == "all-MiniLM-L6-v2"
    return json.loads(json.dumps(value), parse_float=lambda text: round(float(text), 4))
