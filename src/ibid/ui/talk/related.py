"""Related questions: what the articles near an answer have headings for, and do answer.

Each is asked without a model before it is shown, as it will be asked when somebody clicks on it.
"""

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from threading import Lock
from time import monotonic

from ibid.english import stems
from ibid.errors import IbidError
from ibid.library import Library
from ibid.search import fold
from ibid.text import escape
from ibid.types import Answer, Passage, Status
from ibid.ui.panes.welcome import ASKS, ask_about, example_questions
from ibid.ui.talk.history import Exchange, Keeper
from ibid.ui.talk.records import read_answer

SHOWN = 3
TRIED = 8
"""Questions that are asked at most."""

SECONDS = 6.0
"""After which no other one is tried."""

_ARTICLES = 4
"""Whose headings count: those that the answer comes from, or that came closest."""

_MOST_ALIKE = 0.5
"""Share of its quotes that a related answer may have in common with the one above it."""


class Related:
    """What can be asked next, found once for each answer that is kept."""

    def __init__(self, library: Library, keeper: Keeper) -> None:
        self._library, self._keeper = library, keeper
        self._lock = Lock()
        """One at a time: an answer is worth more than what could be asked after it."""
        self._known = lru_cache(maxsize=64)(self._find)

    def write(self, id: str, number: int) -> str:
        """Return the HTML of the related questions of an answer; it may be "".

        Raises UsageError for what is kept of no answer, IndexUnusable.
        """
        turns = self._turns(id, number)
        if not turns:  # the conversation was deleted while the page asked; it may be brought back
            return ""
        with self._lock:
            questions = self._known(id, number, self._library.store.current_name())
        if not questions:
            return ""
        within = escape(json.dumps(dict(turns[-1].within.given)))
        items = "".join(
            f'<li><button type="button" class="example" data-within="{within}" '
            f'data-ask="{escape(question)}">{escape(question)}</button></li>'
            for question in questions
        )
        return f"<h3>The articles also answer</h3><ul>{items}</ul>"

    def _turns(self, id: str, number: int) -> Sequence[Exchange]:
        """Return the turns of a conversation up to one of them."""
        return [exchange for exchange in self._keeper.read(id) if exchange.number <= number]

    def _find(self, id: str, number: int, index: str) -> Sequence[str]:
        del index  # what was found is known by it
        turns = self._turns(id, number)
        if not turns or turns[-1].number != number or not turns[-1].record:
            return ()
        questions = {fold(text) for turn in turns for text in (turn.question, turn.full)}
        candidates = list_candidates(read_answer(turns[-1].record), self._library)
        new = (candidate for candidate in candidates if fold(candidate) not in questions)
        until = monotonic() + SECONDS
        tried = (text for text in islice(new, TRIED) if monotonic() < until)
        return list(islice((text for text in tried if self._answers(text, turns)), SHOWN))

    def _answers(self, question: str, turns: Sequence[Exchange]) -> bool:
        """Tell whether the articles answer a question after these turns, and with other quotes."""
        within, history = turns[-1].within.filter, [turn.turn for turn in turns]
        try:
            answer = self._library.ask(question, within, history, model="none")
        except IbidError:
            return False
        before = {(cited.article, cited.quote) for cited in turns[-1].cited}
        quotes = [citation for claim in answer.claims for citation in claim.citations]
        pairs = [
            (
                quote.passage.article,
                quote.quote.of(self._library.article(quote.passage.article).text),
            )
            for quote in quotes
        ]
        overlap = sum(pair in before for pair in pairs)
        return answer.status is Status.ANSWERED and overlap <= _MOST_ALIKE * len(pairs)


def list_candidates(answer: Answer, library: Library) -> list[str]:
    """Return questions for the headings near an answer, the best first, none twice.

    Headings that ask come first, then those that have most words of the question, then the nearest:
    after a refusal those of the nearest passages; after an answer they were just read.
    """
    passages = list(_passages(answer))
    own = list(dict.fromkeys(passage.headings[-1] for passage in passages if passage.headings))
    articles = list(dict.fromkeys(passage.article for passage in passages))[:_ARTICLES]
    sections = [section for id in articles for section in library.article(id).sections]
    beside = [section.headings[-1] for section in sections if section.headings]
    refused = answer.status is Status.NOT_IN_SOURCES
    near = [*own, *beside] if refused else [*(title for title in beside if title not in own), *own]
    words = set(stems(answer.question))

    def rank(question: str) -> tuple[bool, int]:
        return question.startswith(ASKS), -len(words.intersection(stems(question)))

    questions = [question for question in map(ask_about, near) if question]
    return sorted(dict.fromkeys(questions), key=rank) or example_questions(
        islice(library.articles, 20)
    )


def _passages(answer: Answer) -> Iterator[Passage]:
    """Yield the passages that an answer quotes, or that came closest."""
    for part in answer.parts:
        yield from _passages(part)
    yield from (cited.passage for claim in answer.claims for cited in claim.citations)
    if not answer.claims:
        yield from (hit.passage for hit in answer.hits)
