"""The limits of time that other tests set."""

import pytest

from clocks import at_most, yardstick


def work(yards: int) -> None:
    for _ in range(yards):
        yardstick()


def test_work_within_its_limit_passes_and_longer_work_fails_however_slow_the_machine_is():
    with at_most(1, "a short task"):
        work(3)
    with pytest.raises(AssertionError, match="a long task"), at_most(0.03, "a long task"):
        work(30)
