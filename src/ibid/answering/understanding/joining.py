"""The answers to the parts of a question, one after the other, and as one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ibid.answering.citing import Draft, assemble, end_of_numbers
from ibid.answering.pipeline import Asking, answer
from ibid.ports import Generator
from ibid.search import HITS_SHOWN, passages_of
from ibid.types import Anew, Answer, Delta, Done, Event, Found, Hit, Run, Status


def answer_parts(
    question: str, askings: Sequence[Asking], generator: Generator | None, *, drop: bool
) -> Iterator[Event]:
    """Yield what was found for all parts, each one's text as it is written, and last one answer.

    A question of one part is answered as it is.
    """
    if len(askings) == 1:
        yield from answer(askings[0], generator, drop=drop)
        return
    rankings = [passages_of(asking.ranked[:HITS_SHOWN]) for asking in askings]
    yield Found(_deal(rankings), question)
    answers: list[Answer] = []
    reply = ""
    for asking in askings:
        gap, before = "\n\n" if answers else "", reply
        for event in answer(asking, generator, drop=drop):
            match event:
                case Delta(text):
                    reply += gap + text
                    yield Delta(gap + text)
                    gap = ""
                case Anew():
                    reply, gap = before, "\n\n" if answers else ""
                    yield Anew(before)
                case Done(part):
                    answers.append(part)
                case Found():
                    pass
    yield Done(join(question, answers))


def join(question: str, parts: Sequence[Answer]) -> Answer:
    """Return several answers as one: their texts below their questions, their claims and hits."""
    drafts: list[Draft] = []
    tail = ""
    for part in parts:
        start = "".join((tail, "\n\n" * bool(drafts or tail), part.question, "\n\n"))
        own, end = _drafts(part)
        drafts += (replace(draft, before=start + draft.before) for draft in own[:1])
        drafts += own[1:]
        tail = end if own else start + end
    text, claims = assemble(drafts, tail)
    refused_first = sorted(parts, key=lambda part: part.status is not Status.NOT_IN_SOURCES)
    receipts = [part.receipt for part in refused_first if part.receipt]
    return Answer(
        question,
        text,
        claims,
        _deal([part.hits for part in parts]),
        _status(parts),
        _run(parts),
        next(iter(receipts), None),
        parts=tuple(parts),
    )


def _drafts(part: Answer) -> tuple[list[Draft], str]:
    """Return the sentences of an answer without their numbers, and the text behind them."""
    drafts: list[Draft] = []
    end = 0
    for claim in part.claims:
        before = part.text[end : claim.span.start]
        drafts.append(Draft(before, claim.text, claim.citations, claim.support, claim.changes))
        end = end_of_numbers(part.text, claim)
    return drafts, part.text[end:]


def _deal(rankings: Sequence[Sequence[Hit]]) -> tuple[Hit, ...]:
    """Return the hits of all parts, best first of each in turn, none twice."""
    longest = max(map(len, rankings), default=0)
    dealt = (hits[place] for place in range(longest) for hits in rankings if place < len(hits))
    return tuple({hit.passage.id: hit for hit in reversed([*dealt])}.values())[::-1]


def _status(parts: Sequence[Answer]) -> Status:
    several = {part.status for part in parts}
    return several.pop() if len(several) == 1 else Status.PARTIAL


def _run(parts: Sequence[Answer]) -> Run:
    """Return the run of all parts: what it says of articles is what all of them have."""
    runs = [part.run for part in parts]
    notices = dict.fromkeys(run.notice for run in runs if run.notice)
    settings = [run.settings.items() for run in runs]
    return replace(
        runs[0],
        phrases=(),
        settings={
            name: value
            for name, value in runs[0].settings.items()
            if all((name, value) in setting for setting in settings)
        },
        named=runs[0].named if all(run.named == runs[0].named for run in runs) else {},
        articles=max(run.articles for run in runs),
        asked=next((run.asked for run in runs if run.asked), ""),
        model=next((run.model for run in runs if run.model), ""),
        notice="; ".join(notices),
        prompt=tuple(packed for run in runs for packed in run.prompt),
        seconds=max(run.seconds for run in runs),
    )
