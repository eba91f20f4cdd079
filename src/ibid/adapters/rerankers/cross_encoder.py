"""Any cross-encoder of sentence-transformers, by the name or the folder that the library knows."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ibid.adapters.embedders.folders import find_folder
from ibid.errors import ModelMissing
from ibid.text import collapse

_BATCH = 8


class CrossEncoderReranker:
    """Scores with a cross-encoder, loaded at the first use and never downloaded."""

    def __init__(self, name: str) -> None:
        self._name = name

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text fits a question. Raises ModelMissing."""
        if not texts:
            return []
        pairs = [(question, text) for text in texts]
        scores = np.asarray(
            self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False), dtype=np.float64
        )
        if scores.shape != (len(texts),) or not np.isfinite(scores).all():
            raise self._unusable("it does not give a number for each passage")
        return [float(score) for score in scores]

    @cached_property
    def _model(self) -> Any:
        folder = find_folder(self._name)
        from sentence_transformers import CrossEncoder
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        untyped: Any = CrossEncoder
        try:
            return untyped(
                str(folder),
                device="cpu",
                local_files_only=True,
                model_kwargs={"use_safetensors": True},  # the other format can run code
            )
        except (OSError, ValueError, KeyError, ImportError) as error:
            raise self._unusable(collapse(str(error))) from error

    def _unusable(self, reason: str) -> ModelMissing:
        hint = "give the folder of a cross-encoder of sentence-transformers that has one label"
        return ModelMissing(f"the reranker {self._name} cannot be used: {reason}", hint=hint)
