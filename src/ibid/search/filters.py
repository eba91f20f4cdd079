"""Which articles a question is about: by date, author, tag, name and folder."""

import calendar
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import partial
from pathlib import PurePosixPath

from ibid.errors import UsageError
from ibid.text import collapse
from ibid.types import ArticleId, Described

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_STOPS = str.maketrans(",;.", "   ")


@dataclass(frozen=True, slots=True)
class Filter:
    """What the articles that are searched have in common.

    Several authors, tags, articles or folders are alternatives; an article has to fit each kind
    that is given. Dates are ISO 8601, both inclusive; `2025` and `2025-08` stand for the whole of
    it, and an article that gives no more than its year fits where any day of it does.
    """

    since: str = ""
    until: str = ""
    authors: tuple[str, ...] = ()
    """Whole names or words of them."""
    tags: tuple[str, ...] = ()
    """Tags, keywords or categories."""
    articles: tuple[str, ...] = ()
    """Ids or titles, which mean no other article; patterns of ids (`2025/*.md`), or a part."""
    folders: tuple[str, ...] = ()
    """Folders that the articles are below: what their ids begin with (`notes`, `notes/2025`)."""

    def __bool__(self) -> bool:
        return self != ALL

    def __str__(self) -> str:
        """Return in words what is chosen, empty for every article."""
        parts = (
            ("in", " or ".join(f"“{name}”" for name in self.articles)),
            ("in", " or ".join(f"“{name}”" for name in self.folders)),
            ("by", " or ".join(self.authors)),
            ("tagged", " or ".join(self.tags)),
            ("since", self.since),
            ("until", self.until),
        )
        return ", ".join(f"{word} {names}" for word, names in parts if names)


ALL = Filter()
"""Every article."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The articles that fit a filter."""

    ids: frozenset[ArticleId]
    undated: int
    """Articles that would fit had they a date."""


def find_fitting(within: Filter, articles: Sequence[Described]) -> Collection[ArticleId] | None:
    """Return the articles that fit, None where all are asked. Raises UsageError."""
    return select(within, articles).ids if within else None


def describe_filter(within: Filter) -> dict[str, str]:
    """Return the filter as a run keeps it, nothing where all articles are asked."""
    return {"within": str(within)} if within else {}


def select(within: Filter, articles: Sequence[Described]) -> Selection:
    """Return the articles that fit.

    Raises UsageError when none does, or when a date of the filter is none.
    """
    since, until = _first_day(within.since), _last_day(within.until)
    fitting = _named(within, articles)
    dated = [article for article in fitting if article.meta.days[0]]
    if not since and not until:
        return Selection(frozenset(article.id for article in fitting), 0)
    matches = [article for article in dated if _may_be_of(since, until, article)]
    if not matches:
        dates = sorted(article.meta.date for article in dated)
        hint = f"they are from {dates[0]} to {dates[-1]}" if dates else "they have no dates"
        raise UsageError("no article is of that time", hint=hint)
    return Selection(frozenset(article.id for article in matches), len(fitting) - len(dated))


def _may_be_of(since: str, until: str, article: Described) -> bool:
    """Tell whether one of the days that an article's date may mean is among those of a filter."""
    first, last = article.meta.days
    return since <= last and first <= (until or "9999-12-31")


def _named(within: Filter, articles: Sequence[Described]) -> list[Described]:
    """Return the articles that fit a filter's names. Raises UsageError when none does."""
    fitting = list(articles)
    exact = (
        {name for article in articles for name in (article.id, article.title)}
        if within.articles
        else ()
    )
    folders = frozenset(list_folders(articles) if within.folders else ())
    below = partial(_is_below, folders=folders)
    kinds: tuple[tuple[str, Sequence[str], _Fits, _Names], ...] = (
        ("is by", within.authors, _is_by, lambda article: article.meta.authors),
        ("has the tag", within.tags, _has_tag, _tags),
        (
            "is named",
            within.articles,
            partial(_is_named, names=exact),
            lambda article: (article.id,),
        ),
        ("is in", within.folders, below, _folders_above),
    )
    for relation, wanted, fits, names in kinds:
        if not wanted:
            continue
        choices = {name for article in fitting for name in names(article) if name}
        fitting = [article for article in fitting if any(fits(word, article) for word in wanted)]
        if not fitting:
            message = f"no article {relation} {' or '.join(wanted)}"
            fallback = "all lie in one folder" if fits is below else "they name none"
            raise UsageError(message, hint=_nearest(wanted, choices, fallback))
    return fitting


