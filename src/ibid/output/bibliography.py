"""The articles that something cites, for reference managers: BibTeX and CSL-JSON."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from ibid.library import Library
from ibid.output.as_json import dump_json
from ibid.output.wording import list_notes
from ibid.text import as_read, collapse, line_of, printable
from ibid.types import Answer, Citation, Meta, Span

_WORD = re.compile(r"[^\W_]+")
_SPECIAL = str.maketrans(
    {char: f"\\{char}" for char in "$&#%_"}
    | {
        **{"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"},
        **{char: f"\\ensuremath{{{char}}}" for char in "<>|"},
        **{"{": "\\lbrace{}", "}": "\\rbrace{}"},  # a reader counts `\\{` as a brace
        "`": "\\textasciigrave{}",
    }
)
_LIGATURE = re.compile("-(?=-)|'(?=')|,(?=,)")
"""Signs that TeX makes into another one where they stand twice."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote of a work."""

    line: int
    text: str
    notes: str = ""
    """What a reader should know about it."""


@dataclass(frozen=True, slots=True)
class Work:
    """An article that is cited, and its quotes."""

    path: str
    title: str
    meta: Meta
    quotes: tuple[Quoted, ...]

    @property
    def year(self) -> str:
        """The year of its date, empty where that begins with none."""
        dated = re.match(r"\d{4}", self.meta.date)
        return dated[0] if dated else ""


def write_bibtex(answer: Answer, library: Library) -> str:
    """Return an entry per cited article, its quotes with their lines in the note."""
    return bibtex_of(_list_works(answer, library))


def write_csl(answer: Answer, library: Library) -> str:
    """Return the cited articles as CSL-JSON, which Zotero, Pandoc and others read."""
    return csl_of(_list_works(answer, library))


def bibtex_of(works: Iterable[Work]) -> str:
    """Return works as entries of BibTeX."""
    return "\n\n".join(_entry(work, key) for work, key in _with_keys(works))


def csl_of(works: Iterable[Work]) -> str:
    """Return works as items of CSL-JSON."""
    return dump_json([_item(work, key) for work, key in _with_keys(works)])


def find_cited(answer: Answer) -> list[Citation]:
    """Return a citation per quote, in the order of their numbers."""
    cited: dict[tuple[str, Span], Citation] = {}
    for citation in (source for claim in answer.claims for source in claim.citations):
        cited.setdefault((citation.passage.article, citation.quote), citation)
    return list(cited.values())


def web_address(url: str) -> str:
    """Return an address in which nothing ends a link, a field or a value."""
    return quote(url, safe=":/?#[]@!$&'()+,*;=%~-._")


def _list_works(answer: Answer, library: Library) -> list[Work]:
    quotes: dict[str, list[Quoted]] = {}
    for citation in find_cited(answer):
        id = citation.passage.article
        text = library.article(id).text
        line, excerpt = line_of(text, citation.quote.start), as_read(text, citation.quote)
        notes = "; ".join(list_notes(citation, library))
        quotes.setdefault(id, []).append(Quoted(line, excerpt, notes))
    articles = [library.article(id) for id in quotes]
    return [
        Work(
            library.path(article.id).as_posix(),
            article.title,
            article.meta,
            tuple(quotes[article.id]),
        )
        for article in articles
    ]


def _with_keys(works: Iterable[Work]) -> Iterator[tuple[Work, str]]:
    keys: set[str] = set()
    for work in works:
        yield work, _name(work, keys)


def _entry(work: Work, key: str) -> str:
    meta = work.meta
    fields = {
        "author": " and ".join(f"{{{tex(name)}}}" for name in meta.authors),
        "title": f"{{{tex(work.title)}}}",
        "year": work.year,
        "date": tex(meta.date),
        "url": web_address(meta.url),
        "howpublished": tex(work.path),
        "note": "; ".join(map(_note, work.quotes)),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{lines}}}"


def _note(quote: Quoted) -> str:
    """Return a quote with its line, and what a reader should know about it."""
    behind = tex(f" ({quote.notes})") if quote.notes else ""
    return f"line {quote.line}: ``{tex(quote.text)}''{behind}"


def _item(work: Work, key: str) -> dict[str, object]:
    meta = work.meta
    notes = [
        f"line {excerpt.line}: “{collapse(excerpt.text)}”"
        + (f" ({excerpt.notes})" if excerpt.notes else "")
        for excerpt in work.quotes
    ]
    values = {
        "id": key,
        "type": "webpage" if meta.url else "document",
        "title": collapse(work.title),
        "author": [{"literal": name} for name in meta.authors],
        "issued": _issued(meta.date),
        "URL": web_address(meta.url),
        "language": meta.language,
        "abstract": meta.description,
        "source": work.path,
        "note": "; ".join(notes),
    }
    return {name: value for name, value in values.items() if value}


def _issued(date: str) -> dict[str, object]:
    """Return a date as CSL has it, as precisely as it is given.

    >>> _issued("2025-08"), _issued("last spring"), _issued("")
    ({'date-parts': [[2025, 8]]}, {'literal': 'last spring'}, {})
    """
    if re.fullmatch(r"\d{4}(-\d\d){0,2}", date):
        return {"date-parts": [[int(part) for part in date.split("-")]]}
    return {"literal": date} if date else {}


def tex(text: str) -> str:
    """Return text on one line that LaTeX sets as it stands, its braces balanced."""
    return _LIGATURE.sub(r"\g<0>{}", printable(collapse(text)).translate(_SPECIAL))


def _name(work: Work, keys: set[str]) -> str:
    """Return a key of ASCII letters and digits that no other entry has, and take it."""
    words = (*_WORD.findall(work.meta.author)[:1], *_WORD.findall(work.title)[:1])
    stem = "".join((words[0] if words else "article", work.year, *words[1:])).lower()
    stem = stem.encode("ascii", "ignore").decode() or "article"
    name, number = stem, 1
    while name in keys:
        number += 1
        name = f"{stem}-{number}"
    keys.add(name)
    return name
