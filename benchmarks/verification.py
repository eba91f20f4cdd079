"""How well the verdict on a sentence tells what its sources say, and what it misses.

    python benchmarks/verification.py --data FOLDER [--parts labels alterations]

labels        the claims of scifact and of WiCE's dev set, with people's judgement of whether the
              source supports them: grounding beside the cosine alone, the threshold of each chosen
              on the other set
alterations   sentences of the seeds and of three blogs with a word changed, shortened, reworded by
              hand, or taken from another set; the thresholds come from 18F's, the others were left
              out. The closeness of words is also chosen without the set that it is tried on

Prints tables, and writes all of it to `benchmarks/results/verification-COMMIT.json`.
"""

import csv
import gzip
import io
import json
import re
import sys
import tarfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import ibid.english.differences
import record
from ibid.adapters.embedders.minilm import MiniLM
from ibid.answering.citing import Matcher, Source, Sources
from ibid.answering.citing.verdict import GROUNDED, measure_grounding
from ibid.english.words import inverse_document_frequency, stems
from ibid.library import Library
from ibid.settings import Settings
from ibid.types.answers import Support
from ibid.types.articles import ArticleId, Passage, PassageId, Span
from record import ROOT

ALTERED_PER_CLASS = 120
BLOGS = {"18f": 40, "go": 9, "rust": 20}
"""Of how many articles of a blog one is read; of 18F's, those that were reworded by hand, too."""

