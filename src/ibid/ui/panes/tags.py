"""HTML that stands in Markdown: a few elements without attributes pass, all else is text."""

import html
import re
from collections.abc import Iterator

_TAG = re.compile(r"<!--.*?-->|<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s[^<>]*)?)/?>", re.DOTALL)
_VALUE = re.compile(r"""\b(src|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)

WORDS = frozenset("b strong i em u s del ins sub sup kbd code small cite q var samp abbr".split())
BLOCKS = frozenset(
    "p div details summary table thead tbody tr th td caption ul ol li dl dt dd blockquote pre "
    "h1 h2 h3 h4 h5 h6 figure figcaption section article".split()
)
ALONE = frozenset("br hr wbr".split())
_SILENT = frozenset("a span font picture source center mark nobr tt big address time bdi".split())
"""What they hold is shown, they are not."""


def split(text: str) -> Iterator[tuple[int, int, re.Match[str] | None]]:
    """Yield where text and tags are, in order."""
    end = 0
    for tag in _TAG.finditer(text):
        if tag.start() > end:
            yield end, tag.start(), None
        yield tag.start(), tag.end(), tag
        end = tag.end()
    if len(text) > end:
        yield end, len(text), None


def name_of(tag: re.Match[str], *, inline: bool) -> str | None:
    """Return the element of a tag that passes, "" for one that says nothing, None for text."""
    name = (tag[2] or "").lower()
    if name in WORDS | ALONE | {"img"} or (name in BLOCKS and not inline):
        return name
    return "" if name in _SILENT | BLOCKS or tag[0].startswith("<!--") else None


def picture_of(tag: re.Match[str]) -> tuple[str, str]:
    """Return the address and the words of a picture."""
    values = {
        name.lower(): double or single or bare
        for name, double, single, bare in _VALUE.findall(tag[3])
    }
    return html.unescape(values.get("src", "")), html.unescape(values.get("alt", ""))
