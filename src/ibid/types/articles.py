"""The nouns of an article, its passages and what is odd about it: frozen values."""

import re
from calendar import monthrange
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

ArticleId = NewType("ArticleId", str)
"""The article's posix path under the folder of articles."""

PassageId = NewType("PassageId", str)
"""A hash of article, headings and text: it survives edits elsewhere in the article."""

_NAMED = 3
"""Authors that are named in a line, of more."""

_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-\d\d)?)?")


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
    """ISO 8601 as precisely as it is given (`2025-08-31`, `2025-08`, `2025`), else as written."""
    title: str = ""
    """The front matter's own title; `Article.title` is never empty."""
    tags: tuple[str, ...] = ()
    category: str = ""
    keywords: tuple[str, ...] = ()
    description: str = ""
    coauthors: tuple[str, ...] = ()
    """Its other authors, where it names several."""
    aliases: tuple[str, ...] = ()
    """What else it is called."""
    draft: bool = False
    """Whether it says that it is not published."""
    url: str = ""
    """Where it says that it stands on the web."""
    language: str = ""
    """As it names it: `de`, `pt-BR`."""
    reference: str = ""
    """Which entry of which file of references says so: `refs.bib (smith2020, 1a2b3c4d)`."""
    guessed: tuple[str, ...] = ()
    """Of `title` and `date` what it does not give itself, and its file name or its text does."""

    @property
    def days(self) -> tuple[str, str]:
        """The first and the last day that its date may mean, both empty where it is none.

        >>> Meta(date="2024-02").days
        ('2024-02-01', '2024-02-29')
        """
        if not _DATE.fullmatch(self.date):
            return "", ""
        year, month, day = (*self.date.split("-"), "", "")[:3]
        last = f"{monthrange(int(year), int(month or 12))[1]:02}"
        return f"{year}-{month or '01'}-{day or '01'}", f"{year}-{month or '12'}-{day or last}"

    @property
    def authors(self) -> tuple[str, ...]:
        """All authors, none where it names none."""
        return (self.author, *self.coauthors) if self.author else ()

    @property
    def byline(self) -> str:
        """Its authors in a line, of many the first ones: `Ada, Ben, Cem and 2 more`."""
        more = len(self.authors) - _NAMED
        return ", ".join(self.authors[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


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

    def headings_above(self, passage: "Passage") -> tuple[str, ...]:
        """Return what a passage stands below: the title, from wherever it is, and the headings."""
        return (self.title, *passage.headings)


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
