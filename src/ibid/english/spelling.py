"""Which words are English, and which are spelled much like another one.

The list of English words is symspellpy's, as are the distances between spellings.
"""

import re
from collections.abc import Iterable, Iterator, KeysView
from functools import cache, lru_cache
from importlib.metadata import distribution
from pathlib import Path

from ibid.english.verbs import verb_share
from ibid.english.words import STOP_WORDS

_WORDS = "symspellpy/frequency_dictionary_en_82_765.txt"
_ENDINGS = tuple(
    "s es ed d er r ers or ors ing ings ly ness ist ists ism able ible al ize izes ized izing"
    " izer ization ise ises ised ising isation less ful ish wise like".split()
)
_BEGINNINGS = tuple(
    "anti auto bio co counter cyber de dis extra hyper inter intra macro mega meta micro mid mini"
    " mis mono multi nano neuro non out over photo poly post pre pro proto pseudo psycho re semi"
    " sub super tele trans ultra un under".split()
)
_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # as England has it, and as America does; what stands before keeps `mourning` as it is
        (r"(?<=\w{3})our(?=(?:s|ed|ing|ings|er|ers|able|ably|ful|less|ite|ites|al|ally"
         r"|ist|ists|hood|hoods|ism|y)?$)", "or"),
        (r"(?<=\w{3})or(?=(?:s|ed|ing|ings|er|ers|able|ably|ful|less|ite|ites|al|ally"
         r"|ist|ists|hood|hoods|ism|y)?$)", "our"),
        (r"(?<=\w{3})is(?=(?:e|es|ed|er|ers|ing|able|ation|ations|ational)$)", "iz"),
        (r"(?<=\w{3})iz(?=(?:e|es|ed|er|ers|ing|able|ation|ations|ational)$)", "is"),
        (r"(?<=\wl)ys(?=(?:e|es|ed|er|ers|ing)$)", "yz"),
        (r"(?<=\wl)yz(?=(?:e|es|ed|er|ers|ing)$)", "ys"),
        (r"(?<=\w[bt])re(?=s?$)", "er"),
        (r"(?<=\w[bt])red$", "ered"),
        (r"(?<=\w[bt])er(?=s?$)", "re"),
        (r"(?<=\w[bt])ered$", "red"),
        (r"(?<=[aeiou][^aeiou][aeiou])ll(?=(?:ed|ing|ings|er|ers|or|ors|ous)$)", "l"),
        (r"(?<=[aeiou][^aeiou]{2}[aeiou])ll(?=(?:ed|ing|ings|er|ers|or|ors|ous)$)", "l"),
        (r"(?<=[aeiou][^aeiou][aeiou])l(?=(?:ed|ing|ings|er|ers|or|ors|ous)$)", "ll"),
        (r"(?<=[aeiou][^aeiou]{2}[aeiou])l(?=(?:ed|ing|ings|er|ers|or|ors|ous)$)", "ll"),
        (r"(?<=\wl)ogue(?=s?$)", "og"),
        (r"(?<=\wl)og(?=s?$)", "ogue"),
    )
)  # fmt: skip
_PARTS = tuple(
    pair.split("/")
    for pair in "haem/hem aemi/emi paed/ped anaes/anes oestr/estr foet/fet gynaec/gynec"
    " archae/arche oesoph/esoph rrhoea/rrhea oedem/edem coeli/celi palaeo/paleo aesth/esth"
    " defence/defense offence/offense licence/license pretence/pretense practice/practise"
    " grey/gray programme/program judgement/judgment ageing/aging sceptic/skeptic"
    " artefact/artifact aluminium/aluminum fulfil/fulfill skilful/skillful enrol/enroll"
    " plough/plow mould/mold jewellery/jewelry manoeuvr/maneuver moustache/mustache"
    " odour/odor instalment/installment yoghurt/yogurt chilli/chili omelette/omelet doughnut/donut"
    " cosy/cozy pyjama/pajama draught/draft".split()
)
"""What England and America spell otherwise wherever it stands in a word."""

