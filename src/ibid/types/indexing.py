"""The nouns of a build: files, what was skipped, what is wrong, how far it is."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ibid.types.articles import ArticleId, Meta


class State(StrEnum):
    """What became of a quote since the index was built."""

    EXACT = "exact"
    """The file is the one that was indexed."""
    MOVED = "moved"
    """The file was edited, and the quote stands in it still."""
    CHANGED = "changed"
    """The file was edited, and the quote stands in it no more."""
    GONE = "gone"
    """There is no such file, or none that can be read."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a quote stands in its article's file now."""

    state: State
    line: int = 0
    """The line of the file that it begins in, 0 when it does not stand there."""


class FileState(StrEnum):
    """How a file stands to the index."""

    INDEXED = "indexed"
    """The index was made from the file as it is."""
    CHANGED = "changed"
    """The file was edited since, and the index has what it said before."""
    NEW = "new"
    """The index does not know the file yet."""
    GONE = "gone"
    """There is no such file any more, and the index still has what it said."""
    UNREADABLE = "unreadable"
    """The file is there and cannot be read."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the folder or of the index, and how it stands between the two."""

    path: str
    """The id of its article, where it is one."""
    state: FileState
    reason: str = ""
    """Why it cannot be read."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file of the folder that could not be read as an article, and why."""

    path: str
    reason: str
    kept: bool = False
    """True when the index still has an earlier version of it, which goes on answering."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Files and folders of one kind that no build reads, and why."""

    kind: str
    """How they end (`.png`), or `folder`, `link to a folder`, `hidden`."""
    reason: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in an index that is not as it has to be."""

    where: str
    """A file of the index, or an article or passage in it."""
    what: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class FolderCount:
    """How many files of one of several folders are read, could not be read, and are no articles."""

    name: str
    """What the ids of its articles begin with."""
    articles: int
    skipped: int
    left_out: int


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build read, skipped and wrote."""

    articles: int
    passages: int
    skipped: tuple[Skipped, ...]
    warnings: Mapping[ArticleId, tuple[str, ...]]
    copies: Mapping[ArticleId, tuple[ArticleId, ...]]
    """Files with the same bytes as an article, which are searched once."""
    index: str
    """Name of the index generation that now answers."""
    embedded: int = 0
    """Passages and sentences that were embedded, because the last index did not hold them."""
    changed: bool = False
    """False when the index was already up to date and nothing was written."""
    added: tuple[ArticleId, ...] = ()
    """Articles that the last index did not have; a file with another name is none."""
    edited: tuple[ArticleId, ...] = ()
    """Articles that say something else than in the last index."""
    removed: tuple[ArticleId, ...] = ()
    """Articles of the last index that are in it no more."""
    compared: bool = True
    """False when the last index was too damaged to tell what it had."""
    seconds: float = 0.0
    left_out: tuple[LeftOut, ...] = ()
    """What else is in the folder: kinds that are not read, and what is excluded."""
    folders: tuple[FolderCount, ...] = ()
    """What is in each of several folders, copies included; nothing for a single one."""


@dataclass(frozen=True, slots=True)
class Described:
    """An article without its text: what it is listed and filtered by."""

    id: ArticleId
    title: str
    meta: Meta
    copies: tuple[ArticleId, ...] = ()


SETTLED = 2_000_000_000
"""Nanoseconds: the ticks of some clocks are that long, and two writes in one leave one mark."""


class Mark(NamedTuple):
    """What changes with a file: which one it is, how long, when it was written to, or renamed."""

    device: int
    inode: int
    size: int
    written: int
    changed: int

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> "Mark":
        """Return the mark that a file has now, a link its own. Raises OSError."""
        now = os.lstat(path)
        return cls(now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)
