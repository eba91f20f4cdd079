"""The trained reader as ibid ships it: 8 bits a weight, run by ONNX Runtime, without torch.

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
from safetensors.numpy import load_file, save
from tokens import LONGEST, Texts
from torch import Tensor
from vectors import Vectors

from ibid.adapters import MiniLM, MiniLMReader
from ibid.adapters.embedders.minilm_graph import APART, quietness
from ibid.adapters.readers.minilm_reader import unpack
from ibid.ports import Window as PortWindow

Floats = NDArray[np.float32]
Tensors = Mapping[str, Floats]

_PLACES = {
    "mixed": "attention.output.dense",
    "first": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "second": "output.LayerNorm",
}
_MIX = ("query", "key", "value")
_HEADS = ("mean", "peak", "absent")
_LOUD = ("query", "key", "value", "intermediate")


def to_bert(learned: Mapping[str, Tensor]) -> dict[str, Floats]:
    """Return the reader's weights under the names that BERT's have, and its heads'."""
    found: dict[str, Floats] = {}
    for name, value in learned.items():
        array = value.float().numpy()
        kind, _, rest = name.partition(".")
        if kind != "upper":
            continue
        number, part, end = rest.split(".")
        layer = f"encoder.layer.{int(number) + APART}"
        if part == "mix":
            for own, third in zip(_MIX, np.split(array, 3), strict=True):
                found[f"{layer}.attention.self.{own}.{end}"] = third
        else:
            found[f"{layer}.{_PLACES[part]}.{end}"] = array
    found["asked"] = learned["asked"].float().numpy()
    heads = [f"{head}.{part}" for part in ("weight", "bias") for head in _HEADS]
    rows = [learned[name].float().numpy() for name in heads]
    found["heads.weight"] = np.concatenate(rows[:3])
    found["heads.bias"] = np.concatenate(rows[3:])
    found["heads.bias"][2] += float(learned["bar"])
    return found


def from_bert(packed: Mapping[str, NDArray[Any]]) -> dict[str, Tensor]:
    """Return the layers of weights that `pack` made, under the names that they have in training."""
    weights = unpack(packed)
    found: dict[str, Tensor] = {"asked": torch.from_numpy(weights["asked"])}
    for number in range(LAYERS - APART):
        layer = f"encoder.layer.{number + APART}"
        for end in ("weight", "bias"):
            thirds = [weights[f"{layer}.attention.self.{own}.{end}"] for own in _MIX]
            found[f"upper.{number}.mix.{end}"] = torch.from_numpy(np.concatenate(thirds))
            for part, place in _PLACES.items():
                own = weights[f"{layer}.{place}.{end}"]
                found[f"upper.{number}.{part}.{end}"] = torch.from_numpy(own)
    for row, head in enumerate(_HEADS):
        found[f"{head}.weight"] = torch.from_numpy(weights["heads.weight"][row : row + 1])
        found[f"{head}.bias"] = torch.from_numpy(weights["heads.bias"][row : row + 1])
    found["bar"] = found["absent.bias"][0].clone()
    found["absent.bias"] = torch.zeros(1)
    return found


def read_weights(path: Path) -> Mapping[str, Tensor]:
    """Return the weights of a run of training, or those that ibid ships."""
    return from_bert(load_file(path)) if path.suffix == ".safetensors" else torch.load(path)


def mix(
    learned: Mapping[str, Tensor], before: Mapping[str, Tensor], share: float
) -> dict[str, Tensor]:
    """Return weights on the way from those before a run to those after it, `share` of the way.

    What was learned before is forgotten less (Wortsman et al. 2022, Robust fine-tuning).
    """
    return {
        name: before[name] * (1 - share) + value * share if name in before else value
        for name, value in learned.items()
    }


def pack(weights: Tensors) -> bytes:
    """Return the weights as a safetensors file, the matrices with 8 bits a number."""
    packed: dict[str, NDArray[Any]] = {}
    for name, value in weights.items():
        if value.ndim == 1 or name.startswith("heads"):
            packed[name] = value.astype(np.float32)
            continue
        loud = any(part in name for part in _LOUD)
        scaled = value * (quietness(value.shape[1]) if loud else np.float32(1))
        steps = np.abs(scaled).max(axis=1) / np.float32(127)
        packed[name] = np.rint(scaled / steps[:, None]).astype(np.int8)
        packed[f"{name} steps"] = steps.astype(np.float32)
    return save({name: np.ascontiguousarray(value) for name, value in sorted(packed.items())})


def compare(
    examples: Sequence[Example], learned: Reader, reader: MiniLMReader, vectors: Vectors
) -> dict[str, float]:
    """Return how far the scores are from torch's, and CPU milliseconds per window."""
    exact = read_all(examples, learned, vectors)
    largest, firsts, seconds = 0.0, 0, 0.0
    for example, right in zip(examples, exact.reader, strict=True):
        sentences = example.window.sentences
        window = PortWindow(example.window.title, sentences, tuple(vectors.of(sentences)))
        started = time.process_time()
        scores = reader.read(example.question, [window])[0]
        seconds += time.process_time() - started
        seen = right > UNREAD
        largest = max(largest, float(np.abs(scores - right)[seen].max()))
        firsts += int(scores.argmax() == right.argmax())
    return {
        "largest difference": round(largest, 5),
        "same first sentence": round(firsts / len(examples), 4),
        "CPU ms a window": round(1000 * seconds / len(examples), 2),
    }


def main() -> None:
    """Pack the weights, and compare what runs them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--before", type=Path, help="what the run started from, to keep a part of")
    parser.add_argument("--share", type=float, default=1.0, help="of the way from there")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    weights = torch.load(options.weights)
    if options.before:
        weights = mix(weights, read_weights(options.before), options.share)
    data = pack(to_bert(weights))
    path, digest = options.out / "reader.safetensors", hashlib.sha256(data).hexdigest()
    path.write_bytes(data)
    learned = Reader(APART)
    learned.load_state_dict(weights, strict=False)
    texts = Texts()
    examples = [
        e
        for e in map(cut, held_out_examples(options.data)["clapnq"])
        if len(texts.window(e.window)[0]) < LONGEST - 1
    ][:200]
    vectors = Vectors(options.data / "vectors.pkl")
    report: dict[str, Any] = {"bytes": len(data), "sha256": digest}
    for name, precision in (("32 bits", "fp32"), ("8 bits", "auto")):
        reader = MiniLMReader(MiniLM(precision), precision, options.out, path, digest)
        reader.read("warm?", [PortWindow("", ("up",))])
        report[name] = compare(examples, learned, reader, vectors)
    (options.out / "export.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
