"""Which adapter stands where, in an index that answers and in one that is being made.

An index that does not belong to the settings is not opened.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ibid.adapters.indexes.flat_index import FlatIndex
from ibid.adapters.indexes.tantivy_index import TantivyIndex
from ibid.errors import IndexForeign
from ibid.index import CHUNKER, SIGNS, STARTS, Corpus, Index, TokenIndex, Volume, divide
from ibid.ports import EmbedderIdentity, VectorIndex
from ibid.settings import Settings
from ibid.storage import Generation, KeptFile, Manifest, damaged, part_name

if TYPE_CHECKING:
    from ibid.index import Parts


def parts() -> "Parts":
    """Return what a build makes an index with."""
    from ibid.adapters.indexes.faiss_index import FaissWriter
    from ibid.adapters.indexes.tantivy_index import TantivyWriter
    from ibid.adapters.langchain_splitter import split_long_text
    from ibid.index import Parts

    return Parts(split_long_text, FaissWriter, TantivyWriter)


def open_index(generation: Generation) -> Index:
    """Return the index that a generation holds. Raises IndexDamaged."""
    corpus = Corpus(generation.verified("corpus.sqlite"))
    return Index(
        name=generation.name,
        embedder=generation.manifest.embedder,
        corpus=corpus,
        meaning=_open_meaning(generation),
        sentences=FlatIndex(generation.open("sentences.faiss")),
        tokens=_open_tokens(generation),
        words=TantivyIndex(*map(generation.verified, generation.parts("words"))),
        passages=generation.manifest.passages,
        volumes=partial(_open_volumes, generation, corpus),
    )


def _open_volumes(generation: Generation, corpus: Corpus) -> list[Volume]:
    """Return the volumes of an index but the first one, with the files that are their own."""
    manifest = generation.manifest
    _, *parts = generation.parts("passages.faiss")
    width = np.dtype(np.float32).itemsize * manifest.embedder.dimensions
    counts = [manifest.files[part] // width for part in parts]
    volumes = divide(corpus, [manifest.passages - sum(counts), *counts])
    return [
        Volume(ids, rows, _files_of(generation, number))
        for number, (ids, rows) in enumerate(volumes)
        if number
    ]


def _files_of(generation: Generation, volume: int) -> dict[str, KeptFile]:
    """Return the files of a volume, by the names that those of the first one have."""
    named = {
        name: part
        for top in ("passages.faiss", "sentences.faiss", SIGNS, "words")
        for part in generation.inside(part_name(top, volume))
        for name in ("/".join((top, *part.split("/")[1:])),)
    }
    return {name: generation.kept(part) for name, part in named.items()}


def _open_meaning(generation: Generation) -> VectorIndex:
    """Return the vectors of the passages: with clusters where there are too many for all."""
    vectors = generation.open("passages.faiss")
    if "passages.ivf" not in generation.manifest.files:
        return FlatIndex(vectors, held=True)
    from ibid.adapters.indexes.faiss_index import ClusteredIndex

    return ClusteredIndex(FlatIndex(vectors), generation.verified("passages.ivf"))


def _open_tokens(generation: Generation) -> TokenIndex | None:
    if SIGNS not in generation.manifest.files:
        return None
    dimensions = generation.manifest.embedder.dimensions
    return TokenIndex(generation.open(STARTS), generation.open(SIGNS), dimensions)


def refuse_mixed(index: Index, manifest: Manifest) -> None:
    """Raise IndexDamaged where the parts of an index are not of the same passages."""
    passages, numbers = manifest.passages, manifest.embedder.dimensions
    counts = [len(index.meaning), len(index.words), int(index.corpus.sizes.sum())]
    if index.tokens:
        counts.append(len(index.tokens))
    if set(counts) != {passages}:
        raise damaged(f"its parts are of other passages than the {passages} of the manifest")
    for vectors in (index.meaning, index.sentences):
        if vectors.vectors(range(0)).shape[1] != numbers:
            raise damaged(f"its vectors are not of {numbers} numbers")


def refuse_foreign(
    manifest: Manifest, settings: Settings, embedder: EmbedderIdentity, built_from: Path
) -> None:
    """Raise IndexForeign where an index does not belong to these settings and this version."""
    for reason in _foreign(manifest, settings, embedder, built_from):
        raise IndexForeign(f"the index cannot be used: {reason}", hint="ibid build")


def _foreign(
    manifest: Manifest, settings: Settings, ours: EmbedderIdentity, built_from: Path
) -> Iterator[str]:
    theirs = manifest.embedder
    if ours != theirs:
        same = " with other weights" if ours.name == theirs.name else ""
        yield f"it was built by the embedder {theirs.name}{same}, the settings say {ours.name}"
    if manifest.chunker != CHUNKER:
        yield f"it was cut by version {manifest.chunker} of the chunker, this is {CHUNKER}"
    folder = settings.articles
    if "articles" in settings.origins and Path(folder).resolve() != built_from.resolve():
        yield f"it was built from {built_from}, not from {folder}"
