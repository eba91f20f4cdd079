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


def answers_json(written: Sequence[Answers]) -> dict[str, Any]:
    """Return what `eval --answers --json` prints, the last writer compared with each other."""
    *others, last = written
    values: dict[str, Any] = {"set": last.exam.name, **sizes(last.exam)}
    values["writers"] = {answers.writer: _writer_json(answers) for answers in written}
    values["compared_with"] = {answers.writer: _compared_json(answers, last) for answers in others}
    return values


def _writer_json(written: Answers) -> dict[str, Any]:
    measures = {name: estimate(list(each.values())) for name, each in written.values.items()}
    return {
        "answerable": _outcomes_json(written, answerable=True),
        "unanswerable": _outcomes_json(written, answerable=False),
        "fell_back": {reason.value: written.reasons.get(reason, 0) for reason in Reason},
        **{name.replace(" ", "_"): estimate_json(found) for name, found in measures.items()},
        "sentences": {state.value: number for state, number in written.sentences.items()},
        "per_answer": _per_answer(written),
        "seconds": {
            moment: {f"p{percent}": value for percent, value in found.items()}
            for moment, found in _seconds(written).items()
        },
    }


def _outcomes_json(written: Answers, *, answerable: bool) -> dict[str, int]:
    found = written.outcomes(answerable=answerable)
    return {"of": found.total(), **{outcome.value: found[outcome] for outcome in Outcome}}


def _compared_json(a: Answers, b: Answers) -> dict[str, Any]:
    return {
        name.replace(" ", "_"): comparison_json(compare(a.values[name], b.values[name]))
        for name in a.values
    }


def show_answers(written: Sequence[Answers], console: "Console") -> None:
    """Print what each writer did beside the others, and why quotes stood in for one."""
    console.print(heading(written[0].exam), soft_wrap=True)
    tested = ("p",) if len(written) > 1 else ()
    rows = table("", *(each.writer for each in written), figures=tested)
    for name, cells in _rows(written):
        rows.add_row(name, *cells)
    console.print(rows)
    if tested:
        said = "On both: the mean difference on the questions that both have a value for."
        console.print(said, soft_wrap=True)
    console.print("Seconds: the median, and the 95th percentile.")
    for answers in written:
        if answers.reasons:
            console.print(_told_reasons(answers), soft_wrap=True)


def _rows(written: Sequence[Answers]) -> Iterator[tuple[str, list[str]]]:
    """Yield each row of the table: its name, and a cell per writer."""
    for answerable, kind in ((True, "answerable"), (False, "unanswerable")):
        found = [answers.outcomes(answerable=answerable) for answers in written]
        for outcome, name in _OUTCOMES.items():
            if any(each[outcome] for each in found):
                yield f"{kind}: {name}", [f"{each[outcome]} of {each.total()}" for each in found]
    for name in written[0].values:
        yield name, [_estimated(answers.values[name]) for answers in written]
        yield "· questions", [f"{len(answers.values[name]):,}" for answers in written]
        if len(written) > 1:
            yield "· on both", _tested(written[0].values[name], written[-1].values[name])
    for state in Support:
        counts = [(answers.sentences[state], answers.sentences.total()) for answers in written]
        yield f"· {VERDICTS[state]}", [f"{number} of {total}" for number, total in counts]
    for name in _per_answer(written[0]):
        yield f"{name} an answer", [f"{_per_answer(answers)[name]:.1f}" for answers in written]
    for moment, name in _MOMENTS.items():
        seconds = [_seconds(answers)[moment].values() for answers in written]
        cells = [", ".join(f"{value:.2f}" for value in second) for second in seconds]
        yield f"seconds to {name}", cells


def _estimated(values: Values) -> str:
    found = estimate(list(values.values()))
    interval = f" ({found.low:.2f}–{found.high:.2f})" if found.questions > 1 else ""
    return f"{found.mean:.3f}{interval}" if found.questions else "–"


def _tested(quotes: Values, model: Values) -> list[str]:
    comparison = compare(quotes, model)
    differs = comparison.difference
    if not differs.questions:
        return ["", "–", "–"]
    return ["", f"{differs.mean:+.3f} of {differs.questions:,}", told_p(comparison.p)]


def _told_reasons(written: Answers) -> str:
    """Return how often quotes stood in for a writer's text, why, and one of each in its words."""
    number = sum(written.reasons.values())
    asked = count(len(written.replies), "question")
    lines = [f"{written.writer} fell back to quotes on {number} of {asked}:"]
    for reason, many in written.reasons.items():
        first = next(reply.notice for reply in written.replies.values() if reply.reason is reason)
        lines.append(f"  {many} × {_REASONS[reason]}, the first time: {first}")
    return "\n".join(lines)


def _per_answer(written: Answers) -> dict[str, float]:
    answers = [reply for reply in written.replies.values() if reply.outcome is Outcome.ANSWERED]
    number = max(len(answers), 1)
    return {
        "sentences": sum(written.sentences.values()) / number,
        "characters": sum(answer.characters for answer in answers) / number,
    }


def _seconds(written: Answers) -> Mapping[str, dict[int, float]]:
    """Return percentiles of each moment, of all questions, those that were refused included."""
    replies = list(written.replies.values())
    return {
        moment: _percentiles([getattr(reply.seconds, moment) for reply in replies])
        for moment in Seconds.__slots__
    }


def _percentiles(values: Sequence[float]) -> dict[int, float]:
    found = np.percentile(values or [0.0], _PERCENTILES)
    return dict(zip(_PERCENTILES, map(float, found), strict=True))
