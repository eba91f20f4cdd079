"""True sentences made false by a word or two: each rule is a class of its own.

What makes them false by their clauses is in `turning.py`.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pairs import Label, Pair, Place, happens, lower_first, pick, shown, spots
from phrases import (
    COMPARED,
    DATES,
    DENIALS,
    DENIED,
    HEDGED,
    NUMBERS,
    ORDERED,
    PLACES,
    QUANTIFIED,
    SUPERLATIVES,
    TENSES,
    UNITS,
)
from wordnet import OPPOSITES

from ibid.english.commitments import MarkKind, find_marks
from ibid.english.wordnet import are_related
from ibid.english.words import STOP_WORDS
from ibid.types import Span

_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|can|will|may|might|could|should|would|must|has been|have been|has|have"
    r"|had|does|do|did)\b"
)
_NOT = re.compile(
    r"\b(is|are|was|were|can|will|may|could|should|would|must|do|does|did)(?:n[’']t| not|not)\b"
)
_DIGITS = re.compile(r"(?<![\w.-])\d+(?:[.,]\d+)*(?![\w-])")
_SHORT_NAME = 2


@dataclass(slots=True)
class Altering:
    """What rules draw from: chance, places of the same source, and names of it."""

    rng: random.Random
    pool: Sequence[Place]
    names: Sequence[str] = field(default_factory=tuple[str, ...])


Rule = Callable[[Altering, Place], Pair | None]
"""Makes a false claim of a sentence, None where it does not apply."""


def replaced(place: Place, old: Span, new: str, kind: str, label: Label = Label.NOT) -> Pair | None:
    """Return the sentence with something else in the place of a part of it."""
    claim = place.sentence[: old.start] + new + place.sentence[old.end :]
    if claim == place.sentence:
        return None
    lead = len(new) - len(new.lstrip())
    told = Span(old.start + lead, old.start + max(lead, len(new.rstrip())))
    return shown(claim, place, kind, (told,) if new.strip() else (), label)


def span_of(match: re.Match[str], group: int | str = 0) -> Span:
    """Return where a match, or a group of it, stands."""
    return Span(*match.span(group))


def from_table(table: Sequence[tuple[str, str]], kind: str) -> Rule:
    """Return the rule that puts one phrase of a table in the place of its rival."""

    def rule(self: Altering, place: Place) -> Pair | None:
        found = list(spots(table, place.sentence))
        if not found:
            return None
        start, end, other = self.rng.choice(found)
        return replaced(place, Span(start, end), other, kind)

    return rule


def negation(self: Altering, place: Place) -> Pair | None:
    """Deny the sentence, or take its "not" away."""
    denied = list(_NOT.finditer(place.sentence))
    if denied:
        match = self.rng.choice(denied)
        return replaced(place, span_of(match), match[1], "negation", Label.CONTRADICTED)
    found = list(_AUXILIARY.finditer(place.sentence))
    if not found:
        return None
    match = self.rng.choice(found)
    word = match[0].split()[0]
    put = self.rng.choice((f"{word} not", f"{word} not", f"{word} never", f"{word} hardly ever"))
    place_of = Span(match.start(), match.start() + len(word))
    return replaced(place, place_of, put, "negation", Label.CONTRADICTED)


def negated_otherwise(self: Altering, place: Place) -> Pair | None:
    """Deny a sentence by what governs it, or by another verb."""
    found = [(one, other) for one, other in DENIED if one in place.sentence]
    if found and happens(0.7, self.rng):
        one, other = self.rng.choice(found)
        at = place.sentence.index(one)
        old = Span(at, at + len(one))
        return replaced(place, old, other, "negated otherwise", Label.CONTRADICTED)
    form = pick(DENIALS, self.rng)
    claim = form.format(s=lower_first(place.sentence))
    wrong = (Span(0, form.index("{") - 1),)
    return shown(claim, place, "negated otherwise", wrong, Label.CONTRADICTED)


def number(self: Altering, place: Place) -> Pair | None:
    """Change a digit, or a number in words."""
    spelled = re.finditer(r"\b[a-z]+\b", place.sentence)
    found = [*_DIGITS.finditer(place.sentence), *(m for m in spelled if m[0] in NUMBERS[2:])]
    if not found:
        return None
    match = self.rng.choice(found)
    if match[0] in NUMBERS:
        other = pick([n for n in NUMBERS[2:] if n != match[0]], self.rng)
    else:
        other = _other_figure(match[0], self.rng)
    return replaced(place, span_of(match), other, "number")


def _other_figure(figure: str, rng: random.Random) -> str:
    if happens(0.2, rng):
        return figure.replace(".", "") if "." in figure else f"{figure}0"
    at = rng.choice([n for n, c in enumerate(figure) if c.isdigit()])
    digit = (int(figure[at]) + rng.randint(1, 8)) % 10 or 1
    return f"{figure[:at]}{digit}{figure[at + 1 :]}"


def date(self: Altering, place: Place) -> Pair | None:
    """Put another month, day or season in the place of one."""
    found = [
        (match, group)
        for group in DATES
        for word in group
        for match in re.finditer(rf"\b{word}\b", place.sentence)
    ]
    if not found:
        return None
    match, group = self.rng.choice(found)
    other = pick([word for word in group if word != match[0]], self.rng)
    return replaced(place, span_of(match), other, "date")


def find_names(sentence: str) -> list[Span]:
    """Return where names stand in a sentence, but for its first word."""
    marks = (m for m in find_marks(sentence) if m.kind is MarkKind.NAME and m.span.start)
    return [m.span for m in marks if m.value not in STOP_WORDS and len(m.span) > _SHORT_NAME]


def name(self: Altering, place: Place) -> Pair | None:
    """Put a name of another sentence in the place of one: of the same section, if there is one."""
    text = place.sentence
    spans = find_names(text)
    if not spans:
        return None
    span = self.rng.choice(spans)
    near = [s.of(other) for other in place.sentences if other != text for s in find_names(other)]
    near = [other for other in near if other not in text and span.of(text) not in other]
    far = [other for other in self.names if other not in text]
    others = near if near and happens(0.6, self.rng) else far
    return replaced(place, span, pick(others, self.rng), "name") if others else None


_LISTED = re.compile(r"(?:,| and| or|/|&|\s|,? the)*")


def names_swapped(self: Altering, place: Place) -> Pair | None:
    """Swap two names, unless they stand beside each other in a list."""
    text, spans = place.sentence, find_names(place.sentence)
    if not spans[1:]:
        return None
    one, two = sorted(self.rng.sample(spans, 2))
    between = text[one.end : two.start]
    if one.of(text) == two.of(text) or _LISTED.fullmatch(between):
        return None
    claim = text[: one.start] + two.of(text) + between + one.of(text) + text[two.end :]
    first = Span(one.start, one.start + len(two))
    second = Span(two.end - len(one), two.end)
    return shown(claim, place, "names swapped", (first, second))


_PLACE = re.compile(r"\b(?:in|at|from|to) (?P<place>[A-Z][a-z]+(?: [A-Z][a-z]+)*)\b")


def location(self: Altering, place: Place) -> Pair | None:
    """Put a place in the place of a name behind "in", "at", "from" or "to"."""
    found = [m for m in _PLACE.finditer(place.sentence) if m["place"] not in DATES[0]]
    if not found:
        return None
    other = pick([p for p in PLACES if p not in place.sentence], self.rng)
    return replaced(place, span_of(self.rng.choice(found), "place"), other, "place")


_WORD = re.compile(r"\b[a-z]{5,}\b")


def word(self: Altering, place: Place) -> Pair | None:
    """Put a word of another sentence, of about the same form, in the place of one."""
    own = [m for m in _WORD.finditer(place.sentence) if m[0] not in STOP_WORDS]
    near = " ".join(s for s in place.sentences if s != place.sentence)
    rivals = _WORD.findall(near if happens(0.6, self.rng) else self.rng.choice(self.pool).sentence)
    self.rng.shuffle(own)
    for match in own:
        others = [w for w in rivals if w not in place.sentence and _are_rivals(w, match[0])]
        if others:
            return replaced(place, span_of(match), pick(others, self.rng), "word")
    return None


def _are_rivals(one: str, other: str) -> bool:
    alike = one[-2:] == other[-2:] and one[:4] != other[:4]
    return alike and not are_related(one, other)


def antonym(self: Altering, place: Place) -> Pair | None:
    """Put what WordNet calls its opposite in the place of a word."""
    found = [m for m in re.finditer(r"\b[a-z]{3,}\b", place.sentence) if m[0] in OPPOSITES]
    if not found:
        return None
    match = self.rng.choice(found)
    other = pick(OPPOSITES[match[0]], self.rng)
    return replaced(place, span_of(match), other, "antonym", Label.CONTRADICTED)


WORDS: dict[str, Rule] = {
    "negation": negation,
    "negated otherwise": negated_otherwise,
    "number": number,
    "date": date,
    "unit": from_table(UNITS, "unit"),
    "name": name,
    "names swapped": names_swapped,
    "before and after": from_table(ORDERED, "before and after"),
    "hedge": from_table(HEDGED, "hedge"),
    "quantifier": from_table(QUANTIFIED, "quantifier"),
    "comparison": from_table(COMPARED, "comparison"),
    "tense": from_table(TENSES, "tense"),
    "superlative": from_table(SUPERLATIVES, "superlative"),
    "place": location,
    "word": word,
    "antonym": antonym,
}
"""What makes a sentence false by its words, by the name of its class."""
