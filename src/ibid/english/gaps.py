"""Sentences that say only what some articles do not say."""

import re

from ibid.english.commitments import MarkKind, find_marks

_ARTICLES = (
    r"(?:(?:the|these|those|your|this|that|any|either|all|given|provided|available|supplied)\s+)*"
    r"(?:articles?|passages?|texts?|sources?|documents?|excerpts?|context|authors?|material)"
)
_SAY = (
    r"(?:say|state|mention|tell|give|provide|name|specify|discuss|contain|include|cover|explain"
    r"|address|answer|describe|indicate|report|list|reveal|disclose|offer|have|detail|define|note"
    r"|clarify|present|identify|talk|speak|make (?:it )?clear)"
)
_SAID = (
    r"(?:said|stated|mentioned|told|given|provided|named|specified|discussed|contained|included"
    r"|covered|explained|addressed|answered|described|indicated|reported|listed|revealed|disclosed"
    r"|found|available|detailed|defined|known|clear|present|identified)"
)
_NOT = r"(?:do(?:es)?|did|can|could|is|are|was|were|has|have)\s*(?:not|n[’']t)"
_GAP = re.compile(
    rf"\b{_ARTICLES}\s+{_NOT}\s+(?:\w+ly\s+)?{_SAY}\b"
    rf"|\b{_ARTICLES}\s+(?:says?|gives?|contains?|offers?|provides?|tells?)\s+(?:nothing|no)\b"
    rf"|\b(?:none of|no|nothing in|neither of)\s+{_ARTICLES}\b"
    rf"|\b{_NOT}\s+(?:\w+ly\s+)?(?:{_SAID}\s+)?(?:in|by|from|within)\s+{_ARTICLES}\b"
    rf"|\bno\s+(?:\w+\s+){{1,3}}(?:is|are|was|were)\s+{_SAID}\s+(?:in|by)\s+{_ARTICLES}\b"
    rf"|\bthere\s+(?:is|are)\s+no\b.*\b(?:in|from)\s+{_ARTICLES}\b"
    rf"|\b{_NOT}\s+(?:\w+ly\s+)?{_SAID}\s*[.!]?$"
    rf"|\b(?:unclear|unknown|impossible to tell)\s+(?:in|by|from)\s+{_ARTICLES}\b"
    r"|^I\s+(?:do|did|could|can|am)\s*(?:not|n[’']t)\s+(?:able to\s+)?(?:find|know|see|tell|say)\b"
    r"|\bNOT IN THE ARTICLES\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"[;:–—]|\b(?:but|however|although|though|yet|instead|nevertheless|still|even so)\b(?=.)",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"\W*(?:however|but|unfortunately|still|yet|also|missing|note"
    r"|(?:I[’']m )?sorry(?:, but)?)\b[,:]?\s*",
    re.IGNORECASE,
)
_FACTS = (MarkKind.NUMBER, MarkKind.YEAR, MarkKind.NAME)


def names_a_gap(sentence: str, question: str) -> bool:
    """Tell whether a sentence says that the articles do not say something, and says nothing else.

    It goes on to nothing else, and has no name and no figure but those of the question.

    >>> names_a_gap("The articles do not say who founded it.", "When and by whom was it founded?")
    True
    >>> names_a_gap("The articles do not say that Bern is its seat.", "Where is its seat?")
    False
    """
    opening = _OPENING.match(sentence)
    statement = sentence[opening.end() :] if opening else sentence
    if not _GAP.search(statement) or _GOES_ON.search(statement):
        return False
    values = {mark.value for mark in find_marks(question)}
    words = question.lower()
    return all(
        mark.value in values or mark.value in words
        for mark in find_marks(_GAP.sub(" ", statement))
        if mark.kind in _FACTS
    )
