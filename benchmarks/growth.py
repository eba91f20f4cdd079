"""How the cost of each verb grows with the folder: 1,000, 5,000 and 20,000 articles.

    python benchmarks/growth.py [--sizes N N…] [--keep FOLDER]

The articles are made up with a fixed seed, about 3 kB each: words as unevenly common as in any
language, under headings, by some authors, of some dates. They are embedded by drawing, so that no
model has to work for hours; the vectors are as long as those of the model itself, which embeds the
questions and the article that is changed. Each verb is a process of its own, run as in a shell:
its CPU seconds are those of user and system together, its memory is the most that it held. The
exponent is the slope of a line through the logarithms of size and seconds, what the smallest index
costs taken off: 1 is linear.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import numpy as np

import record
import shell
from ibid.adapters.embedders.minilm import MiniLM
from ibid.library import Library
from ibid.ports import Encoded, EncodedQuery, Vectors
from ibid.settings import Settings
from ibid.ui.panes.articles import Shelves

SIZES = (10, 1_000, 5_000, 20_000)
QUESTION = "What does wovo say about the harvest?"
_AUTHORS, _WORDS, _DRAWN = 97, 20_000, 4_096
_FLAT = 0.2
"""Seconds that say nothing of growth: a process alone varies by half of that."""

_IBID = (sys.executable, "-m", "ibid")


@dataclass(frozen=True, slots=True)
class Verb:
    """A command that is measured, and what is done to the folder before it."""

    words: tuple[str, ...]
    prepare: Callable[[Path], object] = bool


class Drawing:
    """An embedder that draws: equal texts have equal vectors, and so have equal words."""

    identity = MiniLM.identity

    def __init__(self) -> None:
        random = np.random.default_rng(1)
        drawn = random.standard_normal((_DRAWN, self.identity.dimensions), dtype=np.float32)
        self._vectors = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
        self._signs = np.packbits(drawn > 0, axis=1)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text, of unit length."""
        return self._vectors[[crc32(text.encode()) % _DRAWN for text in texts]]

    def query(self, text: str) -> Vectors:
        """Return the vector of one text."""
        return self.passages([text])

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Return one vector per text, and one token per word."""
        numbers = ([crc32(word.encode()) % _DRAWN for word in text.split()] for text in texts)
        return Encoded(self.passages(texts), tuple(self._signs[each] for each in numbers))

    def encode_query(self, text: str) -> EncodedQuery:
        """Return the vector of one text; nothing asks for its tokens while an index is built."""
        return EncodedQuery(self.query(text), np.zeros((0, 0), dtype=np.float32), ())


def main(argv: Sequence[str] | None = None) -> None:
    """Build and measure; `argv` are the arguments of the command line."""
    parser = record.make_parser(__doc__ or "")
    parser.add_argument("--sizes", type=record.positive, nargs="+", default=list(SIZES))
    parser.add_argument("--rounds", type=record.positive, default=3)
    parser.add_argument("--keep", type=Path, help="where the articles are made, and stay")
    parser.add_argument("--pane", type=Path, help="an index whose Articles are shown")
    options = parser.parse_args(argv)
    if options.pane:
        show_articles(options.pane)
        return
    kept = record.begin("growth", parser, options)
    found: dict[str, dict[int, shell.Cost]] = {}
    with tempfile.TemporaryDirectory(prefix="ibid-growth-") as scratch:
        for size in options.sizes:
            place = (options.keep or Path(scratch)) / str(size)
            make_library(place, size)
            for name, cost in measure(place, options.rounds):
                found.setdefault(name, {})[size] = cost
                print(f"{size:>7,}  {name:<22} {_describe(cost)}", flush=True)
    kept.write(describe(found))
    kept.finish()


def make_library(place: Path, size: int) -> None:
    """Make a folder of articles and its index, unless they are there."""
    if (place / "index" / "CURRENT").exists():
        return
    random, words = Random(1), make_words(Random(2))
    for number in range(size):
        path = place / "articles" / f"{number % 97:02}" / f"{number:06}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make_article(number, random, words), encoding="utf-8")
    started = time.process_time()
    settings = Settings(model="none")
    Library.open(place / "articles", place / "index", settings, embedder=Drawing()).build()
    print(f"{size:>7,}  built in {time.process_time() - started:.1f} s of CPU", flush=True)


def make_words(random: Random) -> list[str]:
    """Return words that can be spoken."""
    syllables = [c + v for c in "bdfghklmnprstvwz" for v in "aeiou"]
    made = ("".join(random.choices(syllables, k=random.randint(2, 4))) for _ in range(3 * _WORDS))
    return list(dict.fromkeys(made))[:_WORDS]


def make_article(number: int, random: Random, words: Sequence[str]) -> str:
    """Return an article of some 3 kB: its n-th word comes about 1/n as often as the first one."""
    drawn = iter(_WORDS ** random.random() for _ in range(2_000))

    def phrase(length: int) -> str:
        return " ".join(words[int(next(drawn)) - 1] for _ in range(length)).capitalize()

    day = f"20{number % 25:02}-{number % 12 + 1:02}-{number % 28 + 1:02}"
    head = f"---\ntitle: {phrase(5)}\nauthor: Author {number % _AUTHORS}\ndate: {day}\n"
    sections = (
        f"## {phrase(3)}\n\n" + " ".join(f"{phrase(random.randint(6, 20))}." for _ in range(8))
        for _ in range(4)
    )
    return f"{head}tags: [{words[number % 50]}]\n---\n\n" + "\n\n".join(sections) + "\n"


def verbs(place: Path) -> Mapping[str, Verb]:
    """Return what is measured over the library in a folder."""
    at = ("--index", str(place / "index"))
    some = "00/000000.md"
    pane = (sys.executable, __file__, "--pane", str(place / "index"))
    return {
        "search": Verb((*_IBID, "search", QUESTION, *at)),
        "ask": Verb((*_IBID, "ask", "--model", "none", QUESTION, *at)),
        "show": Verb((*_IBID, "show", some, *at)),
        "articles": Verb((*_IBID, "articles", *at)),
        "articles --json": Verb((*_IBID, "articles", "--json", *at)),
        "Articles in the chat": Verb(pane),
        "lint": Verb((*_IBID, "lint", *at)),
        "check": Verb((*_IBID, "check", *at)),
        "build, nothing changed": Verb((*_IBID, "build", *at)),
        "build, one changed": Verb((*_IBID, "build", *at), _change),
    }


def measure(place: Path, rounds: int) -> Iterator[tuple[str, shell.Cost]]:
    """Yield what each verb takes: the least of some rounds, since other processes disturb."""
    for name, verb in verbs(place).items():
        costs: list[shell.Cost] = []
        for _ in range(rounds):
            verb.prepare(place / "articles")
            costs.append(shell.measure(verb.words))
        yield name, min(costs, key=lambda cost: cost.seconds)


def _change(folder: Path) -> None:
    """Write one more sentence into an article in the middle."""
    paths = sorted(folder.rglob("*.md"))
    with paths[len(paths) // 2].open("a", encoding="utf-8") as file:
        file.write(f"\nNobody had said so before {time.time_ns()}.\n")


def show_articles(index: Path) -> None:
    """Show the first page of Articles and then the next one, as the chat does."""
    shelves = Shelves(Library.open(index=index, settings=Settings(model="none")))
    shelves.write()
    shelves.write(start=100)


def describe(found: Mapping[str, Mapping[int, shell.Cost]]) -> dict[str, Any]:
    """Return the costs of each verb by size, and print how they grow."""
    told: dict[str, Any] = {}
    for name, costs in found.items():
        slope = exponent({size: cost.seconds for size, cost in costs.items()})
        print(f"{name:<24} {'flat' if slope is None else f'exponent {slope:.2f}'}")
        told[name] = {"exponent": slope, "costs": {n: asdict(c) for n, c in costs.items()}}
    return told


def exponent(seconds: Mapping[int, float]) -> float | None:
    """Return how seconds grow beyond what the smallest size costs, None where they hardly do."""
    (_, start), *rest = sorted(seconds.items())
    beyond = {size: taken - start for size, taken in rest}
    if len(beyond) < 2 or min(beyond.values()) <= 0 or max(beyond.values()) < _FLAT:
        return None
    return float(np.polyfit(np.log(list(beyond)), np.log(list(beyond.values())), 1)[0])


def _describe(cost: shell.Cost) -> str:
    return f"{cost.seconds:6.2f} s of CPU, {cost.wall:6.2f} s in all, {cost.megabytes:5.0f} MB"


if __name__ == "__main__":
    main()
