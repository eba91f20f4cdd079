"""The JSON of `--json=brief`: what was said, where it stands and what holds, for agents.

A place is `article:line`. What an answer needs in full is in `as_json`.
"""

from collections.abc import Sequence

from ibid.library import Library
from ibid.output.as_json import Json
from ibid.output.wording import line_of_text, list_parts, say_change
from ibid.text import line_of
from ibid.types import (
    Answer,
    Assertion,
    Cell,
    Citation,
    Claim,
    Comparison,
    Conflict,
    Hit,
    Row,
    Stance,
    Support,
)


def brief_answer_json(answer: Answer, library: Library) -> Json:
    """Return an answer with a verdict and places for each sentence; of parts each by itself."""
    unused = answer.receipt.unused if answer.receipt else ()
    parts = [brief_answer_json(part, library) for part in list_parts(answer)]
    return {
        "question": answer.question,
        "status": answer.status.value,
        **({"parts": parts} if parts else {"text": answer.text}),
        **({} if parts else {"claims": [_claim(claim, library) for claim in answer.claims]}),
        **({"unused": list(unused)} if unused else {}),
    }


def brief_search_json(hits: Sequence[Hit], library: Library) -> list[Json]:
    """Return passages, each with its place."""
    return [
        {
            "place": f"{hit.passage.article}:{_line(hit, library)}",
            "headings": list(hit.passage.headings),
            "text": hit.passage.text.strip(),
        }
        for hit in hits
    ]


def brief_comparison_json(comparison: Comparison, library: Library) -> Json:
    """Return who says what of each row, with its place, and what cannot both hold."""
    return {
        "topic": comparison.topic,
        "rows": [_row(row, library) for row in comparison.rows],
        "alone": [_said(assertion, library) for assertion in comparison.alone],
    }


def _claim(claim: Claim, library: Library) -> Json:
    """Return a verdict with its places; the article's own words where they are others."""
    verdict: Json = {
        "support": claim.support.value,
        "places": [_place(citation, library) for citation in claim.citations],
    }
    if claim.support in (Support.ALTERED, Support.REWORDED):
        verdict["source"] = [_quote(citation, library) for citation in claim.citations]
    if claim.changes:
        verdict["changes"] = [say_change(change, claim) for change in claim.changes]
    return verdict


def _line(hit: Hit, library: Library) -> int:
    return line_of_text(library.article(hit.passage.article), hit.passage)


def _place(citation: Citation, library: Library) -> str:
    article = library.article(citation.passage.article)
    return f"{article.id}:{line_of(article.text, citation.quote.start)}"


def _quote(citation: Citation, library: Library) -> str:
    return citation.quote.of(library.article(citation.passage.article).text)


def _row(row: Row, library: Library) -> Json:
    silent = [cell.article for cell in row.cells if cell.stance is Stance.SILENT]
    return {
        "title": row.title,
        "sources": row.agreement.sources,
        "conflicts": [_conflict(conflict, library) for conflict in row.conflicts],
        "says": [_cell(cell, library) for cell in row.saying],
        "close": [_cell(cell, library) for cell in row.close],
        "silent": silent,
    }


def _cell(cell: Cell, library: Library) -> Json:
    differs = {"differs": cell.difference} if cell.difference else {}
    return _said(cell.quotes[0], library) | differs


def _said(assertion: Assertion, library: Library) -> Json:
    return {"place": _place(assertion.citation, library), "text": assertion.text}


def _conflict(conflict: Conflict, library: Library) -> Json:
    places = [_place(assertion.citation, library) for assertion in (conflict.one, conflict.other)]
    return {"kind": conflict.kind, "words": list(conflict.said), "places": places}
