"""Which words are English, and which are spelled much like another one.

The list of English words is symspellpy's, as are the distances between spellings.
"""

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.metadata import distribution
from pathlib import Path

from ibid.english.words import STOP_WORDS

_WORDS = "symspellpy/frequency_dictionary_en_82_765.txt"
_ENDINGS = tuple(
    "s es ed d er r ers or ors ing ings ly ness ist ists ism able ible al ize izes ized izing"
    " izer ization ise ises ised ising isation less ful ish wise like".split()
)
_BEGINNINGS = tuple(
    "anti auto bio co counter cyber de dis extra hyper inter intra macro mega meta micro mid mini"
    " mis mono multi nano neuro non out over photo poly post pre pro proto pseudo psycho re semi"
    " sub super tele trans ultra un under".split()
)
_SPELLINGS = tuple(
    pair.split("/")
    for pair in "our/or ise/ize isa/iza isi/izi yse/yze ae/e oe/e tre/ter lled/led lling/ling"
    " ller/ler ogue/og".split()
)
"""What England and America spell otherwise: the list has now the one, now the other."""

_SHORTEST_PART = 4
"""Letters of a word that a longer one may be made of."""


@lru_cache(maxsize=1 << 12)
def is_english(word: str) -> bool:
    """Tell whether a word, in small letters, is an English one in England's spelling or America's.

    >>> is_english("tumour"), is_english("embedder"), is_english("chalenges")
    (True, False, False)
    """
    return not english_words().isdisjoint(spellings(word))


@lru_cache(maxsize=1 << 12)
def may_be_english(word: str) -> bool:
    """Tell whether a word, in small letters, can be made of English ones.

    >>> may_be_english("embedder"), may_be_english("chalenges")
    (True, False)
    """
    parts = (word, *_without_affixes(word))
    return any(map(is_english, parts)) or _is_compound(word)


@cache
def english_words() -> frozenset[str]:
    """Return the English words, in small letters: a constant, read when it is first needed.

    The library itself is not loaded for its list: that takes longer than the list does.
    """
    path = distribution("symspellpy").locate_file(_WORDS)
    lines = Path(str(path)).read_text("utf-8-sig").splitlines()
    return frozenset(line.partition(" ")[0] for line in lines)


def spelled_alike(word: str, others: Iterable[str], most: int) -> Iterator[tuple[int, str]]:
    """Yield which of some words are at most so many edits away, each with their number.

    An edit puts in, leaves out or replaces a letter, or swaps two neighbours.
    """
    from symspellpy.editdistance import DistanceAlgorithm, EditDistance

    compare = EditDistance(DistanceAlgorithm.DAMERAU_OSA).compare
    for other in others:
        if abs(len(other) - len(word)) <= most:
            edits = compare(word, other, most)
            if edits >= 0:
                yield edits, other


def spellings(word: str) -> set[str]:
    """Return a word in the spellings that England and America have for it."""
    pairs = (pair for one, other in _SPELLINGS for pair in ((one, other), (other, one)))
    return {word, *(word.replace(here, there) for here, there in pairs if here in word)}


def _without_affixes(word: str) -> Iterator[str]:
    for ending in _ENDINGS:
        root = word.removesuffix(ending)
        if len(root) >= _SHORTEST_PART and root != word:
            yield root
            if ending[0] in "aeio":
                yield f"{root}e"
            if root[-1] == root[-2]:
                yield root[:-1]
    for beginning in _BEGINNINGS:
        root = word.removeprefix(beginning)
        if len(root) >= _SHORTEST_PART and root != word:
            yield root


def _is_compound(word: str) -> bool:
    known = english_words()
    places = range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)
    parts = ((word[:place], word[place:]) for place in places)
    return any(known.issuperset(both) and STOP_WORDS.isdisjoint(both) for both in parts)
