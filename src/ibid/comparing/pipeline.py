"""From a topic to a grid: rows of what articles claim, a cell with a quote for each article."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, islice, zip_longest

import numpy as np
from numpy.typing import NDArray

from ibid.comparing.answers import NOTHING, Answers, find_answers
from ibid.comparing.claims import CANDIDATES, SAYS, choose_claims
from ibid.comparing.conflicts import NOTE
from ibid.comparing.disputes import find_disputes
from ibid.comparing.figures import find_figures
from ibid.comparing.matching import Matching
from ibid.comparing.overview import choose_alike, hear_all
from ibid.comparing.relevance import CORE, Hearing, Topic, hear
from ibid.comparing.scoring import score_statements
from ibid.comparing.timeline import find_timeline
from ibid.comparing.years import differ_in_years
from ibid.english import QuestionKind, head_of, speaks_back, stems
from ibid.index import Index
from ibid.ports import Embedder, Reader
from ibid.reading import count_sources, find_kin
from ibid.search import Question, rank
from ibid.types import (
    ArticleId,
    Assertion,
    Cell,
    Comparison,
    Conflict,
    Figure,
    Kin,
    Moment,
    Row,
    Rule,
    Run,
    Stance,
)

COLUMNS = 8
"""Articles side by side. Of more, those that say most about the topic are taken."""

READ = 100
"""Passages that tell which articles these are."""

QUOTES_PER_CELL = 2
"""Quotes of an article that are shown; the others are counted."""

ROWS = 8
"""Rows at most, beside those that conflicts need."""

RELEVANT = 0.1
"""What the relevance of a quote counts beside its likeness to the row's claim."""

COUNTED = 500
"""Sentences about the topic in which figures and times are looked for."""

ALONE, ALONE_PER_ARTICLE = 10, 3
"""Claims that one article only makes: shown at all, and of one article."""

_ONE_FACT = {QuestionKind.YES_NO, *(kind for kind in QuestionKind if kind.is_fact)}
_WORD = re.compile(r"\w+")


def compare(topic: Topic, index: Index, embedder: Embedder, reader: Reader, run: Run) -> Comparison:
    """Return what the articles claim about a topic, side by side."""
    searched = index.corpus.ids if topic.question.rows is None else _scope(topic.question, index)
    columns = _columns(topic.question, searched, index)
    hearing = hear(topic, columns, index, embedder)
    silent, portion = len(searched) - len(columns), hearing.portion
    sizes = portion.sentences_in_all, portion.sentences
    nothing = Comparison(topic.question.text, columns, (), (), silent, run, hearing.unused, *sizes)
    if hearing.is_silent:
        return nothing
    answers = find_answers(topic, hearing, index, reader)
    grid = _Grid(topic.question, hearing, answers, index)
    rows = tuple(grid.rows())
    alone, about = tuple(grid.alone(rows)), grid.about()
    figures, timeline = grid.figures(about), grid.timeline(about)
    return replace(nothing, rows=rows, alone=alone, figures=figures, timeline=timeline)


def _scope(question: Question, index: Index) -> list[ArticleId]:
    return sorted(index.corpus.articles_of(question.rows or ()))


def _columns(
    question: Question, searched: Sequence[ArticleId], index: Index
) -> tuple[ArticleId, ...]:
    """Return the articles that say most about the topic, or all of a few, in order of their ids."""
    if len(searched) <= COLUMNS:
        return tuple(searched)
    best: dict[ArticleId, list[float]] = defaultdict(list)
    for fit in score_statements(question, rank(question, index, READ), index):
        best[fit.article].append(fit.score)
    heard = {id: sum(sorted(scores)[-3:]) for id, scores in best.items()}
    return tuple(sorted(sorted(heard, key=lambda article: (-heard[article], article))[:COLUMNS]))


def compare_all(
    articles: Collection[ArticleId] | None, index: Index, embedder: Embedder, run: Run
) -> Comparison:
    """Return what some articles, or all, claim in common, and where they are at odds."""
    searched = index.corpus.ids if articles is None else sorted(articles)
    columns = choose_alike(searched, index, COLUMNS)
    hearing = hear_all(columns, index, embedder)
    silent, portion = len(searched) - len(columns), hearing.portion
    sizes = portion.sentences_in_all, portion.sentences
    nothing = Comparison("", columns, (), (), silent, run, (), *sizes)
    if hearing.is_silent:
        return nothing
    grid = _Grid(None, hearing, NOTHING, index)
    figures, timeline = grid.figures(about := grid.about()), grid.timeline(about)
    return replace(nothing, rows=tuple(grid.rows()), figures=figures, timeline=timeline)


