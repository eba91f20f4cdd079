"""Where articles are at odds about a topic: pairs of sentences that cannot both hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ibid.comparing.conflicts import Relation, find_conflict, find_forecast_conflict
from ibid.comparing.dates import are_apart
from ibid.comparing.relevance import CORE, Hearing
from ibid.types import Article, ArticleId, Assertion, Conflict, Kin, Rule

MOST_PAIRED, ALIKE, WORDS_SHARED = 300, 0.3, 0.4
"""Pairs of sentences that are held against each other, the likeness that they need beyond what all
have in common, and the share of the shorter one's words that tell anything: the rules of conflicts
ask for more."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A conflict, and which two sentences are at odds."""

    conflict: Conflict
    numbers: tuple[int, int]


def find_disputes(
    hearing: Hearing,
    articles: Mapping[ArticleId, Article],
    kin: Sequence[Kin],
    *,
    asks_name: bool,
) -> list[Dispute]:
    """Return what excludes each other, the same words of two articles once.

    `asks_name` tells that a name is asked for, so that another name is another answer.
    """
    copies = [{pair.one, pair.other} for pair in kin if pair.rule is Rule.NEAR_COPY]
    disputes: dict[tuple[object, ...], Dispute] = {}
    for numbers in _pair_alike(hearing):
        first, second = (hearing.voices[n].located.assertion for n in numbers)
        pair = articles[first.article], articles[second.article]
        relation = Relation(
            is_copy={first.article, second.article} in copies,
            is_later=are_apart(*(article.meta.date for article in pair)),
            asks_name=asks_name,
        )
        if conflict := _conflict_of(first, second, pair, relation):
            words = first.article, second.article, conflict.kind, *conflict.said
            disputes.setdefault(words, Dispute(conflict, numbers))
    return sorted(disputes.values(), key=lambda dispute: dispute.numbers)


def _conflict_of(
    one: Assertion, other: Assertion, articles: tuple[Article, Article], relation: Relation
) -> Conflict | None:
    """Return how two sentences exclude each other; within an article only forecasts can."""
    conflict = find_forecast_conflict(one, other, articles)
    if conflict or one.article == other.article:
        return conflict
    return find_conflict(one, other, relation)


def _pair_alike(hearing: Hearing) -> Iterator[tuple[int, int]]:
    """Yield pairs of sentences about the topic that share enough words, those most alike first."""
    voices = hearing.voices
    numbers = [n for n, voice in enumerate(voices) if voice.is_near or voice.relevance >= CORE]
    vectors = hearing.vectors[numbers]
    likeness = np.triu(vectors @ vectors.T, 1)
    places = np.argwhere(likeness >= ALIKE)
    order = np.argsort(-likeness[tuple(places.T)], kind="stable")
    stems = [frozenset(term.stem for term in voices[n].spoken.terms) for n in numbers]
    budget = MOST_PAIRED
    for place in order:
        one, other = (int(number) for number in places[place])
        shorter = min(len(stems[one]), len(stems[other]))
        is_about = voices[numbers[one]].is_about or voices[numbers[other]].is_about
        if is_about and len(stems[one] & stems[other]) >= WORDS_SHARED * shorter:
            yield numbers[one], numbers[other]
            budget -= 1
        if not budget:
            return
