"""all-MiniLM-L6-v2 on ONNX Runtime, with a graph made from the verified weights.

The graph is kept in the user's cache, named by the code that made it: to make it takes longer than
all else that a question needs. Texts of one length share a batch, so nothing is padded, and every
number of a row is worked out from that row alone: a text has the same vector, to the last bit,
whatever it is embedded with.
"""

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ibid.adapters.embedders.minilm_graph import (
    HIDDEN,
    PROBE,
    PROBED,
    Weights,
    graph_version,
    make_graph,
)
from ibid.ports import Encoded, Signs, Vectors
from ibid.storage import make_folder, read_file, replace_file

Floats = NDArray[np.float32]

WORDS = "embeddings.word_embeddings.weight"
_PLACES = "embeddings.position_embeddings.weight"
_TYPES = "embeddings.token_type_embeddings.weight"

_DIGEST = hashlib.sha256().digest_size
_LARGEST = 1 << 28
"""Bytes of a graph, and more: those in 32 bits have 43 million."""
_TOGETHER = 1024
"""Tokens of a batch: fewer waste time between the operations, more leave the caches."""


def start_engine(weights: Weights, precision: str, cache: Path) -> "Engine":
    """Return an engine: in 8 bits, unless `precision` or this processor wants 32."""
    if precision == "auto":
        engine = _start_with(weights, cache, quantised=True)
        if engine.is_exact():
            return engine
    return _start_with(weights, cache, quantised=False)


def _start_with(weights: Weights, cache: Path, *, quantised: bool) -> "Engine":
    """Return an engine with the graph that is kept, or a new one where that is none."""
    bits = 8 if quantised else 32
    path = cache / f"{graph_version()}-{bits}.onnx"
    kept = _read_graph(path)
    if kept is not None:
        try:
            engine = Engine(weights, kept, bits=bits)
            engine.try_out()
        except Exception:  # noqa: BLE001, S110 - those of ONNX Runtime have no base of their own
            pass
        else:
            return engine
    return Engine(weights, _make_graph(weights, path, quantised=quantised), bits=bits)


class Engine:
    """Embeds texts that are given as tokens, on all cores that this process may use."""

    def __init__(self, weights: Weights, graph: bytes, *, bits: int) -> None:
        self.bits = bits
        self._words = weights[WORDS]
        self._places = weights[_PLACES] + weights[_TYPES][0]
        self._session = _start(graph)

    def is_exact(self) -> bool:
        """Tell whether this processor multiplies 8-bit numbers without loss.

        Without instructions for that (AVX512-VNNI, AVX-VNNI, Arm's dot product) ONNX Runtime adds
        pairs of products in 16 bits on x86, where they overflow, and nothing tells so.
        """
        shortest = {"x": np.zeros((1, 1, self._words.shape[1]), dtype=np.float32)}
        return bool((self._session.run([PROBE], shortest)[0] == PROBED).all())

    def try_out(self) -> None:
        """Run the graph once, over one token: what is no graph of ours does not give its results.

        Raises what the runtime does.
        """
        hidden = self._hidden([[0]])
        if hidden.shape != (1, 1, self._words.shape[1]):
            raise ValueError("the graph gives another number of numbers")
        if self.bits < 32:  # noqa: PLR2004 - only such a graph has the probe
            self.is_exact()

    def encode_query(self, text: Sequence[int]) -> tuple[Vectors, Vectors]:
        """Return the vector of one text, and those of its tokens."""
        hidden = self._hidden([text])
        return _pool(hidden), hidden[0] / np.linalg.norm(hidden[0], axis=1, keepdims=True)

    def vectors(self, texts: Sequence[Sequence[int]]) -> Vectors:
        """Return a vector of unit length per text."""
        vectors = np.zeros((len(texts), self._words.shape[1]), dtype=np.float32)
        for batch, hidden in self._run(texts):
            vectors[batch] = _pool(hidden)
        return vectors

    def encode(self, texts: Sequence[Sequence[int]]) -> Encoded:
        """Return a vector of unit length per text, and the signs of each of its tokens."""
        vectors = np.zeros((len(texts), self._words.shape[1]), dtype=np.float32)
        tokens: dict[int, Signs] = {}
        for batch, hidden in self._run(texts):
            vectors[batch] = _pool(hidden)
            tokens |= zip(batch, np.packbits(hidden > 0, axis=-1), strict=True)
        return Encoded(vectors, tuple(tokens[row] for row in range(len(texts))))

    def _run(self, texts: Sequence[Sequence[int]]) -> Iterator[tuple[list[int], Floats]]:
        """Yield the rows of each batch with their last layer."""
        batches = list(_batches(texts))
        pool = ThreadPoolExecutor(_cores())
        try:
            found = pool.map(self._hidden, ([texts[row] for row in batch] for batch in batches))
            yield from zip(batches, found, strict=True)
        finally:
            pool.shutdown(cancel_futures=True)  # Ctrl-C does not wait for what has not begun

    def _hidden(self, batch: Sequence[Sequence[int]]) -> Floats:
        """Return the last layer of texts of one length, shape (texts, tokens, dimensions)."""
        ids = np.asarray(batch, dtype=np.int64)
        embedded = self._words[ids] + self._places[: ids.shape[1]]
        return self._session.run([HIDDEN], {"x": embedded})[0]


def _read_graph(path: Path) -> bytes | None:
    """Return the graph that is kept, None where it is missing or damaged."""
    try:
        kept = read_file(path, _LARGEST)
    except OSError:
        return None
    is_whole = kept[:_DIGEST] == hashlib.sha256(memoryview(kept)[_DIGEST:]).digest()
    return kept[_DIGEST:] if is_whole else None


def _make_graph(weights: Weights, path: Path, *, quantised: bool) -> bytes:
    """Return a new graph, and keep it: a cache that cannot be written costs time, nothing else."""
    graph = make_graph(weights, quantised=quantised)
    with suppress(OSError):
        make_folder(path.parent)
        replace_file(path, hashlib.sha256(graph).digest() + graph)
    return graph


def _start(graph: bytes) -> Any:
    import onnxruntime

    runtime: Any = onnxruntime
    options = runtime.SessionOptions()
    # One thread a batch: so the cores do not wait for each other, and their number does not
    # decide about the last bits.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return runtime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _batches(texts: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield the rows of texts that have one length, the longest first."""
    rows: dict[int, list[int]] = defaultdict(list)
    for row, ids in enumerate(texts):
        rows[len(ids)].append(row)
    for length in sorted(rows, reverse=True):
        size = max(1, _TOGETHER // length)
        for start in range(0, len(rows[length]), size):
            yield rows[length][start : start + size]


def _pool(hidden: Floats) -> Floats:
    mean = hidden.mean(axis=1)
    return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
