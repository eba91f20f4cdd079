"""Bits flipped, blocks zeroed, files cut or exchanged: refused, or answered as before."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from orchard import QUESTION, edit, make_folder, open_library

from ibid.errors import IndexUnusable

ARTICLES = 20
_BLOCK = 4096
_SMALL = 256  # bytes of a file of which every bit is flipped


def run(root: Path, flips: int, as_process: int, random: Random) -> Counter[str]:
    """Damage an index `flips` times and more, each time in one place; return what came of it."""
    folder, index = root / "articles", root / "index"
    make_folder(folder, ARTICLES, random)
    library = open_library(folder, index)
    library.build()
    other = _other_generation(folder, root / "other", random)
    answer = library.search(QUESTION)
    counts: Counter[str] = Counter()
    files = [index / "CURRENT", *sorted(library.store.current().folder.rglob("*"))]
    files = [path for path in files if path.is_file()]
    for path in files:
        whole = path.read_bytes()
        share = flips // len(files) + 1
        for kind, data in _damages(whole, share, other.get(path.name), random):
            path.write_bytes(data)
            try:
                same = open_library(folder, index).search(QUESTION) == answer
                assert same, f"{path}: another answer after {kind}"
                counts[f"{kind}: the same answer"] += 1
            except IndexUnusable:
                counts[f"{kind}: refused"] += 1
            path.write_bytes(whole)
    for _ in range(as_process):
        path = random.choice(files)
        whole = path.read_bytes()
        path.write_bytes(_flip(whole, random.randrange(8 * len(whole))))
        counts[f"{_run_command(folder, index)} by the command"] += 1
        path.write_bytes(whole)
    return counts


def _damages(
    whole: bytes, flips: int, other: bytes | None, random: Random
) -> Iterator[tuple[str, bytes]]:
    bits = 8 * len(whole)
    every = range(bits) if len(whole) <= _SMALL else ()
    for bit in (*every, *(random.randrange(bits) for _ in range(flips))):
        yield "bit flips", _flip(whole, bit)
    for start in range(0, len(whole), _BLOCK):
        yield "files cut at 4 KB", whole[:start]
        zeroed = whole[:start] + bytes(min(_BLOCK, len(whole) - start)) + whole[start + _BLOCK :]
        if zeroed != whole:
            yield "blocks of 4 KB zeroed", zeroed
    if other is not None and other != whole:
        yield "files of another generation", other


def _flip(whole: bytes, bit: int) -> bytes:
    return whole[: bit // 8] + bytes([whole[bit // 8] ^ 1 << bit % 8]) + whole[bit // 8 + 1 :]


def _other_generation(folder: Path, index: Path, random: Random) -> dict[str, bytes]:
    """Return the files of an index of almost the same folder, by name."""
    changed = folder.with_name("changed")
    changed.mkdir()
    for path in folder.iterdir():
        (changed / path.name).write_bytes(path.read_bytes())
    edit(changed, random)
    library = open_library(changed, index)
    library.build()
    paths = [index / "CURRENT", *library.store.current().folder.rglob("*")]
    return {path.name: path.read_bytes() for path in paths if path.is_file()}


def _run_command(folder: Path, index: Path) -> str:
    command = (
        "import ibid.library, ibid.testing; from ibid.cli.commands import main; "
        "ibid.library.MiniLM = lambda precision: ibid.testing.HashEmbedder(); main()"
    )
    arguments = ["search", "--index", str(index), "--articles", str(folder), QUESTION]
    done = subprocess.run(
        [sys.executable, "-c", command, *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    if done.returncode == 0:
        return "answered"
    assert done.returncode == 4, done.stderr
    assert done.stderr.startswith("error: ")
    assert re.search(r"^hint: +ibid build$", done.stderr, re.MULTILINE), done.stderr
    return "refused"
