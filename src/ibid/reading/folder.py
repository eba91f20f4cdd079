"""What is in a folder of articles: which files, and the digest of each."""

import errno
import hashlib
import os
import stat
import time
import unicodedata
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

from ibid.errors import ArticleUnreadable, FolderError
from ibid.reading.exclusion import GITIGNORE, Exclusion, describe_unread, exclusion_of, group
from ibid.reading.folders import Folders
from ibid.reading.kinds import REFERENCES, SUFFIXES, missing_extra
from ibid.types import SETTLED, ArticleId, LeftOut, Mark, Skipped

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes. A longer text file is data, not an article."""

_PIECE = 1 << 16
"""Bytes that are read at once: most articles have fewer."""

_FOLDER, _LINK = "folder", "link to a folder"


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

    def __init__(self, known: Mapping[str, tuple[Mark, str]] | None = None) -> None:
        self._known = dict(known or {})

    def __call__(self, path: str | Path) -> str:
        """Return the digest of a file. Raises OSError, ArticleUnreadable."""
        mark, place = Mark.of(path), str(path)
        known, digest = self._known.get(place, (None, ""))
        if known != mark:
            digest = read_digest(path)
            if time.time_ns() - max(mark.written, mark.changed) > SETTLED:
                self._known[place] = mark, digest
            else:
                self._known.pop(place, None)
        return digest

    def mark(self, path: str | Path, digest: str) -> Mark | None:
        """Return the mark with which a file has a digest, None where that is not known."""
        mark, known = self._known.get(str(path), (None, ""))
        return mark if known == digest else None

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

    The index itself is left alone; what is hidden, linked, excluded (by `exclude`, patterns as git
    has them, by .gitignore files or by default) or of another kind is told in `left_out`.
    `digest` may know those of files that it has read before; without it every file is read.
    Raises FolderError when a folder is missing or unreadable, or all are without any article, and
    UsageError for folders that cannot be together.
    """
    folders.check(index)
    take_digest, place = digest or read_digest, index.resolve()
    parts = [
        _under(prefix, _scan(path, place, take_digest, exclusion_of(exclude)))
        for prefix, path in folders.by_prefix.items()
    ]
    found = parts[0] if len(parts) == 1 else _together(folders, parts)
    if not found.digests and not found.skipped:
        raise _no_articles(folders, found.left_out)
    return found


def _scan(folder: Path, index: Path, take_digest: Callable[[str], str], rules: Exclusion) -> Folder:
    """Return what is in one folder, maybe nothing."""
    digests: dict[ArticleId, str] = {}
    skipped: list[Skipped] = []
    walk, why_missing = _Walk(folder, index, rules), cache(missing_extra)
    for name in sorted(walk.find_files()):
        try:
            _refuse_control(name)
            if reason := why_missing(f".{name.rpartition('.')[2].lower()}"):
                raise ArticleUnreadable(reason)
            digests[ArticleId(name)] = take_digest(f"{folder}/{name}")
        except ArticleUnreadable as error:
            skipped.append(_skipped(folder / name, folder, error))
        except OSError as error:
            walk.unread.append(_skipped(folder / name, folder, error))
    return Folder(
        Folders((folder,)),
        digests,
        tuple(sorted((*skipped, *walk.unread), key=lambda file: file.path)),
        unread=tuple(walk.unread),
        left_out=group(walk.left),
        references=tuple(sorted(walk.references)),
    )


def _under(prefix: str, found: Folder) -> Folder:
    """Return what was found in one folder of several, each path with the folder's name."""
    if not prefix:
        return found

    def rename(files: Iterable[Skipped]) -> tuple[Skipped, ...]:
        return tuple(replace(file, path=prefix + file.path) for file in files)

    left_out = (
        replace(each, paths=tuple(prefix + path for path in each.paths)) for each in found.left_out
    )
    return replace(
        found,
        digests={ArticleId(prefix + id): digest for id, digest in found.digests.items()},
        skipped=rename(found.skipped),
        unread=rename(found.unread),
        left_out=tuple(left_out),
        references=tuple(prefix + path for path in found.references),
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
        left_out=tuple(each for part in parts for each in part.left_out),
        references=tuple(sorted(path for part in parts for path in part.references)),
    )


def _no_articles(folders: Folders, left_out: Sequence[LeftOut]) -> FolderError:
    hint = f"articles end in {', '.join(sorted(SUFFIXES))}"
    there = ", ".join(f"{len(each.paths):,} {each.kind} ({each.reason})" for each in left_out[:3])
    verb = "hold" if folders.are_several else "holds"
    return FolderError(
        f"{folders} {verb} no articles", hint=f"{hint}; there is {there}" if there else hint
    )


def read_digest(path: str | Path) -> str:
    """Return the SHA-256 of a regular file. Raises OSError, ArticleUnreadable."""
    return hashlib.sha256(read_file(Path(path))).hexdigest()


