"""From a topic to a grid: rows of what articles claim, a cell with a quote for each article."""

import datetime
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, zip_longest

import numpy as np
from numpy.typing import NDArray

from ibid.comparing.conflicts import Relation, find_conflict, find_forecast_conflict
from ibid.comparing.phrases import are_called_alike, name_row, says_nothing
from ibid.comparing.relevance import CORE, Hearing, Topic, Voice, hear
from ibid.comparing.scoring import score_statements
from ibid.comparing.themes import Theme, find_themes
from ibid.comparing.years import differ_in_years
from ibid.english import QuestionKind, head_of, speaks_back, stems
from ibid.index import Index
from ibid.ports import Embedder
from ibid.reading import count_sources, find_kin
from ibid.search import Question, rank
from ibid.types import (
    MEASURED,
    Article,
    ArticleId,
    Assertion,
    Cell,
    Comparison,
    Conflict,
    Kin,
    Row,
    Rule,
    Run,
    Stance,
)

COLUMNS = 8
"""Articles side by side. Of more, those that say most about the topic are taken."""

READ = 100
"""Passages that tell which articles these are."""

RELEVANT, ANSWERING = 0.3, 1.0
"""What the relevance of a quote counts beside how like it is to what other articles say, and where
the row answers the topic as a whole."""

QUOTES_PER_CELL = 2
"""Quotes of an article that speak for it: they give the row its title, too."""

ROWS = 8
"""Rows at most."""

SAME_QUOTES, SAME_ANSWER = 0.5, 0.65
"""Share of the quotes shown in a row that stand in an earlier one from which both are one row, and
where the earlier one answers the topic as a whole."""

PARAPHRASE = MEASURED.paraphrase
"""Cosine to what a row says, beyond the topic, from which a sentence says the same."""

NOT_UNLIKE, MUCH_ALIKE = MEASURED.not_unlike, MEASURED.much_alike
"""Such cosines from which a sentence that has all words of a row's title speaks of the row: where
it is about the topic, and where it is not."""

SAME_TIME = 31
"""Days within which two articles speak of the same time."""

MOST_PAIRED, WORDS_SHARED = 60, 0.4
"""Assertions of a row that are held against each other, and what share of the shorter one's words
that tell anything they need in common: the rules of conflicts ask for more."""

ALONE, ALONE_PER_ARTICLE = 10, 3
"""Claims that one article only makes: shown at all, and of one article."""

Members = dict[ArticleId, list[int]]
"""The sentences of a row by article, by number, those first that fit it best."""

_WORD = re.compile(r"\w+")


def compare(topic: Topic, index: Index, embedder: Embedder, run: Run) -> Comparison:
    """Return what the articles claim about a topic, side by side."""
    searched = index.corpus.ids if topic.question.rows is None else _scope(topic.question, index)
    columns = _columns(topic.question, searched, index)
    if topic.head and says_nothing(topic.head.stems):
        topic = replace(topic, head=None)
    hearing = hear(topic, columns, index, embedder)
    silent, portion = len(searched) - len(columns), hearing.portion
    sizes = portion.sentences_in_all, portion.sentences
    told = Comparison(topic.question.text, columns, (), (), silent, run, hearing.unused, *sizes)
    if hearing.is_silent:
        return told
    themes = find_themes(hearing, topic)
    articles = {id: index.corpus.article(id) for id in columns}
    about = _About(topic.question, articles, tuple(find_kin(list(articles.values()))))
    rows = _rows(themes, about, hearing)
    shared = frozenset(number for theme, _ in rows for number in theme.members)
    alone = tuple(_alone(shared, hearing, frozenset(stems(head_of(about.question.text)))))
    return replace(told, rows=tuple(row for _, row in rows), alone=alone)


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
    return tuple(sorted(sorted(heard, key=lambda each: (-heard[each], each))[:COLUMNS]))


