"""Which claims the rows of a comparison are: those that say most of what the articles say."""

import numpy as np

from ibid.comparing.matching import Likeness, Matching
from ibid.comparing.relevance import CORE, Hearing
from ibid.english import is_whole_sentence
from ibid.types import MEASURED

SAYS, NEAR = MEASURED.says, MEASURED.near
"""Likeness to a claim from which a sentence says the same, and from which the claim covers some of
it."""

CANDIDATES = 200
"""Sentences that may be the claim of a row: those that have most to do with the topic."""

LONGEST = 32
"""Words that a claim has at most, so that it can be read at a glance."""

FEWEST = 2
"""Articles that say a row's claim."""

LEAST = 0.2
"""Share of what the first claim covers that another one has to add."""


def choose_claims(hearing: Hearing, matching: Matching, most: int) -> list[int]:
    """Return the sentences that name rows: each adds most to what those before it cover.

    What is covered of an article is the relevance of its sentences, each as far as a claim says it,
    and of each article the one sentence counts that a claim covers best: so a claim that many
    articles make comes first, and none that an earlier one has said. The gain of a set of claims is
    submodular, and choosing greedily comes within 1 − 1/e of the best set (Nemhauser, Wolsey and
    Fisher 1978).
    """
    numbers = _candidates(hearing)
    if not numbers:
        return []
    relevance = np.array([voice.relevance for voice in hearing.voices], dtype=np.float32)
    relevance[relevance < CORE / 2] = 0
    likeness = matching.likeness(numbers)
    matches = ((likeness >= SAYS) & (relevance >= CORE)).astype(np.float32)
    quorum = _best_by_article(matches, hearing).sum(axis=1) >= FEWEST
    cover = _covering(likeness) * quorum[:, None]
    covered = np.zeros(len(relevance), dtype=np.float32)
    chosen: list[int] = []
    first = 0.0
    while len(chosen) < most:
        added = np.maximum(cover - covered, 0) * relevance
        gains = _best_by_article(added, hearing).sum(axis=1) * (covered[numbers] < 1)
        best = int(np.argmax(gains))
        if gains[best] <= max(LEAST * first, 0):
            break
        first = first or float(gains[best])
        chosen.append(numbers[best])
        covered = np.maximum(covered, cover[best])
    return chosen


def _candidates(hearing: Hearing) -> list[int]:
    """Return the sentences about the topic that are understood alone, most relevant first."""
    able = [
        number
        for number, voice in enumerate(hearing.voices)
        if voice.relevance >= CORE
        and voice.is_about
        and voice.located.vector is not None
        and not (voice.located.assertion.context or voice.located.is_doubtful)
        and is_whole_sentence(voice.spoken.text)
        and len(voice.spoken.text.split()) <= LONGEST
    ]
    return sorted(able, key=lambda n: (-hearing.voices[n].relevance, n))[:CANDIDATES]


def _covering(likeness: Likeness) -> Likeness:
    """Return from 0 to 1 how far sentences say what claims say: nothing below `NEAR`."""
    return ((likeness - NEAR) / (SAYS - NEAR)).clip(0, 1)


def _best_by_article(values: Likeness, hearing: Hearing) -> Likeness:
    """Return for each claim the greatest value of each article's sentences."""
    own = hearing.by_article(range(len(hearing.voices)))
    return np.stack([values[:, sentences].max(axis=1) for sentences in own], axis=1)
