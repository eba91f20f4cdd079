"""From a question to an answer whose every sentence is cited, with a model or without."""

import time
from collections.abc import Iterator, Sequence
from collections.abc import Generator as Coroutine
from dataclasses import dataclass, replace
from functools import cached_property

from ibid.answering.citing import (
    Draft,
    Matcher,
    assemble,
    cite,
    keep_what_holds,
    quote,
    read_sources,
)
from ibid.answering.followups import LONGEST, Closeness, Restated, is_faithful, restate
from ibid.answering.prompt import ABSTAIN, Prompt, pack, pack_follow_up
from ibid.answering.selection import choose
from ibid.english import MarkKind, find_marks, find_terms, inverse_document_frequency, stems
from ibid.errors import AnswerIncomplete, ModelError, PromptTooLong
from ibid.index import Index
from ibid.ports import Embedder, Generator, Message, Reader
from ibid.search import (
    ANSWERED,
    CLOSEST,
    HITS_SHOWN,
    Evidence,
    Question,
    Ranked,
    find_evidence,
    passages_of,
    rank,
)
from ibid.text import ANSWER_TOKENS, answer_room, count
from ibid.types import (
    MEASURED,
    Answer,
    Article,
    Delta,
    Done,
    Event,
    Found,
    Receipt,
    Run,
    Span,
    Status,
    Support,
    Turn,
    round_score,
)

CANDIDATES = 24
"""Passages whose sentences are considered for an answer."""

READ_TO_MODEL = 16
"""Passages that a model reads, if its context has room for them."""

NEAREST = 3
"""Passages shown when the articles do not say."""

LONGEST_DRAFT = 20_000
"""Characters that a model may write, three times what it is asked for: each of its sentences is
held against all sources, word by word."""

GROUNDED = 0.5
"""Share of a model's sentences that the articles must support; with less its text is not used."""

REFUSAL = "Your articles do not say."


@dataclass(frozen=True)
class Asking:
    """One question being answered: what was found, and the run that it belongs to."""

    question: Question
    ranked: tuple[Ranked, ...]
    evidence: tuple[Evidence, ...]
    index: Index
    embedder: Embedder
    run: Run
    started: float

    @property
    def best(self) -> float:
        """The probability that the best sentence answers."""
        return max((each.probability for each in self.evidence), default=0.0)

    @cached_property
    def unused(self) -> tuple[Span, ...]:
        """Where the question has words that the articles asked never use, in any form."""
        question, words = self.question, self.index.words
        return tuple(
            term.span
            for term in find_terms(question.text)
            if term.stem in question.stems
            and not words.search([question.ways(term.stem)], 1, question.rows)
        )

    @property
    def is_answered(self) -> bool:
        """Whether its best sentence is an answer, and not only what comes closest to one.

        A sentence without the year, the number or the name that is asked for is none, nor is any to
        a question about a name that the articles never use.
        """
        holds = not self.question.form.kind.is_fact or self.evidence[0].fits
        return self.best >= ANSWERED and holds and not self._names_the_unknown

    @property
    def _names_the_unknown(self) -> bool:
        names = [mark.span for mark in find_marks(self.question.text) if mark.kind is MarkKind.NAME]
        return any(name.overlaps(word) for name in names for word in self.unused)


def measure_closeness(embedder: Embedder) -> Closeness:
    """Return what tells how close the meaning of a text is to that of others."""

    def close(text: str, others: Sequence[str]) -> list[float]:
        vectors = embedder.passages([text, *others])
        return (vectors[1:] @ vectors[0]).tolist()

    return close


def understand(
    question: str, history: Sequence[Turn], closeness: Closeness, generator: Generator | None
) -> Restated:
    """Return what a question means after the turns before it.

    Rules tell whether it is a follow-up, and say it in full; a model's wording is taken where it
    keeps to the words of the conversation.
    """
    restated = restate(question, history, closeness)
    if generator is None or not history or restated.question in (question, history[-1].question):
        return restated
    try:
        written = _write_line(pack_follow_up(question, history), generator)
    except ModelError:
        return restated
    faithful = is_faithful(written, question, history)
    return replace(restated, question=written, by=generator.name) if faithful else restated


def _write_line(messages: Sequence[Message], generator: Generator) -> str:
    """Return what a model writes, no more of it than a question may have."""
    written = ""
    for piece in generator.stream(messages):
        written += piece.text
        if len(written) > LONGEST:
            break
    return written.strip().strip('"“”')


def look_up(
    question: Question,
    index: Index,
    embedder: Embedder,
    reader: Reader,
    run: Run,
    started: float,
) -> Asking:
    """Find the passages for a question and read their sentences."""
    ranked = tuple(rank(question, index, CANDIDATES))
    evidence = tuple(find_evidence(question, ranked, index, reader))
    return Asking(question, ranked, evidence, index, embedder, run, started)


def answer(asking: Asking, generator: Generator | None, *, drop: bool = False) -> Iterator[Event]:
    """Yield what was found, the text as a model writes it, and last the checked answer.

    With `drop` it has only those of the model's sentences that the articles support.

    Without a generator, or where its text does not survive the check, the answer is made of the
    articles' own sentences, and the run's notice says why.
    """
    yield Found(passages_of(asking.ranked[:HITS_SHOWN]), asking.question.text)
    if asking.best < CLOSEST:
        yield Done(_refuse(asking))
    elif generator is None:
        yield Done(_answer_with_quotes(asking))
    else:
        yield from _answer_with_model(asking, generator, drop=drop)


def _refuse(asking: Asking) -> Answer:
    hits = passages_of([each for each in asking.ranked[:NEAREST] if each.hit.score > 0])
    status, receipt = Status.NOT_IN_SOURCES, _receipt(asking)
    return Answer(asking.question.text, REFUSAL, (), hits, status, _run(asking), receipt)


