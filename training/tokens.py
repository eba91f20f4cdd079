"""Questions and windows in tokens, with the sentence that a token belongs to."""

from functools import lru_cache

from examples import Window
from tokenizers import Tokenizer

from ibid.adapters.embedders.minilm import find_model

LONGEST, LONGEST_QUESTION = 224, 32
"""Tokens of a window and of a question: together 256, the most that the model was trained with."""

CLS, SEP = 101, 102


class Texts:
    """Turns texts into tokens."""

    def __init__(self) -> None:
        self._tokenizer = Tokenizer.from_file(str(find_model() / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.window = lru_cache(200_000)(self._window)
        self.question = lru_cache(200_000)(self._question)

    def _ids(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    def _question(self, text: str) -> list[int]:
        """Return the tokens of a question, whether or not it ends with a question mark."""
        asked = text.rstrip(" ?") + "?"
        return [CLS, *self._ids(asked)[: LONGEST_QUESTION - 2], SEP]

    def _window(self, window: Window) -> tuple[list[int], list[int]]:
        """Return the tokens, and the number of the sentence of each, -1 where it is of none.

        What is too long is cut off.
        """
        tokens = [CLS]
        if window.title:
            tokens += [*self._ids(window.title)[:32], SEP]
        numbers = [-1] * len(tokens)
        for number, sentence in enumerate(window.sentences):
            own = self._ids(sentence)
            tokens += own
            numbers += [number] * len(own)
        return [*tokens[: LONGEST - 1], SEP], [*numbers[: LONGEST - 1], -1]
