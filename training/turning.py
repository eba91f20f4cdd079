"""True sentences made false by their clauses: turned, cut, joined, or put in another mouth."""

import random
import re

from altering import WORDS, Altering, Rule, replaced, span_of
from pairs import Label, Pair, Place, bare, happens, lower_first, pick, shown, upper_first
from phrases import ADDED, ATTRIBUTED, CONDITIONS, DENYING, JOINTS, VERBS

from ibid.types import Span

_FORMS = sorted({form for verb, past in VERBS.items() for form in (verb, f"{verb}s", past)})
_VERB = re.compile(
    rf"\s(?:{'|'.join(_FORMS)}|leads? to|led to|results? in|depends? on|comes? from|came from"
    r"|is larger than|is part of|collaborates? with|competes? with|reports? to|belongs? to"
    r"|differs? from|contributes? to|won against|lost to|is based on|(?:is|are) caused by"
    r"|is followed by|stems? from)\s"
)
_EDGE = re.compile(
    r",|;|\(|—| – | which | that | who | because | when | if | while | although | but | so "
)
_NO_PART = re.compile(
    r"(?:it|they|we|you|i|he|she|to|this|not|and|or|please|then|also|if|when|after|by|from|in|on"
    r"|with|only|for|as|at|own|remaine?d?|still|that|these|those|there|be|been|being|how|what"
    r"|more|although|because|while|including|them|called)\b",
    re.IGNORECASE,
)
_HELPING = re.compile(
    r"(?:\s(?:can|could|may|might|will|would|should|must|to|also|has|have|had|is|are|was|were"
    r"|often|usually|help|helps))+$"
)
_LONGEST_PART, _LONGEST_REST = 7, 9
"""Words of what stands before a verb, and behind it."""

LONGEST_JOINED = 300
"""Characters of two sentences that are joined to one."""


def sides(sentence: str, verb: re.Match[str]) -> Span | None:
    """Return where what stands before a verb begins, and where what stands behind it ends."""
    start = max((m.end() for m in _EDGE.finditer(sentence, 0, verb.start())), default=0)
    start += len(sentence[start:]) - len(sentence[start:].lstrip())
    behind = _EDGE.search(sentence, verb.end())
    end = behind.start() if behind else len(bare(sentence))
    one, two = sentence[start : verb.start()], sentence[verb.end() : end]
    if not 1 <= len(one.split()) <= _LONGEST_PART or not 1 <= len(two.split()) <= _LONGEST_REST:
        return None
    return None if _NO_PART.match(one) or _NO_PART.match(two) else Span(start, end)


def roles(self: Altering, place: Place) -> Pair | None:
    """Swap who does something and to whom, what leads and to what."""
    text = place.sentence
    found = [(m, s) for m in _VERB.finditer(text) if (s := sides(text, m))]
    if not found:
        return None
    verb, whole = self.rng.choice(found)
    one, two = text[whole.start : verb.start()], text[verb.end() : whole.end].strip()
    helping = _HELPING.search(one)
    kept = helping[0] if helping else ""
    one = one[: len(one) - len(kept)]
    if not one.strip():
        return None
    first, second = (two, one) if whole.start else (upper_first(two), lower_first(one))
    before = text[: whole.start] + first
    claim = before + kept + verb[0] + second + text[whole.end :]
    at = len(before + kept + verb[0])
    wrong = (Span(whole.start, len(before)), Span(at, at + len(second)))
    return shown(claim, place, "roles", wrong)


_CLAUSES = re.compile(
    r"^(?P<a>[^,;]{12,120}?),? (?P<by>because|since|so that|after|before|if|when|unless)"
    r" (?P<b>[^,;]{12,120})[.]$"
)
_TURNED = re.compile(
    r"^(?P<by>Because|Since|After|Before|If|When|Unless) (?P<b>[^,;]{10,100}),"
    r" (?P<a>[^;]{12,140})[.]$"
)


