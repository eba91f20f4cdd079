"""What the fake servers share: how they fail, and the HTTP below."""

import json
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import partial
from http.server import BaseHTTPRequestHandler
from itertools import repeat
from socketserver import ThreadingTCPServer
from threading import Condition, Event, Thread
from typing import Any

from ibid.testing import HashEmbedder

_PAUSE = 0.02  # seconds between the bytes of a slow server


class Mode(StrEnum):
    """How a fake server answers a request."""

    OK = auto()
    CANNOT_THINK = auto()  # error 400 where the body says anything about thinking, else like OK
    DOES_NOT_COUNT = auto()  # the server does not say how long the prompt was
    LEAKS_THOUGHTS = auto()  # `<think>…</think>` stands in the content
    THINKS = auto()  # all tokens go into thoughts, which come apart from the content
    THINKS_UNMARKED = auto()  # thoughts stand in the content and end with `</think>`
    NEVER_STOPS_THINKING = auto()  # `<think>` stands in the content and is not closed
    WRITES_NOTHING = auto()
    ENDS_EARLY = auto()  # the stream ends without its end
    NEVER_SAYS_DONE = auto()  # it gives the reason, and not the record that is always last
    BREAKS_OFF = auto()  # the connection closes in the middle of a line
    CUT = auto()  # the reason for the end is "length"
    GIVES_NO_REASON = auto()  # the reason is null, as after 30 equal tokens
    STOPS_WITH_ERROR = auto()  # the last line of the stream is an error
    NOT_JSON = auto()
    TOO_LONG = auto()  # error 400 with `n_prompt_tokens` 9000 and `n_ctx` 8192
    CUTS_PROMPT = auto()  # what does not fit into its window is cut from the middle, silently
    FAILS = auto()  # error 500
    WANTS_KEY = auto()  # error 401
    REDIRECTS = auto()
    REMOTE = auto()  # Ollama alone: each line says that another machine wrote it
    HANGS = auto()  # not one byte comes
    TRICKLES = auto()  # a byte of the headers comes now and then
    RAMBLES = auto()  # the text repeats for ever, a piece now and then
    FLOODS = auto()  # two megabytes without the end of a line


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked; `body` is the text as it came."""

    path: str
    body: str

    def field(self, name: str) -> Any:
        """Return a field of the body, None where it has none."""
        return json.loads(self.body or "{}").get(name)

    @property
    def words(self) -> list[str]:
        """The words and marks of the messages: what these servers count as tokens."""
        text = " ".join(each["content"] for each in self.field("messages") or ())
        return re.findall(r"\w+|[^\w\s]", text)


class FakeServer:
    """A server on a free port of 127.0.0.1; use it as a context manager.

    The n-th chat follows the n-th of `modes` (the last one from then on) and writes `text`, a few
    letters a line; where `text` is a function, it is given the words of the prompt that the
    server has read. `listing` is the mode for everything else. A prompt of more than `window`
    tokens is refused.
    """

    chat_path = ""
    window = 8192

    def __init__(self, modes: tuple[Mode, ...], text: str | Callable[[list[str]], str]) -> None:
        self.text = text
        self.listing = Mode.OK
        self.requests: list[Request] = []
        self.hung_up = Event()
        """Set once a client closed the connection before the answer's end.

        One that went before it had asked, as a busy machine lets it, sets nothing: see `is_left`.
        """
        self.over = Event()
        self._modes = modes or (Mode.OK,)
        self._connected, self._change = 0, Condition()
        self._server = ThreadingTCPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._thread = Thread(target=self._server.serve_forever, args=(_PAUSE,), daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def chats(self) -> list[Request]:
        """The requests for an answer, in order."""
        return [request for request in self.requests if request.path == self.chat_path]

    def __enter__(self) -> "FakeServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @contextmanager
    def connection(self) -> Generator[None]:
        """Count a client as connected for as long as the block runs."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._change:
            self._connected += more
            self._change.notify_all()

    def is_left(self, seconds: float) -> bool:
        """Tell whether in so many seconds nobody is connected, whenever the last one went."""
        with self._change:
            return self._change.wait_for(lambda: not self._connected, seconds)

    def next_mode(self, path: str) -> Mode:
        """Return how the request that came last is answered."""
        if path != self.chat_path:
            return self.listing
        return self._modes[min(len(self.chats), len(self._modes)) - 1]

    def read_prompt(self, mode: Mode, request: Request) -> list[str]:
        """Return the words of a prompt that the server reads."""
        words = request.words
        if mode is Mode.CUTS_PROMPT and len(words) > self.window:
            half = self.window // 2
            return [*words[:half], *words[len(words) - half :]]
        return words

    def write(self, read: list[str]) -> str:
        """Return what the model writes after a prompt."""
        return self.text if isinstance(self.text, str) else self.text(read)

    def embed(self, text: str) -> object:
        """Return the vector of a text: of the words that it shares with others, twice as long."""
        return [2 * number for number in HashEmbedder().query(text)[0].tolist()]

    def limit(self, request: Request) -> int:
        """Return how many tokens a prompt may have."""
        raise NotImplementedError

    def answer(self, request: Request) -> object:
        """Return what is answered to a question about the server, None where it is not known."""
        raise NotImplementedError

    def missing(self, request: Request) -> str:
        """Return the complaint about a model that is not there, empty when it is."""
        raise NotImplementedError

    def thinking(self, request: Request) -> str:
        """Return the field of a body that says something about thinking, empty where none does."""
        raise NotImplementedError

    def piece(self, text: str) -> bytes:
        """Return a line of the stream that adds some text."""
        raise NotImplementedError

    def records(self, mode: Mode, text: str, counted: int) -> Iterator[bytes]:
        """Yield the lines of a whole answer, or of one that lacks its end."""
        raise NotImplementedError


