"""Phrases in quotation marks, and the passages that hold them word for word."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ibid.english import unique_stems
from ibid.index import Index
from ibid.search.question import Question
from ibid.search.ranking import Ranked, rank
from ibid.text import collapse, plain, search_copy
from ibid.types import Phrase, Span

MOST_READ = 2000
"""Passages with all words of a phrase that are looked through for it."""

FEW = 2
"""Words that are no phrase where none of them carries meaning."""

_DOUBLE = '"“”„‟＂«»‹›'
_QUOTED = re.compile(
    rf"(?<!\w)[{_DOUBLE}](?P<double>[^{_DOUBLE}]+)[{_DOUBLE}](?!\w)"
    r"|(?<!\w)[‘‚‛'](?P<single>(?:[^‘’‚‛']|(?<=\w)['’](?=\w))+)[’‘'](?!\w)"
    r"|[「『](?P<corner>[^「」『』]+)[」』]"
)
_FOLDED = str.maketrans(
    dict.fromkeys("‘’‚‛′`´", "'") | dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)
_ENDS = " #*_>.,;:!?…" + _DOUBLE
_DASHES = re.compile("-{2,}")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


@dataclass(frozen=True, slots=True)
class Literal:
    """What a question has in quotation marks, and which passages hold it."""

    phrases: tuple[Phrase, ...] = ()
    rows: frozenset[int] = frozenset()
    """Of the passages with any of the phrases those that hold the most."""


def find_quoted(text: str) -> list[Span]:
    """Return what stands in quotation marks, without these; an apostrophe is none.

    >>> text = "Is 'the farmers' own' price “fair”?"
    >>> [span.of(text) for span in find_quoted(text)]
    ['fair']
    """
    return [Span(*quoted.span(quoted.lastgroup or 0)) for quoted in _QUOTED.finditer(text)]


def find_literal(question: Question, index: Index) -> Literal:
    """Return the quoted phrases of a question, with the passages that hold them."""
    quoted = [collapse(span.of(question.text)) for span in find_quoted(question.text)]
    holders = {phrase: find_phrase(phrase, question, index) for phrase in quoted}
    counts = Counter(row for rows in holders.values() for row in rows)
    most = max(counts.values(), default=0)
    return Literal(
        tuple(
            Phrase(phrase, len(rows))
            for phrase, rows in holders.items()
            if rows or unique_stems(phrase)
        ),
        frozenset(row for row, number in counts.items() if number == most),
    )


def rank_literally(question: Question, index: Index, k: int, literal: Literal) -> list[Ranked]:
    """Return the `k` best passages, those before all others that hold the quoted phrases."""
    ranked = rank(question, index, k)
    if not literal.rows:
        return ranked
    first = rank(replace(question, rows=literal.rows), index, k)
    remaining = [hit for hit in ranked if hit.row not in literal.rows]
    return [*first, *remaining][:k]


def find_phrase(phrase: str, question: Question, index: Index) -> frozenset[int]:
    """Return the passages of a question that hold a phrase, or that stand below one that does."""
    wanted = _pattern(phrase)
    rows = _may_hold(phrase, question, index)
    return frozenset(row for row in rows if any(map(wanted.search, _texts(row, index))))


def holds_phrase(text: str, phrase: str) -> bool:
    """Tell whether a text has a phrase word for word."""
    return _pattern(phrase).search(_fold(text)) is not None


def is_phrase(text: str, phrase: str) -> bool:
    """Tell whether a text is a phrase word for word, but for marks at its ends."""
    return bool(phrase.strip(_ENDS)) and _fold(text.strip(_ENDS)) == _fold(phrase.strip(_ENDS))


def _pattern(phrase: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(_fold(phrase.rstrip(' ,.;:!?…')))}(?!\w)")


def _may_hold(phrase: str, question: Question, index: Index) -> list[int]:
    """Return the passages that have all words of a phrase.

    Of words that carry no meaning the index knows nothing: where a phrase has no others, and is no
    mere word or two, the passages that are closest to the question are looked through.
    """
    if stems := unique_stems(phrase):
        hits = index.words.search([[stems]], MOST_READ, question.rows)
    elif len(phrase.split()) > FEW:
        hits = index.meaning.search(question.vector, MOST_READ, question.rows)
    else:
        hits = []
    return [row for row, _ in hits]


def _texts(row: int, index: Index) -> Iterator[str]:
    """Yield what may hold a phrase: a passage as it stands and as it is read, and its headings."""
    passage = index.corpus.row(row).passage
    headings = index.corpus.article(passage.article).headings_above(passage)
    yield from map(_fold, (passage.text, plain(passage.text), *headings))
    if "<" in passage.text:
        yield _fold(plain(_TAG.sub("", passage.text)))


def _fold(text: str) -> str:
    """Return a text as phrases are compared: case, breaks of lines and shapes of marks are one."""
    folded = unicodedata.normalize("NFKC", search_copy(text).translate(_FOLDED))
    return collapse(_DASHES.sub("-", folded)).casefold()
