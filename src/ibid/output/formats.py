"""An answer to be taken elsewhere, each sentence with its article and place.

A new format is one more entry of FORMATS, and a button that names it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from ibid.library import Library
from ibid.output.as_json import answer_json, dump_json
from ibid.output.markdown import code_markdown, escape_lines, plain_markdown
from ibid.output.web_page import answer_page
from ibid.output.wording import (
    find_said,
    list_notes,
    list_parts,
    marked_pieces,
    marked_text,
    say_doubt,
    say_receipt,
    say_scope,
)
from ibid.text import as_read, collapse, line_of, printable
from ibid.types import Answer, Article, Citation, Claim, Span, Status

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


@dataclass(frozen=True, slots=True)
class Cited:
    """An answer as Markdown, in pieces that follow each other."""

    pieces: tuple[tuple[str, Claim | None], ...]
    """Its sentences with their claims, and None for what is between them and below."""

    @property
    def text(self) -> str:
        return "".join(piece for piece, _ in self.pieces)


def write_cited(answer: Answer, library: Library) -> Cited:
    """Return an answer as Markdown, without its question; below it a note for each quote."""
    pieces: list[tuple[str, Claim | None]] = []
    for part in list_parts(answer) or [answer]:
        asked = f"**{plain_markdown(part.question)}**" if answer.parts else ""
        doubt = say_doubt(part) if part.status is Status.CLOSEST else ""
        above = filter(None, (asked, *map(plain_markdown, (say_scope(part.run), doubt))))
        pieces += [(f"{line}\n\n", None) for line in above]
        pieces += marked_pieces(part, escape_lines)
        receipt = () if part.claims else filter(None, say_receipt(part))
        pieces += [(f" {plain_markdown(line)}", None) for line in receipt]
        notes = "\n".join(_note_lines(part, library))
        pieces += [(f"\n\n{notes}", None)] if notes else []
        pieces += [("\n\n", None)] if answer.parts else []
    return Cited(tuple(pieces))


def write_json(answer: Answer, library: Library) -> str:
    """Return what `ibid ask --json` prints."""
    return dump_json(answer_json(answer, library))


def write_bibtex(answer: Answer, library: Library) -> str:
    """Return an entry per cited article, its quotes with their lines in the note."""
    quotes: dict[str, list[Citation]] = {}
    for citation in _find_cited(answer):
        quotes.setdefault(citation.passage.article, []).append(citation)
    names: set[str] = set()
    entries = [_entry(library.article(id), cited, names, library) for id, cited in quotes.items()]
    return "\n\n".join(entries)


FORMATS: Mapping[str, Format[Answer]] = {
    "md": Format("Markdown", "text/markdown", write_markdown),
    "json": Format("JSON", "application/json", write_json),
    "bib": Format("BibTeX", "application/x-bibtex", write_bibtex),
    "html": Format("Web page", "text/html", answer_page),
}


# Markdown


def _markdown_lines(answer: Answer, library: Library) -> Iterator[str]:
    yield f"**{plain_markdown(answer.question)}**\n"
    if scope := say_scope(answer.run):
        yield f"{plain_markdown(scope)}\n"
    if answer.parts:
        for part in list_parts(answer):
            yield from _markdown_lines(part, library)
            yield ""
        return
    yield f"{marked_text(answer, escape_lines)}\n"
    if not answer.claims:
        yield from map(plain_markdown, filter(None, say_receipt(answer)))
        yield from _note_lines(answer, library)
    yield from _quote_lines(answer, library)


def _quote_lines(answer: Answer, library: Library) -> Iterator[str]:
    """Yield the quotes as block quotes, each below its article."""
    numbered = list(enumerate(_find_cited(answer), start=1))
    for id in dict.fromkeys(citation.passage.article for _, citation in numbered):
        article = library.article(id)
        about = ", ".join(filter(None, (article.meta.byline, article.meta.date)))
        file = code_markdown(library.path(id).as_posix())
        yield f"**{plain_markdown(article.title)}** {plain_markdown(about)} {file}\n"
        own = (pair for pair in numbered if pair[1].passage.article == id)
        yield "\n>\n".join(_block_quote(*pair, library) for pair in own) + "\n"


def _block_quote(number: int, citation: Citation, library: Library) -> str:
    text = library.article(citation.passage.article).text
    place = f"line {line_of(text, citation.quote.start)}"
    notes = "; ".join((place, *list_notes(citation, library)))
    return (
        f"> [{number}] “{plain_markdown(as_read(text, citation.quote))}” ({plain_markdown(notes)})"
    )


def _note_lines(answer: Answer, library: Library) -> Iterator[str]:
    for number, citation in enumerate(_find_cited(answer), start=1):
        yield f"- [{number}] {_quote(citation, library)}"
    for hit in () if answer.claims else answer.hits:
        article = library.article(hit.passage.article)
        line = line_of(article.text, find_said(hit.passage).start)
        yield f"- Nearest: {_place(article, line, library)}"


def _find_cited(answer: Answer) -> list[Citation]:
    """Return a citation per quote, in the order of their numbers."""
    cited: dict[tuple[str, Span], Citation] = {}
    for citation in (each for claim in answer.claims for each in claim.citations):
        cited.setdefault((citation.passage.article, citation.quote), citation)
    return list(cited.values())


def _quote(citation: Citation, library: Library) -> str:
    article = library.article(citation.passage.article)
    place = _place(article, line_of(article.text, citation.quote.start), library)
    notes = "; ".join(list_notes(citation, library))
    behind = f" ({plain_markdown(notes)})" if notes else ""
    return f"“{plain_markdown(citation.quote.of(article.text))}” — {place}{behind}"


def _place(article: Article, line: int, library: Library) -> str:
    path = library.path(article.id).as_posix()
    about = ", ".join(filter(None, (article.title, article.meta.byline, article.meta.date)))
    return f"{plain_markdown(about)}, {code_markdown(f'{path}:{line}')}"


# BibTeX

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


def _entry(article: Article, quotes: list[Citation], names: set[str], library: Library) -> str:
    meta = article.meta
    said = "; ".join(_note(citation, article, library) for citation in quotes)
    dated = re.match(r"\d{4}", meta.date)
    fields = {
        "author": " and ".join(f"{{{tex(name)}}}" for name in meta.authors),
        "title": f"{{{tex(article.title)}}}",
        "year": dated[0] if dated else "",
        "date": tex(meta.date),
        "howpublished": tex(library.path(article.id).as_posix()),
        "note": said,
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{_name(article, dated[0] if dated else '', names)},\n{lines}}}"


def _note(citation: Citation, article: Article, library: Library) -> str:
    """Return a quote with its line, and what a reader should know about it."""
    line = line_of(article.text, citation.quote.start)
    quote = as_read(article.text, citation.quote)
    notes = "; ".join(list_notes(citation, library))
    return f"line {line}: ``{tex(quote)}''{tex(f' ({notes})') if notes else ''}"


def tex(text: str) -> str:
    """Return text on one line that LaTeX sets as it stands, its braces balanced."""
    return _LIGATURE.sub(r"\g<0>{}", printable(collapse(text)).translate(_SPECIAL))


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
