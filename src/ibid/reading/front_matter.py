"""Front matter: YAML between `---` lines at the top of a file, read as data and never trusted."""

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from ibid.text import collapse
from ibid.types import Meta

LONGEST = 64 * 1024  # characters; what is longer is body text, not metadata
DEEPEST = 20  # nesting; libyaml and PyYAML recurse per level

_BLOCK = re.compile(
    r"\ufeff?---[ \t]*(?:\r\n|\r|\n)(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)(?:[ \t]*(?:\r\n|\r|\n))*",
    re.DOTALL | re.MULTILINE,
)
_PAIR = re.compile(r"(?m)^(?P<key>[A-Za-z][\w-]*):[ \t]+(?P<value>\S[^\r\n]*)")
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
    """Read the front matter of `text`; a fault in it costs metadata, never the article."""
    block = _BLOCK.match(text[:LONGEST])
    if not block:
        return FrontMatter(0, "", Meta())
    values, warnings = _parse(block["yaml"])
    meta = Meta(
        author=_one(values, "author", "authors"),
        date=_iso(_one(values, *_DATE_KEYS)),
        tags=_many(values, "tags", "tag"),
        category=_one(values, "category", "categories"),
        keywords=_many(values, "keywords"),
        description=_one(values, "description", "summary", "excerpt"),
    )
    return FrontMatter(block.end(), _one(values, "title"), meta, warnings)


def _parse(source: str) -> tuple[Mapping[str, object], tuple[str, ...]]:
    """Return the values as text, or line by line where the YAML is broken or hostile."""
    import yaml

    try:
        _refuse_hostile(yaml.scan(source, Loader=yaml.BaseLoader))
        values: object = yaml.load(source, Loader=yaml.BaseLoader)  # noqa: S506  (BaseLoader makes strings only)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        pairs = {pair["key"]: pair["value"].strip(" \t\"'") for pair in _PAIR.finditer(source)}
        return pairs, (f"front matter is not valid YAML: {collapse(str(error))[:120]}",)
    if isinstance(values, Mapping):
        return cast("Mapping[str, object]", values), ()
    return {}, () if not values else ("front matter holds no keys",)


def _refuse_hostile(tokens: Iterable[object]) -> None:
    """Raise ValueError for aliases, anchors, tags and deep nesting before anything is built."""
    depth = 0
    for token in tokens:
        name = type(token).__name__
        if name in ("AliasToken", "AnchorToken", "TagToken"):
            raise ValueError(f"{name.removesuffix('Token').lower()} in front matter")
        depth += name.endswith("StartToken") - name.endswith("EndToken")
        if depth > DEEPEST + 1:  # the stream itself is one level
            raise ValueError("front matter nests too deep")


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
    return collapse(value.encode("utf-8", "ignore").decode("utf-8")).strip("\"'")


def _iso(value: str) -> str:
    """Return an ISO 8601 date where `value` holds one, else `value` as written."""
    if found := _ISO_DATE.match(value):
        try:
            return datetime.date(*map(int, found.groups())).isoformat()
        except ValueError:
            return value
    return value
