"""The rule: what can honestly be said of one sentence, a claim, and the articles' sentences.

The few sentences that are nearest to the claim are its sources. In this order:

1. Is the claim one of them, or whole parts of one, with no word and no sign changed? It is
   *verbatim*. What says who says it, or where and when it holds, is no part that can be left out. A
   single word is none, but for a name or a number. Other claims of fewer than FEWEST_WORDS words
   that tell anything are *unsupported*, unless they are cut out of a source as they stand there.
2. Does it have COPIED of its words from one source, in the source's order? Then it rests on that
   source alone. Otherwise its words have to come close to those of one source, or of two that it
   joins (GROUNDED), and to go together as they do there (COHERENT): else it is *unsupported*.
3. Does it turn its source round? Does it follow it closely enough for differences to be named
   (NEAR_VERBATIM), or hold it whole, and is there one? Has it a figure or a name that is nowhere in
   the cited passages? It is *altered* (`changes`).
4. Where it is said who says it, that is held against the author and the title of the article, and
   the rest against the article itself.
5. Otherwise it is *reworded*, which claims nothing about its meaning.

Why each number is what it is stands in docs/decisions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np

from ibid.answering.citing.changes import find_changes
from ibid.answering.citing.grounding import Matcher
from ibid.answering.citing.sources import Source, Sources
from ibid.english import find_attribution, find_words, is_excerpt, shared_words, stems
from ibid.types import MEASURED, Change, Citation, Support

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


Stems = tuple[str, ...]


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


def judge(claim: str, sources: Sources, matcher: Matcher, by: Stems = ()) -> Verdict:
    """Return what supports a sentence, and how.

    Only articles count whose title and author have the stems in `by`, in their order. Who is said
    to say it is held against these, and what is said against what the article says.
    """
    verdict = _judge(claim, sources, matcher, by)
    attribution = find_attribution(claim)
    if verdict.support in (Support.VERBATIM, Support.REWORDED) or not attribution:
        return verdict
    who, span = attribution
    inner_verdict = judge(span.of(claim), sources, matcher, (*by, *who))
    if not inner_verdict.citations:
        return verdict
    changes = (
        replace(c, said=c.said and c.said.shifted(span.start)) for c in inner_verdict.changes
    )
    return replace(inner_verdict, changes=tuple(changes))


def _judge(claim: str, sources: Sources, matcher: Matcher, by: Stems) -> Verdict:
    nearest = [source for source in sources.nearest(claim, matcher) if _is_by(by, source)]
    for source in nearest:
        if _is_quoted(claim, source.text):
            return Verdict(Support.VERBATIM, (source.citation,))
    if len(stems(claim)) < FEWEST_WORDS and not any(_is_cut(claim, s.text) for s in nearest):
        return Verdict(Support.UNSUPPORTED)
    trial = _copied_from(claim, nearest, matcher) or _grounded_in(claim, nearest, matcher)
    if trial.grounding < GROUNDED or not _is_coherent(claim, trial, matcher):
        return Verdict(Support.UNSUPPORTED)
    changes = tuple(find_changes(claim, trial.sources, trial.text, trial.shared, matcher))
    support = Support.ALTERED if changes else Support.REWORDED
    return Verdict(support, tuple(source.citation for source in trial.sources), changes)


def _is_by(by: Stems, source: Source) -> bool:
    about = iter(stems(f"{source.about}. {source.about}"))  # an author may be named before a title
    return all(stem in about for stem in by)


def _is_quoted(claim: str, source: str) -> bool:
    """Tell whether a claim is an excerpt, or but a name or a number that stands in the source."""
    words = [word.span.of(claim) for word in find_words(claim)]
    if not any(word.islower() for word in words) and claim.strip(" .") in source:
        return bool(words)
    return len(words) > 1 and bool(stems(claim)) and is_excerpt(claim, source)


def _is_cut(claim: str, source: str) -> bool:
    """Tell whether a claim is cut out of a source as it stands there."""
    return len(stems(claim)) > 1 and claim.strip(" .").lower() in source.lower()


def _is_coherent(claim: str, trial: Trial, matcher: Matcher) -> bool:
    return trial.shared >= COPIED or matcher.coherence(claim, trial.text) >= COHERENT


def measure_grounding(claim: str, sources: Sources, matcher: Matcher) -> float:
    """Return how close the sources that say most of a claim come to it, from 0 to 1."""
    return _grounded_in(claim, sources.nearest(claim, matcher), matcher).grounding


def _copied_from(claim: str, nearest: Sequence[Source], matcher: Matcher) -> Trial | None:
    """Return the source that a claim has most of its words from; one that agrees comes first."""
    trials = [Trial((source,), source.text, shared_words(claim, source.text)) for source in nearest]
    most = max((trial.shared for trial in trials), default=0.0)
    if most < COPIED:
        return None
    best = [trial for trial in trials if trial.shared == most]
    rivals = [trial for trial in trials if most - AS_GOOD <= trial.shared < most]
    agreeing = (trial for trial in best + rivals if not _differs(claim, trial.sources[0], matcher))
    return next(agreeing, best[0])


def _grounded_in(claim: str, nearest: Sequence[Source], matcher: Matcher) -> Trial:
    """Return the one source that says most of a claim, or two where it joins two."""
    close = {source: matcher.closeness(claim, source.text) for source in nearest}
    alone = {source: matcher.grounding(claim, close[source]) for source in nearest}
    if not alone:
        return Trial((), "", 0.0, 0.0)
    first = max(alone, key=lambda source: alone[source] + shared_words(claim, source.text))
    joined = {
        source: matcher.grounding(claim, np.maximum(close[first], close[source]))
        for source in nearest
    }
    second = max(joined, key=lambda source: joined[source])
    if joined[second] < alone[first] + SECOND_QUOTE:
        return Trial((first,), first.text, shared_words(claim, first.text), alone[first])
    orders = [
        (pair, " ".join(source.text for source in pair)) for pair in permutations((first, second))
    ]
    pair, text = max(orders, key=lambda order: shared_words(claim, order[1]))
    return Trial(pair, text, shared_words(claim, text), joined[second])


def _differs(claim: str, source: Source, matcher: Matcher) -> bool:
    return any(find_changes(claim, (source,), source.text, 1.0, matcher))
