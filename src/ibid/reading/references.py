"""What files of references say about PDFs that lie with them, which say little themselves."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from pathlib import PurePosixPath

from ibid.errors import ArticleUnreadable
from ibid.reading.extracting import Extract
from ibid.reading.files import read_file
from ibid.reading.folder import Folder
from ibid.reading.formats import Part
from ibid.reading.metadata import join
from ibid.types import Article, ArticleId, Meta

MOST_FILES = 100
"""Files of references that are read, the first ones by path."""


@dataclass(frozen=True, slots=True)
class References:
    """What is known about PDFs, by their ids, and which files of references could not be read."""

    metas: Mapping[ArticleId, Meta] = field(default_factory=dict[ArticleId, Meta])
    unread: Mapping[str, str] = field(default_factory=dict[str, str])

    def describe(self, article: Article) -> Article:
        """Return an article with what is known about it, which counts more than what it says."""
        entry = self.metas.get(article.id)
        if entry is None:
            return article
        own = replace(article.meta, coauthors=()) if entry.author else article.meta
        names = {name for name in ("title", "date") if getattr(entry, name)}
        guessed = tuple(name for name in article.meta.guessed if name not in names)
        meta = replace(join(entry, own), guessed=guessed)
        return replace(article, title=entry.title or article.title, meta=meta)

    def entry_of(self, id: ArticleId) -> str:
        """Return which entry describes an article, empty where none does."""
        return self.metas[id].reference if id in self.metas else ""


def is_described(id: ArticleId) -> bool:
    """Tell whether articles of this kind can be described by a file of references."""
    return id.lower().endswith(".pdf")


def read_references(folder: Folder, extract: Extract) -> References:
    """Read the files of references of a folder, where it has PDFs. Raises IbidError, OSError."""
    pdfs = [id for id in folder.digests if is_described(id)]
    metas: dict[ArticleId, tuple[int, Meta]] = {}
    unread: dict[str, str] = {}
    for place in folder.references[:MOST_FILES] if pdfs else ():
        path = PurePosixPath(place)
        try:
            parts = extract(path.suffix.lower(), read_file(folder.folders.path(place))).parts
        except (OSError, ArticleUnreadable) as error:
            if path.suffix.lower() == ".bib":  # JSON may be anything
                unread[place] = str(error)
            continue
        beside = [id for id in pdfs if PurePosixPath(id).is_relative_to(path.parent)]
        for id, fit, meta in _match(path, parts, beside):
            if id not in metas or fit < metas[id][0]:
                metas[id] = fit, meta
    return References({id: meta for id, (_, meta) in metas.items()}, unread)


def _match(
    place: PurePosixPath, parts: Iterable[Part], pdfs: Iterable[ArticleId]
) -> Iterable[tuple[ArticleId, int, Meta]]:
    """Yield which PDF an entry is about, and how surely: 0 by its path, then its name, its key."""
    by_name: dict[str, list[ArticleId]] = {}
    for id in pdfs:
        path = PurePosixPath(id)
        for name in (path.name.casefold(), path.stem.casefold()):
            by_name.setdefault(name, []).append(id)
    for part in parts:
        file = PurePosixPath(part.name.replace("\\", "/"))
        for id in by_name.get(file.name.casefold(), ()):
            fit = (
                2 if file.suffix.lower() != ".pdf" else int(id != (place.parent / file).as_posix())
            )
            yield id, fit, _marked(part, place)


def _marked(part: Part, place: PurePosixPath) -> Meta:
    """Return what an entry says, and which one it is: another text makes it another one."""
    digest = hashlib.sha256(repr(astuple(part.meta)).encode("utf-8", "replace")).hexdigest()[:8]
    return replace(part.meta, reference=f"{place} ({part.name}, {digest})")
