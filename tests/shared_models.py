"""The real models, shared by all tests of a process: each is started once, no window read twice.

To start one takes a third of a second, to read a window 20 ms, and the same few questions are asked
hundreds of times.
"""

from collections.abc import Hashable, Sequence
from functools import cache

from ibid.adapters import MiniLM, MiniLMReader
from ibid.ports import Reader, Scores, Window
from ibid.settings import cache_folder

CACHE = cache_folder()
"""The user's own, also for a test that sets another one: their graphs are in it already."""


@cache
def share_embedder(precision: str = "auto") -> MiniLM:
    """Return the embedder of every library that has none of its own."""
    return MiniLM(precision, CACHE)


def share_reader(_: MiniLM, precision: str = "auto") -> Reader:
    """Return the reader of every library."""
    return _start_reader(precision)


@cache
def _start_reader(precision: str) -> Reader:
    return ReadOnce(MiniLMReader(share_embedder(precision), precision, CACHE))


class ReadOnce:
    """What a reader said of a window is said again when the same question is asked of it."""

    def __init__(self, reader: Reader) -> None:
        self.starts_from = reader.starts_from
        self._reader = reader
        self._known: dict[Hashable, Scores] = {}

    def read(self, question: str, windows: Sequence[Window]) -> list[Scores]:
        keys = [_key(question, window) for window in windows]
        new = {
            key: window for key, window in zip(keys, windows, strict=True) if key not in self._known
        }
        if new:
            scores = self._reader.read(question, list(new.values()))
            self._known.update(zip(new, scores, strict=True))
        return [self._known[key].copy() for key in keys]


def _key(question: str, window: Window) -> Hashable:
    vectors = tuple(None if vector is None else vector.tobytes() for vector in window.vectors)
    return question, window.title, window.sentences, vectors
