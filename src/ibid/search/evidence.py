"""Which sentences of the passages that were found answer the question, as the reader reads them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import exp

from ibid.english import (
    MarkKind,
    QuestionForm,
    QuestionKind,
    common_words,
    defines,
    find_marks,
    holds,
    is_statement,
    is_whole_sentence,
    leans,
    speaks_back,
    stems,
)
from ibid.index import Index, IndexedPassage
from ibid.ports import Reader, Scores, Vectors, Window
from ibid.search.leading import (
    find_asserted,
    find_heading,
    find_lead_ins,
    find_opening_list,
    is_apart,
)
from ibid.search.question import Question
from ibid.search.ranking import Ranked, words_in
from ibid.text import as_read, language_of
from ibid.types import MEASURED, Article, Citation, Passage, Span

PASSAGE, COVERAGE = 16.0, 4.0
"""What the score of its passage, and the share of the question's words that a sentence or the
headings above it hold, count beside the reader's log-odds when sentences are put in order. Chosen
on a folder of two articles of SQuAD 2.0, a handbook and recipes (docs/decisions)."""

CLOSEST, ANSWERED = MEASURED.closest, MEASURED.answered
"""Probability of the best sentence from which it is shown as what comes closest to an answer, and
from which it is an answer (docs/evaluation.md)."""

COVERED = 0.9
"""Share of the question's words, weighted by how much they tell, from which a sentence that holds
them comes close to an answer whatever the reader makes of it, and answers who asks nothing of them
(`superbugs`)."""

ANSWERING, COMING_CLOSE = 0.3, 0.2
"""The same for a sentence that the reader cannot read, in another language than English: the share
from which it answers, and from which it comes close (docs/decisions)."""

READ = 8
"""Passages that are read: half of them the best that were found, half those with the most likely
sentences; three times as many where a list is asked for, so that every article is heard. What
comes first of 24 is among the 8 likeliest in 98 of 100 questions."""

FOUND = 0.5
"""What a passage's score counts beside the cosine of its best sentence, when it is chosen."""

DEFINES, OPENS, NAMES, SPEAKS_BACK = 6.0, 4.0, 5.0, 8.0
"""What the reader does not tell well yet, in log-odds: defining the term whose definition is asked
for, and opening with it; holding, or standing below a heading that holds, the noun that is asked
for (`Which challenges …`); and, against it, pointing back at it (`While challenges remain`)."""

ASIDE_MALUS, LED_MALUS = 3.0, 0.5
"""Log-odds that it costs a sentence to point the reader elsewhere (`See …`), or to be no prose; and
to answer by the line or heading that leads to it."""

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
    """The sentence as a reader sees it, with the question or heading that it needs before it."""
    span: Span
    """Where that stands in the article."""
    odds: float
    """How much better it answers than others, as a difference of log-odds."""
    probability: float
    """That the articles answer the question, this being the best sentence."""
    fits: bool
    """Whether it holds the year, the number, the name or the definition that was asked for."""
    vector: int
    """Its row among the sentences' vectors."""
    answers_as_led: bool = False
    """Whether it is what leads to it that answers, a line or a heading, rather than itself."""
    also: tuple[Citation, ...] = ()
    """Where other articles say the same."""

    @property
    def citation(self) -> Citation:
        return Citation(self.passage, self.span)

    @property
    def leans(self) -> bool:
        """Whether it refers to the sentence before it (`This allows …`)."""
        return self.number > 0 and leans(self.text)


def find_evidence(
    question: Question, ranked: Sequence[Ranked], index: Index, reader: Reader
) -> list[Evidence]:
    """Return every statement in the passages, best first, ties by place.

    Those that come close to an answer by themselves are before the others; and where a year, a
    number or a name is asked for, they have to hold one. What the reader cannot read, in another
    language, is heard where nothing that it reads comes close.
    """
    passage_scores = {hit.row: hit.score_as_a_whole for hit in ranked}
    rows = [row for row in index.corpus.rows(list(passage_scores)) if row.passage.sentences]
    common = common_words(row.passage.text for row in rows) | {*question.text.lower().split()}
    candidates = [_candidate(row, passage_scores[row.number], question, index) for row in rows]
    likely = _most_likely(question.form, candidates)
    asks_english = language_of(question.text) == "en"
    english = [candidate for candidate in likely if asks_english and _is_english(candidate, index)]
    windows = [_window(candidate, index, reader) for candidate in english]
    readings = zip(english, windows, reader.read(question.text, windows), strict=True)
    evidence = [
        sentence
        for candidate, window, scores in readings
        for sentence in _weigh(question, candidate, _Read(window, scores), index, common)
    ]
    if all(sentence.probability < CLOSEST for sentence in evidence):
        heard = {candidate.row.number for candidate in english}
        for candidate in likely:
            if candidate.row.number not in heard:
                evidence += _weigh_by_words(question, candidate, index, common)

    def place(sentence: Evidence) -> tuple[bool, float, str, Span]:
        fits = sentence.fits or not question.form.kind.is_fact
        close = fits and sentence.probability >= CLOSEST
        return not close, -sentence.odds, sentence.passage.article, sentence.span

    return sorted(evidence, key=place)


