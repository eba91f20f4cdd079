"""The nouns of an answer: hits, citations, claims, what a stream yields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ibid.types.articles import ArticleId, Passage, Span


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
    """Its place (from 1) per signal that found it: `words`, `meaning`; and for a `reranker`."""
    parts: Mapping[str, float] = field(default_factory=dict[str, float])
    """What each signal adds to its score: `words`, `meaning`, `article`, `tokens`, `sentence`."""


class Support(StrEnum):
    """What can honestly be said of a sentence and its source."""

    VERBATIM = "verbatim"
    REWORDED = "reworded"
    ALTERED = "altered"
    UNSUPPORTED = "unsupported"
    GAP = "gap"
    """It says what the articles do not say, and nothing else: nothing can support that."""


class Status(StrEnum):
    """Whether the articles answered the question."""

    ANSWERED = "answered"
    CLOSEST = "closest"
    """It is not sure that the articles say it; what comes closest is quoted."""
    PARTIAL = "partial"
    """Not every part is answered, or not every sentence that a model wrote is supported."""
    NOT_IN_SOURCES = "not_in_sources"


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact place in an article that a claim rests on."""

    passage: Passage
    quote: Span
    """A verbatim span of the article, in characters of `Article.text`."""


@dataclass(frozen=True, slots=True)
class Change:
    """Where a sentence says something else than the source that it follows."""

    kind: str
    """What sort of word it is: `number`, `name`, `negation`, …, `role`, `report`, `addition`."""
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
    """What supports it, or what it was compared with where it is altered. Where the articles' own
    sentences are the answer, the sentence itself, and then where other articles say the same."""
    support: Support
    changes: tuple[Change, ...] = ()
    """What is altered: at least one for ALTERED, none for the others."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A sentence of somebody's own text, and what the articles have of it."""

    claim: Claim
    """Its span is in characters of that text."""
    nearest: Citation | None = None
    """Where it is unsupported, the article's sentence that comes closest to it, if any."""


@dataclass(frozen=True, slots=True)
class PromptPart:
    """A part of a model's context, and what takes it up."""

    what: str
    """`instructions`, `passage`, `conversation`, `question`, `chat template`, or `answer`: the room
    kept for it."""
    tokens: int
    """By our own careful estimate."""
    title: str = ""
    """The title and the headings of a passage."""
    packed: bool = True
    """False for a passage that found no room."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A word of a question that no article uses, and the word of theirs that it was read as."""

    written: str
    read: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase in quotation marks, and how many passages hold it word for word."""

    text: str
    passages: int


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it is searched."""

    question: str
    """In words that the articles use."""
    read_as: tuple[Reading, ...] = ()
    phrases: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Repair:
    """A model was asked once more, since the articles do not say some of its sentences so."""

    sentences: tuple[str, ...]
    """Those sentences."""
    kept: bool
    """Whether its second text is the answer; else the first one held better, or as well."""
    notice: str = ""
    """What went wrong when it was asked once more, empty where nothing did."""


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
    """The question as it was typed, where `Answer.question` is what it was read as: a follow-up
    question in full, or words that the articles use. Empty otherwise."""
    restated_by: str = ""
    """Name of the model that said it in full, empty where rules did."""
    read_as: tuple[Reading, ...] = ()
    """The words of the question that were read as other ones."""
    phrases: tuple[Phrase, ...] = ()
    """The phrases in quotation marks: what holds them comes first."""
    named: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the question names of the articles that alone are asked: `article`, `author`, `tag`,
    `since`, `until`; `Answer.question` is what it asks of them."""
    pointed_at: tuple[ArticleId, ...] = ()
    """The articles that it asks for alone (`and in the second one?`)."""
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: str = ""
    """Why no model wrote this answer, and the command that changes it; or which other machine a
    model runs on, and so gets the passages. Empty otherwise."""
    prompt: tuple[PromptPart, ...] = ()
    """What the model's context was taken up by; empty when no model was asked."""
    repair: Repair | None = None
    """Where the model was asked once more."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What stands behind "your articles do not say"."""

    score: float
    """The probability that the best sentence answers, from 0 to 1."""
    threshold: float
    """What it would have needed."""
    missed: int | None
    """Of 100 questions that articles answer, how many this threshold refused when it was set; None
    where the passages were found by another embedder than those were."""
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
    lead: str = ""
    """What stands above the quotes and in no sentence of an article: names, dates and counts that
    the index knows. `text` begins with it. Empty for an answer to what the articles say."""
    parts: "tuple[Answer, ...]" = ()
    """The answers to the questions that it is made of, where each was asked by itself; what else
    is here is theirs together."""


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
class Anew:
    """What a model wrote did not hold, and it is asked once more: `text` alone stands."""

    text: str = ""
    """What was written before that text, of the parts of a question that are answered."""


@dataclass(frozen=True, slots=True)
class Done:
    """The stream's last event: the checked answer."""

    answer: Answer


Event = Found | Delta | Anew | Done
