"""What governs a clause: who says, denies or hopes it, and on what condition it holds.

>>> source = "It is a myth that salt cures, if taken daily."
>>> [(part.kind.value, part.source.of(source)) for part in find_governors("Salt cures.", source)]
[('report', 'It is a myth that'), ('condition', 'if taken daily')]
"""

import re
from collections.abc import Iterator

from ibid.english.aligning import align
from ibid.english.commitments import MarkKind
from ibid.english.differences import Difference
from ibid.english.words import stems
from ibid.types import Span

LONGEST = 400
"""Characters of what may govern a clause; more is a text of its own."""

_SAYING = (
    r"(?:sa(?:y|ys|id|ying)|tell|tells|told|claim\w*|argu(?:e|es|ed|ing)|believ\w+|hop(?:e|es|ed|ing)"
    r"|think|thinks|thought|fear(?:s|ed)?|worr(?:y|ies|ied)|assum\w+|imagin(?:e|es|ed)"
    r"|suppos(?:e|es|ed|edly)|alleg\w+|den(?:y|ies|ied|ying)|doubt\w*|disput\w+|dismiss\w*"
    r"|suggest\w*|propos(?:e|es|ed)|predict\w*|expect\w*|speculat\w+|guess\w*|wish\w*|insist\w*"
    r"|maintain(?:s|ed)?|contend\w*|assert\w*|accus\w+|boast\w*|brag\w*|pretend\w*|refus\w+"
    r"|reject\w*|refut\w+|debunk\w*|rumou?r\w*|legend|myth\w*|misconception\w*|fallacy|critics"
    r"|wr(?:ite|ites|ote)|stat(?:e|es|ed)|report(?:s|ed|edly)|according|announc\w+|warn\w*"
    r"|promis\w+|declar\w+|conclud\w+|infer\w*|wonder\w*|dream\w*|questions?|questioned)"
)
_SAYS = re.compile(_SAYING, re.IGNORECASE)
_LEADS = re.compile(
    rf"(?:(?<!is to )\b{_SAYING}(?:,| the| an?)*\W*$)"
    r"|^(?:according|in (?:\w+ ){1,3}(?:view|opinion|eyes))\b",
    re.IGNORECASE,
)
_FOLLOWS = re.compile(
    r"(?!(?:and|or|to|who|which|that|if|when)\b)"
    r"(?:\w+ ){0,5}(?:sa(?:y|ys|id)|tells?|told|claim(?:s|ed)?|argu(?:e|es|ed)|believ(?:e|es|ed)"
    r"|alleg(?:e|es|ed)|insist(?:s|ed)?|contend(?:s|ed)?|according|hop(?:e|es|ed)"
    r"|fear(?:s|ed)?|wr(?:ite|ites|ote))\b",
    re.IGNORECASE,
)
_UNDONE = re.compile(
    r"\b(?:hop(?:e|es|ed|ing)|plan(?:s|ned)?|want(?:s|ed)?|tr(?:y|ies|ied)|attempt(?:s|ed)?|intend\w*"
    r"|refus\w+|declin\w+|threaten\w*|promis\w+|seeks?|sought|stop(?:s|ped)?|ceas\w+"
    r"|den(?:y|ies|ied)|avoid\w*|consider\w*|forg(?:et|ets|ot)|pretend\w*"
    r"|offer(?:s|ed)?)(?: to)?\W*$",
    re.IGNORECASE,
)
"""What governs the verb behind it, and leaves open, or denies, that it is done."""

