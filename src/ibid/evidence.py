"""Which sentences of the passages that were found answer the question."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ibid.corpus import Row
from ibid.lexical import stems
from ibid.questions import Kind, answer_kind, aspect, common_words, holds
from ibid.reading.repair import search_copy
from ibid.retrieval import Index, Question, Ranked
from ibid.text import plain
from ibid.types import Citation, Passage, Span


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
"""Chosen on SQuAD's articles (DECISIONS.md)."""

KIND_BONUS = 0.07
"""What holding a number, or a name, is worth to a question that asks for one."""

ASPECT_BONUS = 0.1
"""What standing below a heading that names what is asked for (`Which challenges …`) is worth."""

ANSWERABLE = 0.4
"""Score of the best sentence below which the articles do not say.

Of 500 SQuAD questions it answers 96 %, and refuses 86 % of those whose article was taken out
(README.md)."""

MISSED = 4
"""Of 100 questions that the articles answer, how many it refuses: 3.6 on SQuAD, elsewhere fewer."""

MOST, MOST_PER_ARTICLE = 12, 5
"""Sentences in an answer, and from one article."""

CLOSE_ENOUGH, CLOSE_OF_ARTICLE, CLOSE_NAMES = 0.7, 0.63, 0.5
"""Share of the best sentence's weight that another one needs to be part of the answer. The best of
another article needs less, so that every article with something to say is heard; and so do
sentences that name what was asked for, since names are listed far apart."""

REPEATS = 0.85
"""Cosine from which two sentences say the same."""

_FEWEST_WORDS = 4
_NOTE = re.compile(
    r"[\[(](?:source|example|insert|replace|image|see)\b.*", re.IGNORECASE | re.DOTALL
)
_ANNOUNCES = re.compile(
    r"\b(?:several|many|some|various|numerous|significant)\s+(?:[\w-]+\s+){1,3}"
    r"(?:remain|need addressing|exist|persist|lie ahead)\.$|\bfaces?\s+(?:[\w-]+\s+)?challenges\.$",
    re.IGNORECASE,
)
_LEANS = re.compile(
    r"(?:this|these|those|that|it|its|they|their|them|he|she|such)\b", re.IGNORECASE
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
    """Whether it holds the year, the number or the name that was asked for."""
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
        return self.number > 0 and _LEANS.match(self.text) is not None


def find_evidence(
    question: Question, ranked: Sequence[Ranked], index: Index, shares: Shares = ANSWERING
) -> list[Evidence]:
    """Return every statement in the passages with its score, best first, ties by place."""
    found: list[Evidence] = []
    rows = index.corpus.rows([each.row for each in ranked])
    common = common_words(row.passage.text for row in rows)
    for each, row in zip(ranked, rows, strict=True):
        found.extend(_weigh(question, each.hit.score, row, common, index, shares))
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


def is_statement(text: str) -> bool:
    """Tell whether a sentence asserts something: no question, no note in brackets, no stump."""
    long_enough = len(text.split()) >= _FEWEST_WORDS and any(c.isalpha() for c in text)
    idle = text.endswith(("?", ":")) or _NOTE.match(text) or _ANNOUNCES.search(text)
    return long_enough and not idle


def choose(question: str, evidence: Sequence[Evidence], index: Index) -> list[Evidence]:
    """Return the sentences that make the answer: good enough, none twice, no article too loud.

    Every article with something to say is heard. They come article by article, the one with the
    best sentence first, in reading order; a sentence that leans on the one before it brings that
    one along.
    """
    chosen: list[Evidence] = []
    per_article: Counter[str] = Counter()
    for each in _one_per_article_first(_close_enough(question, evidence)):
        article = each.passage.article
        if len(chosen) == MOST:
            break
        if per_article[article] < MOST_PER_ARTICLE and not _repeats(each, chosen, index):
            chosen.append(each)
            per_article[article] += 1
    order = {article: place for place, article in enumerate(per_article)}
    whole = {(e.passage.id, e.number): e for e in (*_leaned_on(chosen, index), *chosen)}
    return sorted(whole.values(), key=lambda e: (order[e.passage.article], e.span))


def _close_enough(question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence near the best; only what is of the kind asked for where the best is."""
    if not evidence:
        return []
    best = evidence[0]
    names = answer_kind(question) is Kind.NAME and best.fits
    firsts = set(_best_per_article(evidence))

    def floor(each: Evidence) -> float:
        return CLOSE_NAMES if names else CLOSE_OF_ARTICLE if each in firsts else CLOSE_ENOUGH

    return [
        each
        for each in evidence
        if each.weight >= floor(each) * best.weight and each.fits >= best.fits
    ]


def _one_per_article_first(evidence: Sequence[Evidence]) -> list[Evidence]:
    return list(dict.fromkeys((*_best_per_article(evidence), *evidence)))


def _best_per_article(evidence: Sequence[Evidence]) -> list[Evidence]:
    best: dict[str, Evidence] = {}
    for each in evidence:
        best.setdefault(each.passage.article, each)
    return list(best.values())


def _leaned_on(chosen: Sequence[Evidence], index: Index) -> Iterator[Evidence]:
    for each in chosen:
        if before := preceding(each, index):
            yield before


def _repeats(candidate: Evidence, chosen: Sequence[Evidence], index: Index) -> bool:
    if not chosen:
        return False
    vectors = index.sentences.vectors([candidate.vector, *(each.vector for each in chosen)])
    return bool((vectors[1:] @ vectors[0]).max() >= REPEATS)


def _weigh(
    question: Question,
    passage_score: float,
    row: Row,
    common: frozenset[str],
    index: Index,
    shares: Shares,
) -> Iterator[Evidence]:
    passage = row.passage
    text = index.corpus.article(passage.article).text
    rows = range(row.first_sentence, row.first_sentence + len(passage.sentences))
    cosines = (index.sentences.vectors(rows) @ question.vector[0]).tolist()
    headings = frozenset(stems(search_copy(" ".join(passage.headings))))
    bonus = ASPECT_BONUS * bool(headings & aspect(question.text))
    kind = answer_kind(question.text)
    for number, (span, cosine) in enumerate(zip(passage.sentences, cosines, strict=True)):
        sentence = plain(span.of(text))
        if not is_statement(sentence):
            continue
        words = headings | frozenset(stems(search_copy(sentence)))
        score = (
            shares.sentence * max(cosine, 0.0)
            + shares.coverage * _coverage(question, words)
            + shares.passage * passage_score
        )
        fits = holds(kind, sentence, common)
        weight = score + bonus + KIND_BONUS * (fits and kind is not Kind.ANY)
        yield Evidence(passage, number, sentence, score, weight, fits, rows[number])


def _coverage(question: Question, words: frozenset[str]) -> float:
    """Return the share of the question's words, weighted by idf, that `words` hold."""
    total = sum(question.weights.values())
    held = sum(weight for stem, weight in question.weights.items() if stem in words)
    return held / total if total else 0.0
