"""The articles that may be asked, and how a question's answer names them."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from ibid.answering.catalogue.naming import order_by_date
from ibid.answering.catalogue.places import Place
from ibid.answering.catalogue.requests import Request
from ibid.index import Index
from ibid.text import count
from ibid.types import ArticleId, Described

SHOWN = 20
"""Articles that are quoted one by one, of more."""

NAMED, NAMED_BESIDE = 30, 8
"""Authors that are named, of more: where they are asked for, and beside something else."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The articles that may be asked, and the index that has them."""

    index: Index
    ids: Collection[ArticleId] | None = None
    """None for all of them."""

    @property
    def articles(self) -> list[Described]:
        """What is known of them without their texts, in order of their ids."""
        entries = self.index.corpus.described
        return [article for article in entries if self.ids is None or article.id in self.ids]

    def asked(self, request: Request) -> "Shelf":
        """Return the articles that a question names, all where it names none."""
        return Shelf(self.index, request.articles) if request.articles else self


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of articles: in words, and the places in them that are quoted for it."""

    lead: str
    places: Sequence[Place] = ()
    label: str = "From the index"
    """What kind of answer this is."""


def call(article: Described) -> str:
    """Return what an article is called: `“Title” by Author`."""
    by = f" by {list_names(article.meta.authors)}" if article.meta.author else ""
    return f"“{article.title}”{by}"


def list_names(names: Sequence[str], most: int = NAMED) -> str:
    """Return names as a list in words: `A, B and C`, and of too many the first ones."""
    more = [f"{len(names) - most:,} more"] if len(names) > most else []
    *first, last = [*names[:most], *more] or [""]
    between = "; " if any("," in name for name in names) else ", "  # `Doe, Jane`
    return f"{between.join(first)} and {last}" if first else last


def count_by_author(articles: Iterable[Described]) -> list[tuple[str, int]]:
    """Return the authors that articles name, and how many each wrote, the busiest first."""
    counts = Counter(author for article in articles for author in article.meta.authors)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def say_authors(articles: Sequence[Described], most: int = NAMED) -> str:
    """Return who wrote articles, and how many: `A (2 articles) and B (1)`."""
    counts = count_by_author(articles)
    names = [f"{author} ({number:,})" for author, number in counts]
    first = [f"{author} ({count(number, 'article')})" for author, number in counts[:1]]
    return list_names([*first, *names[1:]], most)


def say_period(articles: Sequence[Described]) -> str:
    """Return from when articles are, empty where none has a date that can be told."""
    dated = order_by_date(articles)
    if not dated:
        return ""
    first, last = dated[-1].meta.date, dated[0].meta.date
    return f"from {first} to {last}" if first < last else f"of {first}"


def newest_first(articles: Sequence[Described]) -> list[Described]:
    """Return the articles with a date, the newest first, and then the others."""
    dated = order_by_date(articles)
    return [*dated, *(article for article in articles if article not in dated)]