def clauses(sentence: str) -> tuple[str, str, str] | None:
    """Return a main clause, what joins it to another one, and that: where there are but two."""
    match = _CLAUSES.match(sentence) or _TURNED.match(sentence)
    return (match["a"], match["by"].lower(), match["b"]) if match else None


def cause(self: Altering, place: Place) -> Pair | None:
    """Swap what follows and what it follows from, before and after, condition and consequence."""
    found = clauses(place.sentence)
    if not found:
        return None
    main, by, other = found
    claim = f"{upper_first(other)} {by} {lower_first(main)}."
    if by in ("because", "since", "if", "after") and happens(0.5, self.rng):
        claim = f"{upper_first(by)} {lower_first(main)}, {other}."
    return shown(claim, place, "cause and effect", None)


def scope(self: Altering, place: Place) -> Pair | None:
    """Cut away what governs the clause in the article, or what follows it."""
    form = pick(DENYING, self.rng)
    governed = place.beside(upper_first(form.format(s=lower_first(place.sentence))))
    return shown(place.sentence, governed, "scope cut away", None)


_REPORTED = re.compile(
    r"^(?P<who>[^,;:]{3,60}?) (?:said|says|believes?|believed|claims?|claimed|argues?|argued|hopes?"
    r"|hoped|thinks?|thought|fears?|suggests?|suggested|assumes?|proposed|speculate[sd]?|predicts?"
    r"|expects?|allege[sd]?) that (?P<what>[^;:?]{25,})\.$"
)


def report(_self: Altering, place: Place) -> Pair | None:
    """Cut away who says, hopes or believes it, where the article itself says so."""
    match = _REPORTED.match(place.sentence)
    if not match or " not" in match["who"]:
        return None
    return shown(f"{match['what']}.", place, "report cut away", None)


_RESTRICTING = re.compile(
    r"\b(?:only|mainly|mostly|especially|rare|some|certain|selected|severe|untreated|large|small"
    r"|young|older|chronic|domestic|public|private) "
)


def condition(self: Altering, place: Place) -> Pair | None:
    """Drop what restricts where the sentence holds."""
    found = clauses(place.sentence)
    if found and found[1] in ("if", "when", "unless", "so that") and happens(0.5, self.rng):
        return shown(f"{found[0]}.", place, "condition dropped", None)
    word = _RESTRICTING.search(place.sentence)
    if word and happens(0.4, self.rng):
        return replaced(place, span_of(word), "", "condition dropped")
    text = pick(CONDITIONS, self.rng)
    restricted = f"{bare(place.sentence)} {text}."
    if happens(0.4, self.rng):
        restricted = f"{upper_first(text)}, {lower_first(place.sentence)}."
    return shown(place.sentence, place.beside(restricted), "condition dropped", None)


def condition_swapped(self: Altering, place: Place) -> Pair | None:
    """Say it of another condition, time or place than the article."""
    one, other = self.rng.sample(CONDITIONS, 2)
    body = bare(place.sentence)
    wrong = (Span(len(body) + 1, len(body) + 1 + len(other)),)
    return shown(f"{body} {other}.", place.beside(f"{body} {one}."), "condition swapped", wrong)


def attribute(sentence: str, who: str, rng: random.Random) -> tuple[str, Span]:
    """Return the sentence as somebody's, and where that name stands."""
    claim = pick(ATTRIBUTED, rng).format(w=who, s=lower_first(sentence))
    at = claim.index(who)
    return claim, Span(at, at + len(who))


def attribution(self: Altering, place: Place) -> Pair | None:
    """Attribute the sentence to somebody else than its author."""
    near = self.rng.sample(self.pool, min(len(self.pool), 30))
    shown_here = " ".join(place.sentences) + place.about
    others = [p.author for p in near if p.author] + [*self.names[:200]]
    others = [name for name in others if name not in shown_here]
    if not others:
        return None
    claim, span = attribute(place.sentence, pick(others, self.rng), self.rng)
    return shown(claim, place, "attribution", (span,))


