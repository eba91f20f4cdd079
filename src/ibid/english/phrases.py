"""What a question is about: the phrases that name something, its verb left out.

>>> text = "How does AI optimize clinical trials in Europe?"
>>> [span.of(text) for span in find_phrases(text)]
['AI', 'clinical trials', 'Europe']
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ibid.english.verbs import AUXILIARIES, MODAL_VERBS, MOSTLY, verb_share
from ibid.english.words import STOP_WORDS, stems
from ibid.types import Span

_WORD = re.compile(r"\w(?:[\w'’.&/-]*\w)?")
_BOUND = frozenset("the a an this that these those its their his her our your my some any".split())
_PLACING = frozenset(
    "in for by with from since before after at on during without under among to of".split()
)
_STATES = re.compile(r"(?:why\s+)?(?:is|are|was|were)\b", re.IGNORECASE)
_PARTICIPLE = 5
"""Tenths of its uses as a verb from which a participle is one behind `is` or `has`."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Words that tell something, side by side, and the word before them."""

    words: tuple[Span, ...]
    before: str


def find_phrases(question: str, idle: Collection[str] = ()) -> list[Span]:
    """Return the phrases of a question that name something, in order, its first word left out.

    Words whose stems are all `idle` name nothing.
    """
    runs = _without_predicate(list(_find_runs(question, idle)), question)
    verb = _find_verb(question, runs)
    phrases: list[Span] = []
    for run in runs:
        ends = [place for place, word in enumerate(run.words) if word == verb]
        cut = ends[0] if ends else len(run.words)
        parts = (run.words[:cut], run.words[cut + 1 :])
        phrases.extend(Span(part[0].start, part[-1].end) for part in parts if part)
    return phrases


def _without_predicate(runs: list[_Run], question: str) -> list[_Run]:
    """Return the runs without the `legal` of `Is gene editing legal in Germany?`."""
    subject = runs[0] if runs and _STATES.match(question) else None
    if not subject or len(subject.words) == 1:
        return runs
    following = _WORD.search(question, subject.words[-1].end)
    if following and following[0].lower() in _BOUND:
        return runs
    return [_Run(subject.words[:-1], subject.before), *runs[1:]]


def _find_runs(question: str, idle: Collection[str]) -> Iterator[_Run]:
    words: list[Span] = []
    before = last = ""
    for match in _WORD.finditer(question):
        says = match.start() > 0 and _says(match[0], idle)
        if words and (not says or question[words[-1].end : match.start()] != " "):
            yield _Run(tuple(words), before)
            words = []
        if says:
            before = before if words else last
            words.append(Span(*match.span()))
        last = match[0].lower()
    if words:
        yield _Run(tuple(words), before)


def _says(word: str, idle: Collection[str]) -> bool:
    if word[0].isupper():
        return word != "I"
    return word.lower() not in STOP_WORDS | _PLACING and not set(idle).issuperset(stems(word))


def _find_verb(question: str, runs: Sequence[_Run]) -> Span | None:
    """Return the verb of a question, where it is one of the words that tell something."""
    words = [(match[0].lower(), match.start()) for match in _WORD.finditer(question)]
    helps = next((start for word, start in words if word in MODAL_VERBS), None)
    if helps is not None:
        behind = [run for run in runs if run.words[0].start > helps]
        shares = [[(_share(word.of(question)), word) for word in run.words[1:]] for run in behind]
        surely = (word for run in shares for share, word in run if share >= MOSTLY)
        maybe = (word for run in shares for share, word in reversed(run) if share)
        return next(surely, next(maybe, None))
    is_participle = any(word in AUXILIARIES for word, _ in words)
    opens = is_participle or question.lower().startswith("who ")
    for number, run in enumerate(runs):
        for word in run.words if opens and run.before not in _BOUND else run.words[1:]:
            text = word.of(question)
            past = not text.endswith(("s", "e"))
            if _share(text) >= (_PARTICIPLE if is_participle else MOSTLY) and (
                past or not is_participle
            ):
                return word
        opens = opens or number == 0
    return None


def _share(word: str) -> int:
    return verb_share(word) if word.islower() else 0
