"""What a question costs from a cold shell, beside the import of sentence-transformers, and warm.

    python benchmarks/shell.py [--index INDEX | --data FOLDER] [--rounds N]

The index is over SQuAD's 48 articles, 2,368 passages, or over the seeds where the data is missing;
it is built first. CPU seconds are those of the whole process and
of its children, user and system; the least and the middle of the rounds are printed, since other
processes disturb the rest.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import record
from ibid.evaluation.running import prepare
from ibid.evaluation.sets import read_set
from ibid.library import Library
from ibid.settings import Settings

SEEDS = Path(__file__).parents[1] / "seeds"
QUESTION = "What challenges remain?"
_MEASURE = """
import resource, subprocess, sys, time
started = time.monotonic()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
wall = time.monotonic() - started
print(done.returncode, used.ru_utime + used.ru_stime, wall, used.ru_maxrss)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took."""

    seconds: float
    """Of CPU."""
    wall: float
    megabytes: float


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print; `argv` are the arguments of the command line."""
    parser = record.make_parser(__doc__ or "")
    parser.add_argument("--index", type=Path)
    parser.add_argument("--rounds", type=record.positive, default=9)
    options = parser.parse_args(argv)
    has_data = options.data is not None and options.data.is_dir()
    kept = record.begin("shell", parser, options, whole=has_data)
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="ibid-shell-") as scratch:
        index = options.index or _build(options.data, Path(scratch) / "index")
        ibid = [sys.executable, "-m", "ibid"]
        where = ["--index", str(index)]
        commands = {
            "python": [sys.executable, "-c", "pass"],
            "import numpy": [sys.executable, "-c", "import numpy"],
            "ibid search": [*ibid, "search", *where, QUESTION],
            "ibid ask": [*ibid, "ask", "--model", "none", *where, QUESTION],
            "import sentence_transformers": [sys.executable, "-c", "import sentence_transformers"],
        }
        for name, command in commands.items():
            rounds = 2 if "transformers" in name else options.rounds
            costs = sorted((measure(command) for _ in range(rounds)), key=lambda c: c.seconds)
            least, middle = costs[0].seconds, costs[len(costs) // 2].seconds
            memory = max(cost.megabytes for cost in costs)
            found[name] = {"cpu_least": least, "cpu_middle": middle, "megabytes": memory}
            print(f"{name:<30} {least:.3f} s of CPU (middle {middle:.3f}), {memory:.0f} MB")
        found["warm"] = dict(measure_warm(index))
    kept.write(found)
    kept.finish()


def measure(command: Sequence[str]) -> Cost:
    """Return what a process takes; a process between sees to it that no other counts."""
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, *command],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    code, seconds, wall, kilobytes = done.stdout.split()
    if code != "0":
        raise SystemExit(done.stderr)
    return Cost(float(seconds), float(wall), float(kilobytes) / 1024)


def measure_warm(index: Path, most: int = 200) -> Iterator[tuple[str, Mapping[str, float]]]:
    """Yield what each step of a question takes in a running program, in milliseconds."""
    library = Library.open(index=index, settings=Settings(model="none"))
    every = (passage for article in library.articles for passage in library.passages(article.id))
    passages = [passage for passage in every if passage.sentences]
    questions = [" ".join(passage.text.split()[:10]) for passage in passages]
    questions = questions[:: max(1, len(questions) // most)]
    for name, ask in (
        ("embedding alone", library.embedder.query),
        ("hybrid search with it", library.search),
        ("the same, asked as a question", lambda text: library.search(f"{text}?")),
    ):
        walls, cpus = _time(ask, questions)
        print(f"warm {name}, {len(passages):,} passages: CPU {_told(cpus)}; wall {_told(walls)}")
        (half_cpu, most_cpu), (half, most) = _percentiles(cpus), _percentiles(walls)
        times = {"cpu_p50": half_cpu, "cpu_p99": most_cpu, "p50": half, "p99": most}
        yield name, {"passages": len(passages), **times}


def _time(
    ask: Callable[[str], object], questions: Sequence[str]
) -> tuple[Sequence[float], Sequence[float]]:
    """Return the seconds that each question takes, of the clock and of the CPU."""
    ask(questions[0])
    walls, cpus = list[float](), list[float]()
    for question in questions:
        wall, cpu = time.perf_counter(), time.thread_time()
        ask(question)
        cpus.append(time.thread_time() - cpu)
        walls.append(time.perf_counter() - wall)
    return walls, cpus


def _told(times: Sequence[float]) -> str:
    half, most = _percentiles(times)
    return f"p50 {half:.1f} ms, p99 {most:.1f} ms"


def _percentiles(times: Sequence[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile in milliseconds."""
    ordered = sorted(times)
    return ordered[len(ordered) // 2] * 1000, ordered[int(len(ordered) * 0.99)] * 1000


def _build(data: Path | None, index: Path) -> Path:
    """Return an index over SQuAD, or over the seeds."""
    if data and data.is_dir():
        prepare(read_set("squad", data), record.WORK, Settings(), record.ignore)
        return record.WORK / "squad" / "index"
    Library.open(SEEDS, index, Settings(model="none")).build()
    return index


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
