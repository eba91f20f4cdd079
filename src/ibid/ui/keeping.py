"""Conversations kept on this machine: a file each, which only its owner can read.

The first line of a file says what the conversation is, each other one holds an exchange. A file
is replaced as a whole; one that cannot be read counts as none.
"""

import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any

from ibid.types import ArticleId, Turn
from ibid.ui.asking import Within, read_within
from ibid.writing import make_folder, replace_file

MOST_KEPT = 200
"""Conversations; the oldest go."""

_FORMAT = 1
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote of an answer: the key that the page knows it by, and what it says."""

    key: str
    article: str
    quote: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its finished answer. Its HTML is safe to insert."""

    number: int
    question: str
    html: str
    within: Within = field(default_factory=Within)
    exports: Mapping[str, str] = field(default_factory=dict[str, str])
    cited: tuple[Cited, ...] = ()
    full: str = ""
    """The question in full, where it was a follow-up."""
    answer: str = ""
    """What was answered, for the questions that follow."""

    @property
    def turn(self) -> Turn:
        """Return what a follow-up question goes back to."""
        articles = dict.fromkeys(ArticleId(each.article) for each in self.cited)
        return Turn(self.full or self.question, self.answer, tuple(articles))


@dataclass(frozen=True, slots=True)
class Kept:
    """A conversation in the list of those that are kept."""

    id: str
    title: str
    exchanges: int


class Keeper:
    """The folder that the conversations of all pages are in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()

    def keep(self, id: str, exchanges: Sequence[Exchange]) -> str:
        """Write a conversation; return its id, a new one for an empty `id`. Raises OSError.

        An exchange without exports has those that it was kept with before.
        """
        id = id if _ID.fullmatch(id) else secrets.token_hex(8)
        kept = {each.number: each.exports for each in self.read(id)}
        exchanges = [
            replace(each, exports=each.exports or kept.get(each.number, {})) for each in exchanges
        ]
        head = {"format": _FORMAT, "title": exchanges[0].question, "exchanges": len(exchanges)}
        lines = (json.dumps(each) for each in (head, *map(asdict, exchanges)))
        with self._lock:
            make_folder(self._folder)
            replace_file(self._path(id), "\n".join(lines).encode())
            for path in self._newest()[MOST_KEPT:]:
                path.unlink(missing_ok=True)
        return id

    def read(self, id: str) -> tuple[Exchange, ...]:
        """Return the exchanges of a conversation, none when there is no such one."""
        try:
            head, *lines = self._path(id).read_text("utf-8").splitlines()
            if json.loads(head)["format"] != _FORMAT:
                return ()
            return tuple(_read_exchange(json.loads(line)) for line in lines)
        except (OSError, ValueError, TypeError, KeyError):
            return ()

    def list_kept(self) -> list[Kept]:
        """Return the conversations, the newest first."""
        return list(self._heads())

    def forget(self, id: str = "") -> None:
        """Delete a conversation, or all of them. Raises OSError."""
        with self._lock:
            for path in [self._path(id)] if id else self._newest():
                path.unlink(missing_ok=True)

    def _heads(self) -> Iterator[Kept]:
        for path in self._newest():
            try:
                with path.open(encoding="utf-8") as file:
                    head = json.loads(file.readline())
                yield Kept(path.stem, str(head["title"]), int(head["exchanges"]))
            except (OSError, ValueError, TypeError, KeyError):
                continue

    def _newest(self) -> list[Path]:
        found = [path for path in self._folder.glob("*.json") if _ID.fullmatch(path.stem)]
        return sorted(found, key=lambda path: (-path.stat().st_mtime, path.name))

    def _path(self, id: str) -> Path:
        return self._folder / (f"{id}.json" if _ID.fullmatch(id) else "none")


def _read_exchange(kept: dict[str, Any]) -> Exchange:
    return Exchange(
        number=int(kept["number"]),
        question=kept["question"],
        html=kept["html"],
        within=read_within(kept["within"]),
        exports=kept["exports"],
        cited=tuple(Cited(**each) for each in kept["cited"]),
        full=kept.get("full", ""),
        answer=kept.get("answer", ""),
    )
