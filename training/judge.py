"""Train the judge of entailment: `python training/judge.py --data FOLDER --out FOLDER`."""

import argparse
import json
import random
import time
from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import torch
from claims import Making, read_places
from export import read_weights
from model import Judge, pad
from pairs import Evidence, Label, Pair, Place
from people import read_people
from tokenizers import Tokenizer
from tokens import CLS, SEP
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from ibid.adapters.embedders.minilm import find_model
from ibid.adapters.embedders.minilm_graph import APART
from ibid.types import Span

LONGEST_CLAIM, LONGEST_ABOUT, LONGEST_EVIDENCE = 64, 32, 160
"""Tokens of a claim, of what stands above its evidence, and of both of these together."""

BATCH, TOGETHER, KEEP = 24, 16, 300
"""Pairs of a batch; batches whose pairs are sorted by length together; seconds between files."""

OFTEN = 20
"""Steps between two lines of progress."""

RISE, FALL = 100, 0.6
"""Steps in which the rate rises, and the part of the time in which it falls to nothing."""

PEOPLE = {
    "mnli": 1.5, "snli": 0.5, "counterfactual": 0.5, "breaking": 0.15, "conjunctions": 2.0,
    "fool me twice": 4.0, "fever": 3.0, "help": 0.2, "scifact": 3.0, "wice": 4.0,
}  # fmt: skip
"""How often what people judged is drawn, by source."""

MADE = 0.45
"""The share of pairs that rules make."""

HELD = 60
"""One of so many of people's pairs is not trained on: how many are right is told now and then."""

TOKENS = 0.5
"""What telling the wrong tokens counts in the loss, beside the label."""


