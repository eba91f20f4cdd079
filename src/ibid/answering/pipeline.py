"""From a question to an answer whose every sentence is cited, with a model or without."""

import time
from collections.abc import Generator as Coroutine
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ibid.answering.citing import (
    Draft,
    Matcher,
    assemble,
    keep_what_holds,
    quote,
    read_matcher,
    read_sources,
)
from ibid.answering.drafting import Checked, check, write_request
from ibid.answering.followups import LONGEST, Closeness, Restated, is_faithful, restate
from ibid.answering.languages import say_languages
from ibid.answering.packing import list_portions
from ibid.answering.prompt import Prompt, pack, pack_follow_up
from ibid.answering.selection import choose
from ibid.english import (
    MarkKind,
    QuestionKind,
    find_marks,
    is_everyday,
    mark_words,
)
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
from ibid.text import ANSWER_TOKENS, answer_room, count, count_tokens
from ibid.types import (
    MEASURED,
    Anew,
    Answer,
    Delta,
    Done,
    Event,
    Found,
    Receipt,
    Repair,
    Run,
    Span,
    Status,
    Turn,
    round_score,
)

CANDIDATES = 24
"""Passages whose sentences are considered for an answer."""

NEAREST = 3
"""Passages shown when the articles do not say."""

LONGEST_DRAFT = 20_000
"""Characters that a model may write, three times what it is asked for: each of its sentences is
held against all sources, word by word."""

ASKED = 0.15
"""Probability of the best sentence from which a model is asked: it tells what `CLOSEST` cannot.
All of 90 questions of CLAP NQ that are answered reach it, 87 reach `CLOSEST`; of 70 on another
subject it is 5, and 2 (docs/decisions)."""

SURE = 0.85
"""Probability from which a sentence is an answer though it seems to lack what is asked for: `the
users own it` names nobody. Of 88 questions in own words one more is answered by it, of 100 near
misses one (docs/decisions)."""

REFUSAL = "Your articles do not say."

_INSTEAD = "these are the articles' own sentences"


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
    history: tuple[Turn, ...] = ()
    """The conversation before it."""

    @property
    def best(self) -> float:
        """The probability that the best sentence answers."""
        return max((evidence.probability for evidence in self.evidence), default=0.0)

    @cached_property
    def unused(self) -> tuple[Span, ...]:
        """Where the question has words that the articles asked never use, in any form."""
        question, words = self.question, self.index.words
        unused = {
            stem
            for stem in question.stems
            if not words.search([question.ways(stem)], 1, question.rows)
        }
        return tuple(mark_words(question.text, frozenset(unused)))

    @property
    def is_answered(self) -> bool:
        """Whether its best sentence is an answer, and not only what comes closest to one.

        A sentence without the year, the number or the name that is asked for is none, nor is any to
        a question about a name that the articles never use. That a name is none can be told of a
        sentence that is all but sure: it may be called otherwise.
        """
        kind, is_sure = self.question.form.kind, self.best >= SURE
        holds = not kind.is_fact or self.evidence[0].fits or (is_sure and kind is QuestionKind.NAME)
        return self.best >= ANSWERED and holds and (is_sure or not self._names_the_unknown)

    @property
    def _names_the_unknown(self) -> bool:
        names = [mark.span for mark in find_marks(self.question.text) if mark.kind is MarkKind.NAME]
        return any(name.overlaps(word) for name in names for word in self.unused)


def measure_closeness(embedder: Embedder) -> Closeness:
    """Return what tells how close the meaning of a text is to that of others."""

    def close(text: str, texts: Sequence[str]) -> list[float]:
        vectors = embedder.passages([text, *texts])
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
        wording = _write_line(pack_follow_up(question, history), generator)
    except ModelError:
        return restated
    faithful = is_faithful(wording, question, history)
    return replace(restated, question=wording, by=generator.name) if faithful else restated


def _write_line(messages: Sequence[Message], generator: Generator) -> str:
    """Return what a model writes, no more of it than a question may have."""
    line = ""
    for piece in generator.stream(messages):
        line += piece.text
        if len(line) > LONGEST:
            break
    return line.strip().strip('"“”')


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
    if foreign := say_languages(question, ranked, index):  # the thresholds are those of English
        notice = "; ".join(filter(None, (run.notice, foreign)))
        run = replace(run, notice=notice, calibrated=False)
    return Asking(question, ranked, evidence, index, embedder, run, started)


def answer(asking: Asking, generator: Generator | None, *, drop: bool = False) -> Iterator[Event]:
    """Yield what was found, the text as a model writes it, and last the checked answer.

    With `drop` it has only those of the model's sentences that the articles support.

    Without a generator, or where its text does not survive the check, the answer is made of the
    articles' own sentences, and the run's notice says why.
    """
    yield Found(passages_of(asking.ranked[:HITS_SHOWN]), asking.question.text)
    if asking.best < (ASKED if generator else CLOSEST):
        yield Done(_refuse(asking))
    elif generator is None:
        yield Done(_answer_with_quotes(asking))
    else:
        yield from _answer_with_model(asking, generator, drop=drop)


def _refuse(asking: Asking) -> Answer:
    hits = passages_of([hit for hit in asking.ranked[:NEAREST] if hit.hit.score > 0])
    status, receipt = Status.NOT_IN_SOURCES, _receipt(asking)
    return Answer(asking.question.text, REFUSAL, (), hits, status, _run(asking), receipt)


