"""How far what a sentence claims is said by another one: by meaning, and by the same words."""

import re
from collections import Counter
from collections.abc import Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from ibid.comparing.relevance import Hearing
from ibid.english import find_numbers

_VERSION = re.compile(r"\d+(?:\.\d+)+")

Likeness = NDArray[np.float32]
"""Shape (claims, sentences)."""


class Matching:
    """Holds claims against all that the compared articles assert."""

    def __init__(self, hearing: Hearing) -> None:
        self._vectors = hearing.vectors
        self._stems = [
            frozenset(t.stem for t in (*voice.spoken.terms, *voice.spoken.label_terms))
            for voice in hearing.voices
        ]
        self._texts = [voice.spoken.text for voice in hearing.voices]
        self._known_figures: dict[int, frozenset[str]] = {}
        spread = Counter(stem for stems in self._stems for stem in stems)
        self._telling = {stem: log((1 + len(self._stems)) / n) for stem, n in spread.items()}

    def likeness(self, claims: Sequence[int]) -> Likeness:
        """Return how far each sentence says what each claim says: 1 for the same sentence.

        That is the mean of the cosine of the two, beyond what all sentences about the topic have in
        common, and of the shares of words, by how much they tell, that each has of the other.
        """
        cosines = self._vectors[list(claims)] @ self._vectors.T
        return ((cosines + self._shares(claims)) / 2).astype(np.float32)

    def with_figures(self, claim: int) -> NDArray[np.bool_]:
        """Return which sentences have all numbers and years of a claim."""
        wanted = self._figures(claim)
        if not wanted:
            return np.ones(len(self._stems), dtype=np.bool_)
        return np.array([wanted <= self._figures(number) for number in range(len(self._stems))])

    def _figures(self, number: int) -> frozenset[str]:
        if number not in self._known_figures:
            text = self._texts[number]
            figures = {figure.value for figure in find_numbers(text)}
            self._known_figures[number] = frozenset(figures.union(_VERSION.findall(text)))
        return self._known_figures[number]

    def _shares(self, claims: Sequence[int]) -> Likeness:
        """Return the mean of the shares that claims and sentences have of each other's words."""
        stems = sorted({stem for claim in claims for stem in self._stems[claim]})
        place = {stem: n for n, stem in enumerate(stems)}
        incidence = np.zeros((len(self._stems), len(stems)), dtype=np.float32)
        for number, own in enumerate(self._stems):
            incidence[number, [place[stem] for stem in own & place.keys()]] = 1
        telling = np.array([self._telling[stem] for stem in stems], dtype=np.float32)
        shared = (incidence[list(claims)] * telling) @ incidence.T
        whole = [sum(self._telling[stem] for stem in own) for own in self._stems]
        inverse = 1 / np.array(whole, dtype=np.float32).clip(min=1e-6)
        shares = shared * (inverse[list(claims), None] + inverse) / 2
        return shares.astype(np.float32)
