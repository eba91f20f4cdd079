"""Where the sentences of an article stand, whatever Markdown surrounds them."""

import re
from collections.abc import Iterator

from ibid.text import split_sentences, trim
from ibid.types import Span

_MARKER = r"(?:[-*+•–][ \t]+|\(?\d{1,3}[.)][ \t]+|#{1,6}[ \t]+|>[ \t]?|\|[ \t]*)"
_LEAD = re.compile(rf"[ \t]*{_MARKER}*(?:[AQ]\d{{0,2}}[:.][ \t]+)?(?:\*\*A\d{{0,2}}:\*\*[ \t]+)?")
_BLOCK_BREAK = re.compile(
    rf"(?:\r\n|\r|\n)(?=[ \t]*(?:\r\n|\r|\n|\Z)|[ \t]*{_MARKER}|[ \t]*(?:```|~~~))"
)
_FENCE = re.compile(
    r"^[ ]{0,3}(?P<fence>`{3,}|~{3,})[^\r\n]*$.*?(?:^[ ]{0,3}(?P=fence)[`~]*[ \t]*$|\Z)",
    re.M | re.S,
)
_NOTE_AFTER_END = re.compile(r"(?<=[.!?])[ \t]+(?=[\[(])")

_FEWEST_WORDS = 3
"""A shorter sentence (`No.`) is quoted together with the one behind it."""


def find_sentences(text: str, within: Span) -> tuple[Span, ...]:
    """Return the sentences of `text` inside `within`, in order, none overlapping.

    List markers and the `A:` of an answer stay outside; a fenced block of code is one sentence.
    """
    found: list[Span] = []
    for block in _find_blocks(text, within):
        if text.startswith(("```", "~~~"), block.start):
            found.append(block)
        else:
            found.extend(_find_in_block(text, block))
    return tuple(found)


def _find_blocks(text: str, within: Span) -> Iterator[Span]:
    """Yield paragraphs, list items and fences, without the markers before them."""
    start = within.start
    for fence in _FENCE.finditer(text, within.start, within.end):
        yield from _find_paragraphs(text, Span(start, fence.start()))
        yield trim(text, Span(*fence.span()))
        start = fence.end()
    yield from _find_paragraphs(text, Span(start, within.end))


def _find_paragraphs(text: str, within: Span) -> Iterator[Span]:
    start = within.start
    breaks = [found.end() for found in _BLOCK_BREAK.finditer(text, within.start, within.end)]
    for end in (*breaks, within.end):
        lead = _LEAD.match(text, start, end)
        block = trim(text, Span(lead.end() if lead else start, end))
        if len(block):
            yield block
        start = end


def _find_in_block(text: str, block: Span) -> list[Span]:
    sentences: list[Span] = []
    for sentence in split_sentences(block.of(text)):
        sentences.extend(_split_off_notes(text, sentence.shifted(block.start)))
    return _join_fragments(text, sentences)


def _split_off_notes(text: str, sentence: Span) -> list[Span]:
    """Part a finished sentence from the bracketed note behind it (`… pipelines. [Source: …]`)."""
    cuts = [note.start() for note in _NOTE_AFTER_END.finditer(text, sentence.start, sentence.end)]
    edges = [sentence.start, *cuts, sentence.end]
    pieces = (trim(text, Span(a, b)) for a, b in zip(edges, edges[1:], strict=False))
    return [piece for piece in pieces if len(piece)]


def _join_fragments(text: str, sentences: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for sentence in sentences:
        if joined and len(joined[-1].of(text).split()) < _FEWEST_WORDS:
            joined[-1] = Span(joined[-1].start, sentence.end)
        else:
            joined.append(sentence)
    return joined
