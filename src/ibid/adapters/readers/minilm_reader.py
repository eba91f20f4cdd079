"""The trained reader: all-MiniLM-L6-v2's layers over a question and a window of an article.

`training/` has the script that made its weights, what they were trained on, and its figures.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ibid.adapters.embedders.minilm import MiniLM, map_tensors
from ibid.adapters.embedders.minilm_engine import Words
from ibid.adapters.embedders.minilm_graph import graph_version, make_reader_graph, quietness
from ibid.adapters.embedders.minilm_runtime import Runtime, cores, start_runtime
from ibid.english import is_question
from ibid.errors import ModelMissing
from ibid.ports import Scores, Window
from ibid.settings import cache_folder

Floats = NDArray[np.float32]

WEIGHTS = Path(__file__).with_name("reader.safetensors")
DIGEST = "534e19e9e604ddfe7a4d8738f0823900efee216b7216ae3805f7ada264e5d14c"

COSINE = 18.5
"""What a sentence's cosine to the question counts for in its score, as in training."""

BAR = COSINE / 2
"""What reading takes off a sentence's score before anything is learned, as in training."""

LONGEST_QUESTION, LONGEST_TITLE, LONGEST_WINDOW = 32, 32, 224
"""Tokens that the reader was trained with; a window has its title's among them."""

_CLS, _SEP = 101, 102
_MEAN, _PEAK, _ABSENT = range(3)
"""The heads: of a sentence's tokens the mean of one and the largest of the other count, and of the
first token of all how surely the window does not answer."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """As much of a window as can be read at once."""

    tokens: list[int]
    sentences: list[slice]
    """Where the tokens of each sentence are."""


class MiniLMReader:
    """Reads with the weights that ibid ships; the embedder's own are its first layers."""

    starts_from = MiniLM.identity

    def __init__(
        self,
        embedder: MiniLM,
        precision: str = "auto",
        cache: Path | None = None,
        weights: Path = WEIGHTS,
        digest: str = DIGEST,
    ) -> None:
        self._embedder = embedder
        self._precision, self._cache = precision, cache or cache_folder()
        self._weights, self._digest = weights, digest

    def read(self, question: str, windows: Sequence[Window]) -> list[Scores]:
        """Return what each sentence of each window scores. Raises ModelError.

        A question in a window scores by how close it is to the one that is asked, even odds at
        most: the model was trained to see that it does not answer, not how alike the two are.
        """
        question = question.rstrip(" ?") + "?"  # as in training
        query = self._ask(question)
        pieces = [list(self._cut(window)) for window in windows]
        tokens = {*query, *(id for window in pieces for piece in window for id in piece.tokens)}
        self._embedder.weights.verify_words(sorted(tokens))
        every = [piece for window in pieces for piece in window]
        with ThreadPoolExecutor(cores()) as pool:
            learned = pool.map(partial(self._score, query), every)
            vector = self._embedder.query(question)[0]
            return [
                _score(window, self._cosines(window, vector), [next(learned) for _ in own])
                for window, own in zip(windows, pieces, strict=True)
            ]

    def _ask(self, question: str) -> list[int]:
        return [_CLS, *self._embedder.tokens.within(question)[: LONGEST_QUESTION - 2], _SEP]

    def _cut(self, window: Window) -> Iterator[_Piece]:
        """Yield the window in pieces, each with its title; a sentence too long for one is cut."""
        title = self._embedder.tokens.within(window.title)[:LONGEST_TITLE]
        start = [_CLS, *title, _SEP] if title else [_CLS]
        room = LONGEST_WINDOW - len(start) - 1
        tokens, places = list(start), list[slice]()
        for sentence in window.sentences:
            own = self._embedder.tokens.within(sentence)[:room]
            if places and len(tokens) + len(own) >= LONGEST_WINDOW:
                yield _Piece([*tokens, _SEP], places)
                tokens, places = list(start), []
            places.append(slice(len(tokens), len(tokens) + len(own)))
            tokens += own
        yield _Piece([*tokens, _SEP], places)

    def _score(self, query: Sequence[int], piece: _Piece) -> Scores:
        heads = self._runtime.run(
            {"question": self._words.embed([query]), "window": self._words.embed([piece.tokens])}
        )[0]
        logits, absent = heads[len(query) :], heads[0, _ABSENT]
        scores = [
            logits[place, _MEAN].mean() + logits[place, _PEAK].max() - absent
            if place.start < place.stop
            else -np.inf
            for place in piece.sentences
        ]
        return np.asarray(scores, dtype=np.float32)

    def _cosines(self, window: Window, question: Floats) -> Scores:
        """Return how close each sentence is to the question.

        The few without a vector are embedded as questions are: to embed passages is to verify all
        of the embedder's weights first.
        """
        embeddings = window.vectors or (None,) * len(window.sentences)
        vectors = [
            self._embedder.query(sentence)[0] if vector is None else vector
            for sentence, vector in zip(window.sentences, embeddings, strict=True)
        ]
        return np.stack(vectors) @ question

    @cached_property
    def _words(self) -> Words:
        return Words(self._embedder.weights)

    @cached_property
    def _runtime(self) -> Runtime:
        name = f"{graph_version()}-reader-{self._digest[:16]}"
        return start_runtime(name, self._make_graph, self._precision, self._cache)

    def _make_graph(self, quantised: bool) -> bytes:
        weights = unpack(_read_weights(self._weights, self._digest))
        return make_reader_graph(self._embedder.weights, weights, quantised=quantised)


def _score(window: Window, cosines: Scores, learned: Sequence[Scores]) -> Scores:
    scores = COSINE * cosines + np.concatenate(learned)
    asks = [is_question(sentence) for sentence in window.sentences]
    alike = np.minimum(COSINE * cosines - BAR, 0)
    return np.where(asks, np.maximum(scores, alike), scores)


def unpack(packed: Mapping[str, NDArray[Any]]) -> dict[str, Floats]:
    """Return weights in 32 bits: a matrix of 8 bits has a step for each of its outputs."""
    weights: dict[str, Floats] = {}
    for name, value in packed.items():
        if value.dtype == np.int8:
            steps = packed[f"{name} steps"][:, None]
            loud = any(part in name for part in ("query", "key", "value", "intermediate"))
            quiet = quietness(value.shape[1]) if loud else np.float32(1)
            weights[name] = value.astype(np.float32) * steps / quiet
        elif not name.endswith(" steps"):
            weights[name] = value
    return weights


def _read_weights(path: Path, digest: str) -> Mapping[str, NDArray[Any]]:
    try:
        checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise _not_released(error.strerror or str(error)) from error
    if checksum != digest:
        raise _not_released("it is not the file that was released")
    return map_tensors(path)[0]


def _not_released(reason: str) -> ModelMissing:
    return ModelMissing(
        f"{WEIGHTS.name} of ibid cannot be used: {reason}",
        hint="pip install --force-reinstall --no-deps ibid-articles",
    )
