"""Headings of plain text, which has no marks for them: short lines that read like titles."""

import re
from itertools import pairwise

from ibid.reading.headings import Heading
from ibid.text import collapse, has_words, line_starts, plain
from ibid.types import Span

_LONGEST = 80
_WIKI = re.compile(
    r"(?<![^\r\n])(?P<marks>={1,6})(?P<title>[^=\r\n]{1,200})(?P=marks)[ \t]*(?![^\r\n])"
)
_LIST_ITEM = re.compile(r"(?:[-*+•–]|\(?\d{1,3}[.)])\s")
_ENDS_SENTENCE = re.compile(r"[.!?:;,…。！？：；][\"'”’)\]]*$")
_WORD = re.compile(r"[^\W_]\S*")
_SMALL_WORDS = frozenset(
    "a an and as at but by for from in into nor of on or the to vs via with".split()
)


def find_plain_headings(text: str, body: int, end: int) -> list[Heading]:
    """Return the title line and the lines from `body` to `end` that read like headings.

    A heading is short, ends like no sentence, is written like a title or stands between blank
    lines, follows a finished sentence or a blank line, and has text below it.
    """
    starts = [*(body + start for start in line_starts(text[body:end])), end]
    lines = [text[start:stop].strip() for start, stop in pairwise(starts)]
    filled = [number for number, line in enumerate(lines) if line]
    headings: list[Heading] = []
    for number in filled[:-1]:  # the last has no text below it
        if _is_heading(lines, number):
            level = 1 if number == filled[0] else 2
            headings.append(
                Heading(level, collapse(lines[number]), starts[number], starts[number + 1])
            )
    return headings


def find_wiki_headings(text: str, body: int, end: int) -> list[Heading]:
    """Return the headings of MediaWiki from `body` to `end`: `== Title ==` on lines for itself."""
    return [
        Heading(len(match["marks"]), plain(match["title"]), match.start(), match.end())
        for match in _WIKI.finditer(text, body, end)
        if has_words(match["title"], Span(0, len(match["title"])))
    ]


def _is_heading(lines: list[str], number: int) -> bool:
    line, after = lines[number], lines[number + 1]
    before = lines[number - 1] if number else ""
    if len(line) > _LONGEST or _LIST_ITEM.match(line) or _ENDS_SENTENCE.search(line):
        return False
    stands_alone = not before and not after
    follows_an_end = not before or bool(_ENDS_SENTENCE.search(before))
    return follows_an_end and (_is_title_case(line) or (stands_alone and bool(_WORD.search(line))))


def _is_title_case(line: str) -> bool:
    words = [word for word in _WORD.findall(line) if word.lower() not in _SMALL_WORDS]
    return bool(words) and all(word[0].isupper() or word[0].isdigit() for word in words)
