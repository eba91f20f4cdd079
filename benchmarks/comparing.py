"""How well comparisons show that articles disagree, on public sets.

    python benchmarks/comparing.py --data FOLDER [--sets pairs ramdocs … length]

`FOLDER` has the sets. ramdocs: questions whose documents dispute the answer; are both sides quoted,
and is the dispute named? scifact: of claims and sentences that support or contradict them, which
are called a conflict? poisoned: an article of four poisoned texts beside a clean one; is it ever
quoted without the other? pairs: the labelled pairs of tests/data. length: seconds of CPU and
MB that comparing one long article takes, by its sentences, and the exponent of the seconds.
"""

import csv
import gzip
import io
import json
import random
import re
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any

import numpy as np

import record
from ibid.comparing.conflicts import Relation, find_conflict
from ibid.comparing.pipeline import QUOTES_PER_CELL
from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from ibid.types.answers import Citation
from ibid.types.articles import ArticleId, Passage, PassageId, Span
from ibid.types.comparisons import Assertion, Comparison

SETS = ("pairs", "ramdocs", "scifact", "poisoned", "length")
LENGTHS = (4_000, 8_000, 16_000, 32_000)
PAIRS = Path(__file__).parents[1] / "tests" / "data" / "conflict_pairs.jsonl"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure the sets that are asked for, each on a line of JSON."""
    parser = record.make_parser("Measure comparisons on public sets.")
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--limit", type=record.positive, default=100)
    asked = parser.parse_args(argv)
    if not record.has_data("comparing", asked.data):
        return 0
    kept = record.begin("comparing", parser, asked)
    measures = {
        "pairs": measure_pairs,
        "ramdocs": lambda: measure_ramdocs(asked.data, asked.limit),
        "scifact": lambda: measure_scifact(asked.data),
        "poisoned": lambda: measure_poisoned(asked.data, asked.limit),
        "length": measure_length,
    }
    found: dict[str, Any] = {}
    for name in asked.sets:
        found[name] = measures[name]()
        print(name, json.dumps(found[name]), flush=True)
        kept.write({"sets": found})
    kept.finish()
    return 0


def measure_pairs() -> dict[str, Any]:
    """Return precision and recall of conflicts on each part of the labelled pairs."""
    counts: dict[str, Counter[str]] = {"choose": Counter(), "report": Counter()}
    for line in PAIRS.read_text("utf-8").splitlines():
        pair = json.loads(line)
        relation = Relation(is_copy=pair["copy"], is_later=pair["later"])
        found = find_conflict(asserted(pair["one"]), asserted(pair["other"]), relation)
        counts[pair["part"]][f"{'found' if found else 'passed'} {pair['conflict']}"] += 1
    return {part: rates(count) | dict(count) for part, count in counts.items()}


def rates(count: Counter[str]) -> dict[str, float]:
    found, right = count["found True"] + count["found False"], count["found True"]
    return {
        "precision": round(right / max(found, 1), 3),
        "recall": round(right / max(right + count["passed True"], 1), 3),
    }


def measure_ramdocs(folder: Path, limit: int) -> dict[str, int]:
    """Return how often both sides of a dispute are quoted, and how often it is named."""
    with gzip.open(folder / "ramdocs" / "RAMDocs_test.jsonl.gz", "rt", encoding="utf-8") as file:
        cases = [json.loads(line) for line in file][1::2]
    cases = [case for case in cases if {"correct", "misinfo"} <= types_of(case)][:limit]
    count: Counter[str] = Counter()
    for case in cases:
        texts = {f"{n:02}.txt": doc["text"] for n, doc in enumerate(case["documents"])}
        sides: dict[str, set[ArticleId]] = {"correct": set(), "misinfo": set(), "noise": set()}
        for n, doc in enumerate(case["documents"]):
            sides[doc["type"]].add(ArticleId(f"{n:02}.txt"))
        comparison = compare(texts, case["question"])
        quotes = list(shown(comparison))
        right = any(says(q.text, case["gold_answers"]) for q in quotes)
        wrong = any(says(q.text, case["wrong_answers"]) for q in quotes)
        disputed = any(
            {c.one.article, c.other.article} & sides["correct"]
            and {c.one.article, c.other.article} & sides["misinfo"]
            for c in comparison.conflicts
        )
        count["questions"] += 1
        count["anything"] += bool(quotes)
        count["right"] += right
        count["wrong"] += wrong
        count["both"] += right and wrong
        count["wrong alone"] += wrong and not right
        count["named as conflict"] += disputed
    return dict(count)


def types_of(case: Any) -> set[str]:
    return {doc["type"] for doc in case["documents"]}


def says(text: str, answers: list[str]) -> bool:
    """Tell whether a quote holds an answer: its numbers, or all its words."""
    words = set(re.findall(r"[\w,.]*\w", text.lower()))
    for answer in answers:
        numbers = re.findall(r"\d[\d,.]*\d|\d", answer)
        wanted = numbers or re.findall(r"\w+", answer.lower())
        if wanted and all(each in words for each in wanted):
            return True
    return False


def measure_scifact(folder: Path) -> dict[str, Any]:
    """Return which pairs of a claim and a sentence of its evidence are called a conflict."""
    abstracts = read_abstracts(folder / "scifact" / "scifact.zip")
    count: Counter[str] = Counter()
    for line in (folder / "scifact" / "claims_dev.jsonl").read_text("utf-8").splitlines():
        claim = json.loads(line)
        for document, groups in claim["evidence"].items():
            sentences = abstracts.get(document, [])
            for group in groups:
                found = any(
                    find_conflict(asserted(claim["claim"]), asserted(sentences[n]))
                    for n in group["sentences"]
                    if n < len(sentences)
                )
                label = group["label"] == "CONTRADICT"
                count[f"{'found' if found else 'passed'} {label}"] += 1
    return rates(count) | dict(count)


def read_abstracts(path: Path) -> dict[str, list[str]]:
    csv.field_size_limit(10_000_000)
    with zipfile.ZipFile(path) as archive:
        name = next(n for n in archive.namelist() if n.endswith("corpus_train.csv"))
        rows = csv.DictReader(io.StringIO(archive.read(name).decode("utf-8")))
        quoted = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
        return {row["doc_id"]: [a or b for a, b in quoted.findall(row["abstract"])] for row in rows}


def measure_poisoned(folder: Path, limit: int) -> dict[str, int]:
    """Return how often a poisoned article is quoted where a clean one speaks, and is not."""
    count: Counter[str] = Counter()
    for case in list(poisoned_cases(folder))[:limit]:
        first, *others = case["adv_texts"]
        wrong, right = case["incorrect answer"], case["correct answer"]
        clean = re.sub(re.escape(wrong), right, first, flags=re.IGNORECASE)
        if clean == first:
            continue
        texts = {"clean.txt": clean, "poison.txt": "\n\n".join(others)}
        quotes = list(shown(comparison := compare(texts, case["question"])))
        said = {quote.article for quote in quotes}
        count["questions"] += 1
        count["anything"] += bool(said)
        count["poison quoted"] += "poison.txt" in said
        count["clean quoted"] += "clean.txt" in said
        count["poison alone"] += said == {"poison.txt"}
        count["poison alone, the clean one not even shown as the nearest"] += said == {
            "poison.txt"
        } and not any(
            cell.nearest
            for row in comparison.rows
            for cell in row.cells
            if cell.article != "poison.txt"
        )
        count["named as conflict"] += any(not c.is_within for c in comparison.conflicts)
    return dict(count)


def poisoned_cases(folder: Path) -> Iterator[Any]:
    for name in ("nq.json", "hotpotqa.json"):
        cases = json.loads((folder / "poisoned_rag" / name).read_text("utf-8"))
        yield from random.Random(7).sample(list(cases.values()), len(cases))


def measure_length() -> dict[str, Any]:
    """Return what a comparison of one article costs by its sentences, beyond opening the index."""
    found: dict[int, tuple[float, float]] = {}
    for length in LENGTHS:
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            found[length] = process.submit(measure_article, length).result()
    seconds = np.log([taken for taken, _ in found.values()])
    exponent = float(np.polyfit(np.log(LENGTHS), seconds, 1)[0])
    rows = {f"{n:,}": {"s": round(s, 2), "MB": round(mb)} for n, (s, mb) in found.items()}
    return {**rows, "exponent": round(exponent, 2)}


def measure_article(sentences: int) -> tuple[float, float]:
    """Return the seconds of CPU and the MB that a comparison takes in this process, at its peak."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "articles"
        folder.mkdir()
        (folder / "long.md").write_text(write_long(sentences), encoding="utf-8")
        told = folder, Path(scratch) / "index", Settings(model="none")
        with ProcessPoolExecutor(1, get_context("spawn")) as other:
            other.submit(build, *told).result()
        library = Library.open(*told, embedder=HashEmbedder())
        library.ask("Does it help?")
        memory, began = getrusage(RUSAGE_SELF).ru_maxrss, time.process_time()
        library.compare("artificial intelligence")
        seconds = time.process_time() - began
        return seconds, (getrusage(RUSAGE_SELF).ru_maxrss - memory) / 1024


