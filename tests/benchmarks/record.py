"""What stands beside every number that is kept: the commit, the machine and the date."""

import datetime
import json
import os
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).parent / "results"


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
