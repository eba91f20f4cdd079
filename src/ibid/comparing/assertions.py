"""Which sentences of an article assert something, and what has to stand beside them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from ibid.english import is_statement, leans
from ibid.index import Corpus, Index, IndexedPassage
from ibid.ports import Embedder, Vectors
from ibid.reading import find_description
from ibid.text import LINE_END, as_read, find_sentences
from ibid.types import Article, ArticleId, Assertion, Citation, Span

DESCRIBED = 20
"""Sentences of an article's description that are compared: no index holds their vectors."""

_WRITING = (
    r"(?:article|post|blog(?:\s+post)?|essay|guide|series|paper|section|chapter|piece|report)"
)
_LEAD_IN = re.compile(
    rf"(?:in\s+)?(?:this|the)\s+{_WRITING}\s*,?\s+(?:we\s+|i\s+|will\s+|also\s+)*"
    r"(?:explores?|examines?|explains?|shows?|describes?|discuss(?:es)?|argues?|outlines?|looks?\s+at)"
    r"\s+(?:how|that|why)\s+"
    r"|(?:discover|learn|see|find\s+out|explore|read)\s+(?:more\s+)?(?:about\s+)?how\s+",
    re.IGNORECASE,
)
"""What announces a clause that asserts something by itself (`This article explores how …`)."""

_QUESTION = re.compile(r"\?[\"'”’)\]*]*(?:$|\s+[\[(])|^(?:which|what|who|how|why)\b[^.]*\?", re.I)
_ABOUT_ITSELF = re.compile(
    rf"\b(?:this|the)\s+{_WRITING}\s+(?:will\s+|also\s+|then\s+)?(?:explor\w+|examin\w+|discuss\w*"
    r"|describ\w+|cover\w*|looks?|delv\w+|aims?|outlin\w+|explain\w*|provid\w+|focus\w*"
    r"|is\s+(?:about|part|the\s+\w+\s+(?:in|of)))\b"
    r"|\b(?:we|i)(?:\s+will|\s+shall|['’]ll)\s+(?:also\s+|then\s+|first\s+|now\s+)?(?:look|examine"
    r"|explore|delve|discuss|cover|describe|explain|walk|dive|go\s+over|talk|share|show|begin|start)"
    r"|\b(?:in\s+this|this\s+is\s+(?:the|a)\s+(?:\w+\s+)?)(?:article|post|blog|series|guide)\b"
    r"|\b(?:read|learn|find\s+out|see|know|hear)\s+more\b|\bplease\s+see\b|^(?:below|above|here)\b"
    r"|\b(?:more|further)\s+(?:information|details?)\b|\bstay\s+tuned\b"
    rf"|\b(?:our|my|yesterday['’]s|an?|the|these)\s+(?:(?:previous|last|next|first|second|earlier"
    rf"|following|new|upcoming|brief|short)\s+){{1,2}}(?:{_WRITING}|tutorial)s?\b",
    re.IGNORECASE,
)
"""What an article says of itself, or where it sends its reader."""

_CALL = re.compile(
    r"(?:please\s+)?(?:read|learn|discover|click|subscribe|sign|follow|join|check|visit|download"
    r"|contact|share|see|watch|imagine|consider|think|try|take|let['’]?s|let|get|find|register"
    r"|explore|note|remember|email|tweet|stay|don['’]t|do\s+not|feel\s+free|head|go)\b"
    r"(?!,)(?!\s+(?:is|are|was|were|can|will|has|have)\b)",
    re.IGNORECASE,
)
_NO_SUBJECT = (
    r"(?:a|an|the|this|that|these|those|some|any|all|more|your|our|my|its|their|us|me|it|you|we|them"
    r"|to|of|for|on|in|at|by|with|from|into|about|out|up|back|over|through|inside|around|as|if|how"
    r"|what|when|where|which|who|why|whether|and|or|but|also)\b"
)
_FINITE = (
    r"(?:(?:is|are|was|were|has|have|had|does|did|can|could|will|would|may|might|must|should|ran"
    r"|came|became|made|gave|took|got|grew|began|kept|led|went|wrote|built)(?:n['’]t)?\b"
    r"|\w+[^\Wsu]s\s+(?:a|an|the|its|all|both|no|it|us)\b"
    r"|\w+ed\s+(?:a|an|the|its|all|as|to|for|from|in|by|with)\b)"
)
_NO_CALL = re.compile(
    r"(?!let|do|get|stay|feel)\w+(?:['’]s\b"
    r"|\s+\d+\.\d[\d.]*(?:['’]s|—|\s+(?:\w+\s+)?\w+(?:s|ed)\b)"
    rf"|(?:\s+(?!{_NO_SUBJECT})[\w.'’/-]+){{0,4}}?\s+(?!{_NO_SUBJECT}){_FINITE}"
    r"|(?<=go)\s+(?:\w+ly\s+|also\s+)?\w+[^\Wsu]s\b)",  # `go` takes no object
    re.IGNORECASE,
)
"""An opening word that looks like a call and is what the sentence is about (`Go 1.5 achieves …`,
`Watch lists are …`): a verb comes before anything that could follow a call."""

_SAID = r"(?:said|says|told\s+\w+|added|wrote|explained|noted)"
_REPORTED = re.compile(
    rf"^[\"“].*[\"”]$|\b(?:he|she|they)\s+{_SAID}\b|^[\"“].*[\"”,]\s*it\s+{_SAID}\b", re.IGNORECASE
)
_CODE = re.compile(r"^(?:```|~~~)|[{};]\s*$|^\s*[|]|=>|::|^\$\s|</?[a-z]+[\s>/]")
_VERB = re.compile(
    r"\b\w{2,}(?:s|ed|ing|en)\b|\b(?:is|are|was|were|be|can|may|will|has|have|had|do|does)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?P<label>[A-Z0-9][^.:!?]{2,60}):\s+(?=\S)")

