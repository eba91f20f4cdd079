"""What the judge of entailment is trained and measured on: articles, and people's judgements.

`training/README.md` lists the sources with their licences.
"""

import csv
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from altering import Altering, find_names
from examples import medquad_sections, read_conditional, read_pubmedqa, read_selqa, read_squad
from guides import read_parts
from pairs import Evidence, Label, Pair, Place, happens, pick
from phrases import FIRST, LAST, OUTLETS
from rewording import honest, reword
from turning import RULES

from ibid.english.statements import is_statement

SHORTEST, LONGEST = 30, 260
"""Characters of a sentence that a claim is made of."""

_WHOLE = re.compile(r"[A-Z“\"][^<>\[\]{}|]*[a-z)0-9%]\.$")

_LABELS = {
    "entailment": Label.SUPPORTED, "neutral": Label.UNKNOWN, "contradiction": Label.CONTRADICTED,
    "SUPPORTS": Label.SUPPORTED, "REFUTES": Label.CONTRADICTED, "NOT_ENOUGH_INFO": Label.UNKNOWN,
    "not_entailment": Label.NOT,
}  # fmt: skip


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _pair(claim: str, evidence: Sequence[str], label: Label, source: str, about: str = "") -> Pair:
    wrong = () if label is Label.SUPPORTED else None
    return Pair(
        _tidy(claim), Evidence(about, tuple(map(_tidy, evidence))), label, "people", source, wrong
    )


def _tidy(text: str) -> str:
    """Return text that was cut into tokens as it is written."""
    text = text.replace("-LRB-", "(").replace("-RRB-", ")").replace(" -- ", " – ")
    text = re.sub(r"\s+([.,;:?!%)]|'s\b|n't\b)", r"\1", text.replace("( ", "("))
    return " ".join(text.split())


def read_nli(path: Path, source: str) -> Iterator[Pair]:
    """Yield premises and hypotheses (SNLI, MultiNLI, SciTail)."""
    for row in _rows(path):
        if row["label"] in _LABELS:
            yield _pair(row["hypothesis"], [row["premise"]], _LABELS[row["label"]], source)


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


def read_people(data: Path) -> list[Pair]:
    """Return what people judged, all that is trained on."""
    return [
        *read_nli(data / "mnli-dev.jsonl", "mnli"),
        *read_nli(data / "snli-dev.jsonl", "snli"),
        *(
            p
            for part in ("dev", "test")
            for p in read_symmetric(data / f"fever-symmetric-{part}.jsonl")
        ),
        *(p for part in ("and", "or") for p in read_help(data / f"help-{part}.tsv")),
    ]


def read_places(data: Path) -> list[Place]:
    """Return the sentences of all articles that are trained on."""
    rng = random.Random(11)  # noqa: S311 - nothing is kept secret by it
    train = data / "train"
    kept = [place for place in range(16) if place not in (3, 5, 7, 11, 13, 15)]
    windows = [
        *(
            (e.window, "squad2")
            for e in read_squad(train / "squad2-half.json.gz", "squad2", kept, 5000)
        ),
        *((e.window, "selqa") for e in read_selqa(train / "selqa-test.json.gz", "selqa")),
        *((e.window, "pubmedqa") for e in read_pubmedqa(data / "pubmedqa.json")),
        *((e.window, "conditional") for e in read_conditional(data / "conditionalqa.json")),
    ]
    sections = [
        (w.title, "", w.sentences, w.article, source) for w, source in dict.fromkeys(windows)
    ]
    for path in sorted((data / "guides").rglob("*.md")):
        sections += [
            (p.title, p.heading, p.sentences, p.article, "guides") for p in read_parts(path)
        ]
    for focus, kind, _, sentences in medquad_sections(data / "medquad", 10):
        sections.append((focus, kind, sentences, focus, "medquad"))
    return [place for section in sections for place in cut(*section, rng)]


def cut(
    title: str,
    heading: str,
    sentences: Sequence[str],
    article: str,
    source: str,
    rng: random.Random,
) -> Iterator[Place]:
    """Yield a section's statements, below an author and a date as articles have them."""
    author, date = _author(rng), ""
    if happens(0.3, rng):
        month = pick(("March", "July", "October"), rng)
        date = f"{rng.randint(1, 28)} {month} {rng.randint(2005, 2026)}"
    own = tuple(sentences)
    for number, sentence in enumerate(own):
        if (
            SHORTEST <= len(sentence) <= LONGEST
            and _WHOLE.match(sentence)
            and is_statement(sentence)
        ):
            yield Place(title, heading, author, date, own, number, article, source)


