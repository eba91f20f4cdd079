"""How clauses are joined, and when: reasons, contrasts, orders in time that a sentence is given.

>>> claim, source = "It fell because it rained.", "It fell. It rained."
>>> [joint.said.of(claim) for joint in find_joints(claim, source) if joint.said]
['because']
>>> claim, source = "It rained in the evening.", "It rained in the morning."
>>> [joint.said.of(claim) for joint in find_joints(claim, source) if joint.said]
['evening']
"""

import re
from collections.abc import Iterator, Sequence

from ibid.english.aligning import align
from ibid.english.commitments import MarkKind
from ibid.english.differences import Difference
from ibid.english.words import Word
from ibid.types import Span


def _any_of(phrases: str) -> re.Pattern[str]:
    body = phrases.replace(";", "|")
    return re.compile(rf"\b(?:{body})\b", re.IGNORECASE)


_ADDED = tuple(
    (_any_of(addition), _any_of(f"{addition};{licences}"))
    for addition, licences in (
        (
            "because;since;therefore;thus;hence;thereby;as a (?:result|consequence);consequently"
            r";so(?= that|,? (?:it|they|we|this|the|he|she|you)\b);due to;owing to;thanks to"
            r";caus(?:e|es|ed|ing);lead(?:s|ing)? to;led to;result(?:s|ed|ing)? in"
            ";(?:which|that) is why;in order to",
            r"so;mak(?:e|es|ing);made;reasons?;allow\w*;enabl\w+",
        ),
        (
            "although;though;despite;in spite of;rather than;instead of",
            "while;whereas;but;however;yet;not",
        ),
        ("unless;only (?:if|when|after);until;before;after", "when;if;once;prior;following;then"),
        (
            "one day;some ?day;in the past;at one time;used to;formerly;previously;no longer"
            ";not yet;soon;once(?= (?:a|an|the|been|were|was|had)?\b)",
            "will;future;historically;earlier;shortly;quickly",
        ),
    )
)
"""Reasons and aims, contrasts, conditions and orders, times: what is added, and what says as much
in other words."""

_EXCLUSIVE = (
    "befor after dure until sinc",
    "abov below over under",
    "insid outsid within",
    "morn noon afternoon evening night midnight",
    "today tomorrow yesterday tonight",
    "next last previous",
    "spring summer autumn winter",
    "north south east west",
    "second minut hour day week month quarter year decad centuri",
)
_FIGURE = (
    r"(?=\W+(?:\d|(?:a |one )?(?:half|third|quarter|dozen|hundred|thousand|million|billion|two"
    r"|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|forty|fifty)\b))"
)
_BOUNDS = tuple(
    re.compile(rf"\b(?:{phrases}){_FIGURE}", re.IGNORECASE)
    for phrases in (
        "at least|more than|over|above|a minimum of|no fewer than|no less than|beyond",
        "at most|less than|fewer than|under|below|up to|a maximum of|no more than|nearly|almost",
        "exactly|precisely",
        "about|around|roughly|approximately|nearly|almost|some|circa",
    )
)
"""Bounds of a figure from below and from above; what gives it as exact, and as about so."""

_LONGEST_BOUND = 20

_CLASS_OF = {stem: words for words in _EXCLUSIVE for stem in words.split()}
"""The stems of what cannot be two things at once, each with its class."""


def begin_with_bound(text: str, start: int) -> int:
    """Return where a figure begins together with its bound, if it has one (`more than 5`)."""
    near = max(0, start - _LONGEST_BOUND)
    bounds = (
        match for bound in _BOUNDS for match in bound.finditer(text, near, start + _LONGEST_BOUND)
    )
    return min(
        (bound.start() for bound in bounds if not text[bound.end() : start].strip()), default=start
    )


def find_joints(claim: str, source: str) -> Iterator[Difference]:
    """Yield the reasons, contrasts and times that `claim` gives and `source` does not."""
    yield from _bounds(claim, source)
    beside = align(claim, source)
    for gap in beside.gaps():
        new = beside.said[gap.said.start : gap.said.end]
        old = beside.source[gap.source.start : gap.source.end]
        if not new:
            continue
        yield from _excluding(new, old)
        if any(word.tells for word in old):
            continue
        for addition, licence in _ADDED:
            match = addition.search(claim, new[0].span.start, new[-1].span.end)
            if match and not licence.search(source):
                yield Difference(MarkKind.ADDITION, Span(*match.span()), None)


def _bounds(claim: str, source: str) -> Iterator[Difference]:
    """Yield a bound from below where the source has one from above, and the other way round."""
    below, above, exact, about = _BOUNDS
    for bound, rival in ((below, above), (above, below), (exact, about)):
        new, old = bound.search(claim), rival.search(source)
        if new and old and not rival.search(claim) and not bound.search(source):
            yield Difference(MarkKind.DIRECTION, Span(*new.span()), Span(*old.span()))


def _excluding(new: Sequence[Word], old: Sequence[Word]) -> Iterator[Difference]:
    """Yield a word in the place of one of its class, each of which excludes the others."""
    rivals = {_CLASS_OF[word.stem]: word for word in reversed(old) if word.stem in _CLASS_OF}
    old_stems = {word.stem for word in old}
    for word in new:
        rival = rivals.get(_CLASS_OF.get(word.stem, ""))
        if rival and word.stem not in old_stems:
            yield Difference(MarkKind.ANTONYM, word.span, rival.span)
