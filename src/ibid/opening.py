"""Which adapter stands where: in an index that answers, and in one that is being made."""

from typing import TYPE_CHECKING

from ibid.adapters.flat_index import FlatIndex
from ibid.adapters.tantivy_index import TantivyIndex
from ibid.corpus import Corpus
from ibid.ports import VectorIndex
from ibid.retrieval import Index
from ibid.store import Generation
from ibid.tokens import SIGNS, STARTS, TokenIndex

if TYPE_CHECKING:
    from ibid.drafting import Parts


def parts() -> "Parts":
    """Return what a build makes an index with."""
    from ibid.adapters.faiss_index import FaissWriter
    from ibid.adapters.langchain_splitter import split_long_text
    from ibid.adapters.tantivy_index import TantivyWriter
    from ibid.drafting import Parts

    return Parts(split_long_text, FaissWriter, TantivyWriter)


def open_index(generation: Generation) -> Index:
    """Return the index that a generation holds. Raises IndexDamaged."""
    return Index(
        name=generation.name,
        corpus=Corpus(generation.verified("corpus.sqlite")),
        meaning=_open_meaning(generation),
        sentences=FlatIndex(generation.open("sentences.faiss")),
        tokens=_open_tokens(generation),
        words=TantivyIndex(generation.verified("words")),
        passages=generation.manifest.passages,
    )


def _open_meaning(generation: Generation) -> VectorIndex:
    """Return the vectors of the passages: with clusters where there are too many for all."""
    vectors = generation.open("passages.faiss")
    if "passages.ivf" not in generation.manifest.files:
        return FlatIndex(vectors, held=True)
    from ibid.adapters.faiss_index import ClusteredIndex

    return ClusteredIndex(FlatIndex(vectors), generation.verified("passages.ivf"))


def _open_tokens(generation: Generation) -> TokenIndex | None:
    if SIGNS not in generation.manifest.files:
        return None
    dimensions = generation.manifest.embedder.dimensions
    return TokenIndex(generation.open(STARTS), generation.open(SIGNS), dimensions)
