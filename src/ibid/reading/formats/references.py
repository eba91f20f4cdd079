"""Files of references, by pybtex: BibTeX as Zotero, JabRef and others export it, and CSL-JSON.

They are no articles: a part stands for an entry under each name that a file may be known by.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from ibid.errors import ArticleUnreadable
from ibid.reading.decoding import decode
from ibid.reading.formats.extracted import Extracted, Part, read_meta
from ibid.types import Meta

_FILE = re.compile(r"(?:\\.|[^:;\\])+\.pdf(?=[:;]|\Z)", re.IGNORECASE)
"""A path in `Full Text:files/1/a.pdf:application/pdf;…`, where a backslash escapes a mark."""

_MONTHS = [*map(str, "jan feb mar apr may jun jul aug sep oct nov dec".split())]


def extract_bibtex(raw: bytes) -> Extracted:
    """Return the entries of a file of BibTeX; what is broken in it is passed over."""
    from pybtex import database, errors

    untyped: Any = database
    with cast("Any", errors).capture():
        entries: Mapping[str, Any] = untyped.parse_string(decode(raw).text, "bibtex").entries
    return Extracted("", parts=tuple(_parts_of(entries)))


def _parts_of(entries: Mapping[str, Any]) -> Iterator[Part]:
    for key, entry in entries.items():
        fields = {name.lower(): str(value) for name, value in entry.fields.items()}
        authors = [_name_of(person) for person in entry.persons.get("author", [])]
        meta = _read(fields, authors, _date_of(fields))
        files = (re.sub(r"\\(.)", r"\1", path) for path in _FILE.findall(fields.get("file", "")))
        for name in (*files, key):
            yield Part(name.strip(), 0, meta)


def _name_of(person: Any) -> str:
    names = (person.first_names, person.middle_names, person.prelast_names, person.last_names)
    return " ".join(_plain(" ".join(part)) for part in (*names, person.lineage_names) if part)


def _date_of(fields: Mapping[str, str]) -> str:
    """Return the date of an entry, to the month where it gives one."""
    if date := fields.get("date", ""):
        return date
    year, month = fields.get("year", "").strip("{}"), fields.get("month", "").strip("{}").lower()
    number = _MONTHS.index(month[:3]) + 1 if month[:3] in _MONTHS else month
    is_month = str(number).isdecimal() and 1 <= int(number) <= len(_MONTHS)
    return f"{year}-{int(number):02}" if year and is_month else year


def _read(fields: Mapping[str, str], authors: list[str], date: str) -> Meta:
    url = fields.get("url", "") or (f"https://doi.org/{doi}" if (doi := fields.get("doi")) else "")
    return read_meta(
        title=_plain(fields.get("title", "")),
        authors=authors,
        date=date,
        url=url,
        keywords=_plain(fields.get("keywords", "")),
        description=_plain(fields.get("abstract", "")),
    )


def _plain(text: str) -> str:
    """Return what LaTeX shows of a value."""
    if not re.search(r"[\\{}$~]", text):
        return text
    from pylatexenc import latex2text

    untyped: Any = latex2text
    return " ".join(str(untyped.LatexNodes2Text().latex_to_text(text)).split())


def extract_csl(raw: bytes) -> Extracted:
    """Return the items of CSL-JSON. Raises ArticleUnreadable for JSON that is something else."""
    try:
        items = json.loads(raw)
    except (ValueError, RecursionError):
        items = None
    if not isinstance(items, list):
        raise ArticleUnreadable("JSON that is no list of references")
    listed = _tables_in(cast("object", items))
    return Extracted("", parts=tuple(part for item in listed for part in _parts_of_item(item)))


def _parts_of_item(item: Mapping[str, Any]) -> Iterator[Part]:
    if not isinstance(item.get("title"), str):
        return
    fields = {
        "title": item["title"],
        "url": str(item.get("URL") or ""),
        "doi": str(item.get("DOI") or ""),
        "abstract": str(item.get("abstract") or ""),
        "keywords": str(item.get("keyword") or ""),
    }
    authors = [_name_of_item(person) for person in _tables_in(item.get("author"))]
    meta = _read(fields, [name for name in authors if name], _issued(item.get("issued")))
    for name in dict.fromkeys((item.get("citation-key"), item.get("id"))):
        if name:
            yield Part(str(name), 0, meta)


def _tables_in(value: object) -> list[Mapping[str, Any]]:
    listed = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("Mapping[str, Any]", item) for item in listed if isinstance(item, dict)]


def _name_of_item(person: Mapping[str, Any]) -> str:
    names = ("literal",) if person.get("literal") else ("given", "non-dropping-particle", "family")
    return " ".join(str(person[name]) for name in names if person.get(name))


def _issued(issued: Any) -> str:
    try:
        year, *rest = issued["date-parts"][0]
        return "-".join((str(int(year)), *(f"{int(part):02}" for part in rest)))
    except (TypeError, KeyError, IndexError, ValueError):
        return ""
