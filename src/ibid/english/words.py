"""Words as a search sees them: lower-case stems without the words that carry no meaning."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Any

from ibid.text import find_runs, list_words, place_words
from ibid.types import Span

_SCRIPT = re.compile(
    r"(?P<greek>[\u0370-\u03ff\u1f00-\u1fff])|(?P<russian>[\u0400-\u04ff])|(?P<armenian>[\u0531-\u0587])"
    r"|(?P<arabic>[\u0620-\u06ff])|(?P<hindi>[\u0900-\u097f])|(?P<tamil>[\u0b80-\u0bff])"
)
_CONTRACTED = re.compile(r"(?P<first>\w+?)(?P<second>n't|'(?:ll|d|re|ve|m|s)|(?<=can)not)")
_SHORTENED = {
    "n't": "not", "not": "not", "'ll": "will", "'d": "would", "'re": "are", "'ve": "have",
    "'m": "am", "ca": "can", "wo": "will", "sha": "shall",
}  # fmt: skip
_CONTRACTION = re.compile(r"'(?:s|re|ve|ll|d|m)$")

STOP_WORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being
    below between both but by can could did do does doing done down during each few for from
    further had has have having he her here hers him his how i if in into is it its itself
    just like may me might more most much must my no nor not of off on once only or other our
    out over own said say says shall she should so some such tell than that the their them
    then there these they this those through to too under until up upon us very was we were
    what when where which while who whom whose why will with within without would yes you your
    """.split()
)
"""Function words of English and the words that questions are made of."""

K1 = 1.2
"""How soon a repeated word stops counting (Robertson and Zaragoza 2009); tantivy's value too."""


@dataclass(frozen=True, slots=True)
class Term:
    """A stem and the word that it stands for."""

    stem: str
    span: Span


@dataclass(frozen=True, slots=True)
class Word:
    """Any word of a text, stop words and numbers included."""

    stem: str
    span: Span
    tells: bool
    """Whether it carries meaning: it is no stop word."""


def find_words(text: str) -> list[Word]:
    """Return all words of `text` in order; what is contracted is two (`don't`: `do`, `not`)."""
    pairs = (pair for run in find_runs(text) for pair in _split_contraction(run))
    return [Word(_stem(word), span, word not in STOP_WORDS) for word, span in pairs]


def _split_contraction(run: re.Match[str]) -> Iterator[tuple[str, Span]]:
    word = _lower(run[0])
    parts = _CONTRACTED.fullmatch(word)
    if not parts or len(word) != len(run[0]):
        yield word, Span(*run.span())
        return
    cut = run.start() + len(parts["first"])
    yield _SHORTENED.get(parts["first"], parts["first"]), Span(run.start(), cut)
    if second := _SHORTENED.get(parts["second"]):
        yield second, Span(cut, run.end())


def find_terms(text: str) -> list[Term]:
    """Return the terms of `text` in order, stop words left out."""
    words = ((_fold(word), span) for word, span in place_words(text))
    return [Term(_stem(folded), span) for folded, span in words if _tells(folded)]


def stems(text: str) -> list[str]:
    """Return the stems of `text` in order, repeats included."""
    return [_stem(word) for word in map(_fold, list_words(text)) if _tells(word)]


def _tells(word: str) -> bool:
    return bool(word) and word not in STOP_WORDS


@lru_cache(maxsize=1 << 15)
def _stem(word: str) -> str:
    import Stemmer

    untyped: Any = Stemmer
    return str(untyped.Stemmer(_language_of(word)).stemWord(word))


def stem_all(words: Sequence[str]) -> list[str]:
    """Return the stem of each of many English words in lower case, in a tenth of the time."""
    import Stemmer

    untyped: Any = Stemmer
    return list(untyped.Stemmer("english").stemWords(words))


def _language_of(word: str) -> str:
    """Return the language whose endings a word is taken to have: that of most in its script."""
    if word.isascii():
        return "english"
    script = _SCRIPT.match(word)
    return script.lastgroup if script and script.lastgroup else "english"


def unique_stems(text: str) -> tuple[str, ...]:
    """Return each stem of `text` once, in order of appearance."""
    return tuple(dict.fromkeys(stems(text)))


def inverse_document_frequency(documents: int, containing: int) -> float:
    """Return ln(1 + (N − n + ½) / (n + ½)): Lucene's idf, never negative."""
    return log(1 + (documents - containing + 0.5) / (containing + 0.5))


def mark_words(text: str, wanted: frozenset[str]) -> list[Span]:
    """Return where the words of `text` stand whose stems are `wanted`."""
    places: list[Span] = []
    for term in find_terms(text):
        if term.stem in wanted:
            joins = places and places[-1].overlaps(term.span)
            places.append(Span(places.pop().start, term.span.end) if joins else term.span)
    return places


@lru_cache(maxsize=1 << 15)
def _fold(word: str) -> str:
    """Return the word in lower case, compatibility forms resolved; nothing for `don't`.

    A possessive ending and what is contracted with a word (`we'll`) are left out.
    """
    folded = _lower(word)
    return "" if folded.endswith("n't") else _CONTRACTION.sub("", folded).replace("'", "")


def _lower(word: str) -> str:
    return unicodedata.normalize("NFKC", word).lower().replace("’", "'")