class _Handler(BaseHTTPRequestHandler):
    timeout = 5

    def __init__(self, fake: FakeServer, *args: Any) -> None:
        self._fake = fake
        super().__init__(*args)

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing to stderr."""

    def handle(self) -> None:
        """Answer one request, or note that nobody waits for the answer any more."""
        with self._fake.connection():
            try:
                super().handle()
            except OSError:
                self._fake.hung_up.set()

    def do_POST(self) -> None:
        """Answer a request of either method."""
        size = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(size)
        if len(raw) < size:
            raise ConnectionError("the client went in the middle of its request")
        request = Request(self.path, raw.decode("utf-8"))
        self._fake.requests.append(request)
        self._follow(self._fake.next_mode(self.path), request)

    do_GET = do_POST  # noqa: N815 - http.server's own name

    def _follow(self, mode: Mode, request: Request) -> None:
        match mode:
            case Mode.HANGS:
                self._fake.over.wait()
            case Mode.TRICKLES:
                self._send_slowly(repeat(b"H"))
            case Mode.FAILS | Mode.WANTS_KEY | Mode.NOT_JSON:
                self._send(*_REPLIES[mode])
            case Mode.REDIRECTS:
                self._send(307, b"", Location=f"{self._fake.address}/elsewhere")
            case Mode.TOO_LONG:
                self._refuse_length(9000, 8192)
            case Mode.CANNOT_THINK if field := self._fake.thinking(request):
                self._send(400, line({"error": f'"tiny" does not support {field}'}))
            case _ if request.path != self._fake.chat_path:
                self._answer(request)
            case _:
                self._chat(mode, request)

    def _answer(self, request: Request) -> None:
        missing, told = self._fake.missing(request), self._fake.answer(request)
        if missing or told is None:
            self._send(404, line({"error": missing or "not found"}))
        else:
            self._send(200, line(told))

    def _chat(self, mode: Mode, request: Request) -> None:
        read = self._fake.read_prompt(mode, request)
        limit = self._fake.limit(request)
        if missing := self._fake.missing(request):
            self._send(404, line({"error": missing}))
        elif len(read) > limit and mode is not Mode.CUTS_PROMPT:
            self._refuse_length(len(read), limit)
        else:
            self._write(mode, self._fake.write(read), len(read))

    def _write(self, mode: Mode, text: str, counted: int) -> None:
        if mode is Mode.RAMBLES:
            self._send(200, b"")
            self._send_slowly(repeat(self._fake.piece(text)))
        elif mode is Mode.FLOODS:
            self._send(200, b"." * 2_000_000)
        elif mode is Mode.BREAKS_OFF:
            self._send(200, self._fake.piece(text)[:-9], Content_Length="9999")
        else:
            self._send(200, b"".join(self._fake.records(mode, text, counted)))

    def _refuse_length(self, tokens: int, limit: int) -> None:
        told = {"code": 400, "n_prompt_tokens": tokens, "n_ctx": limit}
        self._send(400, line({"error": json.dumps({"error": told})}))

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _send_slowly(self, pieces: Iterator[bytes]) -> None:
        while not self._fake.over.wait(_PAUSE):
            self.wfile.write(next(pieces))


_REPLIES = {
    Mode.FAILS: (500, b'{"error":"llama runner process has terminated"}'),
    Mode.WANTS_KEY: (401, b'{"error":{"message":"Invalid API key"}}'),
    Mode.NOT_JSON: (200, b"<html>\n"),
}
_BEFORE = {
    Mode.LEAKS_THOUGHTS: "<think>Is <b> a tag?</think>\n\n",
    Mode.NEVER_STOPS_THINKING: "<think>",
    Mode.THINKS_UNMARKED: "Is this asked?</think>\n\n",
}
REASONS = {Mode.CUT: "length", Mode.THINKS: "length", Mode.GIVES_NO_REASON: None}
"""Why the model stopped, where it is not "stop"."""


def pieces(mode: Mode, text: str) -> Iterator[str]:
    """Yield what a model writes, a few letters at a time."""
    content = "" if mode is Mode.WRITES_NOTHING else _BEFORE.get(mode, "") + text
    yield from (content[start : start + 3] for start in range(0, len(content), 3))


def line(record: object) -> bytes:
    """Return a record as a line of JSON."""
    return json.dumps(record).encode() + b"\n"
