"""What the tests of model servers share: a short deadline, and servers that misbehave."""

import re
import socket
import threading

from fakes import FakeOpenAI, FakeServer
from ibid.adapters.servers.connection import Patience
from ibid.adapters.servers.ollama import PREFERRED, OllamaGenerator
from ibid.adapters.servers.openai_server import OpenAIGenerator
from ibid.ports import Message

TEXT = "Ibid means in the same place."
QUESTION = [Message("system", "Answer from the passages."), Message("user", "What is ibid?")]
SOON = 2.0  # seconds: what these tests let a server take
LATE = 60.0
"""Seconds that no failure takes, on however busy a machine; without a deadline it is 300 or 900."""


def generator(
    server: FakeServer, first_token_within: float = SOON, answer_within: float = SOON
) -> OllamaGenerator | OpenAIGenerator:
    """Return the model of a fake server, spoken to in its own way."""
    patience = Patience(first_token_within, answer_within)
    if isinstance(server, FakeOpenAI):
        return OpenAIGenerator(server.models[0], server.address, patience=patience)
    return OllamaGenerator(PREFERRED[0], server.address, patience=patience)


def ask(server: FakeServer) -> str:
    return "".join(delta.text for delta in generator(server).stream(QUESTION))


def unused_address() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


class raw_server:  # noqa: N801 - it reads like a function
    """Answers every request with the same bytes, then closes."""

    def __init__(self, reply: bytes) -> None:
        self._reply = reply
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(SOON)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with client:
                client.settimeout(SOON)
                request = client.recv(65_536)
                head, _, body = request.partition(b"\r\n\r\n")
                size = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                if size and len(body) < int(size[1]):
                    client.recv(65_536)
                if request:
                    client.sendall(self._reply)
