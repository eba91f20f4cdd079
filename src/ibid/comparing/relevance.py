"""What the compared articles assert, and how much each sentence has to do with the topic."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import groupby, islice

import numpy as np
from numpy.typing import NDArray

from ibid.comparing.assertions import Located, find_claims
from ibid.comparing.portions import Portion, choose_portion
from ibid.comparing.scoring import score_statements
from ibid.comparing.words import Spoken, are_forms, read_words
from ibid.english import (
    QuestionKind,
    are_related,
    common_words,
    find_terms,
    holds,
    spellings,
    stems,
)
from ibid.index import Index, IndexedPassage
from ibid.ports import Embedder, Vectors
from ibid.search import Question, Ranked, rank
from ibid.types import MEASURED, ArticleId, PassageId

ELSEWHERE = 0.35
"""What a sentence counts in a passage whose words are far from what is asked for."""

DOUBTFUL = 0.5
"""What a sentence counts that may be a call to act, an announcement or a report."""

CORE = 0.3
"""Share of the best sentence's relevance from which another one is about the topic."""

ALL_COUNT, FEW = 30, 5
"""How many sentences about the topic the mean of all sentences counts as, and how many sentences
without anything in common are added to all."""

SPOKEN_OF = MEASURED.spoken_of
"""Score of the best sentence below which the articles say nothing about a topic, unless one holds
all its words."""

COVERED = 0.75
"""Share of the topic's words, by idf, that a sentence holds which is about all of it."""

READ_OTHERWISE = 10
"""Strange words of a topic for which another spelling or a synonym is looked for; those behind them
stay strange."""

READ_FOR_SYNONYMS = 150
"""Sentences closest to the topic in whose words a synonym is looked for."""

SYNONYM, RELATED = MEASURED.synonym, MEASURED.related
"""Cosines of two words from which one is read for the other: of any, and of those that WordNet
relates in some sense of theirs."""

_ASKING = frozenset(stems("given listed named"))
"""What a question does with what it asks for (`which companies are named`)."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What articles are compared about."""

    question: Question
    head: Question | None = None
    """What is asked for of it: `challenges` of "challenges of AI in drug discovery"."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A sentence that asserts something, and how much it has to do with the topic."""

    located: Located
    spoken: Spoken
    relevance: float
    """From 0 to 1, which the best sentence has."""
    is_near: bool
    """Whether it stands where the articles speak about the topic."""
    score: float
    """How well it fits by itself, from 0 to 1."""
    answers: bool
    """Whether it speaks about all of the topic, with the year or number that is asked for."""

    @property
    def is_about(self) -> bool:
        """Whether it is about the topic by itself, and not only more than others are."""
        return self.answers or self.score >= SPOKEN_OF

    @property
    def article(self) -> ArticleId:
        return self.located.assertion.article

    @property
    def passage(self) -> PassageId:
        return self.located.assertion.citation.passage.id


@dataclass(frozen=True, slots=True)
class Hearing:
    """All that the compared articles assert: sentence n has row n of the vectors.

    What the sentences about the topic have in common is taken out of them: vectors of unit length
    tell how close two sentences are beyond being about it.
    """

    articles: tuple[ArticleId, ...]
    voices: tuple[Voice, ...]
    vectors: Vectors
    passages: Mapping[ArticleId, int]
    """How many of each article's passages were searched."""
    portion: Portion
    """What of them was read."""
    ranked: Mapping[PassageId, Ranked]
    """How well each passage fits the topic."""
    best: float
    """The score of the sentence that fits the topic best."""
    is_silent: bool
    """Whether the articles say nothing about the topic."""
    unused: tuple[str, ...]
    """Words of the topic that no article uses, in any form or spelling."""

    def article_of(self, number: int) -> ArticleId:
        """Return the article that a sentence is from."""
        return self.voices[number].article

    def centre(self, numbers: Sequence[int]) -> NDArray[np.float32]:
        """Return the direction of the mean of some sentences' vectors."""
        mean = self.vectors[list(numbers)].mean(axis=0)
        return mean / (float(np.linalg.norm(mean)) or 1.0)

    def likeness(self, numbers: Sequence[int]) -> NDArray[np.float32]:
        """Return how alike sentences are, from −1 to 1, those of one article not at all."""
        vectors = self.vectors[list(numbers)]
        cosines = vectors @ vectors.T
        for own in self.by_article(numbers):
            cosines[own, own] = -1
        return cosines

    def by_article(self, numbers: Sequence[int]) -> Iterator[slice]:
        """Yield where those of each article stand among sentences that come in order."""
        start = 0
        for _, own in groupby(numbers, key=self.article_of):
            end = start + len(list(own))
            yield slice(start, end)
            start = end