@dataclass(frozen=True, slots=True)
class _About:
    """What every row of a comparison is about."""

    question: Question
    articles: Mapping[ArticleId, Article]
    kin: tuple[Kin, ...]

    @property
    def asks_time(self) -> bool:
        return self.question.form.kind is QuestionKind.TIME

    def relation(self, one: ArticleId, other: ArticleId) -> Relation:
        """Return what what two articles say has to do with each other."""
        copies = ({k.one, k.other} for k in self.kin if k.rule is Rule.NEAR_COPY)
        return Relation(
            is_copy={one, other} in copies,
            is_later=_are_apart(self.articles[one].meta.date, self.articles[other].meta.date),
            asks_name=self.question.form.kind is QuestionKind.NAME,
        )


def _are_apart(one: str, other: str) -> bool:
    """Tell whether two dates are known and lie more than `SAME_TIME` days apart."""
    try:
        first, second = (datetime.date.fromisoformat(date[:10]) for date in (one, other))
    except ValueError:
        return False
    return abs((first - second).days) > SAME_TIME


def _rows(themes: Sequence[Theme], about: _About, hearing: Hearing) -> list[tuple[Theme, Row]]:
    """Return a row for each theme, those first of which most articles speak.

    Themes that the articles call the same (`savings`, `cost savings`), or of which half is shown
    in an earlier row, are one row. What answers the topic as a whole leads, and takes in no
    sentence that does not.
    """
    rows: list[tuple[Theme, Row]] = []
    for found in themes:
        theme, row = found, _row(found, about, hearing)
        odd = _new_conflicts(row, rows)
        if theme.is_aside and not odd:
            continue
        while known := next((each for each in rows if _is_in(row, *each)), None):
            if known[0].is_answer:
                break
            rows.remove(known)  # joined, it may be one with yet another
            theme = _join(known[0], _called_so(theme.members, known[1], hearing))
            row = replace(_row(theme, about, hearing), title=known[1].title)
        if odd and not row.title and rows and rows[0][0].is_answer:
            lead = rows[0][1]
            rows[0] = (rows[0][0], replace(lead, conflicts=(*lead.conflicts, *odd)))
        elif known is None or odd:
            rows.append((theme, row))
    rows.sort(key=lambda each: (not each[0].is_answer, -each[1].agreement.articles))
    best = [row for _, row in rows if row.title][:ROWS]
    return [
        (theme, row if row.title else replace(row, title=about.question.text))
        for theme, row in rows
        if row in best or row.conflicts
    ]


def _new_conflicts(row: Row, rows: Sequence[tuple[Theme, Row]]) -> list[Conflict]:
    """Return the conflicts of a row that no earlier one tells of in the same words."""
    known = {_told(conflict) for _, each in rows for conflict in each.conflicts}
    return [conflict for conflict in row.conflicts if _told(conflict) not in known]


def _told(conflict: Conflict) -> tuple[object, ...]:
    return conflict.one.article, conflict.other.article, conflict.kind, *conflict.said


def _is_in(row: Row, theme: Theme, known: Row) -> bool:
    """Tell whether a row has the title of one that is known, or half of its quotes.

    Of what answers the topic as a whole it needs to have more: that is about the same already.
    """
    quotes, others = (
        {quote for cell in each.cells for quote in cell.quotes[:QUOTES_PER_CELL]}
        for each in (row, known)
    )
    most = SAME_ANSWER if theme.is_answer else SAME_QUOTES
    is_called_so = not theme.is_answer and are_called_alike(row.title, known.title)
    return is_called_so or len(quotes & others) >= most * len(quotes)


def _called_so(numbers: Iterable[int], row: Row, hearing: Hearing) -> Iterator[int]:
    """Yield the sentences that may join a row: of its articles, or with all words of its title."""
    speaking, asked = {cell.article for cell in row.speaking}, stems(row.title)
    for number in numbers:
        voice = hearing.voices[number]
        if voice.article in speaking or all(voice.spoken.holds(stem) for stem in asked):
            yield number


def _join(theme: Theme, members: Iterable[int]) -> Theme:
    return replace(theme, members=tuple(sorted({*theme.members, *members})))


