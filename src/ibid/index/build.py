"""From a folder of articles to an index: what is read, what stays as it was, what is left out."""

import datetime
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from ibid.errors import ArticleEmpty, ArticleUnreadable, FolderError, IbidError
from ibid.index.corpus import Corpus
from ibid.index.losses import Difference
from ibid.index.opened import Index
from ibid.index.passages import CHUNKER, cut_passages
from ibid.index.vector_cache import Recall
from ibid.index.volumes import Volume, cut_volumes
from ibid.index.writer import Draft, Fresh, OnProgress, Parts, Same
from ibid.ports import Embedder, Files, Splitter
from ibid.reading import (
    Extract,
    Extractor,
    Folder,
    References,
    describe_trouble,
    is_described,
    lint_article,
    may_be_lost,
    read_article,
    read_file,
    read_references,
)
from ibid.storage import FORMAT, Manifest, StoredIndex, hint_for
from ibid.text import count
from ibid.types import Article, ArticleId, BuildReport, FolderCount, Progress, Skipped

_LITTLE = 0.1
"""Share of its text. An article that has less than that left counts as lost."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is told of an index that was brought up to date."""

    articles: int
    warnings: Mapping[ArticleId, tuple[str, ...]]
    """What reading said of those that it said something of."""
    copies: Mapping[ArticleId, tuple[ArticleId, ...]]
    """Those that have copies, and these."""
    embedded: int
    """Texts that had to be embedded: passages and sentences that the last index did not hold."""


def list_contents(corpus: Corpus) -> Contents:
    """Return what is told of an index that was up to date."""
    return Contents(len(corpus.ids), corpus.warnings, corpus.copies, embedded=0)


@dataclass(frozen=True, slots=True)
class Built:
    """An index that is ready to be stored."""

    digests: Mapping[ArticleId, str]
    """SHA-256 of the files that it stands for, copies and what was skipped included."""
    contents: Contents
    skipped: tuple[Skipped, ...]
    passages: int
    cut: tuple[ArticleId, ...]
    """Articles that have less than a tenth of the text that they had."""
    files: Files


def build_index(
    folder: Folder,
    embedder: Embedder,
    parts: Parts,
    last: Index | None,
    scratch: Path,
    on_progress: OnProgress,
) -> Built:
    """Read, cut and embed the articles, and return the files of their index, made in `scratch`.

    What `last`, an index by the same embedder, holds is not read or embedded again. An article
    that cannot be read and that `folder` keeps has its version of `last`. Raises FolderError when
    there is nothing to build from, or when an article would be lost.
    """
    originals = find_originals(folder.digests)
    with Extractor() as extract:
        references = read_references(folder, extract)
    same = {id for id in originals if last and last.corpus.digests.get(id) == folder.digests[id]}
    same -= set(_described_anew(last, references)) if last else set()
    volumes = [*map(tuple, cut_volumes(originals))]
    old_volumes = _kept_volumes(last, volumes, originals, same) if last else {}
    recall = Recall(last, sorted(last.corpus.digests.keys() - same)) if last else None
    draft = Draft(scratch, parts, embedder, recall, on_progress)
    with Extractor() as extract:
        reader = _Reader(folder, last, parts.split, extract, references)
        for ids in volumes:
            volume = old_volumes.get(ids)
            if last and volume:
                draft.take(volume, last)
                continue
            draft.begin()
            for id in ids:
                on_progress(Progress("reading", draft.articles, len(originals)))
                copies = originals[id]
                articles = [Same(id, copies)] if id in same else reader.take(id, copies)
                for article in articles:
                    draft.add(article)
    if not draft.articles:
        skipped = (*folder.skipped, *reader.skipped)
        reasons = "; ".join(f"{file.path}: {file.reason}" for file in skipped[:3])
        raise FolderError(f"none of {count(len(skipped), 'file')} can be read: {reasons}")
    files = draft.finish()
    contents = Contents(draft.articles, draft.warnings, draft.copies, draft.embedded)
    skipped, cut = tuple(reader.skipped), tuple(reader.cut)
    return Built(reader.digests, contents, skipped, draft.passages, cut, files)


