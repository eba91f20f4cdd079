"""From a folder of articles to the files of an index."""

import datetime
import hashlib
import os
import stat
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ibid.chunking import CHUNKER, cut_passages, embedded_sentence, embedded_text
from ibid.corpus import dump_corpus
from ibid.errors import ArticleUnreadable, FolderError
from ibid.lexical import stems
from ibid.linting import lint_article
from ibid.ports import Embedder, Files, Splitter, Vectors
from ibid.reading import SUFFIXES, read_article
from ibid.reading.extracting import Extract, Extractor, missing_extra
from ibid.reading.repair import search_copy
from ibid.retrieval import Index
from ibid.reuse import Vector, recall_vectors
from ibid.store import FORMAT, Manifest
from ibid.types import Article, ArticleId, Passage, Progress, Skipped

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes. A longer text file is data, not an article."""

OnProgress = Callable[[Progress], None]

_EMBED_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one file of the folder."""

    id: ArticleId
    raw: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class Folder:
    """What was found in a folder of articles."""

    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...]

    @property
    def digests(self) -> dict[ArticleId, str]:
        return {source.id: source.digest for source in self.sources}


@dataclass(frozen=True, slots=True)
class Parts:
    """How the parts of an index are made: the adapters' functions."""

    split: Splitter
    dump_vectors: Callable[[Vectors], bytes]
    dump_stems: Callable[[Iterable[Sequence[str]]], Files]


@dataclass(frozen=True, slots=True)
class Built:
    """An index that is ready to be stored."""

    articles: tuple[Article, ...]
    skipped: tuple[Skipped, ...]
    passages: int
    embedded: int
    """Texts that had to be embedded: passages and sentences that the last index did not hold."""
    files: Files


def scan_folder(folder: Path, index: Path) -> Folder:
    """Read every article file below `folder`, in order of its path.

    Hidden files and folders and the index itself are left alone, symbolic links are skipped.
    Raises FolderError when the folder is missing, unreadable or without any article.
    """
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise FolderError(f"{folder} {what}", hint="name a folder of .md, .markdown or .txt files")
    sources: list[Source] = []
    skipped: list[Skipped] = []
    for path in sorted(_find_files(folder, index.resolve(), skipped), key=Path.as_posix):
        try:
            id = ArticleId(_name(path, folder))
            raw = _read_file(path)
        except (OSError, ArticleUnreadable) as error:
            skipped.append(_skipped(path, folder, error))
        else:
            sources.append(Source(id, raw, hashlib.sha256(raw).hexdigest()))
    if not sources and not skipped:
        raise FolderError(
            f"{folder} holds no articles", hint=f"articles end in {', '.join(sorted(SUFFIXES))}"
        )
    return Folder(tuple(sources), tuple(skipped))


def read_folder(
    found: Folder, split: Splitter, on_progress: OnProgress
) -> tuple[list[tuple[Article, tuple[Passage, ...]]], tuple[Skipped, ...]]:
    """Read the sources as articles with their passages; return them and what was skipped."""
    articles: list[tuple[Article, tuple[Passage, ...]]] = []
    skipped = list(found.skipped)
    with Extractor() as extract:
        for number, source in enumerate(found.sources):
            on_progress(Progress("reading", number, len(found.sources)))
            try:
                articles.append(_read_source(source, split, extract))
            except ArticleUnreadable as error:
                hint = f" ({error.hint})" if error.hint else ""
                skipped.append(Skipped(source.id, f"{error}{hint}"))
    if not articles:
        reasons = "; ".join(f"{file.path}: {file.reason}" for file in skipped[:3])
        raise FolderError(f"none of the {len(skipped)} files can be read: {reasons}")
    return articles, tuple(skipped)


def _read_source(
    source: Source, split: Splitter, extract: Extract
) -> tuple[Article, tuple[Passage, ...]]:
    """Return an article with its passages. Raises ArticleUnreadable when it says nothing."""
    article = read_article(source.id, source.raw, extract)
    passages = cut_passages(article, split)
    if not any(passage.sentences for passage in passages):
        raise ArticleUnreadable("no text in it" if article.text.strip("\ufeff \t\r\n") else "empty")
    return replace(article, findings=lint_article(article)), passages


