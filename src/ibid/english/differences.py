"""What one sentence says otherwise than another one that it follows word for word.

Only sentences that share most of their words can be compared like this: `shared_words` tells how
many, and a caller asks nothing of pairs below its own gate. What was done to a sentence as a whole,
with all of its words left as they were, is in `turning`.

>>> claim, source = "It will reduce costs by 30%.", "It may reduce costs by 20%."
>>> [(change.kind.value, change.said.of(claim), change.source.of(source))
...     for change in find_differences(claim, source)]
[('certainty', 'will', 'may'), ('number', '30', '20')]
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from ibid.english.aligning import Gap, align
from ibid.english.commitments import Mark, MarkKind, find_marks
from ibid.english.wordnet import are_opposed, are_related
from ibid.english.words import Word, find_words
from ibid.types import MEASURED, Span

NEAR_VERBATIM = 0.6
"""Share of a sentence's words, in their order, from which it follows another one word for word.
Below it true paraphrases differ as much as false ones (docs/decisions)."""

ALIKE, ALIKE_ALONE = MEASURED.alike, MEASURED.alike_alone
"""How close a word must be to the unrelated one whose place it took: among other changes, and
when it is the only one. A sentence that is copied but for one word is altered, not reworded."""

Alike = Callable[[Span, Span], float | None]
"""How close a word of the one sentence is to a word of the other; None where it cannot be told."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A commitment that was changed, added (no `source`) or lost (no `said`)."""

    kind: MarkKind
    said: Span | None
    """Where it stands in the sentence that was checked."""
    source: Span | None
    """Where it stands in the sentence that it follows."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two sentences."""

    words: Sequence[Word]
    marks: Sequence[Mark]
    kept: frozenset[int]
    """The numbers of its words that are anchors."""

    def loose(self) -> list[Mark]:
        """Return the marks that are not anchored, as a whole or in part, or are no words (`%`)."""
        spans = [word.span for n, word in enumerate(self.words) if n in self.kept]
        free = [word.span for word in self.free()]
        return [
            mark
            for mark in self.marks
            if any(mark.span.overlaps(span) for span in free)
            or not any(mark.span.overlaps(span) for span in spans)
        ]

    def among(self, marks: Sequence[Mark], words: Span) -> list[Mark]:
        """Return those of the marks that stand on some of the words."""
        spans = [self.words[n].span for n in range(words.start, words.end)]
        return [mark for mark in marks if any(mark.span.overlaps(span) for span in spans)]

    def free(self) -> list[Word]:
        """Return the words that are no anchors."""
        return [word for number, word in enumerate(self.words) if number not in self.kept]

    def telling(self, words: Span) -> Iterator[Word]:
        """Yield those of the words that tell anything."""
        for number in range(words.start, words.end):
            if self.words[number].tells:
                yield self.words[number]

    def stems(self, words: Span) -> set[str]:
        """Return the stems of some of the words."""
        return {word.stem for word in self.words[words.start : words.end]}

    def keeps_head(self, mark: Mark) -> bool:
        """Tell whether the other sentence has what a mark is about: the next word that tells."""
        for number, word in enumerate(self.words):
            if word.span.start >= mark.span.end and word.tells:
                return number in self.kept
        return False


def find_differences(claim: str, source: str, alike: Alike | None = None) -> tuple[Difference, ...]:
    """Return what `claim` changes, adds or loses against `source`, in the order of `claim`.

    Where `alike` tells how close two words are in their sentences, a word may stand in the place
    of another one that WordNet does not relate it to.
    """
    beside = align(claim, source)
    new = _Side(beside.said, find_marks(claim), frozenset(number for number, _ in beside.anchors))
    old = _Side(
        beside.source, find_marks(source), frozenset(number for _, number in beside.anchors)
    )
    gaps = list(beside.gaps())
    marks = list(_changed_marks(gaps, new, old))
    words = [
        word
        for word in _changed_words(gaps, new, old, alike)
        if not _compared(word, new.marks, old.marks)
    ]
    return tuple(sorted({*marks, *words}, key=_place))


_MOST_WORDS = 60
"""Words of a sentence whose opposites are looked for."""


