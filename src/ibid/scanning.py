"""What is in a folder of articles: which files, and the digest of each."""

import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from ibid.errors import ArticleUnreadable, FolderError
from ibid.reading.kinds import SUFFIXES, missing_extra
from ibid.types import ArticleId, Skipped

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes. A longer text file is data, not an article."""


@dataclass(frozen=True, slots=True)
class Folder:
    """What was found in a folder of articles."""

    path: Path
    digests: Mapping[ArticleId, str]
    """SHA-256 of the raw bytes per article, in order of their ids."""
    skipped: tuple[Skipped, ...]
    held: Mapping[ArticleId, str] = field(default_factory=dict[ArticleId, str])
    """Articles that are in the index, with their digests: they stay when they cannot be read."""
    unread: tuple[Skipped, ...] = ()
    """Those of `skipped` that the system did not let read, which may pass."""
    unknown: bool = False
    """Whether the index may hold articles and does not say which: none may be left out then."""

    def holding(self, held: Mapping[ArticleId, str] | None) -> "Folder":
        """Return the folder with those of the `held` articles that cannot be read just now.

        They count as unchanged. One that is not there any more is gone, and is not held. Where
        None is known to be held, but may be, FolderError is raised for what cannot be read.
        """
        if held is None:
            for file in self.unread:
                raise may_be_lost(file.path, file.reason)
            return replace(self, unknown=True)
        hidden = {id: digest for id, digest in held.items() if self.is_skipped(id)}
        above = {place for id in hidden for place in _places(id)}
        skipped = (replace(file, kept=file.path in above) for file in self.skipped)
        digests = dict(sorted({**hidden, **self.digests}.items()))
        return replace(self, digests=digests, skipped=tuple(skipped), held=held)

    def is_skipped(self, id: ArticleId) -> bool:
        """Tell whether a file, or a folder that it is in, was found and could not be read."""
        return not self._skipped_paths.isdisjoint(_places(id))

    @property
    def _skipped_paths(self) -> set[str]:
        return {file.path for file in self.skipped}


def check_folder(folder: Path) -> None:
    """Raise FolderError when there is no such folder."""
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise FolderError(f"{folder} {what}", hint="name a folder of .md, .markdown or .txt files")


def scan_folder(folder: Path, index: Path) -> Folder:
    """Find every article file below `folder`, in order of its path.

    Hidden files and folders and the index itself are left alone, symbolic links are skipped.
    Raises FolderError when the folder is missing, unreadable or without any article.
    """
    check_folder(folder)
    digests: dict[ArticleId, str] = {}
    skipped: list[Skipped] = []
    unread: list[Skipped] = []
    for path in sorted(_find_files(folder, index.resolve(), unread), key=Path.as_posix):
        try:
            id = ArticleId(_name(path, folder))
            if reason := missing_extra(path.suffix.lower()):
                raise ArticleUnreadable(reason)
            digests[id] = hashlib.sha256(read_file(path)).hexdigest()
        except ArticleUnreadable as error:
            skipped.append(_skipped(path, folder, error))
        except OSError as error:
            unread.append(_skipped(path, folder, error))
    skipped = sorted((*skipped, *unread), key=lambda file: file.path)
    if not digests and not skipped:
        raise FolderError(
            f"{folder} holds no articles", hint=f"articles end in {', '.join(sorted(SUFFIXES))}"
        )
    found = dict(sorted(digests.items()))
    return Folder(folder, found, tuple(skipped), unread=tuple(unread))


def read_file(path: Path) -> bytes:
    """Return the bytes of a regular file, never following a link and never waiting.

    Raises OSError, or ArticleUnreadable for what is no regular file or too large.
    """
    if path.is_symlink():
        raise ArticleUnreadable("a symbolic link")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ArticleUnreadable("not a regular file")
        raw = file.read(LARGEST_FILE + 1)
    if len(raw) > LARGEST_FILE:
        raise ArticleUnreadable(f"larger than {LARGEST_FILE // 1024**2} MB")
    return raw


def describe_trouble(error: Exception) -> str:
    """Return in words why a file could not be read, and what to do where that is known."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    hint = error.hint if isinstance(error, ArticleUnreadable) else ""
    return f"{error} ({hint})" if hint else str(error)


def may_be_lost(path: str, reason: str) -> FolderError:
    """Return the error for a file that cannot be read, and that an index may hold."""
    return FolderError(
        f"{path} cannot be read now ({reason}), and the index that may hold it cannot be used",
        hint="make it readable, or leave it out with ibid build --prune",
    )


def _find_files(folder: Path, index: Path, unread: list[Skipped]) -> Iterable[Path]:
    """Yield the article files below `folder`, never following a link.

    What cannot be listed goes to `unread`; the folder itself raises FolderError.
    """
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as entries:
                found = [
                    (Path(entry.path), entry.is_dir(follow_symlinks=False)) for entry in entries
                ]
        except OSError as error:
            if here == folder:
                raise FolderError(f"{folder} cannot be read ({error.strerror})") from error
            unread.append(_skipped(here, folder, error))
            continue
        for path, is_folder in found:
            if path.name[0] == ".":
                continue
            if is_folder:
                if path.resolve() != index:
                    waiting.append(path)
            elif path.suffix.lower() in SUFFIXES:
                yield path


def _name(path: Path, folder: Path) -> str:
    """Return the path of a file below the folder. Raises ArticleUnreadable."""
    name = path.relative_to(folder).as_posix()
    if any(_is_control(char) for char in name):
        raise ArticleUnreadable("its name is not UTF-8 or holds control characters")
    return name


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs")  # a byte that is not UTF-8 is in Cs


def _skipped(path: Path, folder: Path, error: Exception) -> Skipped:
    name = path.relative_to(folder).as_posix()
    shown = "".join(ascii(c)[1:-1] if _is_control(c) else c for c in name)
    return Skipped(shown, describe_trouble(error))


def _places(id: ArticleId) -> Iterable[str]:
    """Return the path of a file and those of the folders that it is in."""
    path = PurePosixPath(id)
    return (place.as_posix() for place in (path, *path.parents))
