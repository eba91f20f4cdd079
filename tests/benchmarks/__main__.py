"""`make bench`: what ibid is measured by, each part with its tables.

make bench ARGS="--data ../shared/data"
make bench ARGS="--only peers --set seeds --rounds 1"     the other arguments are that part's
make bench ARGS="--only scale -h"
"""

import argparse
import os
from collections.abc import Callable, Sequence

import comparing
import embedding
import following
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
    "splitting": splitting.main,
    "verification": verification.main,
    "comparing": comparing.main,
    "following": following.main,
    "scale": scale.main,
    "peers": peers.main,
}

NO_DATA = ("embedding", "shell")
WITH_DATA = tuple(part for part in PARTS if part not in NO_DATA)
"""Parts that read the evaluation data."""


def main() -> None:
    """Run the parts that are asked for, one after the other."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command itself does
    usage = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=usage, add_help=False
    )
    parser.add_argument("--only", choices=tuple(PARTS))
    options, arguments = parser.parse_known_args()
    for name in [options.only] if options.only else PARTS:
        print(f"\n== {name}", flush=True)
        PARTS[name](arguments if options.only or name in WITH_DATA else [])


if __name__ == "__main__":
    main()
