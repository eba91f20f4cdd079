"""Words of a question that no article has, read as words that they use."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from ibid.english import (
    STOP_WORDS,
    english_words,
    find_terms,
    is_english,
    may_be_english,
    spelled_alike,
    stems,
)
from ibid.index import Index
from ibid.search.filters import fold
from ibid.search.phrases import find_quoted
from ibid.text import language_of
from ibid.types import Reading, Span

SHORTEST, SHORTEST_NAME = 4, 5
"""Letters of a word, and of a name, that may be read as another one."""

TWO_EDITS, TWO_EDITS_IN_SOUND = 11, 7
"""Letters from which two edits may lie between a word and what it is read as; and the same where
both have the same consonants."""

REPLACED = 8
"""Letters of a name from which it may have a letter too much or a wrong one: shorter ones are too
often other names (`Tosny`, `Tony`)."""

VOWEL_REPLACED = 6
"""The same for a wrong vowel."""

OFTENER = 5
"""How often as many passages as the next best a word needs that is as close."""

ENGLISH, READ = 0.4, 0.75
"""Shares of a question's words that have to be English before others are read as such, and then."""

FEW = 3
"""Words that do not tell in which language they are."""

LIKELY, LOOKED_AT = 12, 5
"""Stems whose own words are looked at, and in how many passages of each."""

BY_RULE = 0.1
"""What a capital that begins a sentence or a heading counts, where others count 1."""

_BESIDE = re.compile(r"[\w@/\\&#+=-]")
_POSSESSIVE = re.compile(r"['’]s?$")
_OPENS = re.compile(r"(?:[.!?:\n#*-]|^)\W*$")
_DOUBLE = re.compile(r"(.)\1")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class _Strange:
    """A word of a question that no article has and that is no English one."""

    word: str
    """In small letters."""
    span: Span
    is_name: bool
    """Whether it is written like a name, and does not open the question."""
    opens: bool
    """Whether it is written like a name where any word would be: it opens the question."""

    @property
    def most(self) -> int:
        return 2 if len(self.word) >= TWO_EDITS_IN_SOUND else 1


@dataclass(frozen=True, slots=True)
class _Near:
    """A word that the articles use and that is spelled much like a strange one."""

    edits: int
    stem: str
    word: str
    """As the articles write it mostly."""
    passages: int
    """How many of them have it, in some form; 0 for a stop word, which no index counts."""
    is_seen: bool
    """Whether it was seen in one of them, and not only another form of it."""

    @property
    def is_name(self) -> bool:
        return not self.word.islower()


def read_spelling(text: str, index: Index) -> tuple[str, tuple[Reading, ...]]:
    """Return a question in words that the articles use, and which of its words were read so.

    Only a word is read as another one that no article uses in any form, that is no English word
    and is no name in the index. What stands in quotation marks stays as it is, and so does a
    question in another language.
    """
    if language_of(text) != "en":
        return text, ()
    strange = _find_strange(text, index)
    if not strange or _english_share(text, index, ()) < ENGLISH:
        return text, ()
    corrections = [(typo.span, word) for typo in strange if (word := _read(typo, index))]
    if _english_share(text, index, [span.of(text) for span, _ in corrections]) < READ:
        return text, ()
    wording, end = "", 0
    for span, word in corrections:
        wording, end = wording + text[end : span.start] + word, span.end
    return wording + text[end:], tuple(Reading(span.of(text), word) for span, word in corrections)


# Strange words


def _find_strange(text: str, index: Index) -> list[_Strange]:
    terms = find_terms(text)
    counts = index.words.document_frequencies([term.stem for term in terms])
    unknown = [term.span for term, count in zip(terms, counts, strict=True) if not count]
    quoted = find_quoted(text)
    typed = [
        strange
        for span in unknown
        if (strange := _read_typed(text, span))
        and not any(quote.start <= span.start < quote.end for quote in quoted)
    ]
    names = _names_of(index) if typed else frozenset[str]()
    return [
        candidate
        for candidate in typed
        if candidate.word not in names and not is_english(candidate.word)
    ]


