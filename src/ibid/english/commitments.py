"""What a sentence commits itself to, found by rule: its numbers, names, hedges and the like.

>>> [(mark.kind.value, mark.value) for mark in find_marks("It may not cost 20% in 2026.")]
[('certainty', 'unsure'), ('negation', 'not'), ('number', '20'), ('unit', '%'), ('year', '2026')]
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ibid.english.numbers import find_numbers
from ibid.english.wordnet import antonyms
from ibid.english.words import STOP_WORDS
from ibid.types import Span

__all__ = ["Mark", "MarkKind", "antonyms", "find_marks"]


class MarkKind(StrEnum):
    """What sort of commitment a word makes."""

    NUMBER = "number"
    UNIT = "unit"
    YEAR = "year"
    """A date, to the day where it is told."""
    NEGATION = "negation"
    DIRECTION = "direction"
    CERTAINTY = "certainty"
    SCOPE = "scope"
    NAME = "name"
    ANTONYM = "antonym"
    """Of a difference between two sentences only: a word and its opposite."""
    WORD = "word"
    """Of a difference only: a word and another one that cannot stand for it."""
    ROLE = "role"
    """Of a difference only: what does something and what it is done to took each other's place."""
    REPORT = "report"
    """Of a difference only: who says, doubts or hopes it, and is left out."""
    CONDITION = "condition"
    """Of a difference only: what has to hold, and is left out."""
    ADDITION = "addition"
    """Of a difference only: what was added, and stands nowhere near."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A word or two that commit a sentence to something."""

    kind: MarkKind
    span: Span
    """Where it stands in the sentence."""
    value: str
    """What it says, whatever the spelling: a number in digits, `2026`, `2026-08-31` or `august`;
    `up` or `down`; `sure`, `unsure` or `able`; `all`, `most`, `many`, `some`, `few`, `none` or
    `only`; a unit's short form; a name in lower case; `not`."""


def find_marks(sentence: str) -> tuple[Mark, ...]:
    """Return the marks of a sentence in order, none overlapping."""
    marks = sorted(_propose(sentence), key=lambda mark: (mark.span.start, -mark.span.end))
    disjoint: list[Mark] = []
    for mark in marks:
        if not disjoint or mark.span.start >= disjoint[-1].span.end:
            disjoint.append(mark)
    return tuple(disjoint)


def _one_of(words: str) -> re.Pattern[str]:
    """Return what finds one of `words`: `*` stands for an ending, `_` for a blank."""
    tries = sorted(words.split(), key=len, reverse=True)
    body = "|".join(re.escape(word).replace("_", r"\s+").replace(r"\*", r"\w*") for word in tries)
    return re.compile(rf"(?<![\w-])(?:{body})(?![\w-])", re.IGNORECASE)


_WORDS: tuple[tuple[MarkKind, str, re.Pattern[str]], ...] = (
    (
        MarkKind.NEGATION,
        "not",
        re.compile(
            r"(?<![\w-])(?:not(?!\s+(?:only|just|merely|simply)\b)|never|nor|neither|without|unless"
            r"|cannot|\w+n[’']t|no\s+longer|fail(?:s|ed|ing)?\s+to|unable\s+to|rather\s+than"
            r"|instead\s+of|against(?=\s+\w+ing\b))(?![\w-])",
            re.IGNORECASE,
        ),
    ),
    (
        MarkKind.DIRECTION,
        "up",
        _one_of(
            "increas* rise rises rising risen rose grow grows growing grew grown growth climb*"
            " surg* soar* expand* expansion rais* boost* accelerat* higher greater larger"
            " bigger more better improv* enhanc* strengthen* stronger upward* gain*"
            " skyrocket* widen* multipl* escalat* above over_the exceed* maximi*"
        ),
    ),
    (
        MarkKind.DIRECTION,
        "down",
        _one_of(
            "decreas* fall falls falling fell fallen drop drops dropped dropping declin* shrink*"
            " shrank shrunk reduc* lower lowers lowered lowering lessen* cut cuts cutting less"
            " fewer smaller worse worsen* weaken* weaker diminish* plummet* dwindl* slow slows"
            " slowed slowing slump* downward* lose loses lost losing loss losses narrower below"
            " minimi* decelerat*"
        ),
    ),
    (
        MarkKind.CERTAINTY,
        "sure",
        _one_of(
            "will shall must certainly definitely undoubtedly undeniably inevitabl* guarantee*"
            " surely is_set_to are_set_to"
        ),
    ),
    (MarkKind.CERTAINTY, "sure", re.compile(r"(?<=\w)[’']ll\b")),
    (
        MarkKind.CERTAINTY,
        "unsure",
        _one_of(
            "may might could would possibly perhaps potentially potential_to potential_for"
            " probabl* likely unlikely apparently suggest suggests suggested appear_to appears_to"
            " seem seems seemed seemingly expect expects expected anticipat* estimat* forecast*"
            " predicted_to projected presumably promise_to promises_to promised_to aim_to aims_to"
            " aiming_to tend_to tends_to poised_to"
        ),
    ),
    (MarkKind.CERTAINTY, "unsure", re.compile(r"(?<=\w)[’']d\b")),
    (MarkKind.CERTAINTY, "able", _one_of("can able_to")),
    (MarkKind.SCOPE, "all", _one_of("all every each everyone everything everybody always")),
    (MarkKind.SCOPE, "most", _one_of("most majority mostly usually generally typically largely")),
    (
        MarkKind.SCOPE,
        "many",
        _one_of("many numerous several a_number_of often frequently countless multiple"),
    ),
    (MarkKind.SCOPE, "some", _one_of("some certain sometimes occasionally various a_few partly")),
    (MarkKind.SCOPE, "few", _one_of("few rarely seldom hardly scarcely barely")),
    (MarkKind.SCOPE, "none", _one_of("no none nobody nothing nowhere no_one not_a_single")),
    (
        MarkKind.SCOPE,
        "only",
        _one_of("only solely exclusively merely just"),
    ),
)
_SUPERLATIVE = re.compile(r"(?:\b(?:the|its|their|his|her|our|your|my)|’s|'s)\s+\Z", re.IGNORECASE)
_NOT_ONLY = re.compile(r"\b(?:not|no\s+longer|n[’']t)\s+\Z", re.IGNORECASE)
_IDIOM_BEFORE = re.compile(r"\b(?:above|at|after|first\s+of)\s+\Z", re.IGNORECASE)
_IDIOM_BEHIND = re.compile(r"\s+(?:longer|doubt|the\s+time|over|as|like|one|because|thanks)\b")
"""What makes a scope an idiom: `above all`, `no longer`, `all the time`, `just one`."""

