"""Any sentence-transformers model, by the name or the folder that the library knows it by."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ibid.adapters.embedders.folders import digest_of, find_folder
from ibid.errors import ModelMissing
from ibid.ports import EmbedderIdentity, Vectors
from ibid.text import collapse

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH = 16  # batches of 4 to 16 beat 32 to 64 on a CPU: less padding


class SentenceTransformerEmbedder:
    """Embeds with a sentence-transformers model, loaded at the first use and never downloaded."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def identity(self) -> EmbedderIdentity:
        return self._identity

    @cached_property
    def _identity(self) -> EmbedderIdentity:
        return EmbedderIdentity(self._name, digest_of(find_folder(self._name)), self._dimensions)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text, shape (len(texts), dimensions)."""
        if not texts:
            return np.zeros((0, self._dimensions), dtype=np.float32)
        model: Any = self._model  # its overloads are typed in part only
        vectors = model.encode_document(
            list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)

    def query(self, text: str) -> Vectors:
        """Return the vector of one question, shape (1, dimensions)."""
        model: Any = self._model
        vectors = model.encode_query([text], normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)

    @cached_property
    def _model(self) -> "SentenceTransformer":
        folder = find_folder(self._name)
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        try:
            return SentenceTransformer(
                str(folder),
                device="cpu",
                local_files_only=True,
                model_kwargs={"use_safetensors": True},  # the other format can run code
            )
        except (OSError, ValueError, KeyError, ImportError) as error:
            raise ModelMissing(
                f"the embedding model in {folder} cannot be loaded: {collapse(str(error))}",
                hint="give the folder of a sentence-transformers model",
            ) from error

    @property
    def _dimensions(self) -> int:
        return int(self._model.get_embedding_dimension() or 0)
