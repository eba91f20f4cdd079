"""Finding passages: by words, by meaning, by their article and by their tokens, in one score."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from ibid.corpus import Corpus, Row
from ibid.lexical import K1, find_terms, inverse_document_frequency, stems
from ibid.ports import Embedder, LexicalIndex, TokenEmbedder, VectorIndex, Vectors
from ibid.questions import asks, subject
from ibid.reading.repair import search_copy
from ibid.text import plain
from ibid.tokens import TokenIndex
from ibid.types import ArticleId, Hit, Signal, Span

POOL = 100
"""Passages that each signal proposes: both together held the right one for 99.9 % of questions."""

SHOWN = 8
"""Passages that a model gets to read, and that an answer names as found."""

OWN, ARTICLE, CLOSE = 0.28, 0.22, 0.5
"""Weights of what a passage scores by words and meaning, half and half; of what its article does;
and of how close its words come to those of the question. Chosen on halves of four sets, tested on
the other halves and on three sets more (DECISIONS.md)."""

HEARD = 8
"""Passages that tell what an article is about: the best ones, or all it has."""

NEAR = 0.6
"""Share of the best score from which another article's passage is worth showing."""

READ_CLOSELY = 50
"""Passages whose tokens are compared with those of the question."""

SENTENCE, READ_BY_SENTENCE = 0.23, 8
"""Weight of a passage's best sentence where a question is asked, which one sentence mostly answers;
and how many passages are read for it."""


@dataclass(frozen=True, slots=True)
class Index:
    """One generation, opened: rows of `meaning` and `words` are the corpus' rows."""

    name: str
    corpus: Corpus
    meaning: VectorIndex
    sentences: VectorIndex
    tokens: TokenIndex | None
    """None where the embedder does not tell those of tokens."""
    words: LexicalIndex
    passages: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question as both signals see it."""

    text: str
    stems: tuple[str, ...]
    vector: Vectors
    weights: dict[str, float]
    """Inverse document frequency per stem: how much each word tells."""
    tokens: Vectors
    """Of the words that tell anything, shape (tokens, dimensions)."""
    token_weights: NDArray[np.float32]
    """How much each of them tells: its word's share of all words, which together are 1."""
    rows: frozenset[int] | None = None
    """The passages that may be found, None for all of them."""

    @property
    def highest_words_score(self) -> float:
        """The BM25 that no passage can exceed: (k1 + 1) · Σ idf."""
        return (K1 + 1) * sum(self.weights.values())

    def coverage(self, words: Collection[str]) -> float:
        """Return the share of its words, weighted by idf, that are among some stems."""
        total = sum(self.weights.values())
        held = sum(weight for stem, weight in self.weights.items() if stem in words)
        return held / total if total else 0.0


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
class Candidate:
    """A passage that may be found, and what speaks for it."""

    row: int
    article: ArticleId
    parts: Mapping[str, float]
    """What each signal adds to its score."""

    @property
    def score(self) -> float:
        return sum(self.parts.values())


def read_question(
    text: str, index: Index, embedder: Embedder, articles: Collection[ArticleId] | None = None
) -> Question:
    """Return the question with its stems, their weights in this index, and its vectors.

    It is asked of `articles` only, where these are given.
    """
    found = subject(text)
    counts = index.words.document_frequencies(found)
    weights = {
        stem: inverse_document_frequency(index.passages, count)
        for stem, count in zip(found, counts, strict=True)
    }
    if index.tokens and isinstance(embedder, TokenEmbedder):
        encoded = embedder.encode_query(text)
        shares = share_of_tokens(text, weights, encoded.spans)
        tells = shares > 0
        vector, tokens, shares = encoded.vector, encoded.tokens[tells], shares[tells]
    else:
        vector, tokens = embedder.query(text), np.zeros((0, 0), dtype=np.float32)
        shares = np.zeros(0, dtype=np.float32)
    rows = None if articles is None else index.corpus.row_numbers(articles)
    return Question(text, found, vector, weights, tokens, shares, rows)


def share_of_tokens(
    text: str, weights: Mapping[str, float], spans: Sequence[Span]
) -> NDArray[np.float32]:
    """Return what share of a question's meaning each token has, nothing for a stop word.

    A word counts by its inverse document frequency, in however many tokens it stands.
    """
    shares = np.zeros(len(spans), dtype=np.float32)
    for term in find_terms(text):
        inside = [
            number
            for number, span in enumerate(spans)
            if max(span.start, term.span.start) < min(span.end, term.span.end)
        ]
        shares[inside] += weights.get(term.stem, 0.0) / max(len(inside), 1)
    shares /= shares.sum() or 1
    return shares


def rank(question: Question, index: Index, k: int, by: Signal | None = None) -> list[Ranked]:
    """Return the `k` best passages for a question, best first, ties by place.

    Where `by` names a signal it alone decides. At most half of them are from one article, unless
    the others have too few: a text that is stuffed with words, or cut into many passages, cannot
    keep all others out.
    """
    pool = max(POOL, k)
    read = cache(index.corpus.row)
    meaning = dict(index.meaning.search(question.vector, pool, question.rows))
    words = dict(index.words.search(question.stems, pool, question.rows))
    match by:
        case Signal.WORDS:
            candidates = _alone(by, words, index.corpus)
        case Signal.MEANING:
            candidates = _alone(by, meaning, index.corpus)
        case None:
            candidates = _weigh(question, index, words, meaning.keys())
            if asks(question.text):
                candidates = _read_sentences(question, index, candidates, read)
    best = _share_out(sorted(candidates, key=_best_first), k)
    ranks = {"words": _places(words), "meaning": _places(meaning)}
    return [
        Ranked(
            each.row,
            Hit(read(each.row).passage, each.score, _ranks_of(each.row, ranks), dict(each.parts)),
        )
        for each in best
    ]