_FEWEST_WORDS, _MOST_CHARACTERS = 5, 600


@dataclass(frozen=True, slots=True)
class Located:
    """An assertion and where its vector is."""

    assertion: Assertion
    label: str
    """The words that its paragraph or list item opens with (`Data Bias: …`), empty without."""
    is_doubtful: bool
    """Whether it may rather call to act, announce what follows or report what somebody said."""
    vector: int | None
    """Its row among the sentences' vectors, None for what an article says in its front matter."""


def asserts(text: str) -> bool:
    """Tell whether a sentence asserts something about the world, and says itself who says so.

    Questions, headings, slogans, calls to act, code and what an article says about itself do not.
    """
    return _may_assert(text) and not _is_doubtful(text)


def _may_assert(text: str) -> bool:
    """Tell whether a sentence is one that could assert something: no question, heading or code."""
    body = _LABEL.sub("", text, count=1)
    return (
        is_statement(text)
        and len(text.split()) >= _FEWEST_WORDS
        and len(text) <= _MOST_CHARACTERS
        and not text.endswith("!")
        and _VERB.search(text) is not None
        and not _QUESTION.search(body)
        and not _CODE.search(body)
    )


def _is_doubtful(text: str) -> bool:
    """Tell whether a sentence looks like a call, an announcement or a report of what was said.

    Its opening tells, so this is a guess (`Share the news`, `Share prices rose`).
    """
    body = _LABEL.sub("", text, count=1)
    signs = (_ABOUT_ITSELF, _REPORTED)
    return _calls(body) or any(sign.search(body) for sign in signs)


def _calls(text: str) -> bool:
    """Tell whether a sentence calls its reader to act."""
    return _CALL.match(text) is not None and not _NO_CALL.match(text)


def find_claims(
    articles: Sequence[ArticleId],
    rows: Sequence[IndexedPassage],
    index: Index,
    embedder: Embedder,
) -> tuple[list[Located], Vectors]:
    """Return what each article asserts, in order of its place, and a vector for each."""
    claims = list(_find_claims(articles, rows, index))
    return claims, _vectors(claims, index, embedder)


def _find_claims(
    articles: Sequence[ArticleId], rows: Sequence[IndexedPassage], index: Index
) -> Iterator[Located]:
    """Yield what each article asserts, in order of its place."""
    by_article: dict[ArticleId, list[IndexedPassage]] = defaultdict(list)
    for row in rows:
        by_article[row.passage.article].append(row)
    for id in articles:
        article = index.corpus.article(id)
        yield from islice(find_described(article, index.corpus), DESCRIBED)
        for row in by_article[id]:
            yield from find_assertions(row, article)


def _vectors(claims: Sequence[Located], index: Index, embedder: Embedder) -> Vectors:
    rows = [claim.vector for claim in claims if claim.vector is not None]
    by_row = dict(zip(rows, index.sentences.vectors(rows), strict=True)) if rows else {}
    return np.array(
        [
            embedder.query(claim.assertion.text)[0]
            if claim.vector is None
            else by_row[claim.vector]
            for claim in claims
        ],
        dtype=np.float32,
    )


def list_assertions(
    article: Article, rows: Iterable[IndexedPassage], corpus: Corpus
) -> Iterator[Located]:
    """Yield all that an article asserts: in its description, then in its text."""
    yield from find_described(article, corpus)
    for row in rows:
        yield from (
            assertion for assertion in find_assertions(row, article) if not assertion.is_doubtful
        )


def find_assertions(row: IndexedPassage, article: Article) -> Iterator[Located]:
    """Yield what a passage asserts, in order, and what it may assert."""
    before, label, end = "", "", row.passage.span.start
    for number, sentence in enumerate(row.passage.sentences):
        if LINE_END.search(article.text, end, sentence.start):
            label = ""
        span = _without_lead_in(article.text, sentence)
        text = as_read(article.text, span)
        label = _label_of(text) or label
        if _may_assert(text):
            assertion = Assertion(Citation(row.passage, span), text, _context(text, before))
            yield Located(assertion, label, _is_doubtful(text), row.first_sentence + number)
        before, end = (text if is_statement(text) else ""), sentence.end


def find_described(article: Article, corpus: Corpus) -> Iterator[Located]:
    """Yield what the front matter's description asserts."""
    front, place = corpus.first_passage(article.id), find_description(article)
    if front is None or place is None:
        return
    if not front.span.start <= place.start <= place.end <= front.span.end:
        return
    for sentence in find_sentences(article.text, place):
        span = _without_lead_in(article.text, sentence)
        text = as_read(article.text, span)
        if asserts(text):
            yield Located(
                Assertion(Citation(front, span), text), "", is_doubtful=False, vector=None
            )


def _without_lead_in(text: str, sentence: Span) -> Span:
    """Return the clause that a sentence only announces, else the sentence."""
    match = _LEAD_IN.match(text, sentence.start, sentence.end)
    return Span(match.end(), sentence.end) if match else sentence


def _label_of(text: str) -> str:
    match = _LABEL.match(text)
    return match["label"] if match else ""


def _context(text: str, before: str) -> str:
    """Return what a sentence leans on, where it does: the one before it."""
    return before if leans(_LABEL.sub("", text, count=1)) else ""
