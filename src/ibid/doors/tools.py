"""What an agent can do: a tool is what it takes, what it says of itself, and one call of Library.

A tool's result is text for a language model, as `ibid.output` words it. Its errors are IbidErrors.
"""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from ibid.doors.asking import Within
from ibid.errors import FolderError, IbidError, UsageError
from ibid.library import Library
from ibid.output import (
    UNTRUSTED,
    brief_answer,
    brief_articles,
    brief_comparison,
    brief_findings,
    brief_hits,
    brief_lines,
    brief_proof,
    find_id,
    fit,
    numbered,
    quoted,
)
from ibid.search import ALL, Filter, fold
from ibid.text import collapse, count, line_of, printable
from ibid.types import Described, Proof, Support

MOST_PASSAGES = 50

_HINTS = {"ibid articles": "call list_articles", 'ibid ask "…"': "say what is asked"}
"""What an agent does in place of what somebody at a terminal does."""


class Tool(BaseModel):
    """What a tool takes."""

    model_config = ConfigDict(extra="forbid")
    name: ClassVar[str]
    about: ClassVar[str]
    """What it is for, at most 300 characters."""
    reads_only: ClassVar[bool] = True

    def run(self, library: Library) -> str:
        """Return the result for a language model. Raises IbidError."""
        raise NotImplementedError


class Paged(Tool):
    """A tool whose result may go on."""

    start: int = Field(0, ge=0, description="where the last result says to go on")


class Chosen(Paged, Within):
    """A tool that may be confined to some articles."""


class Search(Chosen):
    """Passages that fit a question."""

    name: ClassVar = "search"
    about: ClassVar = (
        "Find the passages that fit a question best, by words and meaning, each with article:line. "
        'Put what must stand there literally in "quotation marks". To get an answer, use ask.'
    )
    question: str
    k: int = Field(8, ge=1, le=MOST_PASSAGES, description="passages")

    def run(self, library: Library) -> str:
        query, hits = library.find(self.question, self.k, self.within)
        return fit(_head(library), numbered(brief_hits(hits, query, library), self.start))


class Ask(Chosen):
    """An answer of the articles' own sentences."""

    name: ClassVar = "ask"
    about: ClassVar = (
        "Answer a question from the articles: every sentence with its verdict and article:line. "
        "Says so where the articles do not answer: take that for the result, do not fill it in."
    )
    question: str

    def run(self, library: Library) -> str:
        answer = library.ask(self.question, self.within)
        return fit(_head(library), numbered(brief_answer(answer, library), self.start))


class VerifyQuote(Tool):
    """Whether a quote stands in the articles."""

    name: ClassVar = "verify_quote"
    about: ClassVar = (
        "Check whether a quote stands in the articles word for word, and where. Of an altered one "
        "it names the words that differ and gives the article's own sentence. Use it before you "
        "quote."
    )
    quote: str
    article: str = Field("", description="id it is attributed to")

    def run(self, library: Library) -> str:
        id = find_id(self.article, library) if self.article else ""
        proofs = list(library.verify(self.quote, Filter(articles=(id,)) if id else ALL))
        if id and not all(_stands_in(proof, id) for proof in proofs):
            elsewhere = list(library.verify(self.quote))
            if all(_is_verbatim(proof) for proof in elsewhere):
                heading = f"NOT IN {quoted(id)}, but in another article:"
                return self._say(library, heading, elsewhere)
        stands = proofs and all(_is_verbatim(proof) for proof in proofs)
        heading = (
            "Word for word in the articles:" if stands else "NOT word for word in the articles:"
        )
        return self._say(library, heading, proofs)

    def _say(self, library: Library, heading: str, proofs: list[Proof]) -> str:
        return fit(
            (*_head(library), heading), numbered(brief_proof(proof, library) for proof in proofs)
        )


class VerifyText(Chosen):
    """What holds of each sentence of a draft."""

    name: ClassVar = "verify_text"
    about: ClassVar = (
        "Check a draft sentence by sentence: in the article, altered here (the words are named), "
        "reworded, or not in the articles, each with article:line and the article's own sentence. "
        "Mend what is altered, leave out what is not there, and check again."
    )
    text: str = Field(description="20,000 characters at most")

    def run(self, library: Library) -> str:
        proofs = library.verify(self.text, self.within, self.start)
        blocks = ((proof.claim.span.start, brief_proof(proof, library)) for proof in proofs)
        return fit(_head(library), blocks)


class Compare(Chosen):
    """What articles claim, side by side."""

    name: ClassVar = "compare"
    about: ClassVar = (
        "Set side by side what the articles claim about a topic: conflicts first, who says it, who "
        "is silent, and how many independent sources that are. For one answer, use ask."
    )
    topic: str = Field("", description="none: what the articles have in common")

    def run(self, library: Library) -> str:
        comparison = library.compare(self.topic, self.within)
        return fit(_head(library), numbered(brief_comparison(comparison, library), self.start))


