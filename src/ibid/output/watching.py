"""Watched questions for a terminal and for programs: what answered, and what does now."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from ibid.output.printing import Console, Text
from ibid.text import count, set_apart
from ibid.watched import Fate, Outcome, Quoted, Watched

_FATES = {
    Fate.CHANGED: ("was", "now"),
    Fate.MOVED: ("said by", "now by"),
    Fate.UNQUOTED: ("still there, answers no more", ""),
    Fate.GONE: ("gone", ""),
    Fate.NEW: ("", "new"),
}
"""What stands before the old quote and before the new one."""

_NONE = "No question is watched: ibid watch-questions QUESTION"


def watched_json(watched: Watched) -> dict[str, Any]:
    """Return a question and what answered it as `watch-questions --list --json` prints it."""
    return {name: value for name, value in asdict(watched).items() if name != "format"}


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """Return what became of a question as `watch-questions --json` prints it."""
    return {
        "question": outcome.before.question,
        "since": outcome.before.since,
        "changed": outcome.changed,
        "status": {"old": outcome.before.status, "new": outcome.now.status},
        "lead": {"old": outcome.before.lead, "new": outcome.now.lead},
        "differences": [asdict(difference) for difference in outcome.differences],
    }


def say_size(watched: Watched) -> str:
    """Return how many quotes of how many articles answered a question."""
    articles = len({quote.article for quote in watched.quotes})
    return f"{count(len(watched.quotes), 'quote')} of {count(articles, 'article')}"


def list_changes(outcome: Outcome) -> Iterator[tuple[str, str | Quoted]]:
    """Yield what answered and what answers now, each behind its label."""
    before, now = outcome.before.lead, outcome.now.lead
    if before != now:
        yield from (("was", before or "quotes alone"), ("now", now or "quotes alone"))
    for difference in outcome.differences:
        quotes = (difference.old, difference.new)
        labelled = zip(_FATES[difference.fate], quotes, strict=True)
        yield from ((label, quote) for label, quote in labelled if quote)


def print_watched(questions: Sequence[Watched], console: Console) -> None:
    """Print the questions that are kept, and what answered each."""
    for watched in questions:
        about = f"  {say_size(watched)}, {watched.since[:10]}"
        console.print(Text.assemble((watched.question, "bold"), (about, "dim")))
    if not questions:
        console.print(_NONE)


def print_outcomes(outcomes: Sequence[Outcome], console: Console) -> None:
    """Print each question that something else answers now, with the old and the new quotes."""
    if not outcomes:
        return console.print(_NONE)
    changed = [outcome for outcome in outcomes if outcome.changed]
    for outcome in changed:
        console.print(Text(outcome.before.question, style="bold"))
        console.print(Text(f"  as of {outcome.before.since[:10]}", style="dim"))
        for label, change in list_changes(outcome):
            text = _say(change) if isinstance(change, Quoted) else change
            console.print(Text.assemble((f"  {label}: ", "cyan"), text))
        console.print()
    total = count(len(outcomes), "watched question")
    return console.print(Text(f"Something else answers {len(changed)} of {total}.", style="dim"))


def _say(quote: Quoted) -> str:
    return f"“{set_apart(quote.text)}” {quote.article}:{quote.line}"
