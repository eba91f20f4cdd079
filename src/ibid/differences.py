"""What one sentence says otherwise than another one that it follows word for word.

Only sentences that share most of their words can be compared like this: `shared_words` tells how
many, and a caller asks nothing of pairs below its own gate. Words that stand in both, in the same
order, are the anchors; what lies between two anchors in one sentence was put in the place of what
lies between them in the other.

>>> said, source = "It will reduce costs by 30%.", "It may reduce costs by 20%."
>>> [(each.kind.value, each.said.of(said), each.source.of(source))
...     for each in find_differences(said, source)]
[('certainty', 'will', 'may'), ('number', '30', '20')]
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ibid.lexical import Word, find_words
from ibid.marks import Kind, Mark, antonyms, find_marks
from ibid.types import Span


@dataclass(frozen=True, slots=True)
class Difference:
    """A commitment that was changed, added (no `source`) or lost (no `said`)."""

    kind: Kind
    said: Span | None
    """Where it stands in the sentence that was checked."""
    source: Span | None
    """Where it stands in the sentence that it follows."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What stands between two anchors, in either sentence; their words by number, half-open."""

    said: Span
    source: Span


def shared_words(said: str, source: str) -> float:
    """Return the share of the words of `said` that stand in `source` in the same order."""
    words = find_words(said)
    return len(_anchor(words, find_words(source))) / len(words) if words else 0.0


def find_differences(said: str, source: str) -> tuple[Difference, ...]:
    """Return what `said` changes, adds or loses against `source`, in the order of `said`."""
    sides = _Side(said), _Side(source)
    anchors = _anchor(sides[0].words, sides[1].words)
    sides[0].kept = frozenset(one for one, _ in anchors)
    sides[1].kept = frozenset(other for _, other in anchors)
    found = {
        each
        for gap in _gaps(anchors, len(sides[0].words), len(sides[1].words))
        for each in _compare(gap, *sides)
    }
    return tuple(sorted(found, key=_place))


class _Side:
    """One of the two sentences: its words, its marks, and which of its words the other has."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = find_words(text)
        self.marks = find_marks(text)
        self.kept: frozenset[int] = frozenset()
        self.stems = frozenset(word.stem for word in self.words)

    def changed(self, words: Span) -> list[Mark]:
        """Return the marks among some words that are not anchors, as a whole or in part."""
        spans = [self.words[n].span for n in range(words.start, words.end)]
        return [mark for mark in self.marks if any(mark.span.overlaps(span) for span in spans)]

    def head(self, mark: Mark) -> int | None:
        """Return the word that a mark is about: the next one behind it that tells anything."""
        return next(
            (n for n, w in enumerate(self.words) if w.span.start >= mark.span.end and w.tells), None
        )


def _compare(gap: Gap, said: _Side, source: _Side) -> Iterator[Difference]:
    new, old = said.changed(gap.said), source.changed(gap.source)
    for mark in new:
        rival = next((each for each in old if each.kind is mark.kind), None)
        if rival and rival.value == mark.value:
            continue
        if rival and _excludes(mark, rival):
            yield Difference(mark.kind, mark.span, rival.span)
        elif not _is_known(mark, source) and _matters(mark):
            yield Difference(mark.kind, mark.span, None)
    for mark in old:
        if _is_lost(mark, new, said, source):
            yield Difference(mark.kind, None, mark.span)
    yield from _opposites(gap, said, source)


_FACTS = frozenset({Kind.NUMBER, Kind.UNIT, Kind.YEAR, Kind.NAME})


def _excludes(mark: Mark, rival: Mark) -> bool:
    """Tell whether two marks of a kind, one in the place of the other, do not say the same."""
    values = {mark.value, rival.value}
    if mark.kind is Kind.CERTAINTY:
        return mark.value == "sure"
    if mark.kind is Kind.YEAR or mark.kind is Kind.NAME:
        return mark.value not in rival.value and rival.value not in mark.value
    return values not in ({"some", "many"}, {"few", "some"})


def _is_known(mark: Mark, source: _Side) -> bool:
    """Tell whether the source has the same commitment, wherever it stands."""
    if any(mark.kind is each.kind and mark.value == each.value for each in source.marks):
        return True
    if mark.kind is Kind.YEAR:
        return any(mark.value in each.value for each in source.marks if each.kind is Kind.YEAR)
    if mark.kind is Kind.NAME:
        return source.stems >= {word.stem for word in find_words(mark.value)}
    return False


def _matters(mark: Mark) -> bool:
    """Tell whether a commitment that the source does not have changes what is said."""
    if mark.kind is Kind.SCOPE:
        return mark.value in ("all", "none", "only")
    return mark.kind in _FACTS or mark.kind is Kind.NEGATION


def _is_lost(mark: Mark, new: Sequence[Mark], said: _Side, source: _Side) -> bool:
    """Tell whether a negation, a hedge or a restriction is gone while what it is about is kept."""
    weakens = (
        mark.kind is Kind.NEGATION
        or (mark.kind is Kind.CERTAINTY and mark.value == "unsure")
        or (mark.kind is Kind.SCOPE and mark.value != "all")
    )
    head = source.head(mark)
    if not weakens or head is None or head not in source.kept:
        return False
    kinds = {Kind.NEGATION, Kind.SCOPE} if mark.value in ("not", "none") else {mark.kind}
    return not any(each.kind in kinds for each in new) and not any(
        each.kind in kinds and each.value == mark.value for each in said.marks
    )


def _opposites(gap: Gap, said: _Side, source: _Side) -> Iterator[Difference]:
    old = [source.words[n] for n in range(gap.source.start, gap.source.end)]
    for number in range(gap.said.start, gap.said.end):
        word = said.words[number]
        opposed = antonyms(word.stem) if word.stem not in source.stems else frozenset[str]()
        if other := next((each for each in old if each.stem in opposed), None):
            yield Difference(Kind.ANTONYM, word.span, other.span)


def _anchor(said: Sequence[Word], source: Sequence[Word]) -> list[tuple[int, int]]:
    """Return the longest common subsequence of two sentences' words, as pairs of their numbers.

    Of equally long ones it is that with the most words that tell anything.
    """
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


def _gaps(anchors: Sequence[tuple[int, int]], said: int, source: int) -> Iterator[Gap]:
    """Yield what lies between the anchors, where there is anything."""
    before = (-1, -1)
    for one, other in (*anchors, (said, source)):
        gap = Gap(Span(before[0] + 1, one), Span(before[1] + 1, other))
        if len(gap.said) or len(gap.source):
            yield gap
        before = (one, other)


def _place(difference: Difference) -> tuple[int, int, str]:
    said, source = difference.said, difference.source
    return (said.start if said else -1, source.start if source else -1, difference.kind)
