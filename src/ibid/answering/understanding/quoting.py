"""Phrases in quotation marks: what holds them word for word answers before all else."""

from dataclasses import replace

from ibid.answering.pipeline import Asking, look_up
from ibid.index import Index
from ibid.ports import Embedder, Reader
from ibid.search import CLOSEST, Question, find_literal
from ibid.types import Run


def look_up_literally(
    question: Question,
    index: Index,
    embedder: Embedder,
    reader: Reader,
    run: Run,
    started: float,
) -> Asking:
    """Find the passages for a question, first those that hold its quoted phrases.

    Their sentences alone answer it where they can. How many hold each phrase stands in the run.
    """
    literal = find_literal(question, index)
    run = replace(run, phrases=literal.phrases)
    asking = look_up(question, index, embedder, reader, run, started)
    if not literal.rows:
        return asking
    first = look_up(replace(question, rows=literal.rows), index, embedder, reader, run, started)
    remaining = tuple(hit for hit in asking.ranked if hit.row not in literal.rows)
    answers = first if first.best >= CLOSEST else asking
    return replace(asking, ranked=first.ranked + remaining, evidence=answers.evidence)
