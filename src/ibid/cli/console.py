"""How commands open a library and how they talk: progress, JSON, consoles."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event as Flag
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO

import click

from ibid.errors import FolderError, IbidError, UsageError, name_missing
from ibid.storage import hint_for
from ibid.text import collapse, count, printable

if TYPE_CHECKING:
    from ibid.library import Library
    from ibid.output import Console
    from ibid.search import Filter
    from ibid.settings import Settings
    from ibid.types import Progress

NOT_IN_THE_ARTICLES = 3
"""Exit code of a question that the articles do not answer."""

_LONGEST_INPUT = 1_000_000  # bytes; a question is refused long before
_PAGES = (".html", ".htm")


class Screen:
    """A stream whose text is shown as `printable` says; bytes and all else are the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write text, marks in place of what hides."""
        self.stream.write(printable(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of the lines."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def guard_streams() -> None:
    """Let nothing that is written to stdout or stderr act: messages, warnings, logs, tracebacks."""
    untyped: Any = sys
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream and not isinstance(stream, Screen):  # None where the caller closed it
            setattr(untyped, name, Screen(stream))


def flush_streams(code: int) -> int:
    """Return the exit code once all is written that can be: 1 where some of it could not be."""
    streams: tuple[Any, ...] = (sys.stdout, sys.stderr)
    for number, stream in enumerate(streams, start=1):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            point_nowhere(number)
            code = code or 1
    return code


def point_nowhere(number: int) -> None:
    """Leave nothing to a stream that Python would try to write, and fail to, when it ends."""
    os.close(number)  # first: there may be no room for another open file
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if nowhere != number:
        os.dup2(nowhere, number)


def open_library(flags: dict[str, Any]) -> "Library":
    """Return the library that options, environment and files set."""
    from ibid.library import Library

    return Library.open(settings=read_settings(flags))


def read_settings(flags: Mapping[str, Any]) -> "Settings":
    """Return what options, environment and files set, and say what a file may not."""
    from ibid.settings import load_settings

    settings = load_settings(flags)
    if names := ", ".join(settings.ignored):
        where = printable(next(iter(settings.ignored.values())).partition(": ")[0])
        say(f"note: {names} of {where} are ignored: ibid config", err=True)
    return settings


@contextmanager
def progress_bar(*, hidden: bool) -> "Generator[Callable[[Progress], None]]":
    """Show how far something is, as long as it takes and where somebody looks on."""
    from rich import progress as rich

    label, remaining = rich.TextColumn("{task.description:>10}"), rich.TimeRemainingColumn()
    columns = (label, rich.BarColumn(), rich.MofNCompleteColumn(), remaining)
    console = stderr()
    hidden = hidden or not console.is_interactive
    alone: dict[str, Any] = {"redirect_stdout": False, "redirect_stderr": False}
    with rich.Progress(*columns, console=console, transient=True, disable=hidden, **alone) as bar:
        tasks: dict[str, Any] = {}

        def show(progress: "Progress") -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = bar.add_task(progress.stage)
            bar.update(tasks[progress.stage], completed=progress.done, total=progress.total)

        yield show


def read_words(words: tuple[str, ...]) -> str:
    """Return a question from its words or, for `-`, from standard input; bad bytes replaced."""
    if words == ("-",):
        data = sys.stdin.buffer.read(_LONGEST_INPUT)
    else:
        data = os.fsencode(" ".join(words))
    return data.decode("utf-8", "replace")


def tell_if_stale(library: "Library") -> None:
    """Say so when the folder has changed since the index was built."""
    try:
        changes = library.changes()
    except FolderError as error:
        changes = [str(error)]
    if changes:
        say(f"note: the index is stale ({', '.join(changes)}): ibid build", err=True)


def tell_undated(library: "Library", within: "Filter") -> None:
    """Say how many articles a filter leaves out only because they have no date."""
    if within and (undated := library.select(within).undated):
        left_out = count(undated, "article")
        say(f"note: {left_out} without a date cannot be filtered by one", err=True)


def save_page(path: Path, html: str, library: "Library", *, force: bool) -> None:
    """Write an HTML page, and say where it is. Raises UsageError, IbidError."""
    from ibid.output import is_page
    from ibid.storage import save_file

    try:
        if not force and path.suffix.lower() not in _PAGES and _is_free(path):
            hint = "name it .html: others may be read as settings; --force takes any name"
            raise UsageError(f"{path} is not what a page is called", hint=hint)
        refuse_own_folders(path, library)
        save_file(path, html.encode(), may_replace=lambda there: force or is_page(there))
    except OSError as error:
        hint = "--html takes another FILE, in a folder that is there"
        raise IbidError(f"{path} cannot be written: {error.strerror}", hint=hint) from error
    say(f"The page is {path}", err=True)


def _is_free(path: Path) -> bool:
    """Tell whether there is nothing at a path. Raises OSError where that cannot be told."""
    try:
        path.lstat()
    except FileNotFoundError:
        return True
    return False


def refuse_own_folders(path: Path, library: "Library") -> None:
    """Raise UsageError for a path in the index, and for one among the articles that would be one.

    Raises OSError for a folder that cannot be looked at.
    """
    from ibid.reading import SUFFIXES

    place = Path(os.path.realpath(path.parent))
    is_article = path.suffix.lower() in SUFFIXES
    paths = [library.store.root, *(library.folders.paths if is_article else ())]
    for own in (folder for folder in paths if folder.is_dir()):
        if any(folder.is_dir() and folder.samefile(own) for folder in (place, *place.parents)):
            hint = "name a place outside of that folder"
            raise UsageError(f"{path} is in {own}, where ibid reads from", hint=hint)


def say(text: str, *, err: bool = False) -> None:
    """Print a line of plain text, marks in place of what hides."""
    click.echo(printable(text), file=sys.stderr if err else sys.stdout)


def print_article(text: str) -> None:
    """Print an article to the byte or, for somebody who looks on, as it is safe to read."""
    if sys.stdout and sys.stdout.isatty():
        click.echo(printable(text), file=sys.stdout, nl=False)
    else:
        click.echo(text.encode("utf-8", "surrogatepass"), file=sys.stdout, nl=False)


def complain(error: Exception) -> int:
    """Say what went wrong and what to do; return the exit code of it."""
    if missing := name_missing(error):
        error = missing
    match error:
        case IbidError():
            return print_error(str(error), error.hint, error.exit_code)
        case OSError():
            place = f"{error.filename}: " if error.filename else ""
            return print_error(f"{place}{error.strerror or error}", hint_for(error), 1)
        case MemoryError():
            return print_error(
                "there is not enough memory", "close other programs, or ask for less", 1
            )
        case _:
            hint = "this is a bug in ibid; `python -X dev -m ibid …` shows where"
            return print_error(f"unexpected {type(error).__name__}: {error}", hint, 1)


def print_error(message: str, hint: str, code: int) -> int:
    """Print a line that says what went wrong, and one that says what to do; return `code`."""
    with suppress(OSError):  # where nothing can be told the code still says it
        say(f"error: {collapse(message)}", err=True)
        if hint:
            say(f"hint:  {collapse(hint)}", err=True)
    return code


def print_json(value: object) -> None:
    """Print data for programs."""
    from ibid.output import dump_json

    click.echo(dump_json(value).encode(), file=sys.stdout)  # UTF-8 in any locale


def print_brief(value: object) -> None:
    """Print data for agents, on one line."""
    from ibid.output import dump_line

    click.echo(dump_line(value).encode(), file=sys.stdout)


def stdout() -> "Console":
    """Return where data goes."""
    from ibid.output import Console

    width, height = shutil.get_terminal_size()  # rich takes each dumb terminal for 80 wide
    file = _unguarded(sys.stdout)
    return Console(file=file, highlight=False, soft_wrap=False, width=width, height=height)


def stderr() -> "Console":
    """Return where talk goes."""
    from ibid.output import Console

    return Console(file=_unguarded(sys.stderr), stderr=True, highlight=False)


def _unguarded(stream: TextIO) -> TextIO:
    """Return the stream for a Console, whose text is as `printable` says and whose styles are."""
    return stream.stream if isinstance(stream, Screen) else stream


@contextmanager
def note_interrupts() -> Generator[Flag]:
    """Yield what is set by Ctrl-C, which is raised as ever.

    What is raised while Python clears an object away goes nowhere: this tells of it all the same.
    """
    flag = Flag()

    def tell(number: int, frame: FrameType | None) -> None:
        flag.set()
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, tell)
    try:
        yield flag
    finally:
        signal.signal(signal.SIGINT, before)
