"""What articles measure or count of a topic, figures for the same thing side by side."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from itertools import takewhile

from ibid.comparing.claims import NEAR
from ibid.comparing.matching import Likeness, Matching
from ibid.comparing.relevance import Hearing
from ibid.english import STOP_WORDS, find_quantities, stems
from ibid.types import Assertion, Figure

SHARED, SHARED_NEAR, FEWEST = 0.5, 0.35, 2
"""Dice's share of words from which two things are one: of any two, and where their sentences speak
of the same point; and how many words they have in common, unless both count the same."""

_PLURAL = re.compile(r"\w{2,}[^\W\dsui]s|people|(?:wo)?men|children|mice|feet|teeth", re.IGNORECASE)


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
    groups.sort(key=lambda own: -len({entry.figure.quote.article for entry in own}))
    return tuple(
        replace(entry.figure, group=number)
        for number, own in enumerate(groups, start=1)
        for entry in sorted(own, key=lambda entry: entry.figure.quote.article)
    )


def _measure(quote: Assertion, place: int) -> list[_Measured]:
    return [
        _Measured(
            Figure(
                quote,
                quantity.span,
                quantity.thing,
                quantity.low,
                quantity.high,
                quantity.unit,
                quantity.time,
            ),
            place,
            frozenset(stems(quantity.thing)),
            _counted(quantity.thing),
        )
        for quantity in find_quantities(quote.text)
        if _is_figure(quantity.unit, _behind(quantity.thing))
    ]


def _is_figure(unit: str, behind: Sequence[str]) -> bool:
    """Tell whether a number measures or counts something: it has a unit, or a plural behind it.

    How sure an interval is (`95% CI`) is no figure of what it is an interval of.
    """
    if behind[:1] in (["CI"], ["CIs"], ["confidence"]):
        return False
    return bool(unit) or any(_PLURAL.fullmatch(word) for word in behind)


def _counted(thing: str) -> frozenset[str]:
    """Return the stems of what stands right behind a figure (`… farmers in the town`)."""
    return frozenset(stems(" ".join(_behind(thing))))


def _behind(thing: str) -> list[str]:
    """Return the words that stand right behind a figure: a number without a unit counts them."""
    words = re.findall(r"[\w-]+|\S", thing.partition("…")[2])
    return [*takewhile(lambda word: word[0].isalnum() and word.lower() not in STOP_WORDS, words)]


def _find_homes(
    own: Sequence[_Measured], groups: Sequence[list[_Measured]], likeness: Likeness
) -> list[tuple[_Measured, list[_Measured]]]:
    """Return the figures of a sentence, each with the group that fits it best, or a new one."""
    shares = [
        (-_shared(group[0], entry, likeness), place, number)
        for place, entry in enumerate(own)
        for number, group in enumerate(groups)
    ]
    homes: dict[int, int] = {}
    for share, place, number in sorted(shares):
        if share < 0 and place not in homes and number not in homes.values():
            homes[place] = number
    return [
        (entry, groups[homes[place]] if place in homes else []) for place, entry in enumerate(own)
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
    if both < FEWEST and not same:
        return 0.0
    return share if share >= (SHARED_NEAR if is_near else SHARED) else 0.0
