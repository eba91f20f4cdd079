"""The JSON that programs read: the contract of docs/json.md, kept stable."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ibid.english import find_marks
from ibid.library import Library
from ibid.output.wording import line_of_finding, line_of_text
from ibid.text import HIDDEN, line_of
from ibid.types import (
    Agreement,
    Answer,
    Article,
    ArticleId,
    Assertion,
    BuildReport,
    Cell,
    Change,
    Citation,
    Claim,
    Comparison,
    Conflict,
    Described,
    Figure,
    File,
    Finding,
    Hit,
    LeftOut,
    Moment,
    Problem,
    Proof,
    Query,
)
from ibid.types import Row as ComparedRow

Json = dict[str, Any]


def dump_json(value: object) -> str:
    """Return data as JSON text: UTF-8 can hold it, and what hides stands there as its number."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return HIDDEN.sub(lambda match: json.dumps(match[0])[1:-1], text)


def dump_line(value: object) -> str:
    """Return what `dump_json` does, on one line."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return HIDDEN.sub(lambda match: json.dumps(match[0])[1:-1], text)


def answer_json(answer: Answer, library: Library) -> Json:
    """Return an answer as `ask --json` prints it."""
    return {
        "question": answer.question,
        "status": answer.status.value,
        "text": answer.text,
        "lead": answer.lead,
        "claims": [_claim_json(claim, library) for claim in answer.claims],
        "hits": [hit_json(hit, library) for hit in answer.hits],
        "receipt": asdict(answer.receipt) if answer.receipt else None,
        "run": asdict(answer.run),
        "parts": [answer_json(part, library) for part in answer.parts],
    }


def hit_json(hit: Hit, library: Library) -> Json:
    """Return a hit as it stands in an answer."""
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
        "parts": {signal: round(part, 6) for signal, part in hit.parts.items()},
    }


def search_json(hits: Sequence[Hit], query: Query, library: Library) -> list[Json]:
    """Return hits as `search --json` prints them, each with how the question was read for it."""
    read_as = [asdict(reading) for reading in query.read_as]
    return [hit_json(hit, library) | {"read_as": read_as} for hit in hits]


def citation_json(citation: Citation, library: Library) -> Json:
    """Return a citation: `quote` is the article's text from `start` to `end`."""
    article, standing = library.article(citation.passage.article), library.standing(citation)
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
        "state": standing.state.value,
        "line_now": standing.line,
        "notes": list(library.notes(citation)),
    }


def proof_json(proof: Proof, library: Library) -> Json:
    """Return what the articles have of a sentence; its place is in characters of its text."""
    nearest = citation_json(proof.nearest, library) if proof.nearest else None
    return {**_claim_json(proof.claim, library), "nearest": nearest}


def comparison_json(comparison: Comparison, library: Library) -> Json:
    """Return a comparison as `compare --json` prints it."""
    return {
        "topic": comparison.topic,
        "articles": [_column_json(id, library) for id in comparison.articles],
        "rows": [_row_json(row, library) for row in comparison.rows],
        "alone": [assertion_json(assertion, library) for assertion in comparison.alone],
        "figures": [_figure_json(figure, library) for figure in comparison.figures],
        "timeline": [_moment_json(moment, library) for moment in comparison.timeline],
        "silent": comparison.silent,
        "unused": list(comparison.unused),
        "sentences": comparison.sentences,
        "compared": comparison.compared,
        "run": asdict(comparison.run),
    }


def assertion_json(assertion: Assertion, library: Library) -> Json:
    """Return what an article asserts: `text` as it reads, `quote` as it stands there."""
    cited = citation_json(assertion.citation, library)
    return {"text": assertion.text, "context": assertion.context, **cited}


def claim_json(assertion: Assertion, library: Library) -> Json:
    """Return what an article asserts as `show --claims --json` prints it."""
    marks = [
        {"kind": mark.kind.value, "text": mark.span.of(assertion.text), "value": mark.value}
        for mark in find_marks(assertion.text)
    ]
    return assertion_json(assertion, library) | {"marks": marks}


def _column_json(id: ArticleId, library: Library) -> Json:
    article = library.article(id)
    return {
        "article": id,
        "title": article.title,
        "author": article.meta.author,
        "date": article.meta.date,
        "path": library.path(id).as_posix(),
        "findings": [
            _finding_json(finding, article) for finding in article.findings if not finding.year
        ],
    }