def _row(theme: Theme, about: _About, hearing: Hearing) -> Row:
    members: Members = {}
    for number in _once(_fitting_first(theme, hearing), hearing):
        members.setdefault(hearing.article_of(number), []).append(number)
    centre = hearing.centre([own[0] for own in members.values()])
    members.update(_find_paraphrases(members, centre, hearing))
    title = _title(theme, members, about, hearing)
    if holders := _find_holders(title, members, centre, hearing):
        members.update(holders)
        title = _title(theme, members, about, hearing)
    theme = _join(theme, [number for own in members.values() for number in own])
    cells = [
        _speak(article, members[article], centre, hearing)
        if article in members
        else _be_silent(article, theme, centre, hearing)
        for article in hearing.articles
    ]
    conflicts = tuple(_find_conflicts(theme, about, hearing))
    if about.asks_time and theme.is_answer:
        cells = list(differ_in_years(cells, about.articles))
    cells = [_differ(cell, conflicts) for cell in cells]
    kin = (*about.kin, *_find_copied(cells, about.kin))
    return Row(title, tuple(cells), count_sources(members, kin), conflicts)


def _title(theme: Theme, members: Members, about: _About, hearing: Hearing) -> str:
    """Return what the sentences that are shown call a row, nothing where they have no word for it.

    A row that answers the topic as a whole is called as the topic is.
    """
    if theme.is_answer:
        return about.question.text[:1].upper() + about.question.text[1:]
    shown = sorted(number for own in members.values() for number in own[:QUOTES_PER_CELL])
    spoken = [(hearing.article_of(n), hearing.voices[n].spoken) for n in shown]
    title = name_row(theme.phrase, spoken, hearing.grammar)
    return title[:1].upper() + title[1:]


def _find_holders(
    title: str, members: Members, centre: NDArray[np.float32], hearing: Hearing
) -> Members:
    """Return for articles that have no sentence in a row one that has all words of its title."""
    found: Members = {}
    if not (asked := frozenset(stems(title))):
        return found
    for number, likeness in _closest_of_others(members, centre, NOT_UNLIKE, hearing):
        voice = hearing.voices[number]
        is_about = voice.is_near or voice.relevance >= CORE / 3
        if (is_about or likeness >= MUCH_ALIKE) and all(voice.spoken.holds(stem) for stem in asked):
            found.setdefault(voice.article, [number])
    return found


def _find_paraphrases(members: Members, centre: NDArray[np.float32], hearing: Hearing) -> Members:
    """Return for articles that have no sentence in a row one that says the same in other words."""
    found: Members = {}
    for number, _ in _closest_of_others(members, centre, PARAPHRASE, hearing):
        found.setdefault(hearing.article_of(number), [number])
    return found


def _closest_of_others(
    members: Members, centre: NDArray[np.float32], least: float, hearing: Hearing
) -> Iterator[tuple[int, float]]:
    """Yield the sentences of articles that are not in a row, the one most like it first."""
    likeness: list[float] = (hearing.vectors @ centre).tolist()
    for number in sorted(range(len(likeness)), key=lambda n: (-likeness[n], n)):
        if likeness[number] < least:
            return
        if hearing.article_of(number) not in members:
            yield number, likeness[number]


def _find_conflicts(theme: Theme, about: _About, hearing: Hearing) -> Iterator[Conflict]:
    """Yield what excludes each other in a row, the same words of two articles once."""
    voices = [hearing.voices[n] for n in theme.members[:MOST_PAIRED]]
    seen: set[tuple[object, ...]] = set()
    for one, other in _pair_alike(voices):
        articles = about.articles[one.article], about.articles[other.article]
        found = find_forecast_conflict(one, other, articles)
        if found is None and one.article != other.article:
            found = find_conflict(one, other, about.relation(one.article, other.article))
        key = _told(found) if found else ()
        if found and key not in seen:
            seen.add(key)
            yield found


def _pair_alike(voices: Sequence[Voice]) -> Iterator[tuple[Assertion, Assertion]]:
    """Yield the pairs that share enough words to be held against each other."""
    words = [frozenset(term.stem for term in voice.spoken.terms) for voice in voices]
    for one, other in combinations(range(len(voices)), 2):
        shorter = min(len(words[one]), len(words[other]))
        if len(words[one] & words[other]) >= WORDS_SHARED * shorter:
            yield voices[one].located.assertion, voices[other].located.assertion


