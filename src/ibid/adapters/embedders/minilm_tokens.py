"""The tokens of a text as all-MiniLM-L6-v2 knows them; no more is read than the model can see."""

from pathlib import Path
from typing import Any

from ibid.types import Span

LONGEST = 256  # tokens, the model's own limit; its tokenizer.json says 128

_READ = 32_768
"""Characters that are looked at: 256 tokens are 1,200 of them in English, 8,000 at the most if no
word is longer than 32."""


class Tokens:
    """Turns a text into the numbers of its tokens, [CLS] and [SEP] around them."""

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer

        tokenizer: Any = Tokenizer.from_file(str(path))  # its stubs are typed in part only
        tokenizer.no_padding()
        tokenizer.enable_truncation(LONGEST)
        self._tokenizer = tokenizer

    def ids(self, text: str) -> list[int]:
        """Return the tokens of a text, at most `LONGEST`. Lone surrogates are passed over."""
        return self.split(text)[0]

    def split(self, text: str) -> tuple[list[int], tuple[Span, ...]]:
        """Return the tokens of a text, and where each stands; [CLS] and [SEP] stand nowhere."""
        start = text[:_READ].encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        encoding = self._tokenizer.encode(start)
        return encoding.ids, tuple(Span(*pair) for pair in encoding.offsets)

    def within(self, text: str) -> list[int]:
        """Return the tokens of a text that stands within another one, without [CLS] and [SEP]."""
        return self.ids(text)[1:-1]
