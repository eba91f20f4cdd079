"""An answer to be taken elsewhere, each sentence with its article and place.

A new format is one more entry of FORMATS, and a button that names it.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from ibid.citing import number_quotes
from ibid.contract import answer_json, find_said
from ibid.library import Library
from ibid.pages import write_answer
from ibid.render import marked_text, say_choice, say_receipt
from ibid.text import collapse, line_of, plain
from ibid.types import Answer, Article, Span

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Format(Generic[T]):
    """How an answer or a comparison is saved; its file ends in the key that FORMATS has it by."""

    label: str
    media_type: str
    write: Callable[[T, Library], str]


def write_markdown(answer: Answer, library: Library) -> str:
    """Return the question, the answer, and every quote with article, author, date and place."""
    return "\n".join(_markdown_lines(answer, library))


def write_json(answer: Answer, library: Library) -> str:
    """Return what `ibid ask --json` prints."""
    return json.dumps(answer_json(answer, library), ensure_ascii=False, indent=2)


def write_bibtex(answer: Answer, library: Library) -> str:
    """Return an entry per cited article, its quotes with their lines in the note."""
    quotes: dict[str, list[Span]] = {}
    for id, span in number_quotes(answer.claims):
        quotes.setdefault(id, []).append(span)
    names: set[str] = set()
    entries = [_entry(library.article(id), spans, names, library) for id, spans in quotes.items()]
    return "\n\n".join(entries)


FORMATS: Mapping[str, Format[Answer]] = {
    "md": Format("Markdown", "text/markdown", write_markdown),
    "json": Format("JSON", "application/json", write_json),
    "bib": Format("BibTeX", "application/x-bibtex", write_bibtex),
    "html": Format("Web page", "text/html", write_answer),
}


def export(answer: Answer, library: Library) -> dict[str, str]:
    """Return the answer in each format."""
    return {suffix: each.write(answer, library) for suffix, each in FORMATS.items()}


# Markdown


def _markdown_lines(answer: Answer, library: Library) -> Iterator[str]:
    yield f"**{collapse(answer.question)}**\n"
    if chosen := say_choice(answer.run):
        yield f"{collapse(chosen)}\n"
    yield f"{marked_text(answer)}\n"
    for (id, span), number in number_quotes(answer.claims).items():
        article = library.article(id)
        place = _place(article, line_of(article.text, span.start), library)
        yield f"- [{number}] “{collapse(span.of(article.text))}” — {place}"
    yield from filter(None, say_receipt(answer) if not answer.claims else ())
    for hit in () if answer.claims else answer.hits:
        article = library.article(hit.passage.article)
        line = line_of(article.text, find_said(hit.passage).start)
        yield f"- Nearest: {_place(article, line, library)}"


def _place(article: Article, line: int, library: Library) -> str:
    path = library.path(article.id).as_posix()
    meta = article.meta
    return ", ".join(filter(None, (article.title, meta.author, meta.date, f"`{path}:{line}`")))


# BibTeX

_WORD = re.compile(r"[^\W_]+")
_SPECIAL = str.maketrans(
    {char: f"\\{char}" for char in "{}$&#%_"}
    | {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"}
)


def _entry(article: Article, quotes: list[Span], names: set[str], library: Library) -> str:
    meta = article.meta
    said = "; ".join(
        f"line {line_of(article.text, span.start)}: ``{_tex(plain(span.of(article.text)))}''"
        for span in quotes
    )
    dated = re.match(r"\d{4}", meta.date)
    fields = {
        "author": f"{{{_tex(meta.author)}}}" if meta.author else "",
        "title": f"{{{_tex(article.title)}}}",
        "year": dated[0] if dated else "",
        "date": _tex(meta.date),
        "howpublished": _tex(library.path(article.id).as_posix()),
        "note": said,
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{_name(article, dated[0] if dated else '', names)},\n{lines}}}"


def _tex(text: str) -> str:
    return collapse(text).translate(_SPECIAL)


def _name(article: Article, year: str, taken: set[str]) -> str:
    """Return a key of ASCII letters and digits that no other entry has, and take it."""
    words = (*_WORD.findall(article.meta.author)[:1], *_WORD.findall(article.title)[:1])
    stem = "".join((words[0] if words else "article", year, *words[1:])).lower()
    stem = stem.encode("ascii", "ignore").decode() or "article"
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name)
    return name
