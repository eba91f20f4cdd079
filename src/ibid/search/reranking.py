"""Passages that were found, in the order that another model has them."""

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import replace

from ibid.ports import Reranker
from ibid.search.ranking import Ranked
from ibid.types import ArticleId

MOST_RERANKED = 50
"""Passages that are read once more; as many as are asked for, if that is more."""


def rerank(
    question: str, ranked: Sequence[Ranked], k: int, reranker: Reranker, first: Container[int] = ()
) -> list[Ranked]:
    """Return the `k` passages that fit best, those of the rows `first` before all others.

    At most half of them are from one article, as in the ranking before, unless others are too few.

    Each tells its place among the scores as a rank of `reranker`; its score stays as it was. Ties
    stay in their order. Raises ModelError.
    """
    passages = [entry.hit.passage for entry in ranked]
    scores = reranker.score(question, ["\n".join((*p.headings, p.text)) for p in passages])
    order = sorted(range(len(ranked)), key=lambda place: -scores[place])
    placed = [_placed(ranked[place], rank) for rank, place in enumerate(order, start=1)]
    placed.sort(key=lambda entry: entry.row not in first)
    return _share_out(placed, k)


def _share_out(ranked: Sequence[Ranked], k: int) -> list[Ranked]:
    within: list[int] = []
    beyond: list[int] = []
    counts: Counter[ArticleId] = Counter()
    for place, entry in enumerate(ranked):
        article = entry.hit.passage.article
        (within if counts[article] < (k + 1) // 2 else beyond).append(place)
        counts[article] += 1
    return [ranked[place] for place in sorted((within + beyond)[:k])]


def _placed(ranked: Ranked, rank: int) -> Ranked:
    hit = replace(ranked.hit, ranks={**ranked.hit.ranks, "reranker": rank})
    return replace(ranked, hit=hit)
