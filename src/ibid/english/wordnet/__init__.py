"""Which words are opposites and which can stand for each other, by WordNet (LICENSE.wordnet).

tests/english/extract.py makes the two lists from WordNet's own files.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from ibid.english.words import STOP_WORDS, stem_all, stems

Links = Mapping[str, frozenset[str]]


def antonyms(word: str) -> frozenset[str]:
    """Return the stems of the words that WordNet calls antonyms of a word, or of a stem."""
    return _find(_antonyms(), word)


def are_opposed(one: str, other: str) -> bool:
    """Tell whether two words are antonyms, as they stand or as comparatives.

    >>> are_opposed("slower", "faster"), are_opposed("slow", "late")
    (True, False)
    """
    return any(
        base in _find(_antonyms(), _positive(one)) for base in (other, _positive(other))
    ) or (other in antonyms(one))


def _positive(word: str) -> str:
    """Return a comparative or superlative without its ending; other words may lose one as well."""
    return re.sub(r"(?:er|est)$", "", word)


def are_related(one: str, other: str) -> bool:
    """Tell whether a word or its stem can stand for another one, in some sense of either.

    >>> are_related("crucial", "essential"), are_related("crucial", "optional")
    (True, False)
    """
    return one == other or not _find(_related(), one).isdisjoint((other, *stems(other)))


def _find(links: Links, word: str) -> frozenset[str]:
    matches = (links[stem] for stem in (word, *stems(word)) if stem in links)
    return next(matches, frozenset[str]())


@cache
def _antonyms() -> Links:
    """Return the antonyms of each stem: a constant, read when it is first needed."""
    return _link(_read("antonyms.txt"))


@cache
def _related() -> Links:
    return _link(_read("related.txt"))


def _read(name: str) -> list[list[str]]:
    lines = Path(__file__).with_name(name).read_text("ascii").splitlines()
    return [line.split() for line in lines]


def _link(lines: Sequence[Sequence[str]]) -> Links:
    """Return what each line's first word is linked with, both ways, all of them by their stems.

    Words that no search looks for have no stem and are left out.
    """
    words = list({word for line in lines for word in line} - STOP_WORDS)
    stem_of = dict(zip(words, stem_all(words), strict=True))
    links: dict[str, set[str]] = {}
    for first, *relatives in lines:
        for relative in relatives:
            one, two = stem_of.get(first), stem_of.get(relative)
            if one and two and one != two:
                links.setdefault(one, set()).add(two)
                links.setdefault(two, set()).add(one)
    return {stem: frozenset(neighbours) for stem, neighbours in links.items()}
