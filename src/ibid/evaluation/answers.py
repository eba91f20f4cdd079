"""Asking for whole answers: who refuses, what is cited, what holds, and how long it takes.

Answers have been measured by whether a citation *entails* its sentence: Liu et al. 2023
(Evaluating Verifiability in Generative Search Engines) let people judge it, Gao et al. 2023
(ALCE) a model. Here nobody judges: a citation is held against the *place* that is known to answer
the question. It is right when its quote shares a character with that place, or, where only an
article is known, when it is of that article. So precision and recall tell whether an answer is
taken from where the answer is; whether a sentence says what its source says is the verdict's
business, and is counted apart.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ibid.errors import AnswerIncomplete, IbidError, ModelError, PromptTooLong, UsageError
from ibid.evaluation.cases import Case, Target
from ibid.evaluation.measuring import Values
from ibid.evaluation.running import Exam, OnProgress
from ibid.library import Library
from ibid.ports import Generator, Message
from ibid.types import Anew, Answer, Citation, Delta, Done, Found, Progress, Status, Support

QUOTES = "quotes"
"""The writer that every model has to beat: the articles' own sentences."""

_SUPPORTED = (Support.VERBATIM, Support.REWORDED)


class Outcome(StrEnum):
    """What a writer did with a question."""

    ANSWERED = "answered"
    REFUSED = "refused"
    FELL_BACK = "fell_back"
    """The model's text failed or did not hold, and the articles' own sentences stood in."""


class Reason(StrEnum):
    """Why quotes stood in for a model's text."""

    NOT_SUPPORTED = "not_supported"
    """The articles support fewer than half of its sentences, or it has none."""
    INCOMPLETE = "incomplete"
    """It was cut, ended early or never began."""
    TOO_LONG = "too_long"
    """The server counted more tokens than it can take, even in the shortened prompt."""
    FAILED = "failed"
    """The server did not answer, or answered with an error."""


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long one answer took, each from the question on."""

    found: float
    """Until the passages were there: the first event."""
    text: float
    """Until the first piece of text; for quotes, that is the whole answer."""
    whole: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one question; a refusal and a text that fell back have nothing to count."""

    outcome: Outcome
    seconds: Seconds
    sentences: Mapping[Support, int]
    characters: int = 0
    cited: int = 0
    """Citations that can be judged: none for a question that nothing answers, and none of the
    article that the question was taken from."""
    right: int = 0
    """Those of them that hit what answers the question."""
    hit: float = 0.0
    """Share of what answers the question that a citation hits."""
    reason: Reason | None = None
    notice: str = ""
    """Why quotes stood in, in words."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a writer did with the questions of an exam, by their ids."""

    writer: str
    exam: Exam
    replies: Mapping[str, Reply]

    def outcomes(self, *, answerable: bool) -> Counter[Outcome]:
        """Return how the questions that have an answer, or those that have none, came out."""
        cases = [case for case in self.exam.cases if case.answerable is answerable]
        return Counter(self.replies[case.id].outcome for case in cases)

    @property
    def sentences(self) -> Counter[Support]:
        """Return how many of the writer's sentences that were shown got each verdict."""
        total = Counter(dict.fromkeys(Support, 0))
        for reply in self.replies.values():
            total.update(reply.sentences)
        return total

    @property
    def reasons(self) -> Counter[Reason]:
        """Return how often quotes stood in, and why."""
        return Counter(reply.reason for reply in self.replies.values() if reply.reason)

    @property
    def values(self) -> Mapping[str, Values]:
        """Return each measure's value per question; each question counts the same.

        `citation precision`: of a question's citations, the share that is right; of answerable
        questions with a citation. `citation recall`: of what answers a question, the share that a
        citation hits; of all answerable questions, one that was refused or fell back counting 0.
        `sentences supported`: of an answer's sentences, the share that is in the article or
        reworded; of all texts that are whole, one that was put aside because the articles do not
        support it counting 0: else the worst texts would not count.
        """
        replies = self.replies.items()
        answerable = [case.id for case in self.exam.cases if case.answerable]
        return {
            "citation precision": {
                id: reply.right / reply.cited for id, reply in replies if reply.cited
            },
            "citation recall": {id: self.replies[id].hit for id in answerable},
            "sentences supported": {
                id: sum(reply.sentences.get(state, 0) for state in _SUPPORTED)
                / max(sum(reply.sentences.values()), 1)
                for id, reply in replies
                if reply.sentences or reply.reason is Reason.NOT_SUPPORTED
            },
        }


