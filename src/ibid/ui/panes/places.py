"""Markdown parsed by markdown-it, each character of its text with its place in the source.

The parser gives lines for blocks and no places for what stands in them: here each inline rule is
watched, and what it wrote is held against the characters that it took.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, cast

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from ibid.text import LINE_END
from ibid.types import Span

_TARGET = re.compile(r"^ {0,3}\[(?!\^)([^\[\]\n]{1,200})\]:[ \t]*<?([^\s<>]+)", re.MULTILINE)
_NOTE = re.compile(r"^ {0,3}\[\^([^\[\]\s]{1,60})\]:", re.MULTILINE)
_WIKI = re.compile(r"\[\[([^\[\]|\n]+)(?:\\?\|([^\[\]\n]*))?\]\]")

_LONGEST, _MOST_MARKS = 20_000, 1000
"""Characters. The marks of a longer block are shown as they stand: finding them takes too long."""


def parse(source: str, within: Span) -> list[Token]:
    """Return the blocks of a part of a text; `meta["at"]` has the places of their characters.

    Links and footnotes find what stands elsewhere in the text.
    """
    targets = {normalizeReference(name): address for name, address in _TARGET.findall(source)}
    env: dict[str, Any] = {
        "references": {name: {"title": "", "href": to} for name, to in targets.items()},
        "footnotes": {"refs": {f":{label}": -1 for label in _NOTE.findall(source)}},
    }
    tokens = _parser().parse(within.of(source), env)
    _place_blocks(source, tokens, within)
    return tokens


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": 40})
    parser.inline = _Inline(parser.inline)
    parser.enable(["table", "strikethrough"]).use(deflist_plugin)
    parser.use(footnote_plugin, inline=False).use(
        dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True
    )
    parser.inline.ruler.before("link", "wiki", _read_wiki)
    # a note stays where it stands; joined, texts would lose their places
    return parser.disable(["footnote_tail", "fragments_join", "text_join"])


def _read_wiki(state: StateInline, silent: bool) -> bool:
    """Read `[[Note|words]]`, a link of the tools that people keep notes with."""
    match = _WIKI.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        state.push("link_open", "a", 1)
        state.push("text", "", 0).content = match[2] or match[1]
        state.push("link_close", "a", -1)
    state.pos = match.end()
    return True


class _State(StateInline):
    """Notes where the text came from that waits to become a token."""

    def __init__(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> None:
        super().__init__(src, md, env, tokens)
        self.places: list[int] = []

    def pushPending(self) -> Token:  # noqa: N802  (the parser's name)
        token = super().pushPending()
        token.meta["at"] = self.places[: len(token.content)]
        self.places = []
        return token


class _Inline(ParserInline):
    """The inline pass, which notes the places of what each rule writes."""

    def __init__(self, parser: ParserInline) -> None:
        super().__init__()
        self.ruler, self.ruler2 = parser.ruler, parser.ruler2

    def tokenize(self, state: StateInline) -> None:
        watched = cast("_State", state)
        rules = self.ruler.getRules("")
        while state.pos < state.posMax:
            start, first = state.pos, len(state.tokens)
            deep = state.level >= state.md.options.maxNesting
            if deep or not any(rule(state, False) for rule in rules):
                state.pending += state.src[state.pos]
                state.pos += 1
            _note(watched, start, first)
        if state.pending:
            state.pushPending()

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        state = _State(src, md, env, tokens)
        if len(src) > _LONGEST or sum(map(src.count, "[*_")) > _MOST_MARKS:
            state.pending, state.places, state.pos = src, list(range(len(src))), len(src)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def _note(state: _State, start: int, first: int) -> None:
    """Note the places of what a rule wrote of the characters from `start` on."""
    source = state.src[start : state.pos].replace("\n", " ")
    used = 0
    for token in state.tokens[first:]:
        if token.type in ("softbreak", "hardbreak"):
            token.meta["at"] = [start]
        elif token.content and "at" not in token.meta:
            token.meta["at"], used = _match(token.content, source, start, used)
    if missing := len(state.pending) - len(state.places):
        state.places += _match(state.pending[-missing:], source, start, used)[0]


def _match(content: str, source: str, start: int, used: int) -> tuple[list[int], int]:
    """Return where each character of `content` is, and how much is used up by it."""
    offset = source.find(content.replace("\n", " "), used)
    if offset < 0:  # an entity, or what was escaped
        return [start] * len(content), used
    return list(range(start + offset, start + offset + len(content))), offset + len(content)


def _place_blocks(source: str, tokens: Sequence[Token], within: Span) -> None:
    """Turn places within blocks into places of the source."""
    lines = list(_lines(source, within))
    first, cell = 0, -1
    for token in tokens:
        first = token.map[0] if token.map else first
        token.meta["start"] = lines[min(first, len(lines) - 1)].start
        if token.type in ("tr_open", "tr_close"):
            cell = 0 if token.type == "tr_open" else -1
        if not token.content:
            token.meta["at"] = []
            continue
        below = lines[first + (token.type == "fence") :]
        at = _find_lines(source, token.content, below, cell)
        token.meta["at"] = at
        for child in token.children or ():
            child.meta["at"] = [at[place] for place in child.meta.get("at", ())]
        cell = cell if cell < 0 else at[-1] + 1 - below[0].start


def _lines(source: str, within: Span) -> Iterator[Span]:
    start = within.start
    for match in LINE_END.finditer(source, within.start, within.end):
        yield Span(start, match.start())
        start = match.end()
    yield Span(start, within.end)


def _find_lines(source: str, content: str, lines: Sequence[Span], cell: int) -> list[int]:
    """Return where the characters of a block are: its lines without what made them a block.

    A cell of a table is looked for behind the ones before it, which end at `cell`.
    """
    places = list[int]()
    for part, line in zip(content.split("\n"), lines, strict=False):
        words = line.of(source)
        offset = words.rfind(part) if cell < 0 else words.find(part, cell)
        if offset >= 0:
            places.extend(range(line.start + offset, line.start + offset + len(part)))
        else:
            places.extend(_walk(words, part, line.start, max(cell, 0)))
        places.append(line.end)
    places += [places[-1]] * (len(content) - len(places))
    return places[: len(content)]


def _walk(words: str, part: str, start: int, reached: int) -> Iterator[int]:
    """Yield the places of characters one by one: of tabs made blanks, of a pipe in a cell."""
    for character in part:
        offset = words.find(character, reached, reached + 40)
        reached = offset + 1 if offset >= 0 else reached
        yield start + max(reached - 1, 0)