_EVERYDAY, _EVERYDAY_VERBS, _NOTHING_BUT_VERB = 500, 8_000, 9
"""Of the words by their frequency, how many say nothing of a subject; among how many a verb says
nothing of one (`kept`, `reaches`), and in how many tenths of its uses it is one (no `harvest`)."""

_SHORTEST_PART = 4
"""Letters of a word that a longer one may be made of."""


@lru_cache(maxsize=1 << 12)
def is_english(word: str) -> bool:
    """Tell whether a word, in small letters, is an English one in England's spelling or America's.

    >>> is_english("tumour"), is_english("embedder"), is_english("chalenges")
    (True, False, False)
    """
    return not english_words().isdisjoint(spellings(word))


@lru_cache(maxsize=1 << 12)
def may_be_english(word: str) -> bool:
    """Tell whether a word, in small letters, can be made of English ones.

    >>> may_be_english("embedder"), may_be_english("chalenges")
    (True, False)
    """
    parts = (word, *_without_affixes(word))
    return any(map(is_english, parts)) or _is_compound(word)


def english_words() -> KeysView[str]:
    """Return the English words, in small letters."""
    return _ranks().keys()


def is_everyday(word: str) -> bool:
    """Tell whether a word, in small letters, is one of the commonest of English, or of its verbs.

    >>> is_everyday("really"), is_everyday("kept"), is_everyday("cousin"), is_everyday("invent")
    (True, True, False, False)
    """
    rank = _ranks().get(word, _EVERYDAY_VERBS)
    return rank < (_EVERYDAY_VERBS if verb_share(word) >= _NOTHING_BUT_VERB else _EVERYDAY)


@cache
def _ranks() -> dict[str, int]:
    """Return the place of each English word by its frequency: a constant, read when first needed.

    The library itself is not loaded for its list: that takes longer than the list does.
    """
    path = distribution("symspellpy").locate_file(_WORDS)
    words_and_counts = Path(str(path)).read_text("utf-8-sig").split()
    return {word: rank for rank, word in enumerate(words_and_counts[::2])}


def spelled_alike(word: str, candidates: Iterable[str], most: int) -> Iterator[tuple[int, str]]:
    """Yield which of some words are at most so many edits away, each with their number.

    An edit puts in, leaves out or replaces a letter, or swaps two neighbours.
    """
    from symspellpy.editdistance import DistanceAlgorithm, EditDistance

    compare = EditDistance(DistanceAlgorithm.DAMERAU_OSA).compare
    for candidate in candidates:
        if abs(len(candidate) - len(word)) <= most:
            edits = compare(word, candidate, most)
            if edits >= 0:
                yield edits, candidate


def spellings(word: str) -> set[str]:
    """Return a word in the spellings that England and America have for it, or would have.

    >>> sorted(spellings("colours")), sorted(spellings("mourning"))
    (['colors', 'colours'], ['mourning'])
    """
    pairs = (
        pair for british, american in _PARTS for pair in ((british, american), (american, british))
    )
    parts = {word.replace(here, there) for here, there in pairs if here in word}
    return {word, *parts, *(rule.sub(replacement, word) for rule, replacement in _RULES)}


def _without_affixes(word: str) -> Iterator[str]:
    for ending in _ENDINGS:
        root = word.removesuffix(ending)
        if len(root) >= _SHORTEST_PART and root != word:
            yield root
            if ending[0] in "aeio":
                yield f"{root}e"
            if root[-1] == root[-2]:
                yield root[:-1]
    for beginning in _BEGINNINGS:
        root = word.removeprefix(beginning)
        if len(root) >= _SHORTEST_PART and root != word:
            yield root


def _is_compound(word: str) -> bool:
    english = english_words()
    places = range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)
    parts = ((word[:place], word[place:]) for place in places)
    return any(english >= {*halves} and STOP_WORDS.isdisjoint(halves) for halves in parts)
