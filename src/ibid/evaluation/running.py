"""From a question set to its measures: build what is missing, ask everything, judge."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ibid.errors import UsageError
from ibid.evaluation.asking import (
    Overlap,
    Refusals,
    count_refusals,
    find_all,
    judge,
    make_run,
    measure_overlap,
)
from ibid.evaluation.cases import Case, QuestionSet
from ibid.evaluation.measuring import Qrels, Run, Values, measure
from ibid.evaluation.placing import fill, place, refuse_overlap
from ibid.evaluation.ranking import Ranking, finder
from ibid.library import Library
from ibid.ports import Embedder
from ibid.reading import Folders
from ibid.settings import Settings
from ibid.text import count
from ibid.types import ArticleId, Progress

OnProgress = Callable[[Progress], None]

_SEED = 20260727


@dataclass(frozen=True, slots=True)
class Exam:
    """Questions, what answers them, and the library that is asked; none where runs are judged."""

    name: str
    cases: tuple[Case, ...]
    qrels: Qrels
    library: Library | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """How one ranking does in an exam, question by question."""

    exam: Exam
    ranking: str
    run: Run
    values: Mapping[str, Values]
    overlap: Overlap | None = None
    """None where nothing is known to a span."""
    refusals: Refusals | None = None
    """None where every question has an answer."""


def prepare(
    questions: QuestionSet,
    work: Path,
    settings: Settings,
    on_progress: OnProgress,
    embedder: Embedder | None = None,
) -> Library:
    """Return a library of the set's articles, kept in `work` and built where it is not yet.

    Raises UsageError when `work` cannot be written or has files of somebody else where the
    articles go, and what building raises.
    """
    path = place(questions, work)
    articles, index = path / "articles", path / "index"
    theirs = questions.source or Folders(tuple(map(Path, settings.articles)))
    for folder in theirs.paths:
        refuse_overlap(articles, folder)
    try:
        fill(articles, questions.articles)
    except OSError as error:
        raise UsageError(f"{work} cannot be written: {error.strerror}") from error
    library = Library.open(articles, index, replace(settings, model="none"), embedder=embedder)
    library.build(on_progress, prune=True)  # its articles are copies, made here
    return library


def examine(name: str, cases: Sequence[Case], library: Library) -> Exam:
    """Return an exam of some questions about the articles of `library`.

    Of files with the same bytes only the first is searched, and stands for its copies. Raises
    UsageError when the library lacks an article that answers.
    """
    articles = library.described
    originals = {copy: article.id for article in articles for copy in article.copies}
    questions = tuple(_of_originals(case, originals) for case in cases)
    wanted = {target.article for case in questions for target in case.targets}
    if missing := sorted(wanted - {article.id for article in articles}):
        raise UsageError(f"{missing[0]} answers a question and is not in the index of {name}")
    return Exam(name, questions, judge(questions, library), library)


def _of_originals(case: Case, originals: Mapping[ArticleId, ArticleId]) -> Case:
    targets = (
        replace(target, article=originals.get(target.article, target.article))
        for target in case.targets
    )
    asked_in = originals.get(case.asked_in, case.asked_in) if case.asked_in else None
    return replace(case, targets=tuple(dict.fromkeys(targets)), asked_in=asked_in)


def measure_ranking(exam: Exam, ranking: Ranking, on_progress: OnProgress) -> Measurement:
    """Return how a ranking of ibid does. Raises UsageError where there is nothing to measure."""
    library = exam.library
    if library is None:
        hint = "--by RUN names the file of a run, or --set, --questions or --self what is asked"
        raise UsageError(f"{ranking} has no articles to rank", hint=hint)

    def tick(stage: str, total: int) -> Callable[[int], None]:
        return lambda number: on_progress(Progress(stage, number, total))

    cases = [case for case in exam.cases if case.answerable]
    if not cases and (ranking is not Ranking.IBID or not exam.cases):
        hint = "ibid alone is asked what it refuses" if exam.cases else ""
        raise UsageError(f"{exam.name} has no question with an answer to find", hint=hint)
    results = find_all(cases, finder(library, ranking), tick(ranking, len(cases)))
    overlap = measure_overlap(cases, results)
    refusable = len(cases) < len(exam.cases) and ranking is Ranking.IBID
    return Measurement(
        exam=exam,
        ranking=ranking.value,
        run=(run := make_run(cases, results)),
        values=measure(exam.qrels, run),
        overlap=overlap if overlap.recall else None,
        refusals=count_refusals(exam.cases, library, tick("asking", len(exam.cases)))
        if refusable
        else None,
    )


def measure_run(exam: Exam, name: str, run: Run) -> Measurement:
    """Return how a run does that was made elsewhere. Raises UsageError when it is of others."""
    if not exam.qrels.keys() & run.keys():
        hint = "a run is measured by the judgements of its own questions"
        raise UsageError(f"{name} has no question of {exam.name}", hint=hint)
    return Measurement(exam, name, run, measure(exam.qrels, run))


def find_gaps(measured: Measurement) -> list[str]:
    """Return what makes a ranking's measures say less than they seem to."""
    qrels, run = measured.exam.qrels, measured.run
    gaps: list[str] = []
    if unsearched := sum(not grades for grades in qrels.values()):
        questions = count(unsearched, "question")
        gaps.append(
            f"what answers {questions} is not searched, as front matter is not: they count as 0"
        )
    if missing := len(qrels.keys() - run.keys()):
        there = len(qrels) - missing
        gaps.append(
            f"{measured.ranking} has {there:,} of the {count(len(qrels), 'question')}, "
            "the others count as 0"
        )
    ids = {id for question in qrels for id in run.get(question, ())}
    if ids and ids.isdisjoint(id for grades in qrels.values() for id in grades):
        gaps.append(
            f"nothing that {measured.ranking} finds is judged: are its ids of the same kind?"
        )
    return gaps


def draw(cases: Sequence[Case], limit: int | None) -> tuple[Case, ...]:
    """Return at most `limit` of the cases, the same ones each time, in their order."""
    if limit is None or limit >= len(cases):
        return tuple(cases)
    chosen = set(random.Random(_SEED).sample(range(len(cases)), limit))  # noqa: S311 -- no secret
    return tuple(case for number, case in enumerate(cases) if number in chosen)
