"""Comparisons and answers as one HTML page each, with the quotes marked in their articles.

A page opens without a server and loads nothing: no script is in it, its policy forbids any, and
whatever articles say is escaped.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from ibid import __version__
from ibid.comparing import QUOTES_PER_CELL
from ibid.library import Library
from ibid.output.figures_page import write_figures, write_timeline
from ibid.output.terminal_comparison import say_why_nothing
from ibid.output.wording import list_parts, part_of, say_receipt, say_scope, say_verdict
from ibid.output.wording_of_comparisons import (
    NOTHING,
    SYMBOLS,
    Numbers,
    describe_agreement,
    describe_conflict,
    describe_findings,
    describe_rest,
    describe_scope,
    describe_silence,
    describe_stance,
    number_articles,
    say_key,
    title_of,
)
from ibid.output.wording_of_figures import group_figures
from ibid.text import as_read, count, escape, line_of
from ibid.types import (
    Answer,
    Article,
    ArticleId,
    Assertion,
    Cell,
    Citation,
    Claim,
    Comparison,
    Conflict,
    Row,
    Span,
    Stance,
    Support,
)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_BEGINNING = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="generator" '
    'content="ibid '
)
"""What tells a page that ibid wrote from any other file."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1f1d1a; --soft: #5f5a51; --line: #e7e2d8;
  --paper: #faf8f4; --mark: #fff3cf; --here: #ffe08a; --warn: #8f4310; --link: #1d5661;
  --serif: "Source Serif 4", Charter, Georgia, "Liberation Serif", serif }
