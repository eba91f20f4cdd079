"""Measurements as people and as programs read them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ibid.evaluation.asking import READ, Refusals
from ibid.evaluation.measuring import MEASURES, Comparison, Estimate, compare, estimate
from ibid.evaluation.running import Exam, Measurement
from ibid.library import Library
from ibid.text import count
from ibid.types import Article

if TYPE_CHECKING:
    from rich.table import Table

    from ibid.output import Console

SHOWN = 5
"""Questions won and lost that a comparison shows of each."""

BY = MEASURES[0]
"""The measure by which questions are won and lost."""

_FEWEST = 2
"""Questions that an interval needs: one alone does not tell how much they vary."""

_NAMES = {"Success@1": "success@1", "RR": "MRR", "R@10": "recall@10", "R@100": "recall@100"}


def rankings_json(*measured: Measurement) -> dict[str, Any]:
    """Return measurements as `eval --json` prints them, the last one compared with each other."""
    *rivals, last = measured
    values: dict[str, Any] = {"set": last.exam.name, **sizes(last.exam)}
    values["rankings"] = {
        measurement.ranking: _measures_json(measurement) for measurement in measured
    }
    values["compared_with"] = {
        measurement.ranking: _comparison_json(measurement, last) for measurement in rivals
    }
    return values


def _comparison_json(a: Measurement, b: Measurement) -> dict[str, Any]:
    return {name: comparison_json(comparison) for name, comparison in _comparisons(a, b).items()}


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return how one measure differs, on the questions that both have."""
    differs = estimate_json(comparison.difference)
    return {
        "means": [comparison.a, comparison.b] if comparison.difference.questions else [None, None],
        "difference": differs.pop("mean"),
        **differs,
        "p": comparison.p,
        "won": list(comparison.won),
        "lost": list(comparison.lost),
    }


def estimate_json(figure: Estimate) -> dict[str, Any]:
    """Return a mean with its interval; null where there are too few questions for one."""
    has_mean, has_interval = figure.questions >= 1, figure.questions >= _FEWEST
    return {
        "mean": figure.mean if has_mean else None,
        "low": figure.low if has_interval else None,
        "high": figure.high if has_interval else None,
        "questions": figure.questions,
    }


def show_rankings(measured: Sequence[Measurement], console: "Console") -> None:
    """Print one measurement, or the comparison of two."""
    exam = measured[0].exam
    console.print(heading(exam), soft_wrap=True)
    console.print(_compared(*measured) if len(measured) > 1 else _measures(measured[0]))
    lines = [
        _told(measurement.ranking, measurement.refusals)
        for measurement in measured
        if measurement.refusals
    ]
    for line in (*_told_judged(exam), *lines):
        console.print(line, soft_wrap=True)
    if len(measured) > 1:
        _show_questions(*measured, console=console)


def heading(exam: Exam) -> str:
    """Return the name of what is measured, and how much of it there is."""
    amounts = sizes(exam)
    answerable = amounts.pop("answerable")
    counted = ", ".join(count(number, noun[:-1]) for noun, number in amounts.items())
    unanswerable = amounts["questions"] - answerable
    kinds = f" ({answerable:,} answerable, {unanswerable:,} not)" if unanswerable else ""
    return f"{exam.name}: {counted}{kinds}"


def sizes(exam: Exam) -> dict[str, int]:
    """Return how many questions there are and, where they are asked, articles and passages."""
    questions = len(exam.cases) or len(exam.qrels)
    answerable = sum(case.answerable for case in exam.cases) if exam.cases else questions
    amounts = {"questions": questions, "answerable": answerable}
    if exam.library:
        articles = exam.library.articles
        passages = sum(_searched(exam.library, article) for article in articles)
        amounts = {"articles": len(articles), "passages": passages, **amounts}
    return amounts


def _searched(library: Library, article: Article) -> int:
    return sum(bool(passage.sentences) for passage in library.passages(article.id))


def _measures_json(measured: Measurement) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: estimate_json(estimate(list(values.values())))
        for name, values in _all_values(measured).items()
    }
    if refusals := measured.refusals:
        values["answered"] = {"of": refusals.answerable, "count": refusals.answered}
        values["refused"] = {"of": refusals.unanswerable, "count": refusals.refused}
    return values


