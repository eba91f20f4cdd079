"""The layers of all-MiniLM-L6-v2 as graphs for ONNX Runtime, in 32 or in 8 bits a number.

In 8 bits the weights have a scale per output and the activations a scale per token, found as they
come. With one scale for a whole batch, as the usual dynamic quantisation has it, vectors are six
times as far off, and a text's vector depends on its neighbours.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RESULT, PROBE = "result", "probe"
"""Results of a graph: its numbers per token; and, in 8 bits, a product that must be `PROBED`."""
PROBED = 384 * 255 * 127

WIDTH = 384
APART = 2
"""The embedder's layers that see a question and a window apart, before the reader's see both."""

_LAYERS, _HEADS, _EPSILON = 6, 12, 1e-12
_OF_THE_RUNTIME = {"MatMulIntegerToFloat", "MultiHeadAttention", "BiasGelu"}
"""Operations of ONNX Runtime's own, beyond the standard."""
_OPSET, _IR = 18, 9
_LARGEST = 127

_LOUD = {63: 2, 99: 4, 127: 2, 157: 2, 223: 2, 267: 2, 303: 2, 338: 2}
"""Dimensions that are larger than all others in every layer and text, and would leave those with
few of the 8 bits. They are divided before they are rounded, and their weights multiplied."""


class Weights(Protocol):
    """The model's tensors by name."""

    def __getitem__(self, name: str, /) -> Floats: ...


def quietness(width: int) -> Floats:
    """Return what each input of a product is divided by before it is rounded to 8 bits."""
    quiet = np.ones(width, dtype=np.float32)
    quiet[list(_LOUD)] = list(_LOUD.values())
    return quiet


