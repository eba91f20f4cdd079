"""Where the sentences of an article stand, whatever Markdown surrounds them."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ibid.text.languages import language_of
from ibid.text.marks import SUPERSCRIPT
from ibid.text.scripts import count_words
from ibid.text.seen import View, view
from ibid.text.strings import has_words, plain, split_sentences, trim
from ibid.types import Span

_END = r"(?>\r\n|\r|\n)"
_LINE_START, _LINE_STOP = r"(?<![^\r\n])", r"(?![^\r\n])"
_BOX = r"\[[ xX/<>!?*~-]\][ \t]+"
_NUMBERED = r"\[(?:\d{1,3}|\^[^\[\]\s]{1,40})\](?::?[ \t]+|:(?=[\r\n]))"
_MARKER = (
    rf"(?:[-*+•–][ \t]+(?:{_BOX})?|\(?\d{{1,3}}[.)][ \t]+(?:{_BOX})?"
    r"|#{1,6}[ \t]+|>[ \t]?|\|[ \t]*)"
)
_LABEL = r"(?:[AQ]\d{0,2}[:.][ \t]+)?(?:\*\*A\d{0,2}:\*\*[ \t]+)?"
_LEAD = re.compile(rf"[ \t]*{_MARKER}*(?:\[\^[^\[\]\s]{{1,40}}\]:\s+)?{_LABEL}")
_QUOTE_LEAD = re.compile(r"[ \t]*(?:>[ \t]?)+")
_BLOCK_BREAK = re.compile(rf"{_END}(?=[ \t]*+(?:{_LINE_STOP}|{_MARKER}|{_NUMBERED}))")
_ENTRY = re.compile(r"\[\d{1,3}\][ \t]+(?=\S)")
_REFERENCE = re.compile(
    r"[ \t]?(?:\[(?:\^[^\[\]\s]{1,40}|\d{1,3}(?:[,–-][ \t]?\d{1,3})*)\]|\^\[[^\[\]\r\n]*\]"
    rf"|{SUPERSCRIPT})+(?=\s|\Z)"
)
"""What points to a note: it belongs to the sentence before it."""

_NOTE_AFTER_END = re.compile(r"(?<=[.!?])[ \t]+(?=[\[(])")
_CLOSING_MARKS = re.compile(r"(?>(?:[*_~`\"'”’)\]]|</\w++>)+)(?!\w)")
_ONLY_TAGS = re.compile(r"(?>(?:</?[A-Za-z][\w-]*+(?:\s[^<>]*+)?>\s*+)+)")

_MAYBE_NOTHING = re.compile(r"[\[<{`~^%]")
"""What may be all that a sentence is, with words in it that nobody sees."""

_FEWEST_WORDS, _LONGEST_STUMP = 3, 40
"""A sentence of fewer words (`No.`) is quoted together with the one behind it."""


def find_sentences(text: str, within: Span) -> tuple[Span, ...]:
    """Return the sentences of `text` inside `within`, in order, none overlapping.

    They end as the language of the whole text ends them. List markers and the `A:` of an answer
    stay outside; a fenced block of code is one sentence.
    Comments, link targets, bare tags and lines without a word are no sentences.
    """
    layout = view(text)
    spans: list[Span] = []
    start, language = within.start, language_of(text)
    for code in _inside(layout.code, within):
        spans.extend(_find_in_prose(layout, Span(start, max(start, code.start)), language))
        spans.append(trim(text, code))
        start = code.end
    spans.extend(_find_in_prose(layout, Span(min(start, within.end), within.end), language))
    return tuple(span for span in spans if _says_something(layout.text, span))


def find_set_apart(text: str) -> list[Span]:
    """Return the fenced code of `text` and what no reader of it sees, such as comments."""
    return list(view(text).apart)


def _inside(spans: Sequence[Span], within: Span) -> Iterator[Span]:
    """Yield the parts of sorted spans that are in a place."""
    first = bisect_right(spans, within.start, key=lambda span: span.end)
    for span in spans[first:]:
        if span.start >= within.end:
            return
        yield Span(max(span.start, within.start), min(span.end, within.end))


def _says_something(text: str, span: Span) -> bool:
    if not has_words(text, span) or _ONLY_TAGS.fullmatch(text, span.start, span.end):
        return False
    marked = _MAYBE_NOTHING.search(text, span.start, span.end)
    return marked is None or re.search(r"[^\W_]", plain(span.of(text))) is not None


def _find_in_prose(layout: View, within: Span, language: str) -> Iterator[Span]:
    for block in _find_blocks(layout, within):
        yield from _find_in_block(layout, block, language)


def _find_blocks(layout: View, within: Span) -> list[Span]:
    """Return paragraphs and list items without the markers before them; quoted lines go on."""
    text = layout.text
    ends = (match.end() for match in _BLOCK_BREAK.finditer(text, within.start, within.end))
    first = bisect_right(layout.breaks, within.start)
    hard = layout.breaks[first : bisect_left(layout.breaks, within.end)]
    blocks: list[Span] = []
    goes_on = False
    for start, end in pairwise(sorted({within.start, *ends, *hard, within.end})):
        lead = _LEAD.match(text, start, end)
        block = trim(text, Span(lead.end() if lead else start, end))
        marks = text[start : block.start]
        if len(block) and goes_on and start not in hard and _QUOTE_LEAD.fullmatch(marks):
            blocks[-1] = Span(blocks[-1].start, block.end)
        elif len(block):
            blocks.append(block)
        goes_on = len(block) > 0 and ">" in marks
    return blocks


def _find_in_block(layout: View, block: Span, language: str) -> list[Span]:
    text = layout.text
    if _is_stump(text, block) or layout.row_at(block.start) or _ENTRY.match(text, block.start):
        return [block]
    sentences: list[Span] = []
    for sentence in split_sentences(block.of(text), language):
        for piece in _split_off_notes(text, sentence.shifted(block.start)):
            _append(text, sentences, piece)
    return sentences


def _append(text: str, sentences: list[Span], piece: Span) -> None:
    """Add a piece: marks that close the sentence before it go there, a stump takes it in."""
    if sentences and (note := _REFERENCE.match(text, sentences[-1].end, piece.end)):
        sentences[-1] = Span(sentences[-1].start, note.end())
        piece = trim(text, Span(note.end(), piece.end))
    if sentences and sentences[-1].end == piece.start:
        closing = _CLOSING_MARKS.match(text, piece.start, piece.end)
        if closing:
            sentences[-1] = Span(sentences[-1].start, closing.end())
            piece = trim(text, Span(closing.end(), piece.end))
    quoted = _QUOTE_LEAD.match(text, piece.start, piece.end) if sentences else None
    piece = trim(text, Span(quoted.end() if quoted else piece.start, piece.end))
    if not len(piece):
        return
    is_meaning = text.startswith((": ", ":\t"), piece.start)  # of the term before it
    if sentences and (is_meaning or _is_stump(text, sentences[-1])):
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