def build_index(
    found: Folder,
    embedder: Embedder,
    parts: Parts,
    on_progress: OnProgress,
    last: Index | None = None,
) -> Built:
    """Read, cut and embed the articles, and return the files of their index.

    What `last`, an index by the same embedder, holds already is not embedded again.
    """
    articles, skipped = read_folder(found, parts.split, on_progress)
    searched = [(a, p) for a, passages in articles for p in passages if p.sentences]
    passage_texts = [embedded_text(article.title, passage) for article, passage in searched]
    sentences = [embedded_sentence(a, s) for a, passage in searched for s in passage.sentences]
    texts = [*passage_texts, *sentences]
    known = recall_vectors(last, frozenset(texts)) if last else {}
    new = {text: None for text in texts if text not in known}
    known |= _embed(list(new), embedder, on_progress)
    vectors = np.stack([known[text] for text in texts])
    word_files = parts.dump_stems(_indexed_stems(a, p) for a, p in searched)
    return Built(
        articles=tuple(article for article, _ in articles),
        skipped=skipped,
        passages=len(searched),
        embedded=len(new),
        files={
            "corpus.sqlite": dump_corpus(articles),
            "passages.faiss": parts.dump_vectors(vectors[: len(searched)]),
            "sentences.faiss": parts.dump_vectors(vectors[len(searched) :]),
            **{f"words/{name}": data for name, data in word_files.items()},
        },
    )


def describe(
    built: Built, found: Folder, embedder: Embedder, folder: str, version: str
) -> Manifest:
    """Return the manifest of a built index, its file records still empty."""
    return Manifest(
        format=FORMAT,
        version=version,
        chunker=CHUNKER,
        embedder=embedder.identity,
        folder=folder,
        built=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        articles=found.digests,
        skipped=built.skipped,
        passages=built.passages,
        files={},
    )


def _indexed_stems(article: Article, passage: Passage) -> list[str]:
    """Return the stems a passage is found by: its article's title, its headings and its text."""
    return stems(search_copy("\n".join((article.title, *passage.headings, passage.text))))


def _embed(texts: Sequence[str], embedder: Embedder, on_progress: OnProgress) -> dict[str, Vector]:
    """Embed `texts`, the longest first so that a batch is of one length and time left is known."""
    order = sorted(texts, key=lambda text: (-len(text), text))
    vectors: dict[str, Vector] = {}
    for start in range(0, len(order), _EMBED_AT_ONCE):
        on_progress(Progress("embedding", start, len(order)))
        batch = order[start : start + _EMBED_AT_ONCE]
        vectors |= zip(batch, embedder.passages(batch), strict=True)
    on_progress(Progress("embedding", len(order), len(order)))
    return vectors


def _find_files(folder: Path, index: Path, skipped: list[Skipped]) -> Iterable[Path]:
    """Yield the article files below `folder`, never following a link.

    What cannot be listed goes to `skipped`; the folder itself raises FolderError.
    """

    def skip(error: OSError) -> None:
        path = Path(error.filename)
        if path == folder:
            raise FolderError(f"{folder} cannot be read ({error.strerror})") from error
        skipped.append(_skipped(path, folder, error))

    for parent, folders, files in os.walk(folder, onerror=skip):
        here = Path(parent)
        folders[:] = [
            name for name in folders if name[0] != "." and (here / name).resolve() != index
        ]
        for name in files:
            if name[0] != "." and Path(name).suffix.lower() in SUFFIXES:
                yield here / name


def _name(path: Path, folder: Path) -> str:
    """Return the path of a file below the folder. Raises ArticleUnreadable."""
    name = path.relative_to(folder).as_posix()
    if any(_is_control(char) for char in name):
        raise ArticleUnreadable("its name is not UTF-8 or holds control characters")
    return name


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs")  # a byte that is not UTF-8 is in Cs


def _skipped(path: Path, folder: Path, error: Exception) -> Skipped:
    name = path.relative_to(folder).as_posix()
    shown = "".join(ascii(c)[1:-1] if _is_control(c) else c for c in name)
    reason = error.strerror if isinstance(error, OSError) else None
    return Skipped(shown, reason or str(error))


def _read_file(path: Path) -> bytes:
    """Return the bytes of a regular file that can be read. Raises ArticleUnreadable otherwise."""
    if missing := missing_extra(path.suffix.lower()):
        raise ArticleUnreadable(missing)
    if path.is_symlink():
        raise ArticleUnreadable("a symbolic link")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ArticleUnreadable("not a regular file")
        raw = file.read(LARGEST_FILE + 1)
    if len(raw) > LARGEST_FILE:
        raise ArticleUnreadable(f"larger than {LARGEST_FILE // 1024**2} MB")
    return raw
