"""Where a set's articles are kept to be indexed: nobody else's file is changed or deleted there."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from ibid.errors import UsageError
from ibid.evaluation.cases import QuestionSet
from ibid.storage import NotPlain, make_folder, read_file, replace_file
from ibid.types import ArticleId

_LIST = "ibid-eval.json"
"""The names of the articles that were written, beside the folder that they are in."""

_LARGEST = 1 << 28  # bytes
_HINT = "--work names another folder, with nothing of yours in it"


def place(questions: QuestionSet, work: Path) -> Path:
    """Return the folder of a set in `work`; each folder that asks itself has one of its own."""
    if questions.source is None:
        return work / questions.name
    resolved = os.fsencode(questions.source.key)
    return work / f"{questions.name}-{hashlib.sha256(resolved).hexdigest()[:8]}"


def refuse_overlap(folder: Path, articles: Path) -> None:
    """Raise UsageError when `folder` is the folder of articles, holds it, or lies in it."""
    ours, theirs = folder.resolve(), articles.resolve()
    if ours.is_relative_to(theirs) or theirs.is_relative_to(ours):
        raise UsageError(f"{folder} overlaps the folder of articles {articles}", hint=_HINT)


def fill(folder: Path, articles: Mapping[ArticleId, bytes]) -> None:
    """Make `folder` hold exactly these articles; what is there already is left as it is.

    Raises OSError and, before anything is touched, UsageError where the folder has a file that no
    earlier call has written.
    """
    wanted = {_inside(folder, id): raw for id, raw in articles.items()}
    names = folder.with_name(_LIST)
    paths = {_inside(folder, id) for id in _read(names)}
    there = {*_files(folder), *filter(os.path.lexists, wanted)}
    if foreign := sorted(there - paths):
        raise UsageError(f"{foreign[0]} was not written by ibid eval", hint=_HINT)
    make_folder(folder)
    _write(names, folder, {*paths, *wanted})  # both, should it end halfway
    for path in there - wanted.keys():
        path.unlink()
    for path, raw in wanted.items():
        if not _holds(path, raw):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
    _write(names, folder, set(wanted))


def _holds(path: Path, raw: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(raw) and path.read_bytes() == raw


def _inside(folder: Path, id: str) -> Path:
    path = folder / id
    if not path.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"the set has an article outside of its folder: {path}")
    return path


def _files(folder: Path) -> Iterator[Path]:
    """Yield what could be taken for an article: all files that are not hidden."""
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and (path.is_symlink() or not path.is_dir()):
            yield path


def _read(names: Path) -> list[str]:
    try:
        value = json.loads(read_file(names, _LARGEST))
    except FileNotFoundError:
        return []
    except (NotPlain, ValueError, RecursionError):
        value = None
    if not isinstance(value, list):
        raise UsageError(f"{names} is not the list that ibid eval writes", hint=_HINT)
    return [str(id) for id in cast("list[object]", value)]


def _write(names: Path, folder: Path, paths: set[Path]) -> None:
    ids = sorted(path.relative_to(folder).as_posix() for path in paths)
    replace_file(names, json.dumps(ids).encode())
