"""Vectors that the last index already holds: a text that did not change is not embedded again."""

from collections.abc import Collection, Mapping

from numpy import float32
from numpy.typing import NDArray

from ibid.chunking import embedded_sentence, embedded_text
from ibid.ports import VectorIndex
from ibid.retrieval import Index

Vector = NDArray[float32]


def recall_vectors(index: Index, wanted: Collection[str]) -> dict[str, Vector]:
    """Return the vectors that `index` holds for `wanted` texts, by text.

    Only an index of the same embedder may be asked; the caller sees to that.
    """
    passages: dict[str, int] = {}
    sentences: dict[str, int] = {}
    for row, each in enumerate(index.corpus.rows(range(index.passages))):
        article = index.corpus.article(each.passage.article)
        passages[embedded_text(article.title, each.passage)] = row
        for number, span in enumerate(each.passage.sentences, start=each.first_sentence):
            sentences[embedded_sentence(article, span)] = number
    return _take(index.sentences, sentences, wanted) | _take(index.meaning, passages, wanted)


def _take(
    vectors: VectorIndex, rows: Mapping[str, int], wanted: Collection[str]
) -> dict[str, Vector]:
    held = [text for text in rows if text in wanted]
    if not held:
        return {}
    return dict(zip(held, vectors.vectors([rows[text] for text in held]), strict=True))
