"""How well the sentences of passages fit a topic: by meaning, by words, by their passage."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ibid.english import is_statement
from ibid.index import Index
from ibid.search import Question, Ranked, words_in
from ibid.text import as_read
from ibid.types import ArticleId

OWN, COVERAGE, PASSAGE = 0.3, 0.3, 0.4
"""Weights of a sentence's cosine to the topic, of the share of the topic's words that it or its
headings hold, and of its passage's score; together 1."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A statement and how well it fits."""

    article: ArticleId
    vector: int
    """Its row among the sentences' vectors."""
    score: float
    """From 0 to 1."""


def score_statements(question: Question, ranked: Sequence[Ranked], index: Index) -> Iterator[Fit]:
    """Yield every statement of some passages with its score."""
    rows = index.corpus.rows([passage.row for passage in ranked])
    for hit, row in zip(ranked, rows, strict=True):
        passage = row.passage
        text = index.corpus.article(passage.article).text
        vectors = range(row.first_sentence, row.first_sentence + len(passage.sentences))
        cosines = (index.sentences.vectors(vectors) @ question.vector[0]).tolist()
        headings = words_in(" ".join(passage.headings))
        for span, vector, cosine in zip(passage.sentences, vectors, cosines, strict=True):
            sentence = as_read(text, span)
            if is_statement(sentence):
                coverage = question.coverage(headings | words_in(sentence))
                score = OWN * max(cosine, 0.0) + COVERAGE * coverage
                score += PASSAGE * hit.score_as_a_whole
                yield Fit(passage.article, vector, score)
