r"""How well the judge of entailment tells true from false, beside the rules that decide today.

    PYTHONPATH=benchmarks:tests python training/judging.py \
        --data FOLDER --weights FILE --out FILE.json

What it is measured on was not trained on: other articles (the seeds, 18F's and Go's blogs) with
true sentences made false by rules and said otherwise, some of them by hand; and sets that people
judged (WiCE, SciFact, BEGIN, MED, SciTail).
"""

import argparse
import json
import pickle
import random
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from claims import Making, cut
from guides import read_parts
from judge import judge_all
from model import Judge
from numpy.typing import NDArray
from pairs import Evidence, Label, Pair, Place
from people import PACKED, read_begin, read_med, read_nli
from turning import RULES

import alterations
import verification
from ibid.adapters.embedders.minilm import MiniLM
from ibid.adapters.embedders.minilm_graph import APART
from ibid.answering.citing import Matcher, Source, Sources
from ibid.answering.citing.verdict import judge as judge_by_rules
from ibid.answering.citing.verdict import measure_grounding
from ibid.english.words import inverse_document_frequency, stems
from ibid.types import ArticleId, Passage, PassageId, Span, Support
from verification import area, macro_f1

ROOT = Path(__file__).parents[1]

EACH = 40
"""False claims of a class, per set of articles."""

BLOGS = {"18f": 12, "go": 6}
"""Of how many articles of a blog one is read."""

DEVELOPING = ("18f",)
"""Sets that the threshold is chosen on."""

