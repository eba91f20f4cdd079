"""What the core needs from the outside, as small protocols that adapters satisfy by shape."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ibid.types import Delta, Span

Vectors = NDArray[np.float32]
"""Shape (n, dimensions); every row has unit length."""


Signs = NDArray[np.uint8]
"""Shape (tokens, dimensions / 8): a bit per number of a token's vector, set where it is positive,
as `numpy.packbits` packs them."""


@dataclass(frozen=True, slots=True)
class EmbedderIdentity:
    """Which model makes the vectors: two embedders with the same identity are interchangeable.

    What a model is called is shown, and is no part of what it is.
    """

    name: str = field(compare=False)
    digest: str
    """SHA-256 of weights and configuration where they are known, else the model's own revision."""
    dimensions: int


class Embedder(Protocol):
    """Turns text into vectors of unit length.

    Passages and questions have a method each, since some models want them marked apart.
    """

    @property
    def identity(self) -> EmbedderIdentity: ...

    def passages(self, texts: Sequence[str]) -> Vectors: ...

    def query(self, text: str) -> Vectors: ...


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts as vectors, and each of their tokens as the signs of its own vector."""

    vectors: Vectors
    tokens: tuple[Signs, ...]
    """One per text, each with one token or more."""


@dataclass(frozen=True, slots=True)
class EncodedQuery:
    """A question as a vector, and each of its tokens as one."""

    vector: Vectors
    tokens: Vectors
    spans: tuple[Span, ...]
    """Where each token stands in the question."""


@runtime_checkable
class TokenEmbedder(Embedder, Protocol):
    """An embedder that tells the vectors of tokens, too: its index ranks by late interaction."""

    def encode(self, texts: Sequence[str]) -> Encoded: ...

    def encode_query(self, text: str) -> EncodedQuery: ...


@runtime_checkable
class SpreadEmbedder(Embedder, Protocol):
    """An embedder that gives texts to many processors: it wants more of them in a call."""

    def texts_at_once(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Window:
    """Sentences of a passage, in their order, as a reader gets them."""

    title: str
    """Of the article, and the headings above the passage."""
    sentences: tuple[str, ...]
    vectors: tuple[NDArray[np.float32] | None, ...] = ()
    """Of the sentences, by the embedder that the reader starts from; None where one is unknown, and
    empty where all are."""


Scores = NDArray[np.float32]
"""Shape (sentences,): log-odds that each of them answers, rather than that none does."""


class Reader(Protocol):
    """A model that reads a question together with windows, and tells which sentences answer it."""

    @property
    def starts_from(self) -> EmbedderIdentity:
        """The embedder whose vectors it takes."""
        ...

    def read(self, question: str, windows: Sequence[Window]) -> list[Scores]: ...


class Reranker(Protocol):
    """A model that reads a question together with each passage, and tells how well they fit."""

    def score(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return a finite number per text; a larger one fits better."""
        ...


class VectorIndex(Protocol):
    """Finds vectors by inner product. Rows are counted from 0 in the order they were added."""

    def __len__(self) -> int: ...

    def search(
        self, query: Vectors, k: int, rows: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return at most `k` (row, inner product) of `rows`, best first, ties by row."""
        ...

    def vectors(self, rows: Sequence[int]) -> Vectors: ...

    def codes(self, rows: range) -> bytes:
        """Return the vectors of neighbouring rows as a writer of the same kind stores them."""
        ...


class TokenVectors(Protocol):
    """The tokens of passages, by the rows that these have."""

    def __len__(self) -> int: ...

    def lengths(self, rows: range) -> Sequence[int]:
        """Return how many tokens each of some neighbouring rows has."""
        ...

    def signs(self, rows: Sequence[int]) -> list[Signs]: ...

    def closest(self, query: Vectors, rows: Sequence[int]) -> NDArray[np.float32]:
        """Return for each row how close its closest token is to each token of the query.

        Shape (len(rows), len(query)), from -1 to 1.
        """
        ...


Variant = tuple[str, ...]
"""A way to write a word: one stem, or several that have to stand in the same text."""

Wanted = str | Sequence[Variant]
"""A word of a search: a stem, or the ways to write it, of which the best one counts."""


class LexicalIndex(Protocol):
    """Finds texts by their words (BM25). Rows are counted from 0 in the order they were added."""

    def __len__(self) -> int: ...

    def search(
        self, terms: Sequence[Wanted], k: int, rows: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return at most `k` (row, BM25) of `rows`, best first, ties by row.

        `rows` leave the scores as they are: words are as rare as they are in the whole index.
        """
        ...

    def document_frequencies(self, terms: Sequence[str]) -> list[int]: ...

    def terms(self, beginning: str) -> list[str]:
        """Return the terms that begin so, those in the most rows first."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt."""

    role: str
    content: str


class Generator(Protocol):
    """A language model that continues a list of messages."""

    @property
    def name(self) -> str: ...

    @property
    def context(self) -> int:
        """How many tokens prompt and answer may have together."""
        ...

    def stream(self, messages: Sequence[Message]) -> Iterator[Delta]:
        """Yield the answer piece by piece; closing the iterator stops the model.

        Raises ServerUnavailable, ModelMissing or AnswerIncomplete, never ends short in silence.
        """
        ...


Blocks = Iterable[bytes]
"""The bytes of a file, block by block; they can be gone through more than once."""

Files = Mapping[str, Blocks]
"""An index part as it goes to disk: file name to bytes."""


class StoredFile(Protocol):
    """A file that is complete on the disk, and the bytes in it."""

    @property
    def path(self) -> Path: ...

    def __iter__(self) -> Iterator[bytes]: ...


class VectorWriter(Protocol):
    """Makes a VectorIndex on the disk, so that memory does not grow with it."""

    def add(self, vectors: Vectors) -> None: ...

    def add_codes(self, codes: bytes, rows: range) -> None:
        """Add vectors that the last index has in these rows."""
        ...

    def begin(self) -> None:
        """Begin the next volume."""
        ...

    def take(self, vectors: StoredFile, rows: range) -> None:
        """Take a volume of the last index as it is, which has these rows there."""
        ...

    def files(self, last: VectorIndex | None = None) -> Files:
        """Return the files; `last` is the index that rows were taken from."""
        ...


class WordWriter(Protocol):
    """Makes a LexicalIndex on the disk, so that memory does not grow with it."""

    def add(self, stems: str) -> None:
        """Add the next row: its stems, with blanks between them."""
        ...

    def files(self) -> Files: ...


Splitter = Callable[[str], Iterable[str]]
"""Cuts a long text into pieces whose concatenation is the text."""
