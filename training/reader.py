"""Train the reader: `python training/reader.py --data FOLDER --out FOLDER` (training/README.md)."""

import argparse
import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from examples import (
    Example,
    Window,
    choosing_examples,
    held_out_examples,
    training_examples,
)
from export import read_weights
from measuring import measure
from model import Batch, Reader, missed, pad
from tokens import Texts
from torch import Tensor
from varying import Varied
from vectors import Vectors

BATCH, TOGETHER = 16, 64
"""Pairs of a batch; batches whose pairs are sorted by length together."""

MOST, KEEP = 25_000, 600
"""Windows whose states are kept, 100 KB each; seconds between two files of weights."""

OFTEN = {
    "squad2": 2.0,
    "pairs": 1.5,
    "selqa": 2.0,
    "qed": 2.0,
    "conditional": 2.0,
    "own": 2.5,
    "reddit": 0.25,
    "amazon": 0.25,
    "policy": 0.25,
    "terms": 0.25,
    "guides": 0.25,
    "kinds": 0.5,
    "medquad": 0.25,
}
"""How often an example of a source is drawn, beside one of the others: by the whole name of its
source, or by the first word."""

RISE, FALL = 100, 0.3
"""Steps in which the rate rises, and the part of the time in which it falls to nothing."""


class Feeding:
    """Turns examples into batches, and keeps what the first layers make of a window."""

    def __init__(self, reader: Reader, vectors: Vectors) -> None:
        self._reader, self._vectors = reader, vectors
        self._texts = Texts()
        self._kept: dict[Window, Tensor] = {}

    def size(self, example: Example) -> int:
        """Return how many tokens the window has."""
        return len(self._texts.window(example.window)[0])

    def feed(self, examples: Sequence[Example]) -> tuple[Batch, Tensor, Tensor, Tensor]:
        """Return a batch, the first layers' states of questions and windows, and what is right."""
        questions = pad([self._texts.question(e.question) for e in examples])
        self._vectors.add(e.question for e in examples)
        read = [self._texts.window(e.window) for e in examples]
        windows, numbers = pad([r[0] for r in read]), pad([r[1] for r in read], -1)
        shown = [max(r[1]) + 1 for r in read]
        cosines = torch.full((len(examples), max(shown)), -1.0)
        right = torch.zeros(cosines.shape, dtype=torch.bool)
        for row, (example, count) in enumerate(zip(examples, shown, strict=True)):
            asked = self._vectors.of([example.question])[0]
            own = self._vectors.of(example.window.sentences[:count]) @ asked
            cosines[row, :count] = torch.from_numpy(own)
            right[row, [n for n in example.answers if n < count]] = True
        batch = Batch(questions, windows, numbers, cosines)
        return batch, self._reader.read_apart(questions), self._lower(examples, windows), right

    def _lower(self, examples: Sequence[Example], tokens: Tensor) -> Tensor:
        new = {e.window: row for row, e in enumerate(examples) if e.window not in self._kept}
        if new:
            rows = list(new.values())
            states = self._reader.read_apart(tokens[rows]).bfloat16()
            for (window, row), state in zip(new.items(), states, strict=True):
                self._kept[window] = state[: int((tokens[row] > 0).sum())].clone()
        states = torch.zeros(*tokens.shape, 384, dtype=torch.bfloat16)
        for row, example in enumerate(examples):
            kept = self._kept[example.window]
            states[row, : len(kept)] = kept
        return states.float()

    def forget(self) -> None:
        """Forget the states of windows, if they are many."""
        if len(self._kept) > MOST:
            self._kept.clear()


def batches(
    examples: Sequence[Example], varied: Varied, feeding: Feeding, rng: random.Random
) -> Iterator[list[tuple[Example, ...]]]:
    """Yield batches of examples in some form, with windows of about one length.

    What is put to one question together stays together.
    """
    share = BATCH * TOGETHER
    for start in range(0, len(examples), share):
        forms = [varied.draw(example) for example in examples[start : start + share]]
        ordered = sorted(forms, key=lambda form: max(map(feeding.size, form)))
        parts: list[list[tuple[Example, ...]]] = [[]]
        for form in ordered:
            if sum(map(len, parts[-1])) + len(form) > BATCH:
                parts.append([])
            parts[-1].append(form)
        rng.shuffle(parts)
        yield from parts


