"""A queue in front of the library: so many questions are answered at once, the others wait."""

from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock


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
