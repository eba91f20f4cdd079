"""What a question asks for, read from its words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ibid.english.definitions import defined
from ibid.english.numbers import MONTHS, WEEKDAYS
from ibid.english.words import stems, unique_stems
from ibid.errors import UsageError

LONGEST_QUESTION = 2000
"""Characters. A longer text is a document, not a question."""

_ASPECT = re.compile(
    r"\b(?:what|which)\s+(?:(?:are|is|were|was)\s+(?:the\s+)?)?"
    r"(?:(?:main|key|biggest|major|most important)\s+)?(?P<asked>[\w-]+)"
    r"|\b(?:list|name|summari[sz]e|compare)\s+(?:all\s+)?(?:the\s+)?(?P<listed>[\w-]+)",
    re.IGNORECASE,
)
_VERB = (
    r"(?:am|is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might"
    r"|must)"
)
_LISTED = re.compile(
    rf"(?:what|which)\s+(?:(?P<counted>[\w-]+s)\s+{_VERB}\b|(?:are|were)\s+the\s+"
    r"(?:(?:main|key|biggest|major|most important)\s+)?(?P<named>[\w-]+s)\b)",
    re.IGNORECASE,
)
_CONFIRMS = re.compile(
    rf"(?:(?:and|but|so)\s+)?{_VERB}(?:n['’]t)?\s+(?!you\s+(?:please\s+)?"
    r"(?:compare|define|describe|explain|give|list|name|know|say|show|summari[sz]e|tell)\b)",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?:(?:in|on|at|to|of|for|from|by|with|about|under|during)\s+)?"
    rf"(?:what|which|who|whom|whose|when|where|why|how|{_VERB})\b|.*\?\W*$",
    re.IGNORECASE | re.DOTALL,
)
_QUESTION = re.compile(
    r"(?:Q(?:uestion)?\s*\d*\s*[:.)-]\s*|\d+[.)]\s*)?(?:\w+ )?"
    rf"(?:what|which|who|whom|whose|when|where|why|how|{_VERB})(?:n['’]t)?\b[^?]*\?\s*\Z",
    re.IGNORECASE,
)
_STATES = re.compile(rf"\b(?:what|which|who|whom|whose|when|where|why|how|{_VERB})\b|\?", re.I)
_ASKS_TIME = re.compile(
    rf"^(?:\w+\s+)?when\b(?! (?:using|it comes))|\bwhen {_VERB}\b|\bwhen\s*\?*$"
    r"|\b(?:what|which) (?:year|date|day|month|decade|century)\b",
    re.IGNORECASE,
)
_ASKS_NUMBER = re.compile(r"\bhow (?:much|long|old|often|far|big)\b", re.IGNORECASE)
_ASKS_COUNT = re.compile(r"\b(?:how many|what number)\b", re.IGNORECASE)
_ASKS_SHARE = re.compile(r"\bwhat (?:percentage|percent|share|proportion)\b", re.IGNORECASE)
_ASKS_NAME = re.compile(
    r"(?<!people )(?<!those )(?<!someone )(?<!anyone )\b(?:who|whom|whose)\b"
    r"|\b(?:which|what) (?:\w+ )?(?:compan\w+|firms?|organi[sz]ations?|people|persons?|authors?"
    r"|countr\w+|universit\w+|brands?)\b",
    re.IGNORECASE,
)
_ASKS_NAMES = re.compile(
    r"\bwho (?:are|were|else)\b"
    r"|\b(?:which|what) (?:\w+ )?(?:\w+ies|firms|organi[sz]ations|people|persons|authors|brands)\b",
    re.IGNORECASE,
)
_ASKS_LIST = re.compile(
    r"\b(?:what|which)\s+(?:are|were)\s+(?:the|some|your|our|their|its)\b"
    r"|\b(?:what|which)\s+(?:\w+\s+){0,2}?\w{2,}(?<![suia])s\s+(?:are|were|do|did|have|can|could"
    r"|should|will|remain|exist)\b"
    r"|^(?:please\s+)?(?:list|name|give|enumerate)\b",
    re.IGNORECASE,
)
_ASKS_FOR_STEPS = re.compile(
    r"\b(?:steps|instructions|directions|procedure)\b.*\b(?:for|to|of|in)\b", re.IGNORECASE
)
_ASKS_HOW = re.compile(
    r"\bhow (?:(?:do|can|could|should|would) (?:i|we|you|one)|to|does one"
    r"|is \w+ (?:made|done|set up))\b"
    rf"|\bwhat (?:do|should|must) (?:i|we|you) do\b|{_ASKS_FOR_STEPS.pattern}",
    re.IGNORECASE,
)
_YES_OR_NO = re.compile(
    r"(?:yes|no|not (?:yet|really|quite|necessarily))\b(?=[,.;:!—– ])", re.IGNORECASE
)
_TIME = re.compile(
    r"\b(?:1[5-9]|20)\d\d\b|\bcentur(?:y|ies)\b|\b\d{1,2}(?:st|nd|rd|th)\b"
    rf"|\b(?:{'|'.join(WEEKDAYS)})s?\b|\b(?:christmas|easter|new year)\b"
    rf"|\b(?:in|on|by|since|until|last|next) (?:{'|'.join(MONTHS)})\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozens?|hundreds?|thousands?"
    r"|millions?|billions?)\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?<![$€£\d.,])\d[\d.,]*(?![\d.,]*\d|\s?(?:%|per ?cent\b|°))|"
    + _NUMBER.pattern.removeprefix(r"\d|"),
    re.IGNORECASE,
)
"""A number of things: no share, no amount of money, no degrees."""

_SHARE = re.compile(
    r"%|\bper ?cent|\bpercentage|\b(?:half|halves|thirds?|quarters?|fifths?|tenths?|most|majority"
    r"|none|all)\b|\b(?:\d+|one|two|three|nine) (?:in|(?:out )?of) (?:every )?(?:\d|\w+)",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?<=\s)[A-Z][a-z]{2,}(?: [A-Z][a-z]+)*"  # capitals inside the sentence
    r"|^[A-Z][a-z]{2,}(?=[’']s\b)"  # or a possessive at its start
)
_LABEL = re.compile(r"^(?:[A-Z][\w-]*\s+(?:and\s+)?){0,5}[A-Z][\w-]*:\s")  # `Key Players: …`
_DAYS = frozenset(MONTHS) - {"may"} | {day + s for day in WEEKDAYS for s in ("", "s")}
_LOWER_CASE = re.compile(r"(?<![\w./@-])[a-z]{3,}(?![\w/@]|\.\w)")  # no part of an address

_VAGUE = frozenset(stems("detail instruction item kind part point sort step stuff thing type way"))
"""Nouns of which what is asked for is a kind, and that it need not be called by."""

_FRAME = frozenset(
    stems("according article author cite describe discuss else explain mean mention suggest")
)

_HEAD = re.compile(
    r"(?:(?:what|which)\s+)?(?:(?:are|is|were|was)\s+)?(?:the\s+)?"
    r"(?:(?:main|key|biggest|major|most important)\s+)?(?P<head>[\w-]+(?:\s+[\w-]+)?)\s+"
    r"(?:of|in|with|for|to|about|on|from|when|(?:are|is)\s+\w+\s+(?:for|of|in|with|by))\s+\S",
    re.IGNORECASE,
)


class QuestionKind(StrEnum):
    """What sort of answer a question asks for."""

    ANY = "any"
    TIME = "time"
    NUMBER = "number"
    COUNT = "count"
    SHARE = "share"
    NAME = "name"
    YES_NO = "yes or no"
    DEFINITION = "definition"
    LIST = "list"

    @property
    def is_fact(self) -> bool:
        """Whether a sentence can be seen to hold one: a year, a number, a name."""
        return self in _FACTS


_FACTS = frozenset(QuestionKind) - {
    QuestionKind.ANY,
    QuestionKind.YES_NO,
    QuestionKind.DEFINITION,
    QuestionKind.LIST,
}


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """What the words of a question ask for, read once."""

    kind: QuestionKind
    term: tuple[str, ...]
    """The stems of what it wants defined, none for any other kind."""
    aspect: frozenset[str]
    """The stems of what is asked for: `challenges` in "what challenges are cited"."""
    asks: bool
    """Whether it asks, and does not only name a subject or state something."""
    asks_several: bool
    """Whether it asks for more than one name."""
    asks_how: bool
    """Whether it asks how something is done."""
    names_a_subject: bool
    """Whether it only names a subject, with no verb that asks of it."""


def read_form(question: str) -> QuestionForm:
    """Return what the words of a question ask for."""
    term = defined(question)
    return QuestionForm(
        _kind_of(question, term),
        term,
        aspect(question),
        asks(question),
        asks_several(question),
        _ASKS_HOW.search(question) is not None,
        names_a_subject(question),
    )


def asks(text: str) -> bool:
    """Tell whether a text asks something, and does not only name a subject or state something."""
    return _ASKS.match(text.strip()) is not None


def is_question(sentence: str) -> bool:
    """Tell whether a sentence of an article asks, be it numbered: a headline with a `?` does not.

    >>> is_question("Q3: Will AI replace researchers?"), is_question("A new era of discovery?")
    (True, False)
    """
    return _QUESTION.match(sentence) is not None


def names_a_subject(text: str) -> bool:
    """Tell whether a text only names a subject (`memory safety`), with no verb that asks of it."""
    return _STATES.search(text) is None


def subject(question: str) -> tuple[str, ...]:
    """Return the stems of what a question is about, each once.

    Words that ask (`explain`, `what does X mean`) or speak of the articles themselves are left
    out, unless there are no others.
    """
    all_stems = unique_stems(question)
    return tuple(stem for stem in all_stems if stem not in _FRAME) or all_stems


def aspect(question: str) -> frozenset[str]:
    """Return the stems of what is asked for: `challenges` in "what challenges are cited"."""
    match = _ASPECT.search(question)
    return frozenset(stems(match["asked"] or match["listed"])) - _VAGUE if match else frozenset()


def things_asked_for(question: str) -> str:
    """Return the noun of the things that a question wants listed, empty where it wants none.

    >>> things_asked_for("What challenges are cited?"), things_asked_for("What causes it?")
    ('challenges', '')
    """
    match = _LISTED.match(question.strip())
    noun = (match["counted"] or match["named"]).lower() if match else ""
    return "" if _VAGUE.issuperset(stems(noun)) else noun


def head_of(topic: str) -> str:
    """Return what is asked for of a topic: `challenges` in "challenges of AI in drug discovery".

    Nothing where the topic as a whole is.
    """
    match = _HEAD.match(topic.strip())
    return match["head"] if match and stems(match["head"]) else ""


def answer_kind(question: str) -> QuestionKind:
    """Return what sort of answer the question asks for."""
    return _kind_of(question, defined(question))


def _kind_of(question: str, term: tuple[str, ...]) -> QuestionKind:
    if term:
        return QuestionKind.DEFINITION
    if _CONFIRMS.match(question.strip()):
        return QuestionKind.YES_NO
    kinds = (
        (_ASKS_TIME, QuestionKind.TIME),
        (_ASKS_SHARE, QuestionKind.SHARE),
        (_ASKS_COUNT, QuestionKind.COUNT),
        (_ASKS_NUMBER, QuestionKind.NUMBER),
        (_ASKS_NAME, QuestionKind.NAME),
        (_ASKS_FOR_STEPS, QuestionKind.ANY),
        (_ASKS_LIST, QuestionKind.LIST),
    )
    return next((kind for asks, kind in kinds if asks.search(question)), QuestionKind.ANY)


def asks_several(question: str) -> bool:
    """Tell whether a question asks for more than one name."""
    return _ASKS_NAMES.search(question) is not None


def holds(kind: QuestionKind, sentence: str, common: frozenset[str]) -> bool:
    """Tell whether a sentence holds the fact that was asked for: a year, a number, a name.

    A name is a capitalised word that is not `common`: nowhere near is it in lower case. A run of
    them with a common word in it is a term (`Generative Adversarial Networks`).
    """
    match kind:
        case QuestionKind.TIME:
            return _TIME.search(sentence) is not None
        case QuestionKind.NUMBER:
            return _NUMBER.search(sentence) is not None
        case QuestionKind.COUNT:
            return _COUNTED.search(sentence) is not None
        case QuestionKind.SHARE:
            return _SHARE.search(sentence) is not None
        case QuestionKind.NAME:
            names = _NAME.findall(_LABEL.sub("", sentence))
            return any(
                _DAYS.isdisjoint(words := name.lower().split()) and common.isdisjoint(words)
                for name in names
            )
        case _:
            return True


def says_yes_or_no(sentence: str) -> bool:
    """Tell whether a sentence opens with the answer to a question that asks for yes or no."""
    return _YES_OR_NO.match(sentence) is not None


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
