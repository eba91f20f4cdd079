"""What people read in a terminal: answers, hits, articles, findings and reports."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table

from ibid.answering import number_quotes
from ibid.english import mark_words, unique_stems
from ibid.library import Library
from ibid.output.printing import Console, Text, highlight
from ibid.output.wording import (
    PARTS,
    RULES,
    find_said,
    line_of_finding,
    line_of_text,
    list_notes,
    list_parts,
    marked_text,
    part_of,
    say_choice,
    say_doubt,
    say_left_out,
    say_opening,
    say_quotes,
    say_readings,
    say_receipt,
    say_states,
)
from ibid.text import as_read, collapse, count, line_of, list_some, plain, set_apart
from ibid.types import (
    Answer,
    Article,
    ArticleId,
    Citation,
    File,
    Finding,
    Hit,
    LeftOut,
    Passage,
    Query,
    Rule,
    Run,
    Span,
    Status,
)


def print_answer(answer: Answer, library: Library, console: Console) -> None:
    """Print an answer: quotes below their article, a model's text with its sources below."""
    if readings := say_readings(answer.run):
        console.print(_dim(readings))
    if answer.parts:
        _print_parts(answer, library, console)
    elif answer.status is Status.NOT_IN_SOURCES:
        _print_refusal(answer, library, console)
    elif answer.run.model:
        _print_written(answer, library, console)
    else:
        _print_quotes(answer, library, console)
    if chosen := say_choice(answer.run):
        console.print(_dim(chosen))


def _print_parts(answer: Answer, library: Library, console: Console) -> None:
    for part in list_parts(answer):
        console.print(Text(f"{part.question}\n", style="bold underline"))
        print_answer(part, library, console)
        console.print()


def print_hits(
    hits: Sequence[Hit], query: Query, library: Library, console: Console, *, explain: bool
) -> None:
    """Print how a question was read, and the passages that were found, its words marked."""
    if reading := say_readings(query):
        console.print(_dim(reading), end="\n\n")
    wanted = frozenset(unique_stems(query.question))
    for number, hit in enumerate(hits, start=1):
        article = library.article(hit.passage.article)
        line = line_of_text(article, hit.passage)
        console.print(Text.assemble((f"{number}. ", "bold"), (article.title, "bold")))
        trail = " > ".join(hit.passage.headings)
        place = _place(article, line, library)
        about = filter(None, (place, _characters(hit.passage), trail, article.meta.date))
        console.print(_indented(_dim(" · ".join(about))))
        if explain:
            ranks = ", ".join(f"{signal}: place {rank}" for signal, rank in hit.ranks.items())
            parts = " + ".join(f"{signal} {part:.3f}" for signal, part in hit.parts.items())
            console.print(_indented(_dim(f"score {hit.score:.3f} = {parts} ({ranks})")))
        console.print(_indented(_marked(hit.passage.text, wanted)))
        console.print()


def print_prompt(run: Run, console: Console) -> None:
    """Print what a model's context was taken up by, and which passages found no room."""
    console.print()
    if not run.prompt:
        console.print(_dim("No model was asked, so there is no prompt to explain."))
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("tokens", justify="right")
    table.add_column("of the prompt, by a careful estimate")
    for part in run.prompt:
        label = PARTS.get(part.what, f"passage: {_ends(part.title)}")
        style = "" if part.packed else "dim"
        left_out = "" if part.packed else "left out, no room: "
        table.add_row(f"{part.tokens:,}", Text(left_out + label), style=style)
    total = sum(part.tokens for part in run.prompt if part.packed)
    console.print(table)
    console.print(_dim(f"{total:,} tokens of a context of {int(run.settings['context']):,}"))


def print_articles(rows: Iterable[tuple[Article, int]], console: Console) -> None:
    """Print the articles in the index, each with its title, author, date and passages."""
    for article, passages in rows:
        size = count(passages, "passage")
        about = " · ".join(filter(None, (article.meta.byline, article.meta.date, size)))
        console.print(Text(article.id, style="bold"))
        console.print(_indented(Text.assemble(article.title, (f"  {about}", "dim"))))


def print_skipped(files: Iterable[File], left_out: Iterable[LeftOut], console: Console) -> None:
    """Print the files that are not read: each with the reason, or so many of a kind."""
    for file in files:
        console.print(Text.assemble((file.path, "bold"), (f"  {file.reason}", "dim")))
    for entry in left_out:
        text = f"  {entry.reason}: {list_some(entry.paths)}"
        console.print(Text.assemble((say_left_out(entry), "bold"), (text, "dim")))


def print_passages(article: Article, passages: Sequence[Passage], console: Console) -> None:
    """Print how an article was cut: each passage with its place and its headings."""
    for passage in passages:
        place = f"line {line_of_text(article, passage)}, {_characters(passage)}"
        trail = " > ".join(passage.headings)
        console.print(Text.assemble((place, "bold"), (f"  {trail}", "dim")))
        console.print(_indented(Text(passage.text.strip())))
        console.print()


def print_findings(
    findings: Mapping[ArticleId, Sequence[Finding]], library: Library, console: Console
) -> None:
    """Print what is noteworthy per article, and how often there is what."""
    for id, group in findings.items():
        if group:
            article = library.article(id)
            _print_source_line(article, library, console)
            console.print(_finding_rows(group, article))
            console.print()
    per_rule = {
        rule: [sum(finding.rule is rule for finding in group) for group in findings.values()]
        for rule in Rule
    }
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("findings", justify="right")
    table.add_column("articles", justify="right")
    table.add_column("what")
    for rule, counts in per_rule.items():
        if any(counts):
            table.add_row(str(sum(counts)), str(sum(map(bool, counts))), RULES[rule])
    if table.row_count:
        console.print(table)
    else:
        console.print(_dim(f"Nothing to note on {count(len(findings), 'article')}."))


