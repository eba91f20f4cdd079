"""Claims that rules make of articles, true and false ones: what the judge is trained on.

What people judged is read by `people.py`. `training/README.md` lists sources and licences.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from altering import Altering, find_names
from examples import medquad_sections, read_conditional, read_pubmedqa, read_selqa, read_squad
from guides import read_parts
from pairs import Evidence, Pair, Place, happens, pick
from people import read_splits
from phrases import FIRST, LAST, OUTLETS
from rewording import honest, reword
from turning import RULES

from ibid.english.statements import is_statement

SHORTEST, LONGEST = 30, 260
"""Characters of a sentence that a claim is made of."""

_WHOLE = re.compile(r"[A-Z“\"][^<>\[\]{}|]*[a-z)0-9%]\.$")


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
    places = [place for section in sections for place in cut(*section, rng)]
    return [*places, *_reworded(data)]


def _reworded(data: Path) -> Iterator[Place]:
    """Yield sentences that people said otherwise, in one sentence or in two."""
    for number, (one, two) in enumerate(read_splits(data)):
        for own, other in ((one, two), (two, one)):
            for at, sentence in enumerate(own):
                if SHORTEST <= len(sentence) <= LONGEST:
                    yield Place("", "", "", "", own, at, str(number // 20), "wikisplit", other)


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

ALONE, UNTITLED = 0.75, 0.4
"""Shares of pairs that show their evidence without its neighbours, and with nothing above."""

_LEANING = frozenset({"pronoun", "attributed", "attribution", "joined", "joint"})
"""Kinds that cannot be told without those."""

_OF_EVIDENCE = frozenset(
    {"scope cut away", "condition dropped", "condition swapped", "report cut away"}
)

_ELSEWHERE = frozenset({"elsewhere", "asserted", "condition kept"})
"""Kinds whose evidence is no longer the sentence that the claim was made of."""


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

    @staticmethod
    def _told(pair: Pair | None, place: Place) -> Pair | None:
        """Return the pair beside what people made of its sentence, if it is of that alone."""
        if not pair or pair.kind in _ELSEWHERE | _LEANING | _OF_EVIDENCE:
            return None
        return replace(pair, evidence=Evidence("", place.told))

    def make(self, places: Sequence[Place], count: int, share: float = 0.5) -> Iterator[Pair]:
        """Yield so many pairs of places drawn at random."""
        while count > 0:
            place = self._rng.choice(places)
            pair = self.true(place) if self._rng.random() < share else self.false(place)
            if place.told:
                pair = self._told(pair, place)
            if pair:
                count -= 1
                yield pair if place.told else self.vary(pair)