def _all_values(measured: Measurement) -> dict[str, Mapping[str, float]]:
    values = {_NAMES.get(name, name): scores for name, scores in measured.values.items()}
    if overlap := measured.overlap:
        values[f"characters' recall@{READ}"] = overlap.recall
        values[f"characters' precision@{READ}"] = overlap.precision
        values[f"characters' IoU@{READ}"] = overlap.iou
    return values


def _measures(measured: Measurement) -> "Table":
    rows = table("", measured.ranking, figures=("95 % interval", "questions"))
    for name, values in _all_values(measured).items():
        figure = estimate(list(values.values()))
        mean = f"{figure.mean:.3f}" if figure.questions else "–"
        rows.add_row(name, mean, _interval(figure, ".3f", " to "), f"{figure.questions:,}")
    return rows


def _interval(figure: Estimate, shape: str, between: str) -> str:
    if figure.questions < _FEWEST:
        return "–"
    return f"{figure.low:{shape}}{between}{figure.high:{shape}}"


def _compared(a: Measurement, b: Measurement) -> "Table":
    figures = ("change", "95 %", "p", "won", "lost")
    rows = table("", a.ranking, b.ranking, figures=figures)
    for name, comparison in _comparisons(a, b).items():
        differs = comparison.difference
        rows.add_row(
            name,
            f"{comparison.a:.3f}",
            f"{comparison.b:.3f}",
            f"{differs.mean:+.3f}",
            _interval(differs, "+.3f", ", "),
            told_p(comparison.p),
            str(len(comparison.won)),
            str(len(comparison.lost)),
        )
    return rows


def told_p(p: float) -> str:
    """Return a test's p as tables print it."""
    return "< .001" if p < 0.001 else f"{p:.3f}"  # noqa: PLR2004


def _comparisons(a: Measurement, b: Measurement) -> dict[str, Comparison]:
    of_a, of_b = _all_values(a), _all_values(b)
    return {name: compare(of_a[name], of_b[name]) for name in of_a if name in of_b}


def _show_questions(a: Measurement, b: Measurement, *, console: "Console") -> None:
    """Print the questions that differ most, so that somebody can look at why."""
    comparison = compare(a.values[BY], b.values[BY])
    texts = {case.id: case.question for case in a.exam.cases}
    for outcome, ids in (("won", comparison.won), ("lost", comparison.lost)):
        if ids:
            title = f"\n{outcome} by {b.ranking} ({BY}), {len(ids)} in all:"
            console.print(title, soft_wrap=True)
        for id in ids[:SHOWN]:
            change = f"{a.values[BY][id]:.2f} → {b.values[BY][id]:.2f}"
            line = f"  {change}  {texts.get(id, id)}"
            console.print(line, soft_wrap=True)


def _told_judged(exam: Exam) -> Iterator[str]:
    """Yield what a question counts as answered by, where that is not the same for all."""
    answerable = [case for case in exam.cases if case.answerable]
    exact = sum(any(target.span for target in case.targets) for case in answerable)
    if 0 < exact < len(answerable):
        inexact = len(answerable) - exact
        yield f"{count(exact, 'question')} judged by passage, {inexact:,} by article"


def _told(ranking: str, refusals: Refusals) -> str:
    return (
        f"{ranking} answered {refusals.answered} of {refusals.answerable} questions "
        f"with an answer, refused {refusals.refused} of {refusals.unanswerable} without one"
    )


def table(*columns: str, figures: Sequence[str] = ()) -> "Table":
    """Return a table without rows: what stands first in one is to the left.

    Where it is too wide, the `figures` behind its columns are not broken.
    """
    from rich.box import SIMPLE
    from rich.table import Table

    from ibid.output import Text

    grid = Table(box=SIMPLE)
    for number, name in enumerate((*columns, *figures)):
        grid.add_column(
            Text(name),
            justify="right" if number else "left",
            overflow="fold",
            no_wrap=number >= len(columns),
        )
    return grid
