"""A sentence of an answer beside what an article says: what the judge of entailment learns from."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from ibid.types import Span


class Label(IntEnum):
    """What the evidence makes of a claim; the last is "not supported", one way or another."""

    SUPPORTED, UNKNOWN, CONTRADICTED, NOT = range(4)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sentences of an article as they follow each other, and what stands above them."""

    about: str
    """Its title and headings, author and date."""
    sentences: tuple[str, ...]
    article: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim, its evidence, and what people or a rule say of the two."""

    claim: str
    evidence: Evidence
    label: Label
    kind: str
    """The rule that made it, or "people"."""
    source: str
    wrong: tuple[Span, ...] | None = None
    """Where the claim says otherwise than the evidence; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence of an article, with the rest of its section."""

    title: str
    heading: str
    author: str
    date: str
    sentences: tuple[str, ...]
    number: int
    article: str
    source: str
    told: tuple[str, ...] = ()
    """The same as people said it otherwise, where they did: a claim is held against that."""

    @property
    def sentence(self) -> str:
        return self.sentences[self.number]

    @property
    def about(self) -> str:
        parts = (self.title, self.heading, self.author and f"By {self.author}", self.date)
        return " / ".join(part for part in parts if part)

    def evidence(self, sentence: str | None = None) -> Evidence:
        """Return the sentence between its neighbours, or another one in its place."""
        before = self.sentences[max(0, self.number - 1) : self.number]
        behind = self.sentences[self.number + 1 : self.number + 2]
        own = self.sentence if sentence is None else sentence
        return Evidence(self.about, (*before, own, *behind), self.article)

    def beside(self, sentence: str) -> "Place":
        """Return the place with another sentence in it."""
        every = (*self.sentences[: self.number], sentence, *self.sentences[self.number + 1 :])
        return replace(self, sentences=every)


def lower_first(sentence: str) -> str:
    """Return a sentence as it stands within another one: without its end, its first letter small.

    A name keeps its capital, as far as it can be told: by a second one, or what is no common start.
    """
    body = bare(sentence)
    word = re.match(r"[A-Za-z'’]+", body)
    small = word and word[0].lower() in _STARTS
    return body[0].lower() + body[1:] if small else body


def bare(sentence: str) -> str:
    """Return a sentence without what ends it."""
    return sentence.rstrip(" .!?")


def upper_first(sentence: str) -> str:
    """Return a sentence with its first letter large."""
    return sentence[:1].upper() + sentence[1:]


_STARTS = frozenset(
    "a an the this that these those it its they their there we our you your he his she her in "
    "on at for from with without by as to of if when while after before because although "
    "since during one two three four five many most some all each every both several few such "
    "other another people women men children patients researchers scientists students "
    "companies teams developers users most modern early symptoms treatment signs doctors "
    "experts there here no not only even more less using many among under over through "
    "between what how where why who".split()
)


def shown(
    claim: str, place: Place, kind: str, wrong: Sequence[Span] | None, label: Label = Label.NOT
) -> Pair:
    """Return a pair over the evidence of a place."""
    told = None if wrong is None else tuple(wrong)
    return Pair(upper_first(claim), place.evidence(), label, kind, place.source, told)


def pick(items: Sequence[str], rng: random.Random) -> str:
    """Return one of some texts."""
    return items[rng.randrange(len(items))]


def happens(share: float, rng: random.Random) -> bool:
    """Tell, at random, whether what happens in this share of cases happens now."""
    return rng.random() < share


def whole(word: str) -> re.Pattern[str]:
    """Return a pattern for a word as a whole, signs included."""
    left = r"(?<![\w-])" if word[:1].isalnum() else ""
    right = r"(?![\w-])" if word[-1:].isalnum() else ""
    return re.compile(left + re.escape(word) + right)


def spots(table: Sequence[tuple[str, str]], sentence: str) -> Iterator[tuple[int, int, str]]:
    """Yield where one of a table's phrases stands, and what takes its place."""
    for one, other in table:
        for match in whole(one).finditer(sentence):
            yield match.start(), match.end(), other
