"""What a reader sees of a text in the tool that it was written for: no comments, no marks.

`View.text` is as long as the article's, with a blank for each character that nobody sees, so a
place in one is the same place in the other.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from ibid.text.strings import LINE_END, has_words, plain, trim
from ibid.types import Span

_START, _STOP = r"(?<![^\r\n])", r"(?![^\r\n])"
_QUOTED = r"[ \t]*(?:>[ \t]?)*"
_RUN = (
    "dataview|dataviewjs|query|tasks|base|bases|datacorejsx?|datacoretsx?|mermaid|plantuml|chart"
    "|tracker|button|meta-bind(?:-[\\w-]+)?|kroki|graphviz|markmap|excalidraw|ipynb-?meta"
)
"""Languages of fences that a tool runs or draws: nobody reads their source."""

_BLOCKS = (
    "address|article|aside|blockquote|body|br|canvas|caption|center|dd|details|dialog|dir|div|dl|dt"
    "|fieldset|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|iframe|legend|li|link|main"
    "|menu|meta|nav|ol|optgroup|option|p|param|section|source|summary|table|tbody|td|tfoot|th|thead"
    "|title|tr|track|ul|video|audio"
)
_SAMPLE = "|".join(
    rf"{start}(?:(?!{start}).)*?{end}"
    for start, end in (
        (r"<pre\b[^<>]{0,500}>", r"</pre\s*>"),
        (r"\{%-?\s*highlight\b[^{}%]*%\}", r"\{%-?\s*endhighlight\s*-?%\}"),
        (r"\{\{<\s*highlight\b[^{}]*>\}\}", r"\{\{<\s*/\s*highlight\s*>\}\}"),
    )
)
"""Code between the tags of HTML, Jekyll and Hugo."""

_TEMPLATE = r"\{\{[^\r\n]*\}\}|\{%[^\r\n]*%\}|\{[:#.][^{}\r\n]*\}"
_TITLE = r"(?:[ \t]++[\"'(][^\r\n]*+)?"
_LINK_TARGET = rf"\[(?!\^)[^\[\]\r\n]+\]:[ \t]*+[^\s]++{_TITLE}(?=[ \t]*+{_STOP})"
_INFOBOX = r"\{\{(?![<%{/])[^{}]{0,4000}(?:\{\{[^{}]{0,400}\}\}[^{}]{0,400}){0,20}\}\}"  # MediaWiki
_ALT = r"!\[[^\[\]\r\n]*\]"
_WHERE = r"(?:\([^()\r\n]*\)|\[[^\[\]\r\n]*\])"
_BADGES = (
    rf"(?:(?:\[{_ALT}{_WHERE}?\]{_WHERE}|{_ALT}(?:\[[^\[\]\r\n]*\])?(?!\()|!\[\]\([^()\r\n]*\))"
    r"[ \t]*+)+(?:\{[^{}\r\n]*\})?"
)
_HIDDEN = (
    r"<!--.*?(?:-->|\Z)|(?<![\w%])%%(?!%).*?%%"
    r"|<(?P<dead>script|style|svg|template)\b[^<>]{0,2000}>.*?(?:</(?P=dead)\s*>|\Z)"
    r"|\{%-?\s*comment\s*-?%\}.{0,5000}?\{%-?\s*endcomment\s*-?%\}"
    r"|\{\{[<%]?/\*.{0,2000}?\*/[>%]?\}\}|\{%-?\s[^{}%\r\n]*%\}|\{\{[<%][^{}\r\n]*[>%]\}\}"
    rf"|(?:{_START}|[ \t])\^[A-Za-z0-9-]++[ \t]*+{_STOP}"
    rf"|{_START}[ \t]*+(?:{_LINK_TARGET}|{_TEMPLATE}|{_INFOBOX}|!\[\[[^\[\]\r\n]*\]\]|{_BADGES}"
    rf"|(?i:\[\[?_?toc_?\]\]?))[ \t]*+{_STOP}"
)
"""Comments, scripts, templates, targets of links and blocks, what stands embedded, badges."""

_BRACES = r"\{(?>(?:[^{}]|\{(?>(?:[^{}]|\{[^{}]*+\})*)\})*)\}"
_ATTRIBUTE = rf"(?:[\w:.-]++(?>(?:=(?:\"[^\"]*+\"|'[^']*+'|{_BRACES}))?)|{_BRACES})"
_MDX = (
    # modules, comments and components of MDX, each to where its line, or its block, ends
    r"import[ \t]+(?:[\w$*{][\w\s$*{},]{0,400}?\sfrom[ \t]+)?(?:\"[^\"\r\n]++\"|'[^'\r\n]++')"
    rf"[ \t]*+;?[ \t]*+{_STOP}"
    r"|export[ \t]+(?:const|let|var|function|default|async|class)\b"
    rf"(?>(?:[^\r\n]++(?>\r\n|\r|\n)?)+)"
    r"|\{/\*.*?\*/\}"
    rf"|</?[A-Z][\w.]*+(?>(?:\s++{_ATTRIBUTE})*)\s*+/?>"
)

_CALLOUT = rf"{_QUOTED}>[ \t]?\[![\w-]+(?:\|[^\[\]\r\n]*)?\][+-]?"
_FENCED = (
    r"[ \t]*+:{3,}+[ \t]*+(?:\{[^{}\r\n]*\}|[A-Za-z][\w-]*+)?(?:\{[^{}\r\n]*\})?\[?"  # :::tip[…]
)
_KIND = r"(?:!!!|\?\?\?)\+?[ \t]+[a-z][\w-]*+(?:[ \t]+(?:inline|end))*[ \t]*+"
_NOTED = rf"[ \t]*+(?:===[+!]?[ \t]+\"|{_KIND}(?:\"|{_STOP}))"  # !!! note "…"
_MARKS = re.compile(
    rf"(?=[ \t`~<%\[{{:!?^>=]|{_START}(?:im|ex)port)(?:"
    rf"{_START}{_QUOTED}(?P<fence>(?P<mark>`{{3,}}+(?=[^`\r\n]*+{_STOP})|~{{3,}}+)"
    rf"[ \t]*+\{{?[ \t]*+(?P<run>(?:{_RUN})\b)?[^\r\n]*+"
    rf"(?:.*?[\r\n]{_QUOTED}(?P=mark)[`~]*+[ \t]*+{_STOP}|.*))"
    r"|(?P<code>(?<!`)(?P<ticks>`++)(?!`)[^\r\n]{1,300}?(?<!`)(?P=ticks)(?!`))"
    rf"|(?P<sample>{_SAMPLE})"
    rf"|(?P<hidden>{_HIDDEN}|{_START}[ \t]*+(?:{_MDX}))"
    rf"|{_START}(?P<head>{_CALLOUT})[^\r\n]*+"
    rf"|{_START}(?P<fenced>{_FENCED})[^\r\n]*+"
    rf"|{_START}(?P<noted>{_NOTED})[^\r\n]*+"
    r"|(?P<inline><(?:a|img|span|picture|font|input|button|abbr)\s[^<>]*+>"
    r"|!(?=\[\[|\[[^\[\]\r\n]*\][(\[]))"
    rf"|(?P<block></?(?:{_BLOCKS})(?:\s[^<>]*+)?/?>)"
    r")",
    re.DOTALL,
)
_HEADING = re.compile(r"<h([1-6])(?:\s[^<>]{0,500})?>.{1,500}?</h\1\s*>", re.DOTALL | re.IGNORECASE)
_LABELLED = re.compile(rf"{_START}[ \t]{{0,3}}\[(?!\^)([^\[\]\r\n]{{1,200}})\]:[ \t]*\S")
_SHORTCUT = re.compile(r"(?<![\]!\w\[])\[(?!\^)([^\[\]]{1,200})\](?:\[\])?(?![\[(:{\]])")
_RULE = re.compile(
    rf"{_START}[ \t>]*+\|?+[ \t]*+:?+-+:?+[ \t]*+(?:\|[ \t]*+:?+-*:?+[ \t]*+)*{_STOP}"
)
_PIPE = re.compile(r"(?<!\\)\|")
_KEPT_PIPE = re.compile(r"\[\[[^\[\]\r\n]*\]\]|`[^`\r\n]*`")
_VISIBLE = re.compile(r"[^\r\n]")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table below its header."""

    header: tuple[str, ...]
    rows: tuple[Span, ...]

    @property
    def span(self) -> Span:
        return Span(self.rows[0].start, self.rows[-1].end)


