"""What readers complain of, kept on this machine as questions that `ibid eval` can ask.

One line per question, in the format of `ibid.evaluation.cases`. What the answer cited counts as
relevant, but for the quotes that a reader called wrong, and with the articles that a reader
missed; where nothing is left, the question counts as one that should have been refused. A line
that was not written here, or is damaged, stays as it is.
"""

import codecs
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any

from ibid.errors import UsageError
from ibid.storage import make_folder, replace_file
from ibid.ui.talk.history import Cited, Exchange
from ibid.ui.talk.lines import read_kept

Line = dict[str, Any]

_LONGEST_START = 100  # characters; the id comes first in a line


class Kind(StrEnum):
    """What is wrong with an answer."""

    WRONG_CITATION = "wrong citation"
    NOT_SUPPORTED = "not supported"
    MISSING_SOURCE = "missing source"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a reader says of an answer: of the quote with this key, or of an article it lacks."""

    kind: Kind
    key: str = ""
    article: str = ""
    taken_back: bool = False


class Feedback:
    """The file that the complaints are in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()

    def note(self, complaint: Complaint, exchange: Exchange) -> None:
        """Keep a complaint, or what is left without it. Raises IbidError, OSError."""
        with self._lock:
            lines, id = self._read(), _id_of(exchange)
            place, before = _find(id, lines)
            now = _change(before or _begin(id, exchange), complaint, exchange)
            lines[place:] = [*_write(now), *lines[place + 1 :]]
            make_folder(self.path.parent)
            replace_file(self.path, b"".join(line + b"\n" for line in lines))

    def _read(self) -> list[bytes]:
        """Return the lines. Raises IbidError where something else has the place of the file."""
        return [line.removeprefix(codecs.BOM_UTF8) for line in read_kept(self.path)]


def _find(id: str, lines: Sequence[bytes]) -> tuple[int, Line | None]:
    """Return the place of a question and its line, the end and None where it has none yet."""
    for place, line in enumerate(lines):
        if (
            id.encode() in line[:_LONGEST_START]
            and (record := _read_line(line))
            and record.get("id") == id
        ):
            return place, record
    return len(lines), None


def _read_line(line: bytes) -> Line | None:
    """Return a line that was written here, None for any other."""
    try:
        record: Any = json.loads(line)
        lists = (record["relevant"], record["note"])
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
    return record if all(isinstance(value, list) for value in lists) else None


def _write(line: Line) -> list[bytes]:
    """Return a line as it is kept: not at all when nothing is wrong any more."""
    return [json.dumps(line, ensure_ascii=False).encode()] if line["note"] else []


def _id_of(exchange: Exchange) -> str:
    content = json.dumps([exchange.turn.question, dict(exchange.within.given)])
    return f"chat-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def _begin(id: str, exchange: Exchange) -> Line:
    relevant = [_target(cited) for cited in exchange.cited]
    return {"id": id, "question": exchange.turn.question, "relevant": relevant, "note": []}


def _target(cited: Cited) -> Mapping[str, str]:
    return {"article": cited.article, "quote": cited.quote}


def _change(line: Line, complaint: Complaint, exchange: Exchange) -> Line:
    """Return the line with what a complaint changes, or changed back."""
    quote = next((cited for cited in exchange.cited if cited.key == complaint.key), None)
    if quote is None and complaint.kind is not Kind.MISSING_SOURCE:
        raise UsageError("this answer has no such quote")
    about = f"“{quote.quote}”" if quote else complaint.article
    note = f"{complaint.kind}: {about}"
    notes = [entry for entry in line["note"] if entry != note]
    if not complaint.taken_back:
        notes.append(note)
    relevant = _change_relevant(line["relevant"], complaint, quote)
    changed = {**line, "relevant": relevant, "note": notes}
    changed.pop("answerable", None)
    return changed if relevant else {**changed, "answerable": False}


def _change_relevant(relevant: list[Any], complaint: Complaint, quote: Cited | None) -> list[Any]:
    match complaint.kind:
        case Kind.NOT_SUPPORTED:
            return relevant
        case Kind.WRONG_CITATION:
            target, is_relevant = quote and _target(quote), complaint.taken_back
        case Kind.MISSING_SOURCE:
            target, is_relevant = complaint.article, not complaint.taken_back
    remaining = [entry for entry in relevant if entry != target]
    return [*remaining, target] if is_relevant and target else remaining
