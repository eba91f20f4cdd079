"""Blocks of text as HTML: our own few elements, every character escaped, marks exactly placed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from ibid.text import escape
from ibid.types import Span
from ibid.ui.panes.blocks import Block, Kind
from ibid.ui.panes.inline import Piece, Tag, read_inline


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text that is shown as special."""

    span: Span
    tag: Tag
    after: str = ""
    """HTML that stands right behind it."""


def write_blocks(text: str, blocks: Iterable[Block], marks: Sequence[Mark] = ()) -> str:
    """Return the HTML of `blocks`; where marks overlap, the first one counts."""
    return "\n".join(_write_groups(text, blocks, marks))


def _write_groups(text: str, blocks: Iterable[Block], marks: Sequence[Mark]) -> Iterator[str]:
    for is_list, group in groupby(blocks, key=lambda block: block.kind is Kind.ITEM):
        if is_list:
            yield f"<ul>{''.join(_write_item(text, block, marks) for block in group)}</ul>"
        else:
            yield from (_write_block(text, block, marks) for block in group)


def _write_item(text: str, block: Block, marks: Sequence[Mark]) -> str:
    kind = f' data-marker="{escape(block.marker)}"' if block.marker else ""
    return f'<li class="depth-{block.level}"{kind}>{_write_words(text, block, marks)}</li>'


def _write_block(text: str, block: Block, marks: Sequence[Mark]) -> str:
    match block.kind:
        case Kind.HEADING:
            return f"<h{block.level}>{_write_words(text, block, marks)}</h{block.level}>"
        case Kind.QUOTE:
            return f"<blockquote>{_write_words(text, block, marks)}</blockquote>"
        case Kind.CODE | Kind.TABLE:
            return f'<pre tabindex="0">{_write_verbatim(text, block, marks)}</pre>'
        case Kind.RULE:
            return "<hr>"
        case Kind.FRONT_MATTER:
            shown = _write_verbatim(text, block, marks)
            return f"<details><summary>Front matter</summary><pre>{shown}</pre></details>"
        case _:
            return f"<p>{_write_words(text, block, marks)}</p>"


def _write_words(text: str, block: Block, marks: Sequence[Mark]) -> str:
    pieces = [list(read_inline(text, span)) for span in block.spans]
    return " ".join(_write_line(text, line, span, marks) for line, span in _pair(pieces, block))


def _write_verbatim(text: str, block: Block, marks: Sequence[Mark]) -> str:
    return "\n".join(_write_line(text, [Piece(span)], span, marks) for span in block.spans)


def _pair(pieces: list[list[Piece]], block: Block) -> Iterator[tuple[list[Piece], Span]]:
    return zip(pieces, block.spans, strict=True)


def _write_line(text: str, pieces: Sequence[Piece], span: Span, marks: Sequence[Mark]) -> str:
    """Return the HTML of the pieces of one span, cut where a mark begins or ends."""
    here = [mark for mark in marks if mark.span.overlaps(span)]
    ending = sorted((mark for mark in here if mark.span.end <= span.end), key=lambda m: m.span.end)
    html = ""
    for piece in _cut(pieces, here):
        while ending and ending[0].span.end <= piece.span.start:
            html += ending.pop(0).after
        html += _write_piece(text, piece, here)
    return html + "".join(mark.after for mark in ending)


def _cut(pieces: Iterable[Piece], marks: Sequence[Mark]) -> Iterator[Piece]:
    edges = sorted({edge for mark in marks for edge in (mark.span.start, mark.span.end)})
    for piece in pieces:
        inner = [edge for edge in edges if piece.span.start < edge < piece.span.end]
        ends = [piece.span.start, *inner, piece.span.end]
        for start, end in pairwise(ends):
            yield Piece(Span(start, end), piece.tags)


def _write_piece(text: str, piece: Piece, marks: Sequence[Mark]) -> str:
    mark = next((mark for mark in marks if mark.span.overlaps(piece.span)), None)
    tags = (mark.tag, *piece.tags) if mark else piece.tags
    opening = "".join(tag.opening for tag in tags)
    closing = "".join(tag.closing for tag in reversed(tags))
    return f"{opening}{escape(piece.span.of(text))}{closing}"
