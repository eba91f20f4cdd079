"""How commands open a library and how they talk: progress, JSON, consoles."""

import json
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from ibid.library import Library
    from ibid.types import Progress


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
