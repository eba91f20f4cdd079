"""A checked answer as HTML: quotes below their article, a model's text with its sources below."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ibid.answering import end_of_numbers, number_quotes
from ibid.library import Library
from ibid.output import (
    FORMATS,
    find_said,
    list_parts,
    part_of,
    say_change,
    say_doubt,
    say_opening,
    say_quotes,
    say_readings,
    say_receipt,
    say_scope,
    say_states,
    say_verdict,
)
from ibid.text import as_read, collapse, count, escape, line_of, plain
from ibid.types import Answer, Article, Citation, Claim, Hit, Span, Status, Support
from ibid.ui.panes.markup import Mark, Tag, write_markdown
from ibid.ui.panes.sources import about, key_of, key_of_passage
from ibid.ui.panes.trouble import write_notice
from ibid.ui.talk.history import Cited
from ibid.ui.talk.records import write_record
from ibid.ui.talk.request import count_names, name_article

_EXCERPT = 260
_CARD_QUOTE = 600
_DOUBTFUL = (Support.ALTERED, Support.UNSUPPORTED)
_ALTERED = '<span class="unseen"> (altered)</span>'
"""What a screen reader says behind a word that is marked."""

Numbers = Mapping[tuple[str, Span], int]


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished answer as the page keeps it. Its HTML is safe to insert."""

    html: str
    said: str
    """What a listener is told."""
    record: str = ""
    """What its exports are made from."""
    cited: tuple[Cited, ...] = ()
    answer: Answer | None = None
    pointed_at: str = ""
    """What names the one article that a follow-up question asks for, empty for all."""


def finish(
    answer: Answer, library: Library, notes: Sequence[str] = (), *, told: bool = False
) -> Finished:
    """Return what the page keeps of an answer; `notes` say what was not asked or not read.

    Why no model was asked is left out where the page has `told` it.
    """
    page_answer = replace(answer, run=replace(answer.run, notice="")) if told else answer
    html = write_answer(page_answer, library, notes)
    record, cited = write_record(answer, library), _find_cited(answer, library)
    pointed = (library.article(id) for id in answer.run.pointed_at)
    names = count_names(library) if answer.run.pointed_at else Counter[str]()
    pointed_at = "".join(name_article(article, names) for article in pointed)
    return Finished(html, say_result(answer), record, cited, answer, pointed_at)


def _find_cited(answer: Answer, library: Library) -> tuple[Cited, ...]:
    cited: dict[str, Cited] = {}
    for citation in (reference for claim in answer.claims for reference in claim.citations):
        key, article = key_of(citation), library.article(citation.passage.article)
        cited[key] = Cited(key, article.id, citation.quote.of(article.text))
    return tuple(cited.values())


def write_answer(answer: Answer, library: Library, notes: Sequence[str] = ()) -> str:
    """Return the HTML of a finished answer, without its question."""
    body = _write_parts(answer, library) or _write_body(answer, library)
    return _write_why(answer, notes) + body + _write_foot(answer)


def _write_why(answer: Answer, notes: Sequence[str]) -> str:
    """Return what stands above an answer: what was not read, failed, or is not in it."""
    lines = (say_readings(answer.run), *notes, _say_partial(answer))
    caveats = "".join(f'<p class="caveat">{escape(line)}</p>' for line in lines if line)
    failed = (
        "caveat" if "server" in answer.run.settings else "why"
    )  # a model, or that there is none
    notice = write_notice(answer.run.notice)
    return caveats + (f'<p class="{failed}">{notice}</p>' if notice else "")


def _say_partial(answer: Answer) -> str:
    """Return what of an answer does not hold, or is none; empty where nothing is missing."""
    parts = list_parts(answer)
    if missing := sum(part.status is Status.NOT_IN_SOURCES for part in parts):
        return f"{missing} of the {len(parts)} parts of the question are not in your articles."
    doubtful = sum(claim.support in _DOUBTFUL for claim in answer.claims)
    if not doubtful or not answer.run.model:
        return ""
    sentences = count(len(answer.claims), "sentence")
    return f"{doubtful} of {sentences} are not in the articles as they stand here: marked below."


def _write_parts(answer: Answer, library: Library) -> str:
    """Return the HTML of the answers to the parts of a question, empty where it has none."""
    return "".join(
        f'<section class="part"><h3>{escape(part.question)}</h3>{_write_body(part, library)}'
        f'<p class="about">{escape(" ".join(filter(None, (say_scope(part.run), _summary(part)))))}'
        "</p></section>"
        for part in list_parts(answer)
    )


