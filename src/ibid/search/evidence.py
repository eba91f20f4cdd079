"""How well the sentences of the passages that were found answer the question."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ibid.english import (
    QuestionKind,
    common_words,
    defines,
    holds,
    is_statement,
    leans,
    says_yes_or_no,
    speaks_back,
)
from ibid.index import Index, IndexedPassage
from ibid.search.question import Question
from ibid.search.ranking import Ranked, words_in
from ibid.text import plain
from ibid.types import MEASURED, Citation, Passage, Span


@dataclass(frozen=True, slots=True)
class Shares:
    """Weights in a sentence's score, together 1."""

    sentence: float
    """Of its own cosine."""
    coverage: float
    """Of the share of the question's words that it or its headings hold."""
    passage: float
    """Of its passage's score."""


ANSWERING = Shares(sentence=0.2, coverage=0.2, passage=0.6)
"""Chosen on SQuAD's articles (docs/decisions)."""

KIND_BONUS = 0.07
"""What holding a number, or a name, is worth to a question that asks for one."""

DEFINITION_BONUS = 0.2
"""What saying what something is is worth to a question that asks just that."""

TOGETHER_BONUS = 0.15
"""What holding all words of a question is worth that asks whether something is so: its subject and
what is said of it."""

YES_OR_NO_BONUS = 0.1
"""What opening with "Yes" or "No" is worth to it."""

ASIDE_MALUS = 0.3
"""What pointing the reader elsewhere (`See …`), or being no prose, costs a sentence."""

BACK_MALUS = 0.15
"""What speaking of what is asked for as something known (`these challenges`, `while challenges
remain`) costs a sentence: it names none."""

ASPECT_BONUS = 0.1
"""What standing below a heading that names what is asked for (`Which challenges …`) is worth."""

ANSWERABLE = MEASURED.answerable
"""Score of the best sentence below which the articles do not say.

Of 500 SQuAD questions it answers 96 %, and refuses 86 % of those whose article was taken out
(docs/evaluation.md)."""

_ASIDE = re.compile(
    r"(?:please )?(?:see|read|check out|learn more|visit|click|subscribe|follow|stay tuned"
    r"|reach out|get in touch|sign up|download|watch)\b"
    r"|(?:for|to (?:see|learn|find)) (?:(?:a|the) )?(?:more|further|full|complete)\b"
    r"|(?:in )?this (?:article|post|blog)\b|\*?this is part \w+ (?:in|of)\b"
    r"|</?(?:a|div|figure|img|p|script|span|table|td|tr)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that may answer the question."""

    passage: Passage
    number: int
    """Its place among the passage's sentences."""
    text: str
    """The sentence as a reader sees it."""
    score: float
    """How well it fits the question, from 0 to 1; tells whether there is an answer at all."""
    weight: float
    """The score and what makes it the sort of sentence asked for; orders the evidence."""
    fits: bool
    """Whether it holds the year, the number, the name or the definition that was asked for."""
    vector: int
    """Its row among the sentences' vectors."""

    @property
    def span(self) -> Span:
        return self.passage.sentences[self.number]

    @property
    def citation(self) -> Citation:
        return Citation(self.passage, self.span)

    @property
    def leans(self) -> bool:
        """Whether it refers to the sentence before it (`This allows …`)."""
        return self.number > 0 and leans(self.text)


def find_evidence(
    question: Question, ranked: Sequence[Ranked], index: Index, shares: Shares = ANSWERING
) -> list[Evidence]:
    """Return every statement in the passages with its score, best first, ties by place."""
    found: list[Evidence] = []
    rows = index.corpus.rows([each.row for each in ranked])
    wanted = _Wanted(question, common_words(row.passage.text for row in rows))
    for each, row in zip(ranked, rows, strict=True):
        found.extend(_weigh(question, each.score_as_a_whole, row, wanted, index, shares))
    return sorted(found, key=lambda e: (-e.weight, e.passage.article, e.span))


def preceding(evidence: Evidence, index: Index) -> Evidence | None:
    """Return the sentence that `evidence` leans on, if it is a statement."""
    if not evidence.leans:
        return None
    number = evidence.number - 1
    text = plain(
        evidence.passage.sentences[number].of(index.corpus.article(evidence.passage.article).text)
    )
    if not is_statement(text):
        return None
    return replace(evidence, number=number, text=text, vector=evidence.vector - 1)


def _weigh(
    question: Question,
    passage_score: float,
    row: IndexedPassage,
    wanted: "_Wanted",
    index: Index,
    shares: Shares,
) -> Iterator[Evidence]:
    passage = row.passage
    text = index.corpus.article(passage.article).text
    rows = range(row.first_sentence, row.first_sentence + len(passage.sentences))
    cosines = (index.sentences.vectors(rows) @ question.vector[0]).tolist()
    headings = words_in(" ".join(passage.headings))
    bonus = ASPECT_BONUS * bool(headings & wanted.aspect)
    for number, (span, cosine) in enumerate(zip(passage.sentences, cosines, strict=True)):
        sentence = plain(span.of(text))
        if not is_statement(sentence):
            continue
        words = words_in(sentence)
        score = (
            shares.sentence * max(cosine, 0.0)
            + shares.coverage * question.coverage(headings | words)
            + shares.passage * passage_score
        )
        fits = wanted.is_in(sentence)
        weight = score + bonus + wanted.worth(sentence, question.coverage(words), fits=fits)
        weight -= ASIDE_MALUS * (_ASIDE.match(sentence) is not None)
        weight -= BACK_MALUS * speaks_back(sentence, wanted.aspect)
        yield Evidence(passage, number, sentence, score, weight, fits, rows[number])


class _Wanted:
    """What makes a sentence the sort of sentence that a question asks for."""

    def __init__(self, question: Question, common: frozenset[str]) -> None:
        self._kind, self._term = question.form.kind, question.form.term
        self.aspect = question.form.aspect
        self._common = common | frozenset(question.text.lower().split())

    def is_in(self, sentence: str) -> bool:
        """Tell whether it holds the fact or the definition asked for, if one is."""
        if self._kind is QuestionKind.DEFINITION:
            return defines(self._term, sentence)
        return holds(self._kind, sentence, self._common)

    def worth(self, sentence: str, coverage: float, *, fits: bool) -> float:
        """Return what that adds to its weight; `coverage` is the share of the question it holds."""
        match self._kind:
            case QuestionKind.YES_NO:
                return TOGETHER_BONUS * coverage + YES_OR_NO_BONUS * says_yes_or_no(sentence)
            case QuestionKind.DEFINITION:
                return DEFINITION_BONUS * fits
            case _:
                return KIND_BONUS * (fits and self._kind.is_fact)
