"""`ibid check`: whether the index is whole, and whether its place does what every place has to."""

from typing import TYPE_CHECKING

import click

from ibid.cli.console import count, open_library, print_json, say
from ibid.cli.options import shared
from ibid.errors import IndexDamaged, UsageError

if TYPE_CHECKING:
    from ibid.library import Library


@click.command()
@click.option("--conformance", is_flag=True, help="Try the index's place with articles made up.")
@shared("articles", "index", "embedder", "json")
def check(*, conformance: bool, as_json: bool, **flags: str | None) -> int:
    """Check everything that the index promises: files, rows, places and vectors.

    Nothing is changed: the index can always be made anew from the articles. With --conformance,
    builds, kills and searches try the place instead, in libraries beside that are taken away.
    """
    if conformance and as_json:
        raise UsageError("--conformance prints lines, no JSON", hint="leave out --json")
    library = open_library(flags)
    return _try_place(library) if conformance else _check_index(library, as_json=as_json)


def _check_index(library: "Library", *, as_json: bool) -> int:
    from ibid.output import problem_json

    problems = library.check()
    if as_json:
        print_json([problem_json(problem) for problem in problems])
    for problem in () if as_json else problems:
        say(f"{problem.where}: {problem.what}")
    if problems:
        raise IndexDamaged(
            f"the index has {count(len(problems), 'problem')}",
            hint=f"{library.store.removal}, then {library.rebuild}",
        )
    if not as_json:
        say(f"The index is whole: {count(len(library.articles), 'article')}.")
    return 0


def _try_place(library: "Library") -> int:
    """Print how each check of the conformance goes, as it ends."""
    from ibid.adapters import trial_places
    from ibid.testing import try_checks

    failed = passed = 0
    with trial_places(library.settings.index) as new_place:
        for outcome in try_checks(new_place):
            verdict = f"failed: {outcome.failure}" if outcome.failure else "ok"
            say(f"{outcome.name}, {outcome.seconds:.1f} s: {verdict}")
            failed, passed = failed + bool(outcome.failure), passed + (not outcome.failure)
    say(f"{count(passed, 'check')} passed, {failed} failed: {library.store.place}")
    return int(failed > 0)
