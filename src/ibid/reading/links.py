"""Links in the folders of a library: which are followed, so that nothing is read twice."""

import os
from pathlib import Path

from ibid.reading.folders import Folders

_BACK = "a link back to a folder that it is in"
_TWICE = "it is read already where it leads to"
_NOWHERE = "a link to nothing, or round and round"


class Links:
    """The links that a scan meets, and what it has read through them.

    A folder outside is entered once, however many links lead to it, to what is above it or below.
    """

    def __init__(self, folders: Folders, index: Path) -> None:
        self.are_followed = folders.follow
        self._own = [Path(place) for place in folders.real.values()] if folders.follow else []
        self._index = index
        self._read = set[str]()
        """What was read through links, by where it is."""

    def follow(self, entry: os.DirEntry[str], outside: str) -> tuple[str, str]:
        """Return where an entry is if that is outside of the folders, and why it is left out.

        `outside` is where its folder is, if a link led there.
        """
        if not self.are_followed or not (outside or entry.is_symlink()):
            return "", ""
        place = f"{outside}/{entry.name}"
        if entry.is_symlink():
            try:
                place = os.path.realpath(entry.path, strict=True)
            except OSError:
                return "", _NOWHERE
        if refusal := self._refusal(Path(place)):
            return "", refusal
        self._read.add(place)
        return place, ""

    def _refusal(self, place: Path) -> str:
        if any(place in own.parents for own in self._own):
            return _BACK
        inside = (*self._own, self._index)
        is_known = str(place) in self._read or any(map(place.is_relative_to, inside))
        return _TWICE if is_known else ""
