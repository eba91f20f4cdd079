"""How far what a sentence claims is said by another one: by meaning, and by the same words."""

from collections import Counter
from collections.abc import Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from ibid.comparing.relevance import Hearing

WORDS = 0.5
"""What holding all words of a claim counts beside the cosine of the two sentences."""

OPENING, SELDOM = 2, 0.07
"""The telling words that a claim opens with, its subject mostly, and the share of all sentences
that may have them together: a sentence that names what few do speaks of the same point."""

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
        self._opening = [tuple(t.stem for t in v.spoken.terms[:OPENING]) for v in hearing.voices]
        spread = Counter(stem for stems in self._stems for stem in stems)
        self._telling = {stem: log((1 + len(self._stems)) / n) for stem, n in spread.items()}

    def likeness(self, claims: Sequence[int]) -> Likeness:
        """Return how far each sentence says what each claim says: from −1 to 1 + `WORDS`.

        That is the cosine of the two beyond what all sentences about the topic have in common, and
        the share of the claim's words, by how much they tell, that the sentence has.
        """
        cosines = self._vectors[list(claims)] @ self._vectors.T
        return (cosines + WORDS * self._shares(claims)).astype(np.float32)

    def naming(self, claim: int) -> NDArray[np.bool_]:
        """Return which sentences name what a claim is about, where few of all do.

        So a list ("data privacy, algorithmic bias and misuse") speaks of each thing in it.
        """
        opening = self._opening[claim]
        held = np.array([all(stem in own for stem in opening) for own in self._stems])
        return held & (len(opening) == OPENING and held.mean() <= SELDOM)

    def _shares(self, claims: Sequence[int]) -> Likeness:
        stems = sorted({stem for claim in claims for stem in self._stems[claim]})
        place = {stem: n for n, stem in enumerate(stems)}
        held = np.zeros((len(self._stems), len(stems)), dtype=np.float32)
        for number, own in enumerate(self._stems):
            held[number, [place[stem] for stem in own & place.keys()]] = 1
        weights = np.array([self._telling[stem] for stem in stems], dtype=np.float32)
        asked = held[list(claims)] * weights
        shares: Likeness = asked @ held.T / asked.sum(axis=1, keepdims=True).clip(min=1e-6)
        return shares
