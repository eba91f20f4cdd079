"""What supports an answer of a word or two, such as `About 160.` or `Yes.`.

It says something only together with its question, so it has to stand in a sentence that answers it.
"""

import re
from collections.abc import Sequence
from itertools import zip_longest

from ibid.answering.citing.drafts import Draft
from ibid.answering.citing.verdict import FEWEST_WORDS, Verdict
from ibid.english import MarkKind, find_marks, is_excerpt, is_stump, says_yes_or_no, stems
from ibid.search import CLOSEST, Evidence
from ibid.text import plain
from ibid.types import Change, Span, Support

ANSWERS = 4.0
"""Log-odds below the best sentence within which another one answers, too: as for an answer in
quotes (`selection.SCANT`)."""

_YES_OR_NO = re.compile(r"(?:yes|no)\W*", re.IGNORECASE)


def _is_fragment(sentence: str) -> bool:
    """Tell whether a sentence says something only together with the question that it answers."""
    return is_stump(sentence) or len(stems(sentence)) < FEWEST_WORDS


def judge_fragments(
    drafts: Sequence[Draft], question: str, evidence: Sequence[Evidence]
) -> list[Draft]:
    """Return drafts with each fragment judged by the sentences that answer the question.

    `evidence` has the best sentence first.
    """
    answering = [
        sentence
        for sentence in evidence
        if sentence.probability >= CLOSEST and evidence[0].odds - sentence.odds <= ANSWERS
    ]
    return [
        _judged(draft, following, question, answering)
        if _is_fragment(draft.text) and not _is_whole_sentence(draft)
        else draft
        for draft, following in zip_longest(drafts, drafts[1:])
    ]


def _is_whole_sentence(draft: Draft) -> bool:
    """Tell whether a draft is a sentence of an article as it stands there, from end to end."""
    if draft.support is not Support.VERBATIM:
        return False
    passage, quote = draft.citations[0].passage, draft.citations[0].quote
    source = plain(quote.shifted(-passage.span.start).of(passage.text))
    return is_excerpt(source, draft.text)


def _judged(
    draft: Draft, following: Draft | None, question: str, answering: Sequence[Evidence]
) -> Draft:
    if _YES_OR_NO.fullmatch(draft.text):
        verdict = _judge_yes_or_no(draft.text, following, answering)
    else:
        verdict = _judge_part(draft.text, question, answering)
    return Draft(draft.before, draft.text, verdict.citations, verdict.support, verdict.changes)


def _judge_yes_or_no(
    fragment: str, following: Draft | None, answering: Sequence[Evidence]
) -> Verdict:
    """Return what an article's own Yes or No says of it, or else the sentence behind it."""
    word = _first_word(fragment)
    for evidence in answering:
        own = evidence.text.rpartition("?")[2].strip()
        if says_yes_or_no(own):
            theirs = _first_word(own)
            if theirs.lower() == word.lower():
                return Verdict(Support.REWORDED, (evidence.citation,))
            change = Change(MarkKind.NEGATION, Span(0, len(word)), theirs)
            return Verdict(Support.ALTERED, (evidence.citation,), (change,))
    if following and following.holds:
        return Verdict(Support.REWORDED, following.citations)
    return Verdict(Support.UNSUPPORTED)


def _first_word(text: str) -> str:
    return re.split(r"\W", text, maxsplit=1)[0]


def _judge_part(fragment: str, question: str, answering: Sequence[Evidence]) -> Verdict:
    """Return the sentence that answers and has all of a fragment, beside words of the question."""
    marks = {(mark.kind, mark.value) for mark in find_marks(fragment)}
    question_stems = set(stems(question))
    for evidence in answering:
        source_marks = {(mark.kind, mark.value) for mark in find_marks(evidence.text)}
        own, words = set(stems(fragment)), set(stems(evidence.text))
        is_telling = bool(own - question_stems) or bool(marks)
        if (
            is_telling
            and marks <= source_marks
            and own - question_stems <= words | _spelled(fragment)
        ):
            kind = Support.VERBATIM if is_excerpt(fragment, evidence.text) else Support.REWORDED
            return Verdict(kind, (evidence.citation,))
    return Verdict(Support.UNSUPPORTED)


def _spelled(fragment: str) -> set[str]:
    """Return the stems of the figures of a fragment, which a source may spell otherwise."""
    figures = (MarkKind.NUMBER, MarkKind.YEAR, MarkKind.UNIT)
    return {
        stem
        for mark in find_marks(fragment)
        if mark.kind in figures
        for stem in stems(mark.span.of(fragment))
    }
