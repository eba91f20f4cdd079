"""The sentences of an answer in the making: written out, each quote with its number."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ibid.search import Evidence
from ibid.types import Change, Citation, Claim, Span, Support

_MARK = re.compile(
    r"(?<![ \t])[ \t]*+(?:\[\^?(?=[\s,;–-]*+\d)[\d\s,;–-]*+\]|【[^】]{0,500}+】"
    r"|\[(?:source|passage)s?:?[^\]]{0,500}+\]|\((?:source|passage)s?:?\s[^)]{0,500}+\))",
    re.IGNORECASE,
)
"""None of it looks at a long text more than once."""

_OPENED = re.compile(r"&(?:#0*91|#x0*5b|lsqb|lbrack);|\\(?=\[)\[", re.IGNORECASE)
_CLOSED = re.compile(r"&(?:#0*93|#x0*5d|rsqb|rbrack);|\\(?=\])\]", re.IGNORECASE)
"""Brackets that only show as such."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence of an answer, the text that stands before it, and what supports it."""

    before: str
    text: str
    citations: tuple[Citation, ...]
    support: Support
    changes: tuple[Change, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it may be shown as supported: quoted, or close to what is cited."""
        return self.support in (Support.VERBATIM, Support.REWORDED)


def quote(evidence: Sequence[Evidence]) -> Iterator[Draft]:
    """Yield the articles' own sentences as an answer, a paragraph per article."""
    article = None
    for sentence in evidence:
        before = " " if sentence.passage.article == article else "\n\n" if article else ""
        article = sentence.passage.article
        yield Draft(before, sentence.text, (sentence.citation, *sentence.also), Support.VERBATIM)


def drop_marks(text: str) -> str:
    """Return a model's text without the citation marks that it made up, nested ones included."""
    text = _OPENED.sub("[", _CLOSED.sub("]", text))
    remainder = _MARK.sub("", text)
    while remainder != text:
        text, remainder = remainder, _MARK.sub("", remainder)
    return remainder.strip()


def keep_what_holds(drafts: Iterable[Draft]) -> list[Draft]:
    """Return the drafts that the articles support, and those that say what they leave open.

    A break before one that goes stays.
    """
    survivors: list[Draft] = []
    broken = ""
    for draft in drafts:
        before = max(broken, draft.before, key=lambda text: text.count("\n"))
        if draft.holds or draft.support is Support.GAP:
            start = before if survivors else ""
            survivors.append(Draft(start, draft.text, draft.citations, draft.support))
            broken = ""
        else:
            broken = before
    return survivors


def assemble(drafts: Iterable[Draft], tail: str = "") -> tuple[str, tuple[Claim, ...]]:
    """Write the answer's text, a number behind each sentence per quote, and place its claims."""
    numbers: dict[tuple[str, Span], int] = {}
    claims: list[Claim] = []
    text = ""
    for draft in drafts:
        text += draft.before
        span = Span(len(text), len(text) + len(draft.text))
        claims.append(Claim(draft.text, span, draft.citations, draft.support, draft.changes))
        text += draft.text
        for citation in draft.citations:
            key = (citation.passage.article, citation.quote)
            text += f" [{numbers.setdefault(key, len(numbers) + 1)}]"
    return text + tail, tuple(claims)


def end_of_numbers(text: str, claim: Claim) -> int:
    """Return where the numbers of a claim's quotes end in an answer's text."""
    numbers = re.compile(rf"(?: \[\d+\]){{{len(claim.citations)}}}")
    match = numbers.match(text, claim.span.end)
    return match.end() if match else claim.span.end


def number_quotes(claims: Iterable[Claim]) -> dict[tuple[str, Span], int]:
    """Return the number of each quote in the answer's text, by article and place."""
    quotes = ((c.passage.article, c.quote) for claim in claims for c in claim.citations)
    return {key: number for number, key in enumerate(dict.fromkeys(quotes), start=1)}
