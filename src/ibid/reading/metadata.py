"""From what a front matter gives, under whatever keys its tool has, to what an article says."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, cast

from ibid.reading.dates import date_in_path, read_date
from ibid.text import collapse
from ibid.types import Meta

Values = Mapping[str, object]

DEEPEST = 20
"""Levels of nesting that are read."""

_TITLE = ("title", "fulltitle", "doctitle", "headline")
_AUTHOR = (
    "author",
    "authors",
    "by",
    "byline",
    "creator",
    "creators",
    "writer",
    "createdby",
    "writtenby",
)
_DATE = (
    *("date", "published", "publisheddate", "pubdate", "publishdate", "publishedat", "publishedon"),
    *("publicationdate", "datepublished", "issued", "posted", "postdate", "dateposted"),
    *("created", "createdat", "createdon", "creationdate", "datecreated", "createdtime", "written"),
    *("dcdate", "day", "year"),
    *("updated", "updatedat", "lastmod", "lastmodified", "modified", "lastupdated", "lastupdate"),
    *("dateupdated", "datemodified", "lastupdatedat", "lastedited", "lasteditedtime", "dateadded"),
)
"""Keys of dates, the one that an article was written or published at before later ones."""

_TAGS = ("tags", "tag", "documenttags", "topics", "labels")
_CATEGORY = ("category", "categories")
_KEYWORDS = ("keywords", "keyword")
_ABOUT = ("description", "summary", "excerpt", "abstract", "dek", "lede", "subtitle", "tldr")
_ALIASES = ("aliases", "alias", "aka")
_URL = ("canonicalurl", "canonical", "url", "source", "link", "permalink", "originalurl")
_PLACES = ("path", "permalink", "url", "canonicalurl")
"""Where an article stands on its site, which may tell its date: `2016/07/07/a-post`."""

_LANGUAGE = ("lang", "language", "locale")

KNOWN = frozenset(
    (*_TITLE, *_AUTHOR, *_DATE, *_TAGS, *_CATEGORY, *_KEYWORDS, *_ABOUT, *_ALIASES, *_LANGUAGE)
)
"""Keys that make a block of `key: value` lines one about the article."""

_PLURAL = frozenset(("authors", "creators"))
SPACED = frozenset(("tags", "categories"))
"""Keys under which Jekyll takes each word of a text for a tag."""
_NESTED = ("params", "extra", "taxonomies", "metadata")
"""Tables in which Hugo, Zola and others keep what is their user's own."""

_NAMES = ("name", "literal", "fullname", "displayname", "title")
_GIVEN, _FAMILY = ("given", "givennames", "first", "firstname"), ("family", "surname", "last")

_IN_KEY = re.compile(r"[\W_]+")
_WIKI = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]+)\]\]")
_LINK = re.compile(r"\[([^\[\]]+)\]\([^()\s]*\)")
_ADDRESS = re.compile(r"\s*<[^<>]*@[^<>]*>|\s*\([^()]*@[^()]*\)")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_AND = re.compile(r"\s*,\s*(?:and\s+|&\s*)?|\s+(?:and|&)\s+")
_SEPARATE = re.compile(r"\s*;\s*|\s+\|\s+")
_TEX = re.compile(r"\\(?:[\"'`^~=.&%$#_{}-]|[A-Za-z]+\{|(?:ss|ae|oe|aa|[olOLij])\b)")
_HTTP = re.compile(r"https?://\S+\Z")
_UNFILLED = re.compile(r"\{\{.*\}\}|\{[^{}]*\}|<%.*%>")
_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*\Z")


def key_of(name: str) -> str:
    """Return a key as it is looked up: `Publish_Date`, `publish-date` and `publishDate` are one."""
    return _IN_KEY.sub("", name.casefold())


