"""What is compared: ibid's own ranking, each of its signals alone, and their plain fusion."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from ibid.library import Library
from ibid.types import Hit, PassageId, Signal

DEPTH = 100
"""Passages that a ranking has at most."""


class Ranking(StrEnum):
    """A way to rank the passages of an index for a question."""

    IBID = "ibid"
    WORDS = "words"
    """BM25 alone."""
    MEANING = "meaning"
    """Cosine alone: what most tools of this kind do."""
    FUSION = "fusion"
    """The mean of both, each spread from 0 to 1 over its best hundred: what the others do."""


Find = Callable[[str], Sequence[tuple[Hit, float]]]
"""Passages for a question with their scores, best first."""


def finder(library: Library, ranking: Ranking) -> Find:
    """Return what finds passages in `library` as `ranking` says."""
    match ranking:
        case Ranking.IBID:
            return lambda question: _scored(library.search(question, DEPTH))
        case Ranking.WORDS | Ranking.MEANING:
            by = Signal(ranking.value)
            return lambda question: _scored(library.search(question, DEPTH, by=by))
        case Ranking.FUSION:
            return lambda question: _fuse(
                [library.search(question, DEPTH, by=signal) for signal in Signal]
            )


def _scored(hits: Sequence[Hit]) -> list[tuple[Hit, float]]:
    return [(hit, hit.score) for hit in hits]


def _fuse(rankings: Sequence[Sequence[Hit]]) -> list[tuple[Hit, float]]:
    """Return the convex fusion of rankings after min-max normalisation (Bruch et al. 2023)."""
    hits = {hit.passage.id: hit for hits in rankings for hit in hits}
    spread = [_spread(hits) for hits in rankings]
    scores = {id: sum(part.get(id, 0.0) for part in spread) / len(spread) for id in hits}
    order = sorted(scores, key=lambda passage: (-scores[passage], passage))
    return [(hits[id], scores[id]) for id in order[:DEPTH]]


def _spread(hits: Sequence[Hit]) -> Mapping[PassageId, float]:
    if not hits:
        return {}
    least, width = hits[-1].score, hits[0].score - hits[-1].score
    return {hit.passage.id: (hit.score - least) / width if width else 1.0 for hit in hits}
