"""The files of an index in the making: article by article, in a scratch folder on the disk.

Memory does not grow with the folder of articles: what is held is one block of texts to embed.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from ibid.english import stems
from ibid.index.corpus import Corpus, Run
from ibid.index.corpus_writing import CorpusWriter
from ibid.index.opened import Index
from ibid.index.passages import embedded_sentence, embedded_text
from ibid.index.token_vectors import SIGNS, TokenWriter
from ibid.index.vector_cache import Embedded, Recall, Vector
from ibid.index.volumes import Volume
from ibid.ports import Blocks, Embedder, Files, Splitter, TokenEmbedder, VectorWriter, WordWriter
from ibid.storage import FileBlocks, part_name
from ibid.text import search_copy
from ibid.types import Article, ArticleId, Passage, Progress

T = TypeVar("T")

OnProgress = Callable[[Progress], None]

_EMBED_AT_ONCE = 64
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
        self._corpus = CorpusWriter(folder / "corpus.sqlite", last.index.corpus if last else None)
        self._passages = parts.vectors(folder / "passages.faiss", dimensions, half=False)
        self._sentences = parts.vectors(folder / "sentences.faiss", dimensions, half=True)
        self._tokens = TokenWriter(folder) if isinstance(embedder, TokenEmbedder) else None
        self._write_words, self._words, self._volumes = parts.words, None, 0
        self._word_files: dict[str, Blocks] = {}
        self._waiting: list[Same | Fresh] = []
        self._passage_texts: dict[str, None] = {}
        self._sentence_texts: dict[str, None] = {}
        self._seen = self.embedded = 0

    @property
    def articles(self) -> int:
        """How many articles it has."""
        return self._corpus.articles + len(self._waiting)

    @property
    def passages(self) -> int:
        """How many passages can be found in it, once it is finished."""
        return self._corpus.rows

    def begin(self) -> None:
        """Begin a volume: the articles that are added next."""
        self._end_volume()
        self._passages.begin()
        self._sentences.begin()
        if self._tokens:
            self._tokens.begin()
        self._words = self._write_words(self._folder / self._words_folder)

    def take(self, volume: Volume, articles: Sequence[Same]) -> None:
        """Take a volume of the last index, with its files; copies of its articles may be others."""
        if not self._last:
            raise ValueError("there is no last index")
        self._end_volume()
        last = self._last.index
        for same in _runs(articles, last.corpus):
            if not isinstance(same, Fresh):
                deque(self._copy_articles(same, last.corpus), maxlen=0)
        self._passages.take(volume.files["passages.faiss"])
        self._sentences.take(volume.files["sentences.faiss"])
        if self._tokens and last.tokens:
            self._tokens.take(volume.files[SIGNS], last.tokens.lengths(volume.rows))
        for name, file in volume.files.items():
            if name.startswith("words/"):
                self._word_files[part_name(name, self._volumes - 1)] = file

    @property
    def _words_folder(self) -> str:
        return part_name("words", self._volumes - 1)

    def _end_volume(self) -> None:
        """Write what waits of a volume; the next one begins."""
        self._flush()
        if self._words:
            top = self._words_folder
            self._word_files |= {f"{top}/{n}": file for n, file in self._words.files().items()}
            self._words = None
        self._volumes += 1

    def add(self, article: Same | Fresh) -> None:
        """Add the next article."""
        self._waiting.append(article)
        if isinstance(article, Fresh):
            self._passage_texts |= dict.fromkeys(article.passage_texts())
            self._sentence_texts |= dict.fromkeys(article.sentence_texts())
        if len(self._passage_texts) + len(self._sentence_texts) >= _EMBED_TOGETHER:
            self._flush()

    def finish(self) -> Files:
        """Return the files; nothing is added afterwards."""
        self._end_volume()
        self._corpus.close()
        return {
            "corpus.sqlite": FileBlocks(self._folder / "corpus.sqlite"),
            **self._passages.files(),
            **self._sentences.files(),
            **(self._tokens.files() if self._tokens else {}),
            **self._word_files,
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
        found = [_indexed_stems(fresh.article, p) if p.sentences else "" for p in fresh.passages]
        self._corpus.add(fresh.article, fresh.passages, found)
        for passage, words in zip(fresh.passages, found, strict=True):
            if passage.sentences:
                self._add_words(words)
        self._add_passages([passages[text] for text in fresh.passage_texts()])
        self._sentences.add(np.stack([sentences[text] for text in fresh.sentence_texts()]))

    def _copy(self, same: Sequence[Same], last: Index) -> None:
        """Write articles that lie side by side in the last index, and have their copies there."""
        for run in self._copy_articles(same, last.corpus):
            for words in last.corpus.stems_of(run.rows):
                self._add_words(words)
            self._passages.add_codes(last.meaning.codes(run.rows))
            self._sentences.add_codes(last.sentences.codes(run.sentences))
            if self._tokens and last.tokens:
                self._tokens.add(last.tokens.signs(run.rows))

    def _copy_articles(self, same: Sequence[Same], last: Corpus) -> Iterator[Run]:
        copies = same[0].copies if len(same) == 1 else None
        return self._corpus.copy(last, [each.id for each in same], copies)

    def _add_words(self, stems: str) -> None:
        if not self._words:
            raise ValueError("no volume was begun")
        self._words.add(stems)

    def _add_passages(self, embedded: Sequence[Embedded]) -> None:
        self._passages.add(np.stack([each.vector for each in embedded]))
        if self._tokens:
            self._tokens.add(each.tokens for each in embedded if each.tokens is not None)

    def _embed(
        self, texts: Sequence[str], embed: Callable[[Sequence[str]], Iterable[T]]
    ) -> dict[str, T]:
        """Embed texts, the longest first so that a batch is of one length."""
        order = sorted(texts, key=lambda text: (-len(text), text))
        found: dict[str, T] = {}
        for start in range(0, len(order), _EMBED_AT_ONCE):
            self._on_progress(Progress("embedding", self.embedded, self._seen))
            batch = order[start : start + _EMBED_AT_ONCE]
            found |= zip(batch, embed(batch), strict=True)
            self.embedded += len(batch)
        self._on_progress(Progress("embedding", self.embedded, self._seen))
        return found

    def _encode(self, texts: Sequence[str]) -> list[Embedded]:
        if not isinstance(self._embedder, TokenEmbedder):
            return [Embedded(vector, None) for vector in self._embedder.passages(texts)]
        found = self._embedder.encode(texts)
        return [Embedded(*pair) for pair in zip(found.vectors, found.tokens, strict=True)]


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


def _go_on(one: Same, other: Same, last: Corpus) -> bool:
    """Tell whether articles are neighbours in the last index, and have the same copies as there."""
    beside = last.places[other.id] == last.places[one.id] + 1
    return beside and all(last.copies.get(each.id, ()) == each.copies for each in (one, other))


def _indexed_stems(article: Article, passage: Passage) -> str:
    """Return the stems a passage is found by: its article's title, its headings and its text."""
    text = "\n".join((article.title, *passage.headings, passage.text))
    return " ".join(stems(search_copy(text)))
