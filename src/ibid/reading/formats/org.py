"""Org files: headings by orgparse, the marks of the text as Markdown has them."""

import re
from bisect import bisect_right
from collections import defaultdict
from typing import Any

from ibid.reading.decoding import decode
from ibid.reading.formats.extracted import Extracted, assemble, read_meta

_TITLE_KEYS = ("title", "author", "date", "description", "keywords", "filetags")
_BEGIN = re.compile(
    r"[ \t]*(?:#\+begin_(?P<kind>\w+)(?P<rest>.*)|:(?P<drawer>[\w-]+):[ \t]*$)", re.IGNORECASE
)
_END = re.compile(r"[ \t]*(?:#\+end_(?P<kind>\w+)|:(?P<drawer>end):)[ \t]*$", re.IGNORECASE)
_UNSEEN = re.compile(
    r"^[ \t]*(?:\#(?:\+(?!caption)\w+\S*:?[^\n]*|[ \t][^\n]*|)"
    r"|(?:SCHEDULED|DEADLINE|CLOSED|CLOCK):[^\n]*)$\n?",
    re.MULTILINE | re.IGNORECASE,
)
_CAPTION = re.compile(r"^[ \t]*#\+caption(?:\[[^\]\n]*\])?:[ \t]*", re.MULTILINE | re.IGNORECASE)
_PICTURE = re.compile(r"\[\[[^\[\]\n]+\.(?:png|jpe?g|gif|svg|webp)\]\]", re.IGNORECASE)
_LINK = re.compile(r"\[\[(?P<target>[^\[\]\n]+)\](?:\[(?P<words>[^\[\]]+)\])?\]")
_EMPHASIS = re.compile(
    r"(?<![\w*/_=~+])(?:(?P<ticks>[=~])(?=\S)(?P<code>(?:(?!(?P=ticks))[^\n])+)(?<=\S)(?P=ticks)"
    r"|(?P<mark>[*/_+])(?=\S)(?P<text>[^\n*/_=~+]+)(?<=\S)(?P=mark))(?![\w*/_=~+])"
)
_RULE = re.compile(r"^([ \t]*\|[-+]+\|?)[ \t]*$", re.MULTILINE)
_NOTE = re.compile(r"\[fn:([\w-]+)\]")
_NUMBERED = re.compile(r"^([ \t]*)(\d+)\)(?=[ \t])", re.MULTILINE)


def extract_org(raw: bytes) -> Extracted:
    """Return the text of an .org file. Raises ArticleUnreadable."""
    import orgparse

    decoded = decode(raw)
    root: Any = orgparse.loads(decoded.text.removeprefix("\ufeff").replace("\r\n", "\n"))
    properties = {key: " ".join(root.get_file_property_list(key)) for key in _TITLE_KEYS}
    meta = read_meta(
        title=properties["title"],
        author=properties["author"],
        date=properties["date"].strip("<>[]"),
        description=properties["description"],
        keywords=properties["keywords"],
        tags=[tag for tag in properties["filetags"].replace(":", " ").split() if tag],
    )
    blocks = [_read_node(node) for node in root if not _is_hidden(node)]
    return assemble((("", block) for block in blocks), meta, decoded.warnings)


def _is_hidden(node: Any) -> bool:
    """Tell whether a heading is a comment, or in one that is: Org shows it to its author only."""
    while not node.is_root():
        if node.get_heading(format="raw").startswith("COMMENT ") or "noexport" in node.shallow_tags:
            return True
        node = node.parent
    return False


def _read_node(node: Any) -> str:
    body = _read_body(node.get_body(format="raw"))
    if node.is_root():
        return body
    heading = _read_inline(node.get_heading(format="raw")).strip()
    return f"{'#' * min(node.level, 6)} {heading}\n\n{body}"


def _read_body(body: str) -> str:
    """Return the text below a heading, its code in fences and the rest without Org's marks."""
    lines = body.split("\n")
    ends = defaultdict[str, list[int]](list)
    for number, line in enumerate(lines):
        if end := _END.match(line):
            ends[(end["kind"] or "").lower()].append(number)
    pieces, start = list[str](), 0
    for number, line in enumerate(lines):
        begin = _BEGIN.match(line) if number >= start else None
        places = ends[(begin["kind"] or "").lower()] if begin else []
        place = bisect_right(places, number)
        if begin and place < len(places):
            inner = "\n".join(lines[number + 1 : places[place]])
            pieces += (_read_text("\n".join(lines[start:number])), _read_block(begin, inner))
            start = places[place] + 1
    pieces.append(_read_text("\n".join(lines[start:])))
    return "\n\n".join(piece.strip("\n") for piece in pieces if piece.strip())


def _read_block(begin: re.Match[str], text: str) -> str:
    """Return a block as Markdown has it, nothing for a drawer or what is not for readers."""
    kind = (begin["kind"] or "").lower()
    if kind in ("", "comment", "export"):
        return ""
    if kind == "quote":
        return "\n".join(f"> {line.strip()}" for line in _read_text(text).splitlines())
    if kind in ("src", "example"):
        language = begin["rest"].split()[:1] if kind == "src" else []
        return f"```{''.join(language)}\n{text}\n```"
    return _read_text(text)


def _read_text(text: str) -> str:
    text = _UNSEEN.sub("", _PICTURE.sub("", text))
    text = _RULE.sub(lambda rule: rule[1].replace("+", "|"), _CAPTION.sub("", text))
    return _read_inline(_NUMBERED.sub(r"\1\2.", text))


def _read_inline(text: str) -> str:
    """Return text without the marks of links, emphasis and notes; code has ticks."""
    text = _LINK.sub(lambda link: link["words"] or link["target"], text)
    text = _NOTE.sub(r"[^\1]", text)
    return _EMPHASIS.sub(lambda match: match["text"] or f"`{match['code']}`", text)
