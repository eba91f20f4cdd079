"""What the name of a file says: what the article is called, and of when it is."""

import re
from pathlib import PurePosixPath

from ibid.reading.dates import date_in_name, date_in_path
from ibid.types import ArticleId

_OF_THE_FOLDER = frozenset(("index", "_index", "readme"))
"""Names that say nothing: the article is called by its folder."""

_HASH = re.compile(r"(?:\A|[\s_.-])(?:[0-9a-f]{32}|(?=[a-z]*\d)(?=\d*[a-z])[0-9a-f]{12,40})\Z")
_WORD = re.compile(r"[^\W\d_]")


def name_of(id: ArticleId) -> tuple[str, str]:
    """Return what a file is called without date and hash, and the date in its path or nothing.

    >>> name_of(ArticleId("posts/2023-01-15-first-light/index.md"))
    ('first-light', '2023-01-15')
    """
    path = PurePosixPath(id)
    stem = path.stem
    if stem.casefold() in _OF_THE_FOLDER and path.parent.name:
        path = path.parent
        stem = path.name
    date, words = date_in_name(stem)
    name = _HASH.sub("", words).strip(" _-")
    return name or (stem if date else ""), date or date_in_path(path.parent.as_posix())


def says_something(name: str) -> bool:
    """Tell whether a name is more than a number: words, or the date of a daily note."""
    return _WORD.search(name) is not None or date_in_name(name)[0] != ""
