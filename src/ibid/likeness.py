"""What a reader should know about articles beside each other: near-copies and series."""

import datetime
import re
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ibid.comparison import Agreement, Kin
from ibid.types import Article, ArticleId, Finding, Rule

NEAR_COPY = 0.5
"""Share of the shorter article's word five-grams that the other one holds."""

SERIES_DAYS = 14
"""Articles by one author with like titles, at most so far apart, are a series."""

LIKE_TITLES = 0.5
"""Share of the words of the longer title that the other one holds."""

_GRAM = 5  # words
_FEWEST_GRAMS = 30  # shorter texts are alike by chance
_FEWEST_WORDS = 3  # of a title, in both
_NEIGHBOURS = 10  # in the order of their dates, that an article is compared with
_PROPOSED = 0.05  # share of grams that proposes a pair
_FACTOR = np.uint64(0x9E3779B97F4A7C15)

_WORD = re.compile(r"\w+")
_SMALL_WORDS = frozenset("a an and as at by for from in into is of on or s the to with".split())

Grams = NDArray[np.uint64]


def lint_folder(articles: Sequence[Article]) -> dict[ArticleId, tuple[Finding, ...]]:
    """Return what is noteworthy about articles beside each other, for those that it concerns."""
    findings: dict[ArticleId, list[Finding]] = defaultdict(list)
    for article in articles:
        if article.copies:
            text = f"the same file as {', '.join(article.copies)}"
            findings[article.id].append(Finding(Rule.NEAR_COPY, text))
    for id, text in _closest_copies(articles):
        findings[id].append(Finding(Rule.NEAR_COPY, text))
    for one, other, days in _series(articles):
        for id, sibling in ((one, other), (other, one)):
            text = f"its author wrote {sibling} under a like title, {_apart(days)}"
            findings[id].append(Finding(Rule.SERIES, text))
    return {id: tuple(found) for id, found in findings.items()}


def find_kin(articles: Sequence[Article]) -> Iterator[Kin]:
    """Yield the pairs of articles that are one source: near-copies, and those of one series."""
    if len(articles) < 2:  # noqa: PLR2004
        return
    for one, other, share in _near_copies([_grams(article) for article in articles]):
        first, second = sorted((articles[one].id, articles[other].id))
        yield Kin(first, second, Rule.NEAR_COPY, f"{share:.0%} of the shorter one stands in both")
    for one, other, days in _series(articles):
        yield Kin(one, other, Rule.SERIES, f"by the same author, {_apart(days)}")


def count_sources(speaking: Collection[ArticleId], kin: Sequence[Kin]) -> Agreement:
    """Return how many independent sources some articles are: kin of kin count once."""
    source = {article: article for article in speaking}
    why = tuple(each for each in kin if each.one in source and each.other in source)
    for each in why:
        old, new = source[each.other], source[each.one]
        source = {article: new if of == old else of for article, of in source.items()}
    return Agreement(len(speaking), len(set(source.values())), why)


def _closest_copies(articles: Sequence[Article]) -> Iterator[tuple[ArticleId, str]]:
    """Yield for each article that shares most of its text with another the closest other one."""
    grams = [_grams(article) for article in articles]
    closest: dict[int, tuple[float, int]] = {}
    for one, other, share in _near_copies(grams):
        for here, there in ((one, other), (other, one)):
            closest[here] = max(closest.get(here, (0.0, -1)), (share, -there))
    for here, (share, there) in sorted(closest.items()):
        other = -there
        if len(grams[here]) <= len(grams[other]):
            yield articles[here].id, f"{share:.0%} of its text stands in {articles[other].id} too"
        else:
            yield articles[here].id, f"{share:.0%} of {articles[other].id} stands in it too"


def _near_copies(grams: Sequence[Grams]) -> Iterator[tuple[int, int, float]]:
    """Yield pairs that share most of the shorter one's text, that one first, and the share."""
    for one, other in _propose(grams):
        places = np.searchsorted(grams[other], grams[one]).clip(max=len(grams[other]) - 1)
        shared = int((grams[other][places] == grams[one]).sum())
        share = shared / min(len(grams[one]), len(grams[other]))
        if share >= NEAR_COPY:
            yield one, other, share


def _propose(grams: Sequence[Grams]) -> Iterator[tuple[int, int]]:
    """Yield pairs that may be near-copies, the shorter one first, in linear time.

    Of the articles that hold a gram, each is paired with the first one only: of many copies of a
    template every one is paired, but not every pair is made.
    """
    if not grams:
        return
    owners = np.repeat(np.arange(len(grams)), [len(each) for each in grams])
    order = np.argsort(values := np.concatenate(grams), kind="stable")
    values, owners = values[order], owners[order]
    opens = np.ones(len(values), dtype=bool)
    opens[1:] = values[1:] != values[:-1]
    firsts = owners[np.maximum.accumulate(np.where(opens, np.arange(len(values)), 0))]
    pairs, counts = np.unique((firsts * len(grams) + owners)[~opens], return_counts=True)
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        one, other = sorted(divmod(int(pair), len(grams)), key=lambda n: grams[n].size)
        if count >= _PROPOSED * len(grams[one]):
            yield one, other


def _grams(article: Article) -> Grams:
    """Return the hashes of the runs of five words of the text, sorted, none twice."""
    text = " ".join(section.prose.of(article.text) for section in article.sections)
    words = [zlib.crc32(word.encode("utf-8", "replace")) for word in _WORD.findall(text.lower())]
    if len(words) < _GRAM + _FEWEST_GRAMS:
        return np.empty(0, dtype=np.uint64)
    hashed = np.array(words, dtype=np.uint64)
    mixed = np.zeros(len(words) - _GRAM + 1, dtype=np.uint64)
    for n in range(_GRAM):
        mixed = (mixed ^ hashed[n : n + len(mixed)]) * _FACTOR
        mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed)


def _series(articles: Sequence[Article]) -> Iterator[tuple[ArticleId, ArticleId, int]]:
    """Yield pairs by one author under like titles, and how many days apart they are."""
    by_author: dict[str, list[tuple[datetime.date, ArticleId, frozenset[str]]]] = defaultdict(list)
    for article in articles:
        date = _date(article)
        if article.meta.author and date:
            by_author[article.meta.author].append((date, article.id, _title_words(article)))
    for written in by_author.values():
        written.sort(key=lambda entry: entry[:2])
        for n, (date, id, title) in enumerate(written):
            for later, other, other_title in written[n + 1 : n + 1 + _NEIGHBOURS]:
                days = (later - date).days
                if days <= SERIES_DAYS and _are_alike(title, other_title):
                    yield id, other, days


def _apart(days: int) -> str:
    return f"{days} day{'s' * (days > 1)} apart" if days else "on the same day"


def _are_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(one & other)
    return shared >= max(_FEWEST_WORDS, LIKE_TITLES * max(len(one), len(other)))


def _title_words(article: Article) -> frozenset[str]:
    return frozenset(_WORD.findall(article.title.lower())) - _SMALL_WORDS


def _date(article: Article) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(article.meta.date[:10])
    except ValueError:
        return None
