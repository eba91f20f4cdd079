"""What an article says about itself without a fence around it.

Header lines at its top (Pelican, MultiMarkdown, Pandoc, Nikola, Hexo, Logseq), and properties in
its text (Notion, Readwise, Dataview).
"""

import re
from dataclasses import dataclass
from typing import cast

from ibid.reading.metadata import KNOWN, SPACED, Values, key_of
from ibid.text import LINE_END

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_KEY = r"\**(?P<key>[A-Za-z][\w .-]{0,30}?)\**"
_PAIR = re.compile(rf"(?:\.\.[ \t]+|[-*][ \t]+)?{_KEY}::?\**(?:[ \t]+(?P<value>\S.*))?$")
_FIELD = re.compile(rf"(?<![^\r\n])[ \t]*(?:[-*>][ \t]+)?{_KEY}::\**[ \t]+(?P<value>[^\r\n]+)")
_GOES_ON = re.compile(r"[ \t]+\S|-[ \t]+\S")
_RULE = re.compile(r"(?:---|\.\.\.|;;;)[ \t]*$")
_COMMENT = re.compile(r"<!--[ \t]*$")
_TITLE_LINE = re.compile(r"#[ \t]+\S")
_METADATA = re.compile(r"(?<![^\r\n])#{1,6}[ \t]+Metadata[ \t]*(?:\r\n|\r|\n)", re.IGNORECASE)
_MOST_LINES = 60


@dataclass(frozen=True, slots=True)
class Header:
    """What stands at the top of a text about it, and where that ends."""

    end: int
    values: Values


def find_header(head: str) -> Header | None:
    """Return the header lines at the top of a text, None where it begins otherwise.

    `Title: …` lines, or `% title` of Pandoc; they end with a blank line or a rule.
    """
    lines = _lines(head)
    while lines and not lines[0][1].strip("\ufeff \t"):
        lines.pop(0)
    if not lines:
        return None
    first = lines[0][1].lstrip("\ufeff")
    if re.match(r"%[ \t]", first):
        return _read_pandoc(lines)
    commented = _COMMENT.match(first) is not None
    block, end = _block(lines[commented:], "-->" if commented else "")
    values = _pairs(block)
    keys = values.keys() & KNOWN if values else ()
    is_header = len(keys) > 1 or (len(keys) == 1 and "title" in keys)
    return Header(end, values) if values and is_header else None


def find_properties(text: str, body: int) -> Values:
    """Return what the text from `body` on says about itself as Notion, Readwise and Dataview do.

    Lines of properties under its title, a list under `Metadata`, and fields such as `author:: Ann`.
    """
    head = text[body : body + (1 << 16)]
    values = dict[str, object]()
    lines = _lines(head)
    while lines and not lines[0][1].strip("\ufeff \t"):
        lines.pop(0)
    if lines and _TITLE_LINE.match(lines[0][1].lstrip("\ufeff")):
        below = [line for line in lines[1:3] if not line[1].strip()]
        block, _ = _block(lines[1 + len(below) :], "")
        properties = _pairs(block)
        values |= properties if properties.keys() & (KNOWN - {"summary", "abstract"}) else {}
    if heading := _METADATA.search(head):
        block, _ = _block(_lines(head[heading.end() :]), "")
        values |= _pairs(block)
    if "::" in head:
        for field in _FIELD.finditer(head):
            if key_of(field["key"]) in KNOWN:
                values.setdefault(key_of(field["key"]), field["value"].strip())
    return values


def _lines(text: str) -> list[tuple[int, str]]:
    """Return the first lines of a text, each with where the next one begins."""
    lines = list[tuple[int, str]]()
    for match in _LINE.finditer(text):
        lines.append((match.end(), LINE_END.sub("", match[0])))
        if len(lines) > _MOST_LINES or match.end() == len(text):
            break
    return lines


def _block(lines: list[tuple[int, str]], close: str) -> tuple[list[str], int]:
    """Return the lines up to a blank one, a rule or `close`, and where the text goes on."""
    ends = (number for number, (_, line) in enumerate(lines) if number and _closes(line, close))
    stop = next(ends, len(lines))
    behind = stop + 1
    while behind < len(lines) and not lines[behind][1].strip():
        behind += 1
    last = lines[: min(behind, len(lines))][-1:]
    return [line for _, line in lines[:stop]], last[0][0] if last else 0


def _closes(line: str, close: str) -> bool:
    return line.strip() == close or (not close and _RULE.match(line) is not None)


def _pairs(block: list[str]) -> dict[str, object]:
    """Return the values of `key: value` lines, nothing where a line is none of these."""
    values, key = dict[str, object](), ""
    for line in block:
        if pair := _PAIR.match(line):
            key = key_of(pair["key"])
            values.setdefault(key, _value(key, pair["value"] or ""))
        elif key and _GOES_ON.match(line):
            values[key] = _longer(values[key], line.strip())
        else:
            return {}
    return values


def _value(key: str, value: str) -> object:
    """Return a value; one tag of several words is one tag here, unlike in YAML."""
    is_one = key in SPACED and value and not re.search(r"[,;#]|\[\[", value)
    return [value] if is_one else value


def _longer(before: object, line: str) -> object:
    """Return a value with a line more: an item of a list, or more words."""
    if line.startswith("- "):
        items = cast("list[object]", before) if isinstance(before, list) else []
        return [*items, line[2:].strip()]
    return f"{before} {line}".strip()


def _read_pandoc(lines: list[tuple[int, str]]) -> Header:
    """Return title, authors and date as Pandoc has them: `%` lines, each going on when indented."""
    names, values, end = iter(("title", "author", "date")), dict[str, object](), 0
    name = ""
    for after, line in lines:
        bare = line.lstrip("\ufeff")
        if bare.startswith("%"):
            name = next(names, "")
            if not name:
                break
            values[name] = bare[1:].strip()
        elif name and line.startswith((" ", "\t")) and line.strip():
            joint = "; " if name == "author" else " "
            values[name] = f"{values[name]}{joint}{line.strip()}"
        elif line.strip():
            break
        end = after
    return Header(end, values)
