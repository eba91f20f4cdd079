"""Markdown as HTML: our own few elements, every character escaped, marks exactly placed."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import groupby, islice

from markdown_it.token import Token

from ibid.text import escape
from ibid.types import Span
from ibid.ui.panes import tags
from ibid.ui.panes.formulas import write_formula
from ibid.ui.panes.places import parse

_TITLE, _LOWEST_HEADING = 2, 6
"""The heading above an article in the pane, and the lowest there is."""

_FRAMES = frozenset(("thead", "tbody", "tr"))
_DONE = {"[ ] ": "", "[x] ": " checked", "[X] ": " checked"}
_CALLOUT = re.compile(r"\[!(?P<kind>[\w-]{1,40})(?:\|[^\[\]\n]*)?\][+-]?(?![(\[:])[ \t]*")


@dataclass(frozen=True, slots=True)
class Tag:
    """An HTML element that words are set in; `title` is what it shows when pointed at."""

    name: str
    css: str = ""
    title: str = ""

    @property
    def opening(self) -> str:
        css = f' class="{self.css}"' if self.css else ""
        title = f' title="{escape(self.title)}"' if self.title else ""
        return f"<{self.name}{css}{title}>"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text that is shown as special."""

    span: Span
    tag: Tag
    after: str = ""
    """HTML that stands right behind it."""


def write_markdown(
    source: str,
    within: Span,
    marks: Sequence[Mark] = (),
    titles: Mapping[int, Span] | None = None,
    picture: Callable[[str], str] = lambda _: "",
) -> str:
    """Return the HTML of a part of a text; where marks overlap, the first one counts.

    `titles` are the headings that are paragraphs to Markdown, by where they begin; `picture`
    returns the address of a picture that may be shown, "" for others.
    """
    page = _Page(marks, titles or {}, picture)
    for token in parse(source, within):
        page.write(token)
    return page.finish()


def _skip(line: Token, length: int) -> None:
    """Leave out the first characters of a line."""
    for token in line.children or ():
        cut = min(length, len(token.content))
        token.content, token.meta["at"] = token.content[cut:], token.meta.get("at", ())[cut:]
        length -= cut


