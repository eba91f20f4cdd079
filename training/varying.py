"""Other forms of examples: without the answer, with another window, in other words, mistyped."""

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from examples import LONGEST, Example, Window, cut
from vectors import Vectors

import ibid.english.wordnet

_DEICTIC = re.compile(
    r"\b(?:author|writer|poster|reviewer|user|narrator|person|this|these|he|she|they|his|her|it|its"
    r"|product|book|movie|film|song|album|game|item|story|character|op)\b",
    re.IGNORECASE,
)
"""What makes a question about a post or review unclear elsewhere: there, it may be answered."""

_IDLE = frozenset(
    "a an the is are was were do does did of to in on for by with and or be been has have had can "
    "what which who whom whose when where why how that there their".split()
)
_NEAREST, _NEAREST_HERE = 8, 2
"""Windows that are most like a question, and how many of them may be of the answer's article."""

REMOVED, ELSEWHERE, ANYWHERE = 0.17, 0.17, 0.05
"""Shares of answerable examples that are shown without the answer, with a window like the right
one, and with any."""

UNTITLED = 0.3
ROOM = (300, 450, LONGEST)
"""Characters of a window: most that has to be told apart is near, and short ones cost less."""

AMONG, BESIDE = 0.5, 3
"""Share of answerable questions that are put to several windows at once, and to how many beside the
right one."""

MISTYPED, SHORTENED, REWORDED = 0.12, 0.08, 0.1
"""Shares of windows without a title, and of questions in such a form."""

_SHORT = 4
"""Letters of a word that nobody mistypes."""


class Varied:
    """Draws a form of an example, always another one."""

    def __init__(self, examples: Sequence[Example], vectors: Vectors, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing is kept secret by it
        self._windows = sorted({e.window for e in examples}, key=lambda w: (w.article, w.sentences))
        self._vectors = vectors
        self._near = find_near(examples, vectors)
        self._related = _read_related()

    def draw(self, example: Example) -> tuple[Example, ...]:
        """Return the example in some form, with others of its question where there are any.

        Those are windows among which the right one has to be found, as in use.
        """
        near = self._near.get(example.question, ())
        if not example.answers or len(near) < BESIDE or self._random.random() > AMONG:
            return (self._draw_one(example),)
        others = self._random.sample(near, BESIDE)
        examples = [example, *(replace(example, window=w, answers=frozenset()) for w in others)]
        question, room = self._say(example), self._random.choice(ROOM)
        return tuple(self._cut(replace(e, question=question), room) for e in examples)

    def _draw_one(self, example: Example) -> Example:
        if example.answers and example.source != "medquad":
            example = self._move(example)
        example = replace(example, question=self._say(example))
        if self._random.random() < UNTITLED:
            example = replace(example, window=replace(example.window, title=""))
        return self._cut(example, self._random.choice(ROOM))

    def _cut(self, example: Example, room: int) -> Example:
        """Return the example around its answer, or around what is most like one."""
        if example.answers:
            return cut(example, room, self._random.choice(sorted(example.answers)))
        self._vectors.add([example.question])
        asked = self._vectors.of([example.question])[0]
        return cut(
            example, room, int((self._vectors.of(example.window.sentences) @ asked).argmax())
        )

    def _move(self, example: Example) -> Example:
        chance = self._random.random()
        if chance < REMOVED:
            kept = [s for n, s in enumerate(example.window.sentences) if n not in example.answers]
            if kept and example.source != "policy":
                window = replace(example.window, sentences=tuple(kept))
                return replace(example, window=window, answers=frozenset())
        elif chance < REMOVED + ELSEWHERE:
            near = self._near.get(example.question)
            if near:
                return replace(example, window=self._random.choice(near), answers=frozenset())
        elif chance < REMOVED + ELSEWHERE + ANYWHERE:
            window = self._random.choice(self._windows)
            if window.article != example.window.article:
                return replace(example, window=window, answers=frozenset())
        return example

    def _say(self, example: Example) -> str:
        chance, question = self._random.random(), example.question
        if chance < MISTYPED:
            return self._mistype(question)
        if chance < MISTYPED + SHORTENED:
            return self._shorten(question)
        if chance < MISTYPED + SHORTENED + REWORDED and example.answers:
            return self._reword(question)
        return question

    def _mistype(self, question: str) -> str:
        words = question.split()
        long = [n for n, word in enumerate(words) if len(word) > _SHORT and word.isalpha()]
        for n in self._random.sample(long, min(len(long), self._random.choice((1, 1, 2)))):
            at = self._random.randrange(1, len(words[n]) - 1)
            word = words[n]
            words[n] = self._random.choice(
                (
                    word[:at] + word[at + 1 :],
                    word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                    word[:at] + word[at] + word[at:],
                )
            )
        return " ".join(words)

    def _shorten(self, question: str) -> str:
        words = [word for word in question.rstrip("?").split() if word.lower() not in _IDLE]
        return " ".join(words) if len(words) > 1 else question

    def _reword(self, question: str) -> str:
        words = question.split()
        known = [n for n, word in enumerate(words) if word.lower() in self._related]
        if known:
            place = self._random.choice(known)
            words[place] = self._random.choice(self._related[words[place].lower()])
        return " ".join(words)


def find_near(examples: Sequence[Example], vectors: Vectors) -> Mapping[str, list[Window]]:
    """Return for questions the windows most like them that do not hold the words of the answer."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        if example.source in ("squad2", "selqa"):
            groups[f"{example.source} {example.window.article}"].append(example)
        elif example.source.startswith(("qed", "own")) or (
            example.source in ("reddit", "amazon") and not _DEICTIC.search(example.question)
        ):
            groups[example.source].append(example)
    near: dict[str, list[Window]] = {}
    for group in groups.values():
        windows = list(dict.fromkeys(e.window for e in group))
        if len(windows) > 1:
            near |= _find_near_in(group, windows, vectors)
    return near


def _find_near_in(
    group: Sequence[Example], windows: Sequence[Window], vectors: Vectors
) -> dict[str, list[Window]]:
    firsts = np.cumsum([0, *(len(w.sentences) for w in windows)])[:-1]
    sentences = vectors.of([s for w in windows for s in w.sentences])
    asked = [e for e in group if e.answers]
    near: dict[str, list[Window]] = {}
    for start in range(0, len(asked), 512):
        part = asked[start : start + 512]
        cosines = vectors.of([e.question for e in part]) @ sentences.T
        best = np.maximum.reduceat(cosines, firsts, axis=1)
        for example, row in zip(part, best, strict=True):
            order = [windows[n] for n in np.argsort(-row)[: 3 * _NEAREST]]
            silent = [w for w in order if _says_nothing(w, example)]
            here = [w for w in silent if w.article == example.window.article]
            if example.source.startswith("own"):  # nobody has said that the others do not answer
                silent = [w for w in silent if w not in here[_NEAREST_HERE:]]
            near[example.question] = silent[:_NEAREST]
    return near


def _says_nothing(window: Window, example: Example) -> bool:
    if window == example.window or set(window.sentences) & set(example.window.sentences):
        return False
    return not example.text or example.text.lower() not in " ".join(window.sentences).lower()


def _read_related() -> dict[str, list[str]]:
    path = Path(ibid.english.wordnet.__file__).with_name("related.txt")
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return {line[0]: line[1:] for line in lines if len(line) > 1}
