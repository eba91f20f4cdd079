"""Which sentences of an article assert something, and what has to stand beside them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ibid.comparison import Assertion
from ibid.corpus import Corpus, Row
from ibid.evidence import is_statement
from ibid.text import LINE_END, plain
from ibid.types import Citation, Span

_QUESTION = re.compile(
    r"\?[\"'”’)\]*]*(?:$|\s+[\[(])|^(?:which|what|who|whom|whose|how|why)\b[^.]*\?", re.I
)
_ABOUT_ITSELF = re.compile(
    r"\b(?:this|the)\s+(?:article|post|blog(?:\s+post)?|essay|guide|series|paper|section|chapter|piece)\s+"
    r"(?:will\s+|also\s+|then\s+)?(?:explores?|examines?|discuss\w*|describes?|covers?|looks?|delves?|aims?"
    r"|outlines?|explains?|provides?|is\s+(?:about|part|the\s+\w+\s+(?:in|of)))\b"
    r"|\b(?:we|i)(?:\s+will|\s+shall|['’]ll)\s+(?:also\s+|then\s+|first\s+|now\s+)?(?:look|examine|explore"
    r"|delve|discuss|see|cover|describe|explain|walk|dive|go\s+over|talk|share|show|begin|start)\b"
    r"|\b(?:in\s+this|this\s+is\s+(?:the|a)\s+(?:\w+\s+)?)(?:article|post|blog|series|guide)\b"
    r"|\bto\s+learn\s+more\b|\bfor\s+(?:more|further)\s+(?:information|details)\b|\bstay\s+tuned\b",
    re.IGNORECASE,
)
_CALL = re.compile(
    r"^(?:please\s+)?(?:read|learn|discover|click|subscribe|sign|follow|join|check|visit|download|contact"
    r"|share|see|watch|imagine|consider|think|try|take|let['’]?s|let|get|find|register|explore|note|remember"
    r"|email|tweet|stay|don['’]t|do\s+not|feel\s+free|head|go)\b(?!,)(?!\s+(?:is|are|was|were|can|will|has|have)\b)",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"^[\"“].*[\"”]$|^[\"“].*[\"”,]\s*(?:he|she|they|it)\s+(?:said|says|told|added|wrote|explained|noted)\b"
    r"|\b(?:he|she|they)\s+(?:said|says|told\s+\w+|added|wrote|explained|noted)\b",
    re.IGNORECASE,
)
_SLOGAN = re.compile(r"!\s*$")
_CODE = re.compile(r"^(?:```|~~~)|[{};]\s*$|^\s*[|]|=>|::|^\$\s")
_VERB = re.compile(
    r"\b\w{2,}(?:s|ed|ing|en)\b|\b(?:is|are|was|were|be|can|may|will|has|have|had|do|does)\b", re.I
)
_LEANS = re.compile(
    r"^(?:(?:and|but|so|yet|however|furthermore|moreover|also|in\s+addition),?\s+)?"
    r"(?:this|these|those|that|it|its|they|their|them|he|she|his|her|such|both|another|the\s+(?:former|latter|same))\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^(?P<label>[A-Z0-9][^.:!?]{2,60}):\s+(?=\S)")
_FEWEST_WORDS, _MOST_CHARACTERS = 5, 600


@dataclass(frozen=True, slots=True)
class Located:
    """An assertion and where its vector is."""

    assertion: Assertion
    label: str
    """The words that its paragraph or list item opens with (`Data Bias: …`), empty without."""
    vector: int
    """Its row among the sentences' vectors, −1 where it has none."""


def asserts(text: str) -> bool:
    """Tell whether a sentence asserts something about the world, and says itself who says so.

    Questions, headings, slogans, calls to act, code and what an article says about itself do not.
    """
    said = _LABEL.sub("", text)
    return (
        is_statement(text)
        and len(text.split()) >= _FEWEST_WORDS
        and len(text) <= _MOST_CHARACTERS
        and _VERB.search(text) is not None
        and not any(
            found.search(said)
            for found in (_QUESTION, _ABOUT_ITSELF, _CALL, _REPORTED, _SLOGAN, _CODE)
        )
    )


def find_assertions(row: Row, corpus: Corpus) -> Iterator[Located]:
    """Yield what a passage asserts, in order."""
    article = corpus.article(row.passage.article)
    before, label = "", ""
    last = Span(row.passage.span.start, row.passage.span.start)
    for number, span in enumerate(row.passage.sentences):
        text = plain(span.of(article.text))
        if LINE_END.search(article.text, last.end, span.start):
            label = ""
        label = _label(text) or label
        if asserts(text):
            assertion = Assertion(Citation(row.passage, span), text, _context(text, before))
            yield Located(assertion, label, row.first_sentence + number)
        before, last = (text if is_statement(text) else ""), span


def _label(text: str) -> str:
    found = _LABEL.match(text)
    return found["label"] if found else ""


def _context(text: str, before: str) -> str:
    """Return what a sentence leans on, where it does: the one before it."""
    return before if _LEANS.match(_LABEL.sub("", text)) else ""
