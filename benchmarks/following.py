"""What it is worth to say follow-up questions in full, on SQuAD.

    python benchmarks/following.py --data FOLDER

Two questions in a row on the same article often have a name in common. In the second one it is
made into a pronoun (`What did Tesla invent?` becomes `What did it invent?`), and the question is
asked as it is then typed, said in full from the one before, and as SQuAD has it, with the name. The
same is asked of the untouched questions: how many are changed though they need not be?
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import record
from ibid.answering.followups import restate
from ibid.answering.pipeline import measure_closeness
from ibid.evaluation.cases import Case
from ibid.evaluation.running import prepare
from ibid.evaluation.sets import read_set
from ibid.library import Library
from ibid.settings import Settings
from ibid.types.answers import Hit, Turn

_NAME = re.compile(r"(?<=\s)(?:the )?([A-Z][\w.-]*(?: (?:of |the )*[A-Z0-9][\w.-]*)*)")
_PRONOUN_FITS = re.compile(
    r"\bits\b|\bit(?=\?|,| (?:did|was|were|is|are|does|do|has|have|had|in|on|at|by|with|take|from"
    r"|to|for|before|after|of|can|will)\b)"
)


@dataclass(frozen=True)
class Pair:
    """A question, and the one after it with a pronoun."""

    before: str
    short: str
    case: Case


def main(argv: Sequence[str] | None = None) -> int:
    """Print how often the first passage, and one of the first five, holds the answer."""
    parser = record.make_parser("Measure follow-up questions.")
    parser.add_argument("--limit", type=record.positive, default=1000)
    asked = parser.parse_args(argv)
    if not record.has_data("following", asked.data):
        return 0
    kept = record.begin("following", parser, asked)
    squad = read_set("squad", asked.data)
    library = prepare(squad, record.WORK, Settings(), record.ignore)
    closeness = measure_closeness(library.embedder)
    pairs = list(find_pairs(squad.cases))[: asked.limit]

    def full(pair: Pair) -> str:
        turns = [Turn(pair.before, "")]
        return restate(pair.short, turns, closeness).question

    ways: dict[str, Callable[[Pair], str]] = {
        "as typed": lambda pair: pair.short,
        "said in full": full,
        "with its name": lambda pair: pair.case.question,
    }
    found: dict[str, Any] = {"questions": len(pairs)}
    for way, text in ways.items():
        places = [find_place(library, pair.case, text(pair)) for pair in pairs]
        first, among = (sum(place < k for place in places) / len(places) for k in (1, 5))
        found[way] = {"success@1": first, "success@5": among}
        print(f"{way:14} {len(pairs)} questions  success@1 {first:.3f}  success@5 {among:.3f}")
    changed = sum(restate(b.question, [Turn(a.question, "")], closeness).question != b.question
                  for a, b in pairwise(squad.cases))  # fmt: skip
    print(f"{changed} of {len(squad.cases)} questions as they are would be changed")
    kept.write(found | {"changed": changed, "of": len(squad.cases)})
    kept.finish()
    return 0


def find_pairs(cases: Sequence[Case]) -> Iterator[Pair]:
    """Yield each question that shares a name with the one before, a pronoun in its place."""
    for before, case in pairwise(cases):
        shared = set(_NAME.findall(before.question)) & set(_NAME.findall(case.question))
        if before.targets[0].article != case.targets[0].article or not shared:
            continue
        name = re.escape(max(shared, key=len))
        possessive = re.sub(rf"(?:\bthe )?\b{name}['’]s\b", "its", case.question)
        short = re.sub(rf"(?:\bthe )?\b{name}(?!\w)", "it", possessive)
        if _PRONOUN_FITS.search(short):
            yield Pair(before.question, short, case)


def find_place(library: Library, case: Case, question: str) -> int:
    """Return the place, from 0, of the first passage that holds the answer; 5 for none of five."""
    hits = library.search(question, 5)
    return next((place for place, hit in enumerate(hits) if holds(hit, case)), 5)


def holds(hit: Hit, case: Case) -> bool:
    """Tell whether a passage shares a character with what answers."""
    passage = hit.passage
    return any(
        each.article == passage.article and each.span and each.span.overlaps(passage.span)
        for each in case.targets
    )


if __name__ == "__main__":
    sys.exit(main())