class Open(Tool):
    """An article from a line on."""

    name: ClassVar = "open"
    about: ClassVar = (
        "Read an article from a line on, numbered lines, 8 kB at most; says how to go on."
    )
    article: str = Field(description="id as it is shown")
    line: int = Field(1, ge=1)
    column: int = Field(1, ge=1)

    def run(self, library: Library) -> str:
        article = library.article(find_id(self.article, library))
        lines = line_of(article.text, len(article.text))
        if self.line > lines:
            raise UsageError(f"the article has {count(lines, 'line')}", hint=f"line=1 to {lines}")
        return brief_lines(article, self.line, self.column)


class ListArticles(Paged):
    """The articles in the index."""

    name: ClassVar = "list_articles"
    about: ClassVar = "List the articles: id, title, author, date. `find` keeps those that name it."
    find: str = ""

    def run(self, library: Library) -> str:
        fitting = [article for article in library.described if _names(article, self.find)]
        head = (*_head(library), f"{count(len(fitting), 'article')}.")
        return fit(head, numbered(brief_articles(fitting), self.start))


class Lint(Paged):
    """What a reader should know about articles."""

    name: ClassVar = "lint"
    about: ClassVar = (
        "What a reader should know about articles: placeholders, sources without links, forecasts "
        "that are over, near-copies, missing dates. Of one article, or of all."
    )
    article: str = ""

    def run(self, library: Library) -> str:
        wanted = find_id(self.article, library) if self.article else ""
        findings = {id: own for id, own in library.lint().items() if not wanted or id == wanted}
        return fit(_head(library), numbered(brief_findings(findings, library), self.start))


class Status(Tool):
    """How the index is."""

    name: ClassVar = "status"
    about: ClassVar = "What is indexed, what changed since, and who writes the answers."

    def run(self, library: Library) -> str:
        writer, notice = library.writer()
        lines = (
            f"{count(len(library.described), 'article')} from {quoted(str(library.folders))}.",
            f"Index {library.store.current_name()}, embedder {library.embedder.identity.name}.",
            f"Answers are {f'written by {writer}, cited by ibid' if writer else 'quotes'}.",
            notice and f"Note: {notice}",
            "" if tell_stale(library) else "The index is up to date.",
        )
        return fit((*_head(library), *lines), ())


class Build(Tool):
    """Bring the index up to date."""

    name: ClassVar = "build"
    about: ClassVar = "Bring the index up to date with the folder. Articles are only read."
    reads_only: ClassVar = False

    def run(self, library: Library) -> str:
        report = library.build()
        outcome = "Index built" if report.changed else "The index was up to date"
        edits = (
            f"{len(report.added)} added, {len(report.edited)} edited, {len(report.removed)} removed"
        )
        skipped = (
            f"- {quoted(file.path)} skipped: {quoted(file.reason)}" for file in report.skipped
        )
        return fit(
            (f"{outcome}: {count(report.articles, 'article')}, {edits}.",), numbered(skipped)
        )


READING: tuple[type[Tool], ...] = (
    *(Search, Ask, VerifyQuote, VerifyText, Compare),
    *(Open, ListArticles, Lint, Status),
)


def tell_stale(library: Library) -> str:
    """Return that the folder changed since the index was built, empty where it did not."""
    try:
        changes = library.changes()
    except FolderError as error:
        changes = [str(error)]
    return f"STALE INDEX: {quoted(', '.join(changes))}. Mend it with: ibid build" if changes else ""


def describe_error(error: IbidError) -> str:
    """Return what went wrong and what to do, a line each.

    The hint to what was asked wrongly may name authors and articles, as these do themselves.
    """
    hint = _HINTS.get(error.hint, error.hint)
    if isinstance(error, UsageError) and hint == error.hint:
        hint = hint and quoted(hint)
    lines = [f"error: {collapse(str(error))}", *([f"hint: {collapse(hint)}"] if hint else [])]
    return printable("\n".join(lines))


def _head(library: Library) -> tuple[str, ...]:
    return (UNTRUSTED, tell_stale(library))


def _is_verbatim(proof: Proof) -> bool:
    return proof.claim.support is Support.VERBATIM


def _stands_in(proof: Proof, id: str) -> bool:
    cited = {str(citation.passage.article) for citation in proof.claim.citations}
    return _is_verbatim(proof) and id in cited


def _names(article: Described, part: str) -> bool:
    wanted = fold(part)
    about = (
        article.id,
        article.title,
        *article.meta.authors,
        *article.meta.tags,
        article.meta.date,
    )
    return any(wanted in fold(text) for text in about)
