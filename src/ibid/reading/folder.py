"""What is in a folder of articles: which files, and the digest of each."""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

from ibid.errors import ArticleUnreadable, FolderError
from ibid.reading.exclusion import exclusion_of, group
from ibid.reading.files import read_file
from ibid.reading.folders import Folders
from ibid.reading.kinds import SUFFIXES, missing_extra
from ibid.reading.links import Links
from ibid.reading.walk import Walk, refuse_control, skipped_file
from ibid.types import SETTLED, ArticleId, LeftOut, Mark, Skipped


@dataclass(frozen=True)
class Folder:
    """What was found in the folder of articles, or in several."""

    folders: Folders
    digests: Mapping[ArticleId, str]
    """SHA-256 of the raw bytes per article, in order of their ids."""
    skipped: tuple[Skipped, ...]
    held: Mapping[ArticleId, str] = field(default_factory=dict[ArticleId, str])
    """Articles that are in the index, with their digests: they stay when they cannot be read."""
    unread: tuple[Skipped, ...] = ()
    """Those of `skipped` that the system did not let read, which may pass."""
    left_out: tuple[LeftOut, ...] = ()
    """What else is there: kinds that are not read, and what is excluded."""
    references: tuple[str, ...] = ()
    """Files of references beside the articles, by their paths."""
    unknown: bool = False
    """Whether the index may hold articles and does not say which: none may be left out then."""
    before: Mapping[ArticleId, ArticleId] = field(default_factory=dict[ArticleId, ArticleId])
    """What articles are called in the index, where folders that came or went gave them new ids."""

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
        skipped = self._skipped_paths
        return bool(skipped) and not skipped.isdisjoint(_places(id))

    @cached_property
    def _skipped_paths(self) -> frozenset[str]:
        return frozenset(file.path for file in self.skipped)


class Digests:
    """The digests of files, none read again as long as its inode, size and times are as they were.

    An edit may keep the size and the time of writing, but not that of the change, which no program
    sets. What was written to in the last moments is read again, since clocks have ticks.
    """

    def __init__(self, digests: Mapping[str, tuple[Mark, str]] | None = None) -> None:
        self._known = dict(digests or {})

    def __call__(self, path: str | Path) -> str:
        """Return the digest of a file. Raises OSError, ArticleUnreadable."""
        mark, place = Mark.of(path), str(path)
        last_mark, digest = self._known.get(place, (None, ""))
        if last_mark != mark:
            digest = read_digest(path)
            if time.time_ns() - max(mark.written, mark.changed) > SETTLED:
                self._known[place] = mark, digest
            else:
                self._known.pop(place, None)
        return digest

    def mark(self, path: str | Path, digest: str) -> Mark | None:
        """Return the mark with which a file has a digest, None where that is not known."""
        mark, last_digest = self._known.get(str(path), (None, ""))
        return mark if last_digest == digest else None

    def keep(self, number: int) -> None:
        """Forget all files where many more are known than the `number` that there are."""
        if len(self._known) > 2 * number:
            self._known = {}


def scan_folder(
    folder: Path,
    index: Path,
    digest: Callable[[str], str] | None = None,
    exclude: Sequence[str] = (),
) -> Folder:
    """Find every article file below a folder, as `scan_folders` does for several."""
    return scan_folders(Folders((folder,)), index, digest, exclude)


def scan_folders(
    folders: Folders,
    index: Path,
    digest: Callable[[str], str] | None = None,
    exclude: Sequence[str] = (),
) -> Folder:
    """Find every article file below the folders, in order of the ids.

    The index itself is left alone; what is hidden, linked (unless links are followed), excluded (by
    `exclude`, patterns as git has them, by .gitignore files or by default) or of another kind is
    told in `left_out`.
    `digest` may know those of files that it has read before; without it every file is read.
    Raises FolderError when a folder is missing or unreadable, or all are without any article, and
    UsageError for folders that cannot be together.
    """
    folders.check(index)
    rules, place = exclusion_of(exclude), index.resolve()
    links = Links(folders, place)
    parts = [
        _under(prefix, _scan(Walk(path, place, rules, links), path, digest or read_digest))
        for prefix, path in folders.by_prefix.items()
    ]
    folder = replace(parts[0], folders=folders) if len(parts) == 1 else _together(folders, parts)
    if not folder.digests and not folder.skipped:
        raise _no_articles(folders, folder.left_out)
    return folder


