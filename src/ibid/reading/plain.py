"""Headings of plain text, which has no marks for them: short lines that read like titles."""

import re

from ibid.reading.headings import Heading
from ibid.text import collapse, line_starts

_LONGEST = 80
_LIST_ITEM = re.compile(r"\s*(?:[-*+•–]|\(?\d{1,3}[.)])\s")
_ENDS_SENTENCE = re.compile(r"[.!?:;…][\"'”’)\]]*$")
_SMALL_WORDS = frozenset(
    "a an and as at but by for from in into nor of on or the to vs via with".split()
)


def find_plain_headings(text: str) -> list[Heading]:
    """Return the title line and the lines below it that read like headings.

    A heading is short, ends like no sentence, is written like a title or stands between blank
    lines, follows a finished sentence or a blank line, and has text below it.
    """
    starts = [*line_starts(text), len(text)]
    lines = [text[start:end].rstrip() for start, end in zip(starts, starts[1:], strict=False)]
    headings: list[Heading] = []
    for number, line in enumerate(lines):
        if _is_heading(lines, number):
            level = 2 if headings else 1
            headings.append(Heading(level, collapse(line), starts[number], starts[number + 1]))
    return headings


def _is_heading(lines: list[str], number: int) -> bool:
    line = lines[number].strip()
    if not 0 < len(line) <= _LONGEST or _LIST_ITEM.match(line) or _ENDS_SENTENCE.search(line):
        return False
    before = lines[number - 1].strip() if number else ""
    after = lines[number + 1].strip() if number + 1 < len(lines) else ""
    below = next((later for later in lines[number + 1 :] if later.strip()), "")
    stands_alone = not before and not after
    follows_an_end = not before or bool(_ENDS_SENTENCE.search(before))
    return bool(below) and follows_an_end and (stands_alone or _is_title_case(line))


def _is_title_case(line: str) -> bool:
    words = [word for word in re.findall(r"[^\W_][^\s]*", line) if word.lower() not in _SMALL_WORDS]
    return bool(words) and all(word[0].isupper() or word[0].isdigit() for word in words)
