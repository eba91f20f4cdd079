"""The six layers of all-MiniLM-L6-v2 as a graph for ONNX Runtime, in 32 or in 8 bits a number.

In 8 bits the weights have a scale per output and the activations a scale per token, found as they
come. With one scale for a whole batch, as the usual dynamic quantisation has it, vectors are six
times as far off, and a text's vector depends on its neighbours.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_LAYERS, _HEADS, _EPSILON = 6, 12, 1e-12
_OF_THE_RUNTIME = {"MatMulIntegerToFloat", "MultiHeadAttention", "BiasGelu"}
"""Operations of ONNX Runtime's own, beyond the standard."""
_OPSET, _IR = 18, 9
_LARGEST = 127

_LOUD = {63: 2, 99: 4, 127: 2, 157: 2, 223: 2, 267: 2, 303: 2, 338: 2}
"""Dimensions that are larger than all others in every layer and text, and would leave those with
few of the 8 bits. They are divided before they are rounded, and their weights multiplied."""


def make_graph(weights: Mapping[str, Floats], *, quantised: bool) -> bytes:
    """Return the graph from embedded tokens `x` to the last layer, both (texts, tokens, 384)."""
    graph = _Quantised() if quantised else _Graph()
    hidden = graph.normalise("x", weights, "embeddings.LayerNorm")
    for layer in range(_LAYERS):
        hidden = _add_layer(graph, weights, f"encoder.layer.{layer}", hidden)
    width = len(weights["embeddings.LayerNorm.bias"])
    return graph.finish("FLOAT", ["texts", "tokens", width], hidden, "FLOAT")


def make_product(right: NDArray[np.int8]) -> bytes:
    """Return the graph that multiplies a matrix `x` of unsigned bytes by `right`."""
    graph = _Graph()
    product = graph.add("MatMulInteger", "x", graph.constant(right))
    return graph.finish("UINT8", ["rows", right.shape[0]], product, "INT32")


class _Graph:
    """Nodes and weights, one after the other."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, values: Any) -> str:
        """Add an array, or a number of numpy's; return its name."""
        from onnx import numpy_helper

        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, operation: str, *inputs: str, **attributes: Any) -> str:
        """Add an operation with one result; return its name."""
        return self.split(operation, *inputs, parts=1, **attributes)[0]

    def split(self, operation: str, *inputs: str, parts: int, **attributes: Any) -> list[str]:
        """Add an operation; return the names of its results."""
        from onnx import helper

        names = [f"n{len(self._nodes)}_{part}" for part in range(parts)]
        domain = "com.microsoft" if operation in _OF_THE_RUNTIME else ""
        self._nodes.append(helper.make_node(operation, inputs, names, domain=domain, **attributes))
        return names

    def normalise(self, x: str, weights: Mapping[str, Floats], name: str) -> str:
        scale, bias = (self.constant(weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=_EPSILON)

    def multiply(self, x: str, weight: Floats, *, loud: bool = False) -> str:  # noqa: ARG002
        """Add `x` times a weight of shape (outputs, inputs); `loud` if `x` has such dimensions."""
        return self.add("MatMul", x, self.constant(weight.T))

    def finish(self, kind: str, shape: Sequence[str | int], result: str, of: str) -> bytes:
        """Return the graph from the input `x` to `result`."""
        from onnx import TensorProto, helper

        types: Any = TensorProto
        made = helper.make_graph(
            self._nodes,
            "minilm",
            [helper.make_tensor_value_info("x", getattr(types, kind), shape)],
            [helper.make_tensor_value_info(result, getattr(types, of), None)],
            self._constants,
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(made, opset_imports=opsets, ir_version=_IR).SerializeToString()


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
            quiet = np.ones(weight.shape[1], dtype=np.float32)
            quiet[list(_LOUD)] = list(_LOUD.values())
            weight, x = weight * quiet, self.add("Mul", x, self.constant(1 / quiet))
        extent = self.add("ReduceMax", self.add("Abs", x), self._last_axis, keepdims=1)
        step = self.add("Div", self.add("Max", extent, self._least), self._largest)
        whole = self.add("QuantizeLinear", self.add("Div", x, step), self._one, self._middle)
        product = self._multiply_whole(whole, weight)
        return self.add("Mul", product, step)

    def _multiply_whole(self, whole: str, weight: Floats) -> str:
        steps = np.abs(weight).max(axis=1) / np.float32(_LARGEST)
        rounded = np.rint(weight / steps[:, None]).astype(np.int8)
        right, scale = self.constant(rounded.T), self.constant(steps)
        return self.add("MatMulIntegerToFloat", whole, right, self._one, scale, self._middle)


def _add_layer(graph: _Graph, weights: Mapping[str, Floats], name: str, x: str) -> str:
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


def _add_output(graph: _Graph, weights: Mapping[str, Floats], name: str, inner: str, x: str) -> str:
    product = graph.multiply(inner, weights[f"{name}.dense.weight"])
    biased = graph.add("Add", product, graph.constant(weights[f"{name}.dense.bias"]))
    return graph.normalise(graph.add("Add", biased, x), weights, f"{name}.LayerNorm")
