"""Which embedder a name means: the built-in one by any of its names, or a folder of a model.

An embedder is known by its bytes, not by what it is called: a copy of the built-in model is the
built-in model, and needs no torch either.
"""

from pathlib import Path

from ibid.adapters.embedders.folders import digest_of_file, find_folder, loaded_files
from ibid.adapters.embedders.minilm import MINILM, release_folder
from ibid.adapters.embedders.served import ServedEmbedder, is_served
from ibid.errors import ModelError
from ibid.ports import Embedder
from ibid.settings import Settings

NAMES = (MINILM, f"sentence-transformers/{MINILM}")
"""What the built-in model is called, here and where it was published."""


def is_built_in(name: str) -> bool:
    """Tell whether a name, or the folder that it names, is the built-in model."""
    if name in NAMES or is_served(name):
        return name in NAMES
    try:
        return _are_equal(find_folder(name), release_folder())
    except ModelError:  # whoever uses it is told
        return False


def open_embedder(settings: Settings) -> Embedder:
    """Return the embedder that the settings name where that is not the built-in one.

    Raises UsageError; whether the model is there shows when it is used.
    """
    if is_served(settings.embedder):
        return ServedEmbedder(settings)
    from ibid.adapters.embedders.sentence_transformer import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(settings.embedder)


def _are_equal(folder: Path, other: Path) -> bool:
    """Tell whether two folders have the same model; the largest files are read last, if at all."""
    sizes, other_sizes = (_sizes(path) for path in (folder, other))
    if sizes != other_sizes:
        return False
    names = sorted(sizes, key=lambda name: (sizes[name], name))
    return all(digest_of_file(folder / name) == digest_of_file(other / name) for name in names)


def _sizes(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): path.stat().st_size for path in loaded_files(folder)
    }
