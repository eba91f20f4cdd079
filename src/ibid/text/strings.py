"""Pure string helpers: lines, sentences and plain display text."""

import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import sentencex

from ibid.text.marks import VERBATIM, without_marks
from ibid.types import Span

LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line in Markdown; `str.splitlines` also cuts at U+2028, form feeds and the like."""

_AT_ONCE = 2000
"""Characters. sentencex drops blank lines beyond 10,000 and is quadratic in opening quotes."""

# None of these may backtrack over long text: contents are atomic or stop at their own mark. A
# group is never possessive itself: Python 3.11.2, which Debian 12 has, matches those wrongly.
_LINK = re.compile(
    r"!?\[([^\[\]]*)\]"
    r"\((?>(?:\{\{[^{}]*\}\}|[^()\s]|\([^()\s]*\))*)(?:\s+(?:\"[^\"]*+\"|'[^']*+'))?\s*+\)"
    r"|(?<!\w)!?\[(?=[^\[\]]*[^\W\d_])([^\[\]]*)\]\[[^\[\]]*\]"  # [words][reference], not [1][2]
)
_EMPHASIS = re.compile(
    rf"{VERBATIM}"
    r"|(?<![\w*\\])(?P<stars>\*{1,3})(?=[^\s*])"
    r"(?P<starred>(?>(?:`[^`]*`|[^*])+))(?<=\S)(?P=stars)(?![\w*])"
    r"|(?<![\w\\])(?P<bars>__?)(?=[^\s_])"
    r"(?P<barred>(?>(?:`[^`]*`|[^_]|(?<=[^\W_])_+(?=[^\W_]))+))(?<=\S)(?P=bars)(?!\w)"
)
_LITERAL = re.compile(
    rf"{VERBATIM}|\\(?P<escaped>[!-/:-@\[-`{{-~])|(?P<entity>&(?:#\d{{1,7}}|#x[\da-f]{{1,6}}|\w{{1,31}});)",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[\[*_`\\&]")
"""What links, emphasis, code, escapes and entities need one of."""

_JOINING = r"\u0620-\u1cff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc\U00010800-\U00011fff"
_PICTURES = r"\u2190-\u2bff\U0001f000-\U0001faff"
_IDEOGRAPHS = r"\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SPACELESS = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
HIDDEN = re.compile(
    r"(?=[^\t\n -~])(?:"  # quick
    # Cc but tab and line feed, line separators, lone surrogates, and what Unicode calls
    # default-ignorable or bidi control (DerivedCoreProperties.txt) …
    r"[\0-\x08\x0b-\x1f\x7f-\x9f\u034f\u061c\u115f\u1160\u17b4\u17b5\u200e\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
    # … but where its script, an emoji or a hyphenated word is written with it.
    r"|(?<![^\W\d_])\xad|\xad(?![^\W\d_])"
    rf"|(?<![{_SPACELESS}])\u200b|(?<![{_JOINING}])\u200c"
    rf"|(?<![{_JOINING}])\u200d(?!(?<=[{_PICTURES}\ufe0f]\u200d)[{_PICTURES}])"
    rf"|(?<![\u1820-\u18aa])[\u180b-\u180f]|(?<![{_IDEOGRAPHS}])[\U000e0100-\U000e01ef]"
    rf"|(?<![©®\u2000-\u218f{_PICTURES}{_IDEOGRAPHS}])[\ufe00-\ufe0f](?!(?<=[#*0-9]\ufe0f)\u20e3))"
)
"""What nobody sees and what commands a terminal: it changes what is read."""

_NUMBER_IN_BRACKETS = re.compile(r"[\[［⁅](?=[\s,;–-]*[\d²³¹⁰⁴-⁹])([\s\d²³¹⁰⁴-⁹,;–-]+)[\]］⁆]")
_BREAK = re.compile(r"\\(?=[\r\n])")
"""A line break of Markdown's."""

_QUOTE_MARKS = re.compile(r"(?<=[\r\n])[ \t]*(?:>[ \t]?)+")
_ORDINAL, _SHORT_ORDINAL = (re.compile(rf"(?<!\S)\d{{1,{n}}}\.\Z") for n in (4, 2))
_INITIAL = re.compile(r"(?<!\w)[^\W\d_a-z]\.\Z")
_POINTED = frozenset("de da no nb nn fi cs sk sl hr sr bs pl hu tr et lv is lb fo".split())
"""Languages that write a point behind an ordinal (`im 19. Jahrhundert`)."""

_WORD = re.compile(r"[^\W_]")
_DEEPEST_EMPHASIS = 3
_NAMED = 3


def line_starts(text: str) -> list[int]:
    """Return where each line of `text` begins; the first is always 0."""
    return [0, *(match.end() for match in LINE_END.finditer(text))]


def line_of(text: str, offset: int) -> int:
    """Return the line, counted from 1, that holds the character at `offset`."""
    return bisect_right(_known_starts(text), offset)


@lru_cache(maxsize=8)
def _known_starts(text: str) -> list[int]:
    """Return where the lines begin of a text that many a place is looked up in."""
    return line_starts(text)


