"""Readers while two builders replace the index: no reader fails, none sees a mixture."""

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Iterable
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from queue import Empty
from random import Random
from typing import Any

from orchard import open_library

from ibid.errors import IndexLocked
from ibid.storage.store import Store

ARTICLES, READERS, BUILDERS = 12, 2, 2
_EDITION = re.compile(r"Edition (\d+)\.")


def run(root: Path, opens: int, rounds: int, random: Random) -> Counter[str]:
    """Read the index `opens` times while it is replaced; then kill `rounds` holders of its lock."""
    folder, index = root / "articles", root / "index"
    folder.mkdir(parents=True)
    _write_edition(folder, 0)
    open_library(folder, index).build()
    context = get_context("fork")
    results, stop = context.Queue(), context.Event()
    readers = [
        context.Process(target=_read, args=(index, opens // READERS, results))
        for _ in range(READERS)
    ]
    builders = [
        context.Process(target=_build, args=(folder, index, number, stop, results))
        for number in range(BUILDERS)
    ]
    for process in (*builders, *readers):
        process.start()
    try:
        counts = _take(results, len(readers), (*readers, *builders))
        stop.set()
        counts += _take(results, len(builders), builders)
    finally:
        for process in (*builders, *readers):
            process.terminate()
    counts["killed holders of the lock that blocked nobody"] = _kill_holders(folder, index, rounds)
    return counts


def _take(results: Any, number: int, processes: Iterable[Any]) -> Counter[str]:
    """Return the counts that `number` processes send, all together; none may fail meanwhile."""
    counts: Counter[str] = Counter()
    while number:
        try:
            counts.update(results.get(timeout=1))
            number -= 1
        except Empty:
            assert all(not process.exitcode for process in processes), "a process failed"
    return counts


def _write_edition(folder: Path, edition: int) -> None:
    for number in range(ARTICLES):
        text = f"# Pears {number}\n\nPears ripen in autumn. Edition {edition}.\n"
        (folder / f"{number}.md").write_text(text)


def _read(index: Path, opens: int, results: Any) -> None:
    counts: Counter[str] = Counter()
    for _ in range(opens):
        hits = open_library(None, index).search("Which edition of pears?", ARTICLES)
        editions = {_EDITION.search(hit.passage.text)[1] for hit in hits}  # type: ignore[index]
        assert len(hits) == ARTICLES
        assert len(editions) == 1, f"a mixture of the editions {editions}"
        counts["opens of an index that is being replaced"] += 1
    results.put(counts)


def _build(folder: Path, index: Path, builder: int, stop: Event, results: Any) -> None:
    counts: Counter[str] = Counter()
    own = folder.with_name(f"articles {builder}")
    own.mkdir()
    edition = builder
    while not stop.is_set():
        edition += BUILDERS
        _write_edition(own, edition)
        started = time.monotonic()
        try:
            open_library(own, index).build(prune=True)
            counts["builds meanwhile"] += 1
        except IndexLocked as error:
            assert time.monotonic() - started < 1
            assert re.search(r"process \d+", str(error)), error
            counts["builds refused at once, since another one ran"] += 1
    results.put(counts)


def _kill_holders(folder: Path, index: Path, rounds: int) -> int:
    for _ in range(rounds):
        ready, done = os.pipe()
        if not (holder := os.fork()):
            with Store(index).lock():
                os.write(done, b".")
                time.sleep(60)
            os._exit(1)
        os.read(ready, 1)
        try:
            with Store(index).lock():
                raise AssertionError("two builds at once")
        except IndexLocked as error:
            assert str(holder) in str(error)
        os.kill(holder, signal.SIGKILL)
        os.waitpid(holder, 0)
        with Store(index).lock():
            pass
        os.close(ready)
        os.close(done)
    return rounds
