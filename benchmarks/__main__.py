"""`make bench`: what ibid is measured by, each part with its tables.

make bench ARGS="--data FOLDER"             everything: hours on two cores
make bench ARGS="--data FOLDER --small"     a little of each part, to see that all of it runs
make bench ARGS="--only peers --set seeds --rounds 1"     the other arguments are that part's
make bench ARGS="--only scale -h"

docs/evaluation-data.md says what FOLDER holds. A whole run of a tree as it was committed keeps its
numbers in benchmarks/results/, any other one in .bench/results/; `scale` prints its own only.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import answering
import comparing
import embedding
import following
import growth
import quality
import refusing
import scale
import shell
import splitting
import verification
from peers import run as peers

PARTS: dict[str, Callable[[Sequence[str]], object]] = {
    "embedding": embedding.main,
    "shell": shell.main,
    "quality": quality.main,
    "refusing": refusing.main,
    "answering": answering.main,
    "splitting": splitting.main,
    "verification": verification.main,
    "comparing": comparing.main,
    "following": following.main,
    "growth": growth.main,
    "scale": scale.main,
    "peers": peers.main,
}

NO_DATA = ("embedding", "growth")
"""Parts that do not read the evaluation data."""

SMALL: Mapping[str, Sequence[str]] = {
    "embedding": ("--texts", "60", "--rounds", "1"),
    "shell": ("--rounds", "2"),
    "quality": ("--sets", "xquad", "--limit", "100"),
    "refusing": ("--sets", "seeds", "--limit", "100"),
    "answering": ("--limit", "50"),
    "splitting": ("--limit", "50"),
    "verification": ("--parts", "labels"),
    "comparing": ("--limit", "10"),
    "following": ("--limit", "50"),
    "growth": ("--sizes", "10", "--rounds", "1"),
    "scale": ("--passages", "20000", "--paragraphs", "300"),
    "peers": ("--set", "seeds", "--rounds", "1"),
}
"""What a part is told when only a little of it is to run; its numbers are not kept."""


def main() -> None:
    """Run the parts that are asked for, one after the other."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command itself does
    shared = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    shared.add_argument("--only", choices=tuple(PARTS), help="one part, with its own arguments")
    shared.add_argument("--small", action="store_true", help="a little of each part")
    options, arguments = shared.parse_known_args()
    if options.only:
        print(f"\n== {options.only}", flush=True)
        PARTS[options.only]([*arguments, *(SMALL[options.only] if options.small else ())])
        return
    options = _read_options_of_all(shared)
    data = ["--data", str(options.data)] if options.data else []
    for name in PARTS:
        _run_apart(name, [] if name in NO_DATA else data, small=options.small)


def _read_options_of_all(shared: argparse.ArgumentParser) -> argparse.Namespace:
    """Return what the whole run is told; it ends here for `-h` and for what no part knows."""
    usage = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "make bench",
        description=__doc__,
        formatter_class=usage,
        parents=[shared],
        allow_abbrev=False,
    )
    parser.add_argument("--data", type=Path, help="folder of the evaluation data")
    return parser.parse_args()


def _run_apart(part: str, arguments: Sequence[str], *, small: bool) -> None:
    """Run a part in a process of its own: one that is started counts the memory of its parent."""
    told = ["--only", part, *arguments, *(["--small"] if small else [])]
    subprocess.run([sys.executable, str(Path(__file__).parent), *told], check=True)


if __name__ == "__main__":
    main()
