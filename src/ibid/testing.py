"""Fakes for tests of your own: an Ollama server, a language model and an embedder.

They need no model and no network. `FakeOllama` is a real HTTP server on this machine that fails
in every way the true one was seen to fail; the other two are passed to `Library.open`.

>>> from ibid.ports import Message
>>> model = ScriptedGenerator("Cats purr.")
>>> "".join(delta.text for delta in model.stream([Message("user", "Do cats purr?")]))
'Cats purr.'
>>> model.prompts[0][0].content
'Do cats purr?'
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import partial
from http.server import BaseHTTPRequestHandler
from itertools import repeat
from socketserver import ThreadingTCPServer
from threading import Event, Thread
from typing import Any

import numpy as np

from ibid.errors import IbidError
from ibid.lexical import find_terms, stems
from ibid.ports import EmbedderIdentity, Encoded, EncodedQuery, Message, Vectors
from ibid.types import Delta

_PAUSE = 0.02  # seconds between the bytes of a slow server


class Mode(StrEnum):
    """How the fake server answers a request."""

    OK = auto()
    CANNOT_THINK = auto()  # error 400 where `think` is sent at all, else like OK
    THINKS = auto()  # all tokens go into thoughts, which come apart from the content
    LEAKS_THOUGHTS = auto()  # `<think>…</think>` stands in the content
    NEVER_STOPS_THINKING = auto()  # `<think>` stands in the content and is not closed
    WRITES_NOTHING = auto()
    ENDS_EARLY = auto()  # the stream ends without `done`
    BREAKS_OFF = auto()  # the connection closes in the middle of a line
    CUT = auto()  # `done_reason` is "length"
    GIVES_NO_REASON = auto()  # `done_reason` is null, as after 30 equal tokens
    STOPS_WITH_ERROR = auto()  # the last line of the stream is an error
    NOT_JSON = auto()
    TOO_LONG = auto()  # error 400 with `n_prompt_tokens` 9000 and `n_ctx` 8192
    FAILS = auto()  # error 500
    REDIRECTS = auto()
    REMOTE = auto()  # each line says that another machine wrote it
    HANGS = auto()  # not one byte comes
    TRICKLES = auto()  # a byte of the headers comes now and then
    RAMBLES = auto()  # the text repeats for ever, a piece now and then
    FLOODS = auto()  # two megabytes without the end of a line


@dataclass(frozen=True, slots=True)
class FakeModel:
    """A model that the fake server has; `remote` ones run elsewhere, whatever their name."""

    name: str = "qwen3:4b-instruct"
    embeds: bool = False
    remote: bool = False

    def listed(self) -> Mapping[str, object]:
        """Return what the server says of it in a list."""
        elsewhere = {"remote_model": "big", "remote_host": "https://ollama.com:443"}
        details = {"format": "" if self.remote else "gguf", "family": "fake"}
        entry = {"name": self.name, "model": self.name, "details": details}
        return entry | elsewhere if self.remote else entry

    def shown(self) -> Mapping[str, object]:
        """Return what the server says when it is asked for this model."""
        capability = "embedding" if self.embeds else "completion"
        return {**self.listed(), "model_info": {}, "capabilities": [capability]}


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked; `body` is the text as it came."""

    path: str
    body: str


