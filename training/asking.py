"""A whole question to a folder: today's rules beside the reader, on the passages that both find.

`python training/asking.py --weights reader.pt --folder seeds --questions FILE --out FOLDER`
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from examples import Example, Window
from folders import Question, letters, read_lines, write_folder
from measuring import read_all
from model import Reader
from vectors import Vectors

from ibid import Library
from ibid.answering.pipeline import CANDIDATES
from ibid.answering.selection import choose
from ibid.english import is_statement
from ibid.index import Index, IndexedPassage
from ibid.search import Ranked, find_evidence, rank, read_question
from ibid.text import plain


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and what the rules and the reader make of it."""

    kind: str
    question: str
    gold: frozenset[str]
    rules: float
    """Score of the best sentence, by today's rules."""
    rules_first: str
    """The sentence that an answer by them begins with."""
    reader: float
    """Score of the best sentence above "not here"."""
    reader_first: str
    reader_next: str
    cosine: float
    cosine_first: str
    seconds: float
    """Of CPU, for reading alone, by torch."""
    read: list[tuple[float, float, float, bool]]
    """Of all sentences: what the reader scores, the cosine, the passage's score, whether it is
    right."""


class Asking:
    """Asks a library in both ways."""

    def __init__(self, library: Library, reader: Reader, vectors: Vectors) -> None:
        self._library, self._reader, self._vectors = library, reader, vectors
        self._index: Index = library._index()

    def ask(self, asked: Question) -> Asked:
        """Return what the rules and the reader make of a question."""
        text = asked.text
        question = read_question(text, self._index, self._library.embedder)
        ranked = rank(question, self._index, CANDIDATES)
        evidence = find_evidence(question, ranked, self._index)
        chosen = choose(question.form, evidence, self._index)
        pairs = [(self._example(text, found), found.score_as_a_whole) for found in ranked]
        examples = [e for e, _ in pairs if e]
        passage = [score for e, score in pairs if e for _ in e.window.sentences]
        said = [s for e in examples for s in e.window.sentences]
        self._vectors.add([text, *said])
        started = time.process_time()
        read = read_all(examples, self._reader, self._vectors)
        seconds = time.process_time() - started
        score, cosine = np.concatenate(read.reader), np.concatenate(read.cosine)
        order = np.argsort(-score)
        return Asked(
            asked.kind,
            text,
            asked.gold,
            round(max((e.score for e in evidence), default=0.0), 4),
            chosen[0].text if chosen else "",
            round(float(score[order[0]]), 4),
            said[order[0]],
            said[order[1]],
            round(float(cosine.max()), 4),
            said[int(cosine.argmax())],
            round(seconds, 3),
            [
                (round(float(s), 3), round(float(c), 3), round(p, 3), letters(text) in asked.gold)
                for s, c, p, text in zip(score, cosine, passage, said, strict=True)
            ],
        )

    def _example(self, question: str, found: Ranked) -> Example | None:
        row: IndexedPassage = self._index.corpus.row(found.row)
        article = self._index.corpus.article(row.passage.article)
        sentences = [plain(span.of(article.text)) for span in row.passage.sentences]
        kept = tuple(sentence for sentence in sentences if is_statement(sentence))
        headings = [h for h in row.passage.headings if h != article.title]
        title = " / ".join([article.title, *headings])
        return Example(question, Window(title, kept), frozenset(), "") if kept else None


def auc(asked: Sequence[Asked], by: str, wrong: str) -> float:
    """Return how often an answerable question scores above one of another kind."""
    good = np.array([getattr(a, by) for a in asked if a.kind == "answerable"])
    bad = np.array([getattr(a, by) for a in asked if a.kind == wrong])
    above = (good[:, None] > bad[None, :]) + 0.5 * (good[:, None] == bad[None, :])
    return round(float(above.mean()), 3)


def first_right(asked: Sequence[Asked], by: str) -> float | None:
    """Return how often the first sentence is one that answers."""
    known = [a for a in asked if a.gold]
    if not known:
        return None
    hits = [letters(getattr(a, f"{by}_first")) in a.gold for a in known]
    return round(sum(hits) / len(hits), 3)


def summarise(asked: Sequence[Asked]) -> dict[str, object]:
    """Return the figures of both, and of the plain cosine."""
    ways = ("rules", "reader", "cosine")
    kinds = sorted({a.kind for a in asked} - {"answerable"})
    return {
        "questions": {kind: sum(a.kind == kind for a in asked) for kind in ("answerable", *kinds)},
        **{f"AUC {kind}": {by: auc(asked, by, kind) for by in ways} for kind in kinds},
        "first sentence right": {by: first_right(asked, by) for by in ways},
    }


def main() -> None:
    """Ask a folder the questions of a file, or of a set that is written as a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--apart", type=int, default=2)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--questions", type=Path, help="lines `kind<TAB>question`")
    parser.add_argument("--set", choices=("choosing", "squad2", "clapnq"))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--count", type=int, default=120, help="questions of a kind")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    reader = Reader(options.apart)
    reader.load_state_dict(torch.load(options.weights), strict=False)
    if options.set:
        questions = write_folder(options.set, options.data, options.folder, options.count)
    else:
        questions = read_lines(options.questions)
    library = Library.open(options.folder, options.out / "index")
    library.build()
    asking = Asking(library, reader, Vectors(options.out / "vectors.pkl"))
    asked = [asking.ask(question) for question in questions]
    found = summarise(asked)
    rows = [asdict(a) | {"gold": sorted(a.gold)} for a in asked]
    text = json.dumps({**found, "asked": rows}, indent=1, ensure_ascii=False)
    (options.out / "asked.json").write_text(text + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
