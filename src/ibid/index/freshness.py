"""Whether a quote still stands in its file, and a file in the index as it is in the folder."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from ibid.errors import IbidError
from ibid.reading import EXTRACTED, Folder, Folders, read_digest, read_file
from ibid.storage import Manifest
from ibid.text import count, line_of
from ibid.types import Article, ArticleId, File, FileState, Span, Standing, State

_NEAR = 1000
"""Characters around its old place in which a quote is looked for at first."""

_CHANGES = (FileState.NEW, FileState.CHANGED, FileState.GONE)


def find_standing(
    quote: Span, article: Article, folders: Folders, digest: Callable[[Path], str] = read_digest
) -> Standing:
    """Return how a quote of an article stands in the article's file now.

    Files are opened as a build opens them: nothing outside of its folder and no link, unless links
    are followed, and no device.
    `digest` may know those of files that it has read before.
    """
    now = _digest(article.id, folders, digest)
    if article.digest == now or any(
        _digest(copy, folders, digest) == article.digest for copy in article.copies
    ):
        return Standing(State.EXACT, line_of(article.text, quote.start))
    if not now:
        return Standing(State.GONE)
    try:
        text = _text(folders.file(article.id), now)
    except (OSError, IbidError):
        return Standing(State.CHANGED)
    place = _nearest(quote.of(article.text), text, quote.start)
    return Standing(State.MOVED, line_of(text, place)) if place >= 0 else Standing(State.CHANGED)


def describe_standing(standing: Standing) -> str:
    """Return in words how a quote stands, nothing when all is as it was."""
    match standing.state:
        case State.EXACT:
            return ""
        case State.MOVED:
            return f"its file was edited since; it stands in line {standing.line} now"
        case State.CHANGED:
            return "its file was edited since and does not say so any more"
        case State.GONE:
            return "its file is gone"


def list_files(folder: Folder, indexed: Manifest | None) -> list[File]:
    """Return each file of the folder and of the index, by its path, and how it stands."""
    then: Mapping[ArticleId, str] = indexed.articles if indexed else {}
    refused = {file.path: file.reason for file in indexed.skipped} if indexed else {}
    listed = {
        file.path: File(file.path, FileState.UNREADABLE, file.reason) for file in folder.skipped
    }
    for id in (then.keys() | folder.digests.keys()) - listed.keys():
        listed[id] = _file(id, then.get(id), folder.digests.get(id), refused.get(id, ""))
    return [listed[path] for path in sorted(listed)]


def _file(id: ArticleId, then: str | None, now: str | None, refused: str) -> File:
    """Return how a file stands, by its digests and why the build could not read it."""
    if now is None:
        return File(id, FileState.GONE)
    if then is None:
        return File(id, FileState.NEW)
    if now != then:
        return File(id, FileState.CHANGED)
    return File(id, FileState.UNREADABLE, refused) if refused else File(id, FileState.INDEXED)


def describe_changes(files: Iterable[File]) -> list[str]:
    """Return in words what changed since the index was built, nothing when it is up to date."""
    counts = Counter(file.state for file in files)
    return [f"{count(counts[state], 'article')} {state}" for state in _CHANGES if counts[state]]


def _digest(id: ArticleId, folders: Folders, digest: Callable[[Path], str]) -> str:
    """Return the digest of an article's file, nothing where none in the folder can be read."""
    folder, path = folders.split(id)[0], folders.file(id)
    try:
        is_inside = folders.follow or path.parent.resolve().is_relative_to(folder.resolve())
        return digest(path) if is_inside else ""
    except (OSError, IbidError):
        return ""


@lru_cache(maxsize=8)
def _text(path: Path, digest: str) -> str:  # noqa: ARG001 - another digest is another text
    """Return the text of a file. Raises OSError, ArticleUnreadable."""
    raw, suffix = read_file(path), path.suffix.lower()
    if suffix not in EXTRACTED:
        from ibid.reading import decode

        return decode(raw).text
    from ibid.reading import Extractor

    with Extractor() as extract:
        return extract(suffix, raw).text


def _nearest(quote: str, text: str, start: int) -> int:
    """Return where `quote` stands in `text`, closest to where it stood, −1 if it does not."""
    reach = _NEAR
    while True:  # most quotes moved no farther than all others did
        before = text.rfind(quote, max(start - reach, 0), start + len(quote))
        behind = text.find(quote, start, start + len(quote) + reach)
        if min(before, behind) >= 0:
            return before if start - before <= behind - start else behind
        if max(before, behind) >= 0 or reach > max(start, len(text)):
            return max(before, behind)
        reach *= 4