class _Grid:
    """The rows of one comparison."""

    def __init__(
        self, question: Question | None, hearing: Hearing, answers: Answers, index: Index
    ) -> None:
        self._topic = question.text if question else ""
        self._kind = question.form.kind if question else QuestionKind.ANY
        self._hearing, self._answers = hearing, answers
        self._articles = {id: index.corpus.article(id) for id in hearing.articles}
        self._kin = tuple(find_kin(list(self._articles.values())))
        self._matching = Matching(hearing)
        asks_name = self._kind is QuestionKind.NAME
        self._disputes = find_disputes(hearing, self._articles, self._kin, asks_name=asks_name)
        self._relevance = np.array([v.relevance for v in hearing.voices], dtype=np.float32)
        self._is_sure = np.array([not voice.located.is_doubtful for voice in hearing.voices])
        places = hearing.by_article(range(len(hearing.voices)))
        self._own = {hearing.article_of(own.start): range(own.start, own.stop) for own in places}

    def rows(self) -> Iterator[Row]:
        """Yield what answers the topic, then the claims that cover most of what is said about it.

        Beside the answer to a question for one fact there are rows for conflicts only.
        """
        whole = [*self._whole()]
        few = self._kind in _ONE_FACT
        claims = [] if few else choose_claims(self._hearing, self._matching, ROWS)
        homes = self._homes(claims, has_whole=bool(whole))
        for row in whole:
            yield self._finish(row, homes.pop(None, ()))
        remaining = (claim for claim in homes if claim is not None and claim not in claims)
        rows = [self._finish(self._row(n), homes.get(n, ())) for n in (*claims, *remaining)]
        yield from sorted(rows, key=lambda row: -row.agreement.articles)

    def alone(self, rows: Iterable[Row]) -> Iterator[Assertion]:
        """Yield what is said about the topic and no row shows, the best of each article first."""
        assertions = {
            q for row in rows for cell in row.cells for q in cell.quotes[:QUOTES_PER_CELL]
        }
        head = frozenset(stems(head_of(self._topic)))
        voices = self._hearing.voices
        candidates = [
            n
            for n, voice in enumerate(voices)
            if voice.relevance >= CORE
            and voice.is_about
            and not voice.located.is_doubtful
            and voice.located.assertion not in assertions
            and not speaks_back(voice.spoken.text, head)
        ]
        candidates.sort(key=lambda n: (-voices[n].relevance, n))
        candidates = self._said_by_one(candidates[:CANDIDATES])
        by_article: dict[ArticleId, list[int]] = defaultdict(list)
        for number in self._once(candidates):
            by_article[self._hearing.article_of(number)].append(number)
        turns = zip_longest(*(own[:ALONE_PER_ARTICLE] for own in by_article.values()))
        heard = [number for turn in turns for number in turn if number is not None]
        for number in heard[:ALONE]:
            yield voices[number].located.assertion

    def _said_by_one(self, numbers: Sequence[int]) -> list[int]:
        """Return those of some sentences that no other article says."""
        if not numbers:
            return []
        alike = self._matching.likeness(numbers) >= SAYS
        for place, number in enumerate(numbers):
            own = self._own[self._hearing.article_of(number)]
            alike[place, own.start : own.stop] = False
        alone: list[int] = np.flatnonzero(~alike.any(axis=1)).tolist()
        return [numbers[place] for place in alone]

    def about(self) -> list[int]:
        """Return the sentences about the topic, most relevant first, notes on sources left out."""
        voices, answers = self._hearing.voices, frozenset(self._answers.ordered)
        numbers = [
            n
            for n, voice in enumerate(voices)
            if (n in answers or voice.relevance >= CORE) and not NOTE.match(voice.spoken.text)
        ]
        ordered = self._once(sorted(numbers, key=lambda n: (-voices[n].relevance, n)))
        return [*islice(ordered, COUNTED)]

    def figures(self, numbers: Sequence[int]) -> tuple[Figure, ...]:
        return find_figures(self._hearing, self._matching, numbers)

    def timeline(self, numbers: Sequence[int]) -> tuple[Moment, ...]:
        return find_timeline(self._hearing, numbers, self._articles)

    def _homes(self, claims: Sequence[int], *, has_whole: bool) -> dict[int | None, list[Conflict]]:
        """Return the conflicts by the claim whose row shows them, None for the row of the topic.

        One that fits no claim has a row that its first sentence names.
        """
        homes: dict[int | None, list[Conflict]] = defaultdict(list)
        answers = frozenset(self._answers.ordered if has_whole else ())
        likeness = self._matching.likeness(claims) if claims else None
        for dispute in self._disputes:
            home: int | None = dispute.numbers[0]
            if answers.issuperset(dispute.numbers):
                home = None
            elif likeness is not None:
                fit = likeness[:, dispute.numbers].min(axis=1)
                home = claims[int(fit.argmax())] if fit.max() >= SAYS else home
            homes[home].append(dispute.conflict)
        return homes

    def _whole(self) -> Iterator[Row]:
        """Yield the row of the topic as a whole, if any article speaks of it."""
        if self._answers.ordered:
            cells = [self._answer_cell(article) for article in self._hearing.articles]
            if self._kind is QuestionKind.TIME:
                cells = [*differ_in_years(cells, self._articles)]
            yield Row(
                self._topic[:1].upper() + self._topic[1:], tuple(cells), count_sources((), ())
            )

    def _answer_cell(self, article: ArticleId) -> Cell:
        ordered = self._answers.ordered
        own = [n for n in self._once(ordered) if n in self._own.get(article, ())]
        if own:
            says = own[0] in self._answers.says
            score = float(self._relevance[own[0]])
            return self._cell(article, Stance.SAYS if says else Stance.CLOSE, own, score)
        return self._silence(article, self._relevance)

    def _row(self, claim: int) -> Row:
        """Return what each article says of what a sentence claims."""
        (likeness,) = self._matching.likeness([claim])
        fit: list[float] = (likeness + RELEVANT * self._relevance).tolist()
        order = sorted(range(len(fit)), key=lambda number: (-fit[number], number))
        alike = (likeness >= SAYS) & self._is_sure
        says = alike & self._matching.with_figures(claim)
        stances = {
            Stance.SAYS: [n for n in self._once(order) if says[n]],
            Stance.CLOSE: [n for n in self._once(order) if alike[n]],
        }
        cells = [self._claim_cell(article, stances, likeness) for article in self._hearing.articles]
        return Row(self._hearing.voices[claim].spoken.text, tuple(cells), count_sources((), ()))

    def _claim_cell(
        self,
        article: ArticleId,
        stances: Mapping[Stance, Sequence[int]],
        likeness: NDArray[np.float32],
    ) -> Cell:
        for stance, numbers in stances.items():
            own = [n for n in numbers if n in self._own.get(article, ())]
            if own:
                return self._cell(article, stance, own, float(likeness[own[0]]))
        return self._silence(article, likeness)

    def _cell(
        self, article: ArticleId, stance: Stance, numbers: Sequence[int], score: float
    ) -> Cell:
        quotes = tuple(self._hearing.voices[n].located.assertion for n in numbers)
        searched = self._hearing.passages.get(article, 0)
        return Cell(article, stance, quotes, searched=searched, score=score)

    def _silence(self, article: ArticleId, fit: NDArray[np.float32]) -> Cell:
        """Return the cell of an article that does not speak of a row, with what comes closest.

        `fit` tells of every sentence how close it comes.
        """
        searched = self._hearing.passages.get(article, 0)
        if not (own := self._own.get(article)):
            return Cell(article, Stance.SILENT, searched=searched)
        best = own[int(fit[own.start : own.stop].argmax())]
        nearest = self._hearing.voices[best].located.assertion
        return Cell(
            article, Stance.SILENT, searched=searched, nearest=nearest, score=float(fit[best])
        )

    def _finish(self, row: Row, conflicts: Sequence[Conflict]) -> Row:
        """Return a row with its conflicts, and with how many sources say so."""
        cells = tuple(_differ(cell, conflicts) for cell in row.cells)
        row = replace(row, cells=cells, conflicts=tuple(conflicts))
        kin = (*self._kin, *_find_copied([*row.saying], self._kin))
        saying = [cell.article for cell in row.saying]
        return replace(row, agreement=count_sources(saying, kin))

    def _once(self, numbers: Iterable[int]) -> Iterator[int]:
        """Yield sentences, but what an article says twice once."""
        keys: set[tuple[ArticleId, str]] = set()
        for number in numbers:
            voice = self._hearing.voices[number]
            key = voice.article, " ".join(_WORD.findall(voice.spoken.text.lower()))
            if key not in keys:
                keys.add(key)
                yield number


def _differ(cell: Cell, conflicts: Sequence[Conflict]) -> Cell:
    """Return the cell with what it says otherwise than an article before it."""
    for conflict in conflicts:
        if not conflict.is_within and conflict.other.article == cell.article:
            text = f"“{conflict.said[1]}”, not “{conflict.said[0]}”"
            ordered = (conflict.other, *(q for q in cell.quotes if q != conflict.other))
            return replace(cell, stance=Stance.DIFFERS, difference=text, quotes=ordered)
    return cell


def _find_copied(cells: Sequence[Cell], kinships: Sequence[Kin]) -> Iterator[Kin]:
    """Yield the other pairs of which one article shows nothing but what the other one shows."""
    pairs = [{kin.one, kin.other} for kin in kinships]
    for one, other in combinations((cell for cell in cells if cell.quotes), 2):
        ours, theirs = ({q.text for q in cell.quotes[:QUOTES_PER_CELL]} for cell in (one, other))
        is_copied = ours <= theirs or theirs <= ours
        if is_copied and {one.article, other.article} not in pairs:
            yield Kin(one.article, other.article, Rule.NEAR_COPY, "word for word the same here")
