"""What stands at the edge of every page, and is no part of the text: heads, feet and numbers."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

_FEWEST_PAGES = 3
"""That have a line which counts as a running head; on two it may be chance …"""

_FEWEST_NUMBERED = 2
"""… unless each time it holds the number of its page."""

_EDGE = 2
"""Lines at the top and at the bottom of a page that may be one."""

_MOST_WORDS = 12
_NUMBER = re.compile(r"(?<![\w.,])\d{1,4}(?![\w,]|\.\d)")
_ROMAN = re.compile(r"[-–—|·\s]*[ivxlc]{1,7}[-–—|·\s]*", re.IGNORECASE)
_BARE = re.compile(
    r"[\W_]*(?:page|seite|p\.)?[\W_]*#[\W_]*(?:(?:of|von|de|/)?[\W_]*\d+)?[\W_]*", re.I
)


def drop_running_heads(pages: Sequence[str]) -> tuple[list[str], int]:
    """Return the pages without the lines that repeat at their edges, and how many those were.

    A line counts where several pages have it at the same edge, but for the number of the page.
    The first page keeps its words: its title may be the head of all others.
    """
    lines = [page.split("\n") for page in pages]
    offset = _find_offset(lines)
    counts = Counter(
        (is_top, _shape(line, index, offset))
        for index, page in enumerate(lines)
        for is_top, line in _edges(page)
    )
    repeated = {
        (is_top, shape)
        for (is_top, shape), count in counts.items()
        if count >= (_FEWEST_NUMBERED if "#" in shape else _FEWEST_PAGES)
    }
    bodies = [_without_edges(page, index, offset, repeated) for index, page in enumerate(lines)]
    dropped = sum(map(len, lines)) - sum(map(len, bodies))
    return ["\n".join(page) for page in bodies], dropped


def _without_edges(
    page: list[str], index: int, offset: int | None, repeated: set[tuple[bool, str]]
) -> list[str]:
    """Return the lines of a page without its outermost ones, as long as they are running heads."""
    filled = [number for number, line in enumerate(page) if line.strip()]
    heads = set[int]()
    for is_top, edge in ((True, filled[:_EDGE]), (False, filled[: -_EDGE - 1 : -1])):
        for number in edge:
            shape = _shape(page[number], index, offset)
            if not _is_head(shape, index, is_repeated=(is_top, shape) in repeated):
                break
            heads.add(number)
    return [line for number, line in enumerate(page) if number not in heads]


def _is_head(shape: str, index: int, *, is_repeated: bool) -> bool:
    if len(shape.split()) > _MOST_WORDS or not is_repeated:
        return False
    return index > 0 or bool(_BARE.fullmatch(shape))


def _shape(line: str, index: int, offset: int | None) -> str:
    """Return what pages may share of a line: `#` stands for the number of the page."""
    text = " ".join(line.split()).casefold()
    if _ROMAN.fullmatch(text):
        return "#"
    if offset is None:
        return text
    return _NUMBER.sub(lambda number: "#" if int(number[0]) == index + offset else number[0], text)


def _find_offset(pages: Sequence[Sequence[str]]) -> int | None:
    """Return by how much the printed numbers are ahead of the count of pages, if there are any."""
    votes = Counter(
        offset
        for index, page in enumerate(pages)
        for offset in {int(n) - index for _, line in _edges(page) for n in _NUMBER.findall(line)}
    )
    offset, count = max(votes.items(), key=lambda vote: vote[1], default=(0, 0))
    return offset if count >= max(_FEWEST_PAGES, len(pages) / 3) else None


def _edges(page: Sequence[str]) -> Iterator[tuple[bool, str]]:
    """Yield the outer lines of a page that have text, each with whether it is at the top."""
    filled = [line for line in page if line.strip()]
    yield from ((True, line) for line in filled[:_EDGE])
    yield from ((False, line) for line in filled[max(_EDGE, len(filled) - _EDGE) :])
