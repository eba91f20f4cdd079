"""Which two assertions cannot both hold, shown by their own words; when in doubt, none.

Two sentences are held against each other only where they say the same but for one commitment: a
number, a date, a direction, a negation, a certainty or a scope. Anything else that differs makes
them two statements about two things. Forecasts need not be word for word: they are opposed when
most of what they speak about is the same and their years are not.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ibid.english import (
    Difference,
    Mark,
    MarkKind,
    find_differences,
    find_marks,
    find_words,
    shared_words,
    unique_stems,
)
from ibid.types import Article, Assertion, Conflict, Span

SHARED = 0.6
"""Share of the words of either sentence that the other one has in the same order."""

ALIKE = 0.8
"""Such a share from which each may also have a word of its own."""

SAME_FORECAST, SAME_FORECASTS = 0.5, 0.4
"""Share of what the shorter and the longer of two forecasts speak about that both have."""

_FEWEST_WORDS = 5
_FEWEST_SHARED = 4
_ROUNDED = 0.02
"""How far two numbers may lie apart that are the same, rounded."""

_FACTS = frozenset({MarkKind.NUMBER, MarkKind.YEAR, MarkKind.UNIT})
_OPPOSED = frozenset(
    {MarkKind.NEGATION, MarkKind.DIRECTION, MarkKind.CERTAINTY, MarkKind.SCOPE, MarkKind.ANTONYM}
)

_MOVING = re.compile(
    r"\b(?:today|now|currently|so far|to date|yesterday|tomorrow|tonight|recently|ago|yet|next"
    r"|(?:this|last|next|past|previous|coming)\s+(?:\w+\s+)?(?:week|month|quarter|year|spring"
    r"|summer|fall|autumn|winter|release|version|cycle|time))\b",
    re.IGNORECASE,
)
"""Words whose meaning moves with the day they are written."""

_NUMBERED = re.compile(
    r"(?:\b(?:version|release|chapter|section|step|part|phase|level|figure|table|item|no\.?|number"
    r"|page|rule|day|week|issue|rfc|pr|edition|v|episode|season|title|article|question|rank\w*)"
    r"|[A-Z][\w-]*,?|[#.:\-–_/v])[ \t]*\Z",
)
"""What a number stands behind that is a part of a name."""

_DATED = re.compile(
    r"(?:\b(?:in|on|by|since|until|before|after|from|to|of|at|around|about|circa|late|early|mid)"
    r"|[(–—,:;-]|\b[A-Z]?[a-z]+day,?)\s*\Z",
    re.IGNORECASE,
)
"""What stands before a date that tells when; elsewhere it may be a part of a name."""

_YEAR = re.compile(r"\d{4}")

_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|can|could|may|might|will|would|shall|should|must"
    r"|do|does|did|\w{3,}ed|began|became|rose|fell|took|made|held|grew|led|won|lost)\b",
    re.IGNORECASE,
)
_LEANING = re.compile(
    r"(?:the|it|he|she|they|we|i|you|this|that|these|those|its|his|her|their|our|my|there|here|who"
    r"|which|a|an)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(r"\b(?:its|his|her|their|this|that|these|those)\b", re.IGNORECASE)
_REPLY = re.compile(r"(?:\w+,? ){0,2}(?:no|not|never|none|nothing)[.!] ", re.IGNORECASE)
"""What stands before a sentence and answers a question (`Probably not. Sorting …`)."""

NOTE = re.compile(
    r"\b(?:archived|retrieved|accessed|updated|posted|published)\s+(?:from|on|by|in)\b", re.I
)
"""What stands in notes below a text, about the note's own source."""


@dataclass(frozen=True, slots=True)
class Relation:
    """What two assertions have to do with each other beyond their words."""

    is_copy: bool = False
    """Whether they stand in near-copies, so that "the town" is the same town in both."""
    is_later: bool = False
    """Whether one was written long after the other, so that a number may have changed."""
    asks_name: bool = False
    """Whether a name is what was asked for, so that another one is another answer."""


