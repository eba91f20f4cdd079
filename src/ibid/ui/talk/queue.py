"""Queues: of all pages in front of the library, and of the questions of one page."""

from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

SECONDS_FOR_STRAGGLERS = 1.0
"""In which a question may still come in that was asked before one that is there."""


class Turnstile:
    """Lets questions through in the order in which they came."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._waiting: list[Place] = []
        self._lock = Lock()

    @contextmanager
    def enter(self) -> "Generator[Place]":
        """Give a place in the queue, which is free again when the block is left."""
        place = Place(self)
        with self._lock:
            self._waiting.append(place)
        try:
            yield place
        finally:
            with self._lock:
                self._waiting.remove(place)

    def ahead_of(self, place: "Place") -> int:
        """Return how many questions have to end before this one may begin."""
        with self._lock:
            return max(0, self._waiting.index(place) - self._places + 1)


class Place:
    """A question in the queue, or at its head."""

    def __init__(self, turnstile: Turnstile) -> None:
        self._turnstile = turnstile

    def ahead(self) -> int:
        """Return how many questions have to end before this one may begin, 0 when it may."""
        return self._turnstile.ahead_of(self)


class Line:
    """The questions of one page: answered one after the other, in the order of asking."""

    def __init__(self) -> None:
        self._waiting: dict[int, tuple[str, float]] = {}
        self._last = 0
        self._open = 0

    @contextmanager
    def enter(self, nth: int, question: str) -> "Generator[int]":
        """Put a question in the line, until the block is left; one without a number comes last."""
        nth = nth or 1 + max((self._last, *self._waiting))
        self._waiting[nth] = question, monotonic()
        try:
            yield nth
        finally:
            del self._waiting[nth]
            self._last = max(self._last, nth)
            self._open = 0 if self._open == nth else self._open

    def begin(self, nth: int) -> bool:
        """Tell whether the turn of a question has come; it is open from then on."""
        _, since = self._waiting[nth]
        is_next = nth <= self._last + 1 or monotonic() - since > SECONDS_FOR_STRAGGLERS
        if self._open or nth != min(self._waiting) or not is_next:
            return False
        self._open = nth
        return True

    def list_waiting(self) -> list[str]:
        """Return the questions that wait, in order."""
        return [self._waiting[nth][0] for nth in sorted(self._waiting) if nth != self._open]
