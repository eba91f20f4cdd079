"""Which articles and which author a question names, told by the index."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from ibid.english import stems
from ibid.search import fold
from ibid.types import ArticleId, Described

Ids = tuple[ArticleId, ...]

_NUMBER = re.compile(r"(?:(?:no|nr|number|num)\.? ?|# ?)?(\d{1,6})", re.IGNORECASE)
_LEADING = re.compile(r"\D?0*(\d+)")
_QUOTED = re.compile(r"[\"“”„«»'‘’]+(.+?)[\"“”„«»'‘’]+")


def find_author(name: str, articles: Sequence[Described]) -> str:
    """Return the one author of these articles that a name stands for, empty for none or several."""
    wanted = set(fold(name).split())
    authors = sorted({author for article in articles for author in article.meta.authors})
    matches = [author for author in authors if wanted and wanted <= set(fold(author).split())]
    return matches[0] if len(matches) == 1 else ""


def find_by_author(author: str, articles: Sequence[Described]) -> Ids:
    """Return the articles of an author."""
    return tuple(article.id for article in articles if author in article.meta.authors)


def find_article(name: str, articles: Sequence[Described], *, is_called_one: bool) -> Ids:
    """Return the articles that a name stands for, none where that cannot be told.

    A file's name and a whole title name an article anywhere; a number, or a part of a title, where
    it `is_called_one` (`article 002`, `the post “Why Rust”`).
    """
    quoted = _QUOTED.fullmatch(name.strip())
    label = quoted[1] if quoted else name
    for fits in (_is_named, _is_numbered, _is_entitled)[: None if is_called_one else 1]:
        if ids := tuple(article.id for article in articles if fits(label, article)):
            return ids
    return ()


def _is_named(name: str, article: Described) -> bool:
    """Tell whether a name is an article's title, or that of its file or of a copy of it."""
    files = (called for id in (article.id, *article.copies) for called in _names(id))
    wanted = fold(name)
    return bool(wanted) and wanted in map(fold, (article.title, *files))


def _names(id: ArticleId) -> Iterator[str]:
    """Yield what a file is called: `blog/002_4415d96d.txt` is `002`, too."""
    path = PurePosixPath(id)
    yield from (id, path.name, path.stem, str(path.with_suffix("")))
    yield from re.findall(r"^\d{2,}(?=[_ -])", path.stem)


def _is_numbered(name: str, article: Described) -> bool:
    wanted, own = _NUMBER.fullmatch(name.strip()), _LEADING.match(PurePosixPath(article.id).stem)
    return bool(wanted and own and int(wanted[1]) == int(own[1]))


def _is_entitled(name: str, article: Described) -> bool:
    words = frozenset(stems(name))
    return bool(words) and words <= frozenset(stems(article.title))


def order_by_date(articles: Sequence[Described]) -> list[Described]:
    """Return the articles whose date can be told, the newest first."""
    dated = [article for article in articles if article.meta.days[0]]
    return sorted(sorted(dated, key=lambda article: article.id), key=_date, reverse=True)


def _date(article: Described) -> str:
    return article.meta.date
