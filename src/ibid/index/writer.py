"""The files of an index in the making: article by article, in a scratch folder on the disk.

Memory does not grow with the folder of articles: what is held is one block of texts to embed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from ibid.index.corpus import Corpus
from ibid.index.corpus_volume import Stored
from ibid.index.corpus_writing import CorpusWriter, store, with_copies
from ibid.index.opened import Index
from ibid.index.passages import embedded_sentence, embedded_text
from ibid.index.token_vectors import SIGNS, TokenWriter
from ibid.index.vector_cache import Embedded, Recall, Vector
from ibid.index.volumes import Volume
from ibid.index.words import indexed_stems, list_explained, with_about
from ibid.ports import Blocks, Embedder, Files, Splitter, TokenEmbedder, VectorWriter, WordWriter
from ibid.storage import FileBlocks, part_name
from ibid.types import Article, ArticleId, Passage, Progress

T = TypeVar("T")

OnProgress = Callable[[Progress], None]

EMBED_AT_ONCE = 64
"""Texts that an embedder is given in a call; what is embedded is kept in the journal after each."""

_EMBED_TOGETHER = 2048
"""Texts that are sorted by their length before they are embedded."""


class _MakeVectors(Protocol):
    def __call__(self, path: Path, dimensions: int, *, half: bool) -> VectorWriter: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """How the parts of an index are made: the adapters' functions."""

    split: Splitter
    vectors: _MakeVectors
    words: Callable[[Path], WordWriter]
    at_once: int = EMBED_AT_ONCE
    """Texts that the embedder is given in a call."""


@dataclass(frozen=True, slots=True)
class Same:
    """An article that the last index has exactly so; only its copies may be others."""

    id: ArticleId
    copies: tuple[ArticleId, ...]


@dataclass(frozen=True, slots=True)
class Fresh:
    """An article that was read and cut."""

    article: Article
    passages: tuple[Passage, ...]

    def passage_texts(self) -> list[str]:
        """Return what is embedded for its passages."""
        return [embedded_text(self.article.title, p) for p in self.passages if p.sentences]

    def sentence_texts(self) -> list[str]:
        """Return what is embedded for its sentences."""
        spans = (span for passage in self.passages for span in passage.sentences)
        return [embedded_sentence(self.article, span) for span in spans]


