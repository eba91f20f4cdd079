"""An index that is kept in step with its folder: a service, which trouble does not end."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ibid.errors import IbidError, UsageError
from ibid.index.losses import refuse_kept
from ibid.types import BuildReport

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before a build that failed is tried again: twice as long each time."""

RARELY = 10.0
"""Seconds between two lines about trouble that changes all the time."""

_PASSING = (IbidError, OSError, MemoryError)


@dataclass(frozen=True, slots=True)
class Built:
    """A build that there is something to tell of."""

    report: BuildReport
    recovered: bool
    """Whether it ends trouble that was told."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a build failed, or what of the folder it could not read; it will be tried again."""

    error: Exception


def keep_up(
    build: Callable[[bool], BuildReport],
    changes: Iterable[bool],
    *,
    prune: bool,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Built | Trouble]:
    """Build at each change, and after trouble until it is over.

    `changes` has True for a change and False when some time has passed; `build` is told whether to
    prune. `prune` counts for the first build only: what is missing later may be a drive that has
    gone. The same trouble is told once. What the first build raises as a programming error or a
    wrong option ends it; nothing else does.
    """
    wait = _Wait(clock)
    is_first = True
    for is_changed in changes:
        if not (is_changed or wait.is_over()):
            continue
        try:
            report = build(prune and is_first)
        except Exception as error:
            if is_first and (isinstance(error, UsageError) or not isinstance(error, _PASSING)):
                raise
            if wait.begin(error, anew=is_changed):
                yield Trouble(error)
        else:
            yield from _tell(report, wait, is_changed)
        is_first = False


def _tell(report: BuildReport, wait: "_Wait", is_changed: bool) -> Iterator[Built | Trouble]:
    try:
        refuse_kept(report)
    except IbidError as error:
        is_news = wait.begin(error, anew=is_changed)
        if is_news or is_changed or report.changed:
            yield Built(report, recovered=False)
        if is_news:
            yield Trouble(error)
    else:
        recovered = wait.end()
        if recovered or is_changed or report.changed:
            yield Built(report, recovered)


class _Wait:
    """When the next build is due after one that failed, and whether that is news."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._pause = FIRST_PAUSE
        self._due: float | None = None
        self._told, self._told_at = "", 0.0

    def is_over(self) -> bool:
        """Tell whether a build that failed is to be tried again now."""
        return self._due is not None and self._clock() >= self._due

    def begin(self, error: Exception, *, anew: bool) -> bool:
        """Wait after a failure, `anew` for the first pause, and tell whether to tell of it."""
        now = self._clock()
        self._pause = FIRST_PAUSE if anew else min(2 * self._pause, LONGEST_PAUSE)
        self._due = now + self._pause
        text = f"{type(error).__name__}: {error}"
        if text == self._told or (self._told and now - self._told_at < RARELY):
            return False
        self._told, self._told_at = text, now
        return True

    def end(self) -> bool:
        """Wait no more, and tell whether there was trouble."""
        was_trouble = bool(self._told)
        self._pause, self._due, self._told = FIRST_PAUSE, None, ""
        return was_trouble
