"""What articles have in common where no topic is named."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ibid.comparing.assertions import find_claims
from ibid.comparing.portions import choose_portion
from ibid.comparing.relevance import Hearing, Voice, normalize, set_apart
from ibid.comparing.words import read_words
from ibid.index import Index
from ibid.ports import Embedder
from ibid.types import ArticleId

MOST_HELD = 5_000
"""Articles of which it is told which have most in common; of more, every n-th."""


def choose_alike(articles: Sequence[ArticleId], index: Index, most: int) -> tuple[ArticleId, ...]:
    """Return the articles that have most in common: one and those that are most like it.

    An article is what its first passage and its title say.
    """
    if len(articles) <= most:
        return tuple(articles)
    every = articles[:: 1 + len(articles) // MOST_HELD]
    candidates = [id for id in every if index.corpus.size_of(id)]
    vectors = index.meaning.vectors([min(index.corpus.row_numbers([id])) for id in candidates])
    cosines = vectors @ vectors.T
    closest = np.argsort(-cosines, axis=1, kind="stable")[:, :most]
    best = int(np.take_along_axis(cosines, closest, axis=1).sum(axis=1).argmax())
    places: list[int] = closest[best].tolist()
    return tuple(sorted(candidates[place] for place in places))


def hear_all(articles: tuple[ArticleId, ...], index: Index, embedder: Embedder) -> Hearing:
    """Read all that some articles assert; what others say as well is what they are about."""
    portion = choose_portion(None, articles, index)
    rows = index.corpus.rows(sorted(portion.rows))
    claims, vectors = find_claims(articles, rows, index, embedder)
    voices = [
        Voice(
            claim,
            read_words(claim.assertion.text, claim.label),
            relevance=1.0,
            is_near=True,
            score=1.0,
            answers=False,
        )
        for claim in claims
    ]
    hearing = Hearing(
        articles,
        tuple(voices),
        set_apart(vectors, voices),
        {id: index.corpus.size_of(id) for id in articles},
        portion,
        {},
        1.0,
        not voices,
        (),
    )
    return replace(hearing, voices=tuple(normalize(_by_echo(hearing), has_head=True)))


def _by_echo(hearing: Hearing) -> list[Voice]:
    """Return the sentences, as relevant as other articles have one that is like them."""
    if not hearing.voices:
        return []
    cosines = hearing.vectors @ hearing.vectors.T
    own = [*hearing.by_article(range(len(hearing.voices)))]
    for sentences in own:
        cosines[sentences, sentences] = 0
    echo = np.stack([cosines[:, sentences].max(axis=1) for sentences in own], axis=1).clip(0)
    return [
        replace(voice, relevance=float(heard))
        for voice, heard in zip(hearing.voices, echo.sum(axis=1), strict=True)
    ]