@dataclass(frozen=True, slots=True)
class View:
    """A text as its tool shows it."""

    text: str
    """As long as the article's."""
    markdown: str
    """The same with its tags and the marks of callouts."""
    headings: tuple[tuple[int, Span], ...]
    """Elements `h1` to `h6`: their levels, and where they stand with their tags."""
    breaks: tuple[int, ...]
    """Where a block begins or ends though no line does."""
    apart: tuple[Span, ...]
    """Fenced code, and what nobody sees."""
    code: tuple[Span, ...]
    """Fenced code alone."""
    tables: tuple[Table, ...]
    targets: frozenset[str]
    """Labels of links that the text gives a target for."""

    def row_at(self, place: int) -> tuple[Table, Span] | None:
        """Return the table and the row that a place is in, None where it is in none."""
        number = bisect_right(self.tables, place, key=lambda table: table.span.start) - 1
        if number < 0 or place >= self.tables[number].span.end:
            return None
        rows = self.tables[number].rows
        row = rows[bisect_right(rows, place, key=lambda span: span.start) - 1]
        return self.tables[number], row


@lru_cache(maxsize=4)
def view(text: str) -> View:
    """Return what a reader sees of a text."""
    hidden, marks, code, breaks = list[Span](), list[Span](), list[Span](), list[int]()
    for match in _MARKS.finditer(text):
        match match.lastgroup:
            case "fence" if not match["run"]:
                code.append(Span(*match.span("fence")))
            case "sample":
                code.append(Span(*match.span()))
            case "fence" | "hidden":
                hidden.append(Span(*match.span()))
            case "head" | "fenced" | "noted":
                marks += _list_marks(text, Span(*match.span(match.lastgroup)), match.end())
                breaks += [match.start(), match.end()]
            case "inline":
                marks.append(Span(*match.span()))
            case "block":
                marks.append(Span(*match.span()))
                breaks += [match.start(), match.end()]
            case _:  # code in a line
                pass
    visible = _blank(text, sorted(hidden + marks))
    tables = list(_find_tables(visible, code))
    breaks += [row.start for _, table in tables for row in table.rows]
    return View(
        _blank(visible, [top for top, _ in tables]),
        markdown := _blank(text, hidden),
        tuple((int(h[1]), Span(*h.span())) for h in _HEADING.finditer(_blank(markdown, code))),
        tuple(sorted(breaks)),
        tuple(sorted(code + hidden)),
        tuple(code),
        tuple(table for _, table in tables),
        frozenset(_label(definition[1]) for definition in _LABELLED.finditer(text)),
    )


