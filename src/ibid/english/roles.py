"""Who does what to whom: whether a sentence with the words of another one turns it round.

What a word governs stands behind it in its clause, what it belongs to before it. Where the same
word has something else beside it in each of two sentences, and either thing stands elsewhere in
the other one, they took each other's place.

>>> turned = find_turned("Doctors help machines.", "Machines help doctors.")
>>> [difference.kind.value for difference in turned]
['role', 'role']
>>> find_turned("Doctors are helped by machines.", "Machines help doctors.")
[]
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from ibid.english.aligning import Gap, align
from ibid.english.commitments import MarkKind
from ibid.english.differences import Difference
from ibid.english.words import Word, find_words
from ibid.types import Span

_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being|get|gets|got)(?: (?:not|\w+ly))? \w+(?:ed|en)\b",
    re.IGNORECASE,
)

LONGEST = 200
"""Words of a sentence that is looked at; longer ones are lists or no sentences."""

SHARED = 0.9
"""Share of the words of a sentence that tell anything from which it is another one's."""

LEFT_OVER = 1 / 3
"""Share of the words of two clauses that may be the same where one took the place of the other."""

_JOINS = frozenset(
    "becaus sinc if when while although though unless befor after until so wherea but".split()
)
_NO_PIVOT = frozenset(
    "and or but nor is are was were be been being am the a an of's not also it they".split()
)
_STOP = re.compile(r"[,;:()\[\]—–]")


@dataclass(frozen=True, slots=True)
class _Read:
    """A sentence, its words, and where those stand that it has once."""

    text: str
    words: Sequence[Word]
    once: dict[str, int]


def find_turned(claim: str, source: str) -> list[Difference]:
    """Return what stands in the place of what it should be beside, in `claim` and in `source`.

    Nothing where less than SHARED of the words of `claim` stand in `source`.
    """
    new, old = _read(claim), _read(source)
    if max(len(new.words), len(old.words)) > LONGEST:
        return []
    telling = {word.stem for word in new.words if word.tells}
    common = telling & {word.stem for word in old.words if word.tells}
    if not telling or len(common) < SHARED * len(telling) or _voice(new) != _voice(old):
        return []
    pivots = (new.once.keys() & old.once.keys()) - _NO_PIVOT
    differences = [
        difference for stem in pivots for difference in _turned_at(stem, new, old, common)
    ]
    differences += _exchanged(new, old)
    return sorted(set(differences), key=lambda difference: (difference.said or Span(0, 0)).start)


def _voice(sentence: _Read) -> tuple[int, int]:
    """Return how often something is done, and done by somebody: the passive turns all round."""
    return len(_PASSIVE.findall(sentence.text)), sum(word.stem == "by" for word in sentence.words)


def _read(text: str) -> _Read:
    words = find_words(text)
    stems = ["becaus" if word.stem == "sinc" else word.stem for word in words]
    counts = Counter(stems)
    once = {stem: number for number, stem in enumerate(stems) if counts[stem] == 1}
    return _Read(text, words, once)


def _turned_at(stem: str, new: _Read, old: _Read, common: set[str]) -> Iterator[Difference]:
    here, there = _around(new, stem, common), _around(old, stem, common)
    for before, behind in ((0, 1), (1, 0)):
        if not here[behind] or not there[behind]:
            continue
        word, rival = here[behind][0], there[behind][0]
        if stem in _JOINS:
            apart = _overlap(here[1], there[1]) <= LEFT_OVER
        else:
            apart = _has(there[before], word) and _has(here[before], rival)
        if apart and word.stem != rival.stem and _keep_forms(new, old, word, rival):
            yield Difference(MarkKind.ROLE, word.span, rival.span)


def _overlap(one: Sequence[Word], other: Sequence[Word]) -> float:
    """Return the share of the fewer words that are also among the others."""
    stems = {word.stem for word in one}, {word.stem for word in other}
    return len(stems[0] & stems[1]) / min(map(len, stems))


def _exchanged(new: _Read, old: _Read) -> Iterator[Difference]:
    """Yield what stands exactly where something else stood, which stands in its place."""
    gaps = [
        (Span(*_ends(new, gap.said)), Span(*_ends(old, gap.source)), *_stems(new, old, gap))
        for gap in align(new.text, old.text).gaps()
        if len(gap.said) and len(gap.source)
    ]
    for (here, there, gain, loss), (here2, there2, gain2, loss2) in combinations(gaps, 2):
        exchanged = gain and loss and gain <= loss2 and loss <= gain2
        if exchanged and not _is_list(new.text[here.start : here2.end]):
            yield Difference(MarkKind.ROLE, here, there)
            yield Difference(MarkKind.ROLE, here2, there2)


def _ends(sentence: _Read, place: Span) -> tuple[int, int]:
    return sentence.words[place.start].span.start, sentence.words[place.end - 1].span.end


def _stems(new: _Read, old: _Read, gap: Gap) -> tuple[set[str], set[str]]:
    words, source = new.words[gap.said.start : gap.said.end], old.words
    rivals = source[gap.source.start : gap.source.end]
    return {w.stem for w in words if w.tells}, {w.stem for w in rivals if w.tells}


_PART = r"(?!(?:and|or|while|because|when|but|if|whereas)\b)[\w'’.-]+"
_ITEM = rf"{_PART}(?: {_PART}){{0,3}}"
_LIST = re.compile(rf"{_ITEM}(?:(?:, (?:and |or )?| and | or |/| & ){_ITEM})+")


def _is_list(text: str) -> bool:
    return bool(_LIST.fullmatch(text))


def _keep_forms(new: _Read, old: _Read, word: Word, rival: Word) -> bool:
    """Tell whether both words stand in the other sentence as they are: no `safely` for `safe`."""
    here, there = word.span.of(new.text).lower(), rival.span.of(old.text).lower()
    return here in old.text.lower() and there in new.text.lower()


def _has(words: Sequence[Word], word: Word) -> bool:
    return any(candidate.stem == word.stem for candidate in words)


def _around(sentence: _Read, stem: str, common: set[str]) -> tuple[list[Word], list[Word]]:
    """Return the words that tell something before and behind a word in its clause, nearest first.

    No side where the nearest is not a common one.
    """
    number = sentence.once[stem]
    behind = _clause(sentence, number, 1)
    before = [] if stem in _JOINS else _clause(sentence, number, -1)
    near = [side if side and side[0].stem in common else [] for side in (before, behind)]
    return near[0], near[1]


def _clause(sentence: _Read, number: int, step: int) -> list[Word]:
    """Return the words that tell something from a word to the end or the start of its clause."""
    clause: list[Word] = []
    last, place = sentence.words[number], number + step
    while 0 <= place < len(sentence.words):
        word = sentence.words[place]
        first, second = (last, word) if step > 0 else (word, last)
        if _STOP.search(sentence.text, first.span.end, second.span.start) or word.stem in _JOINS:
            break
        clause += [word] * word.tells
        last, place = word, place + step
    return clause
