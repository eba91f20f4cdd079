"""Which passages of the compared articles are read: all, or of too many those that fit best."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ibid.index import Index
from ibid.search import Question, order_rows
from ibid.types import ArticleId

MOST = 3_000
"""Sentences that are compared with each other, which takes memory with their square and must not
grow with the articles (docs/decisions)."""


@dataclass(frozen=True, slots=True)
class Portion:
    """The passages that are read of some articles."""

    rows: frozenset[int]
    sentences: int
    """How many sentences they have."""
    sentences_in_all: int
    """How many sentences the articles have."""


def choose_portion(
    question: Question | None, articles: Sequence[ArticleId], index: Index, most: int = MOST
) -> Portion:
    """Return the passages of some articles, or of too many those that fit a question best.

    Without a question these are the first ones. All that a short article says is read, and of the
    longer ones as much of each.
    """
    sizes = index.corpus.count_sentences(articles)
    in_all = {id: sum(rows.values()) for id, rows in sizes.items()}
    total = sum(in_all.values())
    if total <= most:
        return Portion(frozenset(row for rows in sizes.values() for row in rows), total, total)
    shares = share_out(in_all, most)
    all_rows = index.corpus.row_numbers(articles)
    ordered = order_rows(replace(question, rows=all_rows), index) if question else sorted(all_rows)
    portion = {
        row: size for id, rows in sizes.items() for row, size in _take(ordered, rows, shares[id])
    }
    return Portion(frozenset(portion), sum(portion.values()), total)


def share_out(sizes: Mapping[ArticleId, int], most: int) -> dict[ArticleId, int]:
    """Return how much of each article fits into `most`: the same of all that have more than that.

    >>> share_out({ArticleId("a"): 900, ArticleId("b"): 10, ArticleId("c"): 300}, 210)
    {'b': 10, 'c': 100, 'a': 100}
    """
    shares: dict[ArticleId, int] = {}
    for place, id in enumerate(sorted(sizes, key=lambda article: (sizes[article], article))):
        shares[id] = min(sizes[id], (most - sum(shares.values())) // (len(sizes) - place))
    return shares


def _take(ordered: Iterable[int], sizes: Mapping[int, int], most: int) -> Iterable[tuple[int, int]]:
    """Yield the first of some rows with their sizes, as long as these are `most` together."""
    room = most
    for row in ordered:
        if row in sizes:
            room -= sizes[row]
            if room < 0:
                return
            yield row, sizes[row]