def read_file(path: Path) -> bytes:
    """Return the bytes of a regular file, never following a link and never waiting.

    Raises OSError, ArticleUnreadable for what is no regular file or too large, and FolderError
    where the machine lacks what it takes to read any file.
    """
    if path.is_symlink():
        raise ArticleUnreadable("a symbolic link")
    with _blaming_no_file():
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ArticleUnreadable("not a regular file")
        raw = _read(descriptor, LARGEST_FILE + 1)
    finally:
        os.close(descriptor)
    if len(raw) > LARGEST_FILE:
        raise ArticleUnreadable(f"larger than {LARGEST_FILE // 1024**2} MB")
    return raw


@contextmanager
def _blaming_no_file() -> Generator[None]:
    """Raise FolderError where no file at all could be opened now."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
            hint = "close other programs, or allow for more open files (ulimit -n), then try again"
            raise FolderError(f"no article can be read now: {error.strerror}", hint=hint) from error
        raise


def _read(descriptor: int, most: int) -> bytes:
    """Return the bytes of an open file, at most so many.

    A buffered file would be given room for `most` at once, for each of thousands of articles.
    """
    pieces, left = list[bytes](), most
    while piece := os.read(descriptor, min(_PIECE, left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


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


class _Walk:
    """A walk through a folder that follows no link, and what it leaves out and cannot list."""

    def __init__(self, folder: Path, index: Path, rules: Exclusion) -> None:
        self._folder, self._index, self._rules = folder, index, rules
        self.unread = list[Skipped]()
        self.references = list[str]()
        self.left = list[tuple[str, str, str]]()
        """Paths with their kinds, and why they are left out."""
        self._unread_rules = dict[str, str]()
        """What does not count of a .gitignore, and why, by its path."""

    def find_files(self) -> Iterator[str]:
        """Yield the paths of article files. Raises FolderError where the folder cannot be read."""
        waiting = [("", self._rules)]
        while waiting:
            inside, rules = waiting.pop()
            entries = self._list(inside)
            names = {entry.name for entry in entries}
            rules = rules.beside(inside, names)
            if GITIGNORE in names:
                rules = self._within(inside, rules)
            for entry in entries:
                path = f"{inside}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    if Path(entry.path).resolve() == self._index:
                        continue
                    if not self._leaves_out(f"{path}/", entry, rules):
                        waiting.append((f"{path}/", rules))
                elif not self._leaves_out(path, entry, rules):
                    yield path

    def _list(self, inside: str) -> list[os.DirEntry[str]]:
        """Return what is in a folder, nothing where that cannot be told; the first has to be."""
        here = self._folder / inside
        try:
            with _blaming_no_file(), os.scandir(here) as found:
                return sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            if not inside:
                raise FolderError(f"{here} cannot be read ({error.strerror})") from error
            self.unread.append(_skipped(here, self._folder, error))
            return []

    def _within(self, inside: str, rules: Exclusion) -> Exclusion:
        """Return the rules that hold in a folder with a .gitignore, and note what it cannot say."""
        place = f"{inside}{GITIGNORE}"
        try:
            said = read_file(self._folder / place).decode("utf-8", "surrogateescape")
        except (OSError, ArticleUnreadable) as error:
            reason = f"{describe_trouble(error)}, so nothing is excluded by it"
            self._unread_rules[place] = reason
            return rules
        self._unread_rules[place] = describe_unread(said)
        return rules.within(inside, said)

    def _leaves_out(self, path: str, entry: os.DirEntry[str], rules: Exclusion) -> bool:
        """Tell whether an entry is no article nor a folder of some, and note why."""
        kind, reason = _kind_of(entry), ""
        if unread := self._unread_rules.get(path.rstrip("/")):
            kind, reason = GITIGNORE, unread
        elif entry.name[0] == ".":
            kind, reason = "hidden", "its name begins with a dot"
        elif not (reason := rules.reason(path)):
            if kind == _LINK:
                reason = "links to folders are not followed"
            elif kind != _FOLDER and kind not in SUFFIXES:
                reason = "no kind of file that is read"
                if kind in REFERENCES and not entry.is_symlink():
                    self.references.append(path)
                if kind == ".bib":
                    reason = missing_extra(kind) or "read for the PDFs beside it"
        if reason:
            self.left.append((_shown(path), kind, reason))
        return bool(reason)


def _kind_of(entry: os.DirEntry[str]) -> str:
    try:
        if entry.is_dir():
            return _LINK if entry.is_symlink() else _FOLDER
    except OSError:  # a link that leads nowhere, or round and round
        pass
    stem, _, ending = entry.name.rpartition(".")
    return f".{ending.lower()}" if stem and ending else "no ending"


def _refuse_control(name: str) -> None:
    """Raise ArticleUnreadable for the name of a file that cannot be shown."""
    if not (name.isascii() and name.isprintable()) and any(map(_is_control, name)):
        raise ArticleUnreadable("its name is not UTF-8 or holds control characters")


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs")  # a byte that is not UTF-8 is in Cs


def _skipped(path: Path, folder: Path, error: Exception) -> Skipped:
    return Skipped(_shown(path.relative_to(folder).as_posix()), describe_trouble(error))


def _shown(name: str) -> str:
    return "".join(ascii(char)[1:-1] if _is_control(char) else char for char in name)


def _places(id: ArticleId) -> Iterable[str]:
    """Return the path of a file and those of the folders that it is in."""
    path = PurePosixPath(id)
    return (place.as_posix() for place in (path, *path.parents))
