"""What can be asked of the folder itself."""

from dataclasses import dataclass
from enum import StrEnum

from ibid.types import ArticleId


class Asks(StrEnum):
    """What a question asks of the folder."""

    AUTHORS = "authors"
    DATES = "dates"
    NEWEST = "newest"
    OLDEST = "oldest"
    COUNT = "count"
    LIST = "list"
    MENTIONS = "mentions"
    SUMMARY = "summary"
    COMPARISON = "comparison"
    DISAGREEMENT = "disagreement"


@dataclass(frozen=True, slots=True)
class Request:
    """A question about the folder itself."""

    asks: Asks
    articles: tuple[ArticleId, ...] = ()
    """Those that it names; none: all that may be asked."""
    topic: str = ""
    """What the articles are to mention, or to disagree about."""
    author: str = ""
    """The author that it names, as the front matter has it."""
    most: int = 1
    """How many of the newest or the oldest it asks for."""
    negated: bool = False
    """Whether it asks for the articles that do not mention the topic."""
