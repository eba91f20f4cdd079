"""How many tokens a text may take, counted without a tokenizer."""

import re

ANSWER_TOKENS = 1024
"""Room that is kept for the answer."""


SAMPLING = {"temperature": 0, "seed": 1}
"""With these a model writes the same answer to the same prompt."""


_TOKEN = re.compile(r"[A-Za-z]{1,6}|[!-/:-@\[-`{-~]{1,2}|[ \t]{2,16}|\n+|[0-9]|[^\x00-\x7f]")
"""What takes a token at most in nearly all texts (docs/decisions): six letters of a word, a digit,
two marks, a character beyond ASCII."""


TEMPLATE_TOKENS = 64
"""What the marks between messages may take."""


_TOKEN_AT_LEAST = re.compile(r"(?<!['’])[^\W_]+|[^\w\s'’]+(?![^\W_])")


def answer_room(context: int) -> int:
    """Return how many tokens of a context are kept for the answer."""
    return min(ANSWER_TOKENS, context // 2)


def count_tokens(text: str) -> int:
    """Return a careful estimate of how many tokens `text` takes."""
    return sum(1 for _ in _TOKEN.finditer(text)) + 1


def least_tokens(text: str) -> int:
    """Return a number of tokens that no language model's tokenizer stays below.

    A word is one at least, and so is a run of punctuation: one that stands before a word, or the
    end of a contraction, may be one token with it.
    """
    return sum(1 for _ in _TOKEN_AT_LEAST.finditer(text))
