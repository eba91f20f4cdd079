"""Measurements as people and as programs read them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ibid.evaluation.asking import READ, Refusals
from ibid.evaluation.measuring import MEASURES, compare, estimate
from ibid.evaluation.running import Exam, Measurement
from ibid.library import Library
from ibid.text import count, printable
from ibid.types import Article

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

SHOWN = 5
"""Questions won and lost that a comparison shows of each."""

BY = MEASURES[0]
"""The measure by which questions are won and lost."""

_NAMES = {"Success@1": "success@1", "RR": "MRR", "R@10": "recall@10", "R@100": "recall@100"}


def as_json(*measured: Measurement) -> dict[str, Any]:
    """Return measurements as `eval --json` prints them, the last one compared with each other."""
    *others, last = measured
    values: dict[str, Any] = {"set": last.exam.name, **sizes(last.exam)}
    values["rankings"] = {each.ranking: _measures_json(each) for each in measured}
    values["compared_with"] = {each.ranking: _comparison_json(each, last) for each in others}
    return values


def _comparison_json(a: Measurement, b: Measurement) -> dict[str, Any]:
    return {
        name: {
            "difference": found.b - found.a,
            "p": found.p,
            "won": list(found.won),
            "lost": list(found.lost),
        }
        for name, found in _comparisons(a, b).items()
    }


def show(measured: Sequence[Measurement], console: "Console") -> None:
    """Print one measurement, or the comparison of two."""
    console.print(heading(measured[0].exam), markup=False)
    console.print(_compared(*measured) if len(measured) > 1 else _measures(measured[0]))
    for each in measured:
        if each.refusals:
            console.print(_told(each.refusals), markup=False)
    if len(measured) > 1:
        _show_questions(*measured, console=console)


def heading(exam: Exam) -> str:
    """Return the name of what is measured, and how much of it there is."""
    counted = ", ".join(count(number, what[:-1]) for what, number in sizes(exam).items())
    return f"{printable(exam.name)}: {counted}"


def sizes(exam: Exam) -> dict[str, int]:
    """Return how many questions there are and, where they are asked, articles and passages."""
    found = {"questions": len(exam.cases) or len(exam.qrels)}
    if exam.library:
        articles = exam.library.articles
        passages = sum(_searched(exam.library, each) for each in articles)
        found = {"articles": len(articles), "passages": passages, **found}
    return found


def _searched(library: Library, article: Article) -> int:
    return sum(bool(passage.sentences) for passage in library.passages(article.id))


def _measures_json(measured: Measurement) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: {"mean": found.mean, "low": found.low, "high": found.high}
        for name, values in _all_values(measured).items()
        for found in (estimate(list(values.values())),)
    }
    if refusals := measured.refusals:
        values["answered"] = {"of": refusals.answerable, "count": refusals.answered}
        values["refused"] = {"of": refusals.unanswerable, "count": refusals.refused}
    return values


def _all_values(measured: Measurement) -> dict[str, Mapping[str, float]]:
    values = {_NAMES.get(name, name): found for name, found in measured.values.items()}
    if overlap := measured.overlap:
        values[f"characters' recall@{READ}"] = overlap.recall
        values[f"characters' precision@{READ}"] = overlap.precision
        values[f"characters' IoU@{READ}"] = overlap.iou
    return values


def _measures(measured: Measurement) -> "Table":
    rows = table("", measured.ranking, "95 % interval")
    for name, values in _all_values(measured).items():
        found = estimate(list(values.values()))
        rows.add_row(name, f"{found.mean:.3f}", f"{found.low:.3f} to {found.high:.3f}")
    return rows


def _compared(a: Measurement, b: Measurement) -> "Table":
    rows = table("", a.ranking, b.ranking, "difference", "p", "won", "lost")
    for name, found in _comparisons(a, b).items():
        won, lost = str(len(found.won)), str(len(found.lost))
        difference = f"{found.b - found.a:+.3f}"
        p = told_p(found.p)
        rows.add_row(name, f"{found.a:.3f}", f"{found.b:.3f}", difference, p, won, lost)
    return rows


def told_p(p: float) -> str:
    """Return a test's p as tables print it."""
    return "< .001" if p < 0.001 else f"{p:.3f}"  # noqa: PLR2004


def _comparisons(a: Measurement, b: Measurement) -> dict[str, Any]:
    of_a, of_b = _all_values(a), _all_values(b)
    return {name: compare(of_a[name], of_b[name]) for name in of_a if name in of_b}


def _show_questions(a: Measurement, b: Measurement, *, console: "Console") -> None:
    """Print the questions that differ most, so that somebody can look at why."""
    found = compare(a.values[BY], b.values[BY])
    texts = {case.id: case.question for case in a.exam.cases}
    for what, ids in (("won", found.won), ("lost", found.lost)):
        if ids:
            console.print(f"\n{what} by {b.ranking} ({BY}), {len(ids)} in all:", markup=False)
        for id in ids[:SHOWN]:
            change = f"{a.values[BY][id]:.2f} → {b.values[BY][id]:.2f}"
            console.print(f"  {change}  {printable(texts.get(id, id))}", markup=False)


def _told(refusals: Refusals) -> str:
    return (
        f"answered {refusals.answered} of {refusals.answerable} questions with an answer, "
        f"refused {refusals.refused} of {refusals.unanswerable} without one"
    )


def table(*columns: str) -> "Table":
    """Return a table without rows: what stands first in one is to the left."""
    from rich.box import SIMPLE
    from rich.table import Table
    from rich.text import Text

    found = Table(box=SIMPLE)
    for number, name in enumerate(columns):
        found.add_column(
            Text(printable(name)), justify="right" if number else "left", overflow="fold"
        )
    return found
