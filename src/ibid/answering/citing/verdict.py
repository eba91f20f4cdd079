"""The rule: what can honestly be said of one sentence, a claim, and the articles' sentences.

The few sentences that are nearest to the claim are its sources. In this order:

1. Is the claim one of them, or whole parts of one, with no word changed? It is *verbatim*. A single
   word is none, but for a name or a number. Other claims of fewer than FEWEST_WORDS words that tell
   anything are *unsupported*.
2. Does it have COPIED of its words from one source, in the source's order? Then it rests on that
   source alone. Otherwise its words have to come close to those of one source, or of two that it
   joins (GROUNDED), and to go together as they do there (COHERENT): else it is *unsupported*.
3. Does it follow what it rests on closely enough for differences to be named (NEAR_VERBATIM), and
   is there one? Has it a figure or a name that is nowhere in the cited passages? It is *altered*.
4. Otherwise it is *reworded*, which claims nothing about its meaning.

Why each number is what it is stands in docs/decisions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from ibid.answering.citing.grounding import Matcher
from ibid.answering.citing.sources import Source, Sources
from ibid.english import (
    NEAR_VERBATIM,
    Difference,
    MarkKind,
    find_differences,
    find_marks,
    find_words,
    is_excerpt,
    shared_words,
    stems,
)
from ibid.types import MEASURED, Change, Citation, Span, Support

GROUNDED = MEASURED.grounded
"""Grounding from which a sentence is in its source at all, whatever it makes of it."""

COHERENT = MEASURED.coherent
"""Coherence from which its words are more than thrown together (`Matcher.coherence`)."""

FEWEST_WORDS = 3
"""Words, stop words apart, that a sentence needs to be held against a source other than verbatim:
two of them are near some sentence of any article."""

SECOND_QUOTE = MEASURED.second_quote
"""Grounding that a second quote must add to be worth showing."""

COPIED = 0.75
"""Share of a sentence's words from which it rests on one source alone: it joins no other one, and
how its words go together needs no proof."""

AS_GOOD = 0.1
"""A source that agrees is cited before one that differs and shares no more than this more words:
articles repeat each other with small changes, and what one of them says is not altered."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be said of a sentence."""

    support: Support
    citations: tuple[Citation, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """A claim beside one source, or beside two that it may join."""

    sources: tuple[Source, ...]
    text: str
    shared: float
    """The share of its words that stand in the text in the same order."""
    grounding: float = 1.0
    """How close its words come to those of the text; 1 for a copy, which is not measured."""


def judge(claim: str, sources: Sources, matcher: Matcher) -> Verdict:
    """Return what supports a sentence, and how."""
    nearest = sources.nearest(claim, matcher)
    for each in nearest:
        if _is_quoted(claim, each.text) and not _differ(claim, each.text, matcher):
            return Verdict(Support.VERBATIM, (each.citation,))
    if len(stems(claim)) < FEWEST_WORDS:
        return Verdict(Support.UNSUPPORTED)
    trial = _copied_from(claim, nearest, matcher) or _grounded_in(claim, nearest, matcher)
    if trial.grounding < GROUNDED or not _is_coherent(claim, trial, matcher):
        return Verdict(Support.UNSUPPORTED)
    changes = tuple(_changes(claim, trial, matcher)) or tuple(_invented(claim, trial))
    support = Support.ALTERED if changes else Support.REWORDED
    return Verdict(support, tuple(each.citation for each in trial.sources), changes)


def _is_quoted(claim: str, source: str) -> bool:
    """Tell whether a claim is an excerpt: a word is none, unless it stands there with a capital."""
    words = [word.span.of(claim) for word in find_words(claim)]
    if len(words) == 1 and (words[0].islower() or words[0] not in source):
        return False
    return bool(stems(claim)) and is_excerpt(claim, source)


def _is_coherent(claim: str, trial: Trial, matcher: Matcher) -> bool:
    return trial.shared >= COPIED or matcher.coherence(claim, trial.text) >= COHERENT


def measure_grounding(claim: str, sources: Sources, matcher: Matcher) -> float:
    """Return how close the sources that say most of a claim come to it, from 0 to 1."""
    return _grounded_in(claim, sources.nearest(claim, matcher), matcher).grounding


def _copied_from(claim: str, nearest: Sequence[Source], matcher: Matcher) -> Trial | None:
    """Return the source that a claim has most of its words from; one that agrees comes first."""
    trials = [Trial((each,), each.text, shared_words(claim, each.text)) for each in nearest]
    most = max((each.shared for each in trials), default=0.0)
    if most < COPIED:
        return None
    best = [each for each in trials if each.shared == most]
    rivals = [each for each in trials if most - AS_GOOD <= each.shared < most]
    agreeing = (each for each in best + rivals if not _differ(claim, each.text, matcher))
    return next(agreeing, best[0])


def _grounded_in(claim: str, nearest: Sequence[Source], matcher: Matcher) -> Trial:
    """Return the one source that says most of a claim, or two where it joins two."""
    close = {each: matcher.closeness(claim, each.text) for each in nearest}
    alone = {each: matcher.grounding(claim, close[each]) for each in nearest}
    if not alone:
        return Trial((), "", 0.0, 0.0)
    first = max(alone, key=lambda each: alone[each] + shared_words(claim, each.text))
    joined = {
        each: matcher.grounding(claim, np.maximum(close[first], close[each])) for each in nearest
    }
    second = max(joined, key=lambda each: joined[each])
    if joined[second] < alone[first] + SECOND_QUOTE:
        return Trial((first,), first.text, shared_words(claim, first.text), alone[first])
    orders = [
        (pair, " ".join(each.text for each in pair)) for pair in permutations((first, second))
    ]
    pair, text = max(orders, key=lambda order: shared_words(claim, order[1]))
    return Trial(pair, text, shared_words(claim, text), joined[second])


def _differ(claim: str, source: str, matcher: Matcher) -> tuple[Difference, ...]:
    def alike(word: Span, other: Span) -> float | None:
        return matcher.alike(claim, word, source, other)

    return find_differences(claim, source, alike)


def _changes(claim: str, trial: Trial, matcher: Matcher) -> Iterator[Change]:
    """Yield what a claim changes, with the source's own words."""
    if trial.shared < NEAR_VERBATIM:
        return
    for each in _differ(claim, trial.text, matcher):
        instead = each.source.of(trial.text) if each.source else ""
        yield Change(each.kind, each.said, instead)


def _invented(claim: str, trial: Trial) -> Iterator[Change]:
    """Yield the figures, dates and names of a claim that its sources' passages do not have."""
    passages = [source.passage for source in trial.sources]
    text = "\n".join("\n".join((*each.headings, each.text)) for each in passages)
    known = {mark.value for mark in find_marks(text)} | set(stems(text))
    for mark in find_marks(claim):
        told = mark.span.of(claim)
        figure = mark.kind in (MarkKind.NUMBER, MarkKind.YEAR) and any(c.isdigit() for c in told)
        missing = mark.value not in known and not known.issuperset(stems(told))
        if missing and (figure or mark.kind is MarkKind.NAME):
            yield Change(mark.kind, mark.span, "")
