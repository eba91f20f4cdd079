"""Which embedder a name means: the built-in one by any of its names, or a folder of a model.

An embedder is known by its bytes, not by what it is called: a copy of the built-in model is the
built-in model, and needs no torch either.
"""

from pathlib import Path

from ibid.adapters.embedders.folders import digest_of_file, find_folder, loaded_files
from ibid.adapters.embedders.minilm import MINILM, release_folder
from ibid.errors import ModelError

NAMES = (MINILM, f"sentence-transformers/{MINILM}")
"""What the built-in model is called, here and where it was published."""


def is_built_in(name: str) -> bool:
    """Tell whether a name, or the folder that it names, is the built-in model."""
    if name in NAMES:
        return True
    try:
        return _are_equal(find_folder(name), release_folder())
    except ModelError:  # whoever uses it is told
        return False


def _are_equal(folder: Path, other: Path) -> bool:
    """Tell whether two folders have the same model; the largest files are read last, if at all."""
    sizes, others = (_sizes(path) for path in (folder, other))
    if sizes != others:
        return False
    names = sorted(sizes, key=lambda name: (sizes[name], name))
    return all(digest_of_file(folder / name) == digest_of_file(other / name) for name in names)


def _sizes(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): path.stat().st_size for path in loaded_files(folder)
    }
