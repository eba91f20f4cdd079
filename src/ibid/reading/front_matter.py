"""Front matter at the top of a file, read as data and never trusted.

YAML between `---` lines, TOML between `+++` lines, or a JSON object, as Hugo has them.
"""

import datetime
import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from ibid.reading.headers import find_header
from ibid.reading.metadata import DEEPEST, Values, read_meta
from ibid.text import LINE_END, collapse, trim, words_apart
from ibid.types import Article, Meta, Span

LONGEST = 64 * 1024
"""Characters; what is longer is body text, not metadata."""

_MOST_WORDS = 500
_TOP_LEVEL = 2  # the stream, and the mapping in it

_END = r"(?>\r\n|\r|\n)"
_AFTER = rf"[ \t]*+(?:{_END}|\Z)(?>(?:[ \t]*+{_END})*)"
_START = re.compile(
    rf"\ufeff?(?>(?:[ \t]*+{_END})*)(?:(?P<fence>---|\+\+\+)[ \t]*+{_END}|(?=\{{\s*+[\"}}]))"
)
_YAML_END = re.compile(rf"(?<![^\r\n])(?:---|\.\.\.){_AFTER}")
_TOML_END = re.compile(rf"(?<![^\r\n])\+\+\+{_AFTER}")
_JSON_END = re.compile(rf"(?<=\}}){_AFTER}")
_YAML_PAIR = re.compile(r"(?<![^\r\n])(?P<key>[A-Za-z][\w-]*):[ \t]+(?P<value>\S[^\r\n]*)")
_PAIR = re.compile(
    r"(?<![^\r\n])[ \t]*+\"?(?P<key>[A-Za-z][\w-]*+)\"?[ \t]*+[=:][ \t]*+(?P<value>\S[^\r\n]*)"
)
_DEEP_KEY = re.compile(
    rf"(?<![\w-])(?:(?:[\w-]++|\"[^\"\r\n]*+\"|'[^'\r\n]*+')[ \t]*+\.[ \t]*+){{{DEEPEST}}}"
)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the front matter says, and where it ends (0 when there is none)."""

    end: int
    meta: Meta
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """The source of front matter between its marks, and how it is read."""

    source: str
    end: int
    format: str
    parse: Callable[[str], tuple[Values, tuple[str, ...]]]
    pair: re.Pattern[str] = _PAIR


class Pairs(tuple[tuple[str, object], ...]):
    """What an object of JSON holds, repeated keys included."""

    __slots__ = ()


def find_front_matter(text: str) -> FrontMatter:
    """Read the front matter of `text`; a fault in it costs metadata, never the article.

    A first block between `---` or `+++` lines that holds no keys is text between two rules.
    """
    head = text[:LONGEST]
    block = _find_block(head)
    if not block:
        header = find_header(head)
        meta, doubts = read_meta(header.values) if header else (Meta(), ())
        return FrontMatter(header.end if header else 0, meta, doubts)
    values, warnings = _parse(block)
    if block.source.strip() and not values:
        return FrontMatter(0, Meta())
    meta, doubts = read_meta(values)
    return FrontMatter(block.end, meta, warnings + doubts)


def quotable(text: str, front: FrontMatter) -> tuple[Span, ...]:
    """Return where the title and the description stand in front matter, in order."""
    spans = (_place(text, front.end, value) for value in (front.meta.title, front.meta.description))
    places = sorted(span for span in spans if span)
    return tuple(place for place in places if place.start >= places[0].end or place is places[0])


def _place(text: str, end: int, value: str) -> Span | None:
    """Return where a value stands in the front matter, its words however far apart."""
    words = words_apart(value.split()[:_MOST_WORDS])
    match = re.compile(words).search(text, 0, end) if words else None
    return Span(*match.span()) if match else None


def _find_block(head: str) -> Block | None:
    start = _START.match(head)
    if not start:
        return None
    if not start["fence"]:
        return _find_json(head, start.end())
    is_yaml = start["fence"] == "---"
    end = (_YAML_END if is_yaml else _TOML_END).search(head, start.end())
    if not end:
        return None
    source = head[start.end() : end.start()]
    if is_yaml:
        return Block(source, end.end(), "YAML", _parse_yaml, _YAML_PAIR)
    return Block(source, end.end(), "TOML", _parse_toml)


def _find_json(head: str, start: int) -> Block | None:
    """Return the object at the top as a block; a broken one ends with the first `}` line."""
    broken = re.compile(rf"(?<![^\r\n])\}}{_AFTER}")
    try:
        _, close = json.JSONDecoder().raw_decode(head, start)
    except (ValueError, RecursionError):
        end = broken.search(head, start)
    else:
        end = _JSON_END.match(head, close)
    return Block(head[start : end.start() + 1], end.end(), "JSON", _parse_json) if end else None


def _parse(block: Block) -> tuple[Values, tuple[str, ...]]:
    """Return the values as text, or line by line where the source is broken or hostile."""
    import yaml

    try:
        return block.parse(block.source)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        pairs = {
            pair["key"]: pair["value"].strip(" \t\"',")
            for pair in block.pair.finditer(block.source)
        }
        warning = f"front matter is not valid {block.format}: {collapse(str(error))[:120]}"
        return pairs, (warning,)


def _parse_yaml(source: str) -> tuple[Values, tuple[str, ...]]:
    import yaml

    untyped: Any = yaml
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # libyaml: ten times as fast
    warnings = _check(untyped.scan(source, Loader=loader))
    values: object = yaml.load(source, Loader=loader)  # noqa: S506  (a BaseLoader makes strings only)
    return (cast("Values", values), warnings) if isinstance(values, dict) else ({}, ())


def _parse_toml(source: str) -> tuple[Values, tuple[str, ...]]:
    """Return the values of TOML; Zola keeps tags in a table of their own."""
    if _DEEP_KEY.search(source):
        raise ValueError("front matter nests too deep")
    lines = LINE_END.sub("\n", source)  # TOML knows no lone carriage return
    values: Values = tomllib.loads(lines, parse_float=str)
    taxonomies = values.get("taxonomies")
    if isinstance(taxonomies, dict):
        values = {**cast("Values", taxonomies), **values}
    return _as_text(values), ()


def _parse_json(source: str) -> tuple[Values, tuple[str, ...]]:
    decoder = json.JSONDecoder(object_pairs_hook=Pairs, parse_int=str, parse_float=str)
    pairs: Pairs = decoder.decode(source)
    return _as_text(pairs), _repeated(Counter(key for key, _ in pairs))


def _as_text(value: object, depth: int = DEEPEST) -> Any:
    """Return a value with everything in it that is no list or table as YAML would have it."""
    if not depth:
        raise ValueError("front matter nests too deep")
    if isinstance(value, Pairs):
        value = dict(value)
    if isinstance(value, Mapping):
        table = cast("Values", value)
        return {key: _as_text(item, depth - 1) for key, item in table.items()}
    if isinstance(value, list):
        return [_as_text(item, depth - 1) for item in cast("list[object]", value)]
    if isinstance(value, datetime.date | datetime.time):  # a datetime is a date
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool | int) else value


def _check(tokens: Iterable[Any]) -> tuple[str, ...]:
    """Return a warning per repeated key.

    Raises ValueError for aliases, anchors, tags and deep nesting, before anything is built.
    """
    keys: Counter[str] = Counter()
    depth, before = 0, ""
    for token in tokens:
        name = type(token).__name__
        if name in ("AliasToken", "AnchorToken", "TagToken"):
            raise ValueError(f"{name.removesuffix('Token').lower()} in front matter")
        depth += name.endswith("StartToken") - name.endswith("EndToken")
        if depth > DEEPEST + 1:  # and the stream
            raise ValueError("front matter nests too deep")
        if depth == _TOP_LEVEL and (before, name) == ("KeyToken", "ScalarToken"):
            keys[token.value] += 1
        before = name
    return _repeated(keys)


def _repeated(keys: Counter[str]) -> tuple[str, ...]:
    return tuple(f"front matter says {key[:40]} twice" for key, n in keys.items() if n > 1)


ABOUT_ITSELF = re.compile(
    r"(?<![^\r\n])(?:title:[ \t]*+[\"']?(?P<title>[^\r\n\"]+)"
    r"|(?:description|summary|excerpt):[ \t]*+[\"']?(?P<about>[^\r\n\"]+))"
)


def find_description(article: Article) -> Span | None:
    """Return where the front matter tells what the article is about, None where it does not."""
    for section in article.sections[:1]:
        if not section.headings:
            top = Span(section.span.start, section.prose.start)
            for match in ABOUT_ITSELF.finditer(article.text, top.start, top.end):
                if match["about"] is not None:
                    return trim(article.text, Span(*match.span("about")))
    return None
