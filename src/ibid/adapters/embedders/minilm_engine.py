"""Vectors of texts by all-MiniLM-L6-v2, with a graph made from the verified weights.

Texts of one length share a batch, so nothing is padded, and every number of a row is worked out
from that row alone: a text has the same vector, to the last bit, whatever it is embedded with.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ibid.adapters.embedders.minilm_graph import WIDTH, Weights, graph_version, make_graph
from ibid.adapters.embedders.minilm_runtime import Runtime, cores, start_runtime
from ibid.ports import Encoded, Signs, Vectors

Floats = NDArray[np.float32]

WORDS = "embeddings.word_embeddings.weight"
_PLACES = "embeddings.position_embeddings.weight"
_TYPES = "embeddings.token_type_embeddings.weight"

_TOGETHER = 1024
"""Tokens of a batch: fewer waste time between the operations, more leave the caches."""


def start_engine(weights: Weights, precision: str, cache: Path) -> "Engine":
    """Return an engine: in 8 bits, unless `precision` or this processor wants 32."""

    def make(quantised: bool) -> bytes:
        return make_graph(weights, quantised=quantised)

    return Engine(Words(weights), start_runtime(graph_version(), make, precision, cache))


class Words:
    """The vectors of tokens in their places, which the first layer gets."""

    def __init__(self, weights: Weights) -> None:
        self._words = weights[WORDS]
        self._places = weights[_PLACES] + weights[_TYPES][0]

    def embed(self, batch: Sequence[Sequence[int]]) -> Floats:
        """Return the vectors of texts of one length, shape (texts, tokens, dimensions)."""
        ids = np.asarray(batch, dtype=np.int64)
        return self._words[ids] + self._places[: ids.shape[1]]


class Engine:
    """Embeds texts that are given as tokens, on all cores that this process may use."""

    def __init__(self, words: Words, runtime: Runtime) -> None:
        self.bits = runtime.bits
        self._words, self._runtime = words, runtime

    def encode_query(self, text: Sequence[int]) -> tuple[Vectors, Vectors]:
        """Return the vector of one text, and those of its tokens."""
        hidden = self._hidden([text])
        return _pool(hidden), hidden[0] / np.linalg.norm(hidden[0], axis=1, keepdims=True)

    def vectors(self, texts: Sequence[Sequence[int]]) -> Vectors:
        """Return a vector of unit length per text."""
        vectors = np.zeros((len(texts), WIDTH), dtype=np.float32)
        for batch, hidden in self._run(texts):
            vectors[batch] = _pool(hidden)
        return vectors

    def encode(self, texts: Sequence[Sequence[int]]) -> Encoded:
        """Return a vector of unit length per text, and the signs of each of its tokens."""
        vectors = np.zeros((len(texts), WIDTH), dtype=np.float32)
        tokens: dict[int, Signs] = {}
        for batch, hidden in self._run(texts):
            vectors[batch] = _pool(hidden)
            tokens |= zip(batch, np.packbits(hidden > 0, axis=-1), strict=True)
        return Encoded(vectors, tuple(tokens[row] for row in range(len(texts))))

    def _run(self, texts: Sequence[Sequence[int]]) -> Iterator[tuple[list[int], Floats]]:
        """Yield the rows of each batch with their last layer."""
        batches = list(_batches(texts))
        pool = ThreadPoolExecutor(cores())
        try:
            layers = pool.map(self._hidden, ([texts[row] for row in batch] for batch in batches))
            yield from zip(batches, layers, strict=True)
        finally:
            pool.shutdown(cancel_futures=True)  # Ctrl-C does not wait for what has not begun

    def _hidden(self, batch: Sequence[Sequence[int]]) -> Floats:
        """Return the last layer of texts of one length, shape (texts, tokens, dimensions)."""
        return self._runtime.run({"x": self._words.embed(batch)})


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
