"""What stands beside every number that is kept: the commit, the machine and the time."""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ibid.types.indexing import Progress

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
"""A file per part and commit: whole runs of a tree as it was committed."""

ASIDE = ROOT / ".bench" / "results"
"""All other runs; git ignores them."""

WORK = ROOT / ".bench" / "quality"
"""Where the sets are indexed."""

PLACES = ("data", "work", "out")
"""Options that say where something is, and change nothing of what is measured."""


@dataclass(frozen=True, slots=True)
class Record:
    """Where a run writes its numbers, where they stay once it is done, and its commit."""

    file: Path
    place: Path
    commit: str

    def write(self, values: Mapping[str, Any]) -> None:
        """Write what was measured so far, and what stands beside it."""
        beside = {
            "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "commit": self.commit,
            "machine": f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        }
        self.file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({**beside, **values}, indent=1, ensure_ascii=False)
        self.file.write_text(f"{text}\n", "utf-8")

    def finish(self) -> None:
        """Put the file in its place: a run that was cut off leaves no results."""
        self.place.parent.mkdir(parents=True, exist_ok=True)
        self.file.replace(self.place)
        print(f"kept in {self.place}", file=sys.stderr)


def begin(
    part: str,
    parser: argparse.ArgumentParser,
    options: argparse.Namespace,
    *,
    whole: bool = True,
) -> Record:
    """Return the record of a run that was told `options`.

    A run that is not whole, by its options or by `whole`, or whose tree is not as it was committed
    is kept aside, so that it replaces no results.
    """
    of = commit()
    told = {name: value for name, value in vars(options).items() if name not in PLACES}
    by_default = all(value == parser.get_default(name) for name, value in told.items())
    folder = RESULTS if whole and by_default and is_clean(of) else ASIDE
    name = f"{part}-{of}.json"
    return Record(ASIDE / name, options.out or folder / name, of)


def commit() -> str:
    """Return the short name of the commit that is measured, `-dirty` after it if files differ."""
    name = _git("rev-parse", "--short", "HEAD")
    if not name:
        return "unknown"
    changed = _git("status", "--porcelain", "--", ".", f":!{RESULTS.relative_to(ROOT)}")
    return f"{name}-dirty" if changed else name


def is_clean(name: str) -> bool:
    """Tell whether a commit says all about the tree that was measured."""
    return name != "unknown" and not name.endswith("-dirty")


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def processor() -> str:
    """Return what the machine calls its processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def make_parser(about: str) -> argparse.ArgumentParser:
    """Return a parser of what every part is told: where its data are, and where it writes."""
    parser = argparse.ArgumentParser(description=about, allow_abbrev=False)
    parser.add_argument("--data", type=Path, help="folder of the evaluation data")
    parser.add_argument("--out", type=Path, help="file for the results")
    return parser


def make_set_parser(about: str, sets: Iterable[str], limit: int) -> argparse.ArgumentParser:
    """Return the parser of a part that asks the questions of public sets."""
    parser = make_parser(about)
    parser.add_argument("--sets", nargs="+", default=list(sets), choices=tuple(sets))
    parser.add_argument("--limit", type=positive, default=limit, help="questions of a kind")
    parser.add_argument("--work", type=Path, default=WORK)
    return parser


def positive(text: str) -> int:
    """Return a number from 1 on. Raises ValueError, as argparse asks for."""
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def has_data(part: str, data: Path | None) -> bool:
    """Tell whether the data are there, and say so where they are not."""
    if data and data.is_dir():
        return True
    print(f"{part}: skipped, since the evaluation data is not there (--data FOLDER)")
    return False


def ignore(progress: Progress) -> None:
    """Take no notice of a build's progress."""
