"""Front matter: YAML between `---` lines at the top of a file, read as data and never trusted."""

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from ibid.text import collapse, printable
from ibid.types import Meta

LONGEST = 64 * 1024
"""Characters; what is longer is body text, not metadata."""

DEEPEST = 20
"""Levels of nesting; libyaml and PyYAML recurse per level."""

_TOP_LEVEL = 2  # the stream, and the mapping in it

_END = r"(?>\r\n|\r|\n)"
_BLOCK = re.compile(
    rf"\ufeff?---[ \t]*+{_END}(?P<yaml>(?:.*?{_END})??)(?:---|\.\.\.)[ \t]*+(?:{_END}|\Z)"
    rf"(?:[ \t]*+{_END})*+",
    re.DOTALL,
)
_PAIR = re.compile(r"(?<![^\r\n])(?P<key>[A-Za-z][\w-]*):[ \t]+(?P<value>\S[^\r\n]*)")
_DATE_KEYS = ("date", "pubDate", "published", "pubdate", "publishDate", "created")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the front matter says, and where it ends (0 when there is none)."""

    end: int
    title: str
    meta: Meta
    warnings: tuple[str, ...] = ()


def find_front_matter(text: str) -> FrontMatter:
    """Read the front matter of `text`; a fault in it costs metadata, never the article.

    A first block between `---` lines that holds no keys is text between two rules.
    """
    block = _BLOCK.match(text[:LONGEST])
    if not block:
        return FrontMatter(0, "", Meta())
    values, warnings = _parse(block["yaml"])
    if block["yaml"].strip() and not values:
        return FrontMatter(0, "", Meta())
    date, doubts = _read_date(_one(values, *_DATE_KEYS))
    title = _one(values, "title")
    meta = Meta(
        title=title,
        author=_one(values, "author", "authors", "by"),
        date=date,
        tags=_many(values, "tags", "tag"),
        category=_one(values, "category", "categories"),
        keywords=_many(values, "keywords"),
        description=_one(values, "description", "summary", "excerpt"),
    )
    return FrontMatter(block.end(), title, meta, warnings + doubts)


def _parse(source: str) -> tuple[Mapping[str, object], tuple[str, ...]]:
    """Return the values as text, or line by line where the YAML is broken or hostile."""
    import yaml

    untyped: Any = yaml
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # libyaml: ten times as fast
    try:
        warnings = _check(untyped.scan(source, Loader=loader))
        values: object = yaml.load(source, Loader=loader)  # noqa: S506  (a BaseLoader makes strings only)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        pairs = {pair["key"]: pair["value"].strip(" \t\"'") for pair in _PAIR.finditer(source)}
        return pairs, (f"front matter is not valid YAML: {collapse(str(error))[:120]}",)
    if isinstance(values, dict):
        return cast("dict[str, object]", values), warnings
    return {}, ()


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
    return tuple(f"front matter says {key[:40]} twice" for key, n in keys.items() if n > 1)


def _one(values: Mapping[str, object], *keys: str) -> str:
    return next((found[0] for key in keys if (found := _many(values, key, whole=True))), "")


def _many(values: Mapping[str, object], *keys: str, whole: bool = False) -> tuple[str, ...]:
    """Return the strings under the first key that has any; `a, b` counts as two unless `whole`."""
    for key in keys:
        value = values.get(key)
        if isinstance(value, str):
            parts = [value] if whole else value.strip("[]").split(",")
        elif isinstance(value, list):
            parts = [item for item in cast("list[object]", value) if isinstance(item, str)]
        else:
            continue
        if found := tuple(clean for part in parts if (clean := _clean(part))):
            return found
    return ()


def _clean(value: str) -> str:
    """Return the value on one line, without quotes around it or lone surrogates in it."""
    return collapse(printable(value.encode("utf-8", "ignore").decode("utf-8"))).strip("\"'")


def _read_date(value: str) -> tuple[str, tuple[str, ...]]:
    """Return an ISO 8601 date where `value` holds one, else `value` as written, and doubts."""
    if found := _ISO_DATE.match(value):
        try:
            return datetime.date(*map(int, found.groups())).isoformat(), ()
        except ValueError:
            return value, (f"front matter holds a date that does not exist: {value[:40]}",)
    return value, ()
