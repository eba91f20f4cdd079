"""The nouns of ibid: frozen values that every layer speaks in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

ArticleId = NewType("ArticleId", str)
"""The article's posix path under the folder of articles."""

PassageId = NewType("PassageId", str)
"""A hash of article, headings and text: it survives edits elsewhere in the article."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of characters of `Article.text`."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """Return the characters of `text` that this span covers."""
        return text[self.start : self.end]

    def shifted(self, by: int) -> "Span":
        """Return the span moved by `by` characters."""
        return Span(self.start + by, self.end + by)

    def overlaps(self, other: "Span") -> bool:
        """Tell whether the two spans share at least one character."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Meta:
    """What an article says about itself in its front matter; absent values are empty."""

    author: str = ""
    date: str = ""
    """ISO 8601 (`2025-08-31`) where the value could be read as a date, else as written."""
    title: str = ""
    """The front matter's own title; `Article.title` is never empty."""
    tags: tuple[str, ...] = ()
    category: str = ""
    keywords: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of an article below one heading; the sections of an article tile its text."""

    headings: tuple[str, ...]
    """The trail of headings above the text, outermost first."""
    span: Span
    prose: Span
    """Where the text proper begins and ends: after the heading, empty for front matter."""


class Rule(StrEnum):
    """What kinds of things a reader should know about an article."""

    PLACEHOLDER = "placeholder"
    NO_LINK = "no_link"
    OLD_FORECAST = "old_forecast"
    MOJIBAKE = "mojibake"
    HEADING = "heading"
    MISSING = "missing"
    READING = "reading"
    NEAR_COPY = "near_copy"
    SERIES = "series"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a reader should know about an article."""

    rule: Rule
    text: str
    """What it is, in words."""
    span: Span = Span(0, 0)
    """Where it stands in `Article.text`; empty when it is about the article as a whole."""
    year: int = 0
    """The year that a forecast is for, 0 for no forecast: it counts once that year is over."""


@dataclass(frozen=True, slots=True)
class Article:
    """One file of the folder, read: `text` is the whole decoded file, front matter included."""

    id: ArticleId
    title: str
    text: str
    meta: Meta
    sections: tuple[Section, ...]
    digest: str
    """SHA-256 of the raw bytes."""
    warnings: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What is noteworthy about it by itself, forecasts that are not due yet included."""
    copies: tuple[ArticleId, ...] = ()
    """Other files of the folder with the same bytes: they are searched once, as this one."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one section, small enough to be searched and read as a unit.

    Invariant: `article.text[span.start:span.end] == text`. Passages tile the article.
    """

    id: PassageId
    article: ArticleId
    headings: tuple[str, ...]
    span: Span
    text: str
    sentences: tuple[Span, ...]
    """Where its quotable sentences are, in characters of the article."""


class Signal(StrEnum):
    """What a passage can be found by."""

    WORDS = "words"
    MEANING = "meaning"


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, and why it is here."""

    passage: Passage
    score: float
    """Between 0 and 1, the sum of its parts."""
    ranks: Mapping[str, int] = field(default_factory=dict[str, int])
    """Its place (from 1) per signal that found it: `words`, `meaning`."""
    parts: Mapping[str, float] = field(default_factory=dict[str, float])
    """What each signal adds to its score: `words`, `meaning`, `article`, `tokens`, `sentence`."""


class Support(StrEnum):
    """What can honestly be said of a sentence and its source."""

    VERBATIM = "verbatim"
    REWORDED = "reworded"
    ALTERED = "altered"
    UNSUPPORTED = "unsupported"


class Status(StrEnum):
    """Whether the articles answered the question."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    NOT_IN_SOURCES = "not_in_sources"


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact place in an article that a claim rests on."""

    passage: Passage
    quote: Span
    """A verbatim span of the article, in characters of `Article.text`."""


class State(StrEnum):
    """What became of a quote since the index was built."""

    EXACT = "exact"
    """The file is the one that was indexed."""
    MOVED = "moved"
    """The file was edited, and the quote stands in it still."""
    CHANGED = "changed"
    """The file was edited, and the quote stands in it no more."""
    GONE = "gone"
    """There is no such file, or none that can be read."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a quote stands in its article's file now."""

    state: State
    line: int = 0
    """The line of the file that it begins in, 0 when it does not stand there."""


class FileState(StrEnum):
    """How a file stands to the index."""

    INDEXED = "indexed"
    """The index was made from the file as it is."""
    CHANGED = "changed"
    """The file was edited since, and the index has what it said before."""
    NEW = "new"
    """The index does not know the file yet."""
    GONE = "gone"
    """There is no such file any more, and the index still has what it said."""
    UNREADABLE = "unreadable"
    """The file is there and cannot be read."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the folder or of the index, and how it stands between the two."""

    path: str
    """The id of its article, where it is one."""
    state: FileState
    reason: str = ""
    """Why it cannot be read."""


