"""How well a reader tells which sentence answers, and whether any does, beside the plain cosine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from examples import Example
from model import Batch, Reader, pad
from numpy.typing import NDArray
from tokens import LONGEST, Texts
from vectors import Vectors

from ibid.evaluation.measuring import estimate

Scores = list[NDArray[np.float32]]
RESAMPLED = 250

UNREAD = -99.0
"""Score of a sentence that no window had room for."""


@dataclass(frozen=True, slots=True)
class Read:
    """The scores of each example's sentences, by the reader and by the plain cosine."""

    reader: Scores
    cosine: Scores


def measure(examples: Sequence[Example], reader: Reader, vectors: Vectors) -> Mapping[str, object]:
    """Return the figures of both, with intervals that hold 95 % of resampled sets."""
    read = read_all(examples, reader, vectors)
    found = {"questions": len(examples), "answerable": sum(bool(e.answers) for e in examples)}
    away = _elsewhere(examples)
    off = read_all(away, reader, vectors)
    for name in ("reader", "cosine"):
        scores: Scores = getattr(read, name)
        right = [(e, s) for e, s in zip(examples, scores, strict=True) if e.answers]
        ranked = np.array([_rank(e, s) for e, s in right])
        best = np.array([s.max() for _, s in right])
        near = [s.max() for e, s in zip(examples, scores, strict=True) if not e.answers]
        found[name] = {
            **{key: _mean(ranked[:, n]) for n, key in enumerate(("MAP", "MRR", "P@1"))},
            "AUC near miss": _auc(best, np.array(near)) if near else None,
            "AUC off subject": _auc(best, np.array([s.max() for s in getattr(off, name)])),
        }
    return found


def _elsewhere(examples: Sequence[Example]) -> list[Example]:
    """Return each question that has an answer with a window of another article."""
    away: list[Example] = []
    asked = [e for e in examples if e.answers]
    for number, example in enumerate(asked):
        others = (
            asked[(number + step) % len(asked)] for step in range(len(asked) // 2, len(asked))
        )
        other = next((o for o in others if o.window.article != example.window.article), None)
        if other:
            away.append(replace(other, question=example.question, answers=frozenset()))
    return away


@torch.no_grad()
def read_all(examples: Sequence[Example], reader: Reader, vectors: Vectors) -> Read:
    """Return the scores of all sentences; a window that is too long is read in parts."""
    reader.eval()
    texts = Texts()
    cosine = [vectors.of(e.window.sentences) @ vectors.of([e.question])[0] for e in examples]
    found: Scores = [np.full(len(e.window.sentences), UNREAD, dtype=np.float32) for e in examples]
    parts = [part for n, e in enumerate(examples) for part in _parts(n, e, texts)]
    parts.sort(key=lambda part: len(texts.window(part[2].window)[0]))
    for start in range(0, len(parts), 32):
        group = parts[start : start + 32]
        own = [cosine[n][at : at + len(e.window.sentences)] for n, at, e in group]
        scores = _read([e for _, _, e in group], own, reader, texts)
        for (n, at, example), row in zip(group, scores, strict=True):
            found[n][at : at + len(example.window.sentences)] = row
    return Read(found, cosine)


def _parts(number: int, example: Example, texts: Texts) -> list[tuple[int, int, Example]]:
    """Return the windows that a long one falls into, with where they begin."""
    window, start = example.window, 0
    parts: list[tuple[int, int, Example]] = []
    while start < len(window.sentences):
        stop = start + 1
        while stop < len(window.sentences):
            longer = replace(window, sentences=window.sentences[start : stop + 1])
            if sum(len(s) for s in longer.sentences) > 5 * LONGEST:
                break
            if len(texts.window(longer)[0]) >= LONGEST:
                break
            stop += 1
        own = replace(window, sentences=window.sentences[start:stop])
        parts.append((number, start, replace(example, window=own)))
        start = stop
    return parts


def _read(
    examples: Sequence[Example], cosines: Scores, reader: Reader, texts: Texts
) -> list[NDArray[np.float32]]:
    questions = pad([texts.question(e.question) for e in examples])
    read = [texts.window(e.window) for e in examples]
    windows, numbers = pad([r[0] for r in read]), pad([r[1] for r in read], -1)
    known = torch.full((len(examples), max(map(len, cosines))), -1.0)
    for row, own in enumerate(cosines):
        known[row, : len(own)] = torch.from_numpy(own)
    batch = Batch(questions, windows, numbers, known)
    scores = reader(batch, reader.read_apart(questions), reader.read_apart(windows))
    return [row[: len(own)].numpy() for row, own in zip(scores, cosines, strict=True)]


def _rank(example: Example, scores: NDArray[np.float32]) -> tuple[float, float, float]:
    """Return average precision, reciprocal rank, and whether the first is right."""
    order = np.argsort(-scores, kind="stable")
    hits = [n for n, place in enumerate(order, 1) if int(place) in example.answers]
    average = float(np.mean([count / n for count, n in enumerate(hits, 1)]))
    return average, 1 / hits[0], float(hits[0] == 1)


def _mean(values: NDArray[np.float64]) -> list[float]:
    found = estimate(values.tolist())
    return [round(number, 3) for number in (found.mean, found.low, found.high)]


def _auc(right: NDArray[np.float64], wrong: NDArray[np.float64]) -> list[float]:
    """Return how often a right one scores above a wrong one."""
    rng = np.random.default_rng(0)
    drawn = [
        _share_above(rng.choice(right, len(right)), rng.choice(wrong, len(wrong)))
        for _ in range(RESAMPLED)
    ]
    return _round(_share_above(right, wrong), np.array(drawn))


def _share_above(right: NDArray[np.float64], wrong: NDArray[np.float64]) -> float:
    ordered = np.sort(wrong)
    below = np.searchsorted(ordered, right, "left") + np.searchsorted(ordered, right, "right")
    return float(below.mean() / 2 / len(ordered))


def _round(value: float, drawn: NDArray[np.float64]) -> list[float]:
    low, high = np.quantile(drawn, (0.025, 0.975))
    return [round(float(number), 3) for number in (value, low, high)]
