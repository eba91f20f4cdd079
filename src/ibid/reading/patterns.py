"""Patterns of paths as git has them, laid beside a path in time that grows with its length alone.

What a pattern may cost matters, since a folder of somebody else's brings its own: each name is
matched by itself, as `fnmatch` does it, and `**` by which names may come next.
"""

import re
from dataclasses import dataclass
from fnmatch import translate

LONGEST = 200
"""Characters of a pattern: nobody writes a longer one."""

_SPECIAL = re.compile(r"\\(?P<plain>.)|\[\^")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line of a .gitignore."""

    excludes: bool
    """Whether it leaves out what fits, or takes it in again."""
    only_folders: bool
    names: tuple[re.Pattern[str] | None, ...]
    """What the names of a path look like, None for any number of them; the last is no None."""

    def fits(self, path: str) -> bool:
        """Tell whether a path is one that is meant; that of a folder ends in a slash."""
        if self.only_folders and not path.endswith("/"):
            return False
        names = path.rstrip("/").split("/")
        last = self.names[-1]
        if last and not last.match(names[-1]):
            return False
        lengths = {0}
        """How many of the path's names those of the pattern may stand for, up to here."""
        for wanted in self.names:
            if wanted is None:
                lengths = set(range(min(lengths), len(names)))
            else:
                lengths = {n + 1 for n in lengths if n < len(names) and wanted.match(names[n])}
            if not lengths:
                return False
        return len(names) in lengths


def read_pattern(line: str) -> Pattern | None:
    """Return the pattern of a line, None for a blank one and a comment.

    Raises ValueError for what git passes over, and for one that is too long.

    >>> read_pattern("draft*").fits("notes/drafts.md")
    True
    """
    if len(line) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST} characters")
    text = line if line.endswith("\\ ") else line.rstrip()
    if not text or text.startswith("#"):
        return None
    place = text.removeprefix("!")
    path = place.removesuffix("/")
    if not path.strip("/"):
        raise ValueError("it names nothing")
    names = path.removeprefix("/").split("/")
    if "/" not in path:
        names.insert(0, "**")
    if names[-1] == "**":
        names.append("*")
    return Pattern(not text.startswith("!"), place.endswith("/"), tuple(map(_read_name, names)))


def _read_name(name: str) -> re.Pattern[str] | None:
    """Return what a name looks like, None for `**`. Raises ValueError."""
    if name == "**":
        return None
    if len(name) - len(name.rstrip("\\")) & 1:
        raise ValueError("there is nothing behind its last backslash")
    try:
        return re.compile(translate(_SPECIAL.sub(_in_words_of_fnmatch, name)))
    except re.error as error:
        raise ValueError(str(error)) from error


def _in_words_of_fnmatch(special: re.Match[str]) -> str:
    """Return an escaped sign, or the begin of what a sign may not be, as `fnmatch` has it."""
    plain = special["plain"]
    if plain is None:
        return "[!"
    return f"[{plain}]" if plain in "*?[" else plain