def is_described_anew(last: Index, folder: Folder) -> bool:
    """Tell whether a file of references says something else about any article than it did."""
    if not any(map(is_described, folder.digests)):
        return False
    with Extractor() as extract:
        return any(True for _ in _described_anew(last, read_references(folder, extract)))


def _described_anew(last: Index, references: References) -> Iterator[ArticleId]:
    corpus = last.corpus
    for id in filter(is_described, corpus.digests):
        if corpus.references.get(id, "") != references.entry_of(id):
            yield id


def _kept_volumes(
    last: Index,
    volumes: Collection[tuple[ArticleId, ...]],
    originals: Mapping[ArticleId, Sequence[ArticleId]],
    same: Container[ArticleId],
) -> dict[tuple[ArticleId, ...], Volume]:
    """Return the volumes of the last index whose articles and copies all are as they were.

    What is copied from another one gets new digests, so its articles are verified before.
    """
    old_volumes, wanted, copies = (
        dict[tuple[ArticleId, ...], Volume](),
        set(volumes),
        last.corpus.copies,
    )
    for volume in last.volumes():
        is_whole = all(id in same and originals[id] == copies.get(id, ()) for id in volume.ids)
        if is_whole and volume.ids in wanted:
            old_volumes[volume.ids] = volume
        else:
            volume.files["corpus.sqlite"].open().verify()
    return old_volumes


def find_originals(
    digests: Mapping[ArticleId, str],
) -> dict[ArticleId, tuple[ArticleId, ...]]:
    """Return the articles with their copies: of files with the same bytes the first one counts."""
    groups: dict[str, list[ArticleId]] = {}
    for id, digest in digests.items():
        groups.setdefault(digest, []).append(id)
    return {id: tuple(copies) for id, *copies in groups.values()}


def describe(built: Built, embedder: Embedder, folder: str, version: str) -> Manifest:
    """Return the manifest of a built index, its file records still empty."""
    return Manifest(
        format=FORMAT,
        version=version,
        chunker=CHUNKER,
        embedder=embedder.identity,
        folder=folder,
        built=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        articles=built.digests,
        skipped=built.skipped,
        passages=built.passages,
        files={},
        digests="",
    )


