"""Finding passages: by words, by meaning, by their article and by their tokens, in one score."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from math import isnan

import numpy as np
from numpy.typing import NDArray

from ibid.english import stems
from ibid.index import Corpus, Index, IndexedPassage
from ibid.ports import TokenVectors
from ibid.search.question import Question
from ibid.text import as_read, search_copy
from ibid.types import Hit, Signal

POOL = 100
"""Passages that each signal proposes: twice as many find no more (docs/decisions)."""

HITS_SHOWN = 8
"""Passages that an answer names as found."""

OWN, ARTICLE, CLOSE = 0.28, 0.22, 0.5
"""Weights of what a passage scores by words and meaning, half and half; of what its article does;
and of how close its words come to those of the question. Chosen on halves of four sets, tested on
the other halves and on three sets more (docs/decisions)."""

HEARD = 8
"""Passages that tell what an article is about: the best ones, or all it has."""

SHORT = 20
"""Passages up to which an article as a whole tells what each of its passages is about."""

NEAR = 0.6
"""Share of the best score from which another article's passage is worth showing."""

READ_CLOSELY = 50
"""Passages whose tokens are compared with those of the question: so many of the best by themselves,
and of the best together with their articles."""

SENTENCE, READ_BY_SENTENCE = 0.23, 8
"""Weight of a passage's best sentence where a question is asked, which one sentence mostly answers;
and how many passages are read for it."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A hit and the row it stands in."""

    row: int
    hit: Hit

    @property
    def score_as_a_whole(self) -> float:
        """The score that the passage would have if its best sentence did not count."""
        best = self.hit.parts.get("sentence")
        return self.hit.score if best is None else (self.hit.score - best) / (1 - SENTENCE)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The passages that may be found, and what speaks for each, all arrays in the same order."""

    rows: NDArray[np.int64]
    articles: NDArray[np.int64]
    """The numbers of their articles."""
    parts: Mapping[str, NDArray[np.float64]]
    """What each signal adds to their scores; NaN where it was not asked."""

    @property
    def scores(self) -> NDArray[np.float64]:
        return np.nansum([*self.parts.values()], axis=0)

    def parts_of(self, place: int) -> dict[str, float]:
        """Return what each signal that was asked adds to the score of one of them."""
        parts = {signal: float(part[place]) for signal, part in self.parts.items()}
        return {signal: part for signal, part in parts.items() if not isnan(part)}

    def best(self, count: int | None = None) -> NDArray[np.intp]:
        """Return where the best of them stand, or all, best first, ties by place."""
        return np.lexsort((self.rows, -self.scores))[:count]


def rank(question: Question, index: Index, k: int, by: Signal | None = None) -> list[Ranked]:
    """Return the `k` best passages for a question, best first, ties by place.

    Where `by` names a signal it alone decides. At most half of them are from one article, unless
    the others have too few: a text that is stuffed with words, or cut into many passages, cannot
    keep all others out.
    """
    read = cache(index.corpus.row)
    words, meaning = _propose(question, index, max(POOL, k))
    match by:
        case Signal.WORDS:
            candidates = _alone(by, words, index.corpus)
        case Signal.MEANING:
            candidates = _alone(by, meaning, index.corpus)
        case None:
            candidates = _weigh(question, index, words, meaning)
            if question.form.asks:
                candidates = _read_sentences(question, index, candidates, read)
    ranks = {"words": _places(words), "meaning": _places(meaning)}
    scores = candidates.scores
    return [
        Ranked(
            row := int(candidates.rows[place]),
            Hit(
                read(row).passage,
                float(scores[place]),
                _ranks_of(row, ranks),
                candidates.parts_of(place),
            ),
        )
        for place in _share_out(candidates, k)
    ]


def order_rows(question: Question, index: Index) -> list[int]:
    """Return all passages of a question by their rows, best first, none of them read."""
    words, meaning = _propose(question, index, index.passages)
    candidates = _weigh(question, index, words, meaning)
    return candidates.rows[candidates.best()].tolist()


def _propose(
    question: Question, index: Index, pool: int
) -> tuple[dict[int, float], dict[int, float]]:
    """Return the scores of the `pool` best passages by words and by meaning, best first."""
    meaning = index.meaning.search(question.vector, pool, question.rows)
    words = index.words.search(question.wanted, pool, question.rows)
    return dict(words), dict(meaning)


def _alone(signal: Signal, scores: Mapping[int, float], corpus: Corpus) -> Candidates:
    rows = np.fromiter(scores, dtype=np.int64)
    score = np.fromiter(scores.values(), dtype=np.float64)
    return Candidates(rows, corpus.article_numbers(rows), {str(signal): score})


def _weigh(
    question: Question, index: Index, words: Mapping[int, float], meaning: Mapping[int, float]
) -> Candidates:
    """Return what either signal proposes, with a score from 0 to 1.

    A passage has the cosine and BM25 / (2.2 · Σ idf), the share of the highest that is possible:
    unlike the best score of the list, it means the same for every question. A passage profits
    from what its article says elsewhere, and from tokens close to those of the question.
    """
    extras = sorted(words.keys() - meaning.keys())
    extra_cosines = index.meaning.vectors(extras) @ question.vector[0]
    cosines = {**meaning, **dict(zip(extras, extra_cosines.tolist(), strict=True))}
    ordered = sorted(cosines)
    rows = np.asarray(ordered, dtype=np.int64)
    articles = index.corpus.article_numbers(rows)
    bound = question.highest_words_score or 1.0
    own = {
        "meaning": np.array([max(cosines[row], 0.0) for row in ordered]) / 2,
        "words": np.minimum([words.get(row, 0.0) / bound for row in ordered], 1) / 2,
    }
    heard = _hear(articles, own["meaning"] + own["words"], index.corpus.sizes)
    tokens = index.tokens if len(question.tokens) else None
    whole = OWN + ARTICLE + (CLOSE if tokens else 0.0)
    alone = Candidates(rows, articles, {signal: OWN * part / whole for signal, part in own.items()})
    near, candidates = _hear_near(alone, ARTICLE * heard / whole)
    return _read_closely(question, tokens, candidates, near) if tokens else candidates


def _hear_near(
    alone: Candidates, heard: NDArray[np.float64]
) -> tuple[NDArray[np.intp], Candidates]:
    """Return which candidates are read closely, and all with what their articles add to those.

    They are the best by themselves and the best together with their articles: what an article
    says elsewhere puts passages forward, and keeps none out.
    """
    together = replace(alone, parts={**alone.parts, "article": heard})
    near = np.union1d(alone.best(READ_CLOSELY), together.best(READ_CLOSELY))
    article = np.full(len(heard), np.nan)
    article[near] = heard[near]
    return near, replace(alone, parts={**alone.parts, "article": article})


def _hear(
    articles: NDArray[np.int64], scores: NDArray[np.float64], sizes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the mean score of the best passages of each one's article, those not found being 0.

    It counts less the longer the articles are that have candidates: a long one is of many things.
    """
    by_article: dict[int, list[float]] = {}
    for article, score in zip(articles.tolist(), scores.tolist(), strict=True):
        by_article.setdefault(article, []).append(score)
    length = float(np.mean(sizes[[*by_article]])) if by_article else 1.0
    heard = {
        article: sum(sorted(scores, reverse=True)[:HEARD]) / min(HEARD, int(sizes[article]))
        for article, scores in by_article.items()
    }
    return min(1.0, SHORT / length) * np.array([heard[article] for article in articles.tolist()])


