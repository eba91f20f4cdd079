"""A stream of events heard from another thread, so that waiting for a model can be given up."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Thread
from time import monotonic

from ibid.types import Done, Event

SECONDS_BETWEEN_UPDATES = 0.08
"""Twelve updates a second read as fluent; at 50 a long conversation lags by a second."""

_Heard = SimpleQueue[Event | Exception]


def listen(events: Generator[Event]) -> Iterator[Sequence[Event]]:
    """Yield what has arrived every SECONDS_BETWEEN_UPDATES, also when that is nothing.

    The last batch ends with Done. What the stream raises is raised here. Closing the iterator
    closes the stream: at once where the model writes, else as soon as it does.
    """
    heard: _Heard = SimpleQueue()
    given_up = Flag()
    Thread(target=_hear, args=(events, heard, given_up), daemon=True).start()
    try:
        batch: list[Event] = []
        while not (batch and isinstance(batch[-1], Done)):
            batch = _take(heard)
            yield batch
    finally:
        given_up.set()


def _hear(events: Generator[Event], heard: _Heard, given_up: Flag) -> None:
    try:
        with closing(events):
            for event in events:
                heard.put(event)
                if given_up.is_set():
                    return
    except Exception as error:  # noqa: BLE001  (a thread's border: it is raised by the listener)
        heard.put(error)


def _take(heard: _Heard) -> list[Event]:
    """Return what arrives until the next update is due, or until the answer is done."""
    batch: list[Event] = []
    due = monotonic() + SECONDS_BETWEEN_UPDATES
    while (timeout := due - monotonic()) > 0:
        try:
            event = heard.get(timeout=timeout)
        except Empty:
            break
        if isinstance(event, Exception):
            raise event
        batch.append(event)
        if isinstance(event, Done):
            break
    return batch