def addition(self: Altering, place: Place) -> Pair | None:
    """Append what no article says."""
    return _extended(place, bare(place.sentence), f"{pick(ADDED, self.rng)}.", "addition")


def _extended(place: Place, body: str, text: str, kind: str) -> Pair:
    """Return a claim that ends with what the article does not have there."""
    lead = len(text) - len(text.lstrip(" ,"))
    wrong = (Span(len(body) + lead, len(body) + len(bare(text))),)
    return shown(body + text, place, kind, wrong)


_TAIL = re.compile(
    r"(?:, (?:which|where|making|allowing|leading|because|so|but|although|while)\b"
    r"| and | because | by | for )[^,;]{10,80}\.$"
)


def tail(self: Altering, place: Place) -> Pair | None:
    """Append, or put in, how another sentence of the source ends."""
    others = [self.rng.choice(self.pool) for _ in range(8)]
    ends = [m[0] for o in others if (m := _TAIL.search(o.sentence))]
    ends = [end for end in ends if end not in place.sentence]
    if not ends:
        return None
    own = _TAIL.search(place.sentence)
    cut = own and happens(0.6, self.rng)
    body = place.sentence[: own.start()] if own and cut else bare(place.sentence)
    return _extended(place, body, pick(ends, self.rng), "tail of another")


def joined(self: Altering, place: Place) -> Pair | None:
    """Join two true sentences by a reason, an aim or a contrast that the article does not have."""
    near = place.sentences[place.number + 1 : place.number + 2]
    if not near or len(near[0]) + len(place.sentence) > LONGEST_JOINED:
        return None
    body, by = bare(place.sentence), pick(JOINTS, self.rng)
    wrong = (Span(len(body) + len(by) - len(by.lstrip(" ,")), len(body) + len(by) - 1),)
    return shown(f"{body}{by}{lower_first(near[0])}.", place, "joint", wrong)


_PREDICATE = re.compile(
    r"^(?P<who>(?:[\w'’-]+ ){1,6}?)"
    r"(?P<what>(?:is|are|was|were|can|will|has|have|may|must|should) .+)$"
)
_NOBODY = re.compile(r"(?:it|they|this|these|he|she|there|that|you|we|i)\b", re.IGNORECASE)


def subject(self: Altering, place: Place) -> Pair | None:
    """Say of one thing what the article says of another one nearby."""
    own = _PREDICATE.match(place.sentence)
    if not own:
        return None
    near = [other for other in place.sentences if other != place.sentence]
    far = [self.rng.choice(self.pool).sentence for _ in range(6)]
    rivals = far if happens(0.2, self.rng) else near
    found = [m["who"] for other in rivals if (m := _PREDICATE.match(other))]
    found = [who for who in found if who.lower() != own["who"].lower() and not _NOBODY.match(who)]
    if not found:
        return None
    who = pick(found, self.rng)
    return shown(who + own["what"], place, "subject of another", (Span(0, len(who) - 1),))


def elsewhere(self: Altering, place: Place) -> Pair | None:
    """Show a sentence beside evidence that does not have it: of its section, article or source."""
    near = [s for n, s in enumerate(place.sentences) if abs(n - place.number) > 1]
    far = self.rng.choice(self.pool).sentence
    claim = pick(near, self.rng) if near and happens(0.7, self.rng) else far
    if claim in place.evidence().sentences:
        return None
    return shown(claim, place, "elsewhere", None, Label.UNKNOWN)


RULES: dict[str, Rule] = WORDS | {
    "roles": roles,
    "cause and effect": cause,
    "scope cut away": scope,
    "report cut away": report,
    "condition dropped": condition,
    "condition swapped": condition_swapped,
    "attribution": attribution,
    "addition": addition,
    "tail of another": tail,
    "joint": joined,
    "subject of another": subject,
    "elsewhere": elsewhere,
}
"""What makes a sentence false, by the name of its class."""
