"""Watched questions in the chat: each is asked again once per index, and nobody waits for that."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock, Thread

from ibid.errors import UsageError
from ibid.library import Library
from ibid.search import fold
from ibid.watched import Outcome, Watched, Watchlist

_PATIENCE = 0.3
"""Seconds that a page waits for questions that are being asked; it looks again."""


@dataclass(frozen=True, slots=True)
class Watching:
    """The questions that a page shows, by their words."""

    questions: Sequence[Watched]
    outcomes: Mapping[Watched, Outcome]
    """Of those that were asked so far."""


class Watch:
    """The watched questions of a library, with what became of each in the index as it is."""

    def __init__(self, library: Library) -> None:
        self._library, self._watchlist = library, Watchlist(library)
        self._lock = Lock()
        self._asking: Future[None] | None = None
        """One at a time: an answer that somebody waits for is worth more."""
        self._outcomes: dict[tuple[str, Watched], Outcome] = {}
        """By the name of the index, and the question."""
        self._removed: Watched | None = None

    def look(self, find: str = "") -> Watching:
        """Return the questions that hold every word of `find`. Raises IbidError."""
        questions, index = self._watchlist.questions(), self._library.store.current_name()
        with self._lock:
            self._tell_trouble()
            kept = {(index, watched) for watched in questions} & self._outcomes.keys()
            self._outcomes = {key: self._outcomes[key] for key in kept}
            if len(kept) < len(questions) and (not self._asking or self._asking.done()):
                self._asking = Future()
                Thread(target=self._ask, args=(self._asking, index, questions), daemon=True).start()
            asking = self._asking
        if asking and len(kept) < len(questions):
            wait([asking], _PATIENCE)
        words = fold(find).split()
        fitting = [q for q in questions if all(word in fold(q.question) for word in words)]
        with self._lock:
            self._tell_trouble()
            known = dict(self._outcomes)
        outcomes = {q: known[index, q] for q in fitting if (index, q) in known}
        return Watching(fitting, outcomes)

    def add(self, question: str) -> None:
        """Watch a question. Raises UsageError for one that is watched, IndexUnusable, OSError."""
        self._watchlist.add(question, _now())

    def accept(self, id: str) -> None:
        """Take what a page showed to answer a question now as known. Raises UsageError, OSError."""
        watched, index = self._find(id), self._library.store.current_name()
        with self._lock:
            outcome = self._outcomes.get((index, watched))
        if outcome is None:
            raise UsageError("the index has changed meanwhile", hint="look at what answers it now")
        self._watchlist.accept([outcome])

    def remove(self, id: str) -> None:
        """Watch a question no more. Raises UsageError where it is not watched, OSError."""
        watched = self._find(id)
        self._watchlist.remove(watched.question)
        self._removed = watched

    def restore(self) -> None:
        """Watch again what was removed last. Raises UsageError where nothing was, OSError."""
        if self._removed is None:
            raise UsageError("no question was taken away")
        self._watchlist.restore(self._removed)
        self._removed = None

    def _find(self, id: str) -> Watched:
        for watched in self._watchlist.questions():
            if watched.id == id:
                return watched
        raise UsageError("this question is not watched any more")

    def _tell_trouble(self) -> None:
        """Raise once what ended the asking."""
        asking = self._asking
        if asking and asking.done() and (trouble := asking.exception()):
            self._asking = None
            raise trouble

    def _ask(self, asking: Future[None], index: str, questions: Sequence[Watched]) -> None:
        """Ask anew what was not asked of this index; an error is told to who waits."""
        try:
            for watched in questions:
                if (index, watched) not in self._outcomes:
                    outcome = self._watchlist.compare(watched, _now())
                    with self._lock:
                        self._outcomes[index, watched] = outcome
            asking.set_result(None)
        except Exception as error:  # noqa: BLE001  (a thread's border: who waits for it is told)
            asking.set_exception(error)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