def _row_json(row: ComparedRow, library: Library) -> Json:
    return {
        "title": row.title,
        "agreement": _agreement_json(row.agreement),
        "cells": [_cell_json(cell, library) for cell in row.cells],
        "conflicts": [_conflict_json(conflict, library) for conflict in row.conflicts],
    }


def _agreement_json(agreement: Agreement) -> Json:
    kin = [
        {"one": pair.one, "other": pair.other, "rule": pair.rule.value, "why": pair.why}
        for pair in agreement.kin
    ]
    return {"articles": agreement.articles, "sources": agreement.sources, "kin": kin}


def _cell_json(cell: Cell, library: Library) -> Json:
    return {
        "article": cell.article,
        "stance": cell.stance.value,
        "difference": cell.difference,
        "quotes": [assertion_json(quote, library) for quote in cell.quotes],
        "searched": cell.searched,
        "nearest": assertion_json(cell.nearest, library) if cell.nearest else None,
        "score": round(cell.score, 6),
    }


def _conflict_json(conflict: Conflict, library: Library) -> Json:
    return {
        "kind": conflict.kind,
        "words": list(conflict.said),
        "quotes": [
            assertion_json(assertion, library) for assertion in (conflict.one, conflict.other)
        ],
    }


def _figure_json(figure: Figure, library: Library) -> Json:
    """Return a figure: `text` as the article spells it, `low` and `high` as numbers."""
    return {
        "article": figure.quote.article,
        "thing": figure.thing,
        "text": figure.text,
        "low": figure.low,
        "high": figure.high,
        "unit": figure.unit,
        "when": figure.when,
        "group": figure.group,
        "quote": assertion_json(figure.quote, library),
    }


def _moment_json(moment: Moment, library: Library) -> Json:
    return {
        "article": moment.quote.article,
        "year": moment.year or None,
        "when": moment.when,
        "forecast": moment.is_forecast,
        "counted": moment.is_counted,
        "quote": assertion_json(moment.quote, library),
    }


def report_json(report: BuildReport) -> Json:
    """Return a build's report as `build --json` prints it."""
    return asdict(report)


def article_json(article: Article, passages: int) -> Json:
    """Return an article as `articles --json` prints it."""
    return {
        "article": article.id,
        "title": article.title,
        **{name: value for name, value in asdict(article.meta).items() if name != "title"},
        "passages": passages,
        "characters": len(article.text),
        "warnings": list(article.warnings),
        "copies": list(article.copies),
    }


def described_json(article: Described) -> Json:
    """Return what an article is listed by."""
    meta = {name: value for name, value in asdict(article.meta).items() if name != "title"}
    copies = list(article.copies)
    return {"article": article.id, "title": article.title, **meta, "copies": copies}


def skipped_json(files: Sequence[File], left_out: Sequence[LeftOut]) -> list[Json]:
    """Return the files that are not read as `articles --skipped --json` prints them."""
    unread = [(file.path, file.reason) for file in files]
    omissions = [(path, entry.reason) for entry in left_out for path in entry.paths]
    return [{"path": path, "reason": reason} for path, reason in (*unread, *omissions)]


def problem_json(problem: Problem) -> Json:
    """Return a problem as `check --json` prints it."""
    return asdict(problem)


def lint_json(findings: Mapping[ArticleId, Sequence[Finding]], library: Library) -> list[Json]:
    """Return the findings per article as `lint --json` prints them."""
    return [
        {
            "article": id,
            "title": library.article(id).title,
            "findings": [_finding_json(finding, library.article(id)) for finding in group],
        }
        for id, group in findings.items()
    ]


def _claim_json(claim: Claim, library: Library) -> Json:
    return {
        "text": claim.text,
        "start": claim.span.start,
        "end": claim.span.end,
        "support": claim.support.value,
        "changes": [_change_json(change, claim) for change in claim.changes],
        "citations": [citation_json(citation, library) for citation in claim.citations],
    }


def _change_json(change: Change, claim: Claim) -> Json:
    """Return what was altered: `said` is the claim's text from `start` to `end`, if any."""
    return {
        "kind": change.kind,
        "said": change.said.of(claim.text) if change.said else "",
        "start": change.said.start if change.said else None,
        "end": change.said.end if change.said else None,
        "instead": change.instead,
    }


def _finding_json(finding: Finding, article: Article) -> Json:
    return {
        "rule": finding.rule.value,
        "text": finding.text,
        "start": finding.span.start,
        "end": finding.span.end,
        "line": line_of_finding(article, finding),
        "quote": finding.span.of(article.text),
    }
