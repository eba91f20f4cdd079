"""A trial of a place that indexes lie in: each check of the conformance, and how it went."""

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ibid.errors import UsageError, temporary_room
from ibid.testing.conformance import CHECKS, Check


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a check went."""

    name: str
    """What is required, in words."""
    seconds: float
    failure: str = ""
    """What was otherwise; empty where nothing was."""


def try_checks(new_place: Callable[[], str], checks: Sequence[Check] = CHECKS) -> Iterator[Outcome]:
    """Yield how each check went, in a new place each. Raises UsageError without assertions."""
    if not __debug__:
        hint = "run it without -O and PYTHONOPTIMIZE"
        raise UsageError("Python leaves out what the checks assert", hint=hint)
    for check in checks:
        start = time.monotonic()
        failure = _try(check, new_place())
        name = check.__name__.replace("_", " ")
        yield Outcome(name, time.monotonic() - start, failure)


def _try(check: Check, place: str) -> str:
    """Run a check, and return what failed, empty where nothing did."""
    with ExitStack() as stack:
        with temporary_room():
            folder = stack.enter_context(TemporaryDirectory(prefix="ibid-trial-"))
        try:
            check(Path(folder), place)
        except Exception as error:  # noqa: BLE001 - a place of somebody's own may raise anything
            return _failure(error)
    return ""


def _failure(error: Exception) -> str:
    """Return what an error says, or the line of an assertion that says nothing."""
    lines = [frame.line for frame in traceback.extract_tb(error.__traceback__)]
    message = (str(error).splitlines() or [""])[0]
    if isinstance(error, AssertionError):
        return message or (lines or [""])[-1] or "an assertion"
    return f"{type(error).__name__}: {message}"
