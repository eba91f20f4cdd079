"""What readers complain of, kept on this machine as questions that `ibid eval` can ask.

One line per question, in the format of `ibid.evaluation.cases`. What the answer cited counts as
relevant, but for the quotes that a reader called wrong, and with the articles that a reader
missed; where nothing is left, the question counts as one that should have been refused.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any

from ibid.ui.keeping import Cited, Exchange
from ibid.writing import make_folder, replace_file

Line = dict[str, Any]


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
        """Keep a complaint, or what is left without it. Raises OSError."""
        with self._lock:
            lines = self._read()
            id = _id_of(exchange)
            line = _change(lines.get(id) or _begin(id, exchange), complaint, exchange)
            lines = {**lines, id: line}
            kept = [each for each in lines.values() if each["note"]]
            make_folder(self.path.parent)
            text = "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in kept)
            replace_file(self.path, text.encode())

    def _read(self) -> dict[str, Line]:
        try:
            text = self.path.read_text("utf-8-sig")
        except FileNotFoundError:
            return {}
        # what was said may have a U+2028, at which splitlines() would end its line
        lines = [json.loads(line) for line in text.split("\n") if line.strip()]
        return {line["id"]: line for line in lines}


def _id_of(exchange: Exchange) -> str:
    said = json.dumps([exchange.turn.question, dict(exchange.within.given)])
    return f"chat-{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def _begin(id: str, exchange: Exchange) -> Line:
    relevant = [_target(cited) for cited in exchange.cited]
    return {"id": id, "question": exchange.turn.question, "relevant": relevant, "note": []}


def _target(cited: Cited) -> Mapping[str, str]:
    return {"article": cited.article, "quote": cited.quote}


def _change(line: Line, complaint: Complaint, exchange: Exchange) -> Line:
    """Return the line with what a complaint changes, or changed back."""
    quote = next((cited for cited in exchange.cited if cited.key == complaint.key), None)
    about = f"“{quote.quote}”" if quote else complaint.article
    note = f"{complaint.kind}: {about}"
    notes = [each for each in line["note"] if each != note]
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
    others = [each for each in relevant if each != target]
    return [*others, target] if is_relevant and target else others
