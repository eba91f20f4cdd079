"""The build that the page starts: the same as that of `ibid build`, beside the answering."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock, Thread

from ibid.errors import ArticlesWouldBeLost, IndexLocked
from ibid.library import Library
from ibid.text import count, list_some, printable
from ibid.types import ArticleId, BuildReport, Progress
from ibid.ui.panes.trouble import in_words, sentence

_STAGES: Mapping[str, str] = {
    "reading": "Reading articles",
    "embedding": "Embedding sentences",
    "writing": "Writing the index",
}


class Phase(StrEnum):
    """Where a build stands."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    ASKING = "asking"
    """It would lose much, and has changed nothing yet."""


@dataclass(frozen=True, slots=True)
class Job:
    """What the page tells about the last build."""

    state: Phase = Phase.IDLE
    said: str = ""
    done: int = 0
    total: int = 0
    error: str | None = None
    hint: str = ""
    losing: str = ""
    """Names exactly the articles that would be lost: who sends it back agrees to these."""


class Rebuild:
    """At most one build at a time; the library goes on answering from the index that it has."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = Lock()
        self._asked: Mapping[str, tuple[ArticleId, ...]] = {}
        """The articles that the last build asked for, by what names them."""
        self.job = Job()

    def start(self, losing: str = "") -> None:
        """Start a build in a thread of its own; `losing` agrees to what the last one asked.

        Raises IndexLocked when one is running that was started here; what another process holds,
        the job tells.
        """
        with self._lock:
            if self.job.state is Phase.RUNNING:
                raise IndexLocked("a build is running already", hint="wait until it is done")
            self.job = Job(Phase.RUNNING, "Looking at the articles …")
            agreed, self._asked = self._asked.get(losing, ()), {}
        Thread(target=self._run, args=(agreed,), daemon=True).start()

    def _run(self, agreed: Collection[ArticleId]) -> None:
        try:
            report = self._library.build(self._note, prune=agreed)
        except ArticlesWouldBeLost as error:
            losing = hashlib.sha256("\0".join(error.articles).encode()).hexdigest()
            self._asked = {losing: error.articles}
            self.job = Job(Phase.ASKING, _ask(error), losing=losing)
        except Exception as error:  # noqa: BLE001  (a thread's border: the page tells it)
            problem = in_words(error)
            self.job = Job(Phase.FAILED, error=sentence(problem), hint=printable(problem.hint))
        else:
            self.job = Job(Phase.DONE, _describe(report))

    def _note(self, progress: Progress) -> None:
        stage = _STAGES.get(progress.stage, progress.stage)
        text = f"{stage}, {progress.done:,} of {progress.total:,}" if progress.total > 1 else stage
        self.job = Job(Phase.RUNNING, text, progress.done, progress.total)


def _ask(error: ArticlesWouldBeLost) -> str:
    return (
        f"{len(error.articles):,} of {count(error.before, 'article')} would leave the index, their "
        f"files gone or next to empty: {printable(list_some(error.articles))}."
    )


def _describe(report: BuildReport) -> str:
    if report.changed:
        size = f"{count(report.articles, 'article')}, {count(report.passages, 'passage')}"
        counts = {"added": report.added, "edited": report.edited, "removed": report.removed}
        news = ", ".join(f"{len(ids):,} {kind}" for kind, ids in counts.items() if ids)
        text = f"The index is up to date: {size}.{f' {news}.' if news else ''}"
    else:
        text = "Nothing had changed: the index is up to date."
    unread = len(report.skipped)
    return f"{text} {count(unread, 'file')} could not be read." if unread else text
