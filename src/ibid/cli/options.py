"""The options that several commands share."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from ibid.cli.versions import WITH_PARTS, print_versions
from ibid.errors import UsageError

_NAMED = click.Path(path_type=Path)

Command = TypeVar("Command", bound=Callable[..., Any])

_FLAGS = {"--json=brief": "--brief", "--json=full": "--json"}

_SHOWN = 60
"""Characters of an argument that a message shows."""


class Verbs(click.Group):
    """The verbs of the command; an argument that is no text is refused for all of them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        for arg in args:
            if any("\ud800" <= char <= "\udfff" for char in arg):
                text = ascii(arg if len(arg) <= _SHOWN else f"{arg[:_SHOWN]}…")
                raise UsageError(f"an argument is not UTF-8: {text}", hint="write it in UTF-8")
        if sorted(args) == WITH_PARTS:
            print_versions()
            ctx.exit()
        return super().parse_args(ctx, _as_flags(args))


def _as_flags(args: list[str]) -> list[str]:
    """Return arguments with `--json=brief` as the flag it stands for: no other value follows it.

    An option that may have a value would take the question behind a bare `--json` for it.
    """
    end = args.index("--") if "--" in args else len(args)
    return [_FLAGS.get(arg, arg) for arg in args[:end]] + args[end:]


def _model(command: Command) -> Command:
    """Add the options that say which language model is asked, and where."""
    options = (
        click.option("--model", metavar="NAME", help="Language model, `auto` or `none`."),
        click.option("--server", metavar="URL", help="An OpenAI-compatible server, not Ollama."),
        click.option(
            "--allow-remote",
            is_flag=True,
            default=None,
            help="Let passages go to a model on another machine.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


class Form(Enum):
    """How a command prints what it found; for people is no form of JSON."""

    PEOPLE = ""
    JSON = "json"
    BRIEF = "brief"

    def __bool__(self) -> bool:
        return self is not Form.PEOPLE


def _form(command: Command) -> Command:
    """Add the options that say whether JSON is printed, as one Form named `form`."""

    @wraps(command)
    def run(*, as_json: bool, brief: bool, **arguments: Any) -> Any:
        form = Form.BRIEF if brief else Form.JSON if as_json else Form.PEOPLE
        return command(form=form, **arguments)

    help_text = "The same as --json=brief: short JSON, for agents."
    short: Any = click.option("--brief", is_flag=True, help=help_text)
    whole = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    return whole(short(run))


@dataclass(frozen=True, slots=True)
class Target:
    """Where something is to be written, and whether files that are there may be replaced."""

    path: Path
    force: bool


def target(option: str, metavar: str, help: str) -> Callable[[Command], Command]:
    """Add an option that says where to write, and --force, as one Target, None without it."""
    name = option.removeprefix("--")

    def add(command: Command) -> Command:
        @wraps(command)
        def run(*, force: bool, **arguments: Any) -> Any:
            path = arguments.pop(name)
            if force and path is None:
                hint = f"{option} {metavar} --force"
                raise UsageError(f"--force has no effect without {option}", hint=hint)
            if path == Path("-"):
                hint = f"{option} takes a {metavar}; the answer is on standard output"
                raise UsageError(f"{option} writes to no stream", hint=hint)
            return command(**{name: None if path is None else Target(path, force)}, **arguments)

        replacing: Any = click.option("--force", is_flag=True, help="Replace files that are there.")
        naming = click.option(option, type=_NAMED, metavar=metavar, help=help)
        return naming(replacing(run))

    return add


_PAGE_HELP = "Write a page (.html) with the quotes marked in their articles."
page_option = target("--html", "FILE", _PAGE_HELP)


def _given(_context: click.Context, _option: click.Parameter, folders: Any) -> Any:
    """Return the folders that were given, None where none was: a setting names them then."""
    return folders or None


def shared(*names: str) -> Callable[[Command], Command]:
    """Add the options that several commands share."""
    options = {
        "articles": click.option(
            "--articles",
            metavar="FOLDER",
            multiple=True,
            callback=_given,
            help="Folder of articles; may be repeated.",
        ),
        "index": click.option(
            "--index", metavar="FOLDER", help="Folder of the index, postgresql://… or milvus://…"
        ),
        "embedder": click.option("--embedder", metavar="NAME", help="Embedding model."),
        "reranker": click.option("--reranker", metavar="NAME", help="Cross-encoder for the order."),
        "model": _model,
        "form": _form,
        "json": click.option("--json", "as_json", is_flag=True, help="Print JSON."),
    }

    def add(command: Command) -> Command:
        for name in reversed(names):
            command = options[name](command)
        return command

    return add


def filters(command: Command) -> Command:
    """Give a command the options that choose articles, as one Filter named `within`."""

    @wraps(command)
    def run(
        *,
        since: str,
        until: str,
        author: tuple[str, ...],
        tag: tuple[str, ...],
        article: tuple[str, ...],
        folder: tuple[str, ...],
        **arguments: Any,
    ) -> Any:
        from ibid.search import Filter

        return command(within=Filter(since, until, author, tag, article, folder), **arguments)

    options = (
        click.option("--since", default="", metavar="DATE", help="2025, 2025-08 or 2025-08-31."),
        click.option("--until", default="", metavar="DATE", help="The same, that day included."),
        click.option("--author", multiple=True, metavar="NAME", help="A name or a word of it."),
        click.option("--tag", multiple=True, metavar="TAG", help="A tag, keyword or category."),
        click.option("--article", multiple=True, metavar="PATTERN", help="Id, glob or title part."),
        click.option("--folder", multiple=True, metavar="FOLDER", help="What ids begin with."),
    )
    filtered: Any = run
    for option in reversed(options):
        filtered = option(filtered)
    return filtered