def measure_answers(exam: Exam, generator: Generator | None, on_progress: OnProgress) -> Answers:
    """Return what a model, or none, does with the questions of an exam.

    All of a model's sentences are counted: none is dropped. Raises UsageError where there are no
    articles to ask.
    """
    if exam.library is None:
        raise UsageError("there are no articles to ask", hint="give --set, --questions or --self")
    watched = Watched(generator) if generator else None
    settings = replace(exam.library.settings, model="none", unsupported="mark")
    embedder = exam.library.embedder
    library = Library.open(settings=settings, embedder=embedder, generator=watched)
    if exam.cases:
        library.search(exam.cases[0].question, 1)  # reads the index, which no answer shall pay for
    replies: dict[str, Reply] = {}
    for number, case in enumerate(exam.cases, start=1):
        answer, seconds = _ask(case.question, library)
        replies[case.id] = _read(case, answer, seconds, watched)
        on_progress(Progress("model" if generator else QUOTES, number, len(exam.cases)))
    return Answers(generator.name if generator else QUOTES, exam, replies)


class Watched:
    """A language model whose failures are kept: an answer names them in words only."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self.error: ModelError | None = None
        """What stopped it the last time that it was asked."""

    @property
    def name(self) -> str:
        return self._generator.name

    @property
    def context(self) -> int:
        return self._generator.context

    def stream(self, messages: Sequence[Message]) -> Iterator[Delta]:
        """Yield what the model writes. Raises what it raises."""
        self.error = None
        try:
            yield from self._generator.stream(messages)
        except ModelError as error:
            self.error = error
            raise


def _ask(question: str, library: Library) -> tuple[Answer, Seconds]:
    began = time.monotonic()
    search_time = text = 0.0
    for event in library.stream(question):
        passed = time.monotonic() - began
        match event:
            case Found():
                search_time = passed
            case Delta():
                text = text or passed
            case Anew():
                pass
            case Done(answer):
                return answer, Seconds(search_time, text or passed, passed)
    raise IbidError("the answer ended early")


def _read(case: Case, answer: Answer, seconds: Seconds, watched: Watched | None) -> Reply:
    if answer.status is Status.NOT_IN_SOURCES:
        return Reply(Outcome.REFUSED, seconds, {})
    if watched and not answer.run.model:
        reason = _reason(watched.error)
        return Reply(Outcome.FELL_BACK, seconds, {}, reason=reason, notice=answer.run.notice)
    cited = [citation for claim in answer.claims for citation in claim.citations]
    judged = [
        citation for citation in cited if case.targets and citation.passage.article != case.asked_in
    ]
    return Reply(
        outcome=Outcome.ANSWERED,
        seconds=seconds,
        sentences=Counter(claim.support for claim in answer.claims),
        characters=sum(len(claim.text) for claim in answer.claims),
        cited=len(judged),
        right=sum(any(_hits(citation, target) for target in case.targets) for citation in judged),
        hit=_share(
            [any(_hits(citation, target) for citation in judged) for target in case.targets]
        ),
    )


def _reason(error: ModelError | None) -> Reason:
    match error:
        case None:
            return Reason.NOT_SUPPORTED
        case PromptTooLong():
            return Reason.TOO_LONG
        case AnswerIncomplete():
            return Reason.INCOMPLETE
        case _:
            return Reason.FAILED


def _hits(citation: Citation, target: Target) -> bool:
    same = citation.passage.article == target.article
    return same and (target.span is None or target.span.overlaps(citation.quote))


def _share(verdicts: Sequence[bool]) -> float:
    return sum(verdicts) / len(verdicts) if verdicts else 0.0