def _differ(cell: Cell, conflicts: Sequence[Conflict]) -> Cell:
    """Return the cell with what it says otherwise than an article before it."""
    for conflict in conflicts:
        if not conflict.is_within and conflict.other.article == cell.article:
            said = f"“{conflict.said[1]}”, not “{conflict.said[0]}”"
            ordered = (conflict.other, *(q for q in cell.quotes if q != conflict.other))
            return replace(cell, stance=Stance.DIFFERS, difference=said, quotes=ordered)
    return cell


def _fitting_first(theme: Theme, hearing: Hearing) -> list[int]:
    """Return the sentences of a theme, those first that are most like what other articles say."""
    likeness = hearing.likeness(theme.members)
    closest = [likeness[:, own].max(axis=1) for own in hearing.by_article(theme.members)]
    fit = np.maximum(np.array(closest), 0).mean(axis=0)
    share = ANSWERING if theme.is_answer else RELEVANT
    fit += [share * _worth(hearing.voices[n]) for n in theme.members]
    order = sorted(range(len(fit)), key=lambda place: (-float(fit[place]), theme.members[place]))
    return [theme.members[place] for place in order]


def _once(numbers: Iterable[int], hearing: Hearing) -> Iterator[int]:
    """Yield sentences, but what an article says twice once."""
    said: set[tuple[ArticleId, str]] = set()
    for number in numbers:
        voice = hearing.voices[number]
        key = voice.article, " ".join(_WORD.findall(voice.spoken.text.lower()))
        if key not in said:
            said.add(key)
            yield number


def _worth(voice: Voice) -> float:
    """Return how relevant a sentence is, less where it leans on the one before it."""
    return voice.relevance - bool(voice.located.assertion.context)


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


def _be_silent(
    article: ArticleId, theme: Theme, centre: NDArray[np.float32], hearing: Hearing
) -> Cell:
    """Return the cell of an article that does not speak of a row, with what comes closest.

    In a row that answers the topic, that is what comes closest to the topic, too.
    """
    searched = hearing.passages.get(article, 0)
    own = [n for n in range(len(hearing.voices)) if hearing.article_of(n) == article]
    if not own:
        return Cell(article, Stance.SILENT, searched=searched)
    scores = hearing.vectors[own] @ centre
    fit = scores + [hearing.voices[n].score for n in own] if theme.is_answer else scores
    best = int(np.argmax(fit))
    closest = hearing.voices[own[best]].located.assertion
    score = float(scores[best])
    return Cell(article, Stance.SILENT, searched=searched, nearest=closest, score=score)


def _find_copied(cells: Sequence[Cell], known: Sequence[Kin]) -> Iterator[Kin]:
    """Yield the other pairs of which one article shows nothing but what the other one shows."""
    pairs = [{each.one, each.other} for each in known]
    for one, other in combinations((cell for cell in cells if cell.quotes), 2):
        said, theirs = ({q.text for q in each.quotes[:QUOTES_PER_CELL]} for each in (one, other))
        is_copied = said <= theirs or theirs <= said
        if is_copied and {one.article, other.article} not in pairs:
            yield Kin(one.article, other.article, Rule.NEAR_COPY, "word for word the same here")


def _alone(shared: Collection[int], hearing: Hearing, asked: frozenset[str]) -> Iterator[Assertion]:
    """Yield what is said about the topic and stands in no row, first the best of each article."""
    left = [
        n
        for n, voice in enumerate(hearing.voices)
        if n not in shared and voice.relevance >= CORE and not speaks_back(voice.spoken.text, asked)
    ]
    left.sort(key=lambda n: (-hearing.voices[n].relevance, n))
    by_article: dict[ArticleId, list[int]] = defaultdict(list)
    for number in _once(left, hearing):
        by_article[hearing.article_of(number)].append(number)
    turns = zip_longest(*(own[:ALONE_PER_ARTICLE] for own in by_article.values()))
    heard = [number for turn in turns for number in turn if number is not None]
    for number in heard[:ALONE]:
        yield hearing.voices[number].located.assertion
