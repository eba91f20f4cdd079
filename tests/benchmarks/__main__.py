"""`make bench`: what ibid is measured by. Each part has its own help: `--only peers -h`."""

import argparse

from peers import run as peers

PARTS = {"peers": peers.main}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__, add_help=False)
    parser.add_argument("--only", action="append", choices=tuple(PARTS))
    options, arguments = parser.parse_known_args()
    for name in options.only or PARTS:
        PARTS[name](arguments)


if __name__ == "__main__":
    main()
