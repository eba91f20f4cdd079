"""`ibid build --watch` follows what happens in the folder, and never reads a half-saved file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import ROOT
from ibid.errors import IndexUnusable
from ibid.library import Library
from ibid.testing import HashEmbedder
from interrupts import take_interrupts

LOSE_AN_INTERRUPT = (
    "import os, shutil, signal, ibid.adapters.tantivy_index as index; sent = []; "
    "index._remove = lambda links: (shutil.rmtree(links, True), sent or "
    "(sent.append(links), os.kill(os.getpid(), signal.SIGINT))); "
)
"""Ctrl-C while an index that was replaced is cleared away, where Python ignores what is raised."""

COMMAND = (
    "import ibid.library, ibid.testing; from ibid.cli import main; "
    "ibid.library.MiniLM = lambda precision: ibid.testing.HashEmbedder(); main()"
)


@pytest.fixture
def command() -> str:
    return COMMAND


@pytest.fixture
def watching(small: Library, articles: Path, command: str) -> Iterator[subprocess.Popen[str]]:
    arguments = ["build", "--watch", "--index", small.settings.index, str(articles)]
    with subprocess.Popen(
        [sys.executable, "-c", command, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=take_interrupts,  # noqa: PLW1509 - no thread runs here
    ) as process:
        wait_for(lambda: texts(small).keys() == {"apples.md", "pears.md"})
        time.sleep(0.5)  # it starts to watch
        yield process
        process.kill()


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def texts(library: Library) -> dict[str, str]:
    """Return the articles that a fresh process would see."""
    try:
        articles = Library(library.settings, HashEmbedder()).articles
    except IndexUnusable:
        return {}
    return {article.id: article.text for article in articles}


def test_the_index_follows_the_folder(
    watching: subprocess.Popen[str], small: Library, articles: Path
):
    (articles / "plums.md").write_text("# Plums\n\nPlums are purple.\n")
    wait_for(lambda: "plums.md" in texts(small))
    (articles / "plums.md").rename(articles / "damsons.md")
    wait_for(lambda: texts(small).keys() == {"apples.md", "damsons.md", "pears.md"})
    for path in articles.iterdir():
        path.unlink()  # which is an error, and not the end
    time.sleep(1.5)
    assert watching.poll() is None
    (articles / "figs.md").write_text("# Figs\n\nFigs are sweet.\n")
    wait_for(lambda: texts(small).keys() == {"figs.md"})
    watching.send_signal(signal.SIGINT)
    _, said = watching.communicate(timeout=60)
    assert "holds no articles" in said
    assert watching.returncode == 130


@pytest.mark.parametrize("command", [LOSE_AN_INTERRUPT + COMMAND])
def test_an_interrupt_is_heard_even_where_python_ignores_it(
    watching: subprocess.Popen[str], articles: Path
):
    (articles / "plums.md").write_text("# Plums\n\nPlums are purple.\n")
    _, said = watching.communicate(timeout=60)
    assert "Exception ignored" in said
    assert watching.returncode == 130


def test_a_file_that_is_saved_piece_by_piece_is_read_when_it_is_whole(
    watching: subprocess.Popen[str], small: Library, articles: Path
):
    seen: set[str] = set()
    with (articles / "long.md").open("w") as file:
        for number in range(12):
            file.write(f"# Part {number}\n\nThis is part {number}.\n\n")
            file.flush()
            time.sleep(0.15)
            seen.add(texts(small).get("long.md", ""))
    assert seen == {""}
    wait_for(lambda: "part 11" in texts(small).get("long.md", ""))
