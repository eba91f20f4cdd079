"""Which articles mention something: every passage that may is read, none is guessed."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ibid.answering.catalogue.places import TITLE_KEYS, Place, find_value, list_joined, list_places
from ibid.answering.catalogue.terms import (
    Term,
    Test,
    read_keys,
    read_term,
    read_terms,
    respell,
    spellings,
)
from ibid.english import find_explained, is_statement, stems
from ibid.index import Index
from ibid.text import search_copy
from ibid.types import ArticleId, Passage

Places = Mapping[ArticleId, tuple[Place, ...]]
"""What each article says, sentences before headings and other lines."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """Where articles mention a topic."""

    places: Places
    also: tuple[str, ...] = ()
    """Other forms of it that the articles explain, which count as well."""
    is_scattered: bool = False
    """Whether no article has it word for word, and these have all its words in one sentence."""
    terms: tuple[Term, ...] = ()
    """What it is made of."""

    def quotes(self, article: ArticleId) -> list[Place]:
        """Return the places that show best that an article mentions it: one for each term."""
        places = self.places[article]
        examples = [next(filter(_has(term), places), places[0]) for term in self.terms]
        return sorted(set(examples), key=lambda place: place.span)


def find_mentions(topic: str, index: Index, articles: Collection[ArticleId]) -> Mentions:
    """Return where some articles mention a topic: its words in any form, side by side.

    `X or Y` is either, `X and Y` both. A short form counts with the long one that an article
    explains it by. Where nobody has the words side by side, those count that have them in one
    sentence.
    """
    reader = _Reader(index, articles, Term.stands_in)
    mentions = _look_up(topic, reader)
    if not mentions.places and stems(topic):
        mentions = _look_up(topic.lower(), reader)  # no short form, but typed in capitals
    if not mentions.places:
        mentions = _look_up(topic, _Reader(index, articles, Term.is_scattered_in))
        return replace(mentions, is_scattered=bool(mentions.places))
    return mentions


def _look_up(topic: str, reader: "_Reader") -> Mentions:
    alternatives = read_terms(topic)
    by_article: dict[ArticleId, tuple[Place, ...]] = {}
    for terms in alternatives:
        for id, places in _all_of([reader.read(term) for term in terms]).items():
            by_article[id] = (*by_article.get(id, ()), *places)
    ordered = {id: tuple(sorted(set(by_article[id]), key=_best_first)) for id in sorted(by_article)}
    also = tuple(dict.fromkeys(reader.also))
    return Mentions(ordered, also, terms=tuple(term for terms in alternatives for term in terms))


def _has(term: Term) -> Callable[[Place], bool]:
    return lambda place: term.stands_in(place.text)


def _all_of(
    by_term: list[dict[ArticleId, tuple[Place, ...]]],
) -> dict[ArticleId, tuple[Place, ...]]:
    """Return the articles that have all terms, each with its places of any."""
    common = [id for id in by_term[0] if all(id in places for places in by_term)]
    return {id: tuple(place for places in by_term for place in places[id]) for id in common}


def _best_first(place: Place) -> tuple[bool, bool, int]:
    return not place.is_sentence, not is_statement(place.text), place.span.start


class _Reader:
    """Reads the passages that may mention a term; knows what short forms they explain."""

    def __init__(self, index: Index, articles: Collection[ArticleId], test: Test) -> None:
        self._index, self._articles, self._test = index, frozenset(articles), test
        self.also: list[str] = []

    def read(self, term: Term) -> dict[ArticleId, tuple[Place, ...]]:
        """Return where the articles mention a term, or another form of it that they have."""
        places = self._find(term)
        for form in dict.fromkeys((*_other_forms(term, places), *self._compounds(term))):
            if more := [place for place in self._find(read_term(form)) if place not in places]:
                self.also.append(form)
                places += more
        by_article: dict[ArticleId, tuple[Place, ...]] = {}
        for place in places:
            by_article[place.article] = (*by_article.get(place.article, ()), place)
        return by_article

    def _find(self, term: Term) -> list[Place]:
        corpus = self._index.corpus
        places = [
            place
            for passage in self._passages(term)
            for place in self._read(passage, term, corpus.article(passage.article).text)
        ]
        for entry in corpus.described:
            if entry.id in self._articles and entry.meta.title and self._test(term, entry.title):
                article = corpus.article(entry.id)
                if titled := find_value(article, TITLE_KEYS, entry.meta.title, corpus):
                    places.append(titled)
        return places

    def _read(self, passage: Passage, term: Term, text: str) -> Iterator[Place]:
        """Yield the places of a passage that have a term."""

        def has_it(place: Place) -> bool:
            return self._test(term, search_copy(place.text))

        yield from filter(has_it, list_places(passage, text))
        for joined, first, second in list_joined(passage, text):
            if has_it(joined) and not has_it(first) and not has_it(second):
                yield joined

    def _compounds(self, term: Term) -> Iterator[str]:
        """Yield a term with two of its words as one, or one as two that the index has."""
        if not term.is_literal:
            for compound, parts in respell(term):
                if all(self._index.words.document_frequencies(parts)):
                    yield compound

    def _passages(self, term: Term) -> Iterable[Passage]:
        """Return the passages that have the rarest of a term's words; without any, all passages."""
        corpus, words = self._index.corpus, self._index.words
        if not term.told or term.is_literal:
            return (row.passage for id in sorted(self._articles) for row in corpus.rows_of(id))
        rarest = min(term.told, key=lambda key: sum(words.document_frequencies(spellings([key]))))
        rows = corpus.row_numbers(self._articles)
        hits = words.search(spellings([rarest]), self._index.passages, rows)
        return (corpus.row(row).passage for row in sorted(row for row, _ in hits))


def _other_forms(term: Term, places: Iterable[Place]) -> Iterable[str]:
    """Yield the long forms of a short one and the short ones of a long one, as places have them."""
    for place in places:
        for long, short in find_explained(place.text):
            if read_keys(short) == term.keys:
                yield long
            elif read_keys(long) == term.keys:
                yield short
