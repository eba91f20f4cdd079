"""A walk through a folder: which files may be articles, and what is left out and why."""

import os
from collections.abc import Iterator
from pathlib import Path

from ibid.errors import ArticleUnreadable, FolderError
from ibid.reading.exclusion import GITIGNORE, Exclusion, describe_unread
from ibid.reading.files import blaming_no_file, describe_trouble, is_control, read_file
from ibid.reading.kinds import REFERENCES, SUFFIXES, missing_extra
from ibid.reading.links import Links
from ibid.types import Skipped

_FOLDER, _LINK = "folder", "link to a folder"


class Walk:
    """A walk through a folder, and what it leaves out and cannot list."""

    def __init__(self, folder: Path, index: Path, rules: Exclusion, links: Links) -> None:
        self._folder, self._index, self._rules, self._links = folder, index, rules, links
        self.unread = list[Skipped]()
        self.references = list[str]()
        self.left = list[tuple[str, str, str]]()
        """Paths with their kinds, and why they are left out."""
        self.targets = dict[str, str]()
        """Where links to files lead that are followed, by their paths."""
        self._unread_rules = dict[str, str]()
        """What does not count of a .gitignore, and why, by its path."""

    def find_files(self) -> Iterator[str]:
        """Yield the paths of article files. Raises FolderError where the folder cannot be read."""
        waiting = [("", self._rules, "")]
        while waiting:
            inside, rules, outside = waiting.pop()
            entries = self._list(inside)
            names = {entry.name for entry in entries}
            rules = rules.beside(inside, names)
            if GITIGNORE in names:
                rules = self._within(inside, rules)
            for entry in entries:
                path, is_folder = f"{inside}{entry.name}", self._is_folder(entry)
                if is_folder and Path(entry.path).resolve() == self._index:
                    continue
                place = f"{path}/" if is_folder else path
                if self._leaves_out(place, entry, rules):
                    continue
                target, refusal = self._links.follow(entry, outside)
                if refusal:
                    self.left.append((_shown(place), _kind_of(entry), refusal))
                elif is_folder:
                    waiting.append((place, rules, target))
                else:
                    if target and entry.is_symlink():
                        self.targets[path] = target
                    yield path

    def _is_folder(self, entry: os.DirEntry[str]) -> bool:
        """Tell whether an entry is a folder to be walked through, or a link to one."""
        return entry.is_dir(follow_symlinks=False) or (
            self._links.are_followed and _kind_of(entry) == _LINK
        )

    def _list(self, inside: str) -> list[os.DirEntry[str]]:
        """Return what is in a folder, nothing where that cannot be told; the first has to be."""
        here = self._folder / inside
        try:
            with blaming_no_file(), os.scandir(here) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            if not inside:
                raise FolderError(f"{here} cannot be read ({error.strerror})") from error
            self.unread.append(skipped_file(here, self._folder, error))
            return []

    def _within(self, inside: str, rules: Exclusion) -> Exclusion:
        """Return the rules that hold in a folder with a .gitignore, and note what it cannot say."""
        place = f"{inside}{GITIGNORE}"
        try:
            gitignore = read_file(self._folder / place).decode("utf-8", "surrogateescape")
        except (OSError, ArticleUnreadable) as error:
            reason = f"{describe_trouble(error)}, so nothing is excluded by it"
            self._unread_rules[place] = reason
            return rules
        self._unread_rules[place] = describe_unread(gitignore)
        return rules.within(inside, gitignore)

    def _leaves_out(self, path: str, entry: os.DirEntry[str], rules: Exclusion) -> bool:
        """Tell whether an entry is no article nor a folder of some, and note why."""
        kind, reason = _kind_of(entry), ""
        if unread := self._unread_rules.get(path.rstrip("/")):
            kind, reason = GITIGNORE, unread
        elif entry.name[0] == ".":
            kind, reason = "hidden", "its name begins with a dot"
        elif not (reason := rules.reason(path)):
            if kind == _LINK and not self._links.are_followed:
                reason = "links to folders are not followed"
            elif kind not in (_FOLDER, _LINK) and kind not in SUFFIXES:
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


def refuse_control(name: str) -> None:
    """Raise ArticleUnreadable for the name of a file that cannot be shown."""
    if not (name.isascii() and name.isprintable()) and any(map(is_control, name)):
        raise ArticleUnreadable("its name is not UTF-8 or holds control characters")


def skipped_file(path: Path, folder: Path, error: Exception) -> Skipped:
    """Return what is told of a file that cannot be read."""
    return Skipped(_shown(path.relative_to(folder).as_posix()), describe_trouble(error))


def _shown(name: str) -> str:
    return "".join(ascii(char)[1:-1] if is_control(char) else char for char in name)