MARKED = "share of the true claims that the rules let pass as reworded which the judge may mark"


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the rules say of a pair."""

    support: str
    grounding: float


def read_articles(data: Path) -> Iterator[tuple[str, list[Place]]]:
    """Yield the name of a set of articles, and its statements."""
    with TemporaryDirectory() as scratch:
        folders = {"seeds": (ROOT / "seeds", 1)}
        for name, every in BLOGS.items():
            archive = next((data / "sets" / "blogs").glob(f"{name}*.tar.gz"))
            with tarfile.open(archive) as blog:
                blog.extractall(Path(scratch) / name, filter="data")
            folders[name] = (Path(scratch) / name, every)
        for name, (folder, every) in folders.items():
            rng = random.Random(13)  # noqa: S311 - nothing is kept secret by it
            paths = sorted(p for p in folder.rglob("*") if p.suffix in (".md", ".txt"))
            reworded = {row["article"] for row in _by_hand(name)}
            kept = [p for n, p in enumerate(paths) if n % every == 0 or p.name in reworded]
            parts = [part for path in kept for part in read_parts(path)]
            yield (
                name,
                [
                    place
                    for p in parts
                    for place in cut(
                        p.title, p.heading, p.sentences, p.article.split()[-1], name, rng
                    )
                ],
            )


def _by_hand(name: str) -> list[dict[str, str]]:
    path = (
        ROOT
        / "tests"
        / "data"
        / {"seeds": "paraphrases.jsonl", "18f": "paraphrases_18f.jsonl"}.get(name, "none")
    )
    return (
        [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    )


def make_pairs(name: str, places: Sequence[Place]) -> Iterator[Pair]:
    """Yield false claims of each class, and true ones, half of them by hand where there are any."""
    making = Making(places, 17)
    rng = random.Random(19)  # noqa: S311
    for rule in RULES:
        made = 0
        for place in rng.sample(places, len(places)):
            pair = making.false(place, rule)
            if pair and made < EACH:
                made += 1
                yield pair
    for place in rng.sample(places, min(len(places), 250)):
        yield making.true(place)
    yield from _hand_made(name, places)
    yield from _others(places)


def _hand_made(name: str, places: Sequence[Place]) -> Iterator[Pair]:
    for row in _by_hand(name):
        for place in places:
            if place.sentence == row["source"] and place.article == row["article"]:
                label, kind = Label.SUPPORTED, f"by hand, {row.get('rewording', 'any')}"
                yield Pair(row["said"], place.evidence(), label, kind, name)
                break


def _others(places: Sequence[Place]) -> Iterator[Pair]:
    """Yield what the tests' own alterations make of the sentences: other rules than those here."""
    by_sentence = {place.sentence: place for place in places}
    made: dict[str, list[Pair]] = {}
    for each in alterations.alter(list(by_sentence)):
        place = by_sentence[each.source]
        pair = Pair(each.said, place.evidence(), Label.NOT, f"tests: {each.kind}", place.source)
        made.setdefault(each.kind, []).append(pair)
    for pairs in made.values():
        yield from pairs[:: max(1, len(pairs) // EACH)][:EACH]


def rule_all(pairs: Sequence[Pair], embedder: MiniLM) -> list[Ruled]:
    """Return what the rules say of pairs, with nothing but their evidence to rest on."""
    texts = sorted({s for p in pairs for s in p.evidence.sentences})
    weights, vectors = _measure(texts, embedder)
    return [_rule(p, Matcher(embedder, weights), vectors) for p in pairs]


def _measure(
    texts: Sequence[str], embedder: MiniLM
) -> tuple[Mapping[str, float], Mapping[str, Any]]:
    """Return how much each word of some texts tells among them, and the vectors of the texts."""
    counts = Counter(stem for text in texts for stem in set(stems(text)))
    weights = {stem: inverse_document_frequency(len(texts), n) for stem, n in counts.items()}
    return weights, dict(zip(texts, embedder.passages(texts), strict=True))


def _rule(pair: Pair, matcher: Matcher, vectors: Mapping[str, Any]) -> Ruled:
    text = "\n".join(pair.evidence.sentences)
    passage = Passage(
        PassageId("p"),
        ArticleId("a"),
        (pair.evidence.about.split(" / By ")[0],),
        Span(0, len(text)),
        text,
        (),
    )
    sentences = tuple(
        Source(passage, Span(0, len(s)), s, frozenset(stems(s)), pair.evidence.about)
        for s in pair.evidence.sentences
    )
    sources = Sources(sentences, np.stack([vectors[s] for s in pair.evidence.sentences]))
    verdict = judge_by_rules(pair.claim, sources, matcher)
    return Ruled(str(verdict.support), measure_grounding(pair.claim, sources, matcher))


def pack(
    claim: str, sentences: Sequence[str], matcher: Matcher, vectors: Mapping[str, Any]
) -> Evidence:
    """Return the sentences of a document that are nearest to a claim, in their order."""
    passage = Passage(PassageId("p"), ArticleId("a"), (), Span(0, 0), "", ())
    sources = tuple(
        Source(passage, Span(n, n), s, frozenset(stems(s))) for n, s in enumerate(sentences)
    )
    nearest = Sources(sources, np.stack([vectors[s] for s in sentences])).nearest(claim, matcher)
    places = sorted(each.span.start for each in nearest[:PACKED])
    return Evidence("", tuple(sentences[n] for n in places))


def read_documents(data: Path, embedder: MiniLM) -> Iterator[tuple[str, list[Pair]]]:
    """Yield WiCE's and SciFact's claims, each with the nearest sentences of its document."""
    for name, read in (("wice", verification.read_wice), ("scifact", verification.read_scifact)):
        rows = read(data / "sets")
        texts = sorted({s for row in rows for s in row.source})
        weights, vectors = _measure(texts, embedder)
        half = Label.CONTRADICTED if name == "scifact" else Label.NOT
        labels = {1.0: Label.SUPPORTED, 0.5: half, 0.0: Label.UNKNOWN}
        matcher = Matcher(embedder, weights)
        yield (
            name,
            [
                Pair(
                    row.claim,
                    pack(row.claim, row.source, matcher, vectors),
                    labels[row.label],
                    "people",
                    name,
                )
                for row in rows
            ],
        )


def read_sets(data: Path, embedder: MiniLM) -> dict[str, list[Pair]]:
    """Return all that is measured."""
    people = {
        "begin": list(read_begin(data / "begin-wow-test.tsv"))[::3],
        "med": list(read_med(data / "med.tsv"))[::6],
    }
    if (scitail := data / "scitail-test.jsonl").exists():
        people["scitail"] = list(read_nli(scitail, "scitail"))[::3]
    made = {name: list(make_pairs(name, places)) for name, places in read_articles(data)}
    return made | people | dict(read_documents(data, embedder))


PASSING = (str(Support.REWORDED), str(Support.VERBATIM))


@dataclass(frozen=True, slots=True)
class Measured:
    """Pairs with what the rules and the judge say of them, in the same order."""

    pairs: Sequence[Pair]
    ruled: Sequence[Ruled]
    scores: NDArray[Any]
    """How likely each claim is supported, by the judge."""
    bar: float
    """From which such a claim passes."""

    def where(self, *labels: Label) -> NDArray[np.bool_]:
        return np.array([pair.label in labels for pair in self.pairs])

    @property
    def grounding(self) -> NDArray[Any]:
        return np.array([ruled.grounding for ruled in self.ruled])

    @property
    def by_rules(self) -> NDArray[np.bool_]:
        return np.array([ruled.support in PASSING for ruled in self.ruled])

    @property
    def reworded(self) -> NDArray[np.bool_]:
        return np.array([ruled.support == str(Support.REWORDED) for ruled in self.ruled])

    @property
    def by_both(self) -> NDArray[np.bool_]:
        """What passes as the product would have it: verbatim, or reworded and above the bar."""
        return self.by_rules & ~(self.reworded & (self.scores < self.bar))


def report_made(measured: Measured) -> dict[str, Any]:
    """Return per class the share that passes by the rules, by both, and by the judge alone."""
    true = measured.where(Label.SUPPORTED)
    found: dict[str, Any] = {
        "AUC": _areas(measured, np.ones(len(true), dtype=bool)),
        "AUC, reworded": _areas(measured, measured.reworded),
    }
    kinds = np.array([pair.kind for pair in measured.pairs])
    for name, side in (("false", ~true), ("true", true)):
        found[name] = _shares(measured, side)
        for kind in sorted(set(kinds[side].tolist())):
            found[f"{name}: {kind}"] = _shares(measured, side & (kinds == kind))
    return found


def _shares(measured: Measured, chosen: NDArray[np.bool_]) -> dict[str, Any]:
    passing = {
        "rules": measured.by_rules,
        "both": measured.by_both,
        "judge alone": measured.scores >= measured.bar,
    }
    shares = {name: round(float(passes[chosen].mean()), 3) for name, passes in passing.items()}
    return {"claims": int(chosen.sum()), **shares}


def _areas(measured: Measured, chosen: NDArray[np.bool_]) -> dict[str, float]:
    true = measured.where(Label.SUPPORTED)[chosen].tolist()
    sides = {"judge": measured.scores, "grounding": measured.grounding}
    return {name: round(area(scores[chosen], true), 3) for name, scores in sides.items()}


VIEWS = {
    "supported, not": (Label.UNKNOWN, Label.CONTRADICTED, Label.NOT),
    "supported, unknown": (Label.UNKNOWN,),
    "supported, contradicted": (Label.CONTRADICTED,),
    "supported, partly": (Label.NOT,),
}


def report_people(measured: Measured) -> dict[str, Any]:
    """Return how well both agree with people."""
    found: dict[str, Any] = {}
    true = measured.where(Label.SUPPORTED)
    for name, others in VIEWS.items():
        chosen = true | measured.where(*others)
        if not 0 < true[chosen].sum() < chosen.sum():
            continue
        said = {
            "rules": measured.by_rules,
            "both": measured.by_both,
            "judge": measured.scores >= measured.bar,
        }
        found[name] = {
            "claims": int(chosen.sum()),
            "AUC": _areas(measured, chosen),
            "macro-F1": {
                side: round(macro_f1(passes[chosen].tolist(), true[chosen].tolist(), 0.5), 3)
                for side, passes in said.items()
            },
        }
    return found


def read_ruled(data: Path) -> dict[str, list[tuple[Pair, Ruled]]]:
    """Return all that is measured, with what the rules say: worked out once, kept in a file."""
    kept = data / "judged.pkl"
    if not kept.exists():
        embedder = MiniLM()
        sets = read_sets(data, embedder)
        ruled = {name: rule_all(pairs, embedder) for name, pairs in sets.items()}
        kept.write_bytes(pickle.dumps((sets, ruled)))
    sets, ruled = pickle.loads(kept.read_bytes())  # noqa: S301 - we wrote it
    return {name: list(zip(sets[name], ruled[name], strict=True)) for name in sets}


def thin(rows: Sequence[tuple[Pair, Ruled]], most: int) -> list[tuple[Pair, Ruled]]:
    """Return at most so many of each class, evenly; five times as many where people judged."""
    groups: dict[tuple[Label, str], list[tuple[Pair, Ruled]]] = {}
    for pair, ruled in rows:
        groups.setdefault((pair.label, pair.kind), []).append((pair, ruled))
    kept: list[tuple[Pair, Ruled]] = []
    for (_, kind), group in groups.items():
        count = most * 5 if kind == "people" else most
        kept += group[:: -(-len(group) // count)]
    return kept


def report_rules(rows: Sequence[tuple[Pair, Ruled]]) -> dict[str, Any]:
    """Return per class the share that passes by the rules, and as *in the article*, of how many."""
    found: dict[str, Any] = {}
    for pair, ruled in rows:
        side = "true" if pair.label is Label.SUPPORTED else "false"
        for name in (side, f"{side}: {pair.kind}"):
            found.setdefault(name, []).append(ruled.support)
    return {
        name: {
            "claims": len(said),
            "pass": round(sum(each in PASSING for each in said) / len(said), 3),
            "in the article": round(said.count(str(Support.VERBATIM)) / len(said), 3),
        }
        for name, said in sorted(found.items())
    }


def main() -> None:
    """Measure, and write what was found; without weights only what the rules say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--most", type=int, default=EACH, help="claims of a class")
    parser.add_argument("--marked", type=float, default=0.02, help=MARKED)
    options = parser.parse_args()
    if not options.weights:
        embedder = MiniLM()
        made = {
            name: list(make_pairs(name, places)) for name, places in read_articles(options.data)
        }
        shares = {
            name: report_rules(list(zip(pairs, rule_all(pairs, embedder), strict=True)))
            for name, pairs in made.items()
        }
        options.out.write_text(json.dumps(shares, indent=1) + "\n", encoding="utf-8")
        return
    judge = Judge(APART)
    judge.load_state_dict(torch.load(options.weights), strict=False)
    sets = {name: thin(rows, options.most) for name, rows in read_ruled(options.data).items()}
    scores = {
        name: np.exp(judge_all(judge, [pair for pair, _ in rows]).numpy()[:, 0])
        for name, rows in sets.items()
    }
    honest = [
        score
        for name in DEVELOPING
        for (pair, ruled), score in zip(sets[name], scores[name], strict=True)
        if pair.label is Label.SUPPORTED and ruled.support == str(Support.REWORDED)
    ]
    bar = float(np.quantile(honest, options.marked))
    found: dict[str, Any] = {"threshold": bar}
    for name, rows in sets.items():
        pairs, ruled = zip(*rows, strict=True)
        measured = Measured(pairs, ruled, scores[name], bar)
        made = any(pair.kind != "people" for pair in pairs)
        found[name] = report_made(measured) if made else report_people(measured)
    options.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
