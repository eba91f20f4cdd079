"""Inline marks of the tools that people write in, taken away: wiki links, comments, shortcodes."""

import re
from collections.abc import Callable

from ibid.text.markup import ELEMENTS, list_called

VERBATIM = (
    r"(?:(?<!`)(?P<ticks>`++)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|\$\$(?P<display>[^$]+)\$\$|(?<![\w$\\])\$(?P<math>[^\s$](?:[^$\r\n]{0,200}[^\s$\\])?)\$(?![\w$]))"
)
"""Code and formulas: what looks like a mark in them is none."""

_FENCE = re.compile(
    r"\A\s*(?P<mark>`{3,}|~{3,})[^\r\n`]*(?P<inner>[\r\n].*?)?(?:[\r\n]\s*(?P=mark)[`~]*)?\s*\Z",
    re.DOTALL,
)
SUPERSCRIPT = (
    r"<sup\b[^<>]{0,200}>(?:[^<>]{0,80}<a\b[^<>]{0,400}>)?[^<>]{0,80}(?:</a>[^<>]{0,80})?</sup>"
)
_FENCE_END = re.compile(r"[\r\n][ \t>]*(?:`{3,}|~{3,})[ \t]*\Z")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|bmp|avif|pdf|mp[34]|wav|ogg|webm|mov)\Z", re.I)
_MARKS = re.compile(
    rf"{VERBATIM}"
    r"|(?P<comment>(?<![\w%])%%(?!%).*?%%|<!--.*?(?:-->|\Z)|<(?P<dead>script|style)\b[^<>]*>.*?(?:</(?P=dead)\s*>|\Z)"
    rf"|(?<=[.!?,;:)\]\"'”’*_]){SUPERSCRIPT}"
    r"|<ref\b[^<>/]{0,200}>.{0,2000}?</ref>|<ref\b[^<>]{0,200}/>)"
    r"|(?P<wiki>(?P<embed>!?)\[\[(?P<target>(?![\s^])[^\[\]|\r\n]+?)(?:\\?\|(?P<label>[^\[\]\r\n]*))?\]\])(?!\()"
    r"|(?P<head>(?:\A|(?<=[\r\n]))[ \t]*(?:>[ \t]?)*\[![\w-]+(?:\|[^\[\]\r\n]*)?\][+-]?[ \t]*)"
    r"|(?P<note>\[\^[^\[\]\s]{1,60}\](?!:)|\^\[[^\[\]\r\n]*\])"
    r"|(?P<block>(?<=[\s\])])\^[A-Za-z0-9-]+[ \t]*(?=[\r\n]|\Z))"
    r"|(?P<high>(?<![=\w])==(?P<lit>(?=[^\s=])[^=\r\n]*(?<=[^\s=]))==(?![=\w]))"
    r"|(?P<field>[\[(](?P<key>[A-Za-z][\w -]{0,40})::[ \t]*(?P<value>[^\[\]()\r\n]*)[\])])"
    r"|(?P<line>(?:\A|(?<=[\r\n]))[ \t]*(?P<named>[A-Za-z][\w -]{0,40})::(?=[ \t]))"
    r"|(?P<span>(?<!\w)\[(?P<spanned>[^\[\]\r\n]+)\]\{[.#:][^{}\r\n]*\})"
    r"|(?P<target_of>\]\([^()\r\n]{0,200}?\{[{%][^\r\n]{0,300}?[}%]\}[^()\r\n]{0,200}\))"
    r"|(?P<shortcode>\{\{[<%][^{}]*[>%]\}\}|\{%[^{}\r\n]*%\}|\{[:#.][\w\s][^{}\r\n]*\}"
    r"|\{\{-?\s*(?:\"(?P<one>[^\"{}]*)\"|'(?P<other>[^'{}]*)'|[^{}\r\n]*[|.(][^{}\r\n]*)[^{}\r\n]*\}\})"
    r"|(?P<term>\s*(?:\r\n|\r|\n)[ \t]{0,3}:[ \t]+(?=\S))"
    r"|(?P<bold>'{2,5}(?=[^\s'])(?P<strong>[^'\r\n]+(?:'[^'\r\n]+)*)'{2,5})"
    r"|(?P<away>(?<![\w\]])\[https?://[^\s\[\]]+[ \t]+(?P<shown>[^\[\]\r\n]+)\](?![(\[]))"
    r"|(?<=[A-Za-z)])~(?P<low>[\w+-]{1,8})~(?!~)|(?<=[\w)])\^(?P<up>[\w+-]{1,12})\^"
    r"|(?P<auto><(?P<address>(?:https?|mailto):[^\s<>]+|[\w.+-]+@[\w.-]+)>)"
    rf"|(?P<tag></?(?P<name>{ELEMENTS})(?:\s[^<>]*)?/?>)",
    re.DOTALL | re.IGNORECASE,
)
_MAY_HAVE = re.compile(
    r"%%|\[\[|\[[!^]|\^\[|==|<[!/A-Za-z]|::|\{[{%:#.]|\]\{|\s\^|''|\[http"
    r"|`\$?= |`dv:|\w[~^][\w+-]{1,12}[~^]|[\r\n] {0,3}:[ \t]"
)
_INLINE = frozenset(
    "a abbr b bdi bdo cite code del dfn em font i ins kbd label mark q s samp small span strike"
    " strong sub sup tt u var wbr".split()
)