class FakeOllama:
    """An Ollama server on a free port of 127.0.0.1; use it as a context manager.

    The n-th chat follows the n-th of `modes` (the last one from then on) and writes `text`, a few
    letters a line. `listing` is the mode for everything else. A model that is not among `models`
    is answered with error 404.
    """

    def __init__(
        self,
        *modes: Mode,
        text: str = "Ibid means in the same place.",
        models: Sequence[FakeModel] = (FakeModel(),),
        listing: Mode = Mode.OK,
    ) -> None:
        self.text = text
        self.models = {model.name: model for model in models}
        self.listing = listing
        self.requests: list[Request] = []
        self.hung_up = Event()
        """Set once a client closed the connection before the answer's end."""
        self.over = Event()
        self._modes = list(modes or (Mode.OK,))
        self._server = ThreadingTCPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._thread = Thread(target=self._server.serve_forever, args=(_PAUSE,), daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def chats(self) -> list[Request]:
        """The requests for an answer, in order."""
        return [request for request in self.requests if request.path == "/api/chat"]

    def __enter__(self) -> "FakeOllama":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def next_mode(self, path: str) -> Mode:
        """Return how the request that came last is answered."""
        if path != "/api/chat":
            return self.listing
        return self._modes[min(len(self.chats), len(self._modes)) - 1]


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
        tokens = (np.frombuffer(each, dtype=np.uint8).reshape(-1, 8) for each in signs)
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


class _Handler(BaseHTTPRequestHandler):
    timeout = 5

    def __init__(self, fake: FakeOllama, *args: Any) -> None:
        self._fake = fake
        super().__init__(*args)

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing to stderr."""

    def handle(self) -> None:
        """Answer one request, or note that nobody waits for the answer any more."""
        try:
            super().handle()
        except OSError:
            self._fake.hung_up.set()

    def do_POST(self) -> None:
        """Answer a request of either method."""
        size = int(self.headers.get("Content-Length") or 0)
        request = Request(self.path, self.rfile.read(size).decode("utf-8"))
        self._fake.requests.append(request)
        self._follow(self._fake.next_mode(self.path), request)

    do_GET = do_POST  # noqa: N815 - http.server's own name

    def _follow(self, mode: Mode, request: Request) -> None:
        match mode:
            case Mode.HANGS:
                self._fake.over.wait()
            case Mode.TRICKLES:
                self._send_slowly(repeat(b"H"))
            case Mode.FAILS:
                self._send(500, b'{"error":"llama runner process has terminated"}')
            case Mode.REDIRECTS:
                self._send(307, b"", Location=f"{self._fake.address}/elsewhere")
            case Mode.NOT_JSON:
                self._send(200, b"<html>\n")
            case Mode.TOO_LONG:
                self._send(400, _line({"error": json.dumps(_OVERFLOW)}))
            case Mode.CANNOT_THINK if "think" in json.loads(request.body):
                self._send(400, b'{"error":"\\"tiny\\" does not support thinking"}')
            case _ if request.path == "/api/tags":
                self._send(200, _line({"models": [m.listed() for m in self._fake.models.values()]}))
            case _:
                self._follow_with_model(mode, request)

    def _follow_with_model(self, mode: Mode, request: Request) -> None:
        name = json.loads(request.body)["model"]
        model = self._fake.models.get(name)
        if model is None:
            self._send(404, _line({"error": f"model '{name}' not found"}))
        elif request.path == "/api/show":
            self._send(200, _line(model.shown()))
        elif mode is Mode.RAMBLES:
            self._send(200, b"")
            self._send_slowly(repeat(_line(_says(self._fake.text))))
        elif mode is Mode.FLOODS:
            self._send(200, b"." * 2_000_000)
        elif mode is Mode.BREAKS_OFF:
            self._send(200, _line(_says(self._fake.text))[:-9], Content_Length="999")
        else:
            self._send(200, b"".join(map(_line, _records(mode, self._fake.text))))

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _send_slowly(self, pieces: Iterator[bytes]) -> None:
        while not self._fake.over.wait(_PAUSE):
            self.wfile.write(next(pieces))


_OVERFLOW = {"error": {"code": 400, "n_prompt_tokens": 9000, "n_ctx": 8192}}
_BEFORE = {
    Mode.LEAKS_THOUGHTS: "<think>Is <b> a tag?</think>\n\n",
    Mode.NEVER_STOPS_THINKING: "<think>",
}
_REASONS = {Mode.CUT: "length", Mode.THINKS: "length", Mode.GIVES_NO_REASON: None}


def _records(mode: Mode, text: str) -> Iterator[Mapping[str, object]]:
    """Yield the lines of a whole answer, or of one that lacks its end."""
    content = "" if mode is Mode.WRITES_NOTHING else _BEFORE.get(mode, "") + text
    field = "thinking" if mode is Mode.THINKS else "content"
    extra = {"remote_host": "https://ollama.com:443"} if mode is Mode.REMOTE else {}
    for start in range(0, len(content), 3):
        yield {**_says(content[start : start + 3], field), **extra}
    if mode is Mode.STOPS_WITH_ERROR:
        yield {"error": "an error was encountered while running the model"}
    elif mode is not Mode.ENDS_EARLY:
        yield {**_says(""), "done": True, "done_reason": _REASONS.get(mode, "stop")}


def _says(text: str, field: str = "content") -> Mapping[str, object]:
    return {"message": {"role": "assistant", "content": "", field: text}, "done": False}


def _line(record: Mapping[str, object]) -> bytes:
    return json.dumps(record).encode() + b"\n"
