"""What people judged, and what they said otherwise: the judge is trained and measured on it.

`training/README.md` lists the sources with their licences.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from zipfile import ZipFile

from pairs import Evidence, Label, Pair

from ibid.english.words import stems
from ibid.types import Span

_LABELS = {
    "entailment": Label.SUPPORTED, "neutral": Label.UNKNOWN, "contradiction": Label.CONTRADICTED,
    "SUPPORTS": Label.SUPPORTED, "REFUTES": Label.CONTRADICTED, "NOT_ENOUGH_INFO": Label.UNKNOWN,
    "SUPPORT": Label.SUPPORTED, "CONTRADICT": Label.CONTRADICTED, "": Label.UNKNOWN,
    "not_entailment": Label.NOT,
}  # fmt: skip

PACKED = 4
"""Sentences of a long document that are shown as evidence."""

SAME = 0.9
"""The share of a sentence's words that the other has as well, where both say the same."""


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _pair(claim: str, evidence: Sequence[str], label: Label, source: str, about: str = "") -> Pair:
    wrong = () if label is Label.SUPPORTED else None
    return Pair(
        _tidy(claim), Evidence(about, tuple(map(_tidy, evidence))), label, "people", source, wrong
    )


def _tidy(text: str) -> str:
    """Return text that was cut into tokens as it is written."""
    text = text.replace("-LRB-", "(").replace("-RRB-", ")").replace(" -- ", " – ")
    text = re.sub(r"`` ?| ?''", '"', text)
    text = re.sub(r"\s+([.,;:?!%)]|'s\b|n't\b)", r"\1", text.replace("( ", "("))
    return " ".join(text.split())


def read_nli(path: Path, source: str) -> Iterator[Pair]:
    """Yield premises and hypotheses (SNLI, SciTail)."""
    for row in _rows(path):
        if row["label"] in _LABELS:
            yield _pair(row["hypothesis"], [row["premise"]], _LABELS[row["label"]], source)


def read_taxinli(path: Path) -> Iterator[Pair]:
    """Yield MultiNLI's pairs on whose label those agree who read them again for TaxiNLI."""
    for row in _table(path):
        if row["label"] == row["annotated_label"]:
            yield _pair(row["hyp"], [row["prem"]], _LABELS[row["label"]], "mnli")


def read_counterfactual(path: Path) -> Iterator[Pair]:
    """Yield SNLI's pairs, one of the two changed by people as little as another label needs."""
    for row in _table(path):
        label = _LABELS[row["gold_label"]]
        yield _pair(row["sentence2"], [row["sentence1"]], label, "counterfactual")


def read_breaking(path: Path) -> Iterator[Pair]:
    """Yield Breaking NLI's premises with one word exchanged."""
    for row in _rows(path):
        label = _LABELS[row["gold_label"]]
        yield _pair(row["sentence2"], [row["sentence1"]], label, "breaking")


def read_conjunctions(path: Path) -> Iterator[Pair]:
    """Yield ConjNLI's sentences of Wikipedia with a part left out, added or exchanged."""
    for row in _table(path):
        if row["Label"] in _LABELS:
            yield _pair(row["Hypothesis"], [row["Premise"]], _LABELS[row["Label"]], "conjunctions")


def read_fool_me_twice(path: Path) -> Iterator[Pair]:
    """Yield claims that players made up, each with sentences of Wikipedia for or against it."""
    for row in map(json.loads, path.read_text("utf-8").splitlines()):
        about = row["wikipedia_page"]
        evidence = [each["text"] for each in row["gold_evidence"]]
        yield _pair(row["text"], evidence, _LABELS[row["label"]], "fool me twice", about)


def read_symmetric(path: Path) -> Iterator[Pair]:
    """Yield FEVER's claims, each with evidence for and against it."""
    for row in _rows(path):
        yield _pair(row["claim"], [row["evidence"]], _LABELS[row["label"]], "fever")


def read_help(path: Path) -> Iterator[Pair]:
    """Yield HELP's sentences with a part left out or added."""
    for row in _table(path):
        if row["gold_label"] in _LABELS and row["ori_sentence"] and row["new_sentence"]:
            yield _pair(
                row["new_sentence"], [row["ori_sentence"]], _LABELS[row["gold_label"]], "help"
            )


