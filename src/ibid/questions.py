"""What a question asks for, read from its words."""

import re
from collections.abc import Iterable
from enum import StrEnum

from ibid.errors import UsageError
from ibid.lexical import stems, unique_stems

LONGEST_QUESTION = 2000
"""Characters. A longer text is a document, not a question."""

_ASPECT = re.compile(
    r"\b(?:what|which)\s+(?:(?:are|is|were|was)\s+(?:the\s+)?)?"
    r"(?:(?:main|key|biggest|major|most important)\s+)?(?P<asked>[\w-]+)"
    r"|\b(?:list|name|summari[sz]e|compare)\s+(?:all\s+)?(?:the\s+)?(?P<listed>[\w-]+)",
    re.IGNORECASE,
)
_ASKS_TIME = re.compile(
    r"\bwhen\b(?! (?:using|it comes))|\b(?:what|which) (?:year|date|month)\b", re.IGNORECASE
)
_ASKS_NUMBER = re.compile(
    r"\b(?:how (?:many|much|long|old|often|far|big)|what (?:percentage|share|number))\b",
    re.IGNORECASE,
)
_ASKS_NAME = re.compile(
    r"\b(?:who|whom|whose|(?:which|what) (?:\w+ )?(?:compan\w+|firms?|organi[sz]ations?|people"
    r"|persons?|authors?|countr\w+|universit\w+|brands?))\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(?:1[5-9]|20)\d\d\b|\b(?:next|coming|past) (?:\w+ )?(?:years?|decades?)\b", re.IGNORECASE
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozens?|hundreds?|thousands?"
    r"|millions?|billions?)\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?<=\s)[A-Z][a-z]{2,}(?: [A-Z][a-z]+)*"  # capitals inside the sentence
    r"|^[A-Z][a-z]{2,}(?=[’']s\b)"  # or a possessive at its start
)
_LABEL = re.compile(r"^(?:[A-Z][\w-]*\s+(?:and\s+)?){0,5}[A-Z][\w-]*:\s")  # `Key Players: …`
_LOWER_CASE = re.compile(r"(?<![\w./@-])[a-z]{3,}(?![\w/@]|\.\w)")  # no part of an address

_FRAME = frozenset(
    stems("according article author cite describe discuss else explain mean mention suggest")
)


_HEAD = re.compile(
    r"(?:(?:what|which)\s+)?(?:(?:are|is|were|was)\s+)?(?:the\s+)?"
    r"(?:(?:main|key|biggest|major|most important)\s+)?(?P<head>[\w-]+(?:\s+[\w-]+)?)\s+"
    r"(?:of|in|with|for|to|about|on|from|when|(?:are|is)\s+\w+\s+(?:for|of|in|with|by))\s+\S",
    re.IGNORECASE,
)


class Kind(StrEnum):
    """What a sentence must hold to answer a question."""

    ANY = "any"
    TIME = "time"
    NUMBER = "number"
    NAME = "name"


def subject(question: str) -> tuple[str, ...]:
    """Return the stems of what a question is about, each once.

    Words that ask (`explain`, `what does X mean`) or speak of the articles themselves are left
    out, unless there are no others.
    """
    found = unique_stems(question)
    return tuple(stem for stem in found if stem not in _FRAME) or found


def aspect(question: str) -> frozenset[str]:
    """Return the stems of what is asked for: `challenges` in "what challenges are cited"."""
    found = _ASPECT.search(question)
    return frozenset(stems(found["asked"] or found["listed"])) if found else frozenset()


def head_of(topic: str) -> str:
    """Return what is asked for of a topic: `challenges` in "challenges of AI in drug discovery".

    Nothing where the topic as a whole is.
    """
    found = _HEAD.match(topic.strip())
    return found["head"] if found and stems(found["head"]) else ""


def answer_kind(question: str) -> Kind:
    """Return what kind of thing the question asks for."""
    kinds = ((_ASKS_TIME, Kind.TIME), (_ASKS_NUMBER, Kind.NUMBER), (_ASKS_NAME, Kind.NAME))
    return next((kind for asks, kind in kinds if asks.search(question)), Kind.ANY)


def holds(kind: Kind, sentence: str, common: frozenset[str]) -> bool:
    """Tell whether a sentence holds what was asked for: a year, a number, a name.

    A name is a capitalised word that is not `common`: nowhere near is it in lower case. A run of
    them with a common word in it is a term (`Generative Adversarial Networks`).
    """
    match kind:
        case Kind.ANY:
            return True
        case Kind.TIME:
            return _TIME.search(sentence) is not None
        case Kind.NUMBER:
            return _NUMBER.search(sentence) is not None
        case Kind.NAME:
            names = _NAME.findall(_LABEL.sub("", sentence))
            return any(common.isdisjoint(name.lower().split()) for name in names)


def common_words(texts: Iterable[str]) -> frozenset[str]:
    """Return the words that occur in lower case in `texts`."""
    return frozenset(word for text in texts for word in _LOWER_CASE.findall(text))


def check_question(question: str) -> str:
    """Return a question without blanks around it. Raises UsageError for none and for a text."""
    question = question.encode("utf-8", "replace").decode("utf-8").strip()
    if not question:
        raise UsageError("the question is empty", hint='ibid ask "…"')
    if len(question) > LONGEST_QUESTION:
        raise UsageError(
            f"the question has {len(question):,} characters, {LONGEST_QUESTION:,} at most",
            hint="ask in a sentence or two; longer texts belong into the folder of articles",
        )
    return question
