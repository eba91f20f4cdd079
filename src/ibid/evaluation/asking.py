"""Asking a library the questions of a set: what was found, and what should have been."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ibid.evaluation.cases import Case, Target
from ibid.evaluation.measuring import Values, overlap
from ibid.evaluation.ranking import Find
from ibid.library import Library
from ibid.types import ArticleId, Hit, Passage, Span, Status

READ = 5
"""Passages whose characters are compared with the excerpts that answer."""

Tick = Callable[[int], None]
"""Told how many questions have been asked."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """How many questions were answered, of those that have an answer and of those that have none.

    Nobody can be asked whether a sentence answers: only whether one was given is counted.
    """

    answered: int
    answerable: int
    refused: int
    unanswerable: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """Per question: what share of the wanted characters was found, of the found ones wanted."""

    recall: Values
    precision: Values
    iou: Values


def find_all(cases: Sequence[Case], find: Find, tick: Tick) -> dict[str, list[tuple[Hit, float]]]:
    """Return what each question finds; the article that it was taken from does not count."""
    results: dict[str, list[tuple[Hit, float]]] = {}
    for number, case in enumerate(cases, start=1):
        hits = find(case.question)
        results[case.id] = [hit for hit in hits if hit[0].passage.article != case.asked_in]
        tick(number)
    return results


def make_run(
    cases: Sequence[Case], results: Mapping[str, Sequence[tuple[Hit, float]]]
) -> dict[str, dict[str, float]]:
    """Return a run: of passages for a question that a span answers, else of articles.

    Where a whole article answers beside a span, its best passage counts as that article. An
    article has the score of its best passage. Of equal scores the later one is made smaller by
    the least that 32 bits tell apart: TREC's tools would order them by their ids.
    """
    run: dict[str, dict[str, float]] = {}
    for case in cases:
        scores = run.setdefault(case.id, {})
        last, spans, whole = np.float32(np.inf), _spans(case), _whole(case)
        for hit, score in results[case.id]:
            by_passage = spans and hit.passage.article not in whole
            id = hit.passage.id if by_passage else hit.passage.article
            if id not in scores:
                last = min(np.float32(score), np.nextafter(last, np.float32(-np.inf)))
                scores[id] = float(last)
    return run


def judge(cases: Sequence[Case], library: Library) -> dict[str, dict[str, int]]:
    """Return what answers each question: articles, or the passages that a target is in.

    A place in an article that answers as a whole is no other answer. A passage is relevant where
    it shares at least half of itself, or of the target, with it.
    """
    of_article: dict[ArticleId, list[Passage]] = {}
    qrels: dict[str, dict[str, int]] = {}
    for case in cases:
        if case.answerable:
            grades = qrels.setdefault(case.id, {})
            whole = _whole(case)
            grades.update(dict.fromkeys(whole, 1))
            for target in case.targets:
                if target.span and target.article not in whole:
                    if target.article not in of_article:
                        of_article[target.article] = library.passages(target.article)
                    ids = _answering(target.span, of_article[target.article])
                    grades.update(dict.fromkeys(ids, 1))
    return qrels


def measure_overlap(
    cases: Sequence[Case], results: Mapping[str, Sequence[tuple[Hit, float]]]
) -> Overlap:
    """Return how exactly the first passages cover what answers, where that is known to a span."""
    values = {case.id: cover(case, _read(results[case.id])) for case in cases if _spans(case)}
    return Overlap(*({id: shares[part] for id, shares in values.items()} for part in range(3)))


def cover(case: Case, pieces: Sequence[Target]) -> tuple[float, float, float]:
    """Return recall, precision and IoU of the characters of pieces that were found for a question.

    Characters of different articles are kept apart by moving each article's spans.
    """
    articles = sorted({target.article for target in (*case.targets, *pieces)})
    shift = {article: number << 32 for number, article in enumerate(articles)}

    def moved(places: Sequence[Target]) -> list[Span]:
        return [_moved(place.span, shift[place.article]) for place in places if place.span]

    return overlap(moved(pieces), moved(case.targets))


def count_refusals(cases: Sequence[Case], library: Library, tick: Tick) -> Refusals:
    """Return how often an answer is given to questions with and without one."""
    answers: dict[str, bool] = {}
    for number, case in enumerate(cases, start=1):
        answers[case.id] = library.ask(case.question).status is not Status.NOT_IN_SOURCES
        tick(number)
    answerable = [answers[case.id] for case in cases if case.answerable]
    unanswerable = [answers[case.id] for case in cases if not case.answerable]
    return Refusals(sum(answerable), len(answerable), unanswerable.count(False), len(unanswerable))


def _spans(case: Case) -> bool:
    return any(target.span for target in case.targets)


def _whole(case: Case) -> list[ArticleId]:
    return [target.article for target in case.targets if target.span is None]


def _answering(place: Span, passages: Sequence[Passage]) -> Iterator[str]:
    for passage in passages:
        shared = _shared(passage.span, place)
        if passage.sentences and 2 * shared >= min(len(passage.span), len(place)):
            yield passage.id


def _shared(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _read(hits: Sequence[tuple[Hit, float]]) -> list[Target]:
    return [Target(hit.passage.article, hit.passage.span) for hit, _ in hits[:READ]]


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)
