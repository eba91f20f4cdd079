"""Which files were verified, so that a build need not verify or read them again.

    head      SHA-256 of the version of ibid and of the manifest that the marks belong to
    marks     that of each article's file, then of each file of the index, in the manifest's order
    check     SHA-256 of all that

A mark (`ibid.types.Mark`) says which file it is, how long, when it was written to and when changed
in any way. A file that has the mark of its seal is as it was, unless the disk itself lost bits. So
what is read of it is verified still, and whoever reads damage breaks the seal of that file
(`verified_files`): the next build finds it. With the seals themselves only time is lost.
"""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ibid import __version__
from ibid.storage.files import read_file
from ibid.storage.generations import Generation
from ibid.types import SETTLED, ArticleId, Mark

_NUMBER = np.dtype("<i8")
_SIZE = len(Mark._fields) * _NUMBER.itemsize
_NO_SEAL = Mark(0, 0, 0, 0, 0)
_DIGEST = hashlib.sha256().digest_size
_LARGEST = 1 << 28  # bytes


@dataclass(frozen=True, slots=True)
class Seals:
    """The marks that files had when they were verified."""

    articles: Mapping[ArticleId, Mark] = field(default_factory=dict[ArticleId, Mark])
    """Of those that had the digests of the manifest."""
    files: Mapping[str, Mark] = field(default_factory=dict[str, Mark])


def read_seals(path: Path, generation: Generation) -> Seals:
    """Return what is sealed of a generation, nothing where no file says that it knows."""
    manifest = generation.manifest
    try:
        data = read_file(path, _LARGEST)
    except OSError:
        return Seals()
    body, count = data[:-_DIGEST], len(manifest.articles) + len(manifest.files)
    if data[-_DIGEST:] != hashlib.sha256(body).digest() or body[:_DIGEST] != _head(generation):
        return Seals()
    if len(body) != _DIGEST + count * _SIZE:
        return Seals()
    numbers = np.frombuffer(body, _NUMBER, offset=_DIGEST).reshape(count, -1)
    marks = map(Mark._make, numbers.tolist())
    articles = dict(zip(manifest.articles, marks, strict=False))
    return Seals(articles, dict(zip(manifest.files, marks, strict=True)))


def dump_seals(generation: Generation, articles: Mapping[ArticleId, Mark], begun: int) -> bytes:
    """Return the seals of a generation after a build that verified what it did not write.

    When it began is given in nanoseconds: what was written to since may not be what was verified.
    """
    manifest = generation.manifest
    marks = [articles.get(id, _NO_SEAL) for id in manifest.articles]
    marks += [_seal(generation.folder / name, begun) for name in manifest.files]
    body = _head(generation) + np.array(marks, dtype=_NUMBER).tobytes()
    return body + hashlib.sha256(body).digest()


def _seal(path: Path, begun: int) -> Mark:
    """Return the mark of a file of the index, none where it was written to since a build began.

    A second name that goes changes a file, too, so when it was changed does not count.
    """
    with suppress(OSError):
        mark = Mark.of(path)
        if begun - mark.written > SETTLED:
            return mark
    return _NO_SEAL


def _head(generation: Generation) -> bytes:
    return hashlib.sha256(f"{__version__} {generation.digest}".encode()).digest()
