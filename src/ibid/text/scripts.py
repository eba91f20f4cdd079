"""Words in whatever script: between blanks where there are any, else pieces of a few letters."""

import re
from collections.abc import Iterator

from ibid.types import Span

_JOINED = (
    # marks that follow the letter that they belong to, and letters that Python takes for marks
    r"\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    r"\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a"
    r"\u0900-\u0963\u0971-\u0dff"
)
_IDEOGRAPHS = r"\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_PAIRED = rf"{_IDEOGRAPHS}\uac00-\ud7af\U00020000-\U0003ffff"
_SYLLABIC = r"\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u104f\u1780-\u17d3"
_LETTERS = rf"(?:(?![{_PAIRED}{_SYLLABIC}])[^\W_][{_JOINED}]*)+"
_WORD = re.compile(
    rf"(?P<paired>[{_PAIRED}]+)|(?P<syllabic>[{_SYLLABIC}]+)|{_LETTERS}(?:['’]{_LETTERS})*"
)
_BETWEEN_BLANKS = re.compile(rf"(?:[^\W_][{_JOINED}]*)+(?:['’](?:[^\W_][{_JOINED}]*)+)*")
_SPACELESS = re.compile(rf"[{_PAIRED}{_SYLLABIC}]")

PAIR, SYLLABLE = 2, 3
"""Letters of a piece: of scripts whose letters are syllables or words, and of those that write
several letters for a syllable (docs/decisions)."""


def list_words(text: str) -> list[str]:
    """Return the words of a text in order; of a script without blanks, pieces of a few letters.

    The pieces overlap, so that every word of such a script is among them however it is cut.

    >>> list_words("AI 药物发现")
    ['AI', '药物', '物发', '发现']
    """
    if is_spaceless(text):
        return [word for word, _ in place_words(text)]
    return _BETWEEN_BLANKS.findall(text)


def place_words(text: str) -> Iterator[tuple[str, Span]]:
    """Yield the words of `list_words`, each with its place."""
    for run in find_runs(text):
        size = PAIR if run["paired"] else SYLLABLE if run["syllabic"] else len(run[0])
        for start in range(max(1, len(run[0]) - size + 1)):
            piece = run[0][start : start + size]
            yield piece, Span(run.start() + start, run.start() + start + len(piece))


def find_runs(text: str) -> Iterator[re.Match[str]]:
    """Yield what stands between blanks and marks, one script at a time where one has no blanks."""
    return _WORD.finditer(text)


def is_spaceless(text: str) -> bool:
    """Tell whether a text holds letters of a script that writes no blanks between words."""
    return not text.isascii() and _SPACELESS.search(text) is not None


def count_words(text: str) -> int:
    """Return how many words a text has; of a script without blanks, about how many.

    >>> count_words("It is so."), count_words("中国很大。")
    (3, 2)
    """
    if not is_spaceless(text):
        return len(text.split())
    runs = [run for run in find_runs(text) if run["paired"] or run["syllabic"]]
    dense = sum(-(-len(run[0]) // (PAIR if run["paired"] else SYLLABLE)) for run in runs)
    return dense + sum(not is_spaceless(word) for word in text.split())