def preceding(evidence: Evidence, index: Index) -> Evidence | None:
    """Return the sentence that `evidence` cannot be read without, None where there is none.

    That is a line that leads to it (`The budget does not cover:`), the heading of the list that it
    is an item of, or a statement that it leans on.
    """
    article, sentences = index.corpus.article(evidence.passage.article), evidence.passage.sentences
    lead_in = find_lead_ins(evidence.passage, article.text).get(evidence.number)
    opening = find_opening_list(evidence.passage, article.text, is_numbered=False)
    if lead_in is None and evidence.number in opening:
        return _heading_needed(evidence, article.text)
    if lead_in is None and not evidence.leans:
        return None
    before = range(evidence.number - 1, evidence.number) if lead_in is None else lead_in
    number = before[-1]
    span = Span(sentences[before[0]].start, sentences[number].end)
    text = as_read(article.text, span)
    apart = is_apart(span, sentences[evidence.number], article.text)
    if lead_in is None and (apart or not is_statement(text)):
        return None
    vector = evidence.vector + number - evidence.number
    return replace(evidence, number=number, text=text, span=span, vector=vector, also=())


def _heading_needed(evidence: Evidence, text: str) -> Evidence | None:
    """Return the heading above the list that some evidence is an item of, where it is needed.

    That is where the item is no whole sentence, or the heading denies (`Never bring to the site`).
    """
    passage, vector = evidence.passage, evidence.vector - evidence.number
    span = find_heading(passage, passage.sentences[0].start, text)
    if not span:
        return None
    heading = as_read(text, span)
    denies = any(mark.kind is MarkKind.NEGATION for mark in find_marks(heading))
    if is_whole_sentence(evidence.text) and not denies:
        return None
    return replace(evidence, number=0, text=heading, span=span, vector=vector, also=())


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A passage that may be read."""

    row: IndexedPassage
    score: float
    """How well it was found."""
    vectors: Vectors
    """Of its sentences."""
    cosines: Scores
    """Of its sentences to the question."""

    @property
    def likelihood(self) -> float:
        return float(self.cosines.max()) + FOUND * self.score


@dataclass(frozen=True, slots=True)
class _Read:
    """What the reader got of a passage, and made of it."""

    window: Window
    scores: Scores

    def odds(self, place: int, leading: Iterable[int], *, follows: bool) -> tuple[float, bool]:
        """Return how well a sentence answers, as log-odds, and whether by what leads to it.

        One that follows a question answers at least as well as that is the one that was asked.
        """
        own = float(max(self.scores[place - follows : place + 1]))
        led = max((float(self.scores[before]) - LED_MALUS for before in leading), default=own)
        aside = ASIDE_MALUS * (_ASIDE.match(self.window.sentences[place]) is not None)
        return max(own, led) - aside, led > own


def _candidate(row: IndexedPassage, score: float, question: Question, index: Index) -> _Candidate:
    numbers = range(row.first_sentence, row.first_sentence + len(row.passage.sentences))
    vectors = index.sentences.vectors(numbers)
    return _Candidate(row, score, vectors, vectors @ question.vector[0])


def _most_likely(form: QuestionForm, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Return the passages that are worth reading: reading costs 20 ms each, a cosine nothing."""
    most = 3 * READ if form.kind is QuestionKind.LIST else READ
    best = sorted(candidates, key=lambda candidate: -candidate.score)[: most // 2]
    likely = sorted(candidates, key=lambda candidate: (-candidate.likelihood, candidate.row.number))
    return list({candidate.row.number: candidate for candidate in (*best, *likely)}.values())[:most]


def _weigh(
    question: Question,
    candidate: _Candidate,
    reading: _Read,
    index: Index,
    common: frozenset[str],
) -> Iterator[Evidence]:
    """Yield what the sentences of a window assert, with their odds."""
    passage, sentences = candidate.row.passage, reading.window.sentences
    article = index.corpus.article(passage.article)
    text, headings = article.text, words_in(" ".join(article.headings_above(passage)))
    floor = ANSWERED if question.form.names_a_subject else CLOSEST
    beside = len(sentences) - len(passage.sentences)
    leading = _find_leading(passage, text, beside)
    for place in range(beside, len(sentences)):
        number, follows = place - beside, place > 0 and sentences[place - 1].endswith("?")
        span = find_asserted(
            passage, number, sentences[place], text, follows=follows, is_led=number in leading
        )
        if span:
            odds, led = reading.odds(place, leading.get(number, ()), follows=follows)
            sentence = as_read(text, span)
            coverage = question.coverage(headings | words_in(sentence))
            fits = _fits(question.form, sentence, common)
            odds += _definition_odds(question.form, sentence, fits=fits)
            probability = _probability(odds, candidate.score, float(candidate.cosines[number]))
            yield Evidence(
                passage,
                number,
                sentence,
                span,
                odds
                + PASSAGE * candidate.score
                + COVERAGE * coverage
                + _naming_odds(question.form, sentence, headings),
                max(probability, floor) if coverage >= COVERED else probability,
                fits,
                candidate.row.first_sentence + number,
                answers_as_led=led,
            )


def _find_leading(passage: Passage, text: str, beside: int) -> dict[int, list[int]]:
    """Return where in a window the sentences or the heading stand that lead to each sentence.

    The heading is in it where there is a sentence `beside` those of the passage.
    """
    headed = find_opening_list(passage, text) if beside else range(0)
    led = find_lead_ins(passage, text)
    return {
        **{number: [0] for number in headed},
        **{number: [beside + n for n in before] for number, before in led.items()},
    }


def _is_english(candidate: _Candidate, index: Index) -> bool:
    """Tell whether the reader, which was trained on English, can read a passage."""
    return language_of(index.corpus.article(candidate.row.passage.article).text) == "en"


def _weigh_by_words(
    question: Question, candidate: _Candidate, index: Index, common: frozenset[str]
) -> Iterator[Evidence]:
    """Yield the sentences of a passage in another language, weighed by their words alone.

    Who asks in English when or who gets one that holds a time or a name, and words of the question.
    """
    passage = candidate.row.passage
    article = index.corpus.article(passage.article)
    headings = words_in(" ".join(article.headings_above(passage)))
    for number, span in enumerate(passage.sentences):
        sentence = as_read(article.text, span)
        if not is_statement(sentence):
            continue
        coverage = question.coverage(headings | words_in(sentence))
        yield Evidence(
            passage,
            number,
            sentence,
            span,
            PASSAGE * candidate.score + COVERAGE * coverage,
            _probability_by_words(coverage),
            coverage >= COMING_CLOSE and _fits(question.form, sentence, common),
            vector=candidate.row.first_sentence + number,
        )


def _probability_by_words(coverage: float) -> float:
    """Return what a share of the question's words counts where nobody has read the sentence."""
    if coverage >= ANSWERING:
        return ANSWERED
    return CLOSEST if coverage >= COMING_CLOSE else CLOSEST * coverage


def _fits(form: QuestionForm, sentence: str, common: frozenset[str]) -> bool:
    """Tell whether a sentence holds the fact or the definition that is asked for, if one is."""
    if form.kind is QuestionKind.DEFINITION:
        return defines(form.term, sentence)
    return holds(form.kind, sentence, common)


def _definition_odds(form: QuestionForm, sentence: str, *, fits: bool) -> float:
    """Return what it adds to a sentence's log-odds to define what is asked for, if that is."""
    if form.kind is not QuestionKind.DEFINITION:
        return 0.0
    opens = bool(form.term) and tuple(stems(sentence)[: len(form.term)]) == form.term
    return DEFINES * fits + OPENS * opens


def _naming_odds(form: QuestionForm, sentence: str, headings: frozenset[str]) -> float:
    """Return what it adds to a sentence's log-odds to name what is asked for, as a noun."""
    names = form.kind in (QuestionKind.LIST, QuestionKind.NAME)
    naming = names and not form.aspect.isdisjoint(headings | words_in(sentence))
    return NAMES * naming - SPEAKS_BACK * speaks_back(sentence, form.aspect)


def _probability(odds: float, passage: float, cosine: float) -> float:
    """Return Platt's 1 / (1 + exp(-(slope · x + offset))) of what speaks for an answer.

    The question's words do not count in it: they are in near misses and in questions that the
    articles answer alike.
    """
    speaks = odds + MEASURED.passage * passage + MEASURED.cosine * cosine
    return 1 / (1 + exp(-(MEASURED.slope * speaks + MEASURED.offset)))


def _window(candidate: _Candidate, index: Index, reader: Reader) -> Window:
    """Return a passage as the reader gets it, with the vectors that are known."""
    article = index.corpus.article(candidate.row.passage.article)
    window = as_window(candidate.row.passage, article)
    if index.embedder != reader.starts_from:
        return window
    beside = len(window.sentences) - len(candidate.vectors)
    return replace(window, vectors=(*(None for _ in range(beside)), *candidate.vectors))


def as_window(passage: Passage, article: Article) -> Window:
    """Return the title and the sentences of a passage as a reader gets them.

    A heading that is a question, or leads to a list, is read like a sentence.
    """
    headings = [heading for heading in passage.headings if heading != article.title]
    asks = bool(headings) and headings[-1].endswith("?")
    lead = tuple(headings[-1:]) if asks or find_opening_list(passage, article.text) else ()
    return Window(
        " / ".join([article.title, *headings[: len(headings) - asks]]),
        (*lead, *(as_read(article.text, span) for span in passage.sentences)),
    )
