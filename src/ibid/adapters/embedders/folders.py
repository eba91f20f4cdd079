"""The folder of a sentence-transformers model: where it is, and what tells it from any other."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ibid.errors import ModelMissing

_LOADED = {".json", ".txt", ".model", ".safetensors"}
"""How the files end that a model is loaded from: configuration, words, weights."""


def find_folder(name: str) -> Path:
    """Return the folder of a model: `name` itself, or where a download put it.

    Given a name, sentence-transformers asks the hub's server even with `local_files_only`; given
    a folder it does not, and a name that is unknown is refused before torch is imported. Raises
    ModelMissing.
    """
    if Path(name).is_dir():
        return Path(name)
    import huggingface_hub

    hub: Any = huggingface_hub  # typed in part only
    for repository in (name, f"sentence-transformers/{name}"):
        with suppress(OSError, ValueError):
            return Path(hub.snapshot_download(repository, local_files_only=True))
    raise ModelMissing(
        f"the embedding model {name} is not on this machine",
        hint="give the folder of a sentence-transformers model, or download it first: "
        f"hf download {name}",
    )


def digest_of(folder: Path) -> str:
    """Return the SHA-256 of what a model is loaded from: weights, words and configuration.

    Where the folder is and what it is called are no part of it, nor is what lies there beside.
    """
    whole = hashlib.sha256()
    for path in sorted(loaded_files(folder)):
        name = path.relative_to(folder).as_posix()
        whole.update(f"{name}\0{digest_of_file(path)}\n".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def digest_of_file(path: Path) -> str:
    """Return the SHA-256 of a file. Raises ModelMissing for one that cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        hint = "give the folder of a sentence-transformers model"
        raise ModelMissing(f"{path} cannot be read: {error.strerror}", hint=hint) from error


def loaded_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a model: in its folder, and in those that its modules have."""
    for part in sorted({folder, *_module_folders(folder)}):
        if part.is_dir():
            yield from (path for path in part.iterdir() if path.suffix in _LOADED)


def _module_folders(folder: Path) -> Iterator[Path]:
    """Yield the folders that `modules.json` names, as far as it is one and they are within."""
    try:
        modules: Any = json.loads((folder / "modules.json").read_bytes())
        names = [str(module["path"]) for module in modules]
    except (OSError, ValueError, TypeError, KeyError):
        return
    yield from (folder / name for name in names if ".." not in Path(name).parts)