def without_marks(text: str) -> str:
    """Return a text as its tool shows it, its line breaks kept; Markdown's own marks stay.

    >>> without_marks("See [[Tides|the tides]] %% check %%of ==H<sub>2</sub>O==.[^1]")
    'See the tides of H2O.'
    """
    text = _FENCE_END.sub("", text) if "```" in text or "~~~" in text else text
    if fenced := _FENCE.match(text) if text.lstrip()[:3] in ("```", "~~~") else None:
        return fenced["inner"] or ""
    return _MARKS.sub(_read, text) if _MAY_HAVE.search(text) else text


def _read(match: re.Match[str]) -> str:
    return _READ.get(str(match.lastgroup), _keep)(match)


def _keep(match: re.Match[str]) -> str:
    return match[0]


def _read_code(match: re.Match[str]) -> str:
    """Return code as it is, and nothing for a query of Dataview, whose result is shown."""
    return "" if re.match(r"\$?=\s|dv:", match["code"]) else match[0]


def _read_wiki(match: re.Match[str]) -> str:
    """Return the words of a link: its label, or the note and the heading that it leads to."""
    target, label = match["target"].strip(), match["label"]
    file, _, part = re.sub(r"\^[\w-]+\Z", "", target).partition("#")
    if re.match(r"(?:category|file|image|datei|kategorie):", target, re.IGNORECASE):
        return (label or "").rpartition("|")[2] if not target.lower().startswith("cat") else ""
    if match["embed"] and _PICTURE.search(file):
        return "" if not label or re.fullmatch(r"[\dx]+", label) else label
    if label:
        return label.strip()
    return " > ".join(word for word in (file, *part.split("#")) if word and word[0] != "^") or file


def _read_tag(match: re.Match[str]) -> str:
    if label := " ".join(list_called(match[0])):
        return label.replace("&", "&amp;")  # entities are read later
    return "" if match["name"].lower() in _INLINE else " "


def _say(words: str) -> Callable[[re.Match[str]], str]:
    return lambda _: words


def _group(name: str) -> Callable[[re.Match[str]], str]:
    return lambda match: (match[name] or "").strip()


def _read_shortcode(match: re.Match[str]) -> str:
    """Return the text that an expression begins with (`{{ "x" | filter }}`), of others nothing."""
    return match["one"] or match["other"] or ""


def _read_field(match: re.Match[str]) -> str:
    return match["value"] if match[0][0] == "(" else f"{match['key']}: {match['value']}"


_READ: dict[str, Callable[[re.Match[str]], str]] = {
    "code": _read_code,
    **dict.fromkeys(("comment", "head", "note", "block"), _say("")),
    "wiki": _read_wiki,
    "high": _group("lit"),
    "field": _read_field,
    "line": lambda match: f"{match['named']}:",
    "span": _group("spanned"),
    "target_of": _say("](x)"),
    "shortcode": _read_shortcode,
    "term": _say(": "),
    "bold": _group("strong"),
    "away": _group("shown"),
    "low": _group("low"),
    "up": _group("up"),
    "auto": _group("address"),
    "tag": _read_tag,
}
