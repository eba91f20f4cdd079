"""Fakes for tests of your own: servers of language models, a model and an embedder.

They need no model and no network. `FakeOllama` and `FakeOpenAI` are real HTTP servers on this
machine that fail in every way the true ones were seen to fail; the other two are passed to
`Library.open`.

>>> from ibid.ports import Message
>>> model = ScriptedGenerator("Cats purr.")
>>> "".join(delta.text for delta in model.stream([Message("user", "Do cats purr?")]))
'Cats purr.'
>>> model.prompts[0][0].content
'Do cats purr?'
"""

from ibid.testing.models import HashEmbedder, ScriptedGenerator
from ibid.testing.ollama import FakeModel, FakeOllama
from ibid.testing.openai import FakeOpenAI
from ibid.testing.servers import FakeServer, Mode, Request

__all__ = [
    "FakeModel",
    "FakeOllama",
    "FakeOpenAI",
    "FakeServer",
    "HashEmbedder",
    "Mode",
    "Request",
    "ScriptedGenerator",
]
