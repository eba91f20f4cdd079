"""An embedding model of a server on this machine: of Ollama, or of one that speaks OpenAI's API.

Passages go to that server, so what holds for models that write holds here: loopback alone, unless
its user allows more.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from types import ModuleType

import numpy as np

from ibid.adapters.servers.connection import Deadline, Model, ServerKind
from ibid.errors import ServerUnavailable, UsageError
from ibid.ports import EmbedderIdentity, Vectors
from ibid.settings import Settings

_BATCH = 16
_SECONDS = 120.0
"""For a batch: a processor without GPU may have to load the model first."""

KINDS = ("ollama", "server")
"""What the name of such a model begins with, before a colon."""


def is_served(name: str) -> bool:
    """Tell whether a name is that of a model of a server.

    >>> is_served("ollama:nomic-embed-text"), is_served("all-MiniLM-L6-v2")
    (True, False)
    """
    kind, _, model = name.partition(":")
    return kind in KINDS and bool(model)


class ServedEmbedder:
    """Embeds with the model that `embedder` names, at the address that the settings have.

    Raises UsageError, ModelError when the model or its server cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        kind, _, self._name = settings.embedder.partition(":")
        self._is_ollama = kind == "ollama"
        self._shown = settings.embedder
        self._address = settings.ollama if self._is_ollama else settings.server
        self._allow_remote = settings.allow_remote and not settings.is_local("embedder")
        if not self._address:
            hint = f"--server URL, or --embedder ollama:{self._name}"
            raise UsageError(f"no server is set for {self._shown}", hint=hint)

    @property
    def identity(self) -> EmbedderIdentity:
        """The digest of the model where its server tells one, else that of its name."""
        return self._identity

    @cached_property
    def _identity(self) -> EmbedderIdentity:
        digest = self._model.digest or hashlib.sha256(self._shown.encode()).hexdigest()
        return EmbedderIdentity(self._shown, digest, self._embed(["dimensions"]).shape[1])

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text, shape (len(texts), dimensions)."""
        batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
        if not batches:
            return np.zeros((0, self.identity.dimensions), dtype=np.float32)
        vectors = [self._embed(batch) for batch in batches]
        if len({block.shape[1] for block in vectors}) > 1:
            raise self._odd("its vectors have not all the same length")
        return np.concatenate(vectors)

    def query(self, text: str) -> Vectors:
        """Return the vector of one question, shape (1, dimensions)."""
        return self._embed([text])

    @cached_property
    def _model(self) -> Model:
        allowed = self._allow_remote
        model: Model = self._server.find_embedder(self._name, self._address, allow_remote=allowed)
        return model

    @property
    def _server(self) -> ModuleType:
        from ibid.adapters.servers import ollama, openai_server

        return ollama if self._is_ollama else openai_server

    def _embed(self, texts: Sequence[str]) -> Vectors:
        allowed = self._allow_remote
        with Deadline(_SECONDS) as deadline:
            reply: list[object] = self._server.embed(
                self._model, texts, self._address, deadline, allow_remote=allowed
            )
        try:
            vectors = np.asarray(reply, dtype=np.float64)
        except (ValueError, TypeError) as error:
            raise self._odd("what it sent are no vectors") from error
        if vectors.ndim != 2 or len(vectors) != len(texts) or not vectors.size:  # noqa: PLR2004
            raise self._odd(f"it sent {len(reply)} vectors for {len(texts)} texts")
        with np.errstate(over="ignore"):
            lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not (np.isfinite(lengths).all() and lengths.all()):
            raise self._odd("a vector of it is no direction")
        return (vectors / lengths).astype(np.float32)

    def _odd(self, fault: str) -> ServerUnavailable:
        kind: ServerKind = self._server.OLLAMA if self._is_ollama else self._server.OPENAI
        message = f"{kind.name} does not embed with {self._name}: {fault}"
        return ServerUnavailable(message, hint="name a model that embeds texts with --embedder")
