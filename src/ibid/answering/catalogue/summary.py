"""The few sentences of an article that together say most of it."""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from ibid.answering.catalogue.places import Place, list_places
from ibid.english import is_statement, leans
from ibid.index import Index
from ibid.ports import Vectors
from ibid.text import as_read
from ibid.types import ArticleId

MOST_READ = 800
"""Sentences of an article that are held against each other: of a longer one, as many at equal
distances."""

FEWEST, LONGEST = 8, 60
"""Words of a sentence that a summary may quote: a shorter one is a stump, a longer one a list."""


def summarize(article: ArticleId, most: int, index: Index) -> list[Place]:
    """Return the sentences that are together closest to all sentences of an article, as it reads.

    One after the other the sentence is taken that adds most: how near each sentence of the article
    is to the nearest one taken (Lin and Bilmes 2011). So none says what another one says.
    """
    places = list(_statements(article, index))
    places = places[:: max(1, -(-len(places) // MOST_READ))]
    own = [number for number, (place, _) in enumerate(places) if stands_alone(place.text)]
    allowed = own or range(len(places))
    if len(allowed) <= most:
        return [places[n][0] for n in allowed] or _first_places(article, most, index)
    vectors = index.sentences.vectors([row for _, row in places])
    return [places[number][0] for number in sorted(cover(vectors, allowed, most))]


def _first_places(article: ArticleId, most: int, index: Index) -> list[Place]:
    """Return what an article that asserts nothing begins with."""
    text = index.corpus.article(article).text
    anything = (p for row in index.corpus.rows_of(article) for p in list_places(row.passage, text))
    return list(islice(anything, most))


def cover(vectors: Vectors, allowed: Sequence[int], most: int) -> list[int]:
    """Return which few of the allowed vectors come closest to all of them, the best first."""
    likeness = np.maximum(vectors @ vectors[list(allowed)].T, 0)
    nearest = np.zeros(len(vectors), dtype=np.float32)
    chosen: list[int] = []
    while len(chosen) < min(most, len(allowed)):
        gains = np.maximum(likeness, nearest[:, None]).sum(axis=0)
        gains[[n for n, number in enumerate(allowed) if number in chosen]] = -1
        best = int(np.argmax(gains))
        chosen.append(allowed[best])
        nearest = np.maximum(nearest, likeness[:, best])
    return chosen


def stands_alone(text: str) -> bool:
    """Tell whether a sentence can be read without the one before it."""
    return FEWEST <= len(text.split()) <= LONGEST and not leans(text) and text[:1].isupper()


def _statements(article: ArticleId, index: Index) -> Iterator[tuple[Place, int]]:
    """Yield the sentences of an article that assert something, each once, with their rows."""
    text, sentences = index.corpus.article(article).text, set[str]()
    for row in index.corpus.rows_of(article):
        for number, span in enumerate(row.passage.sentences):
            sentence = as_read(text, span)
            if is_statement(sentence) and sentence not in sentences:
                sentences.add(sentence)
                yield Place(row.passage, span, sentence), row.first_sentence + number
