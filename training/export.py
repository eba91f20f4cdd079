"""The trained reader as ibid could ship it: 8 bits a weight, run by ONNX Runtime, without torch.

`python training/export.py --weights reader.pt --data FOLDER --out FOLDER` packs the weights, runs
them as graphs in 32 and in 8 bits, and says how far those are from torch and how long they take.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from examples import Example, cut, held_out_examples
from measuring import UNREAD, read_all
from model import LAYERS, Reader
from numpy.typing import NDArray
from safetensors.numpy import load, save
from tokens import LONGEST, Texts
from torch import Tensor
from vectors import Vectors

from ibid.adapters.embedders import minilm_graph
from ibid.adapters.embedders.minilm import find_model
from ibid.adapters.embedders.minilm_graph import HIDDEN

Floats = NDArray[np.float32]
Tensors = Mapping[str, Floats]

_PLACES = {
    "mixed": "attention.output.dense",
    "first": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "second": "output.LayerNorm",
}
_LOUD = ("query", "key", "value", "intermediate")


def to_bert(learned: Mapping[str, Tensor], apart: int) -> dict[str, Floats]:
    """Return the reader's weights under the names that BERT's have, and its heads'."""
    found: dict[str, Floats] = {}
    for name, value in learned.items():
        array = value.float().numpy()
        kind, _, rest = name.partition(".")
        if kind != "upper":
            found[name] = np.atleast_1d(array)
            continue
        number, part, end = rest.split(".")
        layer = f"encoder.layer.{int(number) + apart}"
        if part == "mix":
            for own, third in zip(("query", "key", "value"), np.split(array, 3), strict=True):
                found[f"{layer}.attention.self.{own}.{end}"] = third
        else:
            found[f"{layer}.{_PLACES[part]}.{end}"] = array
    return found


def pack(weights: Tensors) -> bytes:
    """Return the weights as a safetensors file, the matrices with 8 bits a number."""
    packed: dict[str, NDArray[Any]] = {}
    for name, value in weights.items():
        if value.ndim == 1 or len(value) == 1:
            packed[name] = value.astype(np.float32)
            continue
        scaled = value * _quiet(name)
        steps = np.abs(scaled).max(axis=1) / np.float32(127)
        packed[name] = np.rint(scaled / steps[:, None]).astype(np.int8)
        packed[f"{name} steps"] = steps.astype(np.float32)
    return save({name: np.ascontiguousarray(value) for name, value in sorted(packed.items())})


def unpack(data: bytes) -> dict[str, Floats]:
    """Return the weights of such a file, in 32 bits."""
    packed = load(data)
    found: dict[str, Floats] = {}
    for name, value in packed.items():
        if value.dtype == np.int8:
            steps = packed[f"{name} steps"]
            found[name] = value.astype(np.float32) * steps[:, None] / _quiet(name)
        elif not name.endswith(" steps"):
            found[name] = value
    return found


def _quiet(name: str) -> Floats:
    """Return what the inputs of a matrix are divided by (minilm_graph.py)."""
    quiet = np.ones(384 if "encoder" in name else 1, dtype=np.float32)
    if any(part in name for part in _LOUD):
        quiet[list(minilm_graph._LOUD)] = list(minilm_graph._LOUD.values())
        return quiet
    return np.ones(1, dtype=np.float32)


