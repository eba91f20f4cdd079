"""The folder of a sentence-transformers model: where it is, and what tells it from any other."""

import errno
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ibid.errors import ModelMissing
from ibid.storage import open_file, read_file

_LOADED = {".json", ".txt", ".model", ".safetensors"}
"""How the files end that a model is loaded from: configuration, words, weights."""

_LARGEST, _LARGEST_WEIGHTS = 1 << 28, 1 << 36  # bytes
_HINT = "give the folder of a sentence-transformers model"


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
        with os.fdopen(open_file(path, follow=True), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def loaded_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a model: in its folder, and in those that its modules have.

    Raises ModelMissing where something else lies there that whoever loads it could wait for, or
    that is too large.
    """
    for part in sorted({folder, *_module_folders(folder)}):
        if part.is_dir():
            for path in _list(part):
                _require_plain(path)
                if path.suffix in _LOADED:
                    yield path


def _list(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise _unreadable(folder, error) from error


def _require_plain(path: Path) -> None:
    """Raise ModelMissing for a pipe, a device, … and for a file that no model has."""
    try:
        about = path.stat()
    except OSError:  # a link to nowhere is missing, which whoever needs it is told
        return
    most = _LARGEST_WEIGHTS if path.suffix == ".safetensors" else _LARGEST
    if not (stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode)):
        raise _unreadable(path, OSError(errno.EINVAL, "it is no plain file"))
    if path.suffix in {*_LOADED, ".md"} and about.st_size > most:
        raise _unreadable(path, OSError(errno.EFBIG, f"it is larger than {most:,} bytes"))


def _unreadable(path: Path, error: OSError) -> ModelMissing:
    return ModelMissing(f"{path} cannot be read: {error.strerror}", hint=_HINT)


def _module_folders(folder: Path) -> Iterator[Path]:
    """Yield the folders that `modules.json` names, as far as it is one and they are within."""
    try:
        modules: Any = json.loads(read_file(folder / "modules.json", _LARGEST, follow=True))
        names = [str(module["path"]) for module in modules]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return
    yield from (folder / name for name in names if ".." not in Path(name).parts)
