"""Servers of language models that fail in every way the true ones were seen to fail."""

from fakes.ollama import FakeModel, FakeOllama
from fakes.openai import FakeOpenAI
from fakes.servers import FakeServer, Mode, Request

__all__ = ["FakeModel", "FakeOllama", "FakeOpenAI", "FakeServer", "Mode", "Request"]
