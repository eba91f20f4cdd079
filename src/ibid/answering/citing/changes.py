"""What a claim says otherwise than the sentences that it rests on, with their own words."""

import re
from collections.abc import Iterator, Sequence

from ibid.answering.citing.grounding import Matcher
from ibid.answering.citing.sources import Source
from ibid.english import (
    HELPING_VERBS,
    NEAR_VERBATIM,
    Difference,
    MarkKind,
    align,
    are_related,
    find_denials,
    find_differences,
    find_governors,
    find_joints,
    find_marks,
    find_opposites,
    find_turned,
    is_adverb,
    is_link,
    shared_words,
    signs_around,
    stems,
)
from ibid.types import Change, Span

FEWEST_ADDED = 2
"""Words that tell something and stand nowhere near, from which what was added counts: honest
rewordings put in one at a time (`able`, `in order to`)."""

HELD_WHOLE = 0.75
"""Share of a source's words, in their order, from which a claim holds it whole: what else is in the
claim was added to it."""

_FACTS = frozenset({MarkKind.NUMBER, MarkKind.YEAR, MarkKind.UNIT, MarkKind.NAME})


def find_changes(
    claim: str, sources: Sequence[Source], text: str, shared: float, matcher: Matcher
) -> Iterator[Change]:
    """Yield what a claim changes, adds or loses against its sources, whose text is `text`.

    `shared` is the share of its words that stand there in the same order.
    """
    context = _nearby(sources)
    turned = (
        (difference, source) for source in sources for difference in find_turned(claim, source.text)
    )
    changes = [_change(difference, source.text) for difference, source in turned]
    whole = max((shared_words(source.text, claim) for source in sources), default=0.0)
    if shared >= NEAR_VERBATIM or whole >= HELD_WHOLE:
        changes += _followed(claim, text, context, matcher)
    if not changes:
        opposed = (
            (opposite, s.text) for s in sources for opposite in find_opposites(claim, s.text)
        )
        changes = [_change(difference, there) for difference, there in opposed]
    yield from changes or _invented(claim, context)


def _followed(claim: str, text: str, context: str, matcher: Matcher) -> Iterator[Change]:
    for difference in _differ(claim, text, matcher):
        if not _is_known(difference, claim, context):
            yield _change(difference, text)
    yield from _added(claim, text, context)


def _change(difference: Difference, source: str) -> Change:
    instead = difference.source.of(source) if difference.source else ""
    return Change(difference.kind, difference.said, instead)


def _differ(claim: str, source: str, matcher: Matcher) -> Iterator[Difference]:
    def alike(word: Span, counterpart: Span) -> float | None:
        return matcher.alike(claim, word, source, counterpart)

    yield from find_differences(claim, source, alike)
    yield from find_governors(claim, source)
    yield from find_denials(claim, source)
    yield from find_joints(claim, source)
    yield from _signs(claim, source)


_RELATIONS = frozenset("-<>≤≥±^≈")
_IN_WORDS = re.compile(
    r"\b(?:minus|below|under|less|fewer|most|up to|above|over|more|least|exceed\w*|beyond|about"
    r"|around|approximately|roughly|power|negative)\b",
    re.IGNORECASE,
)


def _signs(claim: str, source: str) -> Iterator[Difference]:
    """Yield the figures with another sign than in the source: `€5` for `$5`, `> 7` for `< 7`.

    A sign that one of the two has alone may stand there in words.
    """
    beside = align(claim, source)
    words, source_words = beside.said, beside.source
    for place, source_place in beside.anchors:
        span = words[place].span
        if not any(char.isdigit() for char in span.of(claim)):
            continue
        pairs = zip(
            signs_around(claim, words, place),
            signs_around(source, source_words, source_place),
            strict=True,
        )
        if any(_are_other_signs(here, there, claim, source) for here, there in pairs):
            yield Difference(MarkKind.UNIT, span, source_words[source_place].span)


def _are_other_signs(here: str, there: str, claim: str, source: str) -> bool:
    if here == there or (here and there):
        return here != there
    relates = not _RELATIONS.isdisjoint(here or there)
    return relates and not _IN_WORDS.search(source if here else claim)


def _nearby(sources: Sequence[Source]) -> str:
    """Return all that stands around some sentences: their passages, what these are part of."""
    passages = (source.passage for source in sources)
    around = ["\n".join((*passage.headings, passage.text)) for passage in passages]
    return "\n".join((*around, *(source.about for source in sources)))


def _is_known(difference: Difference, claim: str, context: str) -> bool:
    """Tell whether a figure or a name was added that stands nearby."""
    if difference.source or not difference.said or difference.kind not in _FACTS:
        return False
    return set(stems(difference.said.of(claim))) <= set(stems(context))


def _added(claim: str, text: str, context: str) -> Iterator[Change]:
    """Yield what was put into a sentence and stands nowhere nearby."""
    beside, nearby = align(claim, text), set(stems(context))
    for gap in beside.gaps():
        old = beside.source[gap.source.start : gap.source.end]
        if any(word.tells for word in old):
            continue
        new = [
            word.span
            for word in beside.said[gap.said.start : gap.said.end]
            if word.tells
            and not _stands_nearby(word.stem, nearby, text)
            and not is_link(word.span.of(claim))
        ]
        helps = HELPING_VERBS.issuperset(word.stem for word in old)
        turned = helps and any(is_adverb(span.of(claim)) for span in new)
        if turned or len(new) >= FEWEST_ADDED:
            yield Change(MarkKind.ADDITION, Span(new[0].start, new[-1].end), "")


def _stands_nearby(stem: str, nearby: set[str], text: str) -> bool:
    """Tell whether a word is nearby, or one in the source that it can stand for (`emits`)."""
    return stem in nearby or any(are_related(stem, candidate) for candidate in stems(text))


def _invented(claim: str, context: str) -> Iterator[Change]:
    """Yield the figures, dates and names of a claim that its sources' passages do not have."""
    values = {mark.value for mark in find_marks(context)} | set(stems(context))
    for mark in find_marks(claim):
        text = mark.span.of(claim)
        figure = mark.kind in (MarkKind.NUMBER, MarkKind.YEAR) and any(c.isdigit() for c in text)
        missing = mark.value not in values and not values.issuperset(stems(text))
        if missing and (figure or mark.kind is MarkKind.NAME):
            yield Change(mark.kind, mark.span, "")
