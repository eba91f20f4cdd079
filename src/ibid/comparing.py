"""From a topic to a grid: rows of what articles claim, a cell with a quote for each article."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ibid.claims import find_assertions
from ibid.comparison import Agreement, Assertion, Cell, Comparison, Kin, Row, Stance
from ibid.evidence import find_evidence
from ibid.facets import Grammar, name_row, read_words
from ibid.likeness import find_kin
from ibid.questions import Kind, answer_kind, common_words, holds
from ibid.retrieval import Index, Question, Ranked, rank
from ibid.themes import CORE, Hearing, Theme, Voice, find_themes
from ibid.types import ArticleId, Run

COLUMNS = 8
"""Articles side by side. Of more, those that say most about the topic are taken."""

READ = 100
"""Passages that tell which articles these are."""

ALONE, ALONE_PER_ARTICLE = 10, 3
"""Claims that one article only makes: shown at all, and of one article."""

AT_LEAST = 0.35
"""What a passage about the topic counts where its words are far from what is asked for."""

FAR = 0.2
"""Share of the best relevance below which a sentence has nothing to do with the topic."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What articles are compared about."""

    question: Question
    head: Question | None = None
    """What is asked for of it: `challenges` of "challenges of AI in drug discovery"."""


def compare(topic: Topic, index: Index, run: Run) -> Comparison:
    """Return what the articles claim about a topic, side by side."""
    searched = index.corpus.ids if topic.question.rows is None else _scope(topic.question, index)
    columns = _columns(topic.question, searched, index)
    hearing = _hear(topic, columns, index)
    stems = topic.question.stems
    themes = find_themes(hearing, frozenset(stems if len(stems) > 1 else ()))
    grammar = Grammar(voice.spoken for voice in hearing.voices)
    kin = tuple(find_kin([index.corpus.article(id) for id in columns]))
    rows = tuple(_row(theme, hearing, grammar, kin) for theme in themes)
    alone = tuple(_alone(themes, hearing))
    return Comparison(topic.question.text, columns, rows, alone, len(searched) - len(columns), run)


def _scope(question: Question, index: Index) -> list[ArticleId]:
    return sorted(set(index.corpus.articles_of(question.rows or ()).values()))


def _columns(
    question: Question, searched: Sequence[ArticleId], index: Index
) -> tuple[ArticleId, ...]:
    """Return the articles that say most about the topic, or all of a few, in order of their ids."""
    if len(searched) <= COLUMNS:
        return tuple(searched)
    best: dict[ArticleId, list[float]] = defaultdict(list)
    for evidence in find_evidence(question, rank(question, index, READ), index):
        best[evidence.passage.article].append(evidence.score)
    heard = {id: sum(sorted(scores)[-3:]) for id, scores in best.items()}
    return tuple(sorted(sorted(heard, key=lambda each: (-heard[each], each))[:COLUMNS]))


def _hear(topic: Topic, columns: tuple[ArticleId, ...], index: Index) -> Hearing:
    """Read all that the columns assert, and weigh how much it has to do with the topic."""
    numbers = index.corpus.row_numbers(columns)
    question = replace(topic.question, rows=numbers)
    ranked = rank(question, index, len(numbers))
    voices = _normal(_weigh(topic, question, ranked, index))
    voices.sort(key=lambda voice: (voice.article, voice.located.assertion.span))
    vectors = index.sentences.vectors([voice.located.vector for voice in voices])
    return Hearing(columns, tuple(voices), vectors, index.corpus.sizes_of(columns))


def _weigh(
    topic: Topic, question: Question, ranked: Sequence[Ranked], index: Index
) -> Iterator[Voice]:
    scores = {each.vector: each.score for each in find_evidence(question, ranked, index)}
    rows = index.corpus.rows([each.row for each in ranked])
    close = _closeness(topic.head, [row.number for row in rows], index)
    kind = answer_kind(question.text)
    common = common_words(row.passage.text for row in rows)
    is_bare = not any(index.words.document_frequencies(question.stems))
    for row, closeness in zip(rows, close, strict=True):
        for located in find_assertions(row, index.corpus):
            text = located.assertion.text
            fits = holds(kind, text, common) or kind is Kind.ANY
            score = 1.0 if is_bare else max(scores.get(located.vector, 0.0), 0.0)
            weight = AT_LEAST + (1 - AT_LEAST) * closeness if topic.head else 1.0
            spoken = read_words(text, located.label)
            yield Voice(located, spoken, score * weight * fits, closeness > 0)