def read_meta(values: Values) -> tuple[Meta, tuple[str, ...]]:
    """Return what an article says about itself, and doubts about it."""
    table = _Found(values)
    date, doubts = _date_of(table)
    author, *coauthors = _authors_of(table) or ("",)
    category, *more = table.many(*_CATEGORY, whole="category") or ("",)
    about = next(iter(table.many(*_ABOUT, whole="*")), "")
    meta = Meta(
        title=read_title(next(iter(table.many(*_TITLE, whole="*", nested=False)), "")),
        author=author,
        coauthors=tuple(coauthors),
        date=date,
        tags=_without_repeats([tag.lstrip("#") for tag in (*table.many(*_TAGS), *more)]),
        category=category.lstrip("#"),
        keywords=table.many(*_KEYWORDS),
        description=html.unescape(about),
        aliases=table.many(*_ALIASES, whole="alias"),
        draft=_is_draft(table),
        url=next((url for url in table.many(*_URL, whole="*") if _HTTP.match(url)), ""),
        language=next((code for code in table.many(*_LANGUAGE) if _LOCALE.match(code)), ""),
    )
    return meta, doubts


def join(meta: Meta, fallback: Meta) -> Meta:
    """Return what one place says about an article, and what only the other does."""
    empty = (field.name for field in fields(meta) if not getattr(meta, field.name))
    additions = {name: getattr(fallback, name) for name in empty}
    return replace(meta, **additions)


def read_title(value: str) -> str:
    """Return a title as it is read: entities and the commands of LaTeX by their characters.

    >>> read_title("&ldquo;Tides&rdquo; &amp; <em>moons</em>")
    '“Tides” & moons'
    """
    title = html.unescape(_TAG.sub("", value)) if "<" in value or "&" in value else value
    if _TEX.search(title):
        from pylatexenc import latex2text

        untyped: Any = latex2text
        title = str(untyped.LatexNodes2Text().latex_to_text(title))
    return collapse(title)


def names_in(value: object, *, plural: bool = False, depth: int = DEEPEST) -> Iterator[str]:
    """Yield the names that a value gives: a text, a list, a mapping with a name, links to them.

    `Cy Roe and Bob Fox` are two; `Johnson & Johnson` and `Lee, Ann` are one.
    """
    if depth and isinstance(value, Mapping):
        yield from _names_of_mapping(cast("Values", value))
    elif depth and isinstance(value, list | tuple):
        for item in cast("Sequence[object]", value):
            yield from names_in(item, plural=False, depth=depth - 1)
    elif isinstance(value, str):
        text = _ADDRESS.sub("", _LINK.sub(r"\1", _WIKI.sub(r"\1", value)))
        for person in _SEPARATE.split(text):
            parts = [part for part in _AND.split(person.strip()) if part]
            apart = plural or ("[" not in person and all(" " in part for part in parts))
            yield from (clean for part in (parts if apart else [person]) if (clean := _name(part)))


def _names_of_mapping(value: Values) -> Iterator[str]:
    own = {key_of(key): item for key, item in value.items()}
    for key in _NAMES:
        if isinstance(own.get(key), str):
            yield from names_in(own[key], depth=0)
            return
    parts = [own[key] for key in (*_GIVEN, *_FAMILY) if isinstance(own.get(key), str)]
    if parts:
        yield _name(" ".join(map(str, parts)))
    else:  # Pandoc: `- Ann Lee: {institute: [x]}`
        yield from (_name(key) for key, item in value.items() if isinstance(item, Mapping))


def _name(part: str) -> str:
    return clean(html.unescape(part)).strip("\"'@ ")


class _Found:
    """What stands under which key, whatever its case and its hyphens; what is nested comes last."""

    def __init__(self, values: Values) -> None:
        self._own = {key_of(key): value for key, value in reversed([*values.items()])}
        nested = (self._own.get(key) for key in _NESTED)
        self._below = {
            key_of(key): value
            for table in nested
            if isinstance(table, Mapping)
            for key, value in cast("Values", table).items()
        }

    def values(self, *keys: str, nested: bool = True) -> Iterator[tuple[str, object]]:
        """Yield what stands under the first of some keys first."""
        for table in (self._own, self._below)[: 1 + nested]:
            yield from ((key, table[key]) for key in keys if table.get(key))

    def many(self, *keys: str, whole: str = "", nested: bool = True) -> tuple[str, ...]:
        """Return the texts under the first key that has any.

        A text under the key `whole`, or under any where it is `*`, is one; others are lists.
        """
        for key, value in self.values(*keys, nested=nested):
            texts = [value] if whole in (key, "*") else list(_split(value, key))
            flat = (clean(text) for item in texts for text in _flatten(item))
            if entries := _without_repeats(tuple(filter(None, flat))):
                return entries
        return ()