@media (prefers-color-scheme: dark) { :root { --ink: #ebe7dd; --soft: #b0a99b; --line: #312f29;
  --paper: #171613; --mark: #4a3f1c; --here: #7a6a00; --warn: #f0b27a; --link: #8ec9d3 } }
body { max-width: 45rem; margin: 2rem auto; padding: 0 1rem; background: var(--paper);
  color: var(--ink); font: 16px/1.55 Inter, system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.5rem; line-height: 1.25 } h2 { margin-top: 2.2rem; font-size: 1.15rem }
a { color: var(--link) } .soft, .about { color: var(--soft); font-size: .9rem }
.warn { color: var(--warn) } table { border-collapse: collapse; width: 100%; font-size: .95rem }
th, td { padding: .35rem .5rem; border-bottom: 1px solid var(--line); text-align: start }
.grid { overflow-x: auto } .stance { color: var(--warn); font-weight: 600 }
.silent { color: var(--soft) } blockquote { margin: .5rem 0; padding-inline-start: .8rem;
  border-inline-start: 3px solid var(--line) } .conflict { border-color: var(--warn) }
.conflict b { color: var(--warn) } .text { white-space: pre-wrap; margin: 0;
  font: 1.05rem/1.6 var(--serif) } mark { background: var(--mark); color: inherit }
.said { font: 1.1rem/1.55 var(--serif) }
mark.change { background: none; color: var(--warn); border-bottom: 2px solid }
a:target + mark { background: var(--here); outline: 2px solid var(--here) }
p, li, td, th, h1, h2, blockquote { unicode-bidi: plaintext }
.about, mark, b, a { unicode-bidi: isolate }
.timeline svg { max-width: 100%; height: auto } .years { list-style: none; padding: 0 }
.years li { margin-top: .8rem } .moment { margin: .2rem 0 } .kind { color: var(--soft) }
.forecast .kind { color: var(--warn) } tbody + tbody tr:first-child td { border-top: 2px solid
  var(--line) } .figures td { vertical-align: top } .quote { width: 50% } summary {
  color: var(--soft) } @media (max-width: 40rem) { .figures thead { display: none }
  .figures :is(tr, td) { display: block; width: auto } .figures td, .figures tbody + tbody
  tr:first-child td { border: 0; padding: 0 }
  .figures tr { padding: .5rem 0; border-bottom: 1px solid var(--line) } }
ol { padding-inline-start: 1.4rem } article { margin-top: 3rem; border-top: 1px solid var(--line) }
@media print { :root { --paper: #fff; --ink: #000 } body { margin: 0; max-width: none }
  blockquote, tr { break-inside: avoid } h1, h2 { break-after: avoid } }
"""

Quoted = Mapping[ArticleId, Sequence[Span]]
"""The quotes of a page, by article."""


def comparison_page(comparison: Comparison, library: Library) -> str:
    """Return a comparison as an HTML page."""
    numbers = number_articles(comparison)
    if not comparison.rows and not comparison.alone:
        message = " ".join((NOTHING, say_why_nothing(comparison), say_scope(comparison.run)))
        return _page(title_of(comparison), [f"<p>{escape(message)}</p>"], {}, library)
    body = [_write_grid(comparison, numbers, library)]
    body += (_write_row(n, row, numbers, library) for n, row in enumerate(comparison.rows))
    if comparison.alone:
        quotes = (_write_quote(numbers[q.article], q, library) for q in comparison.alone)
        body.append(f"<h2>Only one article says</h2>{''.join(quotes)}")
    body += _write_numbers(comparison, numbers, library)
    body.append(f'<p class="soft">{escape(describe_scope(comparison))}</p>')
    citations = [quote.citation for quote in _all_quotes(comparison)]
    return _page(title_of(comparison), body, _by_article(citations), library)


def _write_numbers(comparison: Comparison, numbers: Numbers, library: Library) -> tuple[str, str]:
    """Return the table of the figures, and the times."""

    def write_quote(quote: Assertion, words: Span) -> str:
        place, notes = _place(quote.citation, library), _notes(quote.citation, library)
        return f"{numbers[quote.article]} {place} {_mark_words(quote, words)}{notes}"

    figures = write_figures(comparison, write_quote)
    return figures, write_timeline(comparison, library, write_quote)


def answer_page(answer: Answer, library: Library) -> str:
    """Return an answer as an HTML page."""
    body, citations = _write_answer(answer, library)
    return _page(answer.question, body, _by_article(citations), library)


def _write_answer(answer: Answer, library: Library) -> tuple[list[str], list[Citation]]:
    """Return the HTML of an answer, and what it cites; a part of it stands below its question."""
    if answer.parts:
        parts = [(part.question, *_write_answer(part, library)) for part in list_parts(answer)]
        body = [
            html for question, own, _ in parts for html in (f"<h2>{escape(question)}</h2>", *own)
        ]
        return [*_write_scope(answer), *body], [
            citation for *_, cited in parts for citation in cited
        ]
    citations = [citation for claim in answer.claims for citation in claim.citations]
    body = [_write_claim(claim, library) for claim in answer.claims]
    if answer.lead:
        body.insert(0, f"<p><b>{escape(answer.lead)}</b></p>")
    elif not answer.claims:
        body = [f"<p><b>{escape(answer.text)}</b></p>"]
        body += [f"<p>{escape(line)}</p>" for line in say_receipt(answer) if line]
        body.append("<h2>The nearest passages</h2>")
        citations = [
            Citation(hit.passage, sentence)
            for hit in answer.hits
            for sentence in hit.passage.sentences[:1]
        ]
        body += (_write_cited(citation, "", library) for citation in citations)
    else:
        supported = sum(claim.support is not Support.UNSUPPORTED for claim in answer.claims)
        text = f"{supported} of {count(len(answer.claims), 'sentence')} supported by the articles"
        body.append(f'<p class="soft">{text}.</p>')
    return [*_write_scope(answer), *body], citations


def _write_scope(answer: Answer) -> list[str]:
    scope = say_scope(answer.run)
    return [f'<p class="soft">{escape(scope)}</p>'] if scope else []


def is_page(path: Path) -> bool:
    """Tell whether a file begins as the pages do that ibid writes. Raises OSError."""
    beginning = _BEGINNING.encode()
    with path.open("rb") as file:
        return file.read(len(beginning)) == beginning


def _page(title: str, body: Iterable[str], quoted: Quoted, library: Library) -> str:
    articles = (_write_article(library.article(id), quoted[id]) for id in quoted)
    return (
        f'{_BEGINNING}{__version__}">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n{''.join(body)}\n{''.join(articles)}</body></html>\n"
    )


def _by_article(citations: Iterable[Citation]) -> Quoted:
    quoted: dict[ArticleId, list[Span]] = {}
    for citation in citations:
        spans = quoted.setdefault(citation.passage.article, [])
        if citation.quote not in spans:
            spans.append(citation.quote)
    return {id: sorted(spans) for id, spans in sorted(quoted.items())}


def _all_quotes(comparison: Comparison) -> Iterator[Assertion]:
    for row in comparison.rows:
        for conflict in row.conflicts:
            yield from (conflict.one, conflict.other)
        for cell in row.cells:
            yield from cell.quotes[:QUOTES_PER_CELL]
            if cell.nearest:
                yield cell.nearest
    yield from comparison.alone
    if group_figures(comparison):
        yield from (figure.quote for figure in comparison.figures)
    yield from (moment.quote for moment in comparison.timeline)


# A comparison


def _write_grid(comparison: Comparison, numbers: Numbers, library: Library) -> str:
    items = "".join(
        f"<li>{_link(library.article(id).title, _top(id))}"
        f' <span class="about">{_about(library.article(id))}</span>'
        f' <span class="warn">{escape(describe_findings(library.article(id)))}</span></li>'
        for id in comparison.articles
    )
    head = "".join(f"<th>{number}</th>" for number in numbers.values())
    rows = "".join(
        f'<tr><th><a href="#row{n}">{escape(row.title)}</a></th>'
        f"{''.join(_write_cell_word(cell) for cell in row.cells)}"
        f'<td class="soft">{row.agreement.articles} of {len(row.cells)}</td></tr>'
        for n, row in enumerate(comparison.rows)
    )
    table = f"<table><tr><th></th>{head}<th></th></tr>{rows}</table>" if rows else ""
    key = f'<p class="soft">{escape(say_key(comparison))}</p>' if rows else ""
    return f'<ol>{items}</ol><div class="grid">{table}</div>{key}'


def _write_cell_word(cell: Cell) -> str:
    word = SYMBOLS[cell.stance]
    target = cell.quotes[0] if cell.quotes else cell.nearest
    linked = _link(word, _anchor(target.article, target.span)) if target else escape(word)
    return f'<td class="{cell.stance}">{linked}</td>'


def _write_row(number: int, row: Row, numbers: Numbers, library: Library) -> str:
    agreement = escape(describe_agreement(row, numbers))
    conflicts = "".join(_write_conflict(conflict, numbers, library) for conflict in row.conflicts)
    cells = "".join(_write_cell(cell, numbers, library) for cell in row.cells)
    heading = f'<h2 id="row{number}">{escape(row.title)}</h2>'
    return f'{heading}<p class="soft">{agreement}</p>{conflicts}{cells}'


def _write_conflict(conflict: Conflict, numbers: Numbers, library: Library) -> str:
    quotes = "".join(
        f"<p>{numbers[quote.article]} {_place(quote.citation, library)} "
        f"{_mark_words(quote, words)}</p>"
        for quote, words in zip((conflict.one, conflict.other), conflict.words, strict=True)
    )
    description = escape(describe_conflict(conflict, numbers))
    return f'<blockquote class="conflict"><b>conflict</b> · {description}{quotes}</blockquote>'


def _mark_words(quote: Assertion, words: Span) -> str:
    before, inner, after = quote.text[: words.start], words.of(quote.text), quote.text[words.end :]
    return f"{escape(before)}<b>{escape(inner)}</b>{escape(after)}"


def _write_cell(cell: Cell, numbers: Numbers, library: Library) -> str:
    number = numbers[cell.article]
    if cell.stance is Stance.SILENT:
        silence = escape(describe_silence(cell))
        if cell.nearest:
            place = _place(cell.nearest.citation, library)
            silence += f", {place}: {escape(cell.nearest.text)}"
        return f'<blockquote class="silent">{number} {silence}</blockquote>'
    first, *quotes = cell.quotes[:QUOTES_PER_CELL]
    more = "".join(_write_quote(number, quote, library) for quote in quotes)
    if remainder := describe_rest(cell):
        more += f'<p class="soft">{escape(remainder)}</p>'
    return _write_quote(number, first, library, describe_stance(cell)) + more


def _write_quote(number: int, quote: Assertion, library: Library, stance: str = "") -> str:
    before = f'<span class="stance">{escape(stance)}:</span> ' if stance else ""
    context = f' <span class="soft">[{escape(quote.context)}]</span>' if quote.context else ""
    return (
        f"<blockquote>{number} {_place(quote.citation, library)} {before}{escape(quote.text)}"
        f"{context}{_notes(quote.citation, library)}</blockquote>"
    )


# An answer


def _write_claim(claim: Claim, library: Library) -> str:
    word = "" if claim.support is Support.VERBATIM else f" ({say_verdict(claim)})"
    cited = "".join(_write_cited(citation, claim.text, library) for citation in claim.citations)
    return (
        f'<p class="said">{_mark_changes(claim)}<span class="warn">{escape(word)}</span></p>{cited}'
    )


def _mark_changes(claim: Claim) -> str:
    """Return the words of a claim, those marked that its source does not have."""
    spans = sorted(change.said for change in claim.changes if change.said)
    html, end = "", 0
    for span in spans:
        if span.start >= end:
            html += f'{escape(claim.text[end : span.start])}<mark class="change">'
            html += f"{escape(span.of(claim.text))}</mark>"
            end = span.end
    return html + escape(claim.text[end:])


def _write_cited(citation: Citation, text: str, library: Library) -> str:
    """Return where a claim stands, with its words where they are not those of the claim."""
    article = library.article(citation.passage.article)
    quote = as_read(article.text, citation.quote)
    words = "" if quote == text else f": {escape(quote)}"
    return (
        f'<blockquote class="about">{escape(article.title)}, {_place(citation, library)}{words}'
        f"{_notes(citation, library)}</blockquote>"
    )


# Articles


def _write_article(article: Article, quotes: Sequence[Span]) -> str:
    return (
        f'<article><h2 id="{_top(article.id)}">{escape(article.title)}</h2>'
        f'<p class="about">{_about(article)}</p>'
        f'<p class="text">{_mark(article, quotes)}</p></article>'
    )


def _mark(article: Article, quotes: Sequence[Span]) -> str:
    """Return an article's text with its quotes marked, each behind an anchor of its own."""
    text = article.text
    edges = sorted({0, len(text), *(edge for quote in quotes for edge in (quote.start, quote.end))})
    html = ""
    for start, end in pairwise(edges):
        html += "".join(
            f'<a id="{_anchor(article.id, quote)}"></a>' for quote in quotes if quote.start == start
        )
        inside = any(quote.start <= start < quote.end for quote in quotes)
        words = escape(text[start:end])
        html += f"<mark>{words}</mark>" if inside else words
    return html


def _about(article: Article) -> str:
    return escape(" · ".join(filter(None, (article.meta.byline, article.meta.date, article.id))))


def _place(citation: Citation, library: Library) -> str:
    article = library.article(citation.passage.article)
    line = line_of(article.text, citation.quote.start)
    words = ", ".join(filter(None, (part_of(citation), f"line {line}")))
    return _link(words, _anchor(article.id, citation.quote))


def _notes(citation: Citation, library: Library) -> str:
    notes = "; ".join(library.notes(citation))
    return f' <span class="warn">({escape(notes)})</span>' if notes else ""


def _link(words: str, anchor: str) -> str:
    return f'<a href="#{anchor}">{escape(words)}</a>'


def _top(id: ArticleId) -> str:
    return f"a-{_hex(id)}"


def _anchor(id: ArticleId, quote: Span) -> str:
    return f"q-{_hex(id)}-{quote.start}-{quote.end}"


def _hex(id: ArticleId) -> str:
    """Return an article's id in letters and digits, whatever stands in a file's name."""
    return id.encode("utf-8", "replace").hex()