def _write_body(answer: Answer, library: Library) -> str:
    if answer.status is Status.NOT_IN_SOURCES:
        return _write_refusal(answer, library)
    if answer.run.model:
        return _write_written(answer, library) + _write_sources(answer, library)
    return _write_quotes(answer, library) + _write_sources(answer, library)


def say_result(answer: Answer) -> str:
    """Return the one sentence that tells a listener that the answer is there."""
    if answer.status is Status.NOT_IN_SOURCES:
        return answer.text
    if answer.lead:
        return answer.lead
    articles = {c.passage.article for claim in answer.claims for c in claim.citations}
    quotes = count(len(answer.claims), "sentence" if answer.run.model else "quote")
    return f"Answer ready: {quotes} from {count(len(articles), 'article')}."


# The answer itself


def _write_quotes(answer: Answer, library: Library) -> str:
    numbers = number_quotes(answer.claims)
    html = ""
    if answer.lead:
        html += f'<p class="known">{escape(answer.lead)}</p>'
    if opening := say_opening(answer):
        html += f'<p class="known">{escape(opening)}</p>'
    if answer.status is Status.CLOSEST:
        html += f'<p class="caveat">{escape(say_doubt(answer))}</p>'
    for id, group in groupby(answer.claims, key=lambda claim: claim.citations[0].passage.article):
        article = library.article(id)
        sentences = "".join(
            f'<p dir="auto">{escape(claim.text)}{_write_chips(claim, numbers, library)}</p>'
            for claim in group
        )
        html += f'<section class="quoted">{_write_title(article)}{sentences}</section>'
    return html


def _write_written(answer: Answer, library: Library) -> str:
    numbers = number_quotes(answer.claims)
    text, spans = _without_numbers(answer)
    marks: list[Mark] = []
    for claim, span in zip(answer.claims, spans, strict=True):
        chips = _write_chips(claim, numbers, library)
        marks += _mark_changes(
            claim, span.start
        )  # first: where marks overlap, the first one counts
        marks.append(Mark(span, Tag("span", f"claim {claim.support}"), chips))
    return f'<div class="written">{write_markdown(text, Span(0, len(text)), marks)}</div>'


def _mark_changes(claim: Claim, start: int) -> list[Mark]:
    """Return the words of a claim that its source does not have; `start` is where it begins."""
    return [
        Mark(change.said.shifted(start), Tag("mark", "change", say_change(change, claim)), _ALTERED)
        for change in claim.changes
        if change.said
    ]


def _without_numbers(answer: Answer) -> tuple[str, list[Span]]:
    """Return the answer's text without the numbers of its quotes, and where its claims then are."""
    text, end = "", 0
    spans: list[Span] = []
    for claim in answer.claims:
        text += answer.text[end : claim.span.start]
        spans.append(Span(len(text), len(text) + len(claim.span)))
        text += claim.span.of(answer.text)
        end = end_of_numbers(answer.text, claim)
    return text + answer.text[end:], spans


def _write_chips(claim: Claim, numbers: Numbers, library: Library) -> str:
    chips = [
        _write_chip(
            citation, numbers[(citation.passage.article, citation.quote)], claim.support, library
        )
        for citation in claim.citations
    ]
    if claim.support is Support.VERBATIM and len(chips) > 1:
        chips.insert(1, '<span class="also">also</span>')
    word = "" if claim.support is Support.VERBATIM else say_verdict(claim)
    verdict = f'<span class="verdict {claim.support}">{escape(word)}</span>' if word else ""
    remarks = dict.fromkeys(note for cited in claim.citations for note in library.notes(cited))
    notes = f'<span class="notes">{escape("; ".join(remarks))}</span>' if remarks else ""
    keep = _write_keep(claim.citations[0]) if claim.citations else ""
    return f'<span class="chips">{"".join(chips)}{verdict}{notes}{keep}</span>'


def _write_keep(citation: Citation) -> str:
    """Return the button that saves a quote; the keyboard has a key for it, on the number."""
    return (
        f'<button type="button" class="keep" data-keep="{key_of(citation)}" tabindex="-1" '
        'aria-label="Save this quote"><span aria-hidden="true">❞</span></button>'
    )


def _write_chip(citation: Citation, number: int, support: Support, library: Library) -> str:
    article = library.article(citation.passage.article)
    line = line_of(article.text, citation.quote.start)
    quote = shorten(as_read(article.text, citation.quote), _CARD_QUOTE)
    values = {
        "data-cite": key_of(citation),
        "data-title": article.title,
        "data-about": " · ".join(filter(None, (about(article), part_of(citation), f"line {line}"))),
        "data-quote": quote,
        "aria-label": f"Source {number}: {article.title}",
    }
    return f'<button type="button" class="chip {support}"{_attributes(values)}>{number}</button>'


