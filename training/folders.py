"""Sets as folders of articles, so that whole questions can be asked of them."""

import random
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from asked import read_asked
from examples import CHOOSING, HELD_OUT, OWN_CHOOSING, Example, read_clapnq, read_squad

ENDLESS = 1_000_000


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a folder, of some kind, and the sentences that answer it."""

    kind: str
    text: str
    gold: frozenset[str] = frozenset()


def letters(sentence: str) -> str:
    """Return what of a sentence stays the same however it is written down."""
    return re.sub(r"\W", "", sentence.lower())


def write_folder(name: str, data: Path, folder: Path, count: int) -> list[Question]:
    """Write the articles of a set as Markdown; return `count` questions of each of its kinds."""
    examples = _read(name, data)
    if name == "own":
        shutil.copytree(data / "own" / OWN_CHOOSING.removeprefix("own "), folder)
        return [*_draw(examples, count), *_draw_elsewhere(name, data, count)]
    folder.mkdir(parents=True, exist_ok=True)
    for number, (title, texts) in enumerate(_articles(examples).items()):
        text = "\n\n".join((f"# {title}", *texts)) + "\n"
        (folder / f"{number:04}.md").write_text(text, encoding="utf-8")
    return [*_draw(examples, count), *_draw_elsewhere(name, data, count)]


def read_lines(path: Path) -> list[Question]:
    """Return the questions of a file of lines `kind<TAB>question`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Question(*line.split("\t")) for line in lines]


def _read(name: str, data: Path) -> list[Example]:
    if name == "own":
        return [e for e in read_asked(data) if e.source == OWN_CHOOSING]
    if name == "clapnq":
        return list(read_clapnq(data / "sets/clapnq"))
    keep = CHOOSING if name == "choosing" else HELD_OUT
    path = data / "train/squad2-half.json.gz"
    return list(read_squad(path, "squad2", keep, ENDLESS))


def _articles(examples: Iterable[Example]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        text = " ".join(example.window.sentences)
        if text not in found[example.window.title]:
            found[example.window.title].append(text)
    return found


def _draw(examples: Sequence[Example], count: int) -> list[Question]:
    rng = random.Random(1)  # noqa: S311 - nothing is kept secret by it
    drawn: list[Question] = []
    for kind, right in (("answerable", True), ("near", False)):
        some = [e for e in examples if bool(e.answers) == right]
        for e in rng.sample(some, min(count, len(some))):
            gold = frozenset(letters(e.window.sentences[n]) for n in e.answers)
            drawn.append(Question(kind, e.question, gold))
    return drawn


def _draw_elsewhere(name: str, data: Path, count: int) -> list[Question]:
    """Return questions that another set answers: off the subject here."""
    other = _read("clapnq" if name != "clapnq" else "squad2", data)
    asked = [q for q in _draw(other, count // 2) if q.kind == "answerable"]
    return [Question("off", q.text) for q in asked]