def _read_typed(text: str, span: Span) -> _Strange | None:
    """Return a word that may be spelled wrongly: letters alone, no abbreviation and no code."""
    word = _POSSESSIVE.sub("", span.of(text))
    end = span.start + len(word)
    beside = text[max(span.start - 1, 0) : span.start] + text[end : end + 1]
    is_plain = word.isascii() and word.isalpha() and (word[1:].islower())
    if not is_plain or len(word) < SHORTEST or _BESIDE.search(beside):
        return None
    capital = word[0].isupper() and not _is_title(text)
    opens = not _WORD.search(text[: span.start])
    span = Span(span.start, end)
    return _Strange(word.lower(), span, capital and not opens, capital and opens)


def _is_title(text: str) -> bool:
    """Tell whether words that no name is made of begin with a capital, too."""
    _, *words = _WORD.findall(text) or [""]
    return any(word[0].isupper() and word.lower() in STOP_WORDS for word in words)


def _english_share(text: str, index: Index, typos: Collection[str]) -> float:
    """Return the share of a question's words that are English, of the articles, or among `typos`.

    Short words tell nothing, but for stop words, and nor do questions that are very short.
    """
    words = _WORD.findall(text)
    telling = [word for word in words if word.lower() in STOP_WORDS or len(word) >= SHORTEST]
    counts = index.words.document_frequencies([_stem(word.lower()) for word in telling])
    english = [
        word
        for word, count in zip(telling, counts, strict=True)
        if count or word in typos or word.lower() in STOP_WORDS or may_be_english(word.lower())
    ]
    return len(english) / len(telling) if len(words) > FEW and telling else 1.0


def _stem(word: str) -> str:
    return next(iter(stems(word)), word)


def _names_of(index: Index) -> frozenset[str]:
    """Return the words of what the articles are called, and of who wrote them."""
    texts = (
        " ".join((work.id, work.title, *work.meta.authors, *work.meta.tags, *work.meta.keywords))
        for work in index.corpus.described
    )
    return frozenset(word for text in texts for word in _WORD.findall(fold(text)))


# What they are read as


def _read(strange: _Strange, index: Index) -> str:
    """Return what a strange word is read as, empty where no word or more than one is close."""
    best = _choose([*_find_near(strange, index)], strange.word)
    if not best or not _may_stand_for(best, strange):
        return ""
    word = best.word.lower() if is_english(best.word.lower()) else best.word
    capital = (strange.is_name or strange.opens) and word.islower()
    return word.capitalize() if capital else word


def _choose(near: Sequence[_Near], word: str) -> _Near | None:
    """Return the closest word: fewest edits, then a slip of the finger, then far oftener used."""
    by_stem: dict[str, _Near] = {}
    for option in sorted(
        near, key=lambda option: (*_distance(option, word), -option.passages, option.word)
    ):
        by_stem.setdefault(option.stem, option)
    best, *rivals = by_stem.values() or [None]
    rival = next(iter(rivals), None)
    if best and rival and _distance(best, word) == _distance(rival, word):
        return best if best.passages >= OFTENER * max(rival.passages, 1) else None
    return best


def _distance(near: _Near, word: str) -> tuple[int, bool, bool, bool]:
    is_slip, lacks_letter = _is_slip(word, near.word.lower()), len(word) < len(near.word)
    return near.edits, not is_slip, not lacks_letter, not near.is_seen


def _is_slip(word: str, other: str) -> bool:
    """Tell whether two words differ in the order of letters, or in one that is doubled."""
    return sorted(word) == sorted(other) or _DOUBLE.sub(r"\1", word) == _DOUBLE.sub(r"\1", other)


def _sound(word: str) -> str:
    """Return the first letter and the consonants of a word, none doubled."""
    return word[0] + _DOUBLE.sub(r"\1", re.sub("[aeiouy]", "", word[1:]))


def _may_stand_for(near: _Near, strange: _Strange) -> bool:
    word, candidate = strange.word, near.word.lower()
    if _is_slip(word, candidate):
        return True
    if may_be_english(word):
        return False
    if near.edits > 1 and len(word) < TWO_EDITS and _sound(word) != _sound(candidate):
        return False
    if near.is_name or strange.is_name:
        return near.is_name and _is_misspelled_name(word, candidate)
    ends_alike = word.startswith(candidate) or candidate.startswith(word)
    return not strange.opens or (near.edits == 1 and not ends_alike)


