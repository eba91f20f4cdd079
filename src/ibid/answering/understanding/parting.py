"""The questions that a question is made of, where each can be asked by itself."""

import re

from ibid.english import stems

_AUX = (
    r"(?:is|are|was|were|do|does|did|can|could|will|would|should|shall|may|might|must|has|have|had)"
)
_WH = r"(?:what|which|who|whom|whose|when|where|why|how)"
_CUT = re.compile(
    rf"\?+\s+(?:(?:and|but|also)\s+)*(?=(?:{_WH}|{_AUX})\b)"
    rf"|\s*[,;]?\s+(?:and|but)\s+(?:also\s+)?(?={_WH}\b)",
    re.IGNORECASE,
)
_COMMA = re.compile(rf"[,;]\s+(?={_WH}\b)", re.IGNORECASE)
"""Between questions only where `and` stands before the last one: else it opens a clause."""

_FULL = re.compile(
    rf"(?:who|whom|whose|what|which)\b(?: [\w’'-]+){{0,4}}? {_AUX} .*\w"
    r"|who [a-z]+(?:s|ed) \w.*|(?:which|how many|how much) [\w-]+ [a-z-]+ \w.*"
    rf"|(?:when|where|why) {_AUX} \w.*"
    rf"|how {_AUX} \w.*|how (?:[a-z]+)(?: [\w-]+){{0,3}}? {_AUX} \w.*|{_AUX} \w+ \w.*",
    re.IGNORECASE,
)
"""A question with what it asks of."""

_EMBEDDED = re.compile(rf"\s(?:{_WH}|whether|if)\b", re.IGNORECASE)
_LEANS = re.compile(
    r"\b(?:it|its|they|them|their|he|she|him|her|his|this|that|these|those|ones?|so|such|same|else"
    r"|both|other|others|another|former|latter)\b",
    re.IGNORECASE,
)
"""What stands for something that was said before."""

_NAME = re.compile(r"(?<=\s)(?!I\b)[A-Z0-9][\w-]*")
_THE = re.compile(
    r"\bthe\b(?! (?:\w+ ){1,3}(?:of|in|for|from|about|between|behind|on|to)\b)", re.IGNORECASE
)
_DEFINED = re.compile(r"(?:who|what) (?:is|are|was|were) (?:an? )?[\w-]+", re.IGNORECASE)
_GENERAL = frozenset(stems("find get give go happen know make many mean much take use way work"))

MOST = 5
"""Parts of a question: each costs what a question does."""

ALONE, ALONE_WITH_THE = 2, 3
"""Words that say something, of a question that names nobody; more where `the` may point back."""


def find_parts(question: str) -> tuple[str, ...]:
    """Return the questions that a question is made of, the whole where one cannot stand alone.

    >>> find_parts("Who is Atomwise and how many people has the Ruhr?")
    ('Who is Atomwise?', 'How many people has the Ruhr?')
    >>> find_parts("What are the pros and cons of insulin?")
    ('What are the pros and cons of insulin?',)
    """
    cut = _CUT.split(question)
    if len(cut) > 1:
        cut = [piece for part in cut for piece in _COMMA.split(part)]
    pieces = [piece.strip(" ?.,;") for piece in cut]
    if not 1 < len(pieces) <= MOST or not all(map(_is_full, pieces)):
        return (question,)
    if not all(map(_stands_alone, pieces)):
        return (question,)
    return tuple(f"{piece[:1].upper()}{piece[1:]}?" for piece in pieces)


def _is_full(piece: str) -> bool:
    opening = re.match(rf"(?:{_WH}|{_AUX})\b", piece, re.IGNORECASE)
    inside = _EMBEDDED.search(piece)
    return bool(opening and _FULL.fullmatch(piece) and stems(piece) and not inside)


def _stands_alone(piece: str) -> bool:
    """Tell whether a part says by itself what it is about."""
    if _LEANS.search(piece):
        return False
    words = [stem for stem in stems(piece) if stem not in _GENERAL]
    if _DEFINED.fullmatch(piece):
        return bool(words)
    needed = ALONE_WITH_THE if _THE.search(piece) else ALONE
    return len(words) >= needed or (bool(words) and _NAME.search(piece) is not None)
