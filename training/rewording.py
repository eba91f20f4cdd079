"""True sentences said otherwise: what an honest answer makes of an article's sentence."""

import random
import re
from collections.abc import Callable

from pairs import Label, Pair, Place, bare, happens, lower_first, pick, shown, spots, upper_first
from phrases import ASSERTING, CONDITIONS, NUMBERS, SAME, VERBS
from turning import LONGEST_JOINED, attribute, clauses, sides
from wordnet import RELATED

from ibid.english.words import STOP_WORDS

Way = Callable[[Place, str, random.Random], str | None]
"""Says a sentence otherwise, None where it cannot."""


def synonym(_place: Place, text: str, rng: random.Random) -> str | None:
    """Put a word in the place of one that WordNet relates it to."""
    found = [m for m in re.finditer(r"\b[a-z]{4,}\b", text) if m[0] in RELATED]
    found = [match for match in found if match[0] not in STOP_WORDS]
    if not found:
        return None
    match = rng.choice(found)
    return text[: match.start()] + pick(RELATED[match[0]], rng) + text[match.end() :]


def phrase(_place: Place, text: str, rng: random.Random) -> str | None:
    """Put a phrase in the place of one that means the same."""
    found = list(spots(SAME, text))
    if not found:
        return None
    start, end, other = rng.choice(found)
    return text[:start] + other + text[end:]


_FIGURE = re.compile(r"(?<![\w.,$€£-])(?:\d+|[a-z]+)(?![\w.,%-]| per ?cent)")


def digits(_place: Place, text: str, rng: random.Random) -> str | None:
    """Write a number in words, or a word as a number."""
    small = {str(number) for number in range(2, len(NUMBERS))}
    found = [m for m in _FIGURE.finditer(text) if m[0] in NUMBERS[2:] or m[0] in small]
    if not found:
        return None
    match = rng.choice(found)
    other = NUMBERS[int(match[0])] if match[0].isdigit() else str(NUMBERS.index(match[0]))
    return text[: match.start()] + other + text[match.end() :]


def percent(_place: Place, text: str, _rng: random.Random) -> str | None:
    """Write "%" in words, or the words as a sign."""
    if re.search(r"\d ?%", text):
        return re.sub(r"(\d) ?%", r"\1 percent", text)
    return re.sub(r"(\d) per ?cent\b", r"\1%", text) if re.search(r"\d per ?cent\b", text) else None


_ASIDE = re.compile(
    r" *\([^()]*\)|, (?:which|who|including|such as|for example|for instance)\b[^,.;]*(?:,|(?=\.))"
    r"|\b(?:However|Moreover|Furthermore|In addition|Also|Indeed|Therefore|For example|Finally"
    r"|Today|Thus), "
)


def aside(_place: Place, text: str, rng: random.Random) -> str | None:
    """Leave out what does not restrict the rest."""
    found = list(_ASIDE.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    return upper_first(text[: match.start()] + text[match.end() :])


_PRONOUN = re.compile(
    r"^(?:It|They|He|She|This|These)"
    r"(?= (?:is|are|was|were|can|will|has|have|may|must|should|also)\b)"
)
_SUBJECT = re.compile(
    r"^(?P<who>(?:[\w'’-]+ ){1,5}?)(?=(?:is|are|was|were|can|will|has|have|may|must|should) )"
)
_UNCLEAR = re.compile(r"(?:There|This|That|These|Those|It|They|He|She)\b")
_EMPTY = re.compile(r"It (?:is|was) \w+ (?:to|that|for)\b")


def pronoun(place: Place, text: str, _rng: random.Random) -> str | None:
    """Say whom a pronoun means: the subject of the sentence before."""
    before = place.sentences[place.number - 1] if place.number else ""
    match, who = _PRONOUN.match(text), _SUBJECT.match(before)
    if not match or not who or _UNCLEAR.match(before) or _EMPTY.match(text):
        return None
    return who["who"].strip() + text[match.end() :]


def attributed(place: Place, text: str, rng: random.Random) -> str | None:
    """Attribute the sentence to its author, or to its article."""
    article = f"the article “{place.title}”" if place.title else ""
    who = [name for name in (place.author, place.author, article) if name]
    return attribute(text, pick(who, rng), rng)[0] if who else None


_FRONT = re.compile(r"^((?:In|At|On|During|By|For|Since|After) [^,;]{3,40}), ([^,;]{15,})\.$")


def reordered(_place: Place, text: str, rng: random.Random) -> str | None:
    """Put a clause, or what stands before the first comma, at the other end."""
    found = clauses(text)
    if found and found[1] != "so that":
        main, by, other = found
        if text.startswith(upper_first(by)):
            return f"{upper_first(main)} {by} {other}."
        return f"{upper_first(by)} {other}, {lower_first(main)}." if happens(0.8, rng) else None
    match = _FRONT.match(text)
    return f"{upper_first(match[2])} {match[1][0].lower()}{match[1][1:]}." if match else None


_ACTIVE = re.compile(
    r"\s(?:(?P<can>can|may|will|must|should|could|might) (?P<bare>[a-z]+)|(?P<verb>[a-z]+)s) (?=\S)"
)
_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|has|have|had|not|can|may|will|must|do|does|did|be|that)\b"
)


