"""What people and programs read: answers, hits and reports as text and as JSON values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ibid.citing import number_quotes
from ibid.lexical import mark_words, unique_stems
from ibid.library import Library
from ibid.text import collapse, line_of, plain
from ibid.types import (
    Answer,
    Article,
    BuildReport,
    Citation,
    Claim,
    Hit,
    Passage,
    Span,
    Status,
    Support,
)

VERDICTS: Mapping[Support, str] = {
    Support.VERBATIM: "in the article",
    Support.REWORDED: "reworded",
    Support.ALTERED: "altered here",
    Support.UNSUPPORTED: "not in the articles",
}
"""What each support is called wherever people read it."""

Json = dict[str, Any]


# JSON: the contract of README.md, kept stable


def answer_json(answer: Answer, library: Library) -> Json:
    """Return an answer as `ask --json` prints it."""
    return {
        "question": answer.question,
        "status": answer.status.value,
        "text": answer.text,
        "claims": [_claim_json(claim, library) for claim in answer.claims],
        "hits": [hit_json(hit, library) for hit in answer.hits],
        "run": asdict(answer.run),
    }


def hit_json(hit: Hit, library: Library) -> Json:
    """Return a hit as `search --json` prints it."""
    passage = hit.passage
    article = library.article(passage.article)
    return {
        "article": article.id,
        "title": article.title,
        "headings": list(passage.headings),
        "start": passage.span.start,
        "end": passage.span.end,
        "line": line_of_text(article, passage),
        "text": passage.text,
        "score": round(hit.score, 6),
        "ranks": dict(hit.ranks),
    }


def citation_json(citation: Citation, library: Library) -> Json:
    """Return a citation: `quote` is the article's text from `start` to `end`."""
    article = library.article(citation.passage.article)
    return {
        "article": article.id,
        "title": article.title,
        "date": article.meta.date,
        "path": library.path(article.id).as_posix(),
        "headings": list(citation.passage.headings),
        "start": citation.quote.start,
        "end": citation.quote.end,
        "line": line_of(article.text, citation.quote.start),
        "quote": citation.quote.of(article.text),
    }


def report_json(report: BuildReport) -> Json:
    """Return a build's report as `build --json` prints it."""
    return asdict(report)


def article_json(article: Article, passages: int) -> Json:
    """Return an article as `articles --json` prints it."""
    return {
        "article": article.id,
        **asdict(article.meta),
        "title": article.title,
        "passages": passages,
        "characters": len(article.text),
        "warnings": list(article.warnings),
    }


def _claim_json(claim: Claim, library: Library) -> Json:
    return {
        "text": claim.text,
        "support": claim.support.value,
        "citations": [citation_json(citation, library) for citation in claim.citations],
    }


# Text for a terminal


def print_answer(answer: Answer, library: Library, console: Console) -> None:
    """Print an answer: quotes below their article, a model's text with its sources below."""
    if answer.status is Status.NOT_IN_SOURCES:
        _print_refusal(answer, library, console)
    elif answer.run.model:
        _print_written(answer, library, console)
    else:
        _print_quotes(answer, library, console)


def print_hits(
    hits: Sequence[Hit], question: str, library: Library, console: Console, *, explain: bool
) -> None:
    """Print the passages that were found, the question's words marked."""
    wanted = frozenset(unique_stems(question))
    for number, hit in enumerate(hits, start=1):
        article = library.article(hit.passage.article)
        line = line_of_text(article, hit.passage)
        console.print(Text.assemble((f"{number}. ", "bold"), (article.title, "bold")))
        trail = " > ".join(hit.passage.headings)
        place = f"{library.path(article.id).as_posix()}:{line}"
        about = filter(None, (place, _characters(hit.passage), trail, article.meta.date))
        console.print(_indented(_dim(" · ".join(about))))
        if explain:
            ranks = ", ".join(f"{signal}: place {rank}" for signal, rank in hit.ranks.items())
            console.print(_indented(_dim(f"score {hit.score:.3f} ({ranks})")))
        console.print(_indented(_marked(hit.passage.text, wanted)))
        console.print()


def print_report(report: BuildReport, console: Console) -> None:
    """Print what a build read, skipped and wrote."""
    state = "built" if report.changed else "already up to date"
    console.print(
        f"Index {state}: {report.articles} articles, {report.passages} passages, "
        f"{report.seconds:.1f} s."
    )
    for file in report.skipped:
        console.print(f"  skipped {escape(file.path)}: {escape(file.reason)}")
    for id, warnings in report.warnings.items():
        for warning in warnings:
            console.print(f"  note on {escape(id)}: {escape(warning)}")


