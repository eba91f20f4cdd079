"""What stands before a sentence that cannot be read without it: the line or heading above it."""

import re
from collections.abc import Sequence

from ibid.english import (
    FEWEST_WORDS,
    is_statement,
    is_stump,
    is_whole,
    leans,
    says_yes_or_no,
)
from ibid.text import count_words, find_list, find_lists
from ibid.types import Passage, Span

_PICTURE = re.compile(r"!\[[^\n]*\](?:\([^\n]*\))?")

_LEADS = re.compile(r"\w[^\n]*[:：][\s*_]*\Z")
"""How a sentence ends that leads to what stands below it."""

_MARKER = re.compile(r"(?:[-*+•–]|\(?\d{1,3}[.)])[ \t]+\Z")
"""Of an item of a list, before its text."""

_HEADING = re.compile(r"(?P<heading>[^\s#=-][^\n]*?)\s*(?:\n[=-]+)?\s*(?:A\d*[:.]\s*)?\Z")
"""The last line before a sentence."""


def find_asserted(
    passage: Passage, number: int, sentence: str, text: str, *, follows: bool, is_led: bool
) -> Span | None:
    """Return what of an article has to be quoted for a sentence to assert something by itself.

    "Yes" and "No" answer the question before them, and a short line says something of that or of
    its heading only; one that `is_led` to is quoted behind what leads to it. None where it is no
    evidence at all, as what a picture is called.
    """
    span = passage.sentences[number]
    if _PICTURE.fullmatch(text, max(span.start - 1, 0), span.end):
        return None
    is_short = is_stump(sentence)
    if is_short and is_led and not follows:
        return span
    if says_yes_or_no(sentence) or (is_short and not is_whole(sentence)):
        if number and follows:
            return Span(passage.sentences[number - 1].start, span.end)
        heading = find_heading(passage, span.start, text)
        if heading and (is_short or follows):
            return Span(heading.start, span.end)
    says = is_statement(sentence) or (is_short and is_whole(sentence))
    return span if says else None


def find_heading(passage: Passage, place: int, text: str) -> Span | None:
    """Return the heading right above a place of a passage, None where something is between."""
    is_first = place <= passage.sentences[0].start
    marker = _MARKER.search(text, passage.span.start, place)
    place = marker.start() if marker else place
    heading = _HEADING.search(text, passage.span.start, place) if is_first else None
    return Span(*heading.span("heading")) if heading else None


def find_lead_ins(passage: Passage, text: str) -> dict[int, range]:
    """Return which sentences lead to each that is led to, all by their numbers.

    A line with a colon at its end leads to the items of the list below it, or to what follows it;
    one that says nothing by itself (`These include:`, `Because:`) together with what is before it.
    """
    sentences = passage.sentences
    leading = {number for number, span in enumerate(sentences) if _LEADS.search(span.of(text))}
    led = {number + 1: _with_opening(number, sentences, text) for number in leading}
    for place in find_lists(text, passage.span) if leading else ():
        start, end = place.span.start, place.span.end
        inside = [n for n, span in enumerate(sentences) if start <= span.start < end]
        if inside and inside[0] in led:
            led.update(dict.fromkeys(inside, led[inside[0]]))
    return {number: lead_in for number, lead_in in led.items() if number not in leading}


def find_opening_list(passage: Passage, text: str, *, is_numbered: bool | None = None) -> range:
    """Return the numbers of the sentences of the list that a passage opens with, if it does.

    With `is_numbered`, only of a list that is, or is not.
    """
    place = find_list(text, passage.span, passage.sentences[0].start)
    if not place or is_numbered not in (None, place.is_numbered):
        return range(0)
    return range(sum(span.start < place.span.end for span in passage.sentences))


def _with_opening(number: int, sentences: Sequence[Span], text: str) -> range:
    lead_in, before = sentences[number].of(text), sentences[max(number - 1, 0)]
    is_short = leans(lead_in) or count_words(lead_in) < FEWEST_WORDS
    return range(number - (is_short and not is_apart(before, sentences[number], text)), number + 1)


def is_apart(first: Span, second: Span, text: str) -> bool:
    """Tell whether one place of a text is not right before another, in the same paragraph."""
    return first.end > second.start or Span(first.end, second.start).of(text).count("\n") > 1