def _answer_with_quotes(asking: Asking, notice: str = "") -> Answer:
    """Return the answer in the articles' own sentences, a refusal where none comes close."""
    if asking.best < CLOSEST:
        return _refuse(asking)
    status = Status.ANSWERED if asking.is_answered else Status.CLOSEST
    chosen = choose(asking.question.form, asking.evidence, asking.index, status)
    run = _run(asking, notice="; ".join(filter(None, (asking.run.notice, notice))), model="")
    answer = _finish(asking, list(quote(chosen)), "", status, run)
    return replace(answer, receipt=_receipt(asking)) if status is Status.CLOSEST else answer


def _receipt(asking: Asking) -> Receipt:
    """Return how likely the best sentence answers, and which words of the question fit nothing.

    That an everyday word (`get`, `really`) is never used is no reason.
    """
    words = (span.of(asking.question.text) for span in asking.unused)
    unused = (word for word in words if not is_everyday(word.lower()))
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
        reply, prompt = yield from _write(asking, prompt, generator)
    except ModelError as error:
        yield Done(_answer_with_quotes(asking, f"{_say(error)}; {_INSTEAD}"))
        return
    asking = _with_prompt(asking, prompt)
    checked, repair = yield from _check_twice(reply, prompt, asking, generator)
    asking = replace(asking, run=replace(asking.run, repair=repair))
    yield Done(_finish_written(checked, asking, generator.name, drop=drop))


def _finish_written(checked: Checked, asking: Asking, model: str, *, drop: bool) -> Answer:
    """Return the answer that a model's text makes, or the one that takes its place."""
    if checked.refuses:
        return _refuse(replace(asking, run=replace(asking.run, model=model)))
    if not checked.is_grounded:
        wrote = count(len(checked.stated), "sentence")
        notice = f"{model} wrote {wrote} and the articles support {checked.supported}; {_INSTEAD}"
        return _answer_with_quotes(asking, notice)
    if drop and len(checked.wrong) == len(checked.stated):
        notice = f"{model} changed what the articles say in every sentence; {_INSTEAD}"
        return _answer_with_quotes(asking, notice)
    whole = all(draft.holds for draft in checked.drafts)
    drafts = keep_what_holds(checked.drafts) if drop else checked.drafts
    tail = "" if drop and checked.wrong else checked.tail
    status = Status.ANSWERED if whole else Status.PARTIAL
    return _finish(asking, drafts, tail, status, _run(asking, model=model))


def _check_twice(
    reply: str, prompt: Prompt, asking: Asking, generator: Generator
) -> Coroutine[Event, None, tuple[Checked, Repair | None]]:
    """Check a model's text; where some of it does not hold, have it written once more.

    The better of the two is returned, the first one where both are as good.
    """
    sources = read_sources(_rows_read(asking, prompt), asking.index)

    def read(text: str, matcher: Matcher) -> Checked:
        return check(text, asking.question.text, sources, matcher, asking.evidence)

    matcher = read_matcher(reply, asking.index, asking.embedder)
    first = read(reply, matcher)
    if not first.wrong or first.refuses:
        return first, None
    again = (Message("assistant", reply), write_request(first, sources, matcher))
    room = prompt.context - sum(count_tokens(message.content) for message in again)
    if room < prompt.context // 2:
        return first, None
    yield Anew()
    sentences = tuple(draft.text for draft in first.wrong)
    messages = (*_pack(asking, room).messages, *again)
    try:
        text = yield from _collect(messages, generator)
        second = read(text, read_matcher(text, asking.index, asking.embedder))
    except ModelError as error:
        return first, Repair(sentences, kept=False, notice=_say(error))
    better = second.worth > first.worth
    return (second if better else first), Repair(sentences, kept=better)


def _rows_read(asking: Asking, prompt: Prompt) -> list[int]:
    """Return the rows of what a model has read, and of what was found beside."""
    packed = (passage.number for passage in prompt.passages)
    return list(dict.fromkeys((*(hit.row for hit in asking.ranked), *packed)))


def _say(error: ModelError) -> str:
    return f"{error} ({error.hint})" if error.hint else str(error)


def _write(
    asking: Asking, prompt: Prompt, generator: Generator
) -> Coroutine[Event, None, tuple[str, Prompt]]:
    """Yield a model's text piece by piece; return it whole, and the prompt that led to it.

    A server that counts more tokens than we did gets the prompt once more, shortened to fit.
    """
    try:
        return (yield from _collect(prompt.messages, generator)), prompt
    except PromptTooLong as error:
        limit = min(generator.context, error.limit)
        room = limit - answer_room(limit)
        share = room / error.tokens if error.tokens > room else 0.5
        fitting = int(prompt.tokens * share * 0.9)
        prompt = _pack(asking, fitting + min(fitting, ANSWER_TOKENS))
        return (yield from _collect(prompt.messages, generator)), prompt


def _with_prompt(asking: Asking, prompt: Prompt) -> Asking:
    return replace(asking, run=replace(asking.run, prompt=prompt.parts))


def _collect(messages: Sequence[Message], generator: Generator) -> Coroutine[Event, None, str]:
    pieces: list[str] = []
    room = LONGEST_DRAFT
    for delta in generator.stream(messages):
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
    portions = list_portions(asking.ranked, asking.evidence, asking.index, context)
    return pack(asking.question.text, portions, context, asking.history)


def _finish(asking: Asking, drafts: Sequence[Draft], tail: str, status: Status, run: Run) -> Answer:
    text, claims = assemble(drafts, tail)
    hits = passages_of(asking.ranked[:HITS_SHOWN])
    return Answer(asking.question.text, text, claims, hits, status, run)


def _run(asking: Asking, **changes: str) -> Run:
    return replace(asking.run, **changes, seconds=round(time.monotonic() - asking.started, 3))
