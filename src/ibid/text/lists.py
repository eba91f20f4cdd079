"""Where the items of a list stand in an article, so that a list can be given whole."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ibid.text.strings import LINE_END
from ibid.types import Span

_ITEM = re.compile(r"(?P<indent>[ \t]*)(?:[-*+•–]|\(?\d{1,3}[.)])[ \t]+(?=\S)")
_NUMBERED = re.compile(r"\s*\(?\d")
_INDENTED = re.compile(r"[ \t]{2,}\S|\t")


@dataclass(frozen=True, slots=True)
class List:
    """A list of an article."""

    lead_in: str
    """The line before it (`The challenges are:`), empty without one."""
    items: tuple[Span, ...]
    """Each from its marker to the last line that belongs to it, nested items included."""

    is_numbered: bool = False

    @property
    def span(self) -> Span:
        return Span(self.items[0].start, self.items[-1].end)


def find_list(text: str, within: Span, place: int) -> List | None:
    """Return the list that the character at `place` is in, of those that stand in `within`."""
    nearest = next(
        (candidate for candidate in find_lists(text, within) if place < candidate.span.end), None
    )
    return nearest if nearest and any(i.start <= place < i.end for i in nearest.items) else None


def find_lists(text: str, within: Span) -> list[List]:
    """Return the lists of two items or more that stand in a part of a text, in order."""
    lists: list[tuple[str, list[Span]]] = []
    """Lead-ins, and the items below them."""
    before, depth, is_open, after_blank = "", 0, False, False
    for line in _lines(text, within):
        content = line.of(text)
        item = _ITEM.match(content)
        if not content.strip():
            after_blank = True
            continue
        if item and not (is_open and len(item["indent"]) > depth):
            if is_open and len(item["indent"]) == depth:
                lists[-1][1].append(line)
            else:
                lists.append((before, [line]))
                depth, is_open = len(item["indent"]), True
        elif is_open and (item or _INDENTED.match(content) or not after_blank):
            items = lists[-1][1]
            items[-1] = Span(items[-1].start, line.end)
        else:
            is_open = False
        before, after_blank = content.strip(), False
    return [
        List(lead_in, tuple(items), _NUMBERED.match(items[0].of(text)) is not None)
        for lead_in, items in lists
        if len(items) > 1
    ]


def _lines(text: str, within: Span) -> Sequence[Span]:
    ends = [match.end() for match in LINE_END.finditer(text, within.start, within.end)]
    starts = [within.start, *ends]
    return [Span(start, end) for start, end in zip(starts, [*ends, within.end], strict=True)]
