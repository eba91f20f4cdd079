"""Conversations kept on this machine: a file each, which only its owner can read.

The first line of a file says what the conversation is, each other one holds an exchange. A file
is replaced as a whole, and only ever gets an exchange more, another name or is deleted: several
pages may show the same conversation, and none of them writes what another one has said or deleted.
What was deleted last is in memory alone, until something else is. A damaged line is left out, and
the log says so once; its file is put aside before another one takes its place.
"""

import errno
import fcntl
import json
import logging
import os
import re
import secrets
import stat
import time
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter

from ibid.errors import IbidError, UsageError
from ibid.search import fold
from ibid.storage import hint_for, is_lasting, make_folder, replace_file
from ibid.text import collapse, printable
from ibid.types import ArticleId, Turn
from ibid.ui.talk.deleted import Deleted
from ibid.ui.talk.lines import LONGEST_LINE, read_lines
from ibid.ui.talk.request import Within

MOST_KEPT = 200
"""Conversations; the oldest go."""

MOST_EXCHANGES = 100
"""That are kept of a conversation, the last ones; a page shows fewer."""

LONGEST_NAME = 200

_PATIENCE, _PAUSE = 3.0, 0.02
"""Seconds in which another chat has long written what it writes, and between two looks."""

_FORMAT = 1
_ID = re.compile(r"[0-9a-f]{16}")
_OURS = re.compile(r"[0-9a-f]{16}\.json(?:\.new|\.damaged-\d+)?")
_NONE = "no conversation is called so"
_log = logging.getLogger("ibid.ui")


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
    record: str = ""
    """What its exports are made from."""
    exports: Mapping[str, str] = field(default_factory=dict[str, str])
    """Those of an answer that was kept before there were records."""
    cited: tuple[Cited, ...] = ()
    full: str = ""
    """The question in full, where it was a follow-up."""
    answer: str = ""
    """What was answered, for the questions that follow."""
    unanswered: bool = False
    """Whether it was kept when it was asked, and its answer is not there yet, or never came."""

    @property
    def turn(self) -> Turn:
        """Return what a follow-up question goes back to."""
        articles = dict.fromkeys(ArticleId(quote.article) for quote in self.cited)
        return Turn(self.full or self.question, self.answer, tuple(articles))


@dataclass(frozen=True, slots=True)
class Kept:
    """A conversation in the list of those that are kept."""

    id: str
    title: str
    """The name that it was given, else its first question."""
    exchanges: int
    when: float = 0
    """Of its last answer, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A conversation as it is kept now, whoever added to it."""

    id: str
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class _Head:
    format: int
    title: str
    exchanges: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Read:
    """What could be read of a conversation, and how many lines could not."""

    exchanges: tuple[Exchange, ...] = ()
    damaged: int = 0
    name: str = ""


_HEAD, _EXCHANGE = TypeAdapter(_Head), TypeAdapter(Exchange)