def draw(
    examples: Sequence[Example], count: int, seed: int, often: Mapping[str, float] = OFTEN
) -> list[Example]:
    """Return examples in a random order, those of some sources more often."""
    by_word = [often.get(e.source.split()[0], 1.0) for e in examples]
    weights = np.array([often.get(e.source, w) for e, w in zip(examples, by_word, strict=True)])
    rng = np.random.default_rng(seed)
    drawn: list[int] = []
    while len(drawn) < count:
        times = np.floor(weights + rng.random(len(weights))).astype(int)
        drawn += rng.permutation(np.repeat(np.arange(len(examples)), times)).tolist()
    return [examples[n] for n in drawn[:count]]


def train(reader: Reader, vectors: Vectors, options: argparse.Namespace) -> None:
    """Train for some minutes, on `options.examples` at most; keep the weights now and then."""
    examples = training_examples(options.data)
    vectors.add(text for e in examples for text in (e.question, *e.window.sentences))
    vectors.keep()
    feeding, rng = Feeding(reader, vectors), random.Random(options.seed)  # noqa: S311
    varied = Varied(examples, vectors, options.seed)
    drawn = draw(examples, options.examples, options.seed, OFTEN | dict(options.often))
    optimiser = _optimiser(reader, options.rate)
    rates = [group["lr"] for group in optimiser.param_groups]
    started = kept = time.monotonic()
    losses: list[float] = []
    seen = 0
    for number, part in enumerate(batches(drawn, varied, feeding, rng), 1):
        now = time.monotonic()
        left = 1 - (now - started) / 60 / options.minutes
        if left <= 0:
            break
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * min(1, number / RISE, left / FALL)
        losses.append(_step(reader, feeding, part, optimiser, options.bfloat16))
        seen += sum(map(len, part))
        if number % 50 == 0:
            pace = seen / (time.monotonic() - started)
            print(f"{number} loss {np.mean(losses[-200:]):.4f} {pace:.1f}/s", flush=True)
        if now - kept > KEEP:
            kept = now
            torch.save(reader.learned(), options.out / f"reader-{number}.pt")


def _step(
    reader: Reader,
    feeding: Feeding,
    part: Sequence[Sequence[Example]],
    optimiser: torch.optim.Optimizer,
    bfloat16: bool,
) -> float:
    batch, questions, windows, right = feeding.feed([e for form in part for e in form])
    groups = torch.tensor([number for number, form in enumerate(part) for _ in form])
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
        loss = missed(reader(batch, questions, windows), right, groups)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
    optimiser.step()
    optimiser.zero_grad()
    feeding.forget()
    return loss.item()


def _optimiser(reader: Reader, rate: float) -> torch.optim.Optimizer:
    """Return AdamW, with higher rates for what starts at zero."""
    small = [reader.asked, *(p for part in _heads(reader) for p in part.parameters())]
    groups = [
        {"params": list(reader.upper.parameters()), "lr": rate},
        {"params": small, "lr": rate * 10},
        {"params": [reader.bar], "lr": rate * 100},
    ]
    return torch.optim.AdamW(groups, weight_decay=0.01, fused=True)


def _heads(reader: Reader) -> tuple[torch.nn.Module, ...]:
    return reader.mean, reader.peak, reader.absent


def _share(text: str) -> tuple[str, float]:
    """Read `SOURCE=WEIGHT`."""
    source, _, weight = text.rpartition("=")
    return source, float(weight)


def main() -> None:
    """Train, keep the weights, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--examples", type=int, default=90_000)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=7e-5)
    parser.add_argument("--apart", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bfloat16", action="store_true", help="where the processor has it")
    parser.add_argument("--held-out", action="store_true", help="report on held-out sets, too")
    parser.add_argument(
        "--often", type=_share, nargs="*", default=[], metavar="SOURCE=WEIGHT", help="see OFTEN"
    )
    parser.add_argument("--start", type=Path, help="train these further")
    parser.add_argument("--weights", type=Path, help="measure these instead of training")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_flush_denormal(True)  # tiny moments of AdamW would halve the pace
    options.out.mkdir(parents=True, exist_ok=True)
    vectors = Vectors(options.data / "vectors.pkl")
    reader = Reader(options.apart)
    if options.weights:
        reader.load_state_dict(read_weights(options.weights), strict=False)
    else:
        if options.start:
            reader.load_state_dict(read_weights(options.start), strict=False)
        train(reader, vectors, options)
        torch.save(reader.learned(), options.out / "reader.pt")
    vectors.keep()
    sets = choosing_examples(options.data)
    if options.held_out:
        sets |= held_out_examples(options.data)
    vectors.add(t for es in sets.values() for e in es for t in (e.question, *e.window.sentences))
    found = {name: measure(es, reader, vectors) for name, es in sets.items()}
    text = json.dumps(found, indent=1)
    (options.out / "figures.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
