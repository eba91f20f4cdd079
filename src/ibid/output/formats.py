"""An answer to be taken elsewhere, each sentence with its article and place.

A new format is one more entry of FORMATS, and a button that names it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from ibid.library import Library
from ibid.output.as_json import answer_json, dump_json
from ibid.output.bibliography import find_cited, write_bibtex, write_csl
from ibid.output.markdown import code_markdown, escape_lines, plain_markdown
from ibid.output.obsidian import write_obsidian
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
from ibid.text import as_read, line_of
from ibid.types import Answer, Article, Citation, Claim, Status

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
        question = f"**{plain_markdown(part.question)}**" if answer.parts else ""
        doubt = say_doubt(part) if part.status is Status.CLOSEST else ""
        above = filter(None, (question, *map(plain_markdown, (say_scope(part.run), doubt))))
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


FORMATS: Mapping[str, Format[Answer]] = {
    "md": Format("Markdown", "text/markdown", write_markdown),
    "json": Format("JSON", "application/json", write_json),
    "bib": Format("BibTeX", "application/x-bibtex", write_bibtex),
    "csl.json": Format("CSL-JSON", "application/vnd.citationstyles.csl+json", write_csl),
    "obsidian.md": Format("Obsidian note", "text/markdown", write_obsidian),
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
    numbered = list(enumerate(find_cited(answer), start=1))
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
    for number, citation in enumerate(find_cited(answer), start=1):
        yield f"- [{number}] {_quote(citation, library)}"
    for hit in () if answer.claims else answer.hits:
        article = library.article(hit.passage.article)
        line = line_of(article.text, find_said(hit.passage).start)
        yield f"- Nearest: {_place(article, line, library)}"


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