def _is_misspelled_name(word: str, name: str) -> bool:
    """Tell whether a word is a name with letters missing or swapped, and not another name."""
    if len(word) < SHORTEST_NAME or word[-1] != name[-1] or name.endswith(word):
        return False
    if len(word) >= VOWEL_REPLACED and _sound(word) == _sound(name):
        return True
    return len(word) >= REPLACED or len(word) < len(name)


def _find_near(strange: _Strange, index: Index) -> Iterator[_Near]:
    """Yield the words of the articles, and stop words, that are spelled much alike."""
    word, most = strange.word, strange.most
    english = {entry for entry in english_words() if entry[0] in word[:2] and entry.isalpha()}
    english |= english_words() & set(_begin_otherwise(word))
    near = sorted(spelled_alike(word, sorted(english), most))
    yield from (
        _Near(edits, form, form, 0, is_seen=True) for edits, form in near if form in STOP_WORDS
    )
    near_stems = {stem for _, form in near for stem in stems(form)}
    for stem in sorted(near_stems | {*_find_stems(strange, index)}):
        yield from _near_of(strange, stem, near, index)


def _begin_otherwise(word: str) -> Iterator[str]:
    """Yield a word with another first letter, and with one more."""
    for letter in ascii_lowercase:
        yield from (letter + word, letter + word[1:])


def _near_of(
    strange: _Strange, stem: str, english: Sequence[tuple[int, str]], index: Index
) -> Iterator[_Near]:
    """Yield the words of a stem, as the articles write them or as English has them."""
    passages = index.words.document_frequencies([stem])[0]
    forms = _written(stem, index) if passages else {}
    for edits, spelling in spelled_alike(strange.word, sorted(forms), strange.most):
        yield _Near(edits, stem, forms[spelling], passages, is_seen=True)
    is_named = all(not word.islower() for word in forms.values())
    for edits, spelling in english if forms else ():
        if spelling not in forms and [stem] == stems(spelling):
            form = spelling.capitalize() if is_named else spelling
            yield _Near(edits, stem, form, passages, is_seen=False)


def _written(stem: str, index: Index) -> dict[str, str]:
    """Return the words of a stem in some passages, each as it is written there mostly.

    A capital that begins a sentence or a heading counts little.
    """
    uses: dict[str, dict[str, float]] = {}
    rows = [row for row, _ in index.words.search([stem], LOOKED_AT)]
    for entry in index.corpus.rows(rows):
        text = "\n".join((*entry.passage.headings, entry.passage.text))
        for span in (term.span for term in find_terms(text) if term.stem == stem):
            token = _POSSESSIVE.sub("", span.of(text))
            opens = _OPENS.search(text[max(span.start - 4, 0) : span.start]) or span.start == 0
            form = token.lower() if opens and is_english(token.lower()) else token
            forms = uses.setdefault(token.lower(), {})
            forms[form] = forms.get(form, 0.0) + (BY_RULE if opens else 1.0)
    return {word: max(sorted(forms), key=lambda form: forms[form]) for word, forms in uses.items()}


def _find_stems(strange: _Strange, index: Index) -> list[str]:
    """Return the stems of the articles that a strange word may begin with, the closest first."""
    word, most = strange.word, strange.most
    letters = set(word)
    near: list[tuple[int, str]] = []
    for first in sorted(set(word[:2])):
        for stem in index.words.terms(first):
            if SHORTEST - 1 <= len(stem) <= len(word) + most and len(set(stem) - letters) <= most:
                lengths = range(len(stem) - 1, len(stem) + 2)
                beginnings = {word[:length] for length in lengths}
                edits = [edits for edits, _ in spelled_alike(stem, beginnings, most)]
                near += [(min(edits), stem)] if edits else []
    return [stem for _, stem in sorted(near, key=lambda pair: (pair[0], -len(pair[1])))[:LIKELY]]
