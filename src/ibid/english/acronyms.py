"""What articles explain in brackets: `large language models (LLMs)`, `LLM (large language model)`.

The long form is found as Schwartz and Hearst do (2003): each letter of the short form stands in it,
in order, and the first one begins a word.
"""

import re
from collections.abc import Iterator

_SHORT = r"[A-Z][A-Za-z0-9&/-]{0,8}[A-Z0-9]s?"
_LONG_THEN_SHORT = re.compile(rf"\s\((?P<short>{_SHORT})\)")
_LONGEST = 120
"""Characters of a long form, at most."""
_SHORT_THEN_LONG = re.compile(rf"\b(?P<short>{_SHORT})\s\((?P<long>[^()]{{3,100}})\)")


def find_explained(text: str) -> Iterator[tuple[str, str]]:
    """Yield each long form that is explained in a sentence, and its short form in the singular."""
    for match in _LONG_THEN_SHORT.finditer(text):
        short = match["short"].removesuffix("s")
        before = text[max(match.start() - _LONGEST, 0) : match.start()]
        words = re.split(r"[()]", before)[-1].split()[-min(len(short) + 5, 2 * len(short)) :]
        if long := _fit(short, " ".join(words)):
            yield long, short
    for match in _SHORT_THEN_LONG.finditer(text):
        short = match["short"].removesuffix("s")
        if _fit(short, match["long"]) == match["long"]:
            yield match["long"], short


def _fit(short: str, text: str) -> str:
    """Return the end of a text that has the letters of a short form, empty where it has not."""
    place = len(text)
    letters = [char for char in short.lower() if char.isalnum()]
    for number in range(len(letters) - 1, -1, -1):
        place -= 1
        while place >= 0 and not _is_there(letters[number], place, text, begins=number == 0):
            place -= 1
        if place < 0:
            return ""
    return text[place:]


def _is_there(letter: str, place: int, text: str, *, begins: bool) -> bool:
    is_first = place == 0 or not text[place - 1].isalnum()
    return text[place].lower() == letter and (is_first or not begins)
