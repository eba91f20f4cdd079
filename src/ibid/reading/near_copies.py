"""What a reader should know about articles beside each other: near-copies and series."""

import datetime
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

import numpy as np
from numpy.typing import NDArray

from ibid.errors import temporary_room
from ibid.types import Agreement, Article, ArticleId, Finding, Kin, Rule

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

_SLOTS = 2048  # per article: four times the grams of one of a thousand words
_MOST_SLOTS = 1 << 30
_SORTED_AT_ONCE = 1 << 19
_GRAM_BYTES = 8

Grams = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class _Text:
    """The grams of an article, sorted; those that no other one has may be left out."""

    size: int
    """How many there are with those that are left out."""
    grams: Grams


@dataclass(frozen=True, slots=True)
class _Written:
    """What tells whether articles are a series."""

    id: ArticleId
    title: str
    author: str
    date: datetime.date | None

    @classmethod
    def of(cls, article: Article) -> "_Written":
        return cls(article.id, article.title, article.meta.author, _date(article))


class _Repeated:
    """The grams of articles that several of them may have: the others need no memory.

    A Bloom filter with one hash, for what was there once and for what was there again, misses none
    that several have. Until all are known the grams lie in a temporary file.
    """

    def __init__(self, articles: int, waiting: IO[bytes]) -> None:
        slots = min(1 << (articles * _SLOTS).bit_length(), _MOST_SLOTS)
        self._mask = np.uint64(slots - 1)
        self._once = np.zeros(slots // 8, dtype=np.uint8)
        self._again = np.zeros(slots // 8, dtype=np.uint8)
        self._sizes, self._waiting = list[int](), waiting

    def add(self, grams: Grams) -> None:
        """Add the grams of the next article, none of them twice."""
        bytes_, bits = self._places(grams)
        np.bitwise_or.at(self._again, bytes_, self._once[bytes_] & bits)
        np.bitwise_or.at(self._once, bytes_, bits)
        self._sizes.append(len(grams))
        self._waiting.write(grams.tobytes())

    def texts(self) -> Iterator[_Text]:
        """Yield for each article what is left of its grams; nothing is added afterwards."""
        self._waiting.seek(0)
        for size in self._sizes:
            grams = np.frombuffer(self._waiting.read(size * _GRAM_BYTES), dtype=np.uint64)
            bytes_, bits = self._places(grams)
            yield _Text(size, grams[self._again[bytes_] & bits > 0])

    def _places(self, grams: Grams) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        slots = (grams & self._mask).astype(np.int64)
        return slots >> 3, np.left_shift(1, slots & 7, dtype=np.int64).astype(np.uint8)


def lint_folder(articles: Collection[Article]) -> dict[ArticleId, tuple[Finding, ...]]:
    """Return what is noteworthy about articles beside each other, for those that it concerns.

    They are gone through once, and none of their texts is kept.
    """
    findings: dict[ArticleId, list[Finding]] = defaultdict(list)
    records = list[_Written]()
    with temporary_room(), TemporaryFile(prefix="ibid-") as waiting:
        repeated = _Repeated(len(articles), waiting)
        for article in articles:
            repeated.add(_grams(article))
            records.append(_Written.of(article))
            if article.copies:
                text = f"the same file as {', '.join(article.copies)}"
                findings[article.id].append(Finding(Rule.NEAR_COPY, text))
        texts = list(repeated.texts())
    for here, text in _closest_copies(texts, [record.id for record in records]):
        findings[records[here].id].append(Finding(Rule.NEAR_COPY, text))
    for one, other, days in _series(records):
        for id, sibling in ((one, other), (other, one)):
            text = f"its author wrote {sibling} under a like title, {_apart(days)}"
            findings[id].append(Finding(Rule.SERIES, text))
    return {id: tuple(group) for id, group in findings.items()}


def find_kin(articles: Sequence[Article]) -> Iterator[Kin]:
    """Yield the pairs of articles that are one source: near-copies, and those of one series."""
    if len(articles) < 2:  # noqa: PLR2004
        return
    texts = [_Text(len(grams), grams) for grams in map(_grams, articles)]
    for shorter, longer, share in _near_copies(texts):
        first, second = sorted((articles[shorter].id, articles[longer].id))
        yield Kin(first, second, Rule.NEAR_COPY, f"{share:.0%} of the shorter one stands in both")
    for one, other, days in _series(map(_Written.of, articles)):
        yield Kin(one, other, Rule.SERIES, f"by the same author, {_apart(days)}")


def count_sources(speaking: Collection[ArticleId], kin: Sequence[Kin]) -> Agreement:
    """Return how many independent sources some articles are: kin of kin count once."""
    source = {article: article for article in speaking}
    pairs = tuple(pair for pair in kin if pair.one in source and pair.other in source)
    for pair in pairs:
        old, new = source[pair.other], source[pair.one]
        source = {article: new if of == old else of for article, of in source.items()}
    return Agreement(len(speaking), len(set(source.values())), pairs)


def _closest_copies(texts: Sequence[_Text], ids: Sequence[ArticleId]) -> Iterator[tuple[int, str]]:
    """Yield for each article that shares most of its text with another the closest other one."""
    closest: dict[int, tuple[float, int]] = {}
    for shorter, longer, share in _near_copies(texts):
        for here, there in ((shorter, longer), (longer, shorter)):
            closest[here] = max(closest.get(here, (0.0, -1)), (share, -there))
    for here, (share, there) in sorted(closest.items()):
        copy = -there
        if texts[here].size <= texts[copy].size:
            yield here, f"{share:.0%} of its text stands in {ids[copy]} too"
        else:
            yield here, f"{share:.0%} of {ids[copy]} stands in it too"


def _near_copies(texts: Sequence[_Text]) -> Iterator[tuple[int, int, float]]:
    """Yield pairs that share most of the shorter one's text, that one first, and the share."""
    for shorter, longer in _propose(texts):
        shared = _count_common(texts[shorter].grams, texts[longer].grams)
        share = shared / min(texts[shorter].size, texts[longer].size)
        if share >= NEAR_COPY:
            yield shorter, longer, share


def _count_common(one: Grams, other: Grams) -> int:
    places = np.searchsorted(other, one).clip(max=len(other) - 1)
    return int((other[places] == one).sum())


def _propose(texts: Sequence[_Text]) -> Iterator[tuple[int, int]]:
    """Yield pairs that may be near-copies, the shorter one first, in linear time.

    Of the articles that hold a gram, each is paired with the first one only: of many copies of a
    template every one is paired, but not every pair is made.
    """
    if not texts:
        return
    values = np.concatenate([text.grams for text in texts])
    owners = np.repeat(np.arange(len(texts)), [len(text.grams) for text in texts])
    shared: Counter[int] = Counter()
    parts = 1 + len(values) // _SORTED_AT_ONCE
    for part in range(parts):
        mask = values % np.uint64(parts) == part
        shared.update(_count_shared(values[mask], owners[mask], len(texts)))
    for pair, count in sorted(shared.items()):
        shorter, longer = sorted(divmod(pair, len(texts)), key=lambda n: texts[n].size)
        if count >= _PROPOSED * texts[shorter].size:
            yield shorter, longer


def _count_shared(values: Grams, owners: NDArray[np.int64], many: int) -> dict[int, int]:
    """Return how many grams a pair shares whose first article is the first that holds them.

    A pair is one number, `many` times the first article and the other one.
    """
    order = np.argsort(values, kind="stable")
    values, owners = values[order], owners[order]
    opens = np.ones(len(values), dtype=bool)
    opens[1:] = values[1:] != values[:-1]
    firsts = owners[np.maximum.accumulate(np.where(opens, np.arange(len(values)), 0))]
    pairs, counts = np.unique((firsts * many + owners)[~opens], return_counts=True)
    return dict(zip(pairs.tolist(), counts.tolist(), strict=True))


def _grams(article: Article) -> Grams:
    """Return the hashes of the runs of five words of the text, sorted, none twice."""
    text = " ".join(section.prose.of(article.text) for section in article.sections)
    words = _WORD.findall(text.lower())
    if len(words) < _GRAM + _FEWEST_GRAMS:
        return np.empty(0, dtype=np.uint64)
    hashed = np.fromiter(map(hash, words), dtype=np.int64, count=len(words)).view(np.uint64)
    mixed = np.zeros(len(words) - _GRAM + 1, dtype=np.uint64)
    for n in range(_GRAM):
        mixed = (mixed ^ hashed[n : n + len(mixed)]) * _FACTOR
        mixed ^= mixed >> np.uint64(29)
    mixed.sort()
    return mixed[np.concatenate(([True], mixed[1:] != mixed[:-1]))]


def _series(articles: Iterable[_Written]) -> Iterator[tuple[ArticleId, ArticleId, int]]:
    """Yield pairs by one author under like titles, and how many days apart they are."""
    by_author: dict[str, list[tuple[datetime.date, ArticleId, frozenset[str]]]] = defaultdict(list)
    for article in articles:
        if article.author and article.date:
            entry = (article.date, article.id, _title_words(article.title))
            by_author[article.author].append(entry)
    for entries in by_author.values():
        entries.sort(key=lambda entry: entry[:2])
        for n, (date, id, title) in enumerate(entries):
            for later, sibling, sibling_title in entries[n + 1 : n + 1 + _NEIGHBOURS]:
                days = (later - date).days
                if days <= SERIES_DAYS and _are_alike(title, sibling_title):
                    yield id, sibling, days


def _apart(days: int) -> str:
    return f"{days} day{'s' * (days > 1)} apart" if days else "on the same day"


def _are_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(one & other)
    return shared >= max(_FEWEST_WORDS, LIKE_TITLES * max(len(one), len(other)))


def _title_words(title: str) -> frozenset[str]:
    return frozenset(_WORD.findall(title.lower())) - _SMALL_WORDS


def _date(article: Article) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(article.meta.date[:10])
    except ValueError:
        return None