def as_read(text: str, span: Span) -> str:
    r"""Return what a reader sees of a place of a text: a row of a table with its header.

    >>> table = "| name | size |\r|---|---|\r| one | **2** |"
    >>> as_read(table, Span(27, 40))
    'name: one; size: 2'
    """
    if text[span.start - 1 : span.start + 1] == "![":  # of a picture, which a blank stands for
        span = Span(span.start - 1, span.end)
    row = _row_of(text, span) if "|" in text[max(0, span.start - 3) : span.end + 3] else None
    if not row:
        return plain(_without_labels(text, span))
    table, place = row
    cells = _cells(place.of(text))
    pairs = zip_longest(table.header, cells[: len(table.header)], fillvalue="")
    entries = (f"{name}: {cell}" if name and cell else cell for name, cell in pairs)
    return "; ".join(filter(None, (*entries, *cells[len(table.header) :])))


def _without_labels(text: str, span: Span) -> str:
    """Return a place of a text, links that are words in brackets (`[caniuse.com]`) as words."""
    words = span.of(text)
    if "[" not in words or not (targets := view(text).targets):
        return words
    return _SHORTCUT.sub(lambda match: match[1] if _label(match[1]) in targets else match[0], words)


def _label(words: str) -> str:
    return " ".join(words.casefold().split())


