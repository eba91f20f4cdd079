"""Graphs on ONNX Runtime, kept in the user's cache.

A graph is named by the code and the weights that it is made of: to make it takes longer than all
else that a question needs.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ibid.adapters.embedders.minilm_graph import PROBE, PROBED, RESULT, WIDTH
from ibid.storage import make_folder, read_file, replace_file

Floats = NDArray[np.float32]

_DIGEST = hashlib.sha256().digest_size
_LARGEST = 1 << 28
"""Bytes of a graph, and more: those in 32 bits have 43 million."""


def start_runtime(
    name: str, make_graph: Callable[[bool], bytes], precision: str, cache: Path
) -> "Runtime":
    """Start a graph: in 8 bits, unless `precision` or this processor wants 32.

    `make_graph` makes one in 8 bits where it is given True.
    """
    if precision == "auto":
        runtime = _start_with(name, make_graph, cache, bits=8)
        if runtime.is_exact():
            return runtime
    return _start_with(name, make_graph, cache, bits=32)


class Runtime:
    """A graph that can be run; `bits` says how many a number of its layers has."""

    def __init__(self, graph: bytes, bits: int) -> None:
        self.bits = bits
        self._session = _start(graph)
        self._shortest = {
            tensor.name: np.zeros((1, 1, WIDTH), dtype=np.float32)
            for tensor in self._session.get_inputs()
        }

    def run(self, inputs: Mapping[str, Floats]) -> Floats:
        """Return the graph's numbers per token, shape (texts, tokens, numbers)."""
        return self._session.run([RESULT], inputs)[0]

    def is_exact(self) -> bool:
        """Tell whether this processor multiplies 8-bit numbers without loss.

        Without instructions for that (AVX512-VNNI, AVX-VNNI, Arm's dot product) ONNX Runtime adds
        pairs of products in 16 bits on x86, where they overflow, and nothing tells so.
        """
        return bool((self._session.run([PROBE], self._shortest)[0] == PROBED).all())

    def try_out(self) -> None:
        """Run the graph once, over one token: what is no graph of ours does not give its results.

        Raises what the runtime does.
        """
        numbers = self.run(self._shortest)
        if numbers.shape[:2] != (1, len(self._shortest)):
            raise ValueError("the graph gives another number of numbers")
        if self.bits < 32:  # noqa: PLR2004 - only such a graph has the probe
            self.is_exact()


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _start_with(
    name: str, make_graph: Callable[[bool], bytes], cache: Path, *, bits: int
) -> Runtime:
    """Start the graph that is kept, or a new one where that is none."""
    path = cache / f"{name}-{bits}.onnx"
    cached_graph = _read_graph(path)
    if cached_graph is not None:
        try:
            runtime = Runtime(cached_graph, bits)
            runtime.try_out()
        except Exception:  # noqa: BLE001, S110 - those of ONNX Runtime have no base of their own
            pass
        else:
            return runtime
    graph = make_graph(bits < 32)  # noqa: PLR2004 - those of the layers as they were released
    _keep_graph(path, graph)
    return Runtime(graph, bits)


def _read_graph(path: Path) -> bytes | None:
    """Return the graph that is kept, None where it is missing or damaged."""
    try:
        data = read_file(path, _LARGEST)
    except OSError:
        return None
    is_whole = data[:_DIGEST] == hashlib.sha256(memoryview(data)[_DIGEST:]).digest()
    return data[_DIGEST:] if is_whole else None


def _keep_graph(path: Path, graph: bytes) -> None:
    """Keep a graph: a cache that cannot be written costs time, nothing else."""
    with suppress(OSError):
        make_folder(path.parent)
        replace_file(path, hashlib.sha256(graph).digest() + graph)


def _start(graph: bytes) -> Any:
    import onnxruntime

    runtime: Any = onnxruntime
    options = runtime.SessionOptions()
    # One thread a batch: so the cores do not wait for each other, and their number does not
    # decide about the last bits.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return runtime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