def hear(
    topic: Topic, articles: tuple[ArticleId, ...], index: Index, embedder: Embedder
) -> Hearing:
    """Read all that some articles assert, and weigh how much it has to do with the topic."""
    portion = choose_portion(topic.question, articles, index)
    question = replace(topic.question, rows=portion.rows)
    ranked = rank(question, index, len(portion.rows))
    passages = index.corpus.rows([hit.row for hit in ranked])
    by_passage = {row.passage.id: hit for row, hit in zip(passages, ranked, strict=True)}
    rows = sorted(passages, key=lambda row: row.number)
    claims, vectors = find_claims(articles, rows, index, embedder)
    spoken = [read_words(claim.assertion.text, claim.label) for claim in claims]
    scores = {fit.vector: fit.score for fit in score_statements(question, ranked, index)}
    elsewhere = 0.0 if topic.head else 1.0  # where front matter alone says it
    close = defaultdict(lambda: elsewhere, _closeness(topic.head, rows, index))
    strange = _find_strange(question, spoken, index)
    meanings = _find_meant(question, strange, spoken, vectors, embedder) if claims else {}
    judge = _Judge(question, rows, strange, meanings)
    weighed = zip(claims, spoken, vectors, strict=True)
    voices = [_weigh(*parts, judge, scores, close) for parts in weighed]
    best = max((voice.score for voice in voices), default=0.0)
    heard = tuple(normalize(voices, has_head=topic.head is not None))
    is_held = judge.knows_all and any(voice.answers for voice in heard)
    is_silent = best < SPOKEN_OF and not is_held
    return Hearing(
        articles,
        heard,
        set_apart(vectors, heard),
        {id: index.corpus.size_of(id) for id in articles},
        portion,
        by_passage,
        best,
        is_silent,
        judge.unused,
    )


def _weigh(
    located: Located,
    spoken: Spoken,
    vector: NDArray[np.float32],
    judge: "_Judge",
    scores: Mapping[int, float],
    close: Mapping[PassageId, float],
) -> Voice:
    """Return a sentence with what it has to do with the topic.

    `scores` are those of statements as evidence, by their vectors; `close` tells how close each
    passage comes to what is asked for.
    """
    closeness = close[located.assertion.citation.passage.id]
    weight = ELSEWHERE + (1 - ELSEWHERE) * closeness
    rating = None if located.vector is None else scores.get(located.vector)
    score, answers = judge.weigh(spoken, located.assertion.context, vector, rating)
    score *= DOUBTFUL if located.is_doubtful else 1
    return Voice(located, spoken, score * weight, closeness > 0, score, answers)


def set_apart(vectors: Vectors, voices: Sequence[Voice]) -> Vectors:
    """Return the vectors without what is common to those of the sentences about the topic.

    Where these are few, all sentences count, too; and of a few sentences in all it is not known
    what they have in common.
    """
    if not len(vectors):
        return vectors
    about = [n for n, voice in enumerate(voices) if voice.relevance >= CORE]
    common = vectors[about].sum(axis=0) + ALL_COUNT * vectors.mean(axis=0)
    confidence = len(vectors) / (len(vectors) + FEW)
    apart = vectors - confidence * common / (len(about) + ALL_COUNT)
    return apart / np.linalg.norm(apart, axis=1, keepdims=True).clip(min=1e-6)


def _closeness(
    head: Question | None, rows: Sequence[IndexedPassage], index: Index
) -> dict[PassageId, float]:
    """Return from 0 to 1 how close the words of each passage come to what is asked for.

    The usual passage has 0, so that this tells where the articles speak of it.
    """
    if head is None or index.tokens is None or not len(head.tokens) or not rows:
        return {row.passage.id: 1.0 for row in rows}
    closest = index.tokens.closest(head.tokens, [row.number for row in rows]) @ head.token_weights
    usual, most = float(np.median(closest)), float(closest.max())
    shares = ((closest - usual) / ((most - usual) or 1.0)).clip(0, 1).tolist()
    return {row.passage.id: share for row, share in zip(rows, shares, strict=True)}