@dataclass(frozen=True, slots=True)
class Change:
    """Where a sentence says something else than the source that it follows."""

    kind: str
    """What sort of word it is: `number`, `name`, `negation`, …, `antonym`, `word`."""
    said: Span | None
    """The words that were put in, in characters of `Claim.text`; None where words were left out."""
    instead: str
    """The words of the source that they replace, or that were left out; empty where it has none."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer, with the places it rests on."""

    text: str
    span: Span
    """Where the claim stands in `Answer.text`."""
    citations: tuple[Citation, ...]
    """What supports it, or what it was compared with where it is altered."""
    support: Support
    changes: tuple[Change, ...] = ()
    """What is altered: at least one for ALTERED, none for the others."""


@dataclass(frozen=True, slots=True)
class PromptPart:
    """A part of a model's context, and what takes it up."""

    what: str
    """`instructions`, `passage`, `question`, `chat template`, or `answer`: the room kept for it."""
    tokens: int
    """By our own careful estimate."""
    title: str = ""
    """The title and the headings of a passage."""
    packed: bool = True
    """False for a passage that found no room."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is needed to repeat an answer."""

    index: str
    """Name of the index generation that was asked."""
    embedder: str
    model: str
    """Name of the language model, empty when no model wrote the answer."""
    version: str
    seconds: float
    calibrated: bool = True
    """Whether the thresholds were measured with this embedder."""
    articles: int = 0
    """How many articles were searched."""
    asked: str = ""
    """A follow-up question as it was typed: `Answer.question` says it in full. Empty otherwise."""
    restated_by: str = ""
    """Name of the model that said it in full, empty where rules did."""
    pointed_at: tuple[ArticleId, ...] = ()
    """The articles that it asks for alone (`and in the second one?`)."""
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: str = ""
    """Why no model wrote this answer, and the command that changes it; or which other machine a
    model runs on, and so gets the passages. Empty otherwise."""
    prompt: tuple[PromptPart, ...] = ()
    """What the model's context was taken up by; empty when no model was asked."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What stands behind "your articles do not say"."""

    score: float
    """How well the best sentence fits the question, from 0 to 1."""
    threshold: float
    """What it would have needed."""
    missed: int | None
    """Of 100 questions that articles answer, how many this threshold refused when it was set; None
    where that was with another embedder."""
    measured_with: str
    """Name of the embedder that the threshold was set with."""
    unused: tuple[str, ...] = ()
    """Words of the question that the articles that were searched never use, in any form."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and everything that it rests on."""

    question: str
    text: str
    claims: tuple[Claim, ...]
    hits: tuple[Hit, ...]
    status: Status
    run: Run
    receipt: Receipt | None = None
    """Where the articles do not say, or may not."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of a conversation."""

    question: str
    """In full, where it was a follow-up."""
    answer: str
    articles: tuple[ArticleId, ...] = ()
    """What the answer cites, in its order."""


@dataclass(frozen=True, slots=True)
class Found:
    """The stream's first event: the passages that the answer will be made from."""

    hits: tuple[Hit, ...]
    question: str = ""
    """What was searched for: a follow-up question in full."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of text as a model writes it, before it is checked."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The stream's last event: the checked answer."""

    answer: Answer


Event = Found | Delta | Done


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file of the folder that could not be read as an article, and why."""

    path: str
    reason: str
    kept: bool = False
    """True when the index still has an earlier version of it, which goes on answering."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in an index that is not as it has to be."""

    where: str
    """A file of the index, or an article or passage in it."""
    what: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build read, skipped and wrote."""

    articles: int
    passages: int
    skipped: tuple[Skipped, ...]
    warnings: Mapping[ArticleId, tuple[str, ...]]
    copies: Mapping[ArticleId, tuple[ArticleId, ...]]
    """Files with the same bytes as an article, which are searched once."""
    index: str
    """Name of the index generation that now answers."""
    embedded: int = 0
    """Passages and sentences that were embedded, because the last index did not hold them."""
    changed: bool = False
    """False when the index was already up to date and nothing was written."""
    added: tuple[ArticleId, ...] = ()
    """Articles that the last index did not have; a file with another name is none."""
    edited: tuple[ArticleId, ...] = ()
    """Articles that say something else than in the last index."""
    removed: tuple[ArticleId, ...] = ()
    """Articles of the last index that are in it no more."""
    compared: bool = True
    """False when the last index was too damaged to tell what it had."""
    seconds: float = 0.0