def _read_closely(
    question: Question, tokens: TokenVectors, candidates: Candidates, near: NDArray[np.intp]
) -> Candidates:
    """Return the candidates, those that are `near` with what late interaction adds to them.

    For each token of the question that is the cosine to the closest token of the passage (Khattab
    and Zaharia 2020), weighted by how much its word tells.
    """
    closest = tokens.closest(question.tokens, candidates.rows[near].tolist())
    close = np.full(len(candidates.rows), np.nan)
    close[near] = np.maximum(closest, 0) @ question.token_weights
    return replace(candidates, parts={**candidates.parts, "tokens": CLOSE * close})


def _read_sentences(
    question: Question, index: Index, candidates: Candidates, read: Callable[[int], IndexedPassage]
) -> Candidates:
    """Return the candidates with what their best sentence adds to them, if they are among the best.

    A sentence is as good as its cosine and the share of the question's words that it and the
    headings above it hold, half and half.
    """
    best = np.zeros(len(candidates.rows))
    for place in candidates.best(READ_BY_SENTENCE):
        best[place] = _best_sentence(question, read(int(candidates.rows[place])), index)
    parts = {signal: (1 - SENTENCE) * part for signal, part in candidates.parts.items()}
    return replace(candidates, parts={**parts, "sentence": SENTENCE * best})


def _best_sentence(question: Question, row: IndexedPassage, index: Index) -> float:
    spans = row.passage.sentences
    if not spans:
        return 0.0
    article = index.corpus.article(row.passage.article)
    rows = range(row.first_sentence, row.first_sentence + len(spans))
    cosines = (index.sentences.vectors(rows) @ question.vector[0]).tolist()
    headings = words_in(" ".join(article.headings_above(row.passage)))
    return max(
        (max(cosine, 0.0) + question.coverage(headings | words_in(as_read(article.text, span)))) / 2
        for span, cosine in zip(spans, cosines, strict=True)
    )


@lru_cache(maxsize=4096)
def words_in(text: str) -> frozenset[str]:
    """Return the stems of a text as it is searched; ranking and evidence ask for the same ones."""
    return frozenset(stems(search_copy(text)))


def _share_out(candidates: Candidates, k: int) -> list[int]:
    """Return where the best `k` stand, at most half of one article while others have near ones.

    What scores far below the best of all is not worth the room of an article that is about it.
    """
    most = -(-k // 2)
    articles, scores = candidates.articles.tolist(), candidates.scores.tolist()
    ordered = candidates.best().tolist()
    floor = NEAR * scores[ordered[0]] if ordered else 0.0
    counts: Counter[int] = Counter()
    within: list[int] = []
    beyond: list[int] = []
    for place in ordered:
        if len(within) == k:
            break
        fits = counts[articles[place]] < most and scores[place] >= floor
        (within if fits else beyond).append(place)
        counts[articles[place]] += 1
    best = {*(within + beyond)[: max(k, 0)]}
    return [place for place in ordered if place in best]


def _places(scores: dict[int, float]) -> dict[int, int]:
    return {row: place for place, row in enumerate(scores, start=1)}


def _ranks_of(row: int, places: dict[str, dict[int, int]]) -> dict[str, int]:
    return {signal: place[row] for signal, place in places.items() if row in place}


def passages_of(ranked: Sequence[Ranked]) -> tuple[Hit, ...]:
    """Return the hits alone."""
    return tuple(entry.hit for entry in ranked)