class _Judge:
    """What a question asks for, and how far sentences go to meet it."""

    def __init__(
        self,
        question: Question,
        rows: Sequence[IndexedPassage],
        strange: Set[str],
        meanings: Mapping[str, str],
    ) -> None:
        self._question, self._meant = question, meanings
        self._kind = question.form.kind
        self._common = common_words(row.passage.text for row in rows)
        unused = strange - meanings.keys() - _ASKING
        words = {term.stem: term.span.of(question.text) for term in find_terms(question.text)}
        self.unused = tuple(word for stem, word in words.items() if stem in unused)
        self.is_strange = bool(unused) and question.form.names_a_subject
        self._weights = {
            stem: question.weights[stem]
            for stem in question.stems
            if self.is_strange or stem not in strange or stem in meanings
        }
        asks_for_unknown = not self._weights and bool(question.form.aspect)
        self._asks_in_vain = asks_for_unknown and self._kind is QuestionKind.NAME

    @property
    def knows_all(self) -> bool:
        """Whether the articles have every word of the question that says what it asks for."""
        return bool(self._weights) and not self.unused

    def weigh(
        self, spoken: Spoken, context: str, vector: NDArray[np.float32], rating: float | None
    ) -> tuple[float, bool]:
        """Return how well a sentence fits, and whether it speaks about all that is asked for.

        `context` is what it leans on, `rating` its score as evidence, where it has one.
        """
        if not self._fits(spoken, context):
            return 0.0, False
        covered = self._covered(spoken, context)
        score = self._score(covered, vector, rating, leans=bool(context))
        return score, covered >= COVERED

    def _score(
        self, covered: float, vector: NDArray[np.float32], rating: float | None, *, leans: bool
    ) -> float:
        if not self._weights and self._kind.is_fact:
            return 1.0  # "when will it happen" names nothing: every date fits
        is_sure = not self._meant and not (leans and self._kind.is_fact)
        if rating is not None and is_sure and not self.is_strange:
            return max(rating, 0.0)
        cosine = float(vector @ self._question.vector[0])
        own = max(0.0, (cosine + covered) / 2)
        return own if self.is_strange else max(own, rating or 0.0)

    def _fits(self, spoken: Spoken, context: str) -> bool:
        """Tell whether a sentence has the year or number asked for, or leans on one that has.

        Of what no article speaks of, no name is one ("which universities are named").
        """
        texts = (spoken.text, context)
        fits = any(holds(self._kind, text, self._common) for text in texts)
        return fits and not self._asks_in_vain

    def _covered(self, spoken: Spoken, context: str) -> float:
        """Return the share of the question's known words that a sentence holds, by idf."""
        leant_on = read_words(context if self._kind.is_fact else "", "")
        total = sum(self._weights.values())
        covered = sum(
            weight
            for stem, weight in self._weights.items()
            if spoken.holds(self._meant.get(stem, stem)) or leant_on.holds(stem)
        )
        return covered / total if total else float(self._kind.is_fact)


def _find_strange(question: Question, spoken: Sequence[Spoken], index: Index) -> set[str]:
    """Return the stems of a question that no article uses in any form."""
    counts = index.words.document_frequencies(question.stems)
    unknown = [stem for stem, count in zip(question.stems, counts, strict=True) if not count]
    vocabulary = {term.stem for sentence in spoken for term in sentence.terms} if unknown else ()
    return {
        stem for stem in unknown if not any(are_forms(stem, candidate) for candidate in vocabulary)
    }


def _find_meant(
    question: Question,
    strange: Set[str],
    spoken: Sequence[Spoken],
    vectors: Vectors,
    embedder: Embedder,
) -> dict[str, str]:
    """Return what strange stems of a question stand for among what is spoken.

    That is the word as America or England spells it, or else a synonym in the closest sentences.
    """
    text = question.text
    words = {term.stem: term.span.of(text).lower() for term in find_terms(text)}
    unknown = ((stem, word) for stem, word in words.items() if stem in strange)
    if not (wanted := dict(islice(unknown, READ_OTHERWISE))):
        return {}
    vocabulary = _stems_of(spoken)
    meanings = {stem: vocabulary[word] for stem, word in _spell(wanted, vocabulary)}
    remaining = {stem: word for stem, word in wanted.items() if stem not in meanings}
    closest = np.argsort(-(vectors @ question.vector[0]), kind="stable")[:READ_FOR_SYNONYMS]
    near = _stems_of(spoken[int(number)] for number in closest)
    return meanings | dict(_find_synonyms(remaining, near, embedder))


def _stems_of(spoken: Iterable[Spoken]) -> dict[str, str]:
    """Return each word of some sentences with its stem."""
    return {
        term.span.of(sentence.text).lower(): term.stem
        for sentence in spoken
        for term in sentence.terms
    }


def _spell(wanted: Mapping[str, str], vocabulary: Collection[str]) -> Iterator[tuple[str, str]]:
    for stem, word in wanted.items():
        yield from ((stem, spelling) for spelling in sorted(spellings(word) & {*vocabulary}))


def _find_synonyms(
    wanted: Mapping[str, str], vocabulary: Mapping[str, str], embedder: Embedder
) -> Iterator[tuple[str, str]]:
    """Yield wanted stems with the stem of a word that is said in their place."""
    if not wanted or not vocabulary:
        return
    vectors = embedder.passages([*vocabulary])
    stems_said = [*vocabulary.values()]
    for stem, word in wanted.items():
        needed = [RELATED if are_related(stem, candidate) else SYNONYM for candidate in stems_said]
        beyond = vectors @ embedder.query(word)[0] - needed
        closest = int(beyond.argmax())
        if beyond[closest] >= 0:
            yield stem, stems_said[closest]


def normalize(voices: Sequence[Voice], *, has_head: bool) -> Iterator[Voice]:
    """Yield the voices with relevances of which the best is 1 and the usual one 0."""
    relevances = [voice.relevance for voice in voices]
    most, usual = max(relevances, default=0.0), float(np.median(relevances)) if relevances else 0.0
    usual = min(usual, most / 2)  # of a few sentences, all may be about the topic
    for voice in voices:
        relevance = max(0.0, voice.relevance - usual) / ((most - usual) or 1.0)
        is_near = voice.is_near and (has_head or relevance >= CORE / 2)
        yield replace(voice, relevance=relevance, is_near=is_near)