def _scan(walk: Walk, folder: Path, take_digest: Callable[[str], str]) -> Folder:
    """Return what is in one folder, maybe nothing."""
    digests: dict[ArticleId, str] = {}
    skipped, why_missing = list[Skipped](), cache(missing_extra)
    for name in sorted(walk.find_files()):
        try:
            refuse_control(name)
            if reason := why_missing(f".{name.rpartition('.')[2].lower()}"):
                raise ArticleUnreadable(reason)
            digests[ArticleId(name)] = take_digest(walk.targets.get(name, f"{folder}/{name}"))
        except ArticleUnreadable as error:
            skipped.append(skipped_file(folder / name, folder, error))
        except OSError as error:
            walk.unread.append(skipped_file(folder / name, folder, error))
    return Folder(
        Folders((folder,)),
        digests,
        tuple(sorted((*skipped, *walk.unread), key=lambda file: file.path)),
        unread=tuple(walk.unread),
        left_out=group(walk.left),
        references=tuple(sorted(walk.references)),
    )


def _under(prefix: str, folder: Folder) -> Folder:
    """Return what was found in one folder of several, each path with the folder's name."""
    if not prefix:
        return folder

    def rename(files: Iterable[Skipped]) -> tuple[Skipped, ...]:
        return tuple(replace(file, path=prefix + file.path) for file in files)

    left_out = (
        replace(entry, paths=tuple(prefix + path for path in entry.paths))
        for entry in folder.left_out
    )
    return replace(
        folder,
        digests={ArticleId(prefix + id): digest for id, digest in folder.digests.items()},
        skipped=rename(folder.skipped),
        unread=rename(folder.unread),
        left_out=tuple(left_out),
        references=tuple(prefix + path for path in folder.references),
    )


def _together(folders: Folders, parts: Sequence[Folder]) -> Folder:
    """Return what was found in several folders as one; what is left out stays apart by folder."""
    digests = [item for part in parts for item in part.digests.items()]
    skipped = [file for part in parts for file in part.skipped]
    return Folder(
        folders,
        dict(sorted(digests)),
        tuple(sorted(skipped, key=lambda file: file.path)),
        unread=tuple(file for part in parts for file in part.unread),
        left_out=tuple(entry for part in parts for entry in part.left_out),
        references=tuple(sorted(path for part in parts for path in part.references)),
    )


def _no_articles(folders: Folders, left_out: Sequence[LeftOut]) -> FolderError:
    hint = f"articles end in {', '.join(sorted(SUFFIXES))}"
    there = ", ".join(
        f"{len(entry.paths):,} {entry.kind} ({entry.reason})" for entry in left_out[:3]
    )
    verb = "hold" if folders.are_several else "holds"
    return FolderError(
        f"{folders} {verb} no articles", hint=f"{hint}; there is {there}" if there else hint
    )


def read_digest(path: str | Path) -> str:
    """Return the SHA-256 of a regular file. Raises OSError, ArticleUnreadable."""
    return hashlib.sha256(read_file(Path(path))).hexdigest()


def may_be_lost(path: str, reason: str) -> FolderError:
    """Return the error for a file that cannot be read, and that an index may hold."""
    return FolderError(
        f"{path} cannot be read now ({reason}), and the index that may hold it cannot be used",
        hint="make it readable, or leave it out with ibid build --prune",
    )


def _places(id: ArticleId) -> Iterable[str]:
    """Return the path of a file and those of the folders that it is in."""
    path = PurePosixPath(id)
    return (place.as_posix() for place in (path, *path.parents))