def _print_quotes(answer: Answer, library: Library, console: Console) -> None:
    if answer.lead:
        console.print(Text(set_apart(answer.lead), "bold"), end="\n\n" if answer.claims else "\n")
    if opening := say_opening(answer):
        console.print(f"{opening}\n")
    if answer.status is Status.CLOSEST:
        console.print(f"{say_doubt(answer)}\n")
    numbers = number_quotes(answer.claims)
    for id, group in groupby(answer.claims, key=lambda claim: claim.citations[0].passage.article):
        article = library.article(id)
        _print_source_line(article, library, console)
        table = Table.grid(padding=(0, 1))
        table.add_column(justify="right", style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for claim in group:
            citation, *copies = claim.citations
            line = line_of(article.text, citation.quote.start)
            number = numbers[(article.id, citation.quote)]
            notes = _in_brackets(list_notes(citation, library))
            also = [part for copy in copies for part in _also(copy, numbers, library)]
            table.add_row(
                f"{line:>5}",
                Text.assemble(set_apart(claim.text), (f" [{number}]", "cyan"), notes, *also),
            )
        console.print(table)
        console.print()
    if quotes := say_quotes(answer):
        subject = "The number before each quote" if opening else f"{quotes}; the number before each"
        console.print(_dim(f"{subject} is its line in the file."))


def _also(
    citation: Citation, numbers: Mapping[tuple[str, Span], int], library: Library
) -> list[tuple[str, str]]:
    """Return where another article says the same, in pieces with their styles."""
    article = library.article(citation.passage.article)
    number = numbers[(article.id, citation.quote)]
    place = _place(article, line_of(article.text, citation.quote.start), library)
    part = f" ({name})" if (name := part_of(citation)) else ""
    return [(f"\nalso {place}{part}", "dim"), (f" [{number}]", "cyan")]


def _print_written(answer: Answer, library: Library, console: Console) -> None:
    console.print(Text(marked_text(answer)))
    console.print()
    numbers = number_quotes(answer.claims)
    cited = {
        numbers[(citation.passage.article, citation.quote)]: citation
        for claim in answer.claims
        for citation in claim.citations
    }
    for (id, span), number in numbers.items():
        article = library.article(id)
        notes = _in_brackets(list_notes(cited[number], library))
        place = _place(article, line_of(article.text, span.start), library)
        console.print(
            Text.assemble((f"[{number}] ", "cyan"), set_apart(article.title), (f"  {place}", "dim"))
        )
        quote = f"“{set_apart(collapse(span.of(article.text)))}”"
        console.print(_indented(Text.assemble((quote, "dim"), notes)))
    console.print()
    console.print(_dim(say_states(answer)))


def _print_refusal(answer: Answer, library: Library, console: Console) -> None:
    console.print(Text(answer.text, style="bold"))
    unused, measured = say_receipt(answer)
    if unused:
        console.print(Text(unused))
    if answer.hits:
        console.print("\nThe nearest passages:")
    for hit in answer.hits:
        article = library.article(hit.passage.article)
        span = find_said(hit.passage)
        console.print()
        _print_source_line(article, library, console, line_of(article.text, span.start))
        sentences = (as_read(article.text, sentence) for sentence in hit.passage.sentences)
        text = " ".join(sentences) or plain(span.of(article.text))
        console.print(_indented(_dim(_shortened(text))))
    console.print()
    console.print(_dim(measured))


def _place(article: Article, line: int | None, library: Library) -> str:
    return library.path(article.id).as_posix() + (f":{line}" if line else "")


def _print_source_line(
    article: Article, library: Library, console: Console, line: int | None = None
) -> None:
    console.print(Text(set_apart(article.title), style="bold"))
    place = _place(article, line, library)
    about = filter(None, (set_apart(article.meta.byline), article.meta.date, place))
    console.print(_dim(" · ".join(about)))


def _finding_rows(findings: Sequence[Finding], article: Article) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        line = line_of_finding(article, finding)
        quote = collapse(finding.span.of(article.text))
        excerpt = (f"\n“{_shortened(quote)}”", "dim") if quote else ""
        table.add_row(f"{line or '':>5}", Text.assemble(finding.text, excerpt))
    return table


def _in_brackets(notes: Sequence[str]) -> tuple[str, str]:
    return f"  ({'; '.join(notes)})" * bool(notes), "yellow"


def _characters(passage: Passage) -> str:
    return f"characters {passage.span.start}–{passage.span.end}"


def _marked(text: str, wanted: frozenset[str]) -> Text:
    passage = "\n".join(line for line in text.strip().splitlines() if line.strip())
    return highlight(passage, mark_words(passage, wanted), "bold yellow")


def _ends(trail: str) -> str:
    """Return the title and the last of the headings below it."""
    first, _, headings = trail.partition(" > ")
    return " > ".join(filter(None, (first, headings.rpartition(" > ")[2])))


def _indented(content: RenderableType) -> RenderableType:
    from rich.padding import Padding

    return Padding(content, (0, 0, 0, 3))


def _shortened(text: str, longest: int = 240) -> str:
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"


def _dim(text: str) -> Text:
    return Text(text, style="dim")
