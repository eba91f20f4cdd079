"""What the articles have to say about a topic, and the themes that several of them share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from ibid.claims import Located
from ibid.facets import Grammar, Phrase, Spoken, find_holders, is_telling
from ibid.ports import Vectors
from ibid.types import ArticleId

CORE = 0.35
"""Share of the best sentence's relevance from which another one is about the topic."""

COMMON = 0.15
"""Share of all sentences from which a phrase is too common to be a theme."""

SPECIFIC = 0.4
"""Share of a phrase's sentences that are about the topic from which the others may be, too."""

NEAR = 0.35
"""Cosine to those that are about the topic from which such another one is."""

WEAK = 0.3
"""Share of the best theme's score that another one needs."""

SAME = 0.6
"""Share of its sentences that a theme may have in common with another."""

MOST = 12
FEWEST = 2
"""Themes, and articles of one theme."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A sentence that asserts something, and how much it has to do with the topic."""

    located: Located
    spoken: Spoken
    relevance: float
    """From 0 to 1, which the best sentence has."""
    is_near: bool
    """Whether it stands where the articles speak about the topic."""

    @property
    def article(self) -> ArticleId:
        return self.located.assertion.article


@dataclass(frozen=True, slots=True)
class Hearing:
    """All that the compared articles assert: sentence n has row n of the vectors."""

    articles: tuple[ArticleId, ...]
    voices: tuple[Voice, ...]
    vectors: Vectors
    passages: Mapping[ArticleId, int]
    """How many of each article's passages were searched."""

    def article_of(self, number: int) -> ArticleId:
        """Return the article that a sentence is from."""
        return self.voices[number].article

    def centre(self, numbers: Sequence[int]) -> NDArray[np.float32]:
        """Return the direction of the mean of some sentences' vectors."""
        mean = self.vectors[list(numbers)].mean(axis=0)
        return mean / (float(np.linalg.norm(mean)) or 1.0)


@dataclass(frozen=True, slots=True)
class Theme:
    """A phrase that several articles use about the topic, and their sentences with it."""

    phrase: Phrase
    members: tuple[int, ...]
    articles: int
    score: float


def find_themes(hearing: Hearing, known: frozenset[str]) -> list[Theme]:
    """Return the themes of what is said about the topic, those of most articles first.

    `known` are stems that tell nothing new: the topic's own. No two themes are mostly the same
    sentences.
    """
    grammar = Grammar(voice.spoken for voice in hearing.voices)
    held = find_holders([voice.spoken for voice in hearing.voices], grammar)
    most = COMMON * len(hearing.voices)
    common = {phrase[0] for phrase, by in held.items() if len(phrase) == 1 and len(by) > most}
    found = [
        theme
        for phrase, holders in held.items()
        if len(holders) <= most and is_telling(phrase, grammar, known | common)
        if (theme := _theme(phrase, holders, hearing))
    ]
    return _choose(found)


def _theme(phrase: Phrase, holders: Sequence[int], hearing: Hearing) -> Theme | None:
    """Return what is said about the topic with a phrase, None where too few articles do.

    What an article says with it elsewhere belongs to it when the phrase is specific and what is
    said is close.
    """
    core = [n for n in holders if hearing.voices[n].relevance >= CORE]
    best: dict[ArticleId, float] = {}
    for number in core:
        voice = hearing.voices[number]
        best[voice.article] = max(best.get(voice.article, 0.0), voice.relevance)
    if len(best) < FEWEST:
        return None
    purity = len(core) / len(holders)
    near = _near(holders, core, hearing) if purity >= SPECIFIC else []
    rarity = log(len(hearing.voices) / len(holders)) / log(len(hearing.voices))
    score = sum(best.values()) * purity**0.5 * _coherence(core, hearing) * rarity
    members = tuple(sorted((*core, *near)))
    return Theme(phrase, members, len({hearing.article_of(n) for n in members}), score)


def _near(holders: Sequence[int], core: Sequence[int], hearing: Hearing) -> list[int]:
    centre = hearing.centre(core)
    return [
        number
        for number in holders
        if number not in core
        and hearing.voices[number].is_near
        and float(hearing.vectors[number] @ centre) >= NEAR
    ]


def _coherence(members: Sequence[int], hearing: Hearing) -> float:
    """Return how close what each article says comes to what another one says, on average."""
    vectors = hearing.vectors[list(members)]
    articles = np.array([hearing.articles.index(hearing.article_of(n)) for n in members])
    cosines = vectors @ vectors.T
    cosines[articles[:, None] == articles[None, :]] = -1
    closest = cosines.max(axis=1)
    return float(np.mean([closest[articles == each].max() for each in np.unique(articles)]))


def _choose(themes: Sequence[Theme]) -> list[Theme]:
    floor = WEAK * max((theme.score for theme in themes), default=0.0)
    strong = [theme for theme in themes if theme.score >= floor]
    chosen: list[Theme] = []
    for theme in sorted(strong, key=_broad_first):
        members = set(theme.members)
        if all(len(members & set(other.members)) <= SAME * len(members) for other in chosen):
            chosen.append(theme)
    return chosen[:MOST]


def _broad_first(theme: Theme) -> tuple[int, int, float, Phrase]:
    return -theme.articles, -len(theme.members), -theme.score, theme.phrase
