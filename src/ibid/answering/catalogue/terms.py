"""A word or a phrase that articles may mention, and how it is told in a sentence."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ibid.english import STOP_WORDS, find_words, stems
from ibid.text import collapse

_SIGNS = re.compile(r"[^\w\s'’,;:!?()\"“”„«».-]|(?<!\w)\.(?=\w)|\d[.,]\d")
"""What words alone do not tell: `C++`, `.NET`, `AT&T`, `3.5`."""

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af]")
"""Letters of scripts that put no blanks between words, or endings behind them."""

_OR = re.compile(r",? or ", re.IGNORECASE)
_AND = re.compile(r",? (?:and|as well as) ", re.IGNORECASE)
_BOTH = re.compile(r"^(?:both|either) |^(?:the|an?) (?=\S)|[\s,;:!?]+$", re.IGNORECASE)

ENDING = 3
"""Letters by which the forms of a word differ (`discuss`, `discussing`). Two words that differ by
more are others, though they have one stem: `access` and `accessibility`."""

Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase: its words in order and in any form, or its very signs."""

    text: str
    keys: Keys
    is_literal: bool
    """Whether its signs tell it, and not only its words."""

    @property
    def told(self) -> Keys:
        """Its words that tell anything, as the index has them."""
        return tuple(key for key in self.keys if key not in STOP_WORDS and not key.isupper())

    def stands_in(self, sentence: str) -> bool:
        """Tell whether a sentence has it."""
        if self.is_literal:
            return _literally(self.text).search(collapse(sentence)) is not None
        words, own = _read(sentence), _read(self.text)
        runs = (words[n : n + len(own)] for n in range(len(words) - len(own) + 1))
        return any(all(map(_is_form_of, run, own)) for run in runs)

    def is_scattered_in(self, sentence: str) -> bool:
        """Tell whether a sentence has its several words that tell anything, in any order."""
        is_phrase = len(self.told) > 1 and not self.is_literal
        own_words = [word for word in _read(self.text) if word[0] in self.told]
        words = _read(sentence) if is_phrase else ()
        return is_phrase and all(any(_is_form_of(word, own) for word in words) for own in own_words)


Test = Callable[[Term, str], bool]


def read_term(text: str) -> Term:
    """Return the term that a text is."""
    phrase = collapse(_BOTH.sub("", _BOTH.sub("", text)).strip("\"'“”„«»‘’ "))
    is_short = len(phrase) == 1
    is_literal = is_short or bool(_SIGNS.search(phrase) or _UNSPACED.search(phrase))
    return Term(phrase, read_keys(phrase), is_literal)


def read_terms(topic: str) -> tuple[tuple[Term, ...], ...]:
    """Return the terms of a topic: alternatives, each of terms that all have to be there."""
    alternatives = [[read_term(part) for part in _AND.split(choice)] for choice in _OR.split(topic)]
    groups = tuple(tuple(t for t in terms if t.text) for terms in alternatives)
    return tuple(filter(None, groups))


def read_keys(text: str) -> Keys:
    """Return the words of a text by their stems; a stop word in capitals (`US`) is kept apart."""
    return tuple(key for key, _ in _read(text))


def _read(text: str) -> Sequence[tuple[str, str]]:
    """Return the words of a text, each by its stem and as it stands there."""
    text = text.lower() if text.isupper() and " " in text else text
    words = [(word, word.span.of(text)) for word in find_words(text)]
    return [(_key(word.stem, form, tells=word.tells), form) for word, form in words]


def _is_form_of(word: tuple[str, str], wanted: tuple[str, str]) -> bool:
    """Tell whether a word is another one or a form of it; `GSA` is not the `gsa` of an address."""
    is_near = abs(len(word[1]) - len(wanted[1])) <= ENDING
    is_address = len(wanted[1]) > 1 and wanted[1].isupper() and word[1].islower()
    return word[0] == wanted[0] and is_near and not is_address


def _key(stem: str, word: str, *, tells: bool) -> str:
    if not tells:
        return word if word.isupper() and len(word) > 1 else stem
    is_short_form = stem.endswith("s") and not re.search(r"[aeiouy]", stem)
    return stem[:-1] if is_short_form and len(stem) > 2 else stem  # noqa: PLR2004  (`LLMs`)


def respell(term: Term) -> Iterator[tuple[str, list[str]]]:
    """Yield a term with two words as one (`healthcare`), one as two (`e-mail`), and their stems."""
    words = re.split(r"[ -]", term.text)
    for place, (first, second) in enumerate(pairwise(words)):
        joined = f"{first}{second}"
        yield " ".join((*words[:place], joined, *words[place + 2 :])), stems(joined)
    if len(words) == 1:
        for cut in range(1, len(term.text)):
            parts = [term.text[:cut], term.text[cut:]]
            if len(keys := [key for part in parts for key in stems(part)]) == len(parts):
                yield "-".join(parts), keys


def spellings(keys: Sequence[str]) -> list[str]:
    """Return the stems that the index may have words by: short forms in the plural, too."""
    return [stem for key in keys for stem in (key, f"{key}s")]


def _literally(text: str) -> re.Pattern[str]:
    """Return the pattern of a text's very signs, not inside of a longer word."""
    if _UNSPACED.search(text):
        return re.compile(re.escape(text), re.IGNORECASE)
    ignoring = re.IGNORECASE if len(text) > 1 else re.NOFLAG
    return re.compile(rf"(?<![\w&+#]){re.escape(text)}(?![\w&+#])", ignoring)
