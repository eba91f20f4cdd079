"""Fakes for tests of your own: a language model and an embedder, passed to `Library.open`.

They need no model and no network.

>>> from ibid.ports import Message
>>> model = ScriptedGenerator("Cats purr.")
>>> "".join(delta.text for delta in model.stream([Message("user", "Do cats purr?")]))
'Cats purr.'
>>> model.prompts[0][0].content
'Do cats purr?'
"""

import hashlib
import re
from collections.abc import Iterator, Sequence

import numpy as np

from ibid.english import find_terms, stems
from ibid.errors import IbidError
from ibid.ports import EmbedderIdentity, Encoded, EncodedQuery, Message, Vectors
from ibid.types import Delta


class ScriptedGenerator:
    """A language model that says what it was told to; satisfies `ibid.ports.Generator`.

    The n-th call plays the n-th reply, word by word (the last one from then on); an error is
    raised in its turn. `prompts` holds the messages of every call.
    """

    name = "scripted"

    def __init__(self, *replies: str | IbidError, context: int = 8192) -> None:
        self.context = context
        self.prompts: list[tuple[Message, ...]] = []
        self._replies = replies or ("",)

    def stream(self, messages: Sequence[Message]) -> Iterator[Delta]:
        """Yield the reply word by word."""
        self.prompts.append(tuple(messages))
        reply = self._replies[min(len(self.prompts), len(self._replies)) - 1]
        if isinstance(reply, IbidError):
            raise reply
        yield from map(Delta, re.findall(r"\s*\S+|\s+", reply))


class HashEmbedder:
    """An embedder without a model; satisfies `ibid.ports.Embedder`.

    A word counts in one of 64 dimensions, with a sign, both told by its stem's hash (Weinberger
    et al. 2009): texts are close that share words.
    """

    identity = EmbedderIdentity("hashed-words", "1", 64)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text, shape (len(texts), 64)."""
        rows = [self.query(text) for text in texts]
        return np.concatenate(rows) if rows else np.zeros((0, 64), dtype=np.float32)

    def query(self, text: str) -> Vectors:
        """Return the vector of one text, shape (1, 64)."""
        vector = np.zeros((1, 64), dtype=np.float32)
        for stem in stems(text):
            digest = hashlib.sha256(stem.encode("utf-8", "replace")).digest()
            vector[0, digest[0] % 64] += 1 if digest[1] % 2 else -1
        if not vector.any():
            vector[0, 0] = 1  # nothing to say, and still of unit length
        return (vector / np.linalg.norm(vector)).astype(np.float32)

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Return the vectors of texts, and of each word 64 bits of its stem's hash."""
        signs = (b"".join(map(_bits, stems(text))) or _bits("") for text in texts)
        tokens = (np.frombuffer(sign, dtype=np.uint8).reshape(-1, 8) for sign in signs)
        return Encoded(self.passages(texts), tuple(tokens))

    def encode_query(self, text: str) -> EncodedQuery:
        """Return the vector of a question, and those of its words: close to themselves alone."""
        terms = find_terms(text)
        bits = np.frombuffer(b"".join(_bits(term.stem) for term in terms), dtype=np.uint8)
        signs = np.unpackbits(bits.reshape(-1, 8), axis=1).astype(np.float32)
        tokens = np.asarray(signs / 4 - 0.125, dtype=np.float32)
        return EncodedQuery(self.query(text), tokens, tuple(term.span for term in terms))


def _bits(stem: str) -> bytes:
    return hashlib.sha256(stem.encode("utf-8", "replace")).digest()[:8]
