"""What each article says of the topic as a whole: the row that stands first."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ibid.comparing.relevance import CORE, Hearing, Topic, Voice
from ibid.english import speaks_back
from ibid.index import Index
from ibid.ports import Reader
from ibid.search import Evidence, Ranked, find_evidence
from ibid.types import MEASURED, ArticleId, PassageId

READ = 2
"""Passages of each article that the reader reads."""

RELEVANT = 5.0
"""What being as relevant as the best sentence counts beside the log-odds of an answer."""

SAYS, CLOSE = MEASURED.about, MEASURED.close_to
"""Fits from which a sentence speaks of the topic, and from which it comes close; the best one
does."""

NEARLY = 0.5
"""Share of the best fit from which a sentence comes close that has a fact of the kind asked."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Sentences that speak of the topic as a whole."""

    ordered: tuple[int, ...]
    """By number, those first that answer it best."""
    says: frozenset[int]
    """Those that answer it; the others come close to an answer."""


NOTHING = Answers((), frozenset())


def find_answers(topic: Topic, hearing: Hearing, index: Index, reader: Reader) -> Answers:
    """Return what answers the topic as a whole, or comes close to an answer.

    A sentence answers that is well about the topic, or that has nearly all its words with what is
    asked for. Where something of the topic is asked for (`challenges of …`), it has to stand where
    the articles speak of that. The reader tells which comes first where something is asked.
    """
    fits = [_fit(voice, hearing) for voice in hearing.voices]
    needs_fact = topic.question.form.kind.is_fact
    nearly = NEARLY if needs_fact else 1
    least = min(CLOSE, nearly * max(fits, default=0.0))
    says: set[int] = set()
    close: set[int] = set()
    for number, (voice, fit) in enumerate(zip(hearing.voices, fits, strict=True)):
        if topic.head and voice.relevance < CORE:
            continue
        if voice.answers or (fit >= SAYS and voice.is_about):
            says.add(number)
        elif fit >= least and (voice.is_about or needs_fact):
            close.add(number)
    is_named = topic.question.form.names_a_subject and not topic.head
    readings = {} if is_named else dict(_read(topic, hearing, index, reader))
    head = frozenset(topic.head.stems) if topic.head else frozenset[str]()
    usual = min((evidence.odds for evidence in readings.values()), default=0.0)

    def worth(number: int) -> tuple[bool, bool, float, int]:
        voice = hearing.voices[number]
        leans = bool(voice.located.assertion.context) or speaks_back(voice.spoken.text, head)
        odds = readings[number].odds if number in readings else usual
        return number not in says, leans, -odds - RELEVANT * voice.relevance, number

    return Answers(tuple(sorted(says | close, key=worth)), frozenset(says))


def _fit(voice: Voice, hearing: Hearing) -> float:
    """Return how well a sentence fits the topic together with the passage that it stands in."""
    if voice.passage not in hearing.ranked:
        return voice.score  # it stands in the front matter alone
    return (voice.score + hearing.ranked[voice.passage].hit.score) / 2


def _read(
    topic: Topic, hearing: Hearing, index: Index, reader: Reader
) -> Iterator[tuple[int, Evidence]]:
    """Yield the sentences that the reader reads, with what it makes of them.

    Of a question for one fact those only that have one.
    """
    question = replace(topic.question, text=_as_question(topic))
    needs_fact = question.form.kind.is_fact
    numbers = {voice.located.vector: number for number, voice in enumerate(hearing.voices)}
    for ranked in _most_relevant(hearing):
        for evidence in find_evidence(question, ranked, index, reader):
            if evidence.vector in numbers and (evidence.fits or not needs_fact):
                yield numbers[evidence.vector], evidence


def _as_question(topic: Topic) -> str:
    """Return the topic as a question, since the reader answers questions."""
    text = topic.question.text
    if text.endswith("?") or not topic.question.form.names_a_subject:
        return text
    return f"What are the {text}?"


def _most_relevant(hearing: Hearing) -> Iterator[list[Ranked]]:
    """Yield for each article the passages whose sentences have most to do with the topic."""
    best: dict[ArticleId, dict[PassageId, float]] = defaultdict(dict)
    for voice in hearing.voices:
        if voice.passage not in hearing.ranked:
            continue  # what stands in the front matter alone is no passage to read
        own = best[voice.article]
        own[voice.passage] = max(own.get(voice.passage, 0.0), voice.relevance)
    for own in best.values():
        chosen = sorted(own, key=lambda passage: -own[passage])[:READ]
        yield [hearing.ranked[id] for id in chosen]
