"""Finding passages: words and meaning, fused into one score."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ibid.corpus import Corpus
from ibid.lexical import K1, inverse_document_frequency, unique_stems
from ibid.ports import Embedder, LexicalIndex, VectorIndex, Vectors
from ibid.types import ArticleId, Hit, Signal

POOL = 100
"""Passages that each signal proposes: both together held the right one for 99.9 % of questions."""

SHOWN = 8
"""Passages that a model gets to read, and that an answer names as found."""

MEANING, WORDS = 0.4, 0.6
"""Weights of cosine and bounded BM25, tuned on one half of SQuAD's articles (DECISIONS.md)."""


Scored = tuple[float, int]
"""A score, and the row that it is for."""


@dataclass(frozen=True, slots=True)
class Index:
    """One generation, opened: rows of `meaning` and `words` are the corpus' rows."""

    name: str
    corpus: Corpus
    meaning: VectorIndex
    sentences: VectorIndex
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
    rows: frozenset[int] | None = None
    """The passages that may be found, None for all of them."""

    @property
    def highest_words_score(self) -> float:
        """The BM25 that no passage can exceed: (k1 + 1) · Σ idf."""
        return (K1 + 1) * sum(self.weights.values())


@dataclass(frozen=True, slots=True)
class Ranked:
    """A hit and the row it stands in."""

    row: int
    hit: Hit


def read_question(
    text: str, index: Index, embedder: Embedder, articles: Collection[ArticleId] | None = None
) -> Question:
    """Return the question with its stems, their weights in this index, and its vector.

    It is asked of `articles` only, where these are given.
    """
    found = unique_stems(text)
    counts = index.words.document_frequencies(found)
    weights = {
        stem: inverse_document_frequency(index.passages, count)
        for stem, count in zip(found, counts, strict=True)
    }
    rows = None if articles is None else index.corpus.row_numbers(articles)
    return Question(text, found, embedder.query(text), weights, rows)


def rank(question: Question, index: Index, k: int, by: Signal | None = None) -> list[Ranked]:
    """Return the `k` best passages for a question, best first, ties by place.

    Where `by` names a signal it alone decides.

    At most half of them are from one article, unless the others have too few: a text that is
    stuffed with words, or cut into many passages, cannot keep all others out.

    The score is 0.4 · cosine + 0.6 · BM25 / (2.2 · Σ idf): the theoretical bound, unlike the best
    score of the list, means the same for every question.
    """
    pool = max(POOL, k)
    meaning = dict(index.meaning.search(question.vector, pool, question.rows))
    words = dict(index.words.search(question.stems, pool, question.rows))
    match by:
        case Signal.WORDS:
            scores = words
        case Signal.MEANING:
            scores = meaning
        case None:
            scores = _fuse(question, index, words, meaning.keys())
    ordered = sorted(((score, row) for row, score in scores.items()), key=_best_first)
    best = _share_out(ordered, index.corpus, k)
    ranks = {"words": _places(words), "meaning": _places(meaning)}
    found = index.corpus.rows([row for _, row in best])
    return [
        Ranked(row, Hit(each.passage, score, _ranks_of(row, ranks)))
        for (score, row), each in zip(best, found, strict=True)
    ]


def _fuse(
    question: Question, index: Index, words: Mapping[int, float], meaning: Collection[int]
) -> dict[int, float]:
    rows = sorted({*words, *meaning})
    if not rows:
        return {}
    cosines = (index.meaning.vectors(rows) @ question.vector[0]).tolist()
    bound = question.highest_words_score or 1.0
    return {
        row: MEANING * max(cosine, 0.0) + WORDS * words.get(row, 0.0) / bound
        for row, cosine in zip(rows, cosines, strict=True)
    }


def _share_out(ordered: Sequence[Scored], corpus: Corpus, k: int) -> list[Scored]:
    """Return the best `k`, at most half of them from one article as long as others have some."""
    most = -(-k // 2)
    taken: Counter[ArticleId] = Counter()
    within: list[Scored] = []
    beyond: list[Scored] = []
    for scored in ordered:
        if len(within) == k:
            break
        article = corpus.article_of(scored[1])
        (within if taken[article] < most else beyond).append(scored)
        taken[article] += 1
    return sorted((within + beyond)[: max(k, 0)], key=_best_first)


def _best_first(scored: Scored) -> tuple[float, int]:
    score, row = scored
    return -score, row


def _places(scores: dict[int, float]) -> dict[int, int]:
    return {row: place for place, row in enumerate(scores, start=1)}


def _ranks_of(row: int, places: dict[str, dict[int, int]]) -> dict[str, int]:
    return {signal: place[row] for signal, place in places.items() if row in place}


def passages_of(ranked: Sequence[Ranked]) -> tuple[Hit, ...]:
    """Return the hits alone."""
    return tuple(each.hit for each in ranked)
