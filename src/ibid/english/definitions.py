"""What a question wants defined, and which sentences define it."""

import re
from collections.abc import Iterator, Sequence

from ibid.english.words import find_terms, unique_stems
from ibid.types import Span

_IS = r"(?:['’]s| (?:is|are|was|were))"
_ARTICLE = r"(?:(?:an?|the) )?"
_TERM = r"(?P<term>[^\s?!,;:]+(?: [^\s?!,;:]+){0,5})"
_ASKS = tuple(
    re.compile(rf"(?:(?:and|but|so|please) )?{pattern}", re.IGNORECASE)
    for pattern in (
        rf"what (?:does|do|did) {_ARTICLE}{_TERM} (?:mean|stand for|refer to)",
        rf"(?:explain )?what (?!(?:does|do|did) ){_ARTICLE}{_TERM} (?:is|are|means?)",
        rf"(?:what{_IS} )?(?:the )?(?:meant by|(?:definition|meaning) of) {_ARTICLE}{_TERM}",
        rf"define {_ARTICLE}{_TERM}",
        rf"(?P<asks>(?:what|who){_IS}) (?P<article>{_ARTICLE}){_TERM}",
    )
)
_LONGEST = 120
"""Characters of a question that wants a term defined."""

_RELATES = frozenset(
    """about after against and as at before being between but by can could did do does doing during
    for from happening has have how if in into it like made meant my of on or our than that their
    there these they this those to used we what when where which who why will with would wrong you
    your""".split()
)
"""Words that a term has none of: what is asked for is part of something (`the capital of …`)."""

_ATTRIBUTES = frozenset(
    """best better biggest cost date difference first greatest highest important key largest last
    latest least main major most name new newest next number only price purpose role same second
    total worst""".split()
)
"""Words for what a thing has, or which of several it is."""

_FARTHEST = 40
"""Characters before a term that tell whether it opens a sentence or a clause."""

_QUOTE = r"[\"“”'‘’*`]{0,3}"
_OPENS = re.compile(
    r"(?:^|[.;:,(—–] ?|\b(?:that|and|because|since|so) )"
    rf"(?:(?:an?|the|our|this|these|such|each|every|your) )?{_QUOTE}$",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:known as|called|(?:we|they|i) call|termed|dubbed|labell?ed(?: as)?|referred to as)"
    rf" (?:(?:an?|the) )?{_QUOTE}$",
    re.IGNORECASE,
)
_A_THING = (
    r"[“\"]?(?:an?|the|any|one|that|what|when)\b"
    r"(?! (?:\w+ )?(?:part|example|reason|case|result|goal|challenge|concern|priority)\b)"
)
_SUCH_THINGS = (
    r"(?!not\b|no\b|more\b|very\b|able\b|\w+(?:ly|ing|ed|ble)\b)[^,;.]{3,60}? (?:that|which|who)\b"
)
_TELLS = re.compile(
    rf"{_QUOTE}(?: ?\([^()]{{1,60}}\)|\))?{_QUOTE}(?:,? (?:or|also) [\w-]+(?: [\w-]+){{0,3}},?)?(?:"
    r" (?:is|are|was|were) (?:(?:basically|essentially|simply|really|just) )?"
    rf"(?:{_A_THING}|{_SUCH_THINGS})"
    r"| (?:means?|refers? to|stands? for|denotes?|consists? of)\b"
    r"|(?:,| [—–-]) (?:an?|the|which (?:is|are|means?|stands?)|short for|i\.e\.) "
    r"|: \w)",
    re.IGNORECASE,
)


def defined(question: str) -> tuple[str, ...]:
    """Return the stems of what a question wants defined, nothing for any other question.

    "What is the capital of France?" asks for a part of France and wants nothing defined.
    """
    wording = " ".join(question.split()).rstrip(" ?!.")
    attempts = (asks.fullmatch(wording) for asks in _ASKS if len(wording) <= _LONGEST)
    match = next((attempt for attempt in attempts if attempt), None)
    if match is None:
        return ()
    words = match["term"].split()
    if not (_RELATES | _ATTRIBUTES).isdisjoint(word.lower() for word in words):
        return ()
    parts = match.groupdict()
    is_the = (parts.get("article") or "").strip().lower() == "the"
    picks = len(words) == 1 or not parts.get("asks", "").lower().startswith(("what is", "what's"))
    if is_the and picks and words[-1].islower():
        return ()  # "who is the president", "what is the deadline", "what are the main points"
    return unique_stems(match["term"])


def defines(term: Sequence[str], sentence: str) -> bool:
    """Tell whether a sentence says what `term` is: `A term is a …`, `… known as a term`."""
    for place in _find(term, sentence):
        near = max(0, place.start - _FARTHEST)
        opens = _OPENS.search(sentence, near, place.start)
        if opens and _TELLS.match(sentence, place.end):
            return True
        if _NAMED.search(sentence, near, place.start):
            return True
    return False


def _find(term: Sequence[str], sentence: str) -> Iterator[Span]:
    """Yield each place where a sentence has the whole term."""
    words = find_terms(sentence)
    for first in range(len(words) - len(term) + 1):
        run = words[first : first + len(term)]
        if run and [word.stem for word in run] == list(term):
            yield Span(run[0].span.start, run[-1].span.end)
