"""How commands open a library and how they talk: progress, JSON, consoles."""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Flag
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from ibid.errors import FolderError
from ibid.text import count

if TYPE_CHECKING:
    from rich.console import Console

    from ibid.filtering import Filter
    from ibid.library import Library
    from ibid.types import Progress

NOT_IN_THE_ARTICLES = 3
"""Exit code of a question that the articles do not answer."""

_LONGEST_INPUT = 1_000_000  # bytes; a question is refused long before


def open_library(flags: dict[str, Any]) -> "Library":
    """Return the library that options, environment and files set."""
    from ibid.library import Library
    from ibid.settings import load_settings

    return Library.open(settings=load_settings(flags))


@contextmanager
def progress_bar(*, hidden: bool) -> "Generator[Callable[[Progress], None]]":
    """Show how far something is, as long as it takes and where somebody looks on."""
    from rich import progress as rich

    label, left = rich.TextColumn("{task.description:>10}"), rich.TimeRemainingColumn()
    columns = (label, rich.BarColumn(), rich.MofNCompleteColumn(), left)
    console = stderr()
    hidden = hidden or not console.is_interactive
    with rich.Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        tasks: dict[str, Any] = {}

        def show(progress: "Progress") -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = bar.add_task(progress.stage)
            bar.update(tasks[progress.stage], completed=progress.done, total=progress.total)

        yield show


def read_words(words: tuple[str, ...]) -> str:
    """Return a question from its words or, for `-`, from standard input; bad bytes replaced."""
    if words == ("-",):
        said = sys.stdin.buffer.read(_LONGEST_INPUT)
    else:
        said = os.fsencode(" ".join(words))
    return said.decode("utf-8", "replace")


def tell_if_stale(library: "Library") -> None:
    """Say so when the folder has changed since the index was built."""
    try:
        changes = library.changes()
    except FolderError as error:
        changes = [str(error)]
    if changes:
        click.echo(f"note: the index is stale ({', '.join(changes)}): ibid build", err=True)


def tell_undated(library: "Library", within: "Filter") -> None:
    """Say how many articles a filter leaves out only because they have no date."""
    if within and (undated := library.select(within).undated):
        left_out = count(undated, "article")
        click.echo(f"note: {left_out} without a date cannot be filtered by one", err=True)


def write_page(file: Path, html: str) -> None:
    """Write an HTML page, and say where it is. Raises OSError."""
    file.write_text(html, encoding="utf-8", errors="replace")
    click.echo(f"The page is {file}", err=True)


def print_json(value: object) -> None:
    """Print data for programs."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2).encode())  # UTF-8 in any locale


def stdout() -> "Console":
    """Return where data goes."""
    from rich.console import Console

    width, height = shutil.get_terminal_size()  # rich takes each dumb terminal for 80 wide
    return Console(highlight=False, soft_wrap=False, width=width, height=height)


def stderr() -> "Console":
    """Return where talk goes."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


@contextmanager
def note_interrupts() -> Generator[Flag]:
    """Yield what is set by Ctrl-C, which is raised as ever.

    What is raised while Python clears an object away goes nowhere: this tells of it all the same.
    """
    told = Flag()

    def tell(number: int, frame: FrameType | None) -> None:
        told.set()
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, tell)
    try:
        yield told
    finally:
        signal.signal(signal.SIGINT, before)
