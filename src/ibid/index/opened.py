"""One generation of the index, opened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ibid.index.corpus import Corpus
from ibid.index.volumes import Volume
from ibid.ports import EmbedderIdentity, LexicalIndex, TokenVectors, VectorIndex


@dataclass(frozen=True, slots=True)
class Index:
    """One generation, opened: rows of `meaning` and `words` are the corpus' rows."""

    name: str
    embedder: EmbedderIdentity
    corpus: Corpus
    meaning: VectorIndex
    sentences: VectorIndex
    tokens: TokenVectors | None
    """None where the embedder does not tell those of tokens."""
    words: LexicalIndex
    passages: int
    volumes: Callable[[], Sequence[Volume]]
    """Returns its volumes."""
