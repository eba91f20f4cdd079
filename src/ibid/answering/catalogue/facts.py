"""What the front matter knows: authors, dates, how many articles there are and which."""

from collections import Counter
from collections.abc import Iterator, Sequence

from ibid.answering.catalogue.naming import order_by_date
from ibid.answering.catalogue.places import AUTHOR_KEYS, DATE_KEYS, Place, find_value
from ibid.answering.catalogue.requests import Asks, Request
from ibid.answering.catalogue.shelf import (
    SHOWN,
    Shelf,
    Told,
    call,
    count_by_author,
    list_names,
    newest_first,
    say_authors,
    say_period,
)
from ibid.answering.catalogue.summary import FEWEST, summarize
from ibid.reading import find_description
from ibid.search import fold
from ibid.text import collapse, count
from ibid.types import Described

TAGS = 8
"""Tags that are named, of more."""


def tell_authors(request: Request, whole: Shelf) -> Told:
    """Return who wrote articles, each with the line that says so."""
    shelf = whole.asked(request)
    articles = shelf.articles
    counts, silent = (
        count_by_author(articles),
        [article for article in articles if not article.meta.author],
    )
    if len(articles) == 1:
        title, names = articles[0].title, list_names(articles[0].meta.authors)
        text = f"“{title}” is by {names}." if names else f"“{title}” names no author."
    elif not counts:
        text = f"none of the {len(articles):,} articles names an author."
    else:
        note = f" {_say_without(silent, 'author')}" if silent else ""
        text = f"{count(len(counts), 'author')}: {say_authors(articles)}.{note}"
    with_author = [article for article in articles if article.meta.author]
    first = {article.meta.author: article for article in reversed(with_author)}
    busiest = [first[author] for author, _ in counts if author in first][:SHOWN]
    quoted = with_author if len(with_author) <= SHOWN else busiest
    return Told(text, _lines(quoted, AUTHOR_KEYS, shelf))


def tell_newest(request: Request, shelf: Shelf) -> Told:
    """Return the newest articles, or the oldest ones; several that are of the same day are one."""
    superlative = request.asks.value
    dated = order_by_date(shelf.articles)
    if not dated:
        return Told(f"which article is the {superlative} is not known. {_say_undated(shelf)}")
    if request.asks is Asks.OLDEST:
        dated.sort(key=lambda article: article.meta.date)
    most = max(request.most, sum(article.meta.date == dated[0].meta.date for article in dated))
    chosen = dated[: most if request.most == 1 else request.most]
    if len(chosen) == 1:
        text = f"the {superlative} article is {call(chosen[0])}, of {chosen[0].meta.date}."
    else:
        names = list_names([f"{call(article)} ({article.meta.date})" for article in chosen])
        text = f"the {len(chosen):,} {superlative} articles are {names}."
    lines = _lines(chosen[:SHOWN], DATE_KEYS, shelf)
    return Told(f"{text} {_say_undated(shelf)}".strip(), lines)


def tell_dates(request: Request, whole: Shelf) -> Told:
    """Return from when articles are, each with the line that says so."""
    shelf = whole.asked(request)
    dated = [article for article in newest_first(shelf.articles) if article.meta.date]
    period = say_period(shelf.articles)
    if len(shelf.articles) == 1 and dated:
        text = f"{call(dated[0])} is of {dated[0].meta.date}."
    elif len(shelf.articles) == 1:
        text = f"{call(shelf.articles[0])} has no date."
    else:
        text = f"the articles are {period}. " * bool(period) + _say_undated(shelf)
    return Told(text.strip(), _lines(dated[:SHOWN], DATE_KEYS, shelf))


def tell_count(request: Request, whole: Shelf) -> Told:
    """Return how many articles there are, or how many an author wrote."""
    shelf = whole.asked(request)
    if request.author:
        text = f"{len(shelf.articles):,} of {count(len(whole.articles), 'article')}"
        lines = _lines(shelf.articles[:SHOWN], AUTHOR_KEYS, shelf)
        verb = "is" if len(shelf.articles) == 1 else "are"
        return Told(f"{text} {verb} by {request.author}.", lines)
    copies = sum(len(article.copies) for article in shelf.articles)
    same = f" {count(copies, 'more file')} repeat{'s' * (copies == 1)} one of them." * bool(copies)
    return Told(f"{_say_all(shelf.articles)}.{same}")


def tell_list(request: Request, whole: Shelf) -> Told:
    """Return which articles there are, each with what it says of itself."""
    shelf = whole.asked(request)
    chosen = list(shelf.articles)
    text = f"{_say_all(chosen)}. {_say_tags(chosen)}".strip()
    if len(chosen) > SHOWN:
        chosen = newest_first(chosen)[:SHOWN]
        text += f" {_say_first(chosen)} `ibid articles` lists all."
    return Told(text, [place for article in chosen for place in _introduce(article, shelf)])


def _say_first(chosen: Sequence[Described]) -> str:
    which = "newest" if order_by_date(chosen) else "first"
    return f"Here are the {len(chosen)} {which} ones."


def _say_all(articles: Sequence[Described]) -> str:
    """Return how many articles there are, by how many authors, and from when."""
    authors, period = count_by_author(articles), say_period(articles)
    by = f"by {authors[0][0]}" if len(authors) == 1 else f"by {count(len(authors), 'author')}"
    parts = (count(len(articles), "article"), by * bool(authors), period)
    return ", ".join(filter(None, parts))


def _say_tags(articles: Sequence[Described]) -> str:
    """Return the tags that most articles share, where several do."""
    tagged = [{fold(tag): tag for tag in article.meta.tags} for article in articles]
    counts = Counter(key for own in tagged for key in own)
    common = sorted((key for key in counts if counts[key] > 1), key=lambda key: (-counts[key], key))
    spellings = {key: tag for own in reversed(tagged) for key, tag in own.items()}
    names = [f"{spellings[key]} ({counts[key]:,})" for key in common[:TAGS]]
    return f"Their commonest tags: {list_names(names)}." if names else ""


def _introduce(article: Described, shelf: Shelf) -> Iterator[Place]:
    """Yield what an article says of itself, else the sentence that says most, else its first."""
    corpus = shelf.index.corpus
    content = corpus.article(article.id)
    span, top = find_description(content), corpus.first_passage(article.id)
    description = span.of(content.text) if span else ""
    if span and top and len(description.split()) >= FEWEST and span.end <= top.span.end:
        yield Place(top, span, collapse(description))
        return
    yield from summarize(article.id, 1, shelf.index)


def _lines(articles: Sequence[Described], keys: Sequence[str], shelf: Shelf) -> list[Place]:
    """Return the lines of the articles' front matter that give one of some keys."""
    corpus = shelf.index.corpus
    values = (
        (article, article.meta.author if keys == AUTHOR_KEYS else article.meta.date)
        for article in articles
    )
    lines = (
        find_value(corpus.article(article.id), keys, value, corpus) for article, value in values
    )
    return [line for line in lines if line]


def _say_without(articles: Sequence[Described], field: str) -> str:
    verb = "names" if len(articles) == 1 else "name"
    return f"{count(len(articles), 'article')} {verb} no {field}."


def _say_undated(shelf: Shelf) -> str:
    """Return how many articles have no date that can be told, empty where all have one."""
    without = len(shelf.articles) - len(order_by_date(shelf.articles))
    if without == len(shelf.articles) > 1:
        return f"None of the {without:,} articles names a date that can be told."
    verb = "names" if without == 1 else "name"
    return f"{count(without, 'article')} {verb} no date that can be told." * bool(without)