_CAPITAL = r"[A-Z][\w’'&.-]*\w|[A-Z]"
_NAME = re.compile(rf"(?<![\w-])(?:{_CAPITAL}|[a-z]+[A-Z]\w*)(?:[ \t]+(?:{_CAPITAL}))*")
_SHORT_NAME = re.compile(r"[A-Z]-\w+|[A-Z][\w-]*[A-Z0-9][\w-]*|[a-z]+[A-Z]\w*|[A-Z]&[A-Z]")
"""What no common word looks like: `FDA`, `GPT-4`, `McKinsey`, `iPhone`."""
_ENDING = re.compile(r"(?:[’']s|[’'.])$")
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_HEADLINE = 0.7
"""Share of words with a capital from which they make a headline, and capitals say nothing."""


def _propose(sentence: str) -> Iterator[Mark]:
    for number in find_numbers(sentence):
        yield Mark(MarkKind.YEAR if number.is_date else MarkKind.NUMBER, number.span, number.value)
        if number.unit_span:
            yield Mark(MarkKind.UNIT, number.unit_span, number.unit)
    for kind, value, words in _WORDS:
        for match in words.finditer(sentence):
            if _counts(kind, value, match):
                yield Mark(kind, Span(*match.span()), value)
    yield from _find_names(sentence)


def _counts(kind: MarkKind, value: str, match: re.Match[str]) -> bool:
    """Tell whether a word is meant as listed: not `the most`, `not only`, the month of May."""
    before, behind = match.string[: match.start()], match.string[match.end() :]
    if match[0] == "May" and before.strip():
        return False
    if kind is not MarkKind.SCOPE:
        return True
    if value == "most" and match[0].lower() == "most":
        return not _SUPERLATIVE.search(before)
    if value == "only" and _NOT_ONLY.search(before):
        return False
    idiom = match[0].lower() == "all" and _IDIOM_BEFORE.search(before)
    return not idiom and not _IDIOM_BEHIND.match(behind)


def _find_names(sentence: str) -> Iterator[Mark]:
    """Yield the names: words with a capital where a common word has none."""
    if _is_headline(sentence):
        for match in re.finditer(r"[\w-]+", sentence):
            if _SHORT_NAME.fullmatch(match[0]):
                yield Mark(MarkKind.NAME, Span(*match.span()), match[0].lower())
        return
    for match in _NAME.finditer(sentence):
        span = _without_opening(sentence, Span(*match.span()))
        name = _ENDING.sub("", span.of(sentence))
        if name and name != "I":
            yield Mark(MarkKind.NAME, Span(span.start, span.start + len(name)), name.lower())


def _is_headline(sentence: str) -> bool:
    """Tell whether most words have a capital, and no full stop makes a sentence of them."""
    words = [word for word in _WORD.findall(sentence) if word.lower() not in STOP_WORDS]
    large = sum(word[0].isupper() for word in words)
    return large >= _HEADLINE * len(words) and not sentence.rstrip().endswith((".", "!", "?"))


def _without_opening(sentence: str, span: Span) -> Span:
    """Return the span of a name without the word that only opens the sentence with its capital."""
    before = sentence[: span.start].rstrip()
    opens = not re.search(r"\w", before) or before.endswith((":", "."))
    first = re.match(r"\S+", span.of(sentence))
    if not opens or not first or _SHORT_NAME.match(first[0]):
        return span
    possessive = first[0].endswith(("’s", "'s"))
    if possessive and first[0][:-2].lower() not in STOP_WORDS:
        return span
    if first.end() < len(span) and first[0].lower() not in STOP_WORDS:
        return span
    name = Span(span.start + first.end(), span.end)
    return Span(name.end - len(name.of(sentence).lstrip()), name.end)
