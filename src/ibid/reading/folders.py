"""Where articles are: in one folder, or in several, whose names then begin the articles' ids."""

import os
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ibid.errors import FolderError, UsageError
from ibid.reading.files import is_control
from ibid.types import ArticleId

MOST = 100
"""Folders of a library: messages name them all, and more are rather what a pattern of the shell
stood for."""


@dataclass(frozen=True)
class Folders:
    """The folders of a library, and which file in them an article's id means.

    The ids in a single folder are paths below it. In several folders the name of the folder stands
    before the path, so that two files with the same path are two articles.
    """

    paths: tuple[Path, ...]
    follow: bool = False
    """Whether links in them are followed, to files and to folders."""

    def __str__(self) -> str:
        *most, last = map(str, self.paths)
        return f"{', '.join(most)} and {last}" if most else last

    @property
    def first(self) -> Path:
        """The folder that new articles are written to."""
        return self.paths[0]

    @property
    def are_several(self) -> bool:
        """Tell whether ids begin with the name of a folder."""
        return len(self.paths) > 1

    @cached_property
    def by_prefix(self) -> Mapping[str, Path]:
        """The folders by what the ids in them begin with: nothing, or a name and a slash."""
        if not self.are_several:
            return {"": self.first}
        return {f"{anchored(path).name}/": path for path in self.paths}

    @cached_property
    def real(self) -> Mapping[str, str]:
        """The same with the places that links lead to."""
        return {prefix: _real(path) for prefix, path in self.by_prefix.items()}

    @property
    def key(self) -> str:
        """What tells these folders from others, in whatever order they stand."""
        return "//".join(sorted(self.real.values()))

    def are_those(self, folders: "Folders") -> bool:
        """Tell whether the same ids mean the same files in both, in whatever order they stand."""
        return len(self.paths) == len(folders.paths) and self.real == folders.real

    def named(self, name: str) -> Path:
        """Return the folder of that name or path. Raises UsageError where it is none of these."""
        for folder in self.paths:
            if _real(Path(name)) == _real(folder) or name.rstrip("/") == anchored(folder).name:
                return folder
        raise UsageError(f"{name} is no folder of this library", hint=f"there is {self}")

    def split(self, id: str) -> tuple[Path, str]:
        """Return the folder of an article, and its path there.

        An id that begins with no folder's name is looked for in the first one.
        """
        name, slash, inside = id.partition("/")
        folder = self.by_prefix.get(name + slash)
        return (folder, inside) if folder else (self.first, id)

    def path(self, id: str) -> Path:
        """Return where an article's file is."""
        return Path(self.place(id))

    def file(self, id: str) -> Path:
        """Return the file that is opened for an article: where a link that is followed leads to."""
        path = self.path(id)
        return path.resolve() if self.follow and path.is_symlink() else path

    def place(self, id: str) -> str:
        """Return where an article's file is, as text: as a scan names it."""
        folder, inside = self.split(id)
        return f"{folder}/{inside}"

    def rename(self, id: ArticleId, before: "Folders") -> ArticleId:
        """Return what an article of other folders is called here: its whole path if it is in none.

        >>> before, now = Folders((Path("/notes"),)), Folders((Path("/notes"), Path("/blog")))
        >>> now.rename(ArticleId("2025/pears.md"), before)
        'notes/2025/pears.md'
        """
        name, slash, inside = id.partition("/")
        folder = before.real.get(name + slash)
        path = f"{folder}/{inside}" if folder else f"{next(iter(before.real.values()))}/{id}"
        for prefix, place in self.real.items():
            if path.startswith(f"{place}/"):
                return ArticleId(f"{prefix}{path[len(place) + 1 :]}")
        return ArticleId(path)

    def check(self, index: Path) -> None:
        """Raise FolderError for what is no folder, UsageError for several that cannot be together.

        They have to lie beside each other, under names that differ, and outside of the index.
        """
        if len(self.paths) > MOST:
            hint = "name a folder above some of them"
            raise UsageError(f"a library has {MOST} folders at most", hint=hint)
        for path in self.paths:
            check_folder(path, self.are_several)
        if self.are_several:
            _check_together(self.paths, index)


def anchored(path: Path) -> Path:
    """Return a folder from the root on, under its own name where that is a link's."""
    is_named = path.name not in ("", "..")
    whole = Path(_real(path.parent)) / path.name if is_named else Path(_real(path))
    return Path(f"/{whole.as_posix().lstrip('/')}") if whole.as_posix().startswith("//") else whole


def _real(path: Path) -> str:
    """Return the place that a folder's links lead to, as far as that can be told."""
    return Path(os.path.realpath(path)).as_posix()


def check_folder(folder: Path, is_one_of_several: bool = False) -> None:
    """Raise FolderError when there is no such folder."""
    if not folder.is_dir():
        is_there = folder.exists()
        fault = "is not a folder" if is_there else "does not exist"
        hint = "name a folder of .md, .markdown or .txt files"
        if is_one_of_several and not is_there:
            hint = "is a drive not mounted? bring it back, or name the other folders without it"
        raise FolderError(f"{folder} {fault}", hint=hint)


def _check_together(paths: Sequence[Path], index: Path) -> None:
    """Raise UsageError for folders that hold the same files, or give the same ids."""
    by_place = {Path(_real(path)): path for path in paths}
    by_inode, names = dict[tuple[int, int], Path](), dict[str, Path]()
    for path in paths:
        place, entry = Path(_real(path)), path.stat()
        if same := by_inode.get((entry.st_dev, entry.st_ino)):
            raise UsageError(f"{same} and {path} are the same folder", hint="name it once")
        if outer := next(
            (by_place[parent] for parent in place.parents if parent in by_place), None
        ):
            hint = f"leave out {path}, whose articles are read with {outer}"
            raise UsageError(f"{path} is in {outer}", hint=hint)
        if place.is_relative_to(_real(index)):
            hint = "name a folder of articles in its place"
            raise UsageError(f"{path} is in the index, {index}", hint=hint)
        name = _check_name(anchored(path).name, path)
        if same := names.get(name):
            hint = "rename one, or name a link to it in its place: ln -s FOLDER OTHER-NAME"
            message = f"{same} and {path} have the same name, and ids begin with it"
            raise UsageError(message, hint=hint)
        by_inode[entry.st_dev, entry.st_ino] = names[name] = path


def _check_name(name: str, path: Path) -> str:
    """Return what tells a folder's name from others. Raises UsageError where it cannot be shown."""
    if any(map(is_control, name)):
        hint = "rename it: the ids of its articles begin with its name"
        label = ascii(str(path))
        raise UsageError(f"the name of {label} is not UTF-8 or holds control characters", hint=hint)
    return unicodedata.normalize("NFC", name)