def _closeness(head: Question | None, rows: Sequence[int], index: Index) -> list[float]:
    """Return from 0 to 1 how close the words of each passage come to what is asked for.

    The usual passage has 0, so that this tells where the articles speak of it.
    """
    if head is None or index.tokens is None or not len(head.tokens):
        return [1.0] * len(rows)
    closest = index.tokens.closest(head.tokens, rows) @ head.token_weights
    usual, most = float(np.median(closest)), float(closest.max())
    return ((closest - usual) / ((most - usual) or 1.0)).clip(0, 1).tolist()


def _normal(voices: Iterator[Voice]) -> list[Voice]:
    """Return the voices with relevances that begin with 1."""
    found = list(voices)
    most = max((voice.relevance for voice in found), default=0.0) or 1.0
    return [
        replace(
            voice,
            relevance=voice.relevance / most,
            is_near=voice.is_near and voice.relevance >= FAR * CORE * most,
        )
        for voice in found
    ]


def _row(theme: Theme, hearing: Hearing, grammar: Grammar, kin: Sequence[Kin]) -> Row:
    centre = hearing.centre(theme.members)
    members: dict[ArticleId, list[int]] = defaultdict(list)
    for number in theme.members:
        members[hearing.article_of(number)].append(number)
    cells = (
        _cell(article, members.get(article, ()), centre, hearing) for article in hearing.articles
    )
    spoken = [(hearing.article_of(n), hearing.voices[n].spoken) for n in theme.members]
    title = name_row(theme.phrase, spoken, grammar)
    return Row(title, tuple(cells), count_sources(members, kin))


def count_sources(speaking: Collection[ArticleId], kin: Sequence[Kin]) -> Agreement:
    """Return how many independent sources some articles are: kin of kin count once."""
    source = {article: article for article in speaking}
    why = tuple(each for each in kin if each.one in source and each.other in source)
    for each in why:
        old, new = source[each.other], source[each.one]
        source = {article: new if of == old else of for article, of in source.items()}
    return Agreement(len(speaking), len(set(source.values())), why)


def _cell(
    article: ArticleId, members: Sequence[int], centre: NDArray[np.float32], hearing: Hearing
) -> Cell:
    own = members or [n for n in range(len(hearing.voices)) if hearing.article_of(n) == article]
    cosines = {n: float(hearing.vectors[n] @ centre) for n in own}
    searched = hearing.passages.get(article, 0)
    if not members:
        nearest = max(own, key=lambda n: (cosines[n], -n), default=None)
        if nearest is None:
            return Cell(article, Stance.SILENT, searched=searched)
        closest = hearing.voices[nearest].located.assertion
        score = cosines[nearest]
        return Cell(article, Stance.SILENT, searched=searched, nearest=closest, score=score)
    ordered = sorted(own, key=lambda n: (-cosines[n] - hearing.voices[n].relevance, n))
    quotes = tuple(hearing.voices[n].located.assertion for n in ordered)
    return Cell(article, Stance.SAYS, quotes, searched=searched, score=cosines[ordered[0]])


def _alone(themes: Sequence[Theme], hearing: Hearing) -> Iterator[Assertion]:
    """Yield what is said about the topic and stands in no row."""
    shared = {number for theme in themes for number in theme.members}
    left = [
        n for n, voice in enumerate(hearing.voices) if n not in shared and voice.relevance >= CORE
    ]
    taken: dict[ArticleId, int] = defaultdict(int)
    for number in sorted(left, key=lambda n: (-hearing.voices[n].relevance, n)):
        article = hearing.article_of(number)
        if taken[article] < ALONE_PER_ARTICLE and sum(taken.values()) < ALONE:
            taken[article] += 1
            yield hearing.voices[number].located.assertion