def _author(rng: random.Random) -> str:
    if happens(0.35, rng):
        return f"{pick(FIRST, rng)} {pick(LAST, rng)}"
    return pick(OUTLETS, rng) if happens(0.4, rng) else ""


OFTEN = {
    "elsewhere": 2.0,
    "scope cut away": 3.0,
    "condition dropped": 2.0,
    "roles": 3.0,
    "cause and effect": 3.0,
    "names swapped": 2.0,
    "report cut away": 3.0,
}
"""How often a class is drawn, beside one of the others; many of these seldom apply."""

ALONE, UNTITLED = 0.6, 0.4
"""Shares of pairs that show their evidence without its neighbours, and with nothing above."""

_LEANING = frozenset({"pronoun", "attributed", "attribution", "joined", "joint"})
"""Kinds that cannot be told without those."""

_OF_EVIDENCE = frozenset(
    {"scope cut away", "condition dropped", "condition swapped", "report cut away"}
)


class Making:
    """Makes pairs of the sentences of articles, true and false ones about as often."""

    def __init__(self, places: Sequence[Place], seed: int, without: Sequence[str] = ()) -> None:
        self._rng = random.Random(seed)  # noqa: S311
        self._rules = [rule for rule in RULES if rule not in without]
        self._weights = [OFTEN.get(rule, 1.0) for rule in self._rules]
        self._pools: dict[str, list[Place]] = {}
        for place in places:
            self._pools.setdefault(place.source, []).append(place)
        self._altering = {source: self._alter_in(pool) for source, pool in self._pools.items()}

    def _alter_in(self, pool: Sequence[Place]) -> Altering:
        names = {
            s.of(p.sentence)
            for p in pool[:: max(1, len(pool) // 1500)]
            for s in find_names(p.sentence)
        }
        return Altering(self._rng, pool, sorted(names))

    def false(self, place: Place, rule: str | None = None) -> Pair | None:
        """Return a false claim: in other words as well, half of the time."""
        rules = [rule] if rule else self._rng.choices(self._rules, self._weights, k=12)
        times = self._rng.choice((0, 0, 1, 2))
        for each in rules:
            said = place
            if each not in _OF_EVIDENCE and times:
                said = place.beside(reword(place, self._rng, times)[0])
            pair = RULES[each](self._altering[place.source], said)
            if pair is None:
                continue
            if each not in _OF_EVIDENCE:
                return replace(pair, evidence=place.evidence())
            if times:
                claim, _ = reword(place.beside(pair.claim), self._rng, times)
                return replace(pair, claim=claim, wrong=None)
            return pair
        return None

    def true(self, place: Place) -> Pair:
        """Return an honest claim."""
        return honest(place, self._rng)

    def vary(self, pair: Pair) -> Pair:
        """Return the pair with its evidence alone, or with nothing above, if it needs no more."""
        if pair.kind in _LEANING:
            return pair
        evidence, chance = pair.evidence, self._rng.random()
        if chance < ALONE and pair.kind != "elsewhere":
            number = self._own(pair)
            evidence = replace(evidence, sentences=(evidence.sentences[number],))
        if self._rng.random() < UNTITLED:
            evidence = replace(evidence, about="")
        return replace(pair, evidence=evidence)

    @staticmethod
    def _own(pair: Pair) -> int:
        """Return which sentence the claim was made of: the one that it shares most words with."""
        words = set(pair.claim.lower().split())
        shared = [len(words & set(s.lower().split())) for s in pair.evidence.sentences]
        return shared.index(max(shared))

    def make(self, places: Sequence[Place], count: int, share: float = 0.5) -> Iterator[Pair]:
        """Yield so many pairs of places drawn at random."""
        while count > 0:
            place = self._rng.choice(places)
            pair = self.true(place) if self._rng.random() < share else self.false(place)
            if pair:
                count -= 1
                yield self.vary(pair)


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