def find_opposites(claim: str, source: str) -> Iterator[Difference]:
    """Yield words of `claim` whose opposite stands in `source`, wherever it stands.

    Nothing where one of the two denies more than the other: `not cheap` says what `expensive` says.
    """
    new, old = _telling(claim), _telling(source)
    if _denials(claim) != _denials(source) or _LESS.isdisjoint(new) != _LESS.isdisjoint(old):
        return
    ours = [word for stem, word in new.items() if stem not in old]
    theirs = [word for stem, word in old.items() if stem not in new]
    for new_word, old_word in product(ours[:_MOST_WORDS], theirs[:_MOST_WORDS]):
        if are_opposed(new_word.stem, old_word.stem):
            yield Difference(MarkKind.ANTONYM, new_word.span, old_word.span)


def _telling(sentence: str) -> dict[str, Word]:
    return {word.stem: word for word in find_words(sentence) if word.tells}


def _denials(sentence: str) -> int:
    return sum(mark.kind is MarkKind.NEGATION for mark in find_marks(sentence))


def _compared(change: Difference, claim: Sequence[Mark], source: Sequence[Mark]) -> bool:
    """Tell whether two words carry marks of one kind, which were compared as such, or a figure."""
    new, old = _kinds_at(change.said, claim), _kinds_at(change.source, source)
    return not new.isdisjoint(old) or not _FIGURES.isdisjoint(new | old - {MarkKind.NUMBER})


_FIGURES = frozenset({MarkKind.UNIT, MarkKind.YEAR})


def _kinds_at(span: Span | None, marks: Sequence[Mark]) -> frozenset[MarkKind]:
    return frozenset(mark.kind for mark in marks if span and mark.span.overlaps(span))


def _changed_marks(gaps: Sequence[Gap], claim: _Side, source: _Side) -> Iterator[Difference]:
    new = [
        m for m in claim.loose() if m.kind is not MarkKind.NEGATION or not _within(source, claim)
    ]
    old = [
        m for m in source.loose() if m.kind is not MarkKind.NEGATION or not _within(claim, source)
    ]
    for mark in tuple(new):  # what only moved
        same = next((m for m in old if m.kind is mark.kind and m.value == mark.value), None)
        if same:
            new.remove(mark)
            old.remove(same)
    for gap in gaps:
        for mark in claim.among(new, gap.said):
            rivals = [m for m in source.among(old, gap.source) if m.kind is mark.kind]
            if rivals and _excludes(mark, rivals[0]):
                yield Difference(mark.kind, mark.span, rivals[0].span)
            elif not rivals and _is_new(mark, source):
                yield Difference(mark.kind, mark.span, None)
    for mark in old:
        if _weakens(mark) and source.keeps_head(mark) and not _stands_for(new, mark):
            yield Difference(mark.kind, None, mark.span)


_PREFIXES = r"(?:un|in|im|il|ir|dis|non)"
_NEGATED = re.compile(rf"{_PREFIXES}(?P<root>\w{{4}})")
_DENIAL = re.compile(rf"{_PREFIXES}(?P<root>\w{{3,}})")


def _within(side: _Side, rival: _Side) -> bool:
    """Tell whether a word of `side` denies in itself what `rival` has (`unseen`, `not seen`)."""
    roots = {word.stem[:4] for word in rival.free()}
    denied = (_NEGATED.match(word.stem) for word in side.free())
    return any(match["root"] in roots for match in denied if match)


_FACTS = frozenset({MarkKind.NUMBER, MarkKind.UNIT, MarkKind.YEAR, MarkKind.NAME})


def _excludes(mark: Mark, rival: Mark) -> bool:
    """Tell whether two marks of a kind, one in the place of the other, do not say the same."""
    match mark.kind:
        case MarkKind.CERTAINTY:
            return mark.value == "sure"
        case MarkKind.YEAR | MarkKind.NAME:
            return mark.value not in rival.value and rival.value not in mark.value
        case _:
            return {mark.value, rival.value} != {"some", "many"}


def _is_new(mark: Mark, source: _Side) -> bool:
    """Tell whether a mark commits the sentence to what the source nowhere says."""
    if mark.kind is MarkKind.CERTAINTY:
        hedges = any(source_mark.kind is MarkKind.CERTAINTY for source_mark in source.marks)
        return mark.value == "unsure" and not hedges
    if mark.kind not in _FACTS:
        return mark.kind is MarkKind.NEGATION or mark.value in ("all", "none", "only")
    values = {source_mark.value for source_mark in source.marks if source_mark.kind is mark.kind}
    if mark.kind is MarkKind.NAME:
        stems = {word.stem for word in source.words}
        return not stems.issuperset(word.stem for word in find_words(mark.value))
    return not any(mark.value == value or mark.value in value.split("-") for value in values)


