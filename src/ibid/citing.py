"""The system cites: each sentence of an answer is aligned to the articles' own sentences by code.

A model's own citation marks are dropped; what is cited is found here. A sentence is

- verbatim    when an article says exactly this, marks and white space aside;
- altered     when it follows an article's sentence but changes a number or a negation;
- reworded    when one or two of the articles' sentences hold most of its words;
- unsupported when they do not. It gets no citation and is shown as what it is.

A claim is drafted with its place still open; `assemble` numbers the quotes and writes the text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ibid.evidence import Evidence
from ibid.lexical import stems
from ibid.sentences import find_sentences
from ibid.text import collapse, plain
from ibid.types import Citation, Claim, Span, Support

REWORDED = 0.6
"""Share of a sentence's words, by weight, that its quotes must hold; below it is unsupported."""

SECOND_QUOTE = 0.15
"""Share of its words that a second quote must add to be worth showing."""

_MARK = re.compile(
    r"[ \t]*(?:\[\^?[\d\s,;–-]*\d[\d\s,;–-]*\]|【[^】]*】"
    r"|\[(?:source|passage)s?:?[^\]]*\]|\((?:source|passage)s?:?\s[^)]*\))",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nor|neither|without|cannot|\w+n[’']t)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence of an answer, the text that stands before it, and what supports it."""

    before: str
    text: str
    citations: tuple[Citation, ...]
    support: Support


def quote(evidence: Sequence[Evidence]) -> Iterator[Draft]:
    """Yield the articles' own sentences as an answer, a paragraph per article."""
    article = None
    for each in evidence:
        before = " " if each.passage.article == article else "\n\n" if article else ""
        article = each.passage.article
        yield Draft(before, each.text, (each.citation,), Support.VERBATIM)


def cite(
    written: str, evidence: Sequence[Evidence], weights: Mapping[str, float]
) -> tuple[list[Draft], str]:
    """Align each sentence of a model's text to the evidence; return the drafts and the tail.

    `weights` tells how much each stem counts; a stem that is not in it counts most.
    """
    text = drop_marks(written)
    drafts: list[Draft] = []
    end = 0
    for span in find_sentences(text, Span(0, len(text))):
        sentence = plain(span.of(text))
        if sentence.endswith(":"):
            continue  # it introduces the sentences below and asserts nothing
        citations, support = _align(sentence, evidence, weights)
        drafts.append(Draft(text[end : span.start], sentence, citations, support))
        end = span.end
    return drafts, text[end:]


def drop_marks(written: str) -> str:
    """Return a model's text without the citation marks that it made up."""
    return _MARK.sub("", written).strip()


def assemble(drafts: Iterable[Draft], tail: str = "") -> tuple[str, tuple[Claim, ...]]:
    """Write the answer's text, a number behind each sentence per quote, and place its claims."""
    numbers: dict[tuple[str, Span], int] = {}
    claims: list[Claim] = []
    text = ""
    for draft in drafts:
        text += draft.before
        span = Span(len(text), len(text) + len(draft.text))
        claims.append(Claim(draft.text, span, draft.citations, draft.support))
        text += draft.text
        for citation in draft.citations:
            key = (citation.passage.article, citation.quote)
            text += f" [{numbers.setdefault(key, len(numbers) + 1)}]"
    return text + tail, tuple(claims)


def number_quotes(claims: Iterable[Claim]) -> dict[tuple[str, Span], int]:
    """Return the number of each quote in the answer's text, by article and place."""
    quotes = ((c.passage.article, c.quote) for claim in claims for c in claim.citations)
    return {key: number for number, key in enumerate(dict.fromkeys(quotes), start=1)}


def _align(
    sentence: str, evidence: Sequence[Evidence], weights: Mapping[str, float]
) -> tuple[tuple[Citation, ...], Support]:
    said = _bare(sentence)
    for each in evidence:
        if said and said in _bare(each.text):
            return (each.citation,), Support.VERBATIM
    best, share = _best_quotes(frozenset(stems(sentence)), evidence, weights)
    if share < REWORDED:
        return (), Support.UNSUPPORTED
    altered = _differs(sentence, " ".join(each.text for each in best))
    support = Support.ALTERED if altered else Support.REWORDED
    return tuple(each.citation for each in best), support


def _best_quotes(
    wanted: frozenset[str], evidence: Sequence[Evidence], weights: Mapping[str, float]
) -> tuple[list[Evidence], float]:
    """Return the one or two sentences that hold most of the `wanted` stems, and their share."""
    heaviest = max(weights.values(), default=1.0)
    total = sum(weights.get(stem, heaviest) for stem in wanted)
    held = [(each, wanted & frozenset(stems(each.text))) for each in evidence]
    if not held or not total:
        return [], 0.0

    def share(found: frozenset[str]) -> float:
        return sum(weights.get(stem, heaviest) for stem in found) / total

    first, found = max(held, key=lambda pair: share(pair[1]))
    second, more = max(held, key=lambda pair: share(found | pair[1]))
    if share(found | more) - share(found) < SECOND_QUOTE:
        return [first], share(found)
    return [first, second], share(found | more)


def _differs(sentence: str, source: str) -> bool:
    """Tell whether a number is new or a negation came or went."""
    new_numbers = set(_NUMBER.findall(sentence)) - set(_NUMBER.findall(source))
    negations = len(_NEGATION.findall(sentence)) - len(_NEGATION.findall(source))
    return bool(new_numbers) or negations % 2 == 1


def _bare(text: str) -> str:
    """Return the words alone, so that quotes, dashes and a final full stop do not matter."""
    return collapse(re.sub(r"[^\w%$€£.,-]+|[.,-]+(?=\s|$)", " ", text.lower()))
