"""Two sentences laid beside each other: which words of one stand in the other, in what order.

Words that stand in both, in the same order, are the anchors; what lies between two anchors in one
sentence was put in the place of what lies between them in the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ibid.english.words import Word, find_words
from ibid.types import Span


@dataclass(frozen=True, slots=True)
class Gap:
    """What stands between two anchors, in either sentence; their words by number, half-open."""

    said: Span
    source: Span


@dataclass(frozen=True, slots=True)
class Alignment:
    """The words of two sentences, and which of them are the anchors."""

    said: Sequence[Word]
    source: Sequence[Word]
    anchors: Sequence[tuple[int, int]]
    """The longest common subsequence of the words, as pairs of their numbers; of equally long ones
    that with the most words that tell anything."""

    def gaps(self) -> Iterator[Gap]:
        """Yield what lies between the anchors, where there is anything."""
        before = (-1, -1)
        for one, other in (*self.anchors, (len(self.said), len(self.source))):
            gap = Gap(Span(before[0] + 1, one), Span(before[1] + 1, other))
            if len(gap.said) or len(gap.source):
                yield gap
            before = (one, other)


_REMEMBERED = 64
"""Alignments: a claim is held against a few sentences, each in several respects."""

_MOST_CELLS = 250_000
"""Pairs of words that are compared; beyond it only what two texts begin and end with is found."""


@lru_cache(_REMEMBERED)
def align(said: str, source: str) -> Alignment:
    """Lay two sentences beside each other."""
    words, others = find_words(said), find_words(source)
    start, end = _shared_ends(words, others)
    middle = words[start : len(words) - end], others[start : len(others) - end]
    inside = _longest_common(*middle) if len(middle[0]) * len(middle[1]) <= _MOST_CELLS else []
    anchors = (
        *((n, n) for n in range(start)),
        *((start + one, start + other) for one, other in inside),
        *((len(words) - n, len(others) - n) for n in range(end, 0, -1)),
    )
    return Alignment(words, others, anchors)


def shared_words(said: str, source: str) -> float:
    """Return the share of the words of `said` that stand in `source` in the same order."""
    beside = align(said, source)
    return len(beside.anchors) / len(beside.said) if beside.said else 0.0


def moves_words(said: str, source: str) -> bool:
    """Tell whether a word that tells something stands elsewhere in one of two sentences.

    >>> moves_words("Salt helps and copper does not.", "Copper helps and salt does not.")
    True
    >>> moves_words("Salt helps.", "Indeed, salt helps.")
    False
    """
    beside = align(said, source)
    kept, kept_there = ({pair[side] for pair in beside.anchors} for side in (0, 1))
    left = {word.stem for n, word in enumerate(beside.said) if word.tells and n not in kept}
    return any(word.stem in left for n, word in enumerate(beside.source) if n not in kept_there)


def _shared_ends(said: Sequence[Word], source: Sequence[Word]) -> tuple[int, int]:
    """Return how many words both begin with, and how many of the rest both end with."""
    pairs = zip(said, source, strict=False)
    start = next((n for n, (a, b) in enumerate(pairs) if a.stem != b.stem), -1)
    start = min(len(said), len(source)) if start < 0 else start
    rest = zip(reversed(said[start:]), reversed(source[start:]), strict=False)
    end = next((n for n, (a, b) in enumerate(rest) if a.stem != b.stem), -1)
    return start, min(len(said), len(source)) - start if end < 0 else end


def _longest_common(said: Sequence[Word], source: Sequence[Word]) -> list[tuple[int, int]]:
    best = [[0] * (len(source) + 1) for _ in range(len(said) + 1)]
    for one in range(len(said) - 1, -1, -1):
        for other in range(len(source) - 1, -1, -1):
            best[one][other] = max(
                best[one + 1][other],
                best[one][other + 1],
                best[one + 1][other + 1] + _weight(said[one], source[other]),
            )
    pairs: list[tuple[int, int]] = []
    one = other = 0
    while one < len(said) and other < len(source):
        weight = _weight(said[one], source[other])
        if weight and best[one][other] == best[one + 1][other + 1] + weight:
            pairs.append((one, other))
            one, other = one + 1, other + 1
        elif best[one][other] == best[one + 1][other]:
            one += 1
        else:
            other += 1
    return pairs


def _weight(one: Word, other: Word) -> int:
    return 0 if one.stem != other.stem else 3 if one.tells else 2