def _alone(signal: Signal, scores: Mapping[int, float], corpus: Corpus) -> list[Candidate]:
    articles = corpus.articles_of(scores)
    return [Candidate(row, articles[row], {signal: score}) for row, score in scores.items()]


def _weigh(
    question: Question, index: Index, words: Mapping[int, float], meaning: Collection[int]
) -> list[Candidate]:
    """Return what either signal proposes, with a score from 0 to 1.

    A passage has the cosine and BM25 / (2.2 · Σ idf), the share of the highest that is possible:
    unlike the best score of the list, it means the same for every question. A passage profits
    from what its article says elsewhere, and from tokens close to those of the question.
    """
    rows = sorted({*words, *meaning})
    if not rows:
        return []
    cosines = (index.meaning.vectors(rows) @ question.vector[0]).tolist()
    bound = question.highest_words_score or 1.0
    own = {
        row: {"meaning": max(cosine, 0.0) / 2, "words": words.get(row, 0.0) / bound / 2}
        for row, cosine in zip(rows, cosines, strict=True)
    }
    articles = index.corpus.articles_of(rows)
    found: dict[ArticleId, list[float]] = {}
    for row, parts in own.items():
        found.setdefault(articles[row], []).append(sum(parts.values()))
    heard = _hear(found, index.corpus.sizes_of(found))
    tokens = index.tokens if len(question.tokens) else None
    whole = OWN + ARTICLE + (CLOSE if tokens else 0.0)
    candidates = [
        Candidate(
            row,
            articles[row],
            {name: OWN * part / whole for name, part in parts.items()}
            | {"article": ARTICLE * heard[articles[row]] / whole},
        )
        for row, parts in own.items()
    ]
    return _read_closely(question, tokens, candidates) if tokens else candidates


def _hear(
    found: Mapping[ArticleId, Sequence[float]], sizes: Mapping[ArticleId, int]
) -> dict[ArticleId, float]:
    """Return the mean score of the best passages of each article, those not found counting 0."""
    return {
        id: sum(sorted(scores, reverse=True)[:HEARD]) / min(HEARD, sizes[id])
        for id, scores in found.items()
    }


def _read_closely(
    question: Question, tokens: TokenIndex, candidates: Sequence[Candidate]
) -> list[Candidate]:
    """Return the candidates, the best of them with what late interaction adds to them.

    For each token of the question that is the cosine to the closest token of the passage (Khattab
    and Zaharia 2020), weighted by how much its word tells.
    """
    ordered = sorted(candidates, key=_best_first)
    best, others = ordered[:READ_CLOSELY], ordered[READ_CLOSELY:]
    closest = tokens.closest(question.tokens, [each.row for each in best])
    close = (np.maximum(closest, 0) @ question.token_weights).tolist()
    return [
        replace(each, parts={**each.parts, "tokens": CLOSE * value})
        for each, value in zip(best, close, strict=True)
    ] + others


def _read_sentences(
    question: Question,
    index: Index,
    candidates: Sequence[Candidate],
    read: Callable[[int], Row],
) -> list[Candidate]:
    """Return the candidates with what their best sentence adds to them, if they are among the best.

    A sentence is as good as its cosine and the share of the question's words that it and the
    headings above it hold, half and half.
    """
    ordered = sorted(candidates, key=_best_first)
    best = {
        each.row: _best_sentence(question, read(each.row), index)
        for each in ordered[:READ_BY_SENTENCE]
    }
    return [
        replace(
            each,
            parts={signal: (1 - SENTENCE) * part for signal, part in each.parts.items()}
            | {"sentence": SENTENCE * best.get(each.row, 0.0)},
        )
        for each in ordered
    ]


def _best_sentence(question: Question, row: Row, index: Index) -> float:
    spans = row.passage.sentences
    if not spans:
        return 0.0
    text = index.corpus.article(row.passage.article).text
    rows = range(row.first_sentence, row.first_sentence + len(spans))
    cosines = (index.sentences.vectors(rows) @ question.vector[0]).tolist()
    headings = words_in(" ".join(row.passage.headings))
    return max(
        (max(cosine, 0.0) + question.coverage(headings | words_in(plain(span.of(text))))) / 2
        for span, cosine in zip(spans, cosines, strict=True)
    )


@lru_cache(maxsize=4096)
def words_in(text: str) -> frozenset[str]:
    """Return the stems of a text as it is searched; ranking and evidence ask for the same ones."""
    return frozenset(stems(search_copy(text)))


def _share_out(ordered: Sequence[Candidate], k: int) -> list[Candidate]:
    """Return the best `k`, at most half of them from one article as long as others have near ones.

    What scores far below the best of all is not worth the room of an article that is about it.
    """
    most = -(-k // 2)
    floor = NEAR * ordered[0].score if ordered else 0.0
    taken: Counter[ArticleId] = Counter()
    within: list[Candidate] = []
    beyond: list[Candidate] = []
    for each in ordered:
        if len(within) == k:
            break
        fits = taken[each.article] < most and each.score >= floor
        (within if fits else beyond).append(each)
        taken[each.article] += 1
    return sorted((within + beyond)[: max(k, 0)], key=_best_first)


def _best_first(candidate: Candidate) -> tuple[float, int]:
    return -candidate.score, candidate.row


def _places(scores: dict[int, float]) -> dict[int, int]:
    return {row: place for place, row in enumerate(scores, start=1)}


def _ranks_of(row: int, places: dict[str, dict[int, int]]) -> dict[str, int]:
    return {signal: place[row] for signal, place in places.items() if row in place}


def passages_of(ranked: Sequence[Ranked]) -> tuple[Hit, ...]:
    """Return the hits alone."""
    return tuple(each.hit for each in ranked)