def _attributes(values: Mapping[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in values.items())


# What stands below it


def _write_sources(answer: Answer, library: Library) -> str:
    """List each article once, with how many quotes it has."""
    quotes: dict[str, dict[Span, Citation]] = {}
    for claim in answer.claims:
        for citation in claim.citations:
            quotes.setdefault(citation.passage.article, {})[citation.quote] = citation
    if not quotes:
        return ""
    rows = "".join(
        _write_source(library.article(id), list(by_span.values())) for id, by_span in quotes.items()
    )
    return f'<section class="sources"><h3>Sources</h3><ul>{rows}</ul></section>'


def _write_source(article: Article, citations: list[Citation]) -> str:
    about_it = (*_about(article), count(len(citations), "quote"))
    return (
        f'<li><button type="button" class="source" data-cite="{key_of(citations[0])}">'
        f'<bdi class="title">{escape(article.title)}</bdi>'
        f'<span class="about">{isolate(*about_it)}</span></button></li>'
    )


def _write_foot(answer: Answer) -> str:
    summary = _summary(answer)
    paragraph = f"<p>{escape(summary)}</p>" if summary else ""
    saving = "".join(
        f'<button type="button" class="quiet" data-save="{suffix}">{form.label}</button>'
        for suffix, form in FORMATS.items()
    )
    return (
        f'<footer class="foot"><div class="summary">{paragraph}</div>'
        '<div class="actions"><button type="button" class="quiet" data-copy>Copy as Markdown'
        '</button><button type="button" class="quiet" data-link>Copy link</button>'
        f'<details class="menu"><summary class="quiet">Save</summary><div>{saving}</div></details>'
        '<button type="button" class="quiet" data-edit>Edit question</button>'
        '<button type="button" class="quiet" data-again>Ask again</button>'
        '<button type="button" class="quiet" data-watch>Watch</button>'
        '<button type="button" class="quiet" data-missing aria-expanded="false">Missing source?'
        "</button></div></footer>"
    )


def write_retry() -> str:
    """Return the buttons below a question that has no answer."""
    return (
        '<footer class="foot"><div class="actions">'
        '<button type="button" class="quiet" data-again>Ask again</button>'
        '<button type="button" class="quiet" data-edit>Edit question</button></div></footer>'
    )


def write_unanswered() -> str:
    """Return what stands below a question whose answer never came."""
    return '<p class="caveat unanswered">Asked, not answered.</p>' + write_retry()


def _summary(answer: Answer) -> str:
    if answer.status is Status.NOT_IN_SOURCES or answer.parts:
        return ""
    if not answer.run.model:
        return f"{text}." if (text := say_quotes(answer)) else ""
    return say_states(answer)


# No answer


def _write_refusal(answer: Answer, library: Library) -> str:
    unused, measured = (escape(line) for line in say_receipt(answer))
    html = f'<p class="refusal">{escape(answer.text)}</p>'
    html += f'<p class="unused">{unused}</p>' if unused else ""
    if not answer.hits:
        return html
    nearest = "".join(_write_nearest(hit, library) for hit in answer.hits)
    return (
        f'{html}<section class="nearest"><h3>The nearest passages</h3><ul>{nearest}</ul>'
        f'<p class="about">{measured}</p></section>'
    )


def _write_nearest(hit: Hit, library: Library) -> str:
    article = library.article(hit.passage.article)
    line = f"line {line_of(article.text, find_said(hit.passage).start)}"
    text = " ".join(as_read(article.text, sentence) for sentence in hit.passage.sentences)
    excerpt = shorten(text or plain(hit.passage.text), _EXCERPT)
    return (
        f'<li><button type="button" class="source" data-cite="{key_of_passage(hit)}">'
        f'<bdi class="title">{escape(article.title)}</bdi>'
        f'<span class="about">{isolate(*_about(article), line)}</span>'
        f'<span class="excerpt" dir="auto">{escape(excerpt)}</span>'
        "</button></li>"
    )


def _write_title(article: Article) -> str:
    details = isolate(*_about(article))
    line = f'<p class="about">{details}</p>' if details else ""
    return f'<header><h3 dir="auto">{escape(article.title)}</h3>{line}</header>'


def _about(article: Article) -> Sequence[str]:
    return article.meta.byline, article.meta.date


def isolate(*parts: str) -> str:
    """Return the HTML of what is known of something: none of it turns what stands beside it."""
    return " · ".join(f"<bdi>{escape(part)}</bdi>" for part in parts if part)


def shorten(text: str, longest: int) -> str:
    """Return `text` on one line, cut at a word where it is longer than `longest`."""
    text = collapse(text)
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"
