"""`ibid compare`: what the articles claim about a topic, side by side."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

import click

from ibid.cli.console import (
    NOT_IN_THE_ARTICLES,
    open_library,
    print_brief,
    print_json,
    read_words,
    save_page,
    say,
    stdout,
    tell_if_stale,
    tell_undated,
)
from ibid.cli.options import Form, filters, page_option, shared

if TYPE_CHECKING:
    from ibid.cli.options import Target
    from ibid.library import Library
    from ibid.search import Filter


def name_articles(words: Sequence[str], library: "Library") -> tuple[str, ...]:
    """Return the ids of the articles that all words name, nothing where one names none.

    A name is an id, a path, or a file's name without its ending.
    """
    if not words:
        return ()
    by_name = {name: id for id in library.passage_counts for name in (id, PurePath(id).stem)}
    ids = [by_name.get(word) or by_name.get(PurePath(word).name) for word in words]
    return tuple(id for id in ids if id) if all(ids) and len({*ids}) > 1 else ()


@click.command("compare")
@click.argument("topic", nargs=-1)
@click.option("--exit-status", is_flag=True, help="Exit with 3 when the articles do not say.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown.")
@page_option
@filters
@shared("articles", "index", "embedder", "form")
def compare(
    topic: tuple[str, ...],
    *,
    exit_status: bool,
    as_markdown: bool,
    html: "Target | None",
    within: "Filter",
    form: Form,
    **flags: str | None,
) -> int:
    """Compare what the articles claim about TOPIC, each with its quote.

    A row is a claim; every article says so, differs, comes close or is silent. Articles by one
    author in a series and near-copies count as one source. Without a TOPIC the rows are what the
    articles have in common; with the names of two or more articles, what these have. A TOPIC that
    is `-` is read from standard input.
    """
    from ibid.output import (
        brief_comparison_json,
        comparison_json,
        comparison_page,
        print_comparison,
        write_markdown,
    )

    library = open_library(flags)
    if ids := name_articles(topic, library):
        within, topic = replace(within, articles=(*within.articles, *ids)), ()
    words = read_words(topic) if topic else ""
    tell_undated(library, within)
    comparison = library.compare(words, within)
    if form is Form.BRIEF:
        print_brief(brief_comparison_json(comparison, library))
    elif form:
        print_json(comparison_json(comparison, library))
    elif as_markdown:
        say(write_markdown(comparison, library))
    else:
        print_comparison(comparison, library, stdout())
        tell_if_stale(library)
    if html:
        save_page(html.path, comparison_page(comparison, library), library, force=html.force)
    nothing = not comparison.rows and not comparison.alone
    return NOT_IN_THE_ARTICLES if exit_status and nothing else 0
