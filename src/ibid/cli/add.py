"""`ibid add`: pages and feeds of the web become articles, because somebody named them."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ibid.cli.console import complain, open_library, print_json, say
from ibid.cli.options import shared
from ibid.errors import IbidError
from ibid.storage import hint_for
from ibid.text import count

if TYPE_CHECKING:
    from ibid.incoming import Added


@click.command("add")
@click.argument("url", nargs=-1, required=True)
@click.option("--into", metavar="FOLDER", help="Which of several folders; else the first.")
@shared("articles", "index", "json")
def add(url: tuple[str, ...], *, into: str | None, as_json: bool, **flags: str | None) -> int:
    """Fetch each URL, and save it into the folder of articles as Markdown.

    A page becomes a file with its title, authors, date and address in front; a feed becomes a file
    for each of its first 100 entries, with as much of their text as the feed has. Nothing is
    overwritten, and a page that is there already stays as it is. No other command fetches anything,
    and this one takes nothing from private addresses, nothing that is larger than 5 MB, and follows
    5 redirects at most. Then `ibid build` reads what was added.
    """
    folders, code = open_library(flags).folders, 0
    folder = folders.named(into) if into else folders.first
    all_added: list[Added] = []
    for address in url:
        try:
            added = _add(address, folder)
        except IbidError as error:
            code = complain(error)
            continue
        all_added += added
        if not as_json:
            _tell(added, folder)
    if as_json:
        print_json([asdict(page) | {"path": (folder / page.name).as_posix()} for page in all_added])
    return code


def _add(url: str, folder: Path) -> "list[Added]":
    """Return what a URL was saved as. Raises IbidError."""
    from ibid.incoming import Guard, add_page, fetch

    today = datetime.now().astimezone().date().isoformat()
    page = fetch(url, Guard())
    try:
        return add_page(page, folder, today)
    except OSError as error:
        message = f"{folder} cannot be written to: {error.strerror}"
        raise IbidError(message, hint=hint_for(error)) from error


def _tell(added: "list[Added]", folder: Path) -> None:
    for page in added:
        if page.new:
            say(f"{(folder / page.name).as_posix()}  {page.title}")
        for warning in page.warnings:
            say(f"note on {page.name}: {warning}", err=True)
    if old := sum(not page.new for page in added):
        say(f"note: in the folder already, and as before: {count(old, 'page')}", err=True)