def _answer_with_quotes(asking: Asking, notice: str = "") -> Answer:
    status = Status.ANSWERED if asking.is_answered else Status.CLOSEST
    chosen = choose(asking.question.form, asking.evidence, asking.index, status)
    run = _run(asking, notice="; ".join(filter(None, (asking.run.notice, notice))), model="")
    answer = _finish(asking, list(quote(chosen)), "", status, run)
    return replace(answer, receipt=_receipt(asking)) if status is Status.CLOSEST else answer


def _receipt(asking: Asking) -> Receipt:
    """Return how likely the best sentence answers, and which words of the question fit nothing."""
    unused = (span.of(asking.question.text) for span in asking.unused)
    return Receipt(
        score=round_score(asking.best, CLOSEST),
        threshold=CLOSEST,
        missed=MEASURED.missed if asking.run.calibrated else None,
        unused=tuple(dict.fromkeys(unused)),
    )


def _answer_with_model(asking: Asking, generator: Generator, *, drop: bool) -> Iterator[Event]:
    prompt = _pack(asking, generator.context)
    asking = _with_prompt(asking, prompt)
    try:
        written, prompt = yield from _write(asking, prompt, generator)
    except ModelError as error:
        hint = f" ({error.hint})" if error.hint else ""
        notice = f"{error}{hint}; these are the articles' own sentences"
        yield Done(_answer_with_quotes(asking, notice))
        return
    asking = _with_prompt(asking, prompt)
    if ABSTAIN.lower() in written.lower():
        yield Done(_refuse(replace(asking, run=replace(asking.run, model=generator.name))))
        return
    drafts, tail = _cite(written, asking)
    supported = sum(draft.support is not Support.UNSUPPORTED for draft in drafts)
    if not drafts or supported < GROUNDED * len(drafts):
        notice = (
            f"{generator.name} wrote {count(len(drafts), 'sentence')} and the articles support "
            f"{supported}; these are the articles' own sentences"
        )
        yield Done(_answer_with_quotes(asking, notice))
        return
    holding = keep_what_holds(drafts)
    status = Status.ANSWERED if len(holding) == len(drafts) else Status.PARTIAL
    if drop and not holding:
        notice = f"{generator.name} changed what the articles say in every sentence"
        yield Done(_answer_with_quotes(asking, f"{notice}; these are the articles' own sentences"))
        return
    shown, tail = (holding, "") if drop and len(holding) < len(drafts) else (drafts, tail)
    yield Done(_finish(asking, shown, tail, status, _run(asking, model=generator.name)))


def _cite(written: str, asking: Asking) -> tuple[list[Draft], str]:
    matcher = Matcher(asking.embedder, _weights(written, asking.index))
    rows = [each.row for each in asking.ranked]
    return cite(written, read_sources(rows, asking.index), matcher)


def _write(
    asking: Asking, prompt: Prompt, generator: Generator
) -> Coroutine[Event, None, tuple[str, Prompt]]:
    """Yield a model's text piece by piece; return it whole, and the prompt that led to it.

    A server that counts more tokens than we did gets the prompt once more, shortened to fit.
    """
    try:
        return (yield from _collect(prompt, generator)), prompt
    except PromptTooLong as error:
        limit = min(generator.context, error.limit)
        room = limit - answer_room(limit)
        share = room / error.tokens if error.tokens > room else 0.5
        fitting = int(prompt.tokens * share * 0.9)
        prompt = _pack(asking, fitting + min(fitting, ANSWER_TOKENS))
        return (yield from _collect(prompt, generator)), prompt


def _with_prompt(asking: Asking, prompt: Prompt) -> Asking:
    return replace(asking, run=replace(asking.run, prompt=prompt.parts))


def _collect(prompt: Prompt, generator: Generator) -> Coroutine[Event, None, str]:
    pieces: list[str] = []
    room = LONGEST_DRAFT
    for delta in generator.stream(prompt.messages):
        room -= len(delta.text)
        if room < 0:
            raise AnswerIncomplete(
                f"{generator.name} wrote more than {LONGEST_DRAFT:,} characters",
                hint="ask for less",
            )
        pieces.append(delta.text)
        yield Delta(delta.text)
    return "".join(pieces)


def _pack(asking: Asking, context: int) -> Prompt:
    """Return the prompt with the passages that answer best, in the order of the reader's odds."""
    found = {hit.passage.id: hit for hit in passages_of(asking.ranked)}
    likely = dict.fromkeys(evidence.passage.id for evidence in asking.evidence)
    hits = [found[id] for id in dict.fromkeys((*likely, *found))][:READ_TO_MODEL]
    articles = [asking.index.corpus.article(hit.passage.article) for hit in hits]
    return pack(asking.question.text, hits, [_describe(article) for article in articles], context)


def _describe(article: Article) -> str:
    """Return the title of an article with its author and its date, where these are known."""
    about = ", ".join(filter(None, (article.meta.author, article.meta.date)))
    return f"{article.title} ({about})" if about else article.title


def _weights(text: str, index: Index) -> dict[str, float]:
    found = sorted(set(stems(text)))
    counts = index.words.document_frequencies(found)
    return {
        stem: inverse_document_frequency(index.passages, count)
        for stem, count in zip(found, counts, strict=True)
    }


def _finish(asking: Asking, drafts: Sequence[Draft], tail: str, status: Status, run: Run) -> Answer:
    text, claims = assemble(drafts, tail)
    hits = passages_of(asking.ranked[:HITS_SHOWN])
    return Answer(asking.question.text, text, claims, hits, status, run)


def _run(asking: Asking, **changes: str) -> Run:
    return replace(asking.run, **changes, seconds=round(time.monotonic() - asking.started, 3))