def _split(value: object, key: str) -> Iterator[object]:
    """Yield the items of a text that lists several: `a, b`, `#a #b`, `a b` as Jekyll has its tags.

    A list is one item: its own are what they are.
    """
    if not isinstance(value, str):
        yield value
    elif re.search("[,;]", value):
        yield from re.split("[,;]", _WIKI.sub(r"\1", value).strip("[]"))
    elif value.count("#") > 1 or "[[" in value:
        yield from re.findall(r"#[^\s#]+|\[\[[^\[\]]+\]\]", value)
    else:
        yield from value.split() if key in SPACED else [value]


def _flatten(value: object, depth: int = DEEPEST) -> Iterator[str]:
    """Yield the texts of a value, of lists in lists and of what tools call by a name."""
    if isinstance(value, str):
        yield _WIKI.sub(r"\1", value)
    elif depth and isinstance(value, list | tuple):
        for item in cast("Sequence[object]", value):
            yield from _flatten(item, depth - 1)
    elif depth and isinstance(value, Mapping):
        table = {key_of(key): entry for key, entry in cast("Values", value).items()}
        name = next((table[key] for key in (*_NAMES, "label", "tag") if key in table), "")
        yield from _flatten(name, depth - 1)


def clean(value: str) -> str:
    """Return a value on one line, without quotes around it or lone surrogates in it.

    What a template left to be filled in (`{{date}}`) is no value.
    """
    line = collapse(value.encode("utf-8", "ignore").decode("utf-8"))
    while len(line) > 1 and line[0] == line[-1] and line[0] in "\"'":
        line = line[1:-1].strip()
    return "" if _UNFILLED.fullmatch(line) else line


def _without_repeats(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _authors_of(table: _Found) -> tuple[str, ...]:
    for key, value in table.values(*_AUTHOR):
        if names := _without_repeats([*filter(None, names_in(value, plural=key in _PLURAL))]):
            return names
    return ()


def _date_of(table: _Found) -> tuple[str, tuple[str, ...]]:
    """Return the date of the first key that has one, else what is written there, and doubts."""
    literal, doubts = "", list[str]()
    for key, value in table.values(*_DATE):
        for text in _dates_in(value):
            try:
                date = read_date(text)
            except ValueError:
                date = ""
                doubts.append(f"front matter holds a date that does not exist: {text[:40]}")
            if date:
                return date, ()
            if key != "day" and text.casefold() not in (*_YES, *_NO):
                literal = literal or text
    places = (text for _, value in table.values(*_PLACES) for text in _flatten(value))
    if dates := [date for text in places if (date := date_in_path(text))]:
        return dates[0], tuple(doubts[:1])
    if literal and not doubts and re.search(r"\d", literal):
        doubts.append(f"front matter holds a date that cannot be told: {literal[:40]}")
    return literal, tuple(doubts[:1])


def _dates_in(value: object, depth: int = DEEPEST) -> Iterator[str]:
    """Yield what may be a date: in a mapping what its own keys of dates give (`{created: …}`)."""
    if isinstance(value, Mapping):
        inner = _Found(cast("Values", value))
        for _, item in inner.values(*_DATE) if depth else ():
            yield from _dates_in(item, depth - 1)
    else:
        yield from filter(None, map(clean, _flatten(value)))


def _is_draft(table: _Found) -> bool:
    """Tell whether an article says that it is not published: `draft: true`, `published: false`."""
    flags = {key: text.casefold() for key, item in table.values(*_DRAFT) for text in _flatten(item)}
    return (
        flags.get("draft") in _YES
        or flags.get("published", flags.get("publish")) in _NO
        or flags.get("status") in ("draft", "unpublished")
    )


_DRAFT = ("draft", "published", "publish", "status")
_YES, _NO = ("true", "yes", "1", "on"), ("false", "no", "0", "off")
