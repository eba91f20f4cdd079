"""What articles measure or count of a topic, figures for the same thing side by side."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from itertools import takewhile

from ibid.comparing.claims import NEAR
from ibid.comparing.matching import Likeness, Matching
from ibid.comparing.relevance import Hearing
from ibid.english import STOP_WORDS, find_quantities, stems
from ibid.types import Assertion, Figure

SHARED, SHARED_NEAR, SHARED_ALONE = 0.5, 0.35, 0.65
"""Dice's share of words from which two things are one: of any two, where their sentences speak of
the same point, and where they have one word in common that is not what both count."""


@dataclass(frozen=True, slots=True)
class _Measured:
    figure: Figure
    place: int
    """Of its sentence, among those that were read."""
    stems: Set[str]
    """What its thing is called by."""
    counted: Set[str]
    """Those of them that tell what is counted: what stands right behind the figure."""


def find_figures(
    hearing: Hearing, matching: Matching, numbers: Sequence[int]
) -> tuple[Figure, ...]:
    """Return the figures of some sentences, those first that most articles give.

    A figure stands with those whose things share most words with its own; two of one sentence are
    for two things.
    """
    if not numbers:
        return ()
    likeness = matching.likeness(numbers)[:, list(numbers)]
    groups: list[list[_Measured]] = []
    for place, number in enumerate(numbers):
        own = _measure(hearing.voices[number].located.assertion, place)
        for measured, home in _find_homes(own, groups, likeness):
            home.append(measured)
            if home[0] is measured:
                groups.append(home)
    groups.sort(key=lambda own: -len({each.figure.quote.article for each in own}))
    return tuple(
        replace(each.figure, group=number)
        for number, own in enumerate(groups, start=1)
        for each in sorted(own, key=lambda each: each.figure.quote.article)
    )


def _measure(quote: Assertion, place: int) -> list[_Measured]:
    return [
        _Measured(
            Figure(quote, found.span, found.thing, found.low, found.high, found.unit, found.time),
            place,
            frozenset(stems(found.thing)),
            _counted(found.thing),
        )
        for found in find_quantities(quote.text)
    ]


def _counted(thing: str) -> frozenset[str]:
    """Return the stems of what stands right behind a figure (`… farmers in the town`)."""
    words = thing.partition("…")[2].split()
    counted = takewhile(lambda word: word.lower() not in STOP_WORDS, words)
    return frozenset(stems(" ".join(counted)))


def _find_homes(
    own: Sequence[_Measured], groups: Sequence[list[_Measured]], likeness: Likeness
) -> list[tuple[_Measured, list[_Measured]]]:
    """Return the figures of a sentence, each with the group that fits it best, or a new one."""
    shares = [
        (-_shared(group[0], each, likeness), place, number)
        for place, each in enumerate(own)
        for number, group in enumerate(groups)
    ]
    homes: dict[int, int] = {}
    for share, place, number in sorted(shares):
        if share < 0 and place not in homes and number not in homes.values():
            homes[place] = number
    return [
        (each, groups[homes[place]] if place in homes else []) for place, each in enumerate(own)
    ]


def _shared(one: _Measured, other: _Measured, likeness: Likeness) -> float:
    """Return the share of words that two figures have in common, 0 where they measure two things.

    Where both count something, they have to count the same.
    """
    same = one.counted & other.counted
    if one.figure.unit != other.figure.unit or (one.counted and other.counted and not same):
        return 0.0
    both = len(one.stems & other.stems)
    share = 2 * both / (len(one.stems) + len(other.stems))
    is_near = likeness[one.place, other.place] >= NEAR
    least = SHARED_ALONE if both == 1 and not same else SHARED_NEAR if is_near else SHARED
    return share if share >= least else 0.0
