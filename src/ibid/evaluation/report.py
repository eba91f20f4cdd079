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
    values: dict[str, Any] = {"set": last.exam.name, **_sizes(last.exam)}
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
    exam = measured[0].exam
    sizes = ", ".join(count(number, what[:-1]) for what, number in _sizes(exam).items())
    console.print(f"{printable(exam.name)}: {sizes}", markup=False)
    table = _compared(*measured) if len(measured) > 1 else _measures(measured[0])
    console.print(table)
    for each in measured:
        if each.refusals:
            console.print(_told(each.refusals), markup=False)
    if len(measured) > 1:
        _show_questions(*measured, console=console)


def _sizes(exam: Exam) -> dict[str, int]:
    sizes = {"questions": len(exam.cases) or len(exam.qrels)}
    if exam.library:
        articles = exam.library.articles
        passages = sum(_searched(exam.library, each) for each in articles)
        sizes = {"articles": len(articles), "passages": passages, **sizes}
    return sizes


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
    table = _table("", measured.ranking, "95 % interval")
    for name, values in _all_values(measured).items():
        found = estimate(list(values.values()))
        table.add_row(name, f"{found.mean:.3f}", f"{found.low:.3f} to {found.high:.3f}")
    return table


def _compared(a: Measurement, b: Measurement) -> "Table":
    table = _table("", a.ranking, b.ranking, "difference", "p", "won", "lost")
    for name, found in _comparisons(a, b).items():
        p = "< .001" if found.p < 0.001 else f"{found.p:.3f}"  # noqa: PLR2004
        won, lost = str(len(found.won)), str(len(found.lost))
        difference = f"{found.b - found.a:+.3f}"
        table.add_row(name, f"{found.a:.3f}", f"{found.b:.3f}", difference, p, won, lost)
    return table


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


def _table(*columns: str) -> "Table":
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE)
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left")
    return table
