"""Other ways in which the articles write the words of a question.

As England or America spells them (`colour`), as one word or as two (`startups`, `start-ups`). What
an article explains in brackets stands in the word index already (`ibid.index.indexed_stems`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from ibid.english import Word, find_words, spellings, stems
from ibid.index import Index
from ibid.ports import Variant
from ibid.text import collapse

SHORTEST_PART = 2
"""Letters that a part of a compound has at least."""

SELDOM = 5
"""Passages up to which a word is looked for as two words, too."""

READ = 5
"""Passages with both parts of a compound that are looked through for them side by side."""

_JOINT = re.compile(r"[ \u00a0]|[-‐‑–]")

Variants = Mapping[str, tuple[Variant, ...]]
"""Per stem of a question what else counts as it: one stem, or several that stand together."""


def find_variants(text: str, index: Index) -> Variants:
    """Return how else the articles write the words of a text: only what they have."""
    by_stem: dict[str, list[Variant]] = {}
    words = find_words(text)
    for word in words:
        if word.tells:
            spelling = word.span.of(text).lower()
            by_stem.setdefault(word.stem, []).extend(_spelled_otherwise(word.stem, spelling, index))
    for first, second in pairwise(words):
        if first.tells and _JOINT.fullmatch(text, first.span.end, second.span.start):
            joined = stems(f"{first.span.of(text)}{second.span.of(text)}".lower())
            for word in (first, second) if _are_known(joined, index) else ():
                by_stem.setdefault(word.stem, []).append(tuple(joined))
    for word in words:
        if word.tells and not by_stem[word.stem]:
            by_stem[word.stem] += _parted(word, text, index)
    return {stem: tuple(dict.fromkeys(variants)) for stem, variants in by_stem.items() if variants}


def _spelled_otherwise(stem: str, word: str, index: Index) -> Iterator[Variant]:
    for spelling in sorted(spellings(word)):
        variant = tuple(stems(spelling))
        if variant != (stem,) and _are_known(variant, index):
            yield variant


def _parted(word: Word, text: str, index: Index) -> Iterator[Variant]:
    """Yield the two words that a rare one is made of, where articles have them side by side."""
    if index.words.document_frequencies([word.stem])[0] > SELDOM:
        return
    spelling = word.span.of(text).lower()
    for cut in range(SHORTEST_PART, len(spelling) - SHORTEST_PART + 1):
        parts = [spelling[:cut], spelling[cut:]]
        variant = tuple(stem for part in parts for stem in stems(part))
        is_known = len(variant) == len(parts) and _are_known(variant, index)
        if is_known and _stand_together(parts, variant, index):
            yield variant


def _stand_together(parts: Sequence[str], variant: Variant, index: Index) -> bool:
    wanted = re.compile(rf"\b{re.escape(parts[0])}[ -]{re.escape(parts[1])}", re.IGNORECASE)
    rows = [row for row, _ in index.words.search([(variant,)], READ)]
    passages = (row.passage for row in index.corpus.rows(rows))
    texts = (collapse(" ".join((*passage.headings, passage.text))) for passage in passages)
    return any(map(wanted.search, texts))


def _are_known(variant: Sequence[str], index: Index) -> bool:
    return bool(variant) and all(index.words.document_frequencies(variant))
