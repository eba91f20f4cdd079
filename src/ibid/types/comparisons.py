"""The nouns of a comparison: rows of what articles claim, a cell per article."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ibid.types.answers import Citation, Run
from ibid.types.articles import ArticleId, Rule, Span


@dataclass(frozen=True, slots=True)
class Assertion:
    """A sentence of an article that asserts something."""

    citation: Citation
    text: str
    """The sentence as a reader sees it."""
    context: str = ""
    """The sentence or the heading that it leans on (`This …`); empty when it stands alone."""

    @property
    def article(self) -> ArticleId:
        return self.citation.passage.article

    @property
    def span(self) -> Span:
        return self.citation.quote


class Stance(StrEnum):
    """What an article has to do with a row."""

    SAYS = "says"
    DIFFERS = "differs"
    """It says so, but for a year, a number or the like."""
    CLOSE = "close"
    """It speaks of the same point, and does not say the same of it."""
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two assertions that cannot both hold, and the very words that make it so."""

    kind: str
    """`year`, `number`, `direction`, `negation`, `certainty`, `scope` or `name`."""
    one: Assertion
    other: Assertion
    words: tuple[Span, Span]
    """Where these words stand, in characters of `one.text` and of `other.text`."""

    @property
    def said(self) -> tuple[str, str]:
        return self.words[0].of(self.one.text), self.words[1].of(self.other.text)

    @property
    def is_within(self) -> bool:
        """Whether an article is at odds with itself."""
        return self.one.article == self.other.article


@dataclass(frozen=True, slots=True)
class Cell:
    """What one article says of a row, or how its silence is known."""

    article: ArticleId
    stance: Stance
    quotes: tuple[Assertion, ...] = ()
    """The assertion that fits the row best, then others that fit it; none when it is silent."""
    difference: str = ""
    """In words, how it differs from what another article says."""
    searched: int = 0
    """How many of its passages were searched."""
    nearest: Assertion | None = None
    """Of a silent article, what comes closest to the row."""
    score: float = 0.0
    """The cosine of the first quote, or of the nearest assertion, to what the row says."""


@dataclass(frozen=True, slots=True)
class Kin:
    """Two articles that are one source."""

    one: ArticleId
    other: ArticleId
    rule: Rule
    why: str
    """In words: `by the same author, 1 day apart`."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many articles say so, and how many independent sources these are."""

    articles: int
    sources: int
    kin: tuple[Kin, ...] = ()
    """Why there are fewer sources than articles."""


@dataclass(frozen=True, slots=True)
class Row:
    """What articles claim, with a cell for every column of the comparison."""

    title: str
    """The claim, in the words of the article that makes it; the topic, where the row is what the
    articles say of that."""
    cells: tuple[Cell, ...]
    agreement: Agreement
    conflicts: tuple[Conflict, ...] = ()

    @property
    def speaking(self) -> Iterator[Cell]:
        """The cells of articles that are not silent."""
        return (cell for cell in self.cells if cell.stance is not Stance.SILENT)

    @property
    def saying(self) -> Iterator[Cell]:
        """The cells of articles that say so, or say otherwise."""
        return (cell for cell in self.cells if cell.stance in (Stance.SAYS, Stance.DIFFERS))

    @property
    def close(self) -> Iterator[Cell]:
        """The cells of articles that speak of the same point."""
        return (cell for cell in self.cells if cell.stance is Stance.CLOSE)


@dataclass(frozen=True, slots=True)
class Figure:
    """How much an article says there is of something."""

    quote: Assertion
    words: Span
    """Where the figure stands in `quote.text`, as the article spells it: `over $2.6 billion`."""
    thing: str
    """The words of the sentence around it, … in its place: `share prices rose by …`."""
    low: float
    high: float
    """The same as `low`, but in a range."""
    unit: str
    """Its short form, `%` or `$/year`; empty for a count."""
    time: Span
    """Where `quote.text` gives the date that it holds for; empty where it gives none."""
    group: int = 0
    """Figures for the same thing have the same number."""

    @property
    def text(self) -> str:
        return self.words.of(self.quote.text)

    @property
    def when(self) -> str:
        return self.time.of(self.quote.text)


@dataclass(frozen=True, slots=True)
class Moment:
    """When an article says that something happened or will happen."""

    quote: Assertion
    words: Span
    """Where `quote.text` says when: `by 2030`, `within five years`."""
    year: int
    """0 where it is counted from a day of writing that is not known."""
    is_forecast: bool
    is_counted: bool
    """Whether the year is counted from the article's date."""

    @property
    def when(self) -> str:
        return self.words.of(self.quote.text)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What articles claim about a topic, side by side."""

    topic: str
    articles: tuple[ArticleId, ...]
    """The columns: the articles that have most to say about it, or all of a few."""
    rows: tuple[Row, ...]
    alone: tuple[Assertion, ...]
    """What one article only claims about it."""
    silent: int
    """How many other articles were searched, which are no column."""
    run: Run
    unused: tuple[str, ...] = ()
    """Words of the topic that no article uses, in any form or spelling."""
    sentences: int = 0
    """How many sentences the columns have."""
    compared: int = 0
    """How many of them were compared: of too many those that say most about the topic."""
    figures: tuple[Figure, ...] = ()
    """What they measure or count of it, figures for the same thing side by side."""
    timeline: tuple[Moment, ...] = ()
    """When they say that something happened or will, in order; without a year last."""

    @property
    def conflicts(self) -> Iterator[Conflict]:
        return (conflict for row in self.rows for conflict in row.conflicts)
