"""Runs and judgements in the files that TREC's tools read."""

from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from ibid.errors import UsageError
from ibid.evaluation.measuring import Qrels, Run
from ibid.evaluation.plain_files import read_text
from ibid.storage import save_file

_LARGEST = 2**31 - 1
"""TREC's tools keep grades in 32 bits; no score needs more."""

_RUN = "question Q0 id rank score tag"
_QRELS = "question 0 id grade"


def write_run(run: Run, path: Path, tag: str, *, force: bool = False) -> None:
    """Write a run: question, `Q0`, id, rank, score, tag. Blanks in ids are written as `%20`.

    Raises UsageError, also for another file that is there without `force`.
    """
    lines = (
        f"{_word(question)} Q0 {_word(id)} {rank} {score:.9g} {_word(tag)}"
        for question, scores in run.items()
        for rank, (id, score) in enumerate(_ordered(scores), start=1)
    )
    _write(lines, path, force=force)


def write_qrels(qrels: Qrels, path: Path, *, force: bool = False) -> None:
    """Write judgements: question, `0`, id, grade. Raises what `write_run` does."""
    lines = (
        f"{_word(question)} 0 {_word(id)} {grade}"
        for question, grades in qrels.items()
        for id, grade in grades.items()
    )
    _write(lines, path, force=force)


def read_run(path: Path) -> Run:
    """Return the run in a file. Raises UsageError, naming the line, when it is none."""
    import ir_measures

    untyped: Any = ir_measures
    return _read(path, untyped.read_trec_run, "score", _RUN)


def read_qrels(path: Path) -> Qrels:
    """Return the judgements in a file. Raises UsageError when none says what is relevant."""
    import ir_measures

    untyped: Any = ir_measures
    qrels = _read(path, untyped.read_trec_qrels, "relevance", _QRELS)
    if not any(grade > 0 for grades in qrels.values() for grade in grades.values()):
        raise UsageError(f"{path} judges nothing as relevant", hint="its last column is the grade")
    return qrels


def _read(path: Path, parse: Any, value: str, line: str) -> dict[str, dict[str, Any]]:
    records: dict[str, dict[str, Any]] = {}
    number, file = 0, StringIO(read_text(path))
    try:
        for number, text in enumerate(file, start=1):  # noqa: B007 -- for what went wrong
            for record in parse(StringIO(text)):
                scores = records.setdefault(_id(record.query_id), {})
                _put(scores, _id(record.doc_id), getattr(record, value))
    except _Fault as error:
        raise UsageError(f"{path}, line {number}: {error}", hint=f"a line is `{line}`") from error
    except ValueError as error:
        reason = f"{path}, line {number} cannot be read as a TREC file's"
        raise UsageError(reason, hint=f"a line is `{line}`") from error
    if not records:
        raise UsageError(f"there is nothing in {path}", hint=f"a line is `{line}`")
    return records


class _Fault(ValueError):
    """What is wrong with a line that has the right columns."""


def _put(scores: dict[str, Any], id: str, value: float) -> None:
    if id in scores:
        raise _Fault(f"{id} stands there twice for one question")
    if not abs(value) <= _LARGEST:  # NaN is not, either
        raise _Fault(f"{value} is no score that can be compared")
    scores[id] = value


def _id(word: str) -> str:
    return unquote(word, errors="surrogateescape")


def _ordered(scores: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def _word(id: str) -> str:
    return quote(id, safe="/:+,;=@&!'()*$~", encoding="utf-8", errors="surrogateescape")


def _holds(path: Path, data: bytes) -> bool:
    return path.stat().st_size == len(data) and path.read_bytes() == data


def _write(lines: Iterable[str], path: Path, *, force: bool) -> None:
    data = "".join(f"{line}\n" for line in lines).encode()
    try:
        save_file(path, data, may_replace=lambda there: force or _holds(there, data))
    except OSError as error:
        hint = "name another place for it"
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint=hint) from error
