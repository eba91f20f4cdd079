"""Run a peer's command and tell what it cost."""

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

QUIET = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "ANONYMIZED_TELEMETRY": "False",  # Chroma, LlamaIndex
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "LANGSMITH_TRACING": "false",
    "IBID_MODEL": "none",
}
"""One thread each, no telemetry, no network: the same for every peer."""

Costs = dict[str, float]


class Failed(Exception):
    """A peer ended with an error: what it said last."""


def measure(command: Sequence[str | Path], log: Path) -> Costs:
    """Run a command and return its CPU and wall seconds and its peak memory. Raises Failed."""
    with log.open("wb") as file:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=log.parent,
            env={**os.environ, **QUIET},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said = log.read_text("utf-8", errors="replace").strip().splitlines()
        raise Failed(f"exit {process.returncode}: {said[-1] if said else 'silent'}")
    return {
        "cpu": round(used.ru_utime + used.ru_stime, 3),
        "wall": round(wall, 3),
        "megabytes": round(used.ru_maxrss / 1024, 1),  # Linux counts in kilobytes
    }


def read_ranking(out: Path, articles: Path) -> Mapping[str, tuple[list[str], float]]:
    """Return the ranked articles and the seconds per question.

    Some peers name an article by its path: all are named below the folder here.
    """
    found: dict[str, tuple[list[str], float]] = {}
    for line in out.read_text("utf-8").splitlines():
        row = json.loads(line)
        names = [name.removeprefix(f"{articles}/") for name in row["ranked"]]
        found[row["id"]] = (names, row["seconds"])
    return found
