"""`make soak`: the long reliability runs. Each ends with its counts, or with the first failure."""

import argparse
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import flips
import readers
from kills import Kills


def main() -> None:
    options = _options()
    runs: dict[str, Callable[[Path, Random], Counter[str]]] = {
        "kills": lambda root, random: Kills(root, random).run(options.kills, options.kills // 20),
        "readers": lambda root, random: readers.run(root, options.opens, options.rounds, random),
        "flips": lambda root, random: flips.run(root, options.flips, options.flips // 100, random),
    }
    print(f"{platform.machine()}, {platform.system()}, {date.today()}, seed {options.seed}")
    for name in options.only or runs:
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="ibid-soak-") as root:
            counts = runs[name](Path(root) / name, Random(options.seed))
        print(f"\n{name}, {(time.monotonic() - started) / 60:.0f} min, no failure")
        for what, count in counts.items():
            print(f"{count:>8,}  {what}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=5_000)
    parser.add_argument("--opens", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--flips", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", choices=("kills", "readers", "flips"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