def split_sentences(text: str, language: str = "en") -> list[Span]:
    """Cut `text` into sentences as its language ends them, white space around them left out."""
    untyped: Any = sentencex
    spans: list[Span] = []
    start = 0
    while start < len(text):
        boundaries = untyped.get_sentence_boundaries(language, text[start : start + _AT_ONCE])
        places = [Span(place["start_index"], place["end_index"]) for place in boundaries]
        if start + _AT_ONCE < len(text) and len(places) > 1:
            places.pop()  # it goes on behind the window
        spans += (trim(text, place.shifted(start)) for place in places)
        start += places[-1].end
    return _join_abbreviations(text, [span for span in spans if len(span)], language)


def _join_abbreviations(text: str, sentences: list[Span], language: str) -> list[Span]:
    """Join what was cut behind an ordinal, an initial or an abbreviation."""
    joined: list[Span] = []
    for span in sentences:
        goes_on = joined and _goes_on(joined[-1].of(text), text[span.start], language)
        joined.append(Span(joined.pop().start, span.end) if goes_on else span)
    return joined


def _goes_on(before: str, first: str, language: str) -> bool:
    """Tell whether a sentence goes on with the letter `first`: none begins small or with a comma.

    English may, where its author writes no capitals; behind a number it does not, either.
    """
    if language == "en":
        return first.islower() and _ORDINAL.search(before) is not None
    is_ordinal = language in _POINTED and _SHORT_ORDINAL.search(before)
    return first.islower() or first in "-–,;" or bool(is_ordinal or _INITIAL.search(before))


def trim(text: str, span: Span) -> Span:
    """Return `span` without the white space at its ends."""
    inner = span.of(text)
    start = span.start + len(inner) - len(inner.lstrip())
    return Span(start, max(start, span.start + len(inner.rstrip())))


def has_words(text: str, span: Span) -> bool:
    """Tell whether `span` holds a letter or a digit."""
    return _WORD.search(text, span.start, span.end) is not None


def collapse(text: str) -> str:
    """Return `text` on one line, each run of white space one space."""
    return " ".join(text.split())


def words_apart(words: Iterable[str]) -> str:
    r"""Return a pattern of some words with any white space between them.

    >>> words_apart(["data", "bias."])
    'data\\s+bias\\.'
    """
    return r"\s+".join(map(re.escape, words))


def plain(text: str) -> str:
    """Return inline text as a reader sees it: no emphasis or other marks, links by their words."""
    text = collapse(without_marks(_BREAK.sub("", _QUOTE_MARKS.sub("", text))))
    if _MARKUP.search(text):
        text = _LINK.sub(_words, _LINK.sub(_words, text))  # twice: an image may be a link
        for _ in range(_DEEPEST_EMPHASIS):
            text = _EMPHASIS.sub(_without_marks, text)
        text = _LITERAL.sub(_read, text)
    return collapse(text)


def printable(text: str) -> str:
    """Return `text` as it is shown: a mark such as `<U+202E>` for each character that hides.

    None of it can command a terminal, change the order of what is read, or go unseen. All ends of
    lines are line feeds.
    """
    return HIDDEN.sub(lambda match: f"<{_name(match[0])}>", LINE_END.sub("\n", text))


def escape(text: str) -> str:
    """Return `text` as HTML that shows it as `printable` does."""
    return html.escape(printable(text))


def set_apart(text: str) -> str:
    """Return an article's words beside our numbers: its own `[1]` is `⟦1⟧`, and none of them."""
    return _NUMBER_IN_BRACKETS.sub(r"⟦\1⟧", text)


def list_hidden(text: str) -> list[str]:
    """Return what `printable` marks in `text` by its names, such as `U+202E`, each once."""
    return list(dict.fromkeys(map(_name, HIDDEN.findall(LINE_END.sub("\n", text)))))


def _name(character: str) -> str:
    return f"U+{ord(character):04X}"


def _words(link: re.Match[str]) -> str:
    return link[1] or link[2] or ""


def _without_marks(match: re.Match[str]) -> str:
    return match["starred"] or match["barred"] or match[0]


def _read(match: re.Match[str]) -> str:
    if match["entity"]:
        return html.unescape(match["entity"])
    return match["code"] or match["escaped"] or match[0]


def tell_apart(one: float, other: float) -> tuple[str, str]:
    """Return two numbers with two decimals, or as many as it takes to see which is greater.

    >>> tell_apart(0.3, 0.4), tell_apart(0.39996, 0.4)
    (('0.30', '0.40'), ('0.39996', '0.40000'))
    """
    for decimals in range(2, 18):
        first, second = f"{one:.{decimals}f}", f"{other:.{decimals}f}"
        if one == other or float(first) != float(second):
            return first, second
    return repr(one), repr(other)


def list_some(names: Sequence[str]) -> str:
    """Return `a.md, b.md`, and of many names the first three: `a.md, b.md, c.md and 9 more`."""
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def count(number: int, noun: str) -> str:
    """Return `1 article`, `2 articles`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