class Draft:
    """An index in the making: each volume is begun, or taken; articles are added in their order."""

    def __init__(
        self,
        folder: Path,
        parts: Parts,
        embedder: Embedder,
        last: Recall | None,
        on_progress: OnProgress,
    ) -> None:
        dimensions = embedder.identity.dimensions
        self._folder, self._embedder, self._last = folder, embedder, last
        self._on_progress = on_progress
        self._passages = parts.vectors(folder / "passages.faiss", dimensions, half=False)
        self._sentences = parts.vectors(folder / "sentences.faiss", dimensions, half=True)
        self._tokens = TokenWriter(folder) if isinstance(embedder, TokenEmbedder) else None
        self._write_words = parts.words
        self._at_once, self._together = parts.at_once, max(parts.at_once, _EMBED_TOGETHER)
        self._corpus: CorpusWriter | None = None
        self._words: WordWriter | None = None
        self._files: dict[str, Blocks] = {}
        self._volume = -1
        self._waiting: list[Same | Fresh] = []
        self._passage_texts: dict[str, None] = {}
        self._sentence_texts: dict[str, None] = {}
        self._seen = self.embedded = self.articles = 0
        self.passages = 0
        """How many passages can be found in it, once it is finished."""
        self.warnings: dict[ArticleId, tuple[str, ...]] = {}
        """What reading said of the articles that it said something of."""
        self.copies: dict[ArticleId, tuple[ArticleId, ...]] = {}
        """The articles that have copies, and those."""

    def begin(self) -> None:
        """Begin a volume: the articles that are added next."""
        self._end_volume()
        self._passages.begin()
        self._sentences.begin()
        if self._tokens:
            self._tokens.begin()
        self._corpus = CorpusWriter(self._folder / self._part("corpus.sqlite"))
        self._words = self._write_words(self._folder / self._part("words"))

    def take(self, volume: Volume, last: Index) -> None:
        """Take a volume of the last index, with its files."""
        self._end_volume()
        self.passages += len(volume.rows)
        for id in volume.ids:
            self._note(id, last.corpus.warnings.get(id, ()), last.corpus.copies.get(id, ()))
        for name, file in volume.files.items():
            self._files[self._part(name)] = file
        self._passages.take(volume.files["passages.faiss"], volume.rows)
        self._sentences.take(volume.files["sentences.faiss"], range(0))
        if self._tokens and last.tokens:
            self._tokens.take(volume.files[SIGNS], last.tokens.lengths(volume.rows))

    def _part(self, name: str) -> str:
        """Return what a file is called in the volume that was begun."""
        return part_name(name, self._volume)

    def _end_volume(self) -> None:
        """Write what waits of a volume; the next one begins."""
        self._flush()
        if self._corpus and self._words:
            self._corpus.close()
            self.passages += self._corpus.rows
            name = self._part("corpus.sqlite")
            self._files[name] = FileBlocks(self._folder / name)
            words = self._words.files()
            self._files |= {self._part(f"words/{name}"): file for name, file in words.items()}
        self._corpus = self._words = None
        self._volume += 1

    def add(self, article: Same | Fresh) -> None:
        """Add the next article."""
        self._waiting.append(article)
        if isinstance(article, Fresh):
            self._note(article.article.id, article.article.warnings, article.article.copies)
            self._passage_texts |= dict.fromkeys(article.passage_texts())
            self._sentence_texts |= dict.fromkeys(article.sentence_texts())
        elif self._last:
            warnings = self._last.index.corpus.warnings.get(article.id, ())
            self._note(article.id, warnings, article.copies)
        if len(self._passage_texts) + len(self._sentence_texts) >= self._together:
            self._flush()

    def _note(
        self, id: ArticleId, warnings: tuple[str, ...], copies: tuple[ArticleId, ...]
    ) -> None:
        """Note what is to be told of an article."""
        self.articles += 1
        if warnings:
            self.warnings[id] = warnings
        if copies:
            self.copies[id] = copies

    def finish(self) -> Files:
        """Return the files; nothing is added afterwards."""
        self._end_volume()
        return {
            **self._files,
            **self._passages.files(self._last.index.meaning if self._last else None),
            **self._sentences.files(),
            **(self._tokens.files() if self._tokens else {}),
        }

    def _flush(self) -> None:
        """Write the articles that wait, in their order."""
        if not self._waiting:
            return
        passages = self._last.passages(self._passage_texts) if self._last else {}
        sentences = self._last.sentences(self._sentence_texts) if self._last else {}
        new_passages = [text for text in self._passage_texts if text not in passages]
        new_sentences = [text for text in self._sentence_texts if text not in sentences]
        self._seen += len(new_passages) + len(new_sentences)
        passages |= self._embed(new_passages, self._encode)
        sentences |= self._embed(new_sentences, self._embedder.passages)
        for article in _runs(self._waiting, self._last.index.corpus if self._last else None):
            if isinstance(article, Fresh):
                self._write(article, passages, sentences)
            elif self._last:
                self._copy(article, self._last.index)
        self._waiting.clear()
        self._passage_texts.clear()
        self._sentence_texts.clear()

    def _write(
        self, fresh: Fresh, passages: Mapping[str, Embedded], sentences: Mapping[str, Vector]
    ) -> None:
        article, explained = fresh.article, list_explained(fresh.article)
        stems = [
            indexed_stems(article, passage, explained) if passage.sentences else ""
            for passage in fresh.passages
        ]
        self._store(store(article, fresh.passages, with_about(article, stems)))
        self._add_passages([passages[text] for text in fresh.passage_texts()])
        texts = fresh.sentence_texts()
        for start in range(0, len(texts), _EMBED_TOGETHER):  # of one article there may be a million
            batch = texts[start : start + _EMBED_TOGETHER]
            self._sentences.add(np.stack([sentences[text] for text in batch]))

    def _copy(self, run: Sequence[Same], last: Index) -> None:
        """Write articles that lie side by side in the last index."""
        for same in run:
            self._store(with_copies(last.corpus.stored(same.id), same.copies))
        rows, sentences = last.corpus.between(run[0].id, run[-1].id)
        self._passages.add_codes(last.meaning.codes(rows), rows)
        self._sentences.add_codes(last.sentences.codes(sentences), sentences)
        if self._tokens and last.tokens:
            self._tokens.add(last.tokens.signs(rows))

    def _store(self, stored: Stored) -> None:
        if not (self._corpus and self._words):
            raise ValueError("no volume was begun")
        self._corpus.add(stored)
        for *_, words, sentences in stored.passages:
            if sentences:
                self._words.add(words)

    def _add_passages(self, embedded: Sequence[Embedded]) -> None:
        self._passages.add(np.stack([passage.vector for passage in embedded]))
        if self._tokens:
            self._tokens.add(passage.tokens for passage in embedded if passage.tokens is not None)

    def _embed(
        self, texts: Sequence[str], embed: Callable[[Sequence[str]], Iterable[T]]
    ) -> dict[str, T]:
        """Embed texts, the longest first so that a batch is of one length."""
        order = sorted(texts, key=lambda text: (-len(text), text))
        results: dict[str, T] = {}
        for start in range(0, len(order), self._at_once):
            self._on_progress(Progress("embedding", self.embedded, self._seen))
            batch = order[start : start + self._at_once]
            results |= zip(batch, embed(batch), strict=True)
            self.embedded += len(batch)
        self._on_progress(Progress("embedding", self.embedded, self._seen))
        return results

    def _encode(self, texts: Sequence[str]) -> list[Embedded]:
        if not isinstance(self._embedder, TokenEmbedder):
            return [Embedded(vector, None) for vector in self._embedder.passages(texts)]
        encoding = self._embedder.encode(texts)
        return [Embedded(*pair) for pair in zip(encoding.vectors, encoding.tokens, strict=True)]


def _runs(articles: Iterable[Same | Fresh], last: Corpus | None) -> Iterator[Fresh | list[Same]]:
    """Yield the articles in order; those that lie side by side in the last index come together."""
    run: list[Same] = []
    for article in articles:
        if run and not (isinstance(article, Same) and last and _go_on(run[-1], article, last)):
            yield run
            run = []
        if isinstance(article, Same):
            run.append(article)
        else:
            yield article
    if run:
        yield run


def _go_on(first: Same, second: Same, last: Corpus) -> bool:
    """Tell whether articles are neighbours in the last index."""
    return last.places[second.id] == last.places[first.id] + 1