class _Reader:
    """Reads the articles of a folder, and keeps the last version of one that cannot be read."""

    def __init__(
        self,
        folder: Folder,
        last: Index | None,
        split: Splitter,
        extract: Extract,
        references: References,
    ) -> None:
        self._found, self._last, self._split, self._extract = folder, last, split, extract
        self._references = references
        self.skipped: list[Skipped] = []
        self.cut: list[ArticleId] = []
        self.digests = dict(folder.digests)

    def take(self, id: ArticleId, copies: tuple[ArticleId, ...]) -> Iterator[Same | Fresh]:
        """Yield an article, or what is kept of it and its copies where it cannot be read.

        Whatever is amiss with its file goes to `skipped`. Raises FolderError when an article would
        be lost, IbidError for trouble that its file is not to blame for.
        """
        try:
            fresh = self._read(id, copies)
        except (OSError, ArticleUnreadable) as error:
            versions = (self._keep(name, error) for name in (id, *copies))
            yield from (version for version in versions if version)
        else:
            yield fresh

    def _keep(self, id: ArticleId, error: Exception) -> Same | Fresh | None:
        """Return the last version of an article that cannot be read, None when it is left out."""
        digest, reason = self._found.held.get(id), describe_trouble(error)
        if self._found.unknown and isinstance(error, OSError):
            raise may_be_lost(id, reason)
        last = None
        if digest and not isinstance(error, ArticleEmpty):
            last = self._last_version(id, digest, reason)
        if not self._found.is_skipped(id):
            self.skipped.append(Skipped(id, reason, kept=last is not None))
        if isinstance(error, OSError):  # what it says now is not known: the next build tries again
            self.digests[id] = digest or ""
        return last

    def _read(self, id: ArticleId, copies: tuple[ArticleId, ...]) -> Fresh:
        """Return an article as it is now. Raises OSError and ArticleUnreadable for its file."""
        raw = read_file(self._found.folders.file(id))
        try:
            return self._understand(id, raw, copies)
        except OSError as error:
            reason = f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
            raise IbidError(f"{id} cannot be read now ({reason})", hint=hint_for(error)) from error

    def _understand(self, id: ArticleId, raw: bytes, copies: tuple[ArticleId, ...]) -> Fresh:
        article = self._references.describe(read_article(id, raw, self._extract))
        if article.digest != self._found.digests[id]:  # it was written to since the scan
            self.digests[id] = article.digest
            for copy in copies:  # which the next build finds to be others
                del self.digests[copy]
            copies = ()
        fresh = self._cut(replace(article, findings=lint_article(article), copies=copies))
        if not any(passage.sentences for passage in fresh.passages):
            is_empty = not article.text.strip("\ufeff \t\r\n")
            raise ArticleEmpty("empty" if is_empty else "no text in it")
        if self._is_cut(article):
            self.cut.append(id)
        return fresh

    def _is_cut(self, article: Article) -> bool:
        """Tell whether next to nothing is left of what the last index has."""
        corpus, before = self._last.corpus if self._last else None, self._before(article.id)
        if not corpus or before not in corpus.digests:
            return False
        return len(article.text) < _LITTLE * len(corpus.article(before).text)

    def _before(self, id: ArticleId) -> ArticleId:
        """Return what an article is called in the last index."""
        return self._found.before.get(id, id)

    def _last_version(self, id: ArticleId, digest: str, reason: str) -> Same | Fresh | None:
        """Return an article as the last index has it, None when a copy of it stays there.

        Raises FolderError when the last index cannot be used.
        """
        if not self._last:
            raise FolderError(
                f"{id} was in the index and cannot be read now ({reason})",
                hint="make it readable, or leave it out with ibid build --prune",
            )
        corpus, before = self._last.corpus, self._before(id)
        if before in corpus.digests:
            same = before == id
            return Same(id, ()) if same else self._cut(_named(corpus.article(before), id))
        original = self._held_by[digest]
        if self._found.digests.get(original) == digest:
            return None
        return self._cut(_named(corpus.article(original), id))

    @cached_property
    def _held_by(self) -> Mapping[str, ArticleId]:
        """Which article of the last index has which digest."""
        if not self._last:
            return {}
        return {digest: id for id, digest in self._last.corpus.digests.items()}

    def _cut(self, article: Article) -> Fresh:
        return Fresh(article, cut_passages(article, self._split))


def _named(article: Article, id: ArticleId) -> Article:
    """Return an article under another id, alone."""
    return replace(article, id=id, copies=())


def report(
    folder: Folder, contents: Contents, generation: StoredIndex, difference: Difference
) -> BuildReport:
    """Return what stands in an index that was brought up to date with what was found."""
    manifest = generation.manifest
    return BuildReport(
        articles=contents.articles,
        passages=manifest.passages,
        skipped=(*folder.skipped, *manifest.skipped),
        warnings=contents.warnings,
        copies=contents.copies,
        embedded=contents.embedded,
        index=generation.name,
        added=difference.added,
        edited=difference.edited,
        removed=difference.removed,
        left_out=folder.left_out,
        folders=tuple(_count_by_folder(folder, manifest)),
    )


def _count_by_folder(folder: Folder, manifest: Manifest) -> Iterator[FolderCount]:
    """Yield what is in each of several folders."""
    left_out = [path for group in folder.left_out for path in group.paths]
    skipped = [file.path for file in (*folder.skipped, *manifest.skipped) if not file.kept]
    for prefix in filter(None, folder.folders.by_prefix):
        counts = (
            sum(path.startswith(prefix) for path in paths)
            for paths in (manifest.held, skipped, left_out)
        )
        yield FolderCount(prefix.rstrip("/"), *counts)
