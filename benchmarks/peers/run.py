"""Peers side by side: ibid and other ways to search the same articles with the same weights.

    make bench ARGS="--only peers --data FOLDER"              everything: hours on two cores
    make bench ARGS="--only peers --set seeds --rounds 3"     speed only, a few minutes
    make bench ARGS="--only peers --data FOLDER --limit 100 --peer ibid --peer txtai"
    make bench ARGS="--only peers --resume"                   goes on where a run was cut off
    make bench ARGS="--only peers --report"                   the tables of what is measured so far

Each peer is one small file, `with_X.py`, written the way its own quickstart goes, with its default
splitter and settings; only the model is the same for all, all-MiniLM-L6-v2 out of one wheel. Each
has a virtual environment of its own with pinned versions (`requirements/X.txt`), kept in `.bench/`.
The peers take turns at each step, every step is a fresh process with one thread, and of N rounds
the best counts. What a step gave is a file in `.bench/run/`; `--resume` does only what is missing.

Sets: `seeds` are this repository's articles and measure speed; `squad`, `18f` and `scifact` are
read from `--data` and judge what is found, too (`corpora.py` says how). Where they are not there,
they are left out.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import record
from ibid.errors import UsageError
from peers.corpora import SETS, Corpus, count_texts, prepare
from peers.environments import Environment
from peers.judging import judge
from peers.measure import Failed, measure, percentiles, read_answers
from peers.table import print_tables

HERE = Path(__file__).parent
PEERS = {path.stem.removeprefix("with_"): path for path in sorted(HERE.glob("with_*.py"))}
ENVIRONMENTS = {"txtai_hybrid": "txtai"}
PLAN = (
    ("seeds", ("import", "build", "cold", "warm", "rebuild", "edit")),
    ("squad", ("build", "cold", "warm")),
    ("18f", ("build", "warm")),
    ("scifact", ("build", "warm")),
    ("squad", ("rebuild", "edit")),
)
ONCE = {"18f", "scifact"}
"""Sets that one round is enough for: what is found is the same each time."""
ASKED = {"seeds": 10, "squad": 20, "18f": 100, "scifact": 20}
"""How many passages are asked for. Ten articles are judged, and several may be of one article."""
EDIT = "\n\nThe zebra finch of Timor sings to its eggs before they hatch.\n"
EDITED = "Which bird sings to its eggs?"


@dataclass(frozen=True)
class Trial:
    """One peer on one set, in one round."""

    peer: str
    corpus: Corpus
    folder: Path
    environment: Environment

    def do(self, step: str) -> dict[str, Any]:
        """Do a step and return what it cost; an error is a result, too."""
        steps: dict[str, Callable[[], dict[str, Any]]] = {
            "import": lambda: self._run("import"),
            "build": self._build,
            "rebuild": lambda: self._run("build", self.corpus.articles, self._state),
            "edit": self._edit,
            "cold": lambda: self._search(self.corpus.first),
            "warm": self._warm,
        }
        try:
            return steps[step]()
        except Failed as error:
            return {"failed": str(error)}

    def _run(self, *arguments: str | Path) -> dict[str, Any]:
        command = [self.environment.python, PEERS[self.peer], *arguments]
        return {**measure(command, self.folder / "log.txt")}

    def _build(self) -> dict[str, Any]:
        shutil.rmtree(self._state, ignore_errors=True)
        return self._run("build", self.corpus.articles, self._state)

    def _edit(self) -> dict[str, Any]:
        """Change an article, build, and look whether the change is found."""
        path = min(self.corpus.articles.rglob("*.md"))
        before = path.read_bytes()
        asked = self.folder / "edited.jsonl"
        asked.write_text(json.dumps({"id": "0", "text": EDITED}), "utf-8")
        try:
            path.write_bytes(before + EDIT.encode())
            costs = self._run("build", self.corpus.articles, self._state)
            self._search(asked)
        finally:
            path.write_bytes(before)
        names = self._answers["0"]["ranked"]
        return {**costs, "found": names[:1] == [path.relative_to(self.corpus.articles).as_posix()]}

    def _search(self, questions: Path) -> dict[str, Any]:
        k = str(ASKED[self.corpus.name])
        return self._run("search", self._state, questions, self._out, k)

    def _warm(self) -> dict[str, Any]:
        costs = self._search(self.corpus.asked)
        answers = self._answers
        p50, p99 = percentiles(answer["seconds"] for answer in answers.values())
        cpu, _ = percentiles(answer["cpu"] for answer in answers.values())
        ranking = {id: answer["ranked"] for id, answer in answers.items()}
        return {**costs, "p50": p50, "p99": p99, "p50 cpu": cpu, **judge(self.corpus, ranking)}

    @property
    def _answers(self) -> dict[str, dict[str, Any]]:
        return read_answers(self._out, self.corpus.articles)

    @property
    def _state(self) -> Path:
        return self.folder / "state"

    @property
    def _out(self) -> Path:
        return self.folder / "out.jsonl"


@dataclass(frozen=True)
class Bench:
    """A whole run, in the folder `cache`."""

    options: argparse.Namespace
    cache: Path
    kept: record.Record

    def run(self) -> None:
        """Run every step that has no result yet, print the tables and keep the numbers."""
        if not self.options.report:
            self._measure()
        self.kept.write(self._report())
        print_tables(json.loads(self.kept.file.read_text("utf-8")))
        self.kept.finish()

    def _measure(self) -> None:
        if not self.options.resume:
            shutil.rmtree(self.cache / "run", ignore_errors=True)
        for environment in self._environments.values():
            environment.make()
        for trial, step, path in self._steps():
            if not path.exists():
                print(f"{trial.corpus.name} {step} {trial.peer} …", file=sys.stderr, flush=True)
                path.write_text(json.dumps(trial.do(step)), "utf-8")

    def _steps(self) -> Iterator[tuple[Trial, str, Path]]:
        """Yield each step, the peers by turns, with the file of its result."""
        for number in range(self.options.rounds):
            for name, steps in PLAN:
                if name not in self._corpora or (number and name in ONCE):
                    continue
                for step in (each for each in steps if each in (self.options.step or steps)):
                    for peer in self._peers:
                        trial = self._trial(peer, name, number)
                        trial.folder.mkdir(parents=True, exist_ok=True)
                        yield trial, step, trial.folder / f"{step}.json"

    def _trial(self, peer: str, name: str, number: int) -> Trial:
        folder = self.cache / "run" / name / peer / str(number)
        return Trial(peer, self._corpora[name], folder, self._environments[peer])

    @property
    def _peers(self) -> list[str]:
        return self.options.peer or list(PEERS)

    @cached_property
    def _environments(self) -> dict[str, Environment]:
        folder = self.cache / "environments"
        return {peer: Environment(ENVIRONMENTS.get(peer, peer), folder) for peer in self._peers}

    @cached_property
    def _corpora(self) -> dict[str, Corpus]:
        corpora: dict[str, Corpus] = {}
        for name in self.options.set or SETS:
            if name != "seeds" and not self.options.data:
                print(f"{name} is left out: --data FOLDER says where it is", file=sys.stderr)
                continue
            folder = self.cache / "corpora" / name
            try:
                corpora[name] = prepare(name, self.options.data, folder, self.options.limit)
            except UsageError as error:
                print(f"{name} is left out: {error}", file=sys.stderr)
        return corpora

    def _report(self) -> dict[str, Any]:
        return {
            "rounds": len({path.name for path in (self.cache / "run").glob("*/*/[0-9]*")}),
            "sets": {
                name: dict(
                    zip(("files", "paragraphs"), count_texts(corpus), strict=True),
                    questions=len(corpus.questions),
                )
                for name, corpus in self._corpora.items()
            },
            "peers": {peer: self._peer_report(peer) for peer in self._peers},
        }

    def _peer_report(self, peer: str) -> dict[str, Any]:
        environment = self._environments[peer]
        results = {name: self._best(peer, name) for name in self._corpora}
        return {"pins": environment.pins, "installed": round(environment.megabytes), **results}

    def _best(self, peer: str, name: str) -> dict[str, Any]:
        """Return per step the best of its rounds."""
        best: dict[str, Any] = {}
        for path in sorted((self.cache / "run" / name / peer).glob("*/*.json")):
            result = json.loads(path.read_text("utf-8"))
            known = best.get(path.stem, result)
            best[path.stem] = min(known, result, key=lambda each: each.get("cpu", 1e9))
        return best


def main(arguments: list[str]) -> None:
    """Run the peers' benchmark with the arguments of its command line."""
    parser = argparse.ArgumentParser(
        prog="peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder of the evaluation data")
    parser.add_argument("--peer", action="append", choices=tuple(PEERS))
    parser.add_argument("--set", action="append", choices=tuple(SETS))
    parser.add_argument("--step", action="append", choices=tuple(PLAN[0][1]))
    parser.add_argument("--rounds", type=record.positive, default=3)
    parser.add_argument("--limit", type=record.positive, default=1000, help="questions per set")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--report", action="store_true", help="measure nothing, show what is there")
    parser.add_argument("--out", type=Path, help="file for the results")
    options = parser.parse_args(arguments)
    has_data = options.data is not None and options.data.is_dir()
    kept = record.begin("peers", parser, options, whole=has_data)
    Bench(options, record.ROOT / ".bench", kept).run()