_Fits = Callable[[str, Described], bool]
_Names = Callable[[Described], Iterable[str]]


def _is_by(wanted: str, article: Described) -> bool:
    words = set(fold(wanted).split())
    return bool(words) and any(
        words <= set(fold(author).split()) for author in article.meta.authors
    )


def _has_tag(wanted: str, article: Described) -> bool:
    """Tell whether an article has a tag, or one below it: `science` fits `science/physics`."""
    part = fold(wanted)
    return any(f"{fold(tag)}/".startswith(f"{part}/") for tag in _tags(article))


def _is_named(wanted: str, article: Described, names: Collection[str]) -> bool:
    if wanted in names:
        return wanted in (article.id, article.title)
    part = fold(wanted)
    is_part = bool(part) and (part in fold(article.id) or part in fold(article.title))
    return is_part or fnmatchcase(article.id, wanted)


def _is_below(wanted: str, article: Described, folders: Collection[str]) -> bool:
    """Tell whether an article, or a copy of it, is in a folder or deeper."""
    folder = PurePosixPath(wanted.strip()).as_posix()
    if folder in folders:
        return any(id.startswith(f"{folder}/") for id in (article.id, *article.copies))
    return fold(folder) in map(fold, _folders_above(article))


def _folders_above(article: Described) -> set[str]:
    """Return the folders that an article and its copies are in, the outermost first."""
    parts = [id.split("/")[:-1] for id in (article.id, *article.copies)]
    return {"/".join(path[:end]) for path in parts for end in range(1, len(path) + 1)}


def list_folders(articles: Iterable[Described]) -> list[str]:
    """Return the folders that articles are in, and those above them."""
    return sorted({name for article in articles for name in _folders_above(article)})


def _tags(article: Described) -> tuple[str, ...]:
    return tuple(filter(None, (*article.meta.tags, *article.meta.keywords, article.meta.category)))


def fold(text: str) -> str:
    """Return `text` without regard to case, accents, punctuation and blanks around it."""
    bare = text.casefold()
    if not bare.isascii():
        marked = unicodedata.normalize("NFKD", bare)
        bare = "".join(char for char in marked if not unicodedata.combining(char))
    return collapse(bare.translate(_STOPS)).strip("#@ ")


def _first_day(date: str) -> str:
    year, month, day = _parse(date) if date else ("", "", "")
    return f"{year}-{month or '01'}-{day or '01'}" if date else ""


def _last_day(date: str) -> str:
    if not date:
        return ""
    year, month, day = _parse(date)
    last = calendar.monthrange(int(year), int(month or "12"))[1]
    return f"{year}-{month or '12'}-{day or f'{last:02}'}"


def _parse(date: str) -> tuple[str, str, str]:
    """Return year, month and day, the last two empty where they are not given."""
    match = _DATE.fullmatch(date.strip())
    year, month, day = match.groups("") if match else ("", "", "")
    try:
        last = calendar.monthrange(int(year), int(month or 1))[1]
        if int(day or 1) not in range(1, last + 1):
            raise ValueError(date)
    except (ValueError, calendar.IllegalMonthError) as error:
        hint = "dates are written 2025-08-31, 2025-08 or 2025"
        raise UsageError(f"{date!r} is no date", hint=hint) from error
    return year, month and month.zfill(2), day and day.zfill(2)


def _nearest(wanted: Sequence[str], choices: Iterable[str], fallback: str) -> str:
    """Return the names most like those that were not found, `fallback` where there is none."""
    folded = {fold(name): name for name in sorted(choices)}
    near = [
        folded[match]
        for word in wanted
        for match in get_close_matches(fold(word), folded, n=3, cutoff=0.5)
    ]
    names = list(dict.fromkeys(near)) or list(folded.values())[:5]
    return f"there is {', '.join(names)}" if names else fallback