class Texts:
    """Turns claims and evidence into tokens."""

    def __init__(self) -> None:
        self._tokenizer = Tokenizer.from_file(str(find_model() / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._ids = lru_cache(100_000)(self._encode)

    def _encode(self, text: str) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        return tuple(encoded.ids), tuple(encoded.offsets)

    def claim(self, text: str, wrong: Sequence[Span] = ()) -> tuple[list[int], list[int]]:
        """Return the tokens of a claim, and 1 for those that say otherwise than the evidence."""
        ids, places = self._ids(text)
        marks = [int(any(start < s.end and s.start < end for s in wrong)) for start, end in places]
        most = LONGEST_CLAIM - 2
        return [CLS, *ids[:most], SEP], [0, *marks[:most], 0]

    def evidence(self, evidence: Evidence) -> list[int]:
        """Return the tokens of evidence; what is too long is cut off."""
        about = self._ids(evidence.about)[0][:LONGEST_ABOUT] if evidence.about else ()
        ids = [CLS, *about, SEP] if about else [CLS]
        for sentence in evidence.sentences:
            ids += self._ids(sentence)[0]
        return [*ids[: LONGEST_EVIDENCE - 1], SEP]


def feed(pairs: Sequence[Pair], texts: Texts) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return claims, evidence, labels, wrong tokens, and which of those are known."""
    read = [texts.claim(p.claim, p.wrong or ()) for p in pairs]
    claims, marks = pad([r[0] for r in read]), pad([r[1] for r in read])
    known = torch.tensor([p.wrong is not None for p in pairs])[:, None] & (claims > 0)
    labels = torch.tensor([int(p.label) for p in pairs])
    return claims, pad([texts.evidence(p.evidence) for p in pairs]), labels, marks.float(), known


def missed(scores: Tensor, tokens: Tensor, labels: Tensor, marks: Tensor, known: Tensor) -> Tensor:
    """Return the loss: of the label, where "not" is any but supported, and of the wrong tokens."""
    logs = scores.log_softmax(1)
    refused = torch.logsumexp(logs[:, 1:], dim=1, keepdim=True)
    loss = -torch.cat([logs, refused], dim=1).gather(1, labels[:, None]).mean()
    if not known.any():
        return loss
    weight = 1 + 3 * marks[known]  # few tokens are wrong
    return loss + TOKENS * binary_cross_entropy_with_logits(tokens[known], marks[known], weight)


def draw(
    people: Sequence[Pair], places: Sequence[Place], making: Making, rng: random.Random
) -> Iterator[Pair]:
    """Yield pairs for ever: made by rules, and judged by people."""
    weights = [PEOPLE[p.source] for p in people]
    by_article: dict[str, list[Place]] = {}
    for place in places:
        by_article.setdefault(f"{place.source} {place.article}", []).append(place)
    articles = list(by_article.values())
    while True:
        made = iter(making.make([rng.choice(rng.choice(articles)) for _ in range(512)], 256))
        yield from rng.choices(people, weights, k=int(256 * (1 - MADE) / MADE))
        yield from made


def batches(pairs: Iterator[Pair], texts: Texts, rng: random.Random) -> Iterator[list[Pair]]:
    """Yield batches of pairs of about one length."""
    while True:
        group = [next(pairs) for _ in range(BATCH * TOGETHER)]
        group.sort(key=lambda p: len(texts.evidence(p.evidence)) + len(texts.claim(p.claim)[0]))
        parts = [group[at : at + BATCH] for at in range(0, len(group), BATCH)]
        rng.shuffle(parts)
        yield from parts


def train(judge: Judge, options: argparse.Namespace) -> None:
    """Train for some minutes; keep the weights now and then."""
    torch.set_flush_denormal(True)
    rng, texts = random.Random(options.seed), Texts()  # noqa: S311 - nothing is kept secret by it
    places = read_places(options.data)
    making = Making(places, options.seed, options.without)
    people = read_people(options.data)
    held = people[::HELD]
    pairs = draw([p for n, p in enumerate(people) if n % HELD], places, making, rng)
    optimiser = _optimiser(judge, options.rate)
    rates = [group["lr"] for group in optimiser.param_groups]
    started = kept = time.monotonic()
    losses: deque[float] = deque(maxlen=200)
    for number, part in enumerate(batches(pairs, texts, rng), 1):
        now = time.monotonic()
        left = 1 - (now - started) / 60 / options.minutes
        if left <= 0:
            break
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * min(1, number / RISE, left / FALL)
        losses.append(_step(judge, feed(part, texts), optimiser, options))
        if number % OFTEN == 0:
            mean = sum(losses) / len(losses)
            print(f"{number * BATCH} pairs, {now - started:.0f} s, loss {mean:.4f}", flush=True)
        if now - kept > KEEP:
            kept = now
            torch.save(judge.learned(), options.out / f"judge-{(now - started) // 60:.0f}.pt")
            print("right of people's pairs that are kept apart:", check(judge, held), flush=True)


def check(judge: Judge, pairs: Sequence[Pair]) -> dict[str, float]:
    """Return the share of pairs, by source, that are told supported from not."""
    found: dict[str, list[bool]] = {}
    likely = judge_all(judge, pairs)[:, 0].exp() > 1 / 2
    for pair, said in zip(pairs, likely.tolist(), strict=True):
        found.setdefault(pair.source, []).append(said == (pair.label is Label.SUPPORTED))
    return {source: round(sum(right) / len(right), 2) for source, right in found.items()}


def _step(
    judge: Judge,
    fed: Sequence[Tensor],
    optimiser: torch.optim.Optimizer,
    options: argparse.Namespace,
) -> float:
    """Learn from a batch; return its loss."""
    claims, evidence, *right = (tensor.to(options.device) for tensor in fed)
    with torch.autocast(options.device, dtype=torch.bfloat16, enabled=options.bfloat16):
        scores, tokens = judge(claims, evidence)
    loss = missed(scores.float(), tokens.float(), *right)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(judge.parameters(), 1.0)
    optimiser.step()
    return loss.item()


def _optimiser(judge: Judge, rate: float) -> torch.optim.Optimizer:
    parts = (judge.whole, judge.token, judge.left, judge.shared)
    heads = [*(p for part in parts for p in part.parameters()), judge.asked, judge.unlike]
    layers = list(judge.upper.parameters())
    groups = [{"params": layers, "lr": rate}, {"params": heads, "lr": 10 * rate}]
    return torch.optim.AdamW(groups, weight_decay=0.01)


@torch.no_grad()
def judge_all(judge: Judge, pairs: Sequence[Pair], batch: int = 64) -> Tensor:
    """Return the logarithm of the probability of each label, shape (pairs, 3)."""
    texts = Texts()
    order = sorted(range(len(pairs)), key=lambda n: len(texts.evidence(pairs[n].evidence)))
    found, device = torch.zeros(len(pairs), 3), judge.asked.device
    for start in range(0, len(order), batch):
        numbers = order[start : start + batch]
        claims, evidence, *_ = feed([pairs[n] for n in numbers], texts)
        scores = judge(claims.to(device), evidence.to(device))[0]
        found[numbers] = scores.float().log_softmax(1).cpu()
    return found


def main() -> None:
    """Train, and keep the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--start", type=Path, help="weights to start from, the reader's or a judge's"
    )
    parser.add_argument("--without", nargs="*", default=(), help="classes that are left out")
    parser.add_argument("--bfloat16", action="store_true")
    parser.add_argument("--device", default="cpu", help="cuda where there is one")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    judge = Judge(APART)
    if options.start:
        own = judge.state_dict()
        begun = {n: v for n, v in read_weights(options.start).items() if n in own}
        judge.load_state_dict(begun, strict=False)
    train(judge.to(options.device), options)
    torch.save(judge.cpu().learned(), options.out / "judge.pt")
    note = {"options": {name: str(value) for name, value in vars(options).items()}}
    (options.out / "judge.json").write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
