"""Limits of processor time that hold on a slow machine too: they are told in yardsticks.

A test that guards against endless work knows how long it may take on the machine that it was
written on. Here that time is stretched by what a fixed piece of work takes right before and after.
"""

import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

_TEXT = "Plain words, and [marks](of) *any* kind; nothing more.\n" * 4000
_USUAL = 0.015
"""Seconds of processor time of the yardstick on two cores of an AMD EPYC, both at work."""


def yardstick() -> float:
    """Return the seconds of processor time that a fixed piece of work takes now."""
    started = time.process_time()
    pieces = re.findall(r"\w+|[^\w\s]", _TEXT)
    counted = Counter(piece.lower() for piece in pieces)
    assert sum(counted.values()) == len(pieces)
    return time.process_time() - started


@contextmanager
def at_most(seconds: float, task: object = "") -> Iterator[None]:
    """Fail where the block takes more processor time than `seconds` on the usual machine.

    A quicker machine gets the same limit, a slower one as much more as its yardstick is longer.
    """
    before = yardstick()
    started = time.process_time()
    yield
    took = time.process_time() - started
    pace = max(before, yardstick(), _USUAL) / _USUAL
    assert took <= seconds * pace, f"{task}: {took:.2f} s, at {pace:.1f} times the usual pace"
