"""Where the sentences of an article stand, whatever Markdown surrounds them."""

import re
from collections.abc import Iterator
from itertools import pairwise

from ibid.text.languages import language_of
from ibid.text.scripts import count_words
from ibid.text.strings import has_words, split_sentences, trim
from ibid.types import Span

_END = r"(?:\r\n|\r|\n)"
_LINE_START, _LINE_STOP = r"(?<![^\r\n])", r"(?![^\r\n])"
_MARKER = r"(?:[-*+•–][ \t]+|\(?\d{1,3}[.)][ \t]+|#{1,6}[ \t]+|>[ \t]?|\|[ \t]*)"
_LEAD = re.compile(rf"[ \t]*{_MARKER}*(?:[AQ]\d{{0,2}}[:.][ \t]+)?(?:\*\*A\d{{0,2}}:\*\*[ \t]+)?")
_QUOTE_LEAD = re.compile(r"[ \t]*(?:>[ \t]?)+")
_BLOCK_BREAK = re.compile(rf"{_END}(?=[ \t]*+(?:{_LINE_STOP}|{_MARKER}))")
_BRACES = r"\{(?>(?:[^{}]|\{(?>(?:[^{}]|\{[^{}]*+\})*)\})*)\}"
_ATTRIBUTE = rf"(?:[\w:.-]++(?>(?:=(?:\"[^\"]*+\"|'[^']*+'|{_BRACES}))?)|{_BRACES})"
_MDX = (
    # modules, comments and components of MDX, each to where its line, or its block, ends
    r"import[ \t]+(?:[\w$*{][\w\s$*{},]{0,400}?\sfrom[ \t]+)?(?:\"[^\"\r\n]++\"|'[^'\r\n]++')"
    rf"[ \t]*+;?[ \t]*+{_LINE_STOP}"
    r"|export[ \t]+(?:const|let|var|function|default|async|class)\b"
    rf"(?>(?:[^\r\n]++{_END}?)+)"
    r"|\{/\*.*?\*/\}"
    rf"|</?[A-Z][\w.]*+(?>(?:\s++{_ATTRIBUTE})*)\s*+/?>"
)
_SET_APART = re.compile(
    rf"{_LINE_START}[ \t]*+(?:"
    # a fence of code, to its end or to the end of the text
    rf"(?P<code>(?P<fence>`{{3,}}+(?=[^`\r\n]*+{_LINE_STOP})|~{{3,}}+)[^\r\n]*+"
    rf"(?:.*?[\r\n][ \t]*+(?P=fence)[`~]*+[ \t]*+{_LINE_STOP}|.*))"
    # what no reader sees: comments, the targets of links, a template's tags
    r"|<!--.*?(?:-->|\Z)"
    rf"|\[(?!\^)[^\[\]\r\n]+\]:[ \t]*+[^\s]++(?:[ \t]++[\"'(][^\r\n]*+)?[ \t]*+{_LINE_STOP}"
    rf"|(?:\{{\{{[^\r\n]*\}}\}}|\{{%[^\r\n]*%\}})[ \t]*+{_LINE_STOP}"
    rf"|{_MDX})",
    re.DOTALL,
)
_NOTE_AFTER_END = re.compile(r"(?<=[.!?])[ \t]+(?=[\[(])")
_CLOSING_MARKS = re.compile(r"(?>(?:[*_~`\"'”’)\]]|</\w++>)+)(?!\w)")
_ONLY_TAGS = re.compile(r"(?>(?:</?[A-Za-z][\w-]*+(?:\s[^<>]*+)?>\s*+)+)")

_FEWEST_WORDS, _LONGEST_STUMP = 3, 40
"""A sentence of fewer words (`No.`) is quoted together with the one behind it."""


def find_sentences(text: str, within: Span) -> tuple[Span, ...]:
    """Return the sentences of `text` inside `within`, in order, none overlapping.

    They end as the language of the whole text ends them. List markers and the `A:` of an answer
    stay outside; a fenced block of code is one sentence.
    Comments, link targets, bare tags and lines without a word are no sentences.
    """
    found: list[Span] = []
    start, language = within.start, language_of(text)
    for apart in _SET_APART.finditer(text, within.start, within.end):
        found.extend(_find_in_prose(text, Span(start, apart.start()), language))
        if apart["code"]:
            found.append(trim(text, Span(*apart.span())))
        start = apart.end()
    found.extend(_find_in_prose(text, Span(start, within.end), language))
    return tuple(span for span in found if _says_something(text, span))


def find_set_apart(text: str) -> list[Span]:
    """Return the fenced code of `text` and what no reader of it sees, such as comments."""
    return [Span(*apart.span()) for apart in _SET_APART.finditer(text)]


def _says_something(text: str, span: Span) -> bool:
    return has_words(text, span) and not _ONLY_TAGS.fullmatch(text, span.start, span.end)


def _find_in_prose(text: str, within: Span, language: str) -> Iterator[Span]:
    for block in _find_blocks(text, within):
        yield from _find_in_block(text, block, language)


def _find_blocks(text: str, within: Span) -> list[Span]:
    """Return paragraphs and list items without the markers before them; quoted lines go on."""
    breaks = (found.end() for found in _BLOCK_BREAK.finditer(text, within.start, within.end))
    blocks: list[Span] = []
    goes_on = False
    for start, end in pairwise((within.start, *breaks, within.end)):
        lead = _LEAD.match(text, start, end)
        block = trim(text, Span(lead.end() if lead else start, end))
        marks = text[start : block.start]
        if len(block) and goes_on and _QUOTE_LEAD.fullmatch(marks):
            blocks[-1] = Span(blocks[-1].start, block.end)
        elif len(block):
            blocks.append(block)
        goes_on = len(block) > 0 and ">" in marks
    return blocks


def _find_in_block(text: str, block: Span, language: str) -> list[Span]:
    if _is_stump(text, block):
        return [block]
    sentences: list[Span] = []
    for sentence in split_sentences(block.of(text), language):
        for piece in _split_off_notes(text, sentence.shifted(block.start)):
            _append(text, sentences, piece)
    return sentences


def _append(text: str, sentences: list[Span], piece: Span) -> None:
    """Add a piece: marks that close the sentence before it go there, a stump takes it in."""
    if sentences and sentences[-1].end == piece.start:
        closing = _CLOSING_MARKS.match(text, piece.start, piece.end)
        if closing:
            sentences[-1] = Span(sentences[-1].start, closing.end())
            piece = trim(text, Span(closing.end(), piece.end))
    quoted = _QUOTE_LEAD.match(text, piece.start, piece.end) if sentences else None
    piece = trim(text, Span(quoted.end() if quoted else piece.start, piece.end))
    if not len(piece):
        return
    if sentences and _is_stump(text, sentences[-1]):
        sentences[-1] = Span(sentences[-1].start, piece.end)
    else:
        sentences.append(piece)


def _is_stump(text: str, sentence: Span) -> bool:
    return len(sentence) <= _LONGEST_STUMP and count_words(sentence.of(text)) < _FEWEST_WORDS


def _split_off_notes(text: str, sentence: Span) -> list[Span]:
    """Part a finished sentence from the bracketed note behind it (`… pipelines. [Source: …]`)."""
    cuts = (note.start() for note in _NOTE_AFTER_END.finditer(text, sentence.start, sentence.end))
    edges = (sentence.start, *cuts, sentence.end)
    pieces = (trim(text, Span(start, end)) for start, end in pairwise(edges))
    return [piece for piece in pieces if len(piece)]