CLOSENESS = (0.45, 0.55, 0.65, 0.75, 0.85)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A claim, the sentences of its source, and what people say: 1, 0.5 or 0."""

    claim: str
    source: tuple[str, ...]
    label: float


@dataclass(frozen=True, slots=True)
class Scored:
    """A label with both scores of its claim."""

    label: float
    grounding: float
    cosine: float


def read_wice(data: Path) -> list[Labelled]:
    """Return WiCE's dev claims: supported, partially supported, not supported."""
    values = {"supported": 1.0, "partially_supported": 0.5, "not_supported": 0.0}
    with gzip.open(data / "wice" / "dev.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [Labelled(r["claim"], tuple(r["evidence"]), values[r["label"]]) for r in rows]


def read_scifact(data: Path) -> list[Labelled]:
    """Return scifact's dev claims with their abstracts: supported, contradicted, no evidence.

    A contradicted claim is about what its abstract says; it counts as half.
    """
    with zipfile.ZipFile(data / "scifact" / "scifact.zip") as archive:
        text = archive.read("corpus_train.csv").decode("utf-8")
    csv.field_size_limit(10_000_000)
    quoted = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
    abstracts = {
        row["doc_id"]: tuple("".join(pair) for pair in quoted.findall(row["abstract"]))
        for row in csv.DictReader(io.StringIO(text))
    }
    values = {"SUPPORT": 1.0, "CONTRADICT": 0.5}
    found: list[Labelled] = []
    for line in (data / "scifact" / "claims_dev.jsonl").read_text("utf-8").splitlines():
        claim = json.loads(line)
        for id in map(str, claim["cited_doc_ids"]):
            judged = [values[each["label"]] for each in claim["evidence"].get(id, [])]
            found.append(Labelled(claim["claim"], abstracts[id], max(judged, default=0.0)))
    return found


def score(claims: Sequence[Labelled], embedder: MiniLM) -> list[Scored]:
    """Return both scores of each claim."""
    sentences = sorted({text for each in claims for text in each.source}, key=len)
    vectors: dict[str, Any] = {}
    for start in range(0, len(sentences), 64):
        batch = sentences[start : start + 64]
        vectors |= zip(batch, embedder.passages(batch), strict=True)
    counts = Counter(stem for text in sentences for stem in set(stems(text)))
    weights = {s: inverse_document_frequency(len(sentences), n) for s, n in counts.items()}
    return [_score(each, vectors, weights, embedder) for each in claims]


def _score(
    each: Labelled, vectors: Mapping[str, Any], weights: Mapping[str, float], embedder: MiniLM
) -> Scored:
    reader = Matcher(embedder, weights)
    matrix = np.stack([vectors[text] for text in each.source])
    sources = Sources(tuple(map(_source, each.source)), matrix)
    cosine = float((matrix @ reader.vector(each.claim)).max())
    return Scored(each.label, measure_grounding(each.claim, sources, reader), cosine)


def _source(text: str) -> Source:
    passage = Passage(PassageId("p"), ArticleId("a"), (), Span(0, len(text)), text, ())
    return Source(passage, Span(0, len(text)), text, frozenset(stems(text)))


def area(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Return the area under the ROC curve: how often a true one scores above a false one."""
    pairs = list(zip(scores, labels, strict=True))
    true = np.asarray([value for value, label in pairs if label])
    false = np.asarray([value for value, label in pairs if not label])
    return float((true[:, None] > false).mean() + (true[:, None] == false).mean() / 2)


def macro_f1(scores: Sequence[float], labels: Sequence[bool], threshold: float) -> float:
    """Return the mean of the F1 of both classes, from `threshold` on being true."""
    said = [value >= threshold for value in scores]
    f1: list[float] = []
    for wanted in (True, False):
        hits = sum(s is wanted and t is wanted for s, t in zip(said, labels, strict=True))
        f1.append(2 * hits / (said.count(wanted) + list(labels).count(wanted)))
    return sum(f1) / 2


VIEWS: Mapping[str, tuple[str, float, float]] = {
    "WiCE: supported or partly, not": ("wice", 0.5, 0.0),
    "WiCE: supported, not": ("wice", 1.0, 0.0),
    "WiCE: supported, partly": ("wice", 1.0, 0.5),
    "scifact: evidence for or against, none": ("scifact", 0.5, 0.0),
    "scifact: supported, no evidence": ("scifact", 1.0, 0.0),
    "scifact: supported, contradicted": ("scifact", 1.0, 0.5),
}
"""The set, the least label that counts as true, and the one that counts as false."""


def measure_labels(data: Path) -> dict[str, Any]:
    """Print and return how well grounding and cosine agree with people."""
    embedder = MiniLM()
    sets = {
        "scifact": score(read_scifact(data), embedder),
        "wice": score(read_wice(data), embedder),
    }
    found: dict[str, Any] = {}
    print(f"{'':42}{'claims':>8}" + f"{'AUC':>10}{'macro-F1':>10}" * 2)
    for view, (name, true, false) in VIEWS.items():
        rows = [each for each in sets[name] if each.label >= true or each.label == false]
        labels = [each.label >= true for each in rows]
        others = [e for other, scored in sets.items() if other != name for e in scored]
        found[view] = {"claims": len(rows)}
        line = f"{view:42}{len(rows):8}"
        for which in ("grounding", "cosine"):
            scores = [getattr(each, which) for each in rows]
            threshold = _best_threshold(others, which)
            values = area(scores, labels), macro_f1(scores, labels, threshold)
            found[view][which] = dict(zip(("auc", "macro_f1"), values, strict=True))
            line += f"{values[0]:10.3f}{values[1]:10.3f}"
        found[view]["macro_f1_of_the_product"] = macro_f1(
            [each.grounding for each in rows], labels, GROUNDED
        )
        print(line + f"{found[view]['macro_f1_of_the_product']:10.3f}", flush=True)
    return found


def _best_threshold(scored: Sequence[Scored], which: str) -> float:
    """Return the threshold with the best macro-F1 for `is there anything in the source at all`."""
    labels = [each.label > 0 for each in scored]
    scores = [getattr(each, which) for each in scored]
    return max(sorted(set(scores)), key=lambda value: macro_f1(scores, labels, value))


def measure_alterations(data: Path) -> dict[str, Any]:
    """Print and return what becomes of sentences that were altered, kept or invented."""
    sys.path.insert(0, str(ROOT / "tests"))
    import alterations as made

    found: dict[str, Any] = {}
    closeness: dict[str, dict[float, tuple[float, float]]] = {}
    with TemporaryDirectory() as scratch:
        folders = {"seeds": ROOT / "seeds", **dict(_unpack_blogs(data, Path(scratch)))}
        examiners = {
            name: made.Examiner(_build(folder, Path(scratch) / f"index-{name}"))
            for name, folder in folders.items()
        }
        for name, examiner in examiners.items():
            strange = examiners["18f" if name != "18f" else "rust"].statements
            groups = _groups(name, examiner, strange, made)
            started, judged = time.process_time(), sum(map(len, groups.values()))
            found[name] = {
                group: {str(state): n for state, n in examiner.states(said).items()}
                for group, said in groups.items()
            }
            found[name]["cpu_ms_per_sentence"] = (time.process_time() - started) * 1000 / judged
            _print_states(name, found[name])
            if "paraphrases" in groups:
                closeness[name] = dict(_try_closeness(examiner, groups))
    found["left_out"] = dict(_leave_out(closeness))
    return found


def _groups(
    name: str, examiner: Any, strange: Sequence[str], made: Any
) -> dict[str, Sequence[str]]:
    groups: dict[str, list[str]] = {}
    for each in made.alter(examiner.statements):
        groups.setdefault(each.kind, []).append(each.said)
    groups["own"] = examiner.statements
    groups["shortened"] = [said for said, _ in made.shorten(examiner.statements)]
    groups["of other articles"] = list(strange)
    groups = {kind: _spread(said, ALTERED_PER_CLASS) for kind, said in groups.items()}
    files = {"seeds": "paraphrases.jsonl", "18f": "paraphrases_18f.jsonl"}
    if name in files:
        groups["paraphrases"] = made.read_paraphrases(files[name])
    if name == "seeds":
        groups["invented"] = (made.DATA / "invented.txt").read_text("utf-8").splitlines()
    return dict(groups)


def _spread(said: Sequence[str], most: int) -> list[str]:
    """Return at most so many, evenly from all of them."""
    return [said[n * len(said) // most] for n in range(most)] if len(said) > most else list(said)


def _print_states(name: str, groups: Mapping[str, Any]) -> None:
    print(f"\n{name:20}" + f"{'sentences':>10}" + "".join(f"{state:>13}" for state in Support))
    for group, states in groups.items():
        if isinstance(states, dict):
            total = sum(states.values())
            shares = "".join(f"{states.get(state, 0) / total:13.3f}" for state in Support)
            print(f"{group:20}{total:10}{shares}", flush=True)
    print(f"{groups['cpu_ms_per_sentence']:.0f} ms of CPU a sentence")


def _try_closeness(
    examiner: Any, groups: Mapping[str, Sequence[str]]
) -> Iterator[tuple[float, tuple[float, float]]]:
    """Yield each closeness with the shares of opposites caught and of paraphrases mistaken."""
    kept = ibid.english.differences.ALIKE_ALONE
    for value in CLOSENESS:
        ibid.english.differences.ALIKE_ALONE = value
        shares = [
            examiner.states(said)[Support.ALTERED] / len(said)
            for said in (groups["unlisted antonym"], groups["paraphrases"])
        ]
        yield value, (shares[0], shares[1])
    ibid.english.differences.ALIKE_ALONE = kept


def _leave_out(
    tried: Mapping[str, Mapping[float, tuple[float, float]]],
) -> Iterator[tuple[str, Mapping[str, float]]]:
    """Yield for each set how the closeness that is best on the others does on it."""
    print(f"\n{'left out':20}{'chosen':>8}{'caught':>9}{'mistaken':>10}")
    for name in tried:
        others = [tried[other] for other in tried if other != name]
        best = max(
            CLOSENESS, key=lambda value: sum(each[value][0] - 5 * each[value][1] for each in others)
        )
        caught, mistaken = tried[name][best]
        print(f"{name:20}{best:8}{caught:9.3f}{mistaken:10.3f}")
        yield name, {"closeness": best, "caught": caught, "mistaken": mistaken}


def _unpack_blogs(data: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    lines = (ROOT / "tests" / "data" / "paraphrases_18f.jsonl").read_text("utf-8").splitlines()
    reworded = {json.loads(line)["article"] for line in lines}
    for name, every in BLOGS.items():
        archive = next((data / "blogs").glob(f"{name}*.tar.gz"))
        folder = scratch / name
        folder.mkdir()
        with tarfile.open(archive) as blog:
            files = sorted((f for f in blog if f.name.endswith(".md")), key=lambda f: f.name)
            for number, file in enumerate(files):
                content = blog.extractfile(file)
                if content and (number % every == 0 or Path(file.name).name in reworded):
                    (folder / f"{number:03}.md").write_bytes(content.read())
        yield name, folder


def _build(folder: Path, index: Path) -> Library:
    library = Library.open(folder, index, Settings(model="none"))
    library.build()
    return library


PARTS = {"labels": measure_labels, "alterations": measure_alterations}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure the parts that are asked for."""
    parser = record.make_parser("Measure the verdicts on sentences.")
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS)
    options = parser.parse_args(argv)
    if not record.has_data("verification", options.data):
        return 0
    kept = record.begin("verification", parser, options)
    result: dict[str, Any] = {}
    for part in options.parts:
        result[part] = PARTS[part](options.data)
        kept.write(result)
    kept.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
