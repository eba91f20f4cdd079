"""How well questions that the articles do not answer are told from those that they do.

    python benchmarks/refusing.py --data FOLDER [--sets seeds squad] [--limit 500]

seeds         questions about the seeds, and those of SQuAD and CLAP NQ: off the subject
squad         questions, each asked once with its article among the others and once without
clapnq-out    the same
clapnq        questions that a passage answers, and those that annotators found unanswered by the
              passage that was found for them: near misses
self-18f      headings of 18F's posts, and of posts that were held out (`ibid eval --self`)
self-seeds    the same of the seeds

For each share of answerable questions that are answered, from 80 to 100 %, it measures how many of
the others are refused: by the probability that the best sentence answers, which ibid refuses by,
and by the cosine of the best passage alone. Prints a table, and writes the curves to
`benchmarks/results/refusing-COMMIT.json`. Indexes are kept in `.bench/` and reused.
"""

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import record
from ibid.adapters.indexes.open import open_index
from ibid.answering.pipeline import CANDIDATES
from ibid.evaluation.cases import Case
from ibid.evaluation.running import draw, prepare
from ibid.evaluation.selfmade import make_set
from ibid.evaluation.sets import read_set
from ibid.library import Library
from ibid.search.evidence import ANSWERED, CLOSEST, find_evidence
from ibid.search.question import read_question
from ibid.search.ranking import rank
from ibid.settings import Settings

SHARES = tuple(percent / 100 for percent in range(80, 101))
"""Of the answerable questions, how many are answered."""

SIGNALS = ("evidence", "cosine")
_GOAL = 0.95
_RESAMPLES = 2000
_SEED = 20261121

QUESTIONS = record.ROOT / "tests" / "data" / "seed_questions.json"


@dataclass(frozen=True, slots=True)
class Score:
    """What speaks for an answer to a question."""

    evidence: float
    """The probability that its best sentence answers: what ibid decides by."""
    cosine: float
    """Of its best passage."""


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of questions that the articles answer, and of others."""

    answerable: tuple[Score, ...]
    unanswerable: tuple[Score, ...]

    def of(self, signal: str) -> tuple[list[float], list[float]]:
        """Return what one signal gives to each."""
        sides = (self.answerable, self.unanswerable)
        answerable, unanswerable = ([getattr(each, signal) for each in side] for side in sides)
        return answerable, unanswerable


class Asker:
    """Scores questions to the index of a library."""

    def __init__(self, library: Library) -> None:
        self._index = library.store.read(open_index)
        self._embedder, self._reader = library.embedder, library.reader

    def __call__(self, case: Case, *, without: bool = False) -> Score:
        """Return the scores of a question, asked of all articles or of those that say nothing."""
        hidden = {target.article for target in case.targets} if without else set()
        articles = set(self._index.corpus.ids) - hidden if without else None
        asked = read_question(case.question, self._index, self._embedder, articles)
        ranked = rank(asked, self._index, CANDIDATES)
        evidence = find_evidence(asked, ranked, self._index, self._reader)
        closest = self._index.meaning.search(asked.vector, 1, asked.rows)
        return Score(
            max((each.probability for each in evidence), default=0.0),
            max((float(cosine) for _, cosine in closest), default=0.0),
        )


def threshold_for(share: float, answerable: Sequence[float]) -> float:
    """Return the highest threshold that answers at least `share` of the answerable questions."""
    needed = math.ceil(share * len(answerable) - 1e-9)
    return sorted(answerable, reverse=True)[max(needed, 1) - 1]


def share_below(threshold: float, scores: Iterable[float]) -> float:
    """Return what share of questions a threshold refuses."""
    return float(np.mean([score < threshold for score in scores]))


def describe(scores: Scores) -> dict[str, Any]:
    """Return the curve of each signal, and what ibid's own thresholds do."""
    answerable, unanswerable = scores.of("evidence")
    found: dict[str, Any] = {
        "answerable": len(answerable),
        "unanswerable": len(unanswerable),
        "by_default": {
            name: {
                "threshold": threshold,
                "answerable_refused": round(share_below(threshold, answerable), 4),
                "unanswerable_answered": round(1 - share_below(threshold, unanswerable), 4),
            }
            for name, threshold in (("closest", CLOSEST), ("answered", ANSWERED))
        },
        "curve": {"answered": list(SHARES)},
    }
    drawn = _draw_anew(scores)
    for signal in SIGNALS:
        answerable, unanswerable = scores.of(signal)
        thresholds = [threshold_for(share, answerable) for share in SHARES]
        found["curve"][signal] = [round(share_below(each, unanswerable), 4) for each in thresholds]
        threshold = threshold_for(_GOAL, answerable)
        found[f"{signal}_at_95"] = {
            "threshold": round(threshold, 4),
            "refused": round(share_below(threshold, unanswerable), 4),
            **_interval(drawn[signal]),
        }
    found["difference_at_95"] = _interval(drawn["evidence"] - drawn["cosine"])
    return found


