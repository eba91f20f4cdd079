"""The real command, killed at random moments: the index is the old one or the new, and whole."""

import os
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from statistics import median

from orchard import QUESTION, edit, make_folder, open_library

import ibid.library
from ibid.cli.commands import cli
from ibid.testing import HashEmbedder

ARTICLES = 200
_WHOLE_RUN = 50  # kills between two builds that run to their end
_COMMAND = (
    "import ibid.library, ibid.testing; from ibid.cli.commands import main; "
    "ibid.library.MiniLM = lambda precision: ibid.testing.HashEmbedder(); main()"
)


class Kills:
    """Kills builds of one folder, and checks the index after each."""

    def __init__(self, root: Path, random: Random) -> None:
        self.folder, self.index, self.random = root / "articles", root / "index", random
        self.counts: Counter[str] = Counter()
        self.seconds = {True: 0.0, False: 0.0}
        make_folder(self.folder, ARTICLES, random)
        self._run_whole()

    def run(self, kills: int, as_process: int) -> Counter[str]:
        """Kill `kills` builds, `as_process` of them with the interpreter that starts them."""
        # What a build imports is imported once; a child is forked from here and calls the command.
        for number in range(kills):
            if number % _WHOLE_RUN == 0:
                self._run_whole()
            edit(self.folder, self.random)
            self._kill(forked=number >= as_process)
        self._run_whole()
        return self.counts

    def _kill(self, *, forked: bool) -> None:
        delay = self.random.uniform(0, 1.1 * self._duration(forked=forked))
        before = self._state()
        started = time.monotonic()
        process = self._start(forked=forked)
        time.sleep(delay)
        os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, f"a build failed: {status}"
            self.counts["ended before it was killed"] += 1
        else:
            self.counts[self._stage(before)] += 1
        self.counts["killed with its interpreter" if not forked else "killed after a fork"] += 1
        assert time.monotonic() - started < 60
        self._check(before)

    def _start(self, *, forked: bool) -> int:
        arguments = ["build", "--json", "--index", str(self.index), str(self.folder)]
        if not forked:
            environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
            command = [sys.executable, "-c", _COMMAND, *arguments]
            silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
            return os.posix_spawn(sys.executable, command, environment, file_actions=silent)
        if process := os.fork():
            return process
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            ibid.library.MiniLM = lambda _: HashEmbedder()  # type: ignore[misc]
            cli(arguments, standalone_mode=False)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    def _duration(self, *, forked: bool) -> float:
        """Return how long a build takes that has one edit to follow: the median of five."""
        if not self.seconds[forked]:
            seconds: list[float] = []
            for _ in range(5):
                edit(self.folder, self.random)
                started = time.monotonic()
                os.waitpid(self._start(forked=forked), 0)
                seconds.append(time.monotonic() - started)
            self.seconds[forked] = median(seconds)
        return self.seconds[forked]

    def _state(self) -> tuple[str, object]:
        library = open_library(self.folder, self.index)
        return library.store.current_name(), library.search(QUESTION)

    def _stage(self, before: tuple[str, object]) -> str:
        generations = [path.name for path in (self.index / "generations").iterdir()]
        if (self.index / "CURRENT").read_text().split()[0] != before[0]:
            return "killed after the commit"
        if len(generations) > 1 or (self.index / "CURRENT.new").exists():
            return "killed during the commit"
        if (self.index / "scratch").exists():
            return "killed while the files were made"
        return "killed before anything was written"

    def _check(self, before: tuple[str, object]) -> None:
        library = open_library(self.folder, self.index)
        assert library.check() == [], library.check()
        name, answer = self._state()
        manifest = library.store.current().manifest
        if name == before[0]:
            assert answer == before[1], "the same index answers otherwise"
        else:
            assert dict(manifest.articles) == dict(_digests(self.folder)), "an index of no folder"

    def _run_whole(self) -> None:
        """Build to the end, and compare with a build anew."""
        library = open_library(self.folder, self.index)
        library.build()
        anew = open_library(self.folder, self.index.with_name("anew"))
        anew.build()
        files = [f for f in anew.store.current().manifest.files if not f.startswith("words")]
        for file in files:
            assert library.store.current().read(file) == anew.store.current().read(file), file
        assert not (self.index / "scratch").exists()
        assert len(list((self.index / "generations").iterdir())) == 1
        shutil.rmtree(anew.store.root)
        self.counts["builds after a kill that equal a build anew"] += 1


def _digests(folder: Path) -> dict[str, str]:
    from ibid.reading.folder import scan_folder

    return dict(scan_folder(folder, folder.parent / "index").digests)