NEITHER = Relation()


def find_conflict(
    one: Assertion, other: Assertion, relation: Relation = NEITHER
) -> Conflict | None:
    """Return how two assertions of two articles exclude each other.

    None where they do not, or may not.
    """
    texts = one.text, other.text
    if any(
        _MOVING.search(text)
        or NOTE.match(text)
        or _REPLY.match(text)
        or len(find_words(text)) < _FEWEST_WORDS
        for text in texts
    ):
        return None
    shared = min(shared_words(*texts), shared_words(*reversed(texts)))
    if shared < SHARED or (not relation.is_copy and any(leans(text) for text in texts)):
        return None
    difference = _decisive(find_differences(*texts), texts, relation)
    words = _words_of(difference, texts) if difference else None
    if difference is None or words is None or (shared < ALIKE and _speak_of_more(texts, words)):
        return None
    return Conflict(difference.kind.value, one, other, words)


def leans(text: str) -> bool:
    """Tell whether who or what a sentence is about stands elsewhere (`The population was …`)."""
    verb = _VERB.search(text)
    opening = text[: verb.start() if verb else len(text)]
    subject = opening.rsplit(",", 1)[-1].strip()
    if any(mark.kind is MarkKind.NAME for mark in find_marks(opening)):
        return False
    bare = not any(word.tells for word in find_words(subject))
    return bare or bool(_LEANING.match(subject) or _POINTING.search(opening))


def _words_of(difference: Difference, texts: tuple[str, str]) -> tuple[Span, Span] | None:
    """Return the words at odds; for one that has no counterpart, what it is about."""
    if difference.said and difference.source:
        return difference.said, difference.source
    if difference.said:
        about = _counterpart(difference.said, *texts)
        return (difference.said, about) if about else None
    if difference.source:
        about = _counterpart(difference.source, *reversed(texts))
        return (about, difference.source) if about else None
    return None


def _counterpart(place: Span, text: str, target: str) -> Span | None:
    """Return where `target` has the word that tells something next behind a place in `text`."""
    words = (w for w in find_words(text) if w.tells and w.span.start >= place.end)
    head = next(words, None)
    return next((w.span for w in find_words(target) if head and w.stem == head.stem), None)


def _speak_of_more(texts: tuple[str, str], words: tuple[Span, Span]) -> bool:
    """Tell whether either sentence has more than the words at odds that the other one has not."""
    stems = [
        {w.stem for w in find_words(text) if w.tells and not w.span.overlaps(place)}
        for text, place in zip(texts, words, strict=True)
    ]
    return bool(stems[0] - stems[1]) and bool(stems[1] - stems[0])


def _decisive(
    differences: Sequence[Difference], texts: tuple[str, str], relation: Relation
) -> Difference | None:
    """Return the one difference that makes two sentences exclude each other, if there is one."""
    names = [difference for difference in differences if difference.kind is MarkKind.NAME]
    facts = [difference for difference in differences if difference.kind in _FACTS]
    if names:
        alone = relation.asks_name and len(names) == 1 and not facts
        return names[0] if alone and _is_answer(names[0], texts) else None
    if facts:
        certain = [fact for fact in facts if _is_fact(fact, texts, relation)]
        return certain[0] if certain and (len(facts) == 1 or relation.is_copy) else None
    opposed = {
        (difference.said, difference.source): difference
        for difference in sorted(
            differences, key=lambda difference: difference.kind is not MarkKind.ANTONYM
        )
        if difference.kind in _OPPOSED and _is_opposed(difference, texts)
    }
    return next(iter(opposed.values())) if len(opposed) == 1 else None


def _is_opposed(difference: Difference, texts: tuple[str, str]) -> bool:
    """Tell whether a difference turns a statement round, and no negation turns it back."""
    negations = [
        sum(mark.kind is MarkKind.NEGATION for mark in find_marks(text)) % 2 for text in texts
    ]
    if difference.kind is MarkKind.NEGATION:
        return negations[0] != negations[1]
    return negations[0] == negations[1] and bool(difference.said and difference.source)


