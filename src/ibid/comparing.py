"""From a topic to a grid: rows of what articles claim, a cell with a quote for each article."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ibid.comparison import Agreement, Assertion, Cell, Comparison, Kin, Row, Stance
from ibid.evidence import find_evidence
from ibid.facets import name_row
from ibid.hearing import CORE, Embed, Hearing, Topic, hear
from ibid.likeness import find_kin
from ibid.retrieval import Index, Question, rank
from ibid.themes import Theme, find_themes
from ibid.types import ArticleId, Run

COLUMNS = 8
"""Articles side by side. Of more, those that say most about the topic are taken."""

READ = 100
"""Passages that tell which articles these are."""

RELEVANT = 0.3
"""What the relevance of a quote counts beside how like it is to what other articles say."""

SHOWN = 2
"""Quotes of an article that speak for it: they give the row its title, too."""

ALONE, ALONE_PER_ARTICLE = 10, 3
"""Claims that one article only makes: shown at all, and of one article."""


def compare(topic: Topic, index: Index, embed: Embed, run: Run) -> Comparison:
    """Return what the articles claim about a topic, side by side."""
    searched = index.corpus.ids if topic.question.rows is None else _scope(topic.question, index)
    columns = _columns(topic.question, searched, index)
    hearing = hear(topic, columns, index, embed)
    themes = find_themes(hearing, topic.question.stems)
    kin = tuple(find_kin([index.corpus.article(id) for id in columns]))
    rows = tuple(_row(theme, topic.question.text, hearing, kin) for theme in themes)
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


def _row(theme: Theme, topic: str, hearing: Hearing, kin: Sequence[Kin]) -> Row:
    members: dict[ArticleId, list[int]] = defaultdict(list)
    for number in _fitting_first(theme, hearing):
        members[hearing.article_of(number)].append(number)
    centre = hearing.centre([own[0] for own in members.values()])
    cells = (
        _speak(article, members[article], centre, hearing)
        if article in members
        else _be_silent(article, centre, hearing)
        for article in hearing.articles
    )
    shown = sorted(number for own in members.values() for number in own[:SHOWN])
    spoken = [(hearing.article_of(n), hearing.voices[n].spoken) for n in shown]
    title = name_row(theme.phrase, spoken, hearing.grammar) or topic
    return Row(title, tuple(cells), count_sources(members, kin))


def _fitting_first(theme: Theme, hearing: Hearing) -> list[int]:
    """Return the sentences of a theme, those first that are most like what other articles say."""
    likeness = hearing.likeness(theme.members)
    articles = np.array([hearing.articles.index(hearing.article_of(n)) for n in theme.members])
    closest = [likeness[:, articles == each].max(axis=1) for each in np.unique(articles)]
    fit = np.maximum(np.array(closest), 0).mean(axis=0)
    fit += [RELEVANT * hearing.voices[n].relevance for n in theme.members]
    order = sorted(range(len(fit)), key=lambda place: (-float(fit[place]), theme.members[place]))
    return [theme.members[place] for place in order]


def _speak(
    article: ArticleId, members: Sequence[int], centre: NDArray[np.float32], hearing: Hearing
) -> Cell:
    return Cell(
        article,
        Stance.SAYS,
        tuple(hearing.voices[n].located.assertion for n in members),
        searched=hearing.passages.get(article, 0),
        score=float(hearing.vectors[members[0]] @ centre),
    )


def _be_silent(article: ArticleId, centre: NDArray[np.float32], hearing: Hearing) -> Cell:
    """Return the cell of an article that does not speak of a row, with what comes closest."""
    searched = hearing.passages.get(article, 0)
    own = [n for n in range(len(hearing.voices)) if hearing.article_of(n) == article]
    if not own:
        return Cell(article, Stance.SILENT, searched=searched)
    scores = hearing.vectors[own] @ centre
    best = int(np.argmax(scores))
    closest = hearing.voices[own[best]].located.assertion
    score = float(scores[best])
    return Cell(article, Stance.SILENT, searched=searched, nearest=closest, score=score)


def count_sources(speaking: Collection[ArticleId], kin: Sequence[Kin]) -> Agreement:
    """Return how many independent sources some articles are: kin of kin count once."""
    source = {article: article for article in speaking}
    why = tuple(each for each in kin if each.one in source and each.other in source)
    for each in why:
        old, new = source[each.other], source[each.one]
        source = {article: new if of == old else of for article, of in source.items()}
    return Agreement(len(speaking), len(set(source.values())), why)


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
