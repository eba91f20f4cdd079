"""Where an answer without a model says what is asked for, on SQuAD.

    python benchmarks/answering.py --data FOLDER [--limit 1500]

What people gave for an answer is looked for, in lower case, in the first sentence of ibid's answer,
in the first three and in all of it. A question that is refused counts as one without the answer.
"""

import gzip
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import record
from ibid.evaluation.running import draw, prepare
from ibid.evaluation.sets import read_set
from ibid.settings import Settings

FIRST = 3


def main(argv: Sequence[str] | None = None) -> int:
    """Print of how many questions the answer stands where."""
    parser = record.make_parser("Measure answers without a model.")
    parser.add_argument("--limit", type=record.positive, default=1500, help="questions")
    parser.add_argument("--work", type=Path, default=record.WORK)
    options = parser.parse_args(argv)
    if not record.has_data("answering", options.data):
        return 0
    kept = record.begin("answering", parser, options)
    squad = read_set("squad", options.data)
    library = prepare(squad, options.work, Settings(model="none"), record.ignore)
    wanted = read_answers(options.data)
    cases = draw(squad.cases, options.limit)
    said = {case.id: [claim.text for claim in library.ask(case.question).claims] for case in cases}
    found = {
        name: sum(holds(texts[:most], wanted[id]) for id, texts in said.items()) / len(cases)
        for name, most in (("first sentence", 1), ("first three", FIRST), ("whole answer", None))
    }
    for name, share in found.items():
        print(f"{name:14} {share:.3f} of {len(cases)} questions")
    kept.write(
        {"questions": len(cases), "refused": sum(not each for each in said.values())} | found
    )
    kept.finish()
    return 0


def read_answers(data: Path) -> dict[str, list[str]]:
    """Return what people gave for an answer to each question."""
    with gzip.open(data / "squad" / "squad_dev.json.gz", "rt", encoding="utf-8") as file:
        return {each["id"]: each["answers"] for each in json.load(file)["questions"]}


def holds(texts: Iterable[str], answers: Iterable[str]) -> bool:
    """Tell whether one of the texts holds one of the answers."""
    said = [text.lower() for text in texts]
    return any(answer.lower() in text for answer in answers for text in said)


if __name__ == "__main__":
    sys.exit(main())
