"""The options that several commands share."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


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


page_option = click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a page with the quotes marked in their articles.",
)


def shared(*names: str) -> Callable[[Command], Command]:
    """Add the options that several commands share."""
    known = {
        "articles": click.option("--articles", metavar="FOLDER", help="Folder of articles."),
        "index": click.option("--index", metavar="FOLDER", help="Folder of the index."),
        "embedder": click.option("--embedder", metavar="NAME", help="Embedding model."),
        "model": _model,
        "json": click.option("--json", "as_json", is_flag=True, help="Print JSON."),
    }

    def add(command: Command) -> Command:
        for name in reversed(names):
            command = known[name](command)
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
        **rest: Any,
    ) -> Any:
        from ibid.filtering import Filter

        return command(within=Filter(since, until, author, tag, article), **rest)

    options = (
        click.option("--since", default="", metavar="DATE", help="2025, 2025-08 or 2025-08-31."),
        click.option("--until", default="", metavar="DATE", help="The same, that day included."),
        click.option("--author", multiple=True, metavar="NAME", help="A name or a word of it."),
        click.option("--tag", multiple=True, metavar="TAG", help="A tag, keyword or category."),
        click.option("--article", multiple=True, metavar="PATTERN", help="Id, glob or title part."),
    )
    filtered: Any = run
    for option in reversed(options):
        filtered = option(filtered)
    return filtered
