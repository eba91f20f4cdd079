"""How good a ranking is: standard measures by ir-measures, intervals and paired tests by SciPy."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ibid.types import Span

Qrels = Mapping[str, Mapping[str, int]]
"""Per question the ids of what answers it, each with its grade."""

Run = Mapping[str, Mapping[str, float]]
"""Per question the ids that were found, each with its score."""

Values = Mapping[str, float]
"""A measure's value per question."""

MEASURES = ("nDCG@10", "Success@1", "RR", "R@10", "R@100")
"""In ir-measures' notation; RR is the reciprocal rank (its mean is the MRR), R the recall."""

_RESAMPLES = 5000
_SEED = 20260727
_TIE = 1e-9


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over questions, and the interval that holds 95 % of its bootstrap samples."""

    mean: float
    low: float
    high: float
    questions: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two rankings of the same questions by one measure."""

    a: float
    """The mean of A, over the questions that both have."""
    b: float
    difference: Estimate
    """Of B to A, question by question."""
    p: float
    """Two-sided paired permutation test of the means (Smucker, Allan and Carterette 2007)."""
    won: tuple[str, ...]
    """The questions that B answers better than A, the clearest first."""
    lost: tuple[str, ...]


def measure(qrels: Qrels, run: Run) -> Mapping[str, Values]:
    """Return the value of each measure for each question of `qrels`.

    A question without any result counts as 0.
    """
    import ir_measures

    untyped: Any = ir_measures
    parsed = [untyped.parse_measure(name) for name in MEASURES]
    values = {name: dict.fromkeys(sorted(qrels), 0.0) for name in MEASURES}
    results = {question: run[question] for question in qrels if run.get(question)}
    if results:
        questions = _ordinals([qrels])
        ids = _ordinals([*qrels.values(), *results.values()])
        judged, ranked = _renamed(qrels, questions, ids), _renamed(results, questions, ids)
        names = {ordinal: question for question, ordinal in questions.items()}
        for metric in untyped.iter_calc(parsed, judged, ranked):
            values[str(metric.measure)][names[metric.query_id]] = float(metric.value)
    return dict(values)


def _ordinals(groups: Iterable[Iterable[str]]) -> dict[str, str]:
    """Return a number for each id, in their order, by which TREC's tools part equal scores.

    In those tools an id ends at its first zero, and one that is no Unicode ends the process.
    """
    ids = sorted({id for group in groups for id in group})
    return {id: f"{number:09}" for number, id in enumerate(ids)}


def _renamed(
    values: Mapping[str, Mapping[str, Any]], questions: Mapping[str, str], ids: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    return {
        questions[question]: {ids[id]: value for id, value in scores.items()}
        for question, scores in values.items()
    }


def estimate(values: Sequence[float]) -> Estimate:
    """Return the mean with its bootstrap interval (percentile method, Efron 1979)."""
    mean = float(np.mean(values)) if values else 0.0
    if len(set(values)) < 2:  # noqa: PLR2004 -- nothing varies
        return Estimate(mean, mean, mean, len(values))
    from scipy import stats

    untyped: Any = stats
    interval = untyped.bootstrap(
        (np.asarray(values),),
        np.mean,
        n_resamples=_RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(_SEED),
        batch=100,
    ).confidence_interval
    return Estimate(mean, float(interval.low), float(interval.high), len(values))


def compare(a: Values, b: Values) -> Comparison:
    """Return how B does against A on the questions that both have."""
    ids = sorted(a.keys() & b.keys())
    differences = {id: b[id] - a[id] for id in ids}
    order = sorted(ids, key=lambda question: (-abs(differences[question]), question))
    return Comparison(
        a=float(np.mean([a[id] for id in ids])) if ids else 0.0,
        b=float(np.mean([b[id] for id in ids])) if ids else 0.0,
        difference=estimate(list(differences.values())),
        p=_paired_p(list(differences.values())),
        won=tuple(id for id in order if differences[id] > _TIE),
        lost=tuple(id for id in order if differences[id] < -_TIE),
    )


def _paired_p(differences: Sequence[float]) -> float:
    if len(differences) < 2 or all(abs(difference) <= _TIE for difference in differences):  # noqa: PLR2004
        return 1.0
    from scipy import stats

    untyped: Any = stats
    return float(
        untyped.permutation_test(
            (np.asarray(differences),),
            np.mean,
            permutation_type="samples",
            n_resamples=_RESAMPLES,
            rng=np.random.default_rng(_SEED),
            batch=100,
        ).pvalue
    )


def overlap(hits: Sequence[Span], wanted: Sequence[Span]) -> tuple[float, float, float]:
    """Return recall, precision and IoU of the characters of some spans of one text.

    Each character counts once, as in Smith and Troynikov 2024 (chunking evaluation).
    """
    here, there = _characters(hits), _characters(wanted)
    common, either = len(here & there), len(here | there)
    return (
        common / len(there) if there else 0.0,
        common / len(here) if here else 0.0,
        common / either if either else 0.0,
    )


def _characters(spans: Sequence[Span]) -> set[int]:
    return {place for span in spans for place in range(span.start, span.end)}
