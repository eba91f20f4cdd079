"""One question on its way to an answer: of the folder itself, or of what its articles say."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ibid.answering.catalogue import Asks, Request, Shelf, answer_request, read_request
from ibid.answering.followups import Restated
from ibid.answering.pipeline import Asking, measure_closeness, understand
from ibid.answering.understanding import Named, answer_parts, divide, look_up_literally
from ibid.index import Index
from ibid.ports import Embedder, Generator, Reader
from ibid.search import Filter, describe_filter, find_fitting, read_question, read_spelling
from ibid.types import ArticleId, Comparison, Done, Event, Found, Run, Turn

Articles = Collection[ArticleId] | None
"""Those that are asked, None for all."""


@dataclass(frozen=True)
class Inquiry:
    """What answers a question, and what the answer's record says of it."""

    index: Index
    embedder: Embedder
    reader: Reader
    generator: Generator | None
    run: Callable[[Articles], Run]
    """Returns what is needed to repeat a question to some articles."""
    compare: Callable[[str, Articles], Comparison]
    within: Filter
    history: Sequence[Turn]
    settings: Mapping[str, str]
    """Of the language model, for the record."""
    notice: str
    """Why no language model is asked."""
    drop: bool
    """Whether sentences that the articles do not say are left out."""
    started: float
    """Of the monotonic clock, when the question came."""

    def stream(self, question: str) -> Iterator[Event]:
        """Yield Found, then Delta while a model writes, and last Done with the checked answer."""
        full = understand(question, self.history, measure_closeness(self.embedder), self.generator)
        text, read_as = read_spelling(full.question, self.index)
        shelf = Shelf(self.index, self._articles(self.within, full))
        if request := read_request(text, shelf):
            yield from self._consult(request, shelf, question, replace(full, question=text))
            return
        run = replace(
            self.run(None),
            notice=self.notice,
            read_as=read_as,
            restated_by=full.by,
            pointed_at=full.articles,
        )
        is_restated = bool(full.articles) or text != question

        def look_up(part: Named) -> Asking:
            articles = self._articles(part.within, full)
            query = read_question(part.question, self.index, self.embedder, articles)
            record = replace(
                run,
                articles=self.run(articles).articles,
                settings={**self.settings, **describe_filter(part.within)},
                asked=question if is_restated or part.given else "",
                named=part.given,
            )
            asking = look_up_literally(
                query, self.index, self.embedder, self.reader, record, self.started
            )
            return replace(asking, history=tuple(self.history))

        parts = divide(text, self.within, lambda: self.index.corpus.described)
        yield from answer_parts(text, [*map(look_up, parts)], self.generator, drop=self.drop)

    def _consult(
        self, request: Request, shelf: Shelf, question: str, full: Restated
    ) -> Iterator[Event]:
        """Yield the answer to a question about the folder itself: no passage is searched for it."""
        yield Found((), full.question)
        compares = request.asks in (Asks.COMPARISON, Asks.DISAGREEMENT)
        articles = request.articles or shelf.ids
        compared = self.compare(request.topic, articles) if compares else None
        run = replace(
            self.run([article.id for article in shelf.articles]),
            settings=describe_filter(self.within),
            asked=question if full.articles or full.question != question else "",
            restated_by=full.by,
            pointed_at=full.articles,
        )
        answer = answer_request(request, full.question, shelf, run, compared)
        seconds = round(time.monotonic() - self.started, 3)
        yield Done(replace(answer, run=replace(run, seconds=seconds)))

    def _articles(self, within: Filter, full: Restated) -> Articles:
        """Return those of the articles that fit which a follow-up points at; else all that fit."""
        fitting = find_fitting(within, self.index.corpus.described)
        pointed = [id for id in full.articles if fitting is None or id in fitting]
        return pointed or fitting