def print_articles(rows: Iterable[tuple[Article, int]], console: Console) -> None:
    """Print the articles in the index, each with its title, author, date and passages."""
    for article, passages in rows:
        count = f"{passages} passages"
        about = " · ".join(filter(None, (article.meta.author, article.meta.date, count)))
        console.print(Text(article.id, style="bold"))
        console.print(_indented(Text.assemble(article.title, (f"  {about}", "dim"))))


def print_passages(article: Article, passages: Sequence[Passage], console: Console) -> None:
    """Print how an article was cut: each passage with its place and its headings."""
    for passage in passages:
        place = f"line {line_of_text(article, passage)}, {_characters(passage)}"
        trail = " > ".join(passage.headings)
        console.print(Text.assemble((place, "bold"), (f"  {trail}", "dim")))
        console.print(_indented(Text(passage.text.strip())))
        console.print()


def line_of_text(article: Article, passage: Passage) -> int:
    """Return the line on which a passage's text begins, blank lines passed over."""
    blank = len(passage.text) - len(passage.text.lstrip())
    return line_of(article.text, passage.span.start + blank)


def _print_quotes(answer: Answer, library: Library, console: Console) -> None:
    if answer.status is Status.PARTIAL:
        console.print("The articles come close, but may not answer this:\n")
    numbers = number_quotes(answer.claims)
    quoted = [(claim, citation) for claim in answer.claims for citation in claim.citations]
    articles = 0
    for id, group in groupby(quoted, key=lambda pair: pair[1].passage.article):
        article = library.article(id)
        articles += 1
        _print_source_line(article, library, console)
        table = Table.grid(padding=(0, 1))
        table.add_column(justify="right", style="dim", no_wrap=True)
        table.add_column()
        for claim, citation in group:
            line = line_of(article.text, citation.quote.start)
            number = numbers[(article.id, citation.quote)]
            table.add_row(f"{line:>5}", Text.assemble(claim.text, (f" [{number}]", "cyan")))
        console.print(table)
        console.print()
    console.print(
        _dim(
            f"{len(answer.claims)} sentences, word for word from {articles} of "
            f"{len(library.articles)} articles; the number before each is its line in the file."
        )
    )


def _print_written(answer: Answer, library: Library, console: Console) -> None:
    console.print(Text(marked_text(answer)))
    console.print()
    for (id, span), number in number_quotes(answer.claims).items():
        article = library.article(id)
        place = f"{library.path(article.id).as_posix()}:{line_of(article.text, span.start)}"
        console.print(Text.assemble((f"[{number}] ", "cyan"), article.title, (f"  {place}", "dim")))
        console.print(_indented(_dim(f"“{collapse(span.of(article.text))}”")))
    supported = sum(claim.support is not Support.UNSUPPORTED for claim in answer.claims)
    console.print()
    console.print(
        _dim(
            f"{supported} of {len(answer.claims)} sentences supported by the articles; "
            f"written by {answer.run.model}, cited by ibid."
        )
    )


def marked_text(answer: Answer) -> str:
    """Return the answer's text with a word behind each sentence that needs one."""
    text, end = "", 0
    for claim in answer.claims:
        text += answer.text[end : claim.span.end]
        end = claim.span.end
        if claim.support in (Support.ALTERED, Support.UNSUPPORTED):
            text += f" ({VERDICTS[claim.support]})"
    return text + answer.text[end:]


def _print_refusal(answer: Answer, library: Library, console: Console) -> None:
    console.print(Text(answer.text, style="bold"))
    if answer.hits:
        console.print("\nThe nearest passages:")
    for hit in answer.hits:
        article = library.article(hit.passage.article)
        first = hit.passage.sentences[0].start
        console.print()
        _print_source_line(article, library, console, line_of(article.text, first))
        text = Span(first, hit.passage.span.end).of(article.text)
        console.print(_indented(_dim(_shortened(plain(text)))))


def _print_source_line(
    article: Article, library: Library, console: Console, line: int | None = None
) -> None:
    console.print(Text(article.title, style="bold"))
    place = library.path(article.id).as_posix() + (f":{line}" if line else "")
    about = filter(None, (article.meta.author, article.meta.date, place))
    console.print(_dim(" · ".join(about)))


def _characters(passage: Passage) -> str:
    return f"characters {passage.span.start}–{passage.span.end}"


def _marked(text: str, wanted: frozenset[str]) -> Text:
    shown = "\n".join(line for line in text.strip().splitlines() if line.strip())
    marked = Text(shown)
    for span in mark_words(shown, wanted):
        marked.stylize("bold yellow", span.start, span.end)
    return marked


def _indented(content: RenderableType) -> RenderableType:
    from rich.padding import Padding

    return Padding(content, (0, 0, 0, 3))


def _shortened(text: str, longest: int = 240) -> str:
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"


def _dim(text: str) -> Text:
    return Text(text, style="dim")
