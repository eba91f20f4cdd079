"""Vectors that the last index already holds: a text that did not change is not embedded again."""

from collections.abc import Collection, Iterable, Mapping

from numpy import float32
from numpy.typing import NDArray

from ibid.chunking import embedded_sentence, embedded_text
from ibid.ports import VectorIndex
from ibid.retrieval import Index
from ibid.types import ArticleId

Vector = NDArray[float32]


class Recall:
    """The texts of some articles of an index, with their vectors.

    Only an index of the same embedder may be asked; the caller sees to that.
    """

    def __init__(self, index: Index, ids: Iterable[ArticleId]) -> None:
        self.index = index
        self._passages: dict[str, int] = {}
        self._sentences: dict[str, int] = {}
        for id in ids:
            self._remember(id)

    def vectors(self, wanted: Collection[str]) -> dict[str, Vector]:
        """Return the vectors that are held for `wanted` texts, by text."""
        passages = _take(self.index.meaning, self._passages, wanted)
        return _take(self.index.sentences, self._sentences, wanted) | passages

    def _remember(self, id: ArticleId) -> None:
        article = self.index.corpus.article(id)
        for row in self.index.corpus.rows_of(id):
            self._passages[embedded_text(article.title, row.passage)] = row.number
            for number, span in enumerate(row.passage.sentences, start=row.first_sentence):
                self._sentences[embedded_sentence(article, span)] = number


def _take(
    vectors: VectorIndex, rows: Mapping[str, int], wanted: Collection[str]
) -> dict[str, Vector]:
    held = [text for text in wanted if text in rows]
    if not held:
        return {}
    return dict(zip(held, vectors.vectors([rows[text] for text in held]), strict=True))
