"""Tokens per CPU-second: sentence-transformers as it comes, and what `ibid build` embeds with.

    python benchmarks/embedding.py [FOLDER] [--texts 400] [--rounds 5]

Both embed the same texts, passages and sentences of the articles in FOLDER, in turns in one
process, on one core. Tokens are those that the model sees; the first turn is not counted.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

import record
from ibid.adapters.embedders.minilm import MiniLM, find_model
from ibid.adapters.embedders.minilm_tokens import Tokens
from ibid.adapters.langchain_splitter import split_long_text
from ibid.index.passages import cut_passages
from ibid.index.writer import Fresh
from ibid.ports import Vectors
from ibid.reading.article import read_article
from ibid.reading.folder import scan_folder

SEEDS = record.ROOT / "seeds"

Embed = Callable[[Sequence[str]], Vectors]


def main(argv: Sequence[str] | None = None) -> int:
    parser = _make_parser()
    options = parser.parse_args(argv)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    texts = list(find_texts(options.folder))
    random.Random(1).shuffle(texts)
    texts = texts[: options.texts]
    ids = Tokens(find_model() / "tokenizer.json").ids
    tokens = sum(len(ids(text)) for text in texts)
    print(f"{len(texts)} texts, {tokens:,} tokens, from {options.folder}", flush=True)
    kept = record.begin("embedding", parser, options)
    rates, vectors = measure(make_embedders(), texts, tokens, options.rounds)
    found = compare(rates, vectors)
    report(found)
    kept.write({"texts": len(texts), "tokens": tokens, "embedders": found})
    kept.finish()
    return 0


def find_texts(folder: Path) -> Iterator[str]:
    """Yield what a build embeds for a folder of articles."""
    for id in sorted(scan_folder(folder, folder / "index").digests):
        article = read_article(id, (folder / id).read_bytes())
        fresh = Fresh(article, cut_passages(article, split_long_text))
        yield from fresh.passage_texts()
        yield from fresh.sentence_texts()


def make_embedders() -> Mapping[str, Embed]:
    """Return the ways to embed, by name; the first is the one to compare with."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    transformer = SentenceTransformer(str(find_model()), device="cpu")
    return {
        "sentence-transformers": lambda texts: transformer.encode(list(texts)),
        "ibid": MiniLM().passages,
        "ibid, fp32": MiniLM("fp32").passages,
    }


def measure(
    embedders: Mapping[str, Embed], texts: Sequence[str], tokens: int, rounds: int
) -> tuple[Mapping[str, Sequence[float]], Mapping[str, Vectors]]:
    """Return tokens per CPU-second, round by round, and the vectors of each embedder."""
    rates: dict[str, list[float]] = {name: [] for name in embedders}
    vectors: dict[str, Vectors] = {}
    for number in range(1 + rounds):
        for name, embed in embedders.items():
            started = time.process_time()
            vectors[name] = embed(texts)
            if number:
                rates[name].append(tokens / (time.process_time() - started))
    return rates, vectors


def compare(
    rates: Mapping[str, Sequence[float]], vectors: Mapping[str, Vectors]
) -> Mapping[str, Mapping[str, float]]:
    """Return each embedder's rates, and its ratio and cosines to the first."""
    first = next(iter(rates))
    found: dict[str, Mapping[str, float]] = {}
    for name, each in rates.items():
        cosines = np.sum(vectors[name] * vectors[first], axis=1)
        found[name] = {
            "tokens_per_cpu_second": statistics.median(each),
            "least": min(each),
            "most": max(each),
            "ratio": statistics.median(each) / statistics.median(rates[first]),
            "cosine_least": float(cosines.min()),
            "cosine_mean": float(cosines.mean()),
        }
    return found


def report(found: Mapping[str, Mapping[str, float]]) -> None:
    """Print a row for each embedder."""
    print(f"{'':24}{'tokens/CPU-s':>14}{'least':>8}{'most':>8}{'ratio':>7}   cosine: least, mean")
    for name, each in found.items():
        rate, least, most, ratio, cosine_least, cosine_mean = each.values()
        print(
            f"{name:24}{rate:14,.0f}{least:8,.0f}{most:8,.0f}{ratio:7.2f}   "
            f"{cosine_least:.5f}, {cosine_mean:.5f}"
        )


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Compare how fast texts are embedded.")
    parser.add_argument("folder", nargs="?", type=Path, default=SEEDS, help="of articles")
    parser.add_argument("--texts", type=record.positive, default=400, help="drawn by chance")
    parser.add_argument("--rounds", type=record.positive, default=5)
    parser.add_argument("--out", type=Path, help="file for the results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