def _row_of(text: str, span: Span) -> tuple[Table, Span] | None:
    """Return the row of a table of which a place holds all words, None where there is none."""
    pair = view(text).row_at(span.start)
    if not pair or span.end > pair[1].end:
        return None
    row = pair[1]
    beside = (Span(row.start, max(row.start, span.start)), Span(span.end, row.end))
    return None if any(has_words(text, side) for side in beside) else pair


def _list_marks(text: str, marks: Span, end: int) -> Iterator[Span]:
    """Yield where the marks of a callout are: before its title, and what closes that."""
    yield marks
    closing = {'"': '"', "[": "]"}.get(text[marks.end - 1], "")
    last = len(text[marks.end : end].rstrip()) + marks.end
    if closing and text[last - 1] == closing and last > marks.end:
        yield Span(last - 1, last)


def _blank(text: str, spans: Sequence[Span]) -> str:
    """Return a text with blanks in the places of some spans, as many lines as before."""
    pieces, start = list[str](), 0
    for span in spans:
        pieces += [
            text[start : span.start],
            _VISIBLE.sub(" ", text[max(start, span.start) : span.end]),
        ]
        start = max(start, span.end)
    return "".join((*pieces, text[start:]))


def _find_tables(text: str, code: Sequence[Span]) -> Iterator[tuple[Span, Table]]:
    """Yield each table with where its header and its ruler stand."""
    end = 0
    for rule in _RULE.finditer(text):
        if "|" not in rule[0] or rule.start() < end or _is_in(code, rule.start()):
            continue
        above = trim(text, Span(_line_before(text, rule.start()), rule.start()))
        header, columns = _cells(above.of(text)), _cells(rule[0])
        rows = list(_list_rows(text, rule.end()))
        if len(above) and len(header) == len(columns) and rows:
            end = rows[-1].end
            yield Span(above.start, rule.end()), Table(header, tuple(rows))


def _line_before(text: str, start: int) -> int:
    """Return where the line begins that ends before a line."""
    end = start - 1 - text.startswith("\r\n", max(start - 2, 0))
    return max(text.rfind("\n", 0, max(end, 0)), text.rfind("\r", 0, max(end, 0))) + 1


def _list_rows(text: str, start: int) -> Iterator[Span]:
    """Yield the lines with a pipe that follow the ruler of a table, which ends at `start`."""
    match = LINE_END.match(text, start)
    while match:
        begin, match = match.end(), LINE_END.search(text, match.end())
        row = trim(text, Span(begin, match.start() if match else len(text)))
        if "|" not in row.of(text):
            return
        yield row


def _cells(row: str) -> tuple[str, ...]:
    """Return the cells of a row as they are read; a pipe in a link or in code parts none."""
    line = _KEPT_PIPE.sub(lambda match: match[0].replace("|", "\0"), row.strip(" \t>"))
    cells = _PIPE.split(line.removeprefix("|").removesuffix("|"))
    return tuple(plain(cell.replace("\0", "|").replace("\\|", "|")) for cell in cells)


def _is_in(spans: Sequence[Span], place: int) -> bool:
    """Tell whether a place is in one of some sorted spans."""
    number = bisect_right(spans, place, key=lambda span: span.start) - 1
    return number >= 0 and place < spans[number].end