def _draw_anew(scores: Scores) -> dict[str, NDArray[np.float64]]:
    """Return what each signal refuses at 95 % answered, for questions drawn from these anew.

    Each draw is the same for both signals, so that they can be compared in pairs.
    """
    random = np.random.default_rng(_SEED)
    found: dict[str, list[float]] = {signal: [] for signal in SIGNALS}
    for _ in range(_RESAMPLES):
        known = random.integers(len(scores.answerable), size=len(scores.answerable))
        others = random.integers(len(scores.unanswerable), size=len(scores.unanswerable))
        for signal in SIGNALS:
            answerable, unanswerable = map(np.asarray, scores.of(signal))
            threshold = threshold_for(_GOAL, answerable[known].tolist())
            found[signal].append(share_below(threshold, unanswerable[others].tolist()))
    return {signal: np.asarray(values) for signal, values in found.items()}


def _interval(values: NDArray[np.float64]) -> dict[str, float]:
    low, high = np.percentile(values, (2.5, 97.5))
    return {"low": round(float(low), 4), "high": round(float(high), 4)}


def ask_off_the_subject(data: Path, work: Path, limit: int) -> Scores:
    """Ask the seeds what is known of them, and what other sets ask."""
    ask = Asker(_seeds(work))
    known = [Case(each, each, ()) for each in json.loads(QUESTIONS.read_text("utf-8"))]
    others = [
        case for name in ("squad", "clapnq") for case in draw(read_set(name, data).cases, limit)
    ]
    return Scores(tuple(map(ask, known)), tuple(map(ask, others)))


def ask_without(name: str) -> Callable[[Path, Path, int], Scores]:
    """Return what asks a set with the article that answers, and without it."""

    def measure(data: Path, work: Path, limit: int) -> Scores:
        questions = read_set(name, data)
        ask = Asker(prepare(questions, work, Settings(model="none"), record.ignore))
        cases = draw([case for case in questions.cases if case.answerable], limit)
        return Scores(tuple(map(ask, cases)), tuple(ask(case, without=True) for case in cases))

    return measure


def ask_near_misses(data: Path, work: Path, limit: int) -> Scores:
    """Ask CLAP NQ, half of whose questions come close to a passage that does not answer them."""
    questions = read_set("clapnq", data)
    return _ask_both(
        prepare(questions, work, Settings(model="none"), record.ignore), questions.cases, limit
    )


def ask_of_itself(data: Path, work: Path, limit: int) -> Scores:
    """Ask 18F's posts their headings, and those of the posts that are held out."""
    posts = prepare(read_set("18f", data), work, Settings(model="none"), record.ignore)
    return _ask_own(posts, work, "self-18f", limit)


def ask_seeds_of_themselves(data: Path, work: Path, limit: int) -> Scores:
    """Ask the seeds their headings, and those of the one that is held out."""
    return _ask_own(_seeds(work), work, "self-seeds", limit)


def _ask_own(library: Library, work: Path, name: str, limit: int) -> Scores:
    made = replace(make_set(library.articles, library.folders), name=name)
    headings = [case for case in made.cases if case.id.startswith("heading")]
    return _ask_both(prepare(made, work, Settings(model="none"), record.ignore), headings, limit)


def _ask_both(library: Library, cases: Sequence[Case], limit: int) -> Scores:
    ask = Asker(library)
    answerable = draw([case for case in cases if case.answerable], limit)
    unanswerable = draw([case for case in cases if not case.answerable], limit)
    return Scores(tuple(map(ask, answerable)), tuple(map(ask, unanswerable)))


def _seeds(work: Path) -> Library:
    library = Library.open(record.ROOT / "seeds", work / "seeds-index", Settings(model="none"))
    library.build()
    return library


SETS: Mapping[str, Callable[[Path, Path, int], Scores]] = {
    "seeds": ask_off_the_subject,
    "squad": ask_without("squad"),
    "clapnq-out": ask_without("clapnq"),
    "clapnq": ask_near_misses,
    "self-18f": ask_of_itself,
    "self-seeds": ask_seeds_of_themselves,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure the sets that are asked for."""
    parser = record.make_set_parser("Measure what is refused.", SETS, 500)
    options = parser.parse_args(argv)
    if not record.has_data("refusing", options.data):
        return 0
    kept = record.begin("refusing", parser, options)
    found: dict[str, Any] = {}
    print(
        "of unanswerable questions refused, with 95 % of the others answered; the default's errors"
    )
    for name in options.sets:
        found[name] = describe(SETS[name](options.data, options.work, options.limit))
        print("  ".join(_tell(name, found[name])), flush=True)
        kept.write({"sets": found})
    kept.finish()
    return 0


def _tell(name: str, found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{name:12}{found['answerable']:5} + {found['unanswerable']:<5}"
    for signal in SIGNALS:
        at = found[f"{signal}_at_95"]
        interval = f"{at['low']:.2f} to {at['high']:.2f}"
        yield f"{signal} {at['refused']:.3f} ({interval}, from {at['threshold']:.3f} on)"
    for kind, error in found["by_default"].items():
        missed, wrong = error["answerable_refused"], error["unanswerable_answered"]
        yield f"{kind}: {missed:.3f} of the answerable are not, {wrong:.3f} of the others are"


if __name__ == "__main__":
    sys.exit(main())
