"""Watched questions: each is kept with what answered it, and told when that is something else.

A question is a file of its own, so that nothing that is written loses another one.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from ibid.errors import IbidError, UsageError
from ibid.library import Library
from ibid.storage import hint_for, is_lasting, make_folder, read_file, replace_file
from ibid.text import as_read, collapse, line_of
from ibid.types import Answer, Article, ArticleId, Span, Status

_MOST = 1000
"""Questions that are kept of one folder of articles."""

_LARGEST = 4 << 20
"""Bytes of a question's file."""

_ALIKE = 0.6
"""Share of characters from which a sentence is the old one with changes; difflib's own default."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A sentence that answers, in its article."""

    article: ArticleId
    line: int
    text: str
    """As it reads, on one line."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A question, and what answered it when its reader last took note."""

    question: str
    since: str
    """When that was, as ISO 8601."""
    status: Status
    lead: str
    """What the index itself answers, for a question about the folder."""
    quotes: tuple[Quoted, ...]
    format: Literal[1] = 1

    @property
    def id(self) -> str:
        """What its file is called, and what a page knows it by."""
        return _id_of(self.question)


class Fate(StrEnum):
    """What became of a quote."""

    CHANGED = "changed"
    MOVED = "moved"
    """Another article says so now."""
    UNQUOTED = "unquoted"
    """Its article says so as before, and other sentences answer."""
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Difference:
    """A quote as it was, None for a new one, and what stands for it now, None where nothing does.

    For one that changed that is the sentence of its article that comes closest.
    """

    fate: Fate
    old: Quoted | None
    new: Quoted | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A watched question as it was, as it is answered now, and what differs."""

    before: Watched
    now: Watched
    differences: tuple[Difference, ...]

    @property
    def changed(self) -> bool:
        """Tell whether anything else answers than before."""
        return bool(self.differences) or self.before.lead != self.now.lead


_WATCHED = TypeAdapter(Watched)


class Watchlist:
    """The questions that are kept of one folder of articles, or of several together."""

    def __init__(self, library: Library) -> None:
        self._library = library
        about = sha256(library.folders.key.encode("utf-8", "surrogateescape"))
        keep = Path(library.settings.keep).expanduser()
        self._folder = keep / "watched" / about.hexdigest()[:16]

    def questions(self) -> list[Watched]:
        """Return the kept questions by their words. Raises IbidError for what is none."""
        try:
            paths = [path for path in self._folder.iterdir() if path.suffix == ".json"]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unreadable(self._folder, error) from error
        there = (path for path in paths if path.exists())  # another program may take one away
        return sorted(map(_read, there), key=lambda watched: watched.question)

    def add(self, question: str, when: str) -> Watched:
        """Keep a question with what answers it now. Raises UsageError for one that is kept."""
        question = collapse(question)
        path = self._path(question)
        if path.exists():
            hint = "ibid watch-questions --list shows them, --remove takes one away"
            raise UsageError("this question is watched already", hint=hint)
        if len(self.questions()) >= _MOST:
            hint = "ibid watch-questions --remove takes one away"
            raise UsageError(f"{_MOST:,} questions are watched already", hint=hint)
        watched = self._ask(question, when)
        self.restore(watched)
        return watched

    def remove(self, question: str) -> None:
        """Forget a question. Raises UsageError where it is not kept."""
        try:
            self._path(collapse(question)).unlink()
        except FileNotFoundError:
            hint = "ibid watch-questions --list shows them"
            raise UsageError("this question is not watched", hint=hint) from None

    def restore(self, watched: Watched) -> None:
        """Keep a question again with what answered it then."""
        make_folder(self._folder)
        self._write(watched)

    def compare(self, watched: Watched, when: str) -> Outcome:
        """Ask a question again, and return what answers it now beside what did."""
        now = self._ask(watched.question, when)
        return Outcome(watched, now, tuple(_compare(watched, now, self._library)))

    def accept(self, outcomes: Iterable[Outcome]) -> None:
        """Take what answers now as known, for the questions that are still kept."""
        for outcome in outcomes:
            if outcome.changed and self._path(outcome.now.question).exists():
                self._write(outcome.now)

    def _ask(self, question: str, when: str) -> Watched:
        answer = self._library.ask(question, model="none")  # a model would word it anew each time
        quotes = tuple(_list_quotes(answer, self._library))
        return Watched(question, when, answer.status, collapse(answer.lead), quotes)

    def _write(self, watched: Watched) -> None:
        data = json.dumps(asdict(watched), ensure_ascii=False, indent=1)
        replace_file(self._path(watched.question), data.encode())

    def _path(self, question: str) -> Path:
        return self._folder / f"{_id_of(question)}.json"


def _id_of(question: str) -> str:
    return sha256(question.encode()).hexdigest()[:16]


def _read(path: Path) -> Watched:
    try:
        return _WATCHED.validate_json(read_file(path, _LARGEST))
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValueError:
        hint = "move it away, then watch its question anew"
        raise IbidError(f"{path} is no watched question", hint=hint) from None


def _unreadable(path: Path, error: OSError) -> IbidError:
    hint = "move it away, then try again" if is_lasting(error) else hint_for(error)
    return IbidError(f"{path} cannot be read ({error.strerror})", hint=hint)


def _list_quotes(answer: Answer, library: Library) -> list[Quoted]:
    """Return each quote of an answer once, in its order."""
    cited = [citation for claim in answer.claims for citation in claim.citations]
    return list(
        dict.fromkeys(
            _quoted(library.article(citation.passage.article), citation.quote) for citation in cited
        )
    )


def _quoted(article: Article, span: Span) -> Quoted:
    text = collapse(as_read(article.text, span))
    return Quoted(article.id, line_of(article.text, span.start), text)


def _compare(before: Watched, now: Watched, library: Library) -> list[Difference]:
    """Return what became of each old quote, and the quotes that are new."""
    old = [entry for entry in before.quotes if _key(entry) not in set(map(_key, now.quotes))]
    new = [entry for entry in now.quotes if _key(entry) not in set(map(_key, before.quotes))]
    differences: list[Difference] = []
    for quote in old:
        difference = _find_fate(quote, new, before, library)
        differences.append(difference)
        new = [entry for entry in new if entry != difference.new]
    return differences + [Difference(Fate.NEW, None, quote) for quote in new]


def _key(quote: Quoted) -> tuple[str, str]:
    return quote.article, quote.text


def _find_fate(old: Quoted, new: Sequence[Quoted], before: Watched, library: Library) -> Difference:
    """Return what became of a quote that answers no more."""
    sentences = _list_sentences(old.article, library)
    if _is_said(old.text, sentences):
        return Difference(Fate.UNQUOTED, old, None)
    if moved := next((sentence for sentence in new if sentence.text == old.text), None):
        return Difference(Fate.MOVED, old, moved)
    keys = set(map(_key, before.quotes))
    own = [sentence for sentence in new if sentence.article == old.article]
    candidates = [sentence for sentence in sentences if _key(sentence) not in keys]
    if closest := _closest(old, own) or _closest(old, candidates):
        return Difference(Fate.CHANGED, old, closest)
    return Difference(Fate.GONE, old, None)


def _list_sentences(id: ArticleId, library: Library) -> list[Quoted]:
    """Return what an article can be quoted with, nothing where it is not in the index any more."""
    try:
        article = library.article(id)
    except UsageError:
        return []
    spans = [span for passage in library.passages(id) for span in passage.sentences]
    return [_quoted(article, span) for span in spans]


def _is_said(text: str, sentences: Sequence[Quoted]) -> bool:
    """Tell whether sentences say a text, which may be of several."""
    return f" {text} " in f" {' '.join(sentence.text for sentence in sentences)} "


def _closest(old: Quoted, among: Sequence[Quoted]) -> Quoted | None:
    matches = get_close_matches(old.text, [sentence.text for sentence in among], 1, _ALIKE)
    return next((sentence for sentence in among if sentence.text in matches), None)
