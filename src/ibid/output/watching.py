"""Watched questions for a terminal and for programs: what answered, and what does now."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ibid.output.printing import Console, Text
from ibid.text import count, set_apart
from ibid.watched import Difference, Fate, Outcome, Quoted, Watched

FATES = {
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


def print_watched(questions: Sequence[Watched], console: Console) -> None:
    """Print the questions that are kept, and what answered each."""
    for watched in questions:
        articles = len({quote.article for quote in watched.quotes})
        size = f"{count(len(watched.quotes), 'quote')} of {count(articles, 'article')}"
        about = f"  {size}, {watched.since[:10]}"
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
        if outcome.before.lead != outcome.now.lead:
            _print_line("was", outcome.before.lead or "quotes alone", console)
            _print_line("now", outcome.now.lead or "quotes alone", console)
        for difference in outcome.differences:
            _print_difference(difference, console)
        console.print()
    total = count(len(outcomes), "watched question")
    return console.print(Text(f"Something else answers {len(changed)} of {total}.", style="dim"))


def _print_difference(difference: Difference, console: Console) -> None:
    was, now = FATES[difference.fate]
    for label, quote in ((was, difference.old), (now, difference.new)):
        if quote:
            _print_line(label, _say(quote), console)


def _print_line(label: str, text: str, console: Console) -> None:
    console.print(Text.assemble((f"  {label}: ", "cyan"), text))


def _say(quote: Quoted) -> str:
    return f"“{set_apart(quote.text)}” {quote.article}:{quote.line}"
