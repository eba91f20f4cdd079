"""Measured answers as people and as programs read them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ibid.evaluation.answers import Answers, Outcome, Reason, Seconds
from ibid.evaluation.measuring import Values, compare, estimate
from ibid.evaluation.tables import comparison_json, estimate_json, heading, sizes, table, told_p
from ibid.output import VERDICTS
from ibid.text import count
from ibid.types import Support

if TYPE_CHECKING:
    from ibid.output import Console

_PERCENTILES = (50, 95)
_MOMENTS = {"found": "passages", "text": "first words", "whole": "whole answer"}
_OUTCOMES = {
    Outcome.ANSWERED: "answered",
    Outcome.REFUSED: "refused",
    Outcome.FELL_BACK: "fell back",
}
_REASONS = {
    Reason.NOT_SUPPORTED: "the articles do not support its text",
    Reason.INCOMPLETE: "its text has no end or no beginning",
    Reason.TOO_LONG: "the prompt is too long for it",
    Reason.FAILED: "its server failed",
}


def answers_json(results: Sequence[Answers]) -> dict[str, Any]:
    """Return what `eval --answers --json` prints, the last writer compared with each other."""
    *rivals, last = results
    values: dict[str, Any] = {"set": last.exam.name, **sizes(last.exam)}
    values["writers"] = {answers.writer: _writer_json(answers) for answers in results}
    values["compared_with"] = {answers.writer: _compared_json(answers, last) for answers in rivals}
    return values


def _writer_json(answers: Answers) -> dict[str, Any]:
    measures = {name: estimate(list(values.values())) for name, values in answers.values.items()}
    return {
        "answerable": _outcomes_json(answers, answerable=True),
        "unanswerable": _outcomes_json(answers, answerable=False),
        "fell_back": {reason.value: answers.reasons.get(reason, 0) for reason in Reason},
        **{name.replace(" ", "_"): estimate_json(figure) for name, figure in measures.items()},
        "sentences": {state.value: number for state, number in answers.sentences.items()},
        "per_answer": _per_answer(answers),
        "seconds": {
            moment: {f"p{percent}": value for percent, value in percentiles.items()}
            for moment, percentiles in _seconds(answers).items()
        },
    }


def _outcomes_json(answers: Answers, *, answerable: bool) -> dict[str, int]:
    outcomes = answers.outcomes(answerable=answerable)
    return {"of": outcomes.total(), **{outcome.value: outcomes[outcome] for outcome in Outcome}}


def _compared_json(a: Answers, b: Answers) -> dict[str, Any]:
    return {
        name.replace(" ", "_"): comparison_json(compare(a.values[name], b.values[name]))
        for name in a.values
    }


def show_answers(results: Sequence[Answers], console: "Console") -> None:
    """Print what each writer did beside the others, and why quotes stood in for one."""
    console.print(heading(results[0].exam), soft_wrap=True)
    tested = ("p",) if len(results) > 1 else ()
    rows = table("", *(answers.writer for answers in results), figures=tested)
    for name, cells in _rows(results):
        rows.add_row(name, *cells)
    console.print(rows)
    if tested:
        note = "On both: the mean difference on the questions that both have a value for."
        console.print(note, soft_wrap=True)
    console.print("Seconds: the median, and the 95th percentile.")
    for answers in results:
        if answers.reasons:
            console.print(_told_reasons(answers), soft_wrap=True)


def _rows(results: Sequence[Answers]) -> Iterator[tuple[str, list[str]]]:
    """Yield each row of the table: its name, and a cell per writer."""
    for answerable, kind in ((True, "answerable"), (False, "unanswerable")):
        tallies = [answers.outcomes(answerable=answerable) for answers in results]
        for outcome, name in _OUTCOMES.items():
            if any(tally[outcome] for tally in tallies):
                yield (
                    f"{kind}: {name}",
                    [f"{tally[outcome]} of {tally.total()}" for tally in tallies],
                )
    for name in results[0].values:
        yield name, [_estimated(answers.values[name]) for answers in results]
        yield "· questions", [f"{len(answers.values[name]):,}" for answers in results]
        if len(results) > 1:
            yield "· on both", _tested(results[0].values[name], results[-1].values[name])
    for state in Support:
        counts = [(answers.sentences[state], answers.sentences.total()) for answers in results]
        yield f"· {VERDICTS[state]}", [f"{number} of {total}" for number, total in counts]
    for name in _per_answer(results[0]):
        yield f"{name} an answer", [f"{_per_answer(answers)[name]:.1f}" for answers in results]
    for moment, name in _MOMENTS.items():
        seconds = [_seconds(answers)[moment].values() for answers in results]
        cells = [", ".join(f"{value:.2f}" for value in second) for second in seconds]
        yield f"seconds to {name}", cells


def _estimated(values: Values) -> str:
    figure = estimate(list(values.values()))
    interval = f" ({figure.low:.2f}–{figure.high:.2f})" if figure.questions > 1 else ""
    return f"{figure.mean:.3f}{interval}" if figure.questions else "–"


def _tested(quotes: Values, model: Values) -> list[str]:
    comparison = compare(quotes, model)
    differs = comparison.difference
    if not differs.questions:
        return ["", "–", "–"]
    return ["", f"{differs.mean:+.3f} of {differs.questions:,}", told_p(comparison.p)]


def _told_reasons(answers: Answers) -> str:
    """Return how often quotes stood in for a writer's text, why, and one of each in its words."""
    number = sum(answers.reasons.values())
    questions = count(len(answers.replies), "question")
    lines = [f"{answers.writer} fell back to quotes on {number} of {questions}:"]
    for reason, many in answers.reasons.items():
        first = next(reply.notice for reply in answers.replies.values() if reply.reason is reason)
        lines.append(f"  {many} × {_REASONS[reason]}, the first time: {first}")
    return "\n".join(lines)


def _per_answer(answers: Answers) -> dict[str, float]:
    replies = [reply for reply in answers.replies.values() if reply.outcome is Outcome.ANSWERED]
    number = max(len(replies), 1)
    return {
        "sentences": sum(answers.sentences.values()) / number,
        "characters": sum(reply.characters for reply in replies) / number,
    }


def _seconds(answers: Answers) -> Mapping[str, dict[int, float]]:
    """Return percentiles of each moment, of all questions, those that were refused included."""
    replies = list(answers.replies.values())
    return {
        moment: _percentiles([getattr(reply.seconds, moment) for reply in replies])
        for moment in Seconds.__slots__
    }


def _percentiles(values: Sequence[float]) -> dict[int, float]:
    points = np.percentile(values or [0.0], _PERCENTILES)
    return dict(zip(_PERCENTILES, map(float, points), strict=True))