class Keeper:
    """The folder that the conversations of all pages are in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._told: set[str] = set()
        self._deleted = Deleted()

    def add(self, id: str, exchanges: Sequence[Exchange], instead: int = 0) -> Saved | None:
        """Add to a conversation, to a new one for an empty `id`; return what it holds now.

        What is there already stays, but for the exchange with the number `instead` and for
        questions whose answer comes with this. A question without an answer becomes the last one,
        whoever asked before it. Return None where the conversation was deleted: nothing is written
        then. Raises OSError.
        """
        make_folder(self._folder)
        with self._alone():
            before = self._read(id) if id else _Read()
            if before is None:
                return None
            thread = [exchange for exchange in before.exchanges if exchange.number != instead]
            for addition in exchanges:
                thread = [exchange for exchange in thread if not _answers(addition, exchange)]
                thread.append(_numbered(addition, thread))
            thread = sorted(thread, key=lambda exchange: exchange.number)[-MOST_EXCHANGES:]
            id = id or secrets.token_hex(8)
            if before.damaged:
                self._put_aside(id)
            self._write(id, thread, before.name)
        return Saved(id, tuple(thread))

    def read(self, id: str) -> tuple[Exchange, ...]:
        """Return the exchanges of a conversation, none when there is no such one.

        Raises IbidError for trouble that may pass.
        """
        try:
            contents = self._read(id)
        except OSError as error:
            raise IbidError("this conversation cannot be read now", hint=hint_for(error)) from error
        return contents.exchanges if contents else ()

    def list_kept(self, find: str = "") -> list[Kept]:
        """Return the conversations that hold every word of `find`, the newest first."""
        listed = list(islice(self._listed(), MOST_KEPT))
        words = fold(find).split()
        return [entry for entry in listed if self._holds(entry, words)] if words else listed

    def rename(self, id: str, name: str) -> None:
        """Give a conversation a name, an empty one to be called by its first question again.

        Raises UsageError for one that is not kept, OSError.
        """
        if not self._folder.is_dir():
            raise UsageError(_NONE)
        with self._alone():
            contents = self._read(id)
            if contents is None or not contents.exchanges:
                raise UsageError(_NONE)
            answered = self._path(id).stat().st_mtime_ns
            if contents.damaged:
                self._put_aside(id)
            self._write(id, contents.exchanges, collapse(printable(name)).strip()[:LONGEST_NAME])
            os.utime(self._path(id), ns=(answered, answered))

    def forget(self, id: str) -> bool:
        """Delete a conversation, or all of them for `*`, with what was put aside.

        Return whether that can be brought back.

        Raises UsageError for what is no id, OSError.
        """
        if id != "*" and not _ID.fullmatch(id):
            raise UsageError(_NONE)
        if not self._folder.is_dir():
            return False
        with self._alone():
            return self._deleted.delete(filter(_is_ours, self._folder.glob(f"{id}.json*")))

    def restore(self) -> None:
        """Bring back what was deleted last. Raises UsageError where nothing can be, OSError."""
        make_folder(self._folder)
        with self._alone():
            self._deleted.restore()

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Keep other pages and other chats from changing the folder for as long as a block runs.

        Raises TimeoutError, an OSError, where somebody else has it for longer than any chat does.
        """
        deadline = time.monotonic() + _PATIENCE
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if not self._lock.acquire(timeout=_PATIENCE):
                raise self._held()
            try:
                self._hold(descriptor, deadline)
                yield
            finally:
                self._lock.release()
        finally:
            os.close(descriptor)

    def _hold(self, descriptor: int, deadline: float) -> None:
        """Lock the folder. Some file systems have no locks: one chat alone is safe there."""
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise self._held() from None
                time.sleep(_PAUSE)
            except OSError:
                return
            else:
                return

    def _held(self) -> TimeoutError:
        return TimeoutError(errno.ETIMEDOUT, "another program holds the folder", str(self._folder))

    def _holds(self, entry: Kept, words: Sequence[str]) -> bool:
        """Tell whether each of the words is in a conversation's name, questions or answers."""
        text = fold(entry.title)
        if not all(word in text for word in words):
            with suppress(IbidError):
                for turn in self.read(entry.id):
                    text += fold(f" {turn.question} {turn.full} {turn.answer}")
        return all(word in text for word in words)

    def _write(self, id: str, exchanges: Sequence[Exchange], name: str = "") -> None:
        """Write a conversation in place of what it was; the oldest of all may go."""
        head = _Head(_FORMAT, exchanges[0].question, len(exchanges), name)
        lines = (json.dumps(asdict(part)) for part in (head, *exchanges))
        replace_file(self._path(id), "\n".join(lines).encode())
        for entry in islice(self._listed(), MOST_KEPT, None):
            self._path(entry.id).unlink(missing_ok=True)

    def _read(self, id: str) -> _Read | None:
        """Return what a file holds, None where there is none. Raises OSError for passing trouble.

        What is no file, or no conversation, is damaged as a whole.
        """
        if not _ID.fullmatch(id):
            return None
        path = self._path(id)
        exchanges: deque[Exchange] = deque(maxlen=MOST_EXCHANGES)
        damaged, name = 0, ""
        try:
            for number, line in enumerate(read_lines(path)):
                try:
                    if number == 0 and (head := _read_head(line)):
                        name = head.name
                    else:
                        exchanges.append(_read_exchange(line))
                except ValueError:
                    damaged += 1
        except FileNotFoundError:
            return None
        except OSError as error:
            if not is_lasting(error):
                raise
            damaged += 1
        if damaged:
            self._tell(id, damaged)
        return _Read(tuple(exchanges), damaged, name)

    def _listed(self) -> Iterator[Kept]:
        for when, path in self._newest():
            try:
                if head := _read_head(next(read_lines(path), b"")):
                    yield Kept(path.stem, head.name or head.title, head.exchanges, when)
                    continue
            except OSError:
                continue
            except ValueError:
                pass
            with suppress(IbidError):
                if exchanges := self.read(path.stem):
                    yield Kept(path.stem, exchanges[0].question, len(exchanges), when)

    def _newest(self) -> list[tuple[float, Path]]:
        """Return the files with the times of their last answers."""
        paths = [path for path in self._folder.glob("*.json") if _ID.fullmatch(path.stem)]
        dated = [(path.lstat().st_mtime, path) for path in paths if _is_file(path)]
        return sorted(dated, key=lambda pair: (-pair[0], pair[1].name))

    def _put_aside(self, id: str) -> None:
        path, number = self._path(id), 1
        while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
            number += 1
        path.rename(aside)
        _log.warning("%s cannot be read as a whole and is kept as %s", path, aside.name)

    def _tell(self, id: str, damaged: int) -> None:
        if id not in self._told:
            self._told.add(id)
            _log.warning("%s: %d lines cannot be read and are left out", self._path(id), damaged)

    def _path(self, id: str) -> Path:
        return self._folder / f"{id}.json"


def _answers(exchange: Exchange, earlier: Exchange) -> bool:
    """Tell whether an exchange has the answer of a question that was kept without one."""
    is_same = (exchange.number, exchange.question) == (earlier.number, earlier.question)
    return is_same and earlier.unanswered and not exchange.unanswered


def _numbered(exchange: Exchange, thread: Sequence[Exchange]) -> Exchange:
    """Return an exchange with a number of its own; another chat may have given it away, too."""
    numbers = {0, *(earlier.number for earlier in thread)}
    last = max(numbers)
    is_free = exchange.number > last if exchange.unanswered else exchange.number not in numbers
    return exchange if is_free else replace(exchange, number=last + 1)


def _read_head(line: bytes) -> _Head | None:
    """Return what begins a file, None for another line. Raises ValueError for another format."""
    if not line.startswith(b'{"format":'):
        return None
    head = _HEAD.validate_json(line)
    if head.format != _FORMAT:
        raise ValueError("the file is of another version")
    return head


def _read_exchange(line: bytes) -> Exchange:
    """Return an exchange. Raises ValueError for what is none."""
    if len(line) > LONGEST_LINE:
        raise ValueError("the line is too long")
    return _EXCHANGE.validate_json(line)


def _is_ours(path: Path) -> bool:
    return bool(_OURS.fullmatch(path.name)) and (path.is_symlink() or not path.is_dir())


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:  # it has just gone
        return False