def _weakens(mark: Mark) -> bool:
    """Tell whether a sentence says more without the mark."""
    match mark.kind:
        case MarkKind.NEGATION:
            return True
        case MarkKind.CERTAINTY:
            return mark.value == "unsure"
        case MarkKind.SCOPE:
            return mark.value != "all"
        case _:
            return False


def _stands_for(marks: Sequence[Mark], lost: Mark) -> bool:
    """Tell whether one of the marks that are new says about what the lost one said."""
    kinds = {lost.kind} if lost.kind is MarkKind.CERTAINTY else {MarkKind.NEGATION, MarkKind.SCOPE}
    return any(mark.kind in kinds for mark in marks)


def _changed_words(
    gaps: Sequence[Gap], claim: _Side, source: _Side, alike: Alike | None
) -> Iterator[Difference]:
    moved = {word.stem for word in source.free()}
    alone = sum(len(gap.said) > 0 for gap in gaps) == 1
    for gap in gaps:
        new = [word for word in claim.telling(gap.said) if word.stem not in moved]
        old = list(source.telling(gap.source))
        less = _LESS.isdisjoint(claim.stems(gap.said)), _LESS.isdisjoint(source.stems(gap.source))
        for new_word, old_word in product(new, old):
            if less[0] == less[1] and are_opposed(new_word.stem, old_word.stem):
                yield Difference(MarkKind.ANTONYM, new_word.span, old_word.span)
                break
        else:
            yield from _denied(claim, source, gap)
            if len(new) == len(old) == 1 and _replaces(new[0], old[0], alike, alone=alone):
                yield Difference(MarkKind.WORD, new[0].span, old[0].span)
            elif new and old and alike and _replace(new, old, alike):
                spans = [Span(side[0].span.start, side[-1].span.end) for side in (new, old)]
                yield Difference(MarkKind.WORD, *spans)


def _denied(claim: _Side, source: _Side, gap: Gap) -> Iterator[Difference]:
    """Yield a word and the same word with `un-` or the like before it (`like`, `unlike`)."""
    for word in claim.words[gap.said.start : gap.said.end]:
        for rival in source.words[gap.source.start : gap.source.end]:
            if _is_denial(word.stem, rival.stem) or _is_denial(rival.stem, word.stem):
                yield Difference(MarkKind.ANTONYM, word.span, rival.span)


def _is_denial(stem: str, base: str) -> bool:
    """Tell whether a stem is another one denied; endings may be stemmed otherwise."""
    match = _DENIAL.match(stem)
    root = match["root"] if match else ""
    return bool(root) and base.startswith(root) and len(base) <= len(root) + 1


def _replaces(word: Word, rival: Word, alike: Alike | None, *, alone: bool) -> bool:
    """Tell whether a word took the place of one that it cannot stand for."""
    if word.stem[:_ROOT] == rival.stem[:_ROOT] or are_related(word.stem, rival.stem):
        return False
    close = alike(word.span, rival.span) if alike else None
    if close is None:
        return alone
    return close < (ALIKE_ALONE if alone else ALIKE)


def _replace(new: Sequence[Word], old: Sequence[Word], alike: Alike) -> bool:
    """Tell whether some words took the place of others, none of which they can stand for."""
    return len(new) + len(old) <= FEW and not any(
        _stands_for_word(word, rival, alike) for word, rival in product(new, old)
    )


def _stands_for_word(word: Word, rival: Word, alike: Alike) -> bool:
    if word.stem[:_ROOT] == rival.stem[:_ROOT] or are_related(word.stem, rival.stem):
        return True
    close = alike(word.span, rival.span)
    return close is None or close >= ALIKE


FEW = 6
"""Words that are compared in one place; more of them say a thing in a way of their own."""

_LESS = frozenset(("less", "least"))
"""What makes of a word about what its opposite says (`less expensive`, `cheaper`)."""

_ROOT = 5
"""Letters that words of one root begin with."""


def _place(difference: Difference) -> tuple[int, int, str]:
    span, source = difference.said, difference.source
    return (span.start if span else -1, source.start if source else -1, difference.kind)
