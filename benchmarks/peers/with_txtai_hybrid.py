"""txtai with `hybrid=True`: its BM25 beside the vectors."""

from functools import partial

from peer import serve
from with_txtai import build, load

if __name__ == "__main__":
    serve(partial(build, hybrid=True), load)
