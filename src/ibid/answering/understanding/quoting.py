"""Phrases in quotation marks: the passages that hold them word for word come first."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ibid.answering.pipeline import Asking, look_up
from ibid.english import unique_stems
from ibid.index import Index
from ibid.ports import Embedder, Reader
from ibid.search import CLOSEST, Question
from ibid.text import collapse, plain
from ibid.types import Phrase, Run

MOST_READ = 2000
"""Passages with a phrase's rarest word that are looked through for the phrase."""

_QUOTED = re.compile(r"[\"“„]([^\"“”„]+)[\"”“]")


def look_up_literally(
    question: Question,
    index: Index,
    embedder: Embedder,
    reader: Reader,
    run: Run,
    started: float,
) -> Asking:
    """Find the passages for a question, first those that hold all of its quoted phrases.

    Their sentences alone answer it where they can. How many hold each phrase stands in the run.
    """
    phrases = dict.fromkeys(collapse(each) for each in _QUOTED.findall(question.text))
    held = {each: _find_rows(each, question, index) for each in phrases if unique_stems(each)}
    said = tuple(Phrase(each, len(rows)) for each, rows in held.items())
    asking = look_up(question, index, embedder, reader, replace(run, phrases=said), started)
    rows = frozenset[int].intersection(*held.values()) if held else frozenset[int]()
    if not rows:
        return asking
    literal = look_up(replace(question, rows=rows), index, embedder, reader, asking.run, started)
    others = tuple(each for each in asking.ranked if each.row not in rows)
    answers = literal if literal.best >= CLOSEST else asking
    return replace(asking, ranked=literal.ranked + others, evidence=answers.evidence)


def _find_rows(phrase: str, question: Question, index: Index) -> frozenset[int]:
    """Return the passages of a question that hold a phrase, or whose headings do."""
    stems = unique_stems(phrase)
    counts = index.words.document_frequencies(stems)
    rarest = min(zip(counts, stems, strict=True))[1]
    found = [row for row, _ in index.words.search([rarest], MOST_READ, question.rows)]
    wanted = re.compile(rf"(?<!\w){re.escape(_flat(phrase))}(?!\w)")
    return frozenset(row for row in found if any(map(wanted.search, _texts(row, index))))


def _texts(row: int, index: Index) -> Iterator[str]:
    passage = index.corpus.row(row).passage
    texts: Sequence[str] = (passage.text, plain(passage.text), *passage.headings)
    return map(_flat, texts)


def _flat(text: str) -> str:
    """Return a text as phrases are compared: without regard to case and breaks of its lines."""
    return collapse(text.replace("’", "'")).casefold()
