"""What stands beside every number that is kept: the commit, the machine and the date."""

import argparse
import datetime
import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ibid.types import Progress

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).parent / "results"
WORK = ROOT / ".bench" / "quality"
"""Where the sets are indexed."""


def commit() -> str:
    """Return the short name of the commit that is measured."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def path(part: str) -> Path:
    """Return where the results of a part are kept: a file per commit."""
    return RESULTS / f"{part}-{commit()}.json"


def processor() -> str:
    """Return what the machine calls its processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def write(file: Path, values: Mapping[str, Any]) -> None:
    """Write what was measured, and what stands beside it."""
    beside = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": commit(),
        "machine": f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**beside, **values}, indent=1) + "\n", "utf-8")


def read_options(
    part: str, about: str, sets: Iterable[str], limit: int, argv: Sequence[str] | None
) -> argparse.Namespace:
    """Return what a part that asks the questions of public sets is told on the command line."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--data", type=Path, help="folder of the evaluation data")
    parser.add_argument("--sets", nargs="+", default=list(sets), choices=tuple(sets))
    parser.add_argument("--limit", type=int, default=limit, help="questions of a kind, at most")
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--out", type=Path, default=path(part))
    return parser.parse_args(argv)


def ignore(progress: Progress) -> None:
    """Take no notice of a build's progress."""
