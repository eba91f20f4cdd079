"""Which words are verbs, by how often WordNet counted them as such (LICENSE.wordnet)."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

MOSTLY = 6
"""Tenths of a word's uses from which it is taken for a verb wherever it stands."""

MODAL_VERBS = frozenset("do does did can could will would shall should may might must".split())
AUXILIARIES = frozenset("is are was were be been has have had".split())
HELPING_VERBS = MODAL_VERBS | AUXILIARIES

_ENDINGS = (("", ""), ("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("ed", "e"), ("ied", "y"))


def verb_share(word: str) -> int:
    """Return in how many tenths of its uses a word is a verb, in any of its forms but `-ing`.

    >>> verb_share("replace"), verb_share("cost"), verb_share("doctors")
    (10, 3, 0)
    """
    lower = word.lower()
    shares = _verbs()
    bases = (
        lower.removesuffix(ending) + letter for ending, letter in _ENDINGS if lower.endswith(ending)
    )
    doubled = re.sub(r"([^aeiou])\1ed$", r"\1", lower)
    return max((shares.get(base, 0) for base in (*bases, doubled)), default=0)


@cache
def _verbs() -> Mapping[str, int]:
    """Return the verbs and their irregular forms: a constant, read when it is first needed."""
    lines = (Path(__file__).parent / "wordnet" / "verbs.txt").read_text("ascii").splitlines()
    shares: dict[str, int] = {}
    for line in lines:
        word, share, *forms = line.split()
        shares |= {form: max(MOSTLY, int(share)) for form in forms if not form.endswith("ing")}
        shares[word] = int(share)
    return shares
