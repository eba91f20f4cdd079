"""Whole questions to a folder, as the product reads them.

`python training/asking.py --folder FOLDER --set choosing --data DATA --out FILE.json`
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import log
from pathlib import Path

import numpy as np
from folders import Question, letters, read_lines, write_folder

from ibid import Library
from ibid.answering.pipeline import CANDIDATES
from ibid.search import find_evidence, rank, read_question
from ibid.types import MEASURED


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what was read for it."""

    kind: str
    question: str
    first: str
    """The sentence that comes first."""
    right: tuple[bool, ...]
    """Whether each of the first three answers; empty where that is not known."""
    speaks: float
    """What speaks for an answer, before it is made a probability."""
    seconds: float
    """Of CPU, for finding and reading."""


def ask(question: Question, library: Library) -> Asked:
    """Read what is found for a question."""
    index = library._index()
    started = time.process_time()
    asked = read_question(question.text, index, library.embedder)
    ranked = rank(asked, index, CANDIDATES)
    evidence = find_evidence(asked, ranked, index, library.reader)
    seconds = time.process_time() - started
    best = max((each.probability for each in evidence), default=1e-9)
    return Asked(
        question.kind,
        question.text,
        evidence[0].text if evidence else "",
        tuple(letters(e.text) in question.gold for e in evidence[:3]) if question.gold else (),
        round((log(best / (1 - best)) - MEASURED.offset) / MEASURED.slope, 4),
        round(seconds, 3),
    )


def auc(right: Sequence[float], wrong: Sequence[float]) -> float | None:
    """Return how often a right one scores above a wrong one, None where there is none."""
    if not right or not wrong:
        return None
    one, other = np.array(right)[:, None], np.array(wrong)[None, :]
    return round(float(((one > other) + 0.5 * (one == other)).mean()), 3)


def summarise(asked: Sequence[Asked]) -> dict[str, object]:
    """Return how well a question without an answer is told, and which sentence comes first."""
    by_kind = {kind: [a.speaks for a in asked if a.kind == kind] for kind in ("near", "off")}
    answerable = [a.speaks for a in asked if a.kind == "answerable"]
    known = [a.right for a in asked if a.right]
    return {
        "questions": len(asked),
        **{f"AUC {kind}": auc(answerable, wrong) for kind, wrong in by_kind.items()},
        "first right": round(float(np.mean([r[0] for r in known])), 3) if known else None,
        "right among three": round(float(np.mean([any(r) for r in known])), 3) if known else None,
        "CPU seconds": round(float(np.mean([a.seconds for a in asked])), 3),
    }


def main() -> None:
    """Ask a folder the questions of a file, or of a set that is written as a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--questions", type=Path, help="lines `kind<TAB>question`")
    parser.add_argument("--set", choices=("own", "choosing", "squad2", "clapnq"))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--count", type=int, default=120, help="questions of a kind")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    if options.set:
        questions = write_folder(options.set, options.data, options.folder, options.count)
    else:
        questions = read_lines(options.questions)
    library = Library.open(options.folder, options.out.with_suffix(".index"))
    library.build()
    asked = [ask(question, library) for question in questions]
    text = json.dumps([asdict(each) for each in asked], indent=1, ensure_ascii=False)
    options.out.write_text(text + "\n", encoding="utf-8")
    print(json.dumps(summarise(asked), indent=1))


if __name__ == "__main__":
    main()
