"""Volumes: runs of neighbouring articles, whose parts of an index lie in files of their own.

Rows are numbered within a volume, so its files say nothing of the other ones, and a build links
those of a volume that is as it was instead of writing them again. The ids alone decide where one
begins. So an index that is brought up to date has the volumes of a build anew.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from math import log2

from ibid.storage import KeptFile
from ibid.types import ArticleId

_ABOUT = 32
"""Volumes that many articles are in: of each some files are open as long as an index answers."""

_FEW = 64
"""Articles that a volume has on average, at least."""


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume of an index, with the files that are its own."""

    ids: tuple[ArticleId, ...]
    rows: range
    """Those that its passages have in the whole index."""
    files: Mapping[str, KeptFile]
    """By the name that the file of the first volume has."""


def cut_volumes(ids: Collection[ArticleId]) -> Iterator[list[ArticleId]]:
    """Yield the volumes of articles that are given in order."""
    size, volume = _average(len(ids)), list[ArticleId]()
    for id in ids:
        if volume and _number(id) % size == 0:
            yield volume
            volume = []
        volume.append(id)
    yield volume


def _average(articles: int) -> int:
    """Return how many articles a volume has on average: a power of two, so that bounds stay."""
    return max(_FEW, 2 ** round(log2(max(articles, 1) / _ABOUT)))


def _number(id: ArticleId) -> int:
    digest = hashlib.sha256(id.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big")
