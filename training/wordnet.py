"""Words that WordNet opposes to each other, and those that mostly can stand for each other."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import ibid.english.wordnet

_FEW = 3
"""Others that a word may have to be replaced by one of them: of more, most fit another sense."""


def _read(name: str) -> dict[str, list[str]]:
    path = Path(ibid.english.wordnet.__file__).with_name(name)
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return {first: others for first, *others in lines if others}


def _both_ways(links: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    found = {one: list(others) for one, others in links.items()}
    for one, others in links.items():
        for other in others:
            found.setdefault(other, []).append(one)
    return found


def _of_one_form(one: str, others: Sequence[str]) -> list[str]:
    return [other for other in others if other[-2:] == one[-2:] and other[:3] != one[:3]]


OPPOSITES = _both_ways(_read("antonyms.txt"))
RELATED = {
    one: kept
    for one, others in _read("related.txt").items()
    if len(others) <= _FEW and (kept := _of_one_form(one, others))
}
