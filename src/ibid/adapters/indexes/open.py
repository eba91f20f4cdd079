"""Which adapter stands where, in an index that answers and in one that is being made.

An index that does not belong to the settings is not opened.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ibid.adapters.indexes.flat_index import FlatIndex
from ibid.adapters.indexes.tantivy_index import TantivyIndex
from ibid.errors import IndexForeign
from ibid.index import (
    CHUNKER,
    SIGNS,
    STARTS,
    Corpus,
    Index,
    TokenIndex,
    Volume,
    open_volumes,
)
from ibid.ports import EmbedderIdentity, VectorIndex
from ibid.reading import Folders
from ibid.settings import Settings
from ibid.storage import (
    Generation,
    IndexStore,
    JoinedFile,
    KeptFile,
    Manifest,
    Place,
    Store,
    StoredIndex,
    damaged,
    part_name,
    place_of,
)
from ibid.types import Problem

if TYPE_CHECKING:
    from ibid.adapters.indexes.served import ServedIndex, ServedStore
    from ibid.index import Parts


def open_store(index: str) -> IndexStore:
    """Return where an index lies, as the settings name it. Nothing is opened yet."""
    if place_of(index) is Place.FOLDER:
        return Store(Path(index))
    return open_served(index)


def open_served(index: str) -> "ServedStore":
    """Return where an index lies that is on a server. Nothing is opened yet."""
    from ibid.adapters.indexes.served import ServedStore, work_folder

    if place_of(index) is Place.MILVUS:
        from ibid.adapters.indexes.milvus import address as milvus
        from ibid.adapters.indexes.milvus.library import MilvusLibrary

        location = milvus.read_address(index)
        folder = work_folder("milvus", f"{location.uri} {location.database} {location.library}")
        return ServedStore(MilvusLibrary(location, folder), folder)
    from ibid.adapters.indexes.postgresql import address as postgresql
    from ibid.adapters.indexes.postgresql.library import PostgresLibrary

    address = postgresql.read_address(index)
    folder = work_folder("postgresql", f"{address.server} {address.library}")
    return ServedStore(PostgresLibrary(address), folder)


def parts(store: IndexStore) -> "Parts":
    """Return what a build makes an index with."""
    from ibid.adapters.langchain_splitter import split_long_text
    from ibid.index import Parts

    if isinstance(store, Store):
        from ibid.adapters.indexes.faiss_index import FaissWriter
        from ibid.adapters.indexes.tantivy_index import TantivyWriter

        return Parts(split_long_text, FaissWriter, TantivyWriter)
    from ibid.adapters.indexes.raw_writers import NoWords, RawVectorWriter

    return Parts(split_long_text, RawVectorWriter, NoWords)


def open_index(stored: StoredIndex) -> Index:
    """Return the index that a generation holds. Raises IndexDamaged."""
    if isinstance(stored, Generation):
        return _open_files(stored)
    return _served(stored).open()


def check_stored(stored: StoredIndex) -> Iterator[Problem]:
    """Yield where a generation does not hold what was written."""
    if isinstance(stored, Generation):
        from ibid.index import check_files

        return check_files(stored)
    return _served(stored).problems()


def _served(stored: StoredIndex) -> "ServedIndex":
    from ibid.adapters.indexes.served import ServedIndex

    if not isinstance(stored, ServedIndex):
        raise TypeError(f"no index is opened from {type(stored).__name__}")
    return stored


def _open_files(generation: Generation) -> Index:
    paths = map(generation.verified, generation.parts("corpus.sqlite"))
    corpus = Corpus(*open_volumes(paths))
    return Index(
        name=generation.name,
        embedder=generation.manifest.embedder,
        corpus=corpus,
        meaning=_open_meaning(generation),
        sentences=FlatIndex(*generation.open("sentences.faiss")),
        tokens=_open_tokens(generation),
        words=TantivyIndex(*map(generation.verified, generation.parts("words"))),
        passages=generation.manifest.passages,
        volumes=partial(_open_volumes, generation, corpus),
    )


def _open_volumes(generation: Generation, corpus: Corpus) -> list[Volume]:
    """Return the volumes of an index, with the files that are their own."""
    return [
        Volume(tuple(volume.digests), volume.rows, _files_of(generation, number))
        for number, volume in enumerate(corpus.volumes)
    ]


def _files_of(generation: Generation, volume: int) -> dict[str, KeptFile]:
    """Return the files of a volume, by the names that those of the first one have."""
    files = {
        name: part
        for top in ("corpus.sqlite", "passages.faiss", "sentences.faiss", SIGNS, "words")
        for part in generation.manifest.inside.get(part_name(top, volume), ())
        for name in ("/".join((top, *part.split("/")[1:])),)
    }
    return {name: generation.kept(part) for name, part in files.items()}


def _open_meaning(generation: Generation) -> VectorIndex:
    """Return the vectors of the passages: with clusters where there are too many for all."""
    vectors = generation.open("passages.faiss")
    if "passages.ivf" not in generation.manifest.files:
        return FlatIndex(*vectors, held=True)
    from ibid.adapters.indexes.faiss_index import ClusteredIndex

    generation.verified("passages.ivf")
    has_keys = "passages.keys" in generation.manifest.files
    keys = generation.kept("passages.keys") if has_keys else None
    return ClusteredIndex(FlatIndex(*vectors), generation.kept("passages.ivf"), keys)


def _open_tokens(generation: Generation) -> TokenIndex | None:
    if SIGNS not in generation.manifest.files:
        return None
    dimensions = generation.manifest.embedder.dimensions
    return TokenIndex(generation.file(STARTS), JoinedFile(generation.open(SIGNS)), dimensions)


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
    if index.corpus.sentences != len(index.sentences):
        raise damaged("it has other sentences than there are vectors of")


def refuse_foreign(
    manifest: Manifest, settings: Settings, embedder: EmbedderIdentity, built_from: Folders | None
) -> None:
    """Raise IndexForeign where an index does not belong to these settings and this version.

    Without `built_from` its folders may be any.
    """
    for reason in _foreign(manifest, settings, embedder, built_from):
        raise IndexForeign(f"the index cannot be used: {reason}", hint="ibid build")


def _foreign(
    manifest: Manifest, settings: Settings, ours: EmbedderIdentity, built_from: Folders | None
) -> Iterator[str]:
    theirs = manifest.embedder
    if ours != theirs:
        same = " with other weights" if ours.name == theirs.name else ""
        yield f"it was built by the embedder {theirs.name}{same}, the settings say {ours.name}"
    if manifest.chunker != CHUNKER:
        yield f"it was cut by version {manifest.chunker} of the chunker, this is {CHUNKER}"
    folders = Folders(tuple(map(Path, settings.articles)))
    if built_from and "articles" in settings.origins and not folders.are_those(built_from):
        yield f"it was built from {built_from}, not from {folders}"
