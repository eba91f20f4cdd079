"""An index of a million passages: how long it takes to build, and what a question then costs.

    python benchmarks/scale.py [--passages N] [--data FOLDER] [--keep FOLDER]

The passages are made up: each puts two sentences of one real paragraph beside one of another, drawn
with a fixed seed. So that they need not be embedded for days, only the real paragraphs are. The
vector of a passage is the weighted sum of its paragraphs' vectors and of noise (a third as long),
and that of a sentence is its paragraph's with noise; its tokens are those of its sentences, each
embedded alone. Hundreds of passages then lie close to each other, which is harder for the clusters
than what is written by people. Questions are real and are embedded by the model. All files are made
by ibid's own writers, and measured in a new process.
"""

import argparse
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from zlib import crc32

import numpy as np

from ibid.adapters.embedders.minilm import MiniLM
from ibid.adapters.indexes.open import parts
from ibid.index.build import Built, Contents, describe
from ibid.index.passages import PassageNames
from ibid.index.writer import Draft, Fresh
from ibid.library import Library
from ibid.ports import Encoded, EncodedQuery, VectorIndex, Vectors
from ibid.storage.store import Store
from ibid.text.normalising import search_copy
from ibid.text.sentences import find_sentences
from ibid.types.articles import Article, ArticleId, Meta, Passage, Section, Span

SEEDS = Path(__file__).parents[1] / "seeds"
PER_ARTICLE = 20
PER_VOLUME = 2048
_NOISES = 8192
_AT_ONCE = 16_384


@dataclass(frozen=True, slots=True)
class Material:
    """What passages are made of: real paragraphs as lists of sentences, and real questions."""

    paragraphs: list[list[str]]
    questions: list[str]