def read_scifact(path: Path) -> Iterator[Pair]:
    """Yield SciFact's claims that it trains with, beside their abstracts."""
    with ZipFile(path) as archive:
        corpus, claims = (
            list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8"))))
            for name in ("corpus_train.csv", "claims_train.csv")
        )
    quoted = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
    abstracts = {
        row["doc_id"]: ["".join(two) for two in quoted.findall(row["abstract"])] for row in corpus
    }
    for row in claims:
        label = _LABELS[row["evidence_label"]]
        gold = [int(number) for number in re.findall(r"\d+", row["evidence_sentences"])]
        for id in re.findall(r"\d+", row["evidence_doc_id" if gold else "cited_doc_ids"]):
            evidence = around(row["claim"], abstracts[id], gold)
            yield _pair(row["claim"], evidence, label, "scifact")


def read_wice(path: Path) -> Iterator[Pair]:
    """Yield WiCE's claims that are partly supported, and what is left of them without the rest."""
    for row in map(json.loads, path.read_text("utf-8").splitlines()):
        evidence = around(row["claim"], row["evidence"], row["supporting_sentences"][0])
        shown = Evidence("", tuple(map(_tidy, evidence)))
        spans: list[Span] = []
        at = 0
        for token in row["claim_tokens"]:
            start = row["claim"].index(token, at)
            at = start + len(token)
            spans.append(Span(start, at))
        missing = [s for s, no in zip(spans, row["non_supported_spans"], strict=True) if no]
        claim = row["claim"]
        yield Pair(claim, shown, Label.NOT, "people", "wice", tuple(missing))
        for span in reversed(missing):
            claim = claim[: span.start] + claim[span.end :]
        rest = re.sub(r"[ ,;]+\.$", ".", _tidy(claim))
        if len(rest.split()) * 2 > len(row["claim"].split()):
            yield Pair(rest, shown, Label.SUPPORTED, "people", "wice", ())


def around(claim: str, sentences: Sequence[str], gold: Sequence[int]) -> list[str]:
    """Return the right sentences of a document, and those that share most words with the claim."""
    words = set(stems(claim))
    rest = [n for n in range(len(sentences)) if n not in gold]
    rest.sort(key=lambda n: -len(words & set(stems(sentences[n]))))
    kept = [*gold[:PACKED], *rest[: max(0, PACKED - len(gold))]]
    return [sentences[n] for n in sorted(kept)]


def read_splits(data: Path) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield what Wikipedia's authors split: one sentence, and the two that say the same."""
    for part in ("tune", "validation", "test"):
        for line in (data / f"wikisplit-{part}.tsv").read_text("utf-8").splitlines():
            one, two = (
                [_tidy(s) for s in side.replace("''", "").split("<::::>")]
                for side in line.split("\t")
            )
            whole, parts = set(stems(one[0])), {stem for s in two for stem in stems(s)}
            if len(whole & parts) > SAME * max(len(whole), len(parts)):
                yield tuple(one), tuple(two)


def read_people(data: Path) -> list[Pair]:
    """Return what people judged, all that is trained on."""
    both = ("dev", "test")
    return [
        *read_taxinli(data / "taxinli.tsv"),
        *(p for part in both for p in read_nli(data / f"snli-{part}.jsonl", "snli")),
        *(
            p
            for part in ("train", *both)
            for p in read_counterfactual(data / f"counterfactual-{part}.tsv")
        ),
        *read_breaking(data / "breaking-nli.jsonl"),
        *read_conjunctions(data / "conj-dev.tsv"),
        *(p for part in both for p in read_fool_me_twice(data / f"fool-me-twice-{part}.jsonl")),
        *(p for part in both for p in read_symmetric(data / f"fever-symmetric-{part}.jsonl")),
        *(p for part in ("and", "or") for p in read_help(data / f"help-{part}.tsv")),
        *read_scifact(data / "sets" / "scifact" / "scifact.zip"),
        *read_wice(data / "wice-train-tokens.jsonl"),
    ]


def read_begin(path: Path) -> Iterator[Pair]:
    """Yield BEGIN's answers of models, with the knowledge they were given: attributable or not."""
    for row in _table(path):
        if row["begin_label"] in ("Fully attributable", "Not fully attributable"):
            label = Label.SUPPORTED if row["begin_label"].startswith("Fully") else Label.NOT
            yield _pair(row["response"], [row["knowledge"]], label, "begin")


def read_med(path: Path) -> Iterator[Pair]:
    """Yield MED's sentences with a word made more general or more special."""
    for row in _table(path):
        label = Label.SUPPORTED if row["gold_label"] == "entailment" else Label.NOT
        yield _pair(row["sentence2"], [row["sentence1"]], label, "med")