def build(folder: Path, index: Path, settings: Settings) -> None:
    Library.open(folder, index, settings, embedder=HashEmbedder()).build()


def write_long(sentences: int) -> str:
    """Return an article all of whose sentences are about one topic."""
    draw = random.Random(7)
    things = [
        f"{a}{b}" for a in ("ka", "mo", "ti", "re", "su", "la") for b in ("ran", "lim", "ket")
    ]
    said = [
        f"The {draw.choice(things)} study {n} shows how artificial intelligence changes the"
        f" {draw.choice(things)} and the {draw.choice(things)} of {draw.choice(things)} hospitals."
        for n in range(sentences)
    ]
    return "\n\n".join(" ".join(said[n : n + 5]) for n in range(0, sentences, 5))


def compare(texts: dict[str, str], question: str) -> Comparison:
    with tempfile.TemporaryDirectory() as scratch:
        articles = Path(scratch) / "articles"
        articles.mkdir()
        for name, text in texts.items():
            (articles / name).write_text(text + "\n", encoding="utf-8")
        library = Library.open(articles, Path(scratch) / "index", Settings(model="none"))
        library.build()
        return library.compare(question)


def shown(comparison: Comparison) -> Iterator[Assertion]:
    for row in comparison.rows:
        for cell in row.cells:
            yield from cell.quotes[:QUOTES_PER_CELL]
        for conflict in row.conflicts:
            yield from (conflict.one, conflict.other)
    yield from comparison.alone


def asserted(text: str) -> Assertion:
    span = Span(0, len(text))
    passage = Passage(PassageId(""), ArticleId(""), (), span, text, (span,))
    return Assertion(Citation(passage, span), text)


if __name__ == "__main__":
    sys.exit(main())
