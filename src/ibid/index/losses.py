"""What a build takes out of an index: always told, and refused where it is much.

A folder that is not mounted looks as if somebody had deleted its files, so a build asks first.
"""

import shlex
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ibid.errors import ArticlesWouldBeLost, FolderError
from ibid.reading import Folder, Folders
from ibid.storage import Holdings, Manifest
from ibid.text import count, list_some
from ibid.types import ArticleId, BuildReport

MOST = 20
"""Articles: so many are much in the largest index."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How an index differs from the one before it, files with the same bytes counted once.

    A text that only has another name differs in nothing.
    """

    added: tuple[ArticleId, ...]
    edited: tuple[ArticleId, ...]
    removed: tuple[ArticleId, ...]
    before: int
    """How many texts there were."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Compares an index in the making with the last one, and refuses great losses."""

    last: Holdings
    same_folder: bool
    """Whether it was made from the folder that is read now, where a name means the same article."""
    prune: bool | Collection[ArticleId]
    """Whether anything may be lost, or which articles may."""
    names: Collection[str] = ()
    """What the ids of several folders begin with: one that loses all it had has to be asked for."""

    @property
    def held(self) -> Mapping[ArticleId, str]:
        """The articles that stay while their files cannot be read, with their digests."""
        if self.prune is True or not self.same_folder:
            return {}
        may_go = self.prune or ()
        return {id: digest for id, digest in self.last.articles.items() if id not in may_go}

    def check_found(self, folder: Folder) -> None:
        """Look at what was found before it is read. Raises ArticlesWouldBeLost."""
        there = folder.digests.keys() if self.same_folder else ()
        self._refuse(self._compare(folder.digests, there), (), folder)

    def check_made(self, manifest: Manifest, cut: Iterable[ArticleId], folder: Folder) -> None:
        """Look at what would be committed; `cut` has hardly any text left. Raises the same."""
        self._refuse(self.compare(manifest), cut, folder)

    def compare(self, manifest: Manifest) -> Difference:
        """Return how an index differs from the last one."""
        return self._compare(manifest.held, manifest.kept)

    def _compare(
        self, now: Mapping[ArticleId, str], old_versions: Collection[ArticleId]
    ) -> Difference:
        """Return the difference; `old_versions` are there as they were, whatever their digests now.

        An edit puts one new text in the place of one old text. So of articles that all have become
        the same, one was edited, and the others are gone.
        """
        before = self.last.articles
        there, old_texts = set(now.values()), set(before.values())
        new = _by_text((id, digest) for id, digest in now.items() if digest not in old_texts)
        texts = {id: self.last.text_of(id) for id in before}
        edited: list[ArticleId] = []
        removed: list[ArticleId] = []
        for ids in _by_text((id, text) for id, text in texts.items() if text not in there).values():
            if any(id in old_versions or now.get(id) == before[id] for id in ids):
                continue
            names = ids if self.same_folder else []
            heir = next((id for id in names if now.get(id) in new), None)
            if heir:
                del new[now[heir]]
                edited.append(heir)
            else:
                removed.append(ids[0])
        added = (ids[0] for ids in new.values())
        return Difference(tuple(added), tuple(edited), tuple(removed), len(set(texts.values())))

    def _refuse(self, difference: Difference, cut: Iterable[ArticleId], folder: Folder) -> None:
        lost = {*difference.removed, *(set(cut) & set(difference.edited))}
        may_go: Collection[ArticleId] = () if isinstance(self.prune, bool) else self.prune
        is_agreed = self.prune is True or lost <= set(may_go)
        is_great = is_much(len(lost), difference.before) or self._empties_a_folder(lost, folder)
        if is_agreed or not (may_go or is_great):
            return
        raise _refusal(tuple(sorted(lost)), difference.before, folder.folders, self.same_folder)

    def _empties_a_folder(self, lost: Collection[ArticleId], folder: Folder) -> bool:
        """Tell whether one of several folders holds nothing any more, or is none of them now.

        The articles of such a folder have whole paths in place of ids.
        """
        there = {id.partition("/")[0] for id in folder.digests}
        roots = {id.partition("/")[0] for id in lost} - there
        return not roots.isdisjoint({"", *self.names})


def _refusal(
    lost: tuple[ArticleId, ...], before: int, folders: Folders, same_folder: bool
) -> ArticlesWouldBeLost:
    paths = shlex.join(map(str, folders.paths)) if folders.are_several else str(folders)
    if any(id.startswith("/") for id in lost):
        ways = f"name their folder beside {folders}, or let them go: ibid build --prune {paths}"
    elif same_folder:
        ways = "is a drive not mounted? bring the files back, or let them go: ibid build --prune"
    else:
        ways = f"keep both with --index, or let them go: ibid build --prune {paths}"
    return ArticlesWouldBeLost(
        f"{len(lost):,} of {count(before, 'article')} would leave the index, gone from {folders} "
        f"or next to empty: {list_some(lost)}",
        hint=ways,
        articles=lost,
        before=before,
    )


def is_much(lost: int, before: int) -> bool:
    """Tell whether a build has to ask: for 20 articles, more than a third, or all there are.

    One of several may always go.
    """
    return lost >= MOST or 0 < lost == before or (lost > 1 and 3 * lost > before)


def refuse_kept(report: BuildReport) -> None:
    """Raise FolderError where an index keeps earlier versions of what cannot be read now."""
    if paths := [file.path for file in report.skipped if file.kept]:
        raise FolderError(
            f"the index keeps an earlier version of {list_some(paths)}, which cannot be read now",
            hint="make it readable, or leave it out with ibid build --prune",
        )


def _by_text(names: Iterable[tuple[ArticleId, str]]) -> dict[str, list[ArticleId]]:
    """Return the articles that have each text, in order of their ids."""
    texts: dict[str, list[ArticleId]] = {}
    for id, text in sorted(names):
        texts.setdefault(text, []).append(id)
    return texts
