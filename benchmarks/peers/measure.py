"""Run a peer's command and tell what it cost."""

import json
import os
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

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


def read_answers(out: Path, articles: Path) -> dict[str, dict[str, Any]]:
    """Return `ranked`, `seconds` and `cpu` per question.

    Some peers name an article by its path: all are named below the folder here.
    """
    answers = {row["id"]: row for row in map(json.loads, out.read_text("utf-8").splitlines())}
    for row in answers.values():
        row["ranked"] = [name.removeprefix(f"{articles}/") for name in row["ranked"]]
    return answers


def percentiles(seconds: Iterable[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile in milliseconds, of all but the first five."""
    measured = sorted(list(seconds)[5:])
    half, most = (measured[len(measured) * percent // 100] for percent in (50, 99))
    return round(1000 * half, 2), round(1000 * most, 2)
