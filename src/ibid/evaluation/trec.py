"""Runs and judgements in the files that TREC's tools read."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from ibid.errors import UsageError
from ibid.evaluation.measuring import Qrels, Run

TAG = "ibid"


def write_run(run: Run, path: Path) -> None:
    """Write a run: question, `Q0`, id, rank, score, tag. Blanks in ids are written as `%20`."""
    lines = (
        f"{_word(question)} Q0 {_word(id)} {rank} {score:.9g} {TAG}"
        for question, scores in run.items()
        for rank, (id, score) in enumerate(_ordered(scores), start=1)
    )
    _write(lines, path)


def write_qrels(qrels: Qrels, path: Path) -> None:
    """Write judgements: question, `0`, id, grade."""
    lines = (
        f"{_word(question)} 0 {_word(id)} {grade}"
        for question, grades in qrels.items()
        for id, grade in grades.items()
    )
    _write(lines, path)


def read_run(path: Path) -> Run:
    """Return the run in a file. Raises UsageError when it is none."""
    import ir_measures

    untyped: Any = ir_measures
    return _read(path, untyped.read_trec_run, "score")


def read_qrels(path: Path) -> Qrels:
    """Return the judgements in a file. Raises UsageError when there are none."""
    import ir_measures

    untyped: Any = ir_measures
    return _read(path, untyped.read_trec_qrels, "relevance")


def _read(path: Path, parse: Any, value: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    try:
        for each in parse(str(path)):
            scores = found.setdefault(unquote(each.query_id), {})
            scores[unquote(each.doc_id)] = getattr(each, value)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read as a TREC file: {error}") from error
    if not found:
        raise UsageError(f"there is nothing in {path}")
    return found


def _ordered(scores: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def _word(id: str) -> str:
    return quote(id, safe="/:+,;=@&!'()*$~", encoding="utf-8", errors="surrogateescape")


def _write(lines: Iterable[str], path: Path) -> None:
    try:
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