def graph_version() -> str:
    """Return what tells a graph of this code, of the released weights, from any other."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]


def make_graph(weights: Weights, *, quantised: bool) -> bytes:
    """Return the graph from embedded tokens `x` to the last layer, both (texts, tokens, 384)."""
    graph = _Quantised() if quantised else _Graph()
    hidden = _add_layers(graph, weights, range(_LAYERS), _start(graph, weights, "x"))
    return graph.finish(WIDTH, ["x"], hidden)


def make_reader_graph(embedder: Weights, reader: Weights, *, quantised: bool) -> bytes:
    """Return the graph from embedded tokens of a `question` and a `window` to the reader's heads.

    The first layers are the embedder's, over either of them; the last ones are the reader's, over
    both, one behind the other. The result has the shape (texts, tokens of both, heads).
    """
    graph = _Quantised() if quantised else _Graph()
    question, window = (
        _add_layers(graph, embedder, range(APART), _start(graph, embedder, name))
        for name in ("question", "window")
    )
    query = graph.add("Add", question, graph.constant(reader["asked"]))
    both = graph.add("Concat", query, window, axis=1)
    hidden = _add_layers(graph, reader, range(APART, _LAYERS), both)
    scores = graph.add("MatMul", hidden, graph.constant(reader["heads.weight"].T))
    scores = graph.add("Add", scores, graph.constant(reader["heads.bias"]))
    return graph.finish(WIDTH, ["question", "window"], scores)


class _Graph:
    """Nodes and weights, one after the other."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def constant(self, values: Any) -> str:
        """Add an array, or a number of numpy's, once; return its name."""
        from onnx import numpy_helper

        array = np.ascontiguousarray(values)
        kind = f"{array.dtype}{array.shape}".encode()
        name = f"c{hashlib.sha256(kind + array.tobytes()).hexdigest()[:16]}"
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.asarray(values), name)
        return name

    def add(self, operation: str, *inputs: str, **attributes: Any) -> str:
        """Add an operation with one result; return its name."""
        return self.split(operation, *inputs, parts=1, **attributes)[0]

    def split(self, operation: str, *inputs: str, parts: int, **attributes: Any) -> list[str]:
        """Add an operation; return the names of its results."""
        names = [f"n{len(self._nodes)}_{part}" for part in range(parts)]
        self._nodes.append(_node(operation, inputs, names, **attributes))
        return names

    def normalise(self, x: str, weights: Weights, name: str) -> str:
        scale, bias = (self.constant(weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=_EPSILON)

    def multiply(self, x: str, weight: Floats, *, loud: bool = False) -> str:  # noqa: ARG002
        """Add `x` times a weight of shape (outputs, inputs); `loud` if `x` has such dimensions."""
        return self.add("MatMul", x, self.constant(weight.T))

    def results(self, hidden: str) -> dict[str, str]:
        """Return what the graph gives, with the type of its numbers."""
        self._nodes.append(_node("Identity", [hidden], [RESULT]))
        return {RESULT: "FLOAT"}

    def finish(self, width: int, inputs: Sequence[str], hidden: str) -> bytes:
        """Return the graph from embedded tokens of some inputs to what it gives."""
        from onnx import TensorProto, helper

        kinds: Any = TensorProto
        results = self.results(hidden)
        graph = helper.make_graph(
            self._nodes,
            "minilm",
            [
                helper.make_tensor_value_info(name, kinds.FLOAT, ["texts", f"{name}_tokens", width])
                for name in inputs
            ],
            [
                helper.make_tensor_value_info(name, getattr(kinds, kind), None)
                for name, kind in results.items()
            ],
            list(self._constants.values()),
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR).SerializeToString()


class _Quantised(_Graph):
    """The same, with products of 8-bit numbers."""

    def __init__(self) -> None:
        super().__init__()
        self._one = self.constant(np.float32(1))
        self._middle = self.constant(np.uint8(128))
        self._largest = self.constant(np.float32(_LARGEST))
        self._last_axis = self.constant(np.array([-1]))
        self._least = self.constant(np.float32(1e-9))  # no division by nothing

    def multiply(self, x: str, weight: Floats, *, loud: bool = False) -> str:
        if loud:
            quiet = quietness(weight.shape[1])
            weight, x = weight * quiet, self.add("Mul", x, self.constant(1 / quiet))
        extent = self.add("ReduceMax", self.add("Abs", x), self._last_axis, keepdims=1)
        step = self.add("Div", self.add("Max", extent, self._least), self._largest)
        whole = self.add("QuantizeLinear", self.add("Div", x, step), self._one, self._middle)
        product = self._multiply_whole(whole, weight)
        return self.add("Mul", product, step)

    def results(self, hidden: str) -> dict[str, str]:
        """Return the same, and a product that overflows where a processor is not exact."""
        left = self.constant(np.full((4, 384), 255, dtype=np.uint8))
        right = self.constant(np.full((384, 64), 127, dtype=np.int8))
        self._nodes.append(_node("MatMulInteger", [left, right], [PROBE]))
        return {**super().results(hidden), PROBE: "INT32"}

    def _multiply_whole(self, whole: str, weight: Floats) -> str:
        steps = np.abs(weight).max(axis=1) / np.float32(_LARGEST)
        rounded = np.rint(weight / steps[:, None]).astype(np.int8)
        right, scale = self.constant(rounded.T), self.constant(steps)
        return self.add("MatMulIntegerToFloat", whole, right, self._one, scale, self._middle)


def _node(operation: str, inputs: Sequence[str], results: Sequence[str], **attributes: Any) -> Any:
    from onnx import helper

    domain = "com.microsoft" if operation in _OF_THE_RUNTIME else ""
    return helper.make_node(operation, inputs, results, domain=domain, **attributes)


def _start(graph: _Graph, weights: Weights, name: str) -> str:
    return graph.normalise(name, weights, "embeddings.LayerNorm")


def _add_layers(graph: _Graph, weights: Weights, numbers: range, x: str) -> str:
    for number in numbers:
        x = _add_layer(graph, weights, f"encoder.layer.{number}", x)
    return x


def _add_layer(graph: _Graph, weights: Weights, name: str, x: str) -> str:
    """Add a layer of BERT (Devlin et al. 2019); return the name of its output."""
    attention = f"{name}.attention"
    parts = [f"{attention}.self.{part}" for part in ("query", "key", "value")]
    weight = np.concatenate([weights[f"{part}.weight"] for part in parts])
    bias = graph.constant(np.concatenate([weights[f"{part}.bias"] for part in parts]))
    projected = graph.multiply(x, weight, loud=True)
    heads = graph.split("Split", projected, parts=3, axis=-1, num_outputs=3)
    mixed = graph.add("MultiHeadAttention", *heads, bias, num_heads=_HEADS)
    x = _add_output(graph, weights, f"{attention}.output", mixed, x)
    dense = f"{name}.intermediate.dense"
    inner = graph.multiply(x, weights[f"{dense}.weight"], loud=True)
    inner = graph.add("BiasGelu", inner, graph.constant(weights[f"{dense}.bias"]))
    return _add_output(graph, weights, f"{name}.output", inner, x)


def _add_output(graph: _Graph, weights: Weights, name: str, inner: str, x: str) -> str:
    product = graph.multiply(inner, weights[f"{name}.dense.weight"])
    biased = graph.add("Add", product, graph.constant(weights[f"{name}.dense.bias"]))
    return graph.normalise(graph.add("Add", biased, x), weights, f"{name}.LayerNorm")