@dataclass
class _Page:
    """HTML as it grows: what is open is closed in order, whatever tags an article leaves open."""

    marks: Sequence[Mark]
    titles: Mapping[int, Span]
    picture: Callable[[str], str]
    html: list[str] = field(default_factory=list[str])
    open: list[tuple[str, bool]] = field(default_factory=list[tuple[str, bool]])
    """Elements, and whether the article wrote their tags."""
    heading: str = ""
    level: int = _TITLE
    """Of the last heading: the next is at most one below it, whatever its article skips."""

    def __post_init__(self) -> None:
        self.after = sorted((m for m in self.marks if m.after), key=lambda m: m.span.end)

    def finish(self) -> str:
        while self.open:
            self._close(self.open[-1][0])
        return "".join((*self.html, *(mark.after for mark in self.after)))

    def write(self, token: Token) -> None:
        """Write a block, or where one begins or ends."""
        match token.type:
            case "inline":
                self._write_line(token)
                self._write_after(max(token.meta["at"], default=-1) + 1)
            case "fence" | "code_block":
                self._enclose("pre", token, ' tabindex="0" dir="ltr"')
            case "html_block":
                self._write_html(token, inline=False)
            case "math_block" | "math_block_label":
                self._write_formula(token, block=True)
            case "hr":
                self.html.append("<hr>")
            case _ if token.nesting > 0:
                self._begin(token)
            case _ if not token.hidden:
                self._end(token)
            case _:
                pass

    def _begin(self, token: Token) -> None:
        if token.hidden:
            return
        name = token.tag or "aside"
        attributes = "" if name in _FRAMES else ' dir="auto"'
        if token.type == "heading_open":
            name = self._name_heading(int(name[1]) + _TITLE)
        elif token.type == "paragraph_open" and token.meta["start"] in self.titles:
            name = self.heading = self._name_heading(_LOWEST_HEADING - 1)
        elif token.type == "table_open":
            self.html.append('<div class="grid" tabindex="0">')
        elif token.type == "ordered_list_open":
            attributes += f' start="{int(token.attrs.get("start", 1))}"'
        elif token.type in ("th_open", "td_open"):
            attributes += f' class="{str(token.attrs.get("style", "")).rpartition(":")[2]}"'
        self._open(name, attributes)
        if token.type == "footnote_reference_open":
            self.html.append(f"<sup>{escape(str(token.meta['label']))}</sup> ")

    def _name_heading(self, level: int) -> str:
        self.level = min(level, self.level + 1, _LOWEST_HEADING)
        return f"h{self.level}"

    def _end(self, token: Token) -> None:
        name = token.tag or "aside"
        if token.type == "heading_close":
            name = f"h{self.level}"
        elif token.type == "paragraph_close" and self.heading:
            name, self.heading = self.heading, ""
        self._close(name)
        if token.type == "table_close":
            self.html.append("</div>")

    def _write_line(self, line: Token) -> None:
        """Write what stands in a block."""
        if line.content[:4] in _DONE and self.open and self.open[-1][0] == "li":
            self.html.append(f'<input type="checkbox" disabled{_DONE[line.content[:4]]}> ')
            _skip(line, 4)
        self._write_callout(line)
        for token in line.children or ():
            self._write_piece(token)

    def _write_piece(self, token: Token) -> None:
        match token.type:
            case "text" | "text_special":
                self._write_text(token.content, token.meta["at"])
            case "softbreak" | "hardbreak":
                self.html.append("<br>" * (token.type == "hardbreak"))
                self._write_text("\n", token.meta["at"])
            case "code_inline":
                self._enclose("code", token, ' dir="ltr"')
            case "math_inline" | "math_inline_double":
                self._write_formula(token, block=token.type.endswith("double"))
            case "image":
                self._write_picture(str(token.attrs["src"]), token.content, token.meta["at"])
            case "html_inline":
                self._write_html(token, inline=True)
            case _:
                self._write_edge(token)

    def _write_edge(self, token: Token) -> None:
        """Write where an element begins or ends; no address becomes a link."""
        if token.type == "footnote_ref":
            self.html.append(f"<sup>{escape(str(token.meta['label']))}</sup>")
        elif token.type == "link_open":
            title = escape(str(token.attrs.get("href", "")))
            self._open("span", f' class="link" title="{title}"' if title else "")
        elif token.nesting > 0:
            self._open(token.tag)
        else:
            self._close("span" if token.type == "link_close" else token.tag)

    def _write_callout(self, line: Token) -> None:
        """Write the kind of a callout, `> [!note] Title`, and leave its title a line of its own."""
        is_first = [tag.partition(" ")[0] for tag in self.html[-2:]] == ["<blockquote", "<p"]
        if not is_first or not (callout := _CALLOUT.match(line.content)):
            return
        kind = callout["kind"].replace("-", " ").capitalize()
        self.html.append(f'<strong class="kind">{escape(kind)}</strong> ')
        _skip(line, callout.end())
        below = (token for token in line.children or () if token.type == "softbreak")
        for token in islice(below, 1):
            token.type = "hardbreak"

    def _enclose(self, name: str, token: Token, attributes: str = "") -> None:
        self._open(name, attributes)
        self._write_text(token.content, token.meta["at"])
        self._close(name)

    def _write_text(self, text: str, at: Sequence[int]) -> None:
        """Write characters, cut where a mark begins or ends."""
        near = [m for m in self.marks if at and m.span.start <= at[-1] and m.span.end > at[0]]
        if not near:
            self._write_after(at[0] if at else 0)
            return self.html.append(escape(text))
        for mark, group in groupby(
            enumerate(at[: len(text)]), key=lambda pair: self._mark_at(pair[1])
        ):
            numbers = [number for number, _ in group]
            self._write_after(at[numbers[0]])
            words = escape(text[numbers[0] : numbers[-1] + 1])
            tag = mark.tag if mark else None
            self.html.append(f"{tag.opening}{words}</{tag.name}>" if tag else words)
        return None

    def _mark_at(self, place: int) -> Mark | None:
        return next((m for m in self.marks if m.span.start <= place < m.span.end), None)

    def _write_after(self, place: int) -> None:
        while self.after and self.after[0].span.end <= place:
            self.html.append(self.after.pop(0).after)

    def _write_formula(self, token: Token, *, block: bool) -> None:
        at = token.meta["at"]
        formula = write_formula(token.content, block=block)
        if not formula:
            edge, first, last = token.markup, at[:1], at[-1:]
            text = f"{edge}{token.content}{edge}"
            return self._write_text(text, [*first * len(edge), *at, *last * len(edge)])
        mark = next(filter(None, map(self._mark_at, at)), None)
        self.html.append(f"{mark.tag.opening}{formula}</{mark.tag.name}>" if mark else formula)
        return None

    def _write_picture(self, address: str, words: str, at: Sequence[int]) -> None:
        if source := self.picture(address):
            self.html.append(f'<img src="{escape(source)}" alt="{escape(words)}" loading="lazy">')
        else:
            self._open("span", f' class="image" title="{escape(address)}"')
            self._write_text(words, at[: len(words)])
            self._close("span")

    def _write_html(self, token: Token, *, inline: bool) -> None:
        at = token.meta["at"]
        for start, end, tag in tags.split(token.content):
            name = tags.name_of(tag, inline=inline) if tag else None
            if tag is None or name is None:
                self._write_entities(token.content[start:end], at[start:end])
            elif name == "img":
                address, words = tags.picture_of(tag)
                self._write_picture(address, words, at[start : start + 1] * len(words))
            elif name in tags.ALONE:
                self.html.append(f"<{name}>")
            elif name and not tag[1]:
                self._open(name, article=True)
            elif name:
                self._close_own(name)

    def _write_entities(self, text: str, at: Sequence[int]) -> None:
        characters = unescape(text) if "&" in text else text
        places = at if characters == text else [at[0]] * len(characters)
        self._write_text(characters, places)

    def _open(self, name: str, attributes: str = "", *, article: bool = False) -> None:
        self.open.append((name, article))
        self.html.append(f"<{name}{attributes}>")

    def _close(self, name: str) -> None:
        """Close an element of Markdown, and what an article left open in it."""
        while self.open:
            closed, _ = self.open.pop()
            self.html.append(f"</{closed}>")
            if closed == name:
                return

    def _close_own(self, name: str) -> None:
        """Close an element that an article opened, where nothing of Markdown is open in it."""
        inner = self._own()
        if name in inner:
            self._close(name)

    def _own(self) -> Iterator[str]:
        for name, article in reversed(self.open):
            if not article:
                return
            yield name
