"""`ibid watch-questions`: keep questions, and tell whose evidence changed."""

from datetime import UTC, datetime

import click

from ibid.cli.console import open_library, print_json, read_words, say, stdout, tell_if_stale
from ibid.cli.options import shared
from ibid.errors import UsageError
from ibid.text import count

OTHER_EVIDENCE = 6
"""Exit code where something else answers a watched question than before."""


@click.command("watch-questions")
@click.argument("question", nargs=-1)
@click.option("--list", "listing", is_flag=True, help="List the questions; none is asked.")
@click.option("--remove", is_flag=True, help="Watch QUESTION no more.")
@click.option("--accept", is_flag=True, help="Tell it this once: what answers now is known then.")
@click.option("--exit-status", is_flag=True, help="Exit with 6 when something else answers.")
@shared("articles", "index", "embedder", "json")
def watch_questions(
    question: tuple[str, ...],
    *,
    listing: bool,
    remove: bool,
    accept: bool,
    exit_status: bool,
    as_json: bool,
    **flags: str | None,
) -> int:
    """Watch QUESTION, or list the watched questions that something else answers now.

    A question is kept with the sentences that answer it. Without QUESTION each one is asked again,
    without a model, and shown where its sentences changed, moved or went, or others answer: with
    the old quote and the new one, until --accept. A QUESTION that is `-` is read from standard
    input. For cron: `ibid build --quiet && ibid watch-questions --accept --exit-status`.
    """
    from ibid import output
    from ibid.watched import Watchlist

    _check(question, listing=listing, remove=remove, report=accept or exit_status)
    library = open_library(flags)
    watchlist, now = Watchlist(library), datetime.now(UTC).isoformat(timespec="seconds")
    if remove:
        watchlist.remove(read_words(question))
        return say("It is watched no more.", err=True) or 0
    if listing or question:
        added = [watchlist.add(read_words(question), now)] if question else []
        entries = added or watchlist.questions()
        if as_json:
            return print_json([output.watched_json(entry) for entry in entries]) or 0
        return output.print_watched(entries, stdout()) or 0
    outcomes = [watchlist.compare(entry, now) for entry in watchlist.questions()]
    if as_json:
        print_json([output.outcome_json(outcome) for outcome in outcomes])
    else:
        output.print_outcomes(outcomes, stdout())
        tell_if_stale(library)
    changed = sum(outcome.changed for outcome in outcomes)
    if accept and changed:
        watchlist.accept(outcomes)
        say(f"What answers {count(changed, 'question')} now is known.", err=True)
    return OTHER_EVIDENCE if exit_status and changed else 0


def _check(question: tuple[str, ...], *, listing: bool, remove: bool, report: bool) -> None:
    """Raise UsageError for options that say nothing together."""
    if remove and not question:
        raise UsageError("--remove takes a QUESTION", hint="ibid watch-questions --list")
    if sum((listing, remove, report)) > 1 or (question and (listing or report)):
        hint = "ibid watch-questions --help"
        raise UsageError("these options have no effect together", hint=hint)