class Mixing:
    """An embedder of made-up passages: the sum of what their sentences' paragraphs mean."""

    identity = MiniLM.identity

    def __init__(self, paragraphs: Sequence[Sequence[str]]) -> None:
        model = MiniLM()
        real = model.passages([" ".join(sentences) for sentences in paragraphs])
        of = {line: n for n, sentences in enumerate(paragraphs) for line in sentences}
        self._noise = _unit(np.random.default_rng(1).standard_normal((_NOISES, real.shape[1])))
        self._lines = {line: real[n] for line, n in of.items()}
        self._tokens = dict(zip(of, model.encode(list(of)).tokens, strict=True))

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text; those of a line that is known weigh as often as they come."""
        known = [
            [self._lines[line] for line in text.split("\n") if line in self._lines]
            for text in texts
        ]
        return _unit(
            np.stack(
                [
                    np.sum(vectors, axis=0) / len(vectors) + self._noise_of(text) / 3
                    for text, vectors in zip(texts, known, strict=True)
                ]
            )
        )

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Return one vector per text, and the tokens of the lines that are known."""
        tokens = (
            np.concatenate(
                [self._tokens[line] for line in text.split("\n") if line in self._tokens]
            )
            for text in texts
        )
        return Encoded(self.passages(texts), tuple(tokens))

    def query(self, text: str) -> Vectors:
        """Return the vector of one text."""
        return self.passages([text])

    def encode_query(self, text: str) -> EncodedQuery:
        """Return the vector of one text; nothing asks for its tokens while an index is built."""
        return EncodedQuery(self.query(text), np.zeros((0, 0), dtype=np.float32), ())

    def _noise_of(self, text: str) -> Vectors:
        """Return one of 67 million vectors, about as long as 1."""
        number = crc32(text.encode())
        return (self._noise[number % _NOISES] + self._noise[number // _NOISES % _NOISES]) / 1.4


def main(argv: Sequence[str] | None = None) -> None:
    """Build and measure; `argv` are the arguments of the command line."""
    options = _options(argv)
    if options.measure:
        measure(Path(options.measure), load_material(options.data, options.paragraphs).questions)
        return
    with tempfile.TemporaryDirectory(prefix="ibid-scale-") as scratch:
        folder = Path(options.keep or scratch)
        material = load_material(options.data, options.paragraphs)
        build(folder, material, options.passages)
        sys.stdout.flush()  # before what the next process prints
        subprocess.run(
            [sys.executable, __file__, "--measure", str(folder), "--data", str(options.data)],
            check=True, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip


def load_material(data: Path, most: int) -> Material:
    """Return the paragraphs and questions of SQuAD, or of the seeds where it is missing."""
    squad = data / "squad" / "squad_dev.json.gz"
    if squad.exists():
        with gzip.open(squad, "rt", encoding="utf-8") as file:
            found = json.load(file)
        texts = [search_copy(each["text"]) for each in found["passages"]]  # what is embedded
        questions = [each["q"] for each in found["questions"]]
    else:
        files = [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))]
        texts = [text for file in files for text in re.split(r"\n\s*\n", file)]
        questions = [f"What about {' '.join(text.split()[:8])}?" for text in texts]
    cut = [
        [" ".join(text[s.start : s.end].split()) for s in find_sentences(text, Span(0, len(text)))]
        for text in texts
    ]
    random = Random(1)
    paragraphs = [sentences for sentences in cut if len(sentences) > 1]
    return Material(
        random.sample(paragraphs, min(most, len(paragraphs))),
        random.sample(questions, min(300, len(questions))),
    )


def build(index: Path, material: Material, passages: int) -> None:
    """Build an index of made-up passages, and print what it took."""
    embedder = Mixing(material.paragraphs)
    store, random, started = Store(index), Random(1), time.monotonic()
    with store.lock(), store.scratch() as scratch:
        draft = Draft(scratch, parts(store), embedder, None, lambda _: None)
        digests: dict[ArticleId, str] = {}
        for number in range(-(-passages // PER_ARTICLE)):
            fresh = make_article(number, material.paragraphs, random)
            digests[fresh.article.id] = fresh.article.digest
            if number % PER_VOLUME == 0:
                draft.begin()
            draft.add(fresh)
        written = time.monotonic()
        files = draft.finish()
        finished = time.monotonic()
        contents = Contents(draft.articles, draft.warnings, draft.copies, draft.embedded)
        built = Built(digests, contents, (), draft.passages, (), files)
        store.commit(describe(built, embedder, ".", "0"), files)
    print(f"passages: {draft.passages:,}")
    print(f"written in {written - started:.0f} s, clustered in {finished - written:.0f} s,", end="")
    print(f" committed in {time.monotonic() - finished:.0f} s")
    generation = store.current()
    for name, size in generation.manifest.files.items():
        if size > 1_000_000:
            print(f"{size / 1e6:>8.0f} MB  {name}")


def make_article(number: int, paragraphs: Sequence[Sequence[str]], random: Random) -> Fresh:
    """Return an article of made-up passages, one below the other."""
    id = ArticleId(f"{number % 997:03}/{number:07}.md")
    name, spans, parts, start = PassageNames(id), list[Span](), list[str](), 0
    sentences: list[tuple[Span, ...]] = []
    for _ in range(PER_ARTICLE):
        lines = _draw(paragraphs, random)
        spans.append(Span(start, start + sum(len(line) + 1 for line in lines)))
        sentences.append(tuple(_lines(start, lines)))
        parts.extend(f"{line}\n" for line in lines)
        start = spans[-1].end
    text = "".join(parts)
    whole = Span(0, len(text))
    article = Article(
        id, f"Article {number}", text, Meta(), (Section((), whole, whole),), f"{number:064x}"
    )
    cut = [Passage(name((), span.of(text)), id, (), span, span.of(text), found)
           for span, found in zip(spans, sentences, strict=True)]  # fmt: skip
    return Fresh(article, tuple(cut))


def _draw(paragraphs: Sequence[Sequence[str]], random: Random) -> list[str]:
    one, other = random.choice(paragraphs), random.choice(paragraphs)
    return [*random.sample(one, 2), random.choice(other)]


def _lines(start: int, lines: Sequence[str]) -> Iterator[Span]:
    for line in lines:
        yield Span(start, start + len(line))
        start += len(line) + 1


def measure(index: Path, questions: Sequence[str]) -> None:
    """Print what questions cost, and how much of the exact search they find."""
    opened = _cpu()
    library = Library.open(index=index)
    library.search(questions[0])
    print(f"first question {(_cpu() - opened) * 1000:.0f} ms of CPU")
    walls, cpus = zip(*(_timed(library, question) for question in questions), strict=True)
    warm = slice(len(walls) // 3, None)
    print(f"hybrid question, embedding included: {_percentiles(walls[warm])}", end="")
    print(f"; CPU {_percentiles(cpus[warm])}")
    print(f"resident: {_resident()}")
    _measure_vectors(library, questions[:100])


def _measure_vectors(library: Library, questions: Sequence[str]) -> None:
    index = library._index()  # pyright: ignore[reportPrivateUsage]
    queries = [library.embedder.query(question) for question in questions]
    found, times = list[list[int]](), list[float]()
    for query in queries:
        started = time.perf_counter()
        found.append([row for row, _ in index.meaning.search(query, 100)])
        times.append(time.perf_counter() - started)
    print(f"vectors only: {_percentiles(times)}")
    for k in (10, 100):
        exact = _exact(index.meaning.vectors, len(index.meaning), queries, k)
        same = [len({*one[:k]} & {*other}) / k for one, other in zip(found, exact, strict=True)]
        print(f"recall@{k} against exact: {sum(same) / len(same):.4f}")
    for share in (0.01, 0.3):
        _measure_filter(index.meaning, queries[:20], share)


def _measure_filter(meaning: VectorIndex, queries: Sequence[Vectors], share: float) -> None:
    allowed = sorted(Random(1).sample(range(len(meaning)), int(share * len(meaning))))
    rows, times, recalls = frozenset(allowed), list[float](), list[float]()
    exact = _exact(lambda n: meaning.vectors([allowed[i] for i in n]), len(allowed), queries, 10)
    for query, best in zip(queries, exact, strict=True):
        started = time.perf_counter()
        found = {row for row, _ in meaning.search(query, 10, rows)}
        times.append(time.perf_counter() - started)
        recalls.append(len(found & {allowed[place] for place in best}) / 10)
    recall = sum(recalls) / len(recalls)
    print(f"among {share:.0%} of the passages: {_percentiles(times)}, recall@10 {recall:.4f}")


def _exact(
    vectors: Callable[[range], Vectors], count: int, queries: Sequence[Vectors], k: int
) -> list[list[int]]:
    """Return the places of the `k` nearest vectors of each query, by comparing all."""
    found = [list[tuple[float, int]]() for _ in queries]
    for start in range(0, count, _AT_ONCE):
        scores = np.concatenate(queries) @ vectors(range(start, min(start + _AT_ONCE, count))).T
        for number, row in enumerate(scores):
            places = np.argsort(-row)[:k]
            near = zip((-row[places]).tolist(), (start + places).tolist(), strict=True)
            found[number] = sorted([*found[number], *near])[:k]
    return [[place for _, place in best] for best in found]


def _timed(library: Library, question: str) -> tuple[float, float]:
    """Return the seconds that a question takes, and those that it keeps a core busy."""
    started, used = time.perf_counter(), time.thread_time()
    library.search(question)
    return time.perf_counter() - started, time.thread_time() - used


def _percentiles(times: Sequence[float]) -> str:
    ordered = sorted(times)
    middle, last = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    return f"p50 {middle * 1000:.1f} ms, p99 {last * 1000:.1f} ms"


def _resident() -> str:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    sizes = re.findall(r"(VmRSS|RssAnon|RssFile):\s+(\d+)", status)
    return ", ".join(f"{name} {int(size) / 1024:.0f} MB" for name, size in sizes)


def _cpu() -> float:
    return time.process_time()


def _unit(vectors: Vectors) -> Vectors:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--paragraphs", type=int, default=2_000, help="that are embedded")
    parser.add_argument("--data", type=Path, default=SEEDS)
    parser.add_argument("--keep", help="where the index is made, and stays")
    parser.add_argument("--measure", help="an index that is there")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