def _is_answer(name: Difference, texts: tuple[str, str]) -> bool:
    """Tell whether another name stands behind a verb in both: subjects may well differ."""
    places = zip(texts, (name.said, name.source), strict=True)
    return all(span and _VERB.search(text[: span.start]) for text, span in places)


def _is_fact(fact: Difference, texts: tuple[str, str], relation: Relation) -> bool:
    """Tell whether two numbers or dates differ, are no part of a name and not just rounded."""
    if not fact.said or not fact.source:
        return False
    places = tuple(zip(texts, (fact.said, fact.source), strict=True))
    if fact.kind is MarkKind.YEAR:
        return all(
            _YEAR.search(span.of(text)) and _DATED.search(text[: span.start])
            for text, span in places
        )
    claim, source = (_mark_at(text, span) for text, span in places)
    if not claim or not source or claim[1] != source[1] or relation.is_later:
        return False
    in_name = any(_is_named(text, span) for text, span in places)
    return not in_name and not _are_close(claim[0].value, source[0].value)


def _mark_at(text: str, place: Span) -> tuple[Mark, str] | None:
    """Return the number at a place and its unit."""
    marks = find_marks(text)
    number = next((mark for mark in marks if mark.span == place), None)
    unit = next(
        (m.value for m in marks if m.kind is MarkKind.UNIT and abs(m.span.start - place.end) <= 1),
        "",
    )
    return (number, unit) if number else None


def _is_named(text: str, number: Span) -> bool:
    return _NUMBERED.search(text[: number.start]) is not None


def _are_close(one: str, other: str) -> bool:
    try:
        first, second = float(one), float(other)
    except ValueError:
        return False
    return abs(first - second) <= _ROUNDED * max(abs(first), abs(second))


# Forecasts


def find_forecast_conflict(
    one: Assertion, other: Assertion, articles: tuple[Article, Article]
) -> Conflict | None:
    """Return how two forecasts exclude each other: much the same is foreseen for two years."""
    first, second = _due(one, articles[0]), _due(other, articles[1])
    if first is None or second is None or first[1] == second[1]:
        return None
    if not speak_of_the_same(one.text, other.text, SAME_FORECASTS):
        return None
    return Conflict(MarkKind.YEAR.value, one, other, (first[0], second[0]))


def speak_of_the_same(one: str, other: str, of_longer: float = 0.0) -> bool:
    """Tell whether most of what the shorter of two sentences speaks about is in the other, too.

    `of_longer` is the share that both need to have of what the longer one speaks about.
    """
    mine, theirs = _spoken_of(one), _spoken_of(other)
    shorter, longer = sorted((len(mine), len(theirs)))
    least = max(_FEWEST_SHARED, SAME_FORECAST * shorter, of_longer * longer)
    return len(mine & theirs) >= least


def years_of(text: str) -> tuple[str, ...]:
    """Return the years that a text names, in order; a month without a year is none."""
    dates = (mark.value for mark in find_marks(text) if mark.kind is MarkKind.YEAR)
    return tuple(dict.fromkeys(date[:4] for date in dates if _YEAR.match(date)))


def _due(assertion: Assertion, article: Article) -> tuple[Span, str] | None:
    """Return the year that a sentence foresees something for, and where it names that year."""
    foreseen = {
        str(finding.year)
        for finding in article.findings
        if finding.year and finding.span.overlaps(assertion.span)
    }
    for mark in find_marks(assertion.text):
        if mark.kind is MarkKind.YEAR and mark.value[:4] in foreseen:
            return mark.span, mark.value[:4]
    return None


def _spoken_of(text: str) -> frozenset[str]:
    return frozenset(stem for stem in unique_stems(text) if not stem.isdigit())
