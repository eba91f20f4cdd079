"""Which passages a model reads, the most useful first: as many as its context takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from ibid.index import Index, IndexedPassage
from ibid.search import Evidence, Ranked
from ibid.types import Article, ArticleId

BEST = 8
"""Passages that come first of all, and whose neighbours are read with them."""

LETTERS = 6
"""Characters that a token has at most in prose: an article with more of them cannot fit."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Passages of one article that a model reads together or not at all."""

    passages: tuple[IndexedPassage, ...]
    title: str
    """Of their article, with its author and date where these are known."""
    is_found: bool = True
    """Whether they were found, and are told where they find no room: others are only beside."""


def list_portions(
    ranked: Sequence[Ranked], evidence: Sequence[Evidence], index: Index, context: int
) -> Iterator[Portion]:
    """Yield what a model may read, the most useful first; a passage may come more than once.

    First the passages that answer best, then the best of each other article, the passages beside
    the first ones, all others that were found, and last those articles whole.
    """
    corpus = index.corpus
    passages = {row.passage.id: row for row in corpus.rows([hit.row for hit in ranked])}
    likely = dict.fromkeys(sentence.passage.id for sentence in evidence)
    ordered = [passages[id] for id in dict.fromkeys((*likely, *passages))]
    heads: dict[ArticleId, IndexedPassage] = {}
    for passage in ordered:
        heads.setdefault(passage.passage.article, passage)
    titles = {id: describe(corpus.article(id)) for id in heads}
    beside = (_beside(passage, index) for passage in ordered[:BEST])
    for passage in chain(ordered[:BEST], heads.values()):
        yield Portion((passage,), titles[passage.passage.article])
    for passage in chain.from_iterable(beside):
        yield Portion((passage,), titles[passage.passage.article], is_found=False)
    for passage in ordered[BEST:]:
        yield Portion((passage,), titles[passage.passage.article])
    for id in heads:
        if len(corpus.article(id).text) <= LETTERS * context:
            yield Portion(tuple(corpus.rows_of(id)), titles[id], is_found=False)


def describe(article: Article) -> str:
    """Return the title of an article with its author and its date, where these are known."""
    about = ", ".join(filter(None, (article.meta.byline, article.meta.date)))
    return f"{article.title} ({about})" if about else article.title


def _beside(anchor: IndexedPassage, index: Index) -> list[IndexedPassage]:
    """Return the passages before and behind one in its article, as far as there are any."""
    rows = (row for row in (anchor.number - 1, anchor.number + 1) if 0 <= row < index.passages)
    near = index.corpus.rows([*rows])
    return [passage for passage in near if passage.passage.article == anchor.passage.article]
