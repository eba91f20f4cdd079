"""The words of sentences, and which of them are forms of one word."""

import re
from dataclasses import dataclass

from ibid.english import Term, find_terms

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_GREEK = re.compile(r"(?:s[it]|z)$")
"""What `diagnosis`, `diagnostic` and `analyze` have where `diagnose` has an `s`."""

_ENDINGS = frozenset(
    " aci abl al anc ant at ation ator atori enc ent er ibl ic ion ist iv or t".split(" ")
)
_SHORTEST_ROOT = 5


@dataclass(frozen=True, slots=True)
class Spoken:
    """The words of a sentence, and those of the label that it stands under (`Data Bias: …`)."""

    text: str
    terms: tuple[Term, ...]
    label: str
    label_terms: tuple[Term, ...]

    def holds(self, stem: str) -> bool:
        """Tell whether it or its label has a word of this stem or of one root with it."""
        return any(are_forms(stem, term.stem) for term in (*self.terms, *self.label_terms))


def are_forms(one: str, other: str) -> bool:
    """Tell whether two stems are forms of one word (`regul`, `regulatori`; `analysi`, `analyz`)."""
    if one == other:
        return True
    root, longer = sorted((_GREEK.sub("s", one), _GREEK.sub("s", other)), key=len)
    return (
        len(root) >= _SHORTEST_ROOT
        and longer.startswith(root)
        and longer.removeprefix(root) in _ENDINGS
    )


def read_words(text: str, label: str) -> Spoken:
    """Return the words of a sentence and of its label; an address has none."""
    plain = _ADDRESS.sub(lambda address: " " * len(address[0]), text)
    return Spoken(text, tuple(find_terms(plain)), label, tuple(find_terms(label)))