def turned(_place: Place, text: str, _rng: random.Random) -> str | None:
    """Say in the passive what is said in the active, of a few verbs."""
    for verb in _ACTIVE.finditer(text):
        base = verb["bare"] or verb["verb"]
        whole = sides(text, verb) if base in VERBS else None
        if not whole or whole.start:
            continue
        one, two = text[: verb.start()], text[verb.end() : whole.end].strip()
        if _AUXILIARY.search(one) or _AUXILIARY.search(two):
            continue
        many = re.search(r"[^s]s$", two.split(" of ")[0]) or " and " in two
        be = f"{verb['can']} be" if verb["can"] else "are" if many else "is"
        return f"{upper_first(two)} {be} {VERBS[base]} by {lower_first(one)}{text[whole.end :]}"
    return None


_LIST = re.compile(r"\b([a-z]{3,}) (and|or) ([a-z]{3,})\b(?! of)")


def listed(_place: Place, text: str, rng: random.Random) -> str | None:
    """Swap the two parts of "one and the other"."""
    found = [m for m in _LIST.finditer(text) if m[1][-2:] == m[3][-2:]]
    if not found:
        return None
    match = rng.choice(found)
    return f"{text[: match.start()]}{match[3]} {match[2]} {match[1]}{text[match.end() :]}"


_HALVES = re.compile(
    r"^(?!If |When |Unless |Because |Although |It is |Some |Whether )([^;]{20,}?)(?:; |, and )"
    r"((?:[\w'’-]+ ){1,5}(?:is|are|was|were|can|will|has|have) [^;]{10,})$"
)


def half(_place: Place, text: str, rng: random.Random) -> str | None:
    """Say one half of two that are joined by "and" or a semicolon."""
    match = _HALVES.match(text)
    if not match or not _AUXILIARY.search(match[1]):
        return None
    return f"{match[1].rstrip(',')}." if happens(0.5, rng) else upper_first(match[2])


def joined(place: Place, text: str, rng: random.Random) -> str | None:
    """Join a sentence with the next one by a plain "and"."""
    near = place.sentences[place.number + 1 : place.number + 2]
    if not near or len(near[0]) + len(text) > LONGEST_JOINED:
        return None
    by = pick((", and ", "; ", ", while ", ". In addition, "), rng)
    return f"{bare(text)}{by}{lower_first(near[0])}."


WAYS: dict[str, tuple[Way, float]] = {
    "synonym": (synonym, 2),
    "phrase": (phrase, 3),
    "digits": (digits, 2),
    "percent": (percent, 2),
    "aside": (aside, 2),
    "pronoun": (pronoun, 3),
    "attributed": (attributed, 1),
    "reordered": (reordered, 2),
    "turned": (turned, 2),
    "listed": (listed, 2),
    "half": (half, 1),
    "joined": (joined, 1),
}
"""What leaves a sentence true, and how often it is drawn."""

_TRIES = 6


def reword(place: Place, rng: random.Random, times: int) -> tuple[str, str]:
    """Return the sentence said otherwise, and the name of the last way that applied."""
    text, kind = place.sentence, "same"
    names, weights = list(WAYS), [weight for _, weight in WAYS.values()]
    for _ in range(times):
        for name in rng.choices(names, weights, k=_TRIES):
            said = WAYS[name][0](place, text, rng)
            if said and said != text:
                text, kind = said, name
                break
    return text, kind


ASSERTED, RESTRICTED = 0.18, 0.08
"""Shares of true claims that are cut out of what asserts them, and that keep their condition: about
as many as are cut out of what does not assert them, and lose it."""


def honest(place: Place, rng: random.Random) -> Pair:
    """Return a true claim: in other words, or cut out of what asserts it."""
    chance = rng.random()
    if chance < ASSERTED:
        form = pick(ASSERTING, rng)
        governed = place.beside(upper_first(form.format(s=lower_first(place.sentence))))
        return shown(place.sentence, governed, "asserted", (), Label.SUPPORTED)
    if chance < ASSERTED + RESTRICTED:
        return _restricted(place, rng)
    claim, kind = reword(place, rng, rng.choice((0, 1, 1, 2, 2, 3, 4)))
    return shown(claim, place, kind, (), Label.SUPPORTED)


def _restricted(place: Place, rng: random.Random) -> Pair:
    text = pick(CONDITIONS, rng)
    there = place.beside(f"{bare(place.sentence)} {text}.")
    front = f"{upper_first(text)}, {lower_first(place.sentence)}."
    claim = front if happens(0.6, rng) else there.sentence
    return shown(claim, there, "condition kept", (), Label.SUPPORTED)
