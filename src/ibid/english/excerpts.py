"""Whether a text is a sentence of an article, or whole parts of one: no word, no sign is changed.

>>> is_excerpt("The drug works.", "The drug (of 2019) works.")
True
>>> is_excerpt("The drug works.", "It is a myth that the drug works.")
False
>>> is_excerpt("It costs €5.", "It costs $5.")
False
"""

import re
import unicodedata
from collections.abc import Sequence

from ibid.english.aligning import align
from ibid.english.governing import reports
from ibid.english.words import Word
from ibid.types import Span


def is_excerpt(claim: str, source: str) -> bool:
    """Tell whether `claim` is `source`, or parts of it.

    What is left out says nothing of its own (`However,`), stands in brackets, or is an aside that
    is set off by commas and only describes (`, which …,`, `, such as …`): whatever else is left out
    may be who says it, or where it holds.
    """
    beside = align(claim, source)
    words, source_words, anchors = beside.said, beside.source, beside.anchors
    if len(anchors) < len(words) or not words or _asks(source) != _asks(claim):
        return False
    left_out = [gap.source for gap in beside.gaps()]
    return all(_may_go(source, source_words, span) for span in left_out) and all(
        signs_around(claim, words, number) == signs_around(source, source_words, source_number)
        for number, source_number in anchors
    )


def is_link(words: str) -> bool:
    """Tell whether some words only link a sentence to the one before it (`In addition,`)."""
    return bool(_LINKS.fullmatch(words))


_ADVERB = re.compile(r"\w{3,}ly|soon|once|forever|everywhere", re.IGNORECASE)


def is_adverb(word: str) -> bool:
    """Tell whether a word looks like an adverb: one that is put in turns a sentence (`instantly`).

    `early` and the like look so as well.
    """
    return bool(_ADVERB.fullmatch(word))


def _asks(text: str) -> bool:
    return text.rstrip("\"'”’)] *_").endswith("?")


_ASIDE = re.compile(
    r"(?:which|who|whose|where|including|such as|for example|for instance|like|e\.g\.|i\.e\.)\b",
    re.IGNORECASE,
)
_LINKS = re.compile(
    r"(?:however|moreover|furthermore|additionally|thus|therefore|hence|indeed|overall|finally"
    r"|similarly|likewise|consequently|nevertheless|nonetheless|importantly|notably|ultimately"
    r"|meanwhile|for (?:example|instance)|in (?:addition|fact|short|general)|of course|as a result"
    r"|in other words|that said|first|second|third|today|now)\W*",
    re.IGNORECASE,
)
"""What links a sentence to the one before it, and says nothing of its own."""
_APART = re.compile(r"[,;:—–]|\s-+\s")
_ENDS = re.compile(r"[;:—–]|\s-+\s")


def _may_go(source: str, words: Sequence[Word], left_out: Span) -> bool:
    """Tell whether some words of a sentence can be left out without changing the rest."""
    first, last = words[left_out.start].span, words[left_out.end - 1].span
    before = source[words[left_out.start - 1].span.end if left_out.start else 0 : first.start]
    end = words[left_out.end].span.start if left_out.end < len(words) else len(source)
    after = source[last.end : end]
    part = source[first.start : last.end]
    if reports(part, opens=not left_out.start):
        return False
    if ("(" in before and ")" in after) or ("[" in before and "]" in after):
        return True
    opens, closes = not left_out.start, left_out.end == len(words)
    if opens or closes:
        if _ENDS.search(after if opens else before):
            return True
        return bool(is_link(part) if opens else "," in before and _ASIDE.match(part))
    apart = _APART.search(before) and _APART.search(after)
    return bool(apart and (_ASIDE.match(part) or is_link(part)))


_NEUTRAL = frozenset("~|−")
"""Signs of the categories below that are marks of the text, not of what it says."""


def signs_around(text: str, words: Sequence[Word], number: int) -> tuple[str, str]:
    """Return the signs directly before and behind a word: `$`, `-`, `<`, `%`, `°`, `^` and so on.

    >>> from ibid.english.words import find_words
    >>> signs_around("It was -20 °C.", find_words("It was -20 °C."), 2)
    ('-', '°')
    """
    before = text[words[number - 1].span.end if number else 0 : words[number].span.start]
    end = words[number + 1].span.start if number + 1 < len(words) else len(text)
    after = text[words[number].span.end : end]
    digit = text[words[number].span.start].isdigit()
    minus = digit and re.search(r"(?:^|[\s(])[-−–]$", before)
    signs = "".join(filter(_is_sign, before.split(",")[-1]))
    return ("-" if minus else "") + signs, "".join(filter(_is_sign, after.split(",")[0]))


def _is_sign(char: str) -> bool:
    kind = unicodedata.category(char)
    return (kind in ("Sc", "Sm") or char in "%‰‱°^") and char not in _NEUTRAL
