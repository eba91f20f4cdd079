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
        for claim_end, source_end in (*self.anchors, (len(self.said), len(self.source))):
            gap = Gap(Span(before[0] + 1, claim_end), Span(before[1] + 1, source_end))
            if len(gap.said) or len(gap.source):
                yield gap
            before = (claim_end, source_end)


_REMEMBERED = 64
"""Alignments: a claim is held against a few sentences, each in several respects."""

_MOST_CELLS = 250_000
"""Pairs of words that are compared; beyond it only what two texts begin and end with is found."""


@lru_cache(_REMEMBERED)
def align(claim: str, source: str) -> Alignment:
    """Lay two sentences beside each other."""
    claim_words, source_words = find_words(claim), find_words(source)
    start, end = _shared_ends(claim_words, source_words)
    middle = (
        claim_words[start : len(claim_words) - end],
        source_words[start : len(source_words) - end],
    )
    inside = _longest_common(*middle) if len(middle[0]) * len(middle[1]) <= _MOST_CELLS else []
    anchors = (
        *((n, n) for n in range(start)),
        *((start + row, start + column) for row, column in inside),
        *((len(claim_words) - n, len(source_words) - n) for n in range(end, 0, -1)),
    )
    return Alignment(claim_words, source_words, anchors)


def shared_words(claim: str, source: str) -> float:
    """Return the share of the words of `claim` that stand in `source` in the same order."""
    beside = align(claim, source)
    return len(beside.anchors) / len(beside.said) if beside.said else 0.0


def moves_words(claim: str, source: str) -> bool:
    """Tell whether a word that tells something stands elsewhere in one of two sentences.

    >>> moves_words("Salt helps and copper does not.", "Copper helps and salt does not.")
    True
    >>> moves_words("Salt helps.", "Indeed, salt helps.")
    False
    """
    beside = align(claim, source)
    anchors, source_anchors = ({pair[side] for pair in beside.anchors} for side in (0, 1))
    stems = {word.stem for n, word in enumerate(beside.said) if word.tells and n not in anchors}
    return any(
        word.stem in stems for n, word in enumerate(beside.source) if n not in source_anchors
    )


def _shared_ends(claim: Sequence[Word], source: Sequence[Word]) -> tuple[int, int]:
    """Return how many words both begin with, and how many of the rest both end with."""
    pairs = zip(claim, source, strict=False)
    start = next((n for n, (a, b) in enumerate(pairs) if a.stem != b.stem), -1)
    start = min(len(claim), len(source)) if start < 0 else start
    endings = zip(reversed(claim[start:]), reversed(source[start:]), strict=False)
    end = next((n for n, (a, b) in enumerate(endings) if a.stem != b.stem), -1)
    return start, min(len(claim), len(source)) - start if end < 0 else end


def _longest_common(claim: Sequence[Word], source: Sequence[Word]) -> list[tuple[int, int]]:
    best = [[0] * (len(source) + 1) for _ in range(len(claim) + 1)]
    for row in range(len(claim) - 1, -1, -1):
        for column in range(len(source) - 1, -1, -1):
            best[row][column] = max(
                best[row + 1][column],
                best[row][column + 1],
                best[row + 1][column + 1] + _weight(claim[row], source[column]),
            )
    pairs: list[tuple[int, int]] = []
    row = column = 0
    while row < len(claim) and column < len(source):
        weight = _weight(claim[row], source[column])
        if weight and best[row][column] == best[row + 1][column + 1] + weight:
            pairs.append((row, column))
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            row += 1
        else:
            column += 1
    return pairs


def _weight(word: Word, source_word: Word) -> int:
    return 0 if word.stem != source_word.stem else 3 if word.tells else 2