_OPENS_A_CLAUSE = re.compile(r"\b(?:that|whether|if)(?: (?:the|a|an))?\W*$", re.IGNORECASE)
_ASSERTS = re.compile(
    r"\b(?:show\w*|find|finds|found|demonstrat\w+|prov(?:e|es|ed|en)|confirm\w*|reveal\w*|know|knows"
    r"|known|knew|not(?:e|es|ed|ice|iced)|see|sees|saw|seen|learn\w*|discover\w*|establish\w*"
    r"|ensur\w+|mean|means|meant|facts?|clear|true|obvious\w*|evident|important|remember\w*"
    r"|recogni[sz]\w+|reali[sz]\w+|underst\w+|aware|certain|sure|indicat\w+|observ\w+|proof|evidence"
    r"|agree\w*|turns? out|turned out|surpris\w+|(?:un)?fortunate\w*|worth \w+"
    r"|remark\w*|emphasi[sz]\w+|stress\w*|highlight\w*|acknowledg\w+|admit\w*|point\w*)"
    r"\W+(?:\w+\W+)?that\b",
    re.IGNORECASE,
)
_SURE = re.compile(
    r"\b(?:(?:nobody|no one|few) (?:den|doubt|disput)\w+"
    r"|no (?:doubt|surprise|secret|wonder|question)|not surprising|undeniable|undoubted\w*)\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(?:no|not|never|nobody|none|little|few|hardly|without|cannot|wrong|false|untrue|too|old|so"
    r"|such|would|might|could|may|if|lacks?|longer|used)\b|n[’']t\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"(?:^|(?<=, ))(?:(?:only |even )?if|provided|assuming|(?:as|so) long as|unless|in case"
    r"|only (?:in|on|at|for|with|during|when|after|before|by|to))\b[^,;.]*",
    re.IGNORECASE,
)


def reports(part: str, *, opens: bool) -> bool:
    """Tell whether what a sentence opens with, or ends with, says who says the rest."""
    return bool(_LEADS.search(part) if opens else _FOLLOWS.match(part))


def find_governors(claim: str, source: str) -> Iterator[Difference]:
    """Yield what governs a clause in `source` and is gone from `claim`, which keeps the clause.

    What asserts the clause itself may go (`The study shows that …`, `It is clear that …`).
    """
    beside, claim_stems = align(claim, source), set(stems(claim))
    source_words = beside.source
    for gap in beside.gaps():
        insertion = beside.said[gap.said.start : gap.said.end]
        if not len(gap.source) or any(word.tells for word in insertion):
            continue
        place = Span(
            source_words[gap.source.start].span.start, source_words[gap.source.end - 1].span.end
        )
        part = place.of(source)
        said_by = gap.source.start and source_words[gap.source.start - 1].span.of(source)
        part_stems = stems(part)
        moved = part_stems and claim_stems.issuperset(part_stems)
        if len(part) > LONGEST or moved or (said_by and _SAYS.fullmatch(said_by)):
            continue
        if _governs(part, opens=not gap.source.start, closes=gap.source.end == len(source_words)):
            yield Difference(MarkKind.REPORT, None, place)
        elif (match := _CONDITION.search(part)) and not _CONDITION.search(claim):
            yield Difference(MarkKind.CONDITION, None, Span(*match.span()).shifted(place.start))


def find_denials(claim: str, source: str) -> Iterator[Difference]:
    """Yield what denies or doubts a clause of `source` in `claim` alone (`It is false that …`)."""
    for governor in find_governors(source, claim):
        if (
            governor.kind is MarkKind.REPORT
            and governor.source
            and _DENIES.search(governor.source.of(claim))
        ):
            yield Difference(MarkKind.NEGATION, governor.source, None)


def _governs(part: str, *, opens: bool, closes: bool) -> bool:
    if (opens and part.lower() == "whether") or (not closes and _UNDONE.search(part)):
        return True
    if not closes and " " in part and _OPENS_A_CLAUSE.search(part):
        sure = _SURE.search(part) or (_ASSERTS.search(part) and not _DENIES.search(part))
        return not sure
    return (opens or closes) and reports(part, opens=opens)


_VERB = (
    r"(?:says|said|writes|wrote|notes|noted|argues|argued|reports|reported|states|stated|explains"
    r"|explained|points out|pointed out|suggests|claims|claimed|adds|added|warns|warned|observes"
    r"|stresses|emphasizes|finds|found|describes|believes|predicts|mentions|highlights|concludes)"
)
_WHO = r"(?P<who>(?:“[^”]*”|\"[^\"]*\"|[^,;:“\"]){2,160}?)"
_ATTRIBUTED = (
    re.compile(rf"(?:According to|In the words of|As) {_WHO}(?: {_VERB}| puts it)?, (?P<what>.+)"),
    re.compile(rf"{_WHO} {_VERB} that (?P<what>.+)"),
    re.compile(rf"(?P<what>.+), (?:according to|{_VERB}) {_WHO}[.]?"),
    re.compile(rf"(?P<what>.+), {_WHO} {_VERB}[.]?"),
)
_WRITING = frozenset(
    "articl author post blog writer paper report text page stori sourc essay piec studi document"
    " guid interview".split()
)


def find_attribution(sentence: str) -> tuple[tuple[str, ...], Span] | None:
    """Return the stems that name who says a sentence, and where what is said stands.

    The stems are empty where it is only "the article" or "the author".

    >>> who, what = find_attribution("According to Ann Lee, salt helps.")
    >>> who, what.of("According to Ann Lee, salt helps.")
    (('ann', 'lee'), 'salt helps.')
    """
    for pattern in _ATTRIBUTED:
        if match := pattern.fullmatch(sentence.strip()):
            who = (stem for stem in stems(match["who"]) if stem not in _WRITING)
            lead = len(sentence) - len(sentence.lstrip())
            return tuple(who), Span(*match.span("what")).shifted(lead)
    return None
