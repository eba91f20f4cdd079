"""Vectors that the last index already holds: a text that did not change is not embedded again."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from numpy import float32
from numpy.typing import NDArray

from ibid.index.opened import Index
from ibid.index.passages import embedded_sentence, embedded_text
from ibid.ports import Signs
from ibid.types import ArticleId

Vector = NDArray[float32]


@dataclass(frozen=True, slots=True)
class Embedded:
    """A passage's vector, and its tokens where the embedder tells them."""

    vector: Vector
    tokens: Signs | None


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

    def passages(self, wanted: Collection[str]) -> dict[str, Embedded]:
        """Return what is held of `wanted` texts of passages, by text."""
        texts = [text for text in wanted if text in self._passages]
        embeddings = take_passages(self.index, [self._passages[text] for text in texts])
        return dict(zip(texts, embeddings, strict=True))

    def sentences(self, wanted: Collection[str]) -> dict[str, Vector]:
        """Return the vectors that are held of `wanted` sentences, by text."""
        texts = [text for text in wanted if text in self._sentences]
        rows = [self._sentences[text] for text in texts]
        return dict(zip(texts, self.index.sentences.vectors(rows), strict=True)) if texts else {}

    def _remember(self, id: ArticleId) -> None:
        article = self.index.corpus.article(id)
        for row in self.index.corpus.rows_of(id):
            self._passages[embedded_text(article.title, row.passage)] = row.number
            for number, span in enumerate(row.passage.sentences, start=row.first_sentence):
                self._sentences[embedded_sentence(article, span)] = number


def take_passages(index: Index, rows: Collection[int]) -> list[Embedded]:
    """Return what an index holds of some passages."""
    wanted = list(rows)
    if not wanted:
        return []
    vectors = index.meaning.vectors(wanted)
    tokens = index.tokens.signs(wanted) if index.tokens else [None] * len(wanted)
    return [Embedded(*pair) for pair in zip(vectors, tokens, strict=True)]