class Runtime:
    """Reads windows with graphs of the embedder's first layers and the reader's last ones."""

    def __init__(self, weights: Tensors, apart: int, *, quantised: bool) -> None:
        from safetensors.numpy import load_file

        embedder = load_file(find_model() / "model.safetensors")
        self._words = embedder["embeddings.word_embeddings.weight"]
        places = embedder["embeddings.position_embeddings.weight"]
        self._places = places + embedder["embeddings.token_type_embeddings.weight"][0]
        self._weights, self._texts = weights, Texts()
        self._lower = _start(_graph(embedder, range(apart), quantised=quantised, start=True))
        self._upper = _start(_graph(weights, range(apart, LAYERS), quantised=quantised))

    def read(
        self, examples: Sequence[Example], question: str, cosines: Sequence[Floats]
    ) -> list[Floats]:
        """Return the scores of the sentences of windows for one question."""
        asked = self._states(self._texts.question(question)) + self._weights["asked"]
        return [
            self._read(example, asked, own) for example, own in zip(examples, cosines, strict=True)
        ]

    def _states(self, tokens: Sequence[int]) -> Floats:
        x = self._words[tokens] + self._places[: len(tokens)]
        return self._lower.run([HIDDEN], {"x": x[None]})[0]

    def _read(self, example: Example, asked: Floats, cosines: Floats) -> Floats:
        tokens, numbers = self._texts.window(example.window)
        x = np.concatenate([asked, self._states(tokens)], axis=1)
        x = self._upper.run([HIDDEN], {"x": x})[0][0]
        absent = self._head("absent", x[:1])[0]
        x, place = x[asked.shape[1] :], np.array(numbers)
        means, peaks = self._head("mean", x), self._head("peak", x)
        learned = np.full(len(cosines), UNREAD, dtype=np.float32)
        for number in range(max(numbers) + 1):
            own = place == number
            learned[number] = means[own].mean() + peaks[own].max() - absent
        return self._weights["scale"] * cosines - self._weights["bar"] + learned

    def _head(self, name: str, x: Floats) -> Floats:
        return x @ self._weights[f"{name}.weight"][0] + self._weights[f"{name}.bias"]


def _graph(weights: Tensors, layers: range, *, quantised: bool, start: bool = False) -> bytes:
    graph = minilm_graph._Quantised() if quantised else minilm_graph._Graph()
    hidden = graph.normalise("x", weights, "embeddings.LayerNorm") if start else "x"
    for number in layers:
        name = f"encoder.layer.{number}"
        hidden = minilm_graph._add_layer(graph, weights, name, hidden)
    return graph.finish(384, hidden)


def _start(graph: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def compare(
    examples: Sequence[Example], reader: Reader, runtime: Runtime, vectors: Vectors
) -> dict[str, float]:
    """Return how far the scores are from torch's, and CPU milliseconds per window."""
    read = read_all(examples, reader, vectors, exact=True)
    largest, firsts, seconds = 0.0, 0, 0.0
    for example, right, cosine in zip(examples, read.reader, read.cosine, strict=True):
        started = time.process_time()
        found = runtime.read([example], example.question, [cosine])[0]
        seconds += time.process_time() - started
        seen = right > UNREAD
        largest = max(largest, float(np.abs(found - right)[seen].max()))
        firsts += int(found.argmax() == right.argmax())
    return {
        "largest difference": round(largest, 5),
        "same first sentence": round(firsts / len(examples), 4),
        "CPU ms a window": round(1000 * seconds / len(examples), 2),
    }


def main() -> None:
    """Pack the weights, and compare what runs them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--apart", type=int, default=2)
    options = parser.parse_args()
    learned = torch.load(options.weights)
    data = pack(to_bert(learned, options.apart))
    (options.out / "reader.safetensors").write_bytes(data)
    reader = Reader(options.apart)
    reader.load_state_dict(learned, strict=False)
    texts = Texts()
    examples = [
        e
        for e in map(cut, held_out_examples(options.data)["clapnq"])
        if len(texts.window(e.window)[0]) < LONGEST - 1
    ][:200]
    vectors = Vectors(options.data / "vectors.pkl")
    found: dict[str, Any] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    runs = {
        "32 bits, as trained": (to_bert(learned, options.apart), False),
        "32 bits, packed": (unpack(data), False),
        "8 bits": (unpack(data), True),
    }
    for name, (weights, quantised) in runs.items():
        runtime = Runtime(weights, options.apart, quantised=quantised)
        found[name] = compare(examples, reader, runtime, vectors)
    (options.out / "export.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
