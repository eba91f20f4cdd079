"""A language model of the Ollama server on this machine, over its native API.

Nothing leaves the machine: other hosts, models that run elsewhere, proxies and redirects are
refused. Nothing ends short in silence: whatever is not a whole answer raises an error of ours.
"""

import ipaddress
import json
import re
import socket
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from threading import Timer
from typing import Any, cast
from urllib.parse import urlsplit

from ibid.errors import (
    AnswerIncomplete,
    ModelError,
    ModelMissing,
    PromptTooLong,
    ServerUnavailable,
    UsageError,
)
from ibid.ports import Message
from ibid.prompting import ANSWER_TOKENS
from ibid.types import Delta

ADDRESS = "http://127.0.0.1:11434"
PREFERRED = ("qwen3:4b-instruct", "granite4:micro", "qwen3:1.7b", "gemma4:e4b")
"""What `auto` takes first: models that follow instructions and do not need to think aloud."""

_PORT = 11434
_CONNECT = 2.0  # seconds; the server is on this machine
_LARGEST_REPLY = 1_000_000  # bytes; ANSWER_TOKENS need about 200,000
_LARGEST_REFUSAL = 64_000
_SERVE, _PULL, _AGAIN = "ollama serve", f"ollama pull {PREFERRED[0]}", "ask again"


class OllamaGenerator:
    """A model of the Ollama server; satisfies `ibid.ports.Generator`.

    Raises UsageError, ServerUnavailable or ModelMissing when the address or the model is not on
    this machine. The defaults leave a processor without GPU the time to read a full context.
    """

    def __init__(
        self,
        model: str,
        address: str = ADDRESS,
        *,
        context: int = 8192,
        first_token_within: float = 300,
        answer_within: float = 900,
    ) -> None:
        if _runs_elsewhere(model):
            raise _elsewhere(model)
        self.name = model
        self.context = context
        self._url = _check_address(address)
        self._first_token_within = min(first_token_within, answer_within)
        self._answer_within = answer_within

    def stream(self, messages: Sequence[Message]) -> Iterator[Delta]:
        """Yield the answer piece by piece; closing the iterator closes the connection.

        Raises PromptTooLong, AnswerIncomplete, ModelMissing or ServerUnavailable.
        """
        with _Deadline(self._first_token_within) as deadline, _translated(self._url, deadline):
            yield from self._ask(self._body(messages), deadline)

    def _ask(self, body: Mapping[str, object], deadline: "_Deadline") -> Iterator[Delta]:
        import httpx

        with (
            httpx.Client(base_url=self._url, **deadline.client_options()) as client,
            client.stream("POST", "/api/chat", json=body) as response,
        ):
            if response.is_success:
                chunks = deadline.moved_by_first_line(response.iter_raw(), self._answer_within)
                yield from _read_answer(self.name, chunks)
                return
            status = response.status_code
            said = next(response.iter_raw(_LARGEST_REFUSAL), b"").decode("utf-8", "replace")
        if status == HTTPStatus.BAD_REQUEST and "think" in said and "think" in body:
            plain = {key: value for key, value in body.items() if key != "think"}
            yield from self._ask(plain, deadline)
        else:
            raise self._refusal(status, said)

    def _body(self, messages: Sequence[Message]) -> Mapping[str, object]:
        return {
            "model": self.name,
            "messages": [{"role": each.role, "content": _valid(each.content)} for each in messages],
            "stream": True,
            "think": False,  # else all of num_predict can go into thoughts
            "truncate": False,  # else passages that do not fit vanish without a word
            "keep_alive": "15m",  # loading takes longer than reading an answer and asking on
            "options": {
                "num_ctx": self.context,  # the same each time: another value reloads the model
                "num_predict": min(ANSWER_TOKENS, self.context // 2),
                "temperature": 0,
                "seed": 1,
            },
        }

    def _refusal(self, status: int, said: str) -> ModelError:
        if status == HTTPStatus.NOT_FOUND:
            return _missing(self.name)
        if status == HTTPStatus.BAD_REQUEST and (too_long := _too_long(said, self.context)):
            return too_long
        message = f"Ollama answered with error {status}: {_one_line(said)}"
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            message = f"the server at {self._url} sends on to another address, which is refused"
        return ServerUnavailable(message, hint=_SERVE)


def find_model(address: str = ADDRESS, wanted: str = "auto", *, timeout: float = 3) -> str:
    """Return the full name of the installed model that `wanted` means.

    `auto` means the first of PREFERRED that is installed, else the first by name of those that
    can write. Raises ServerUnavailable, after about `timeout` seconds at most, or ModelMissing.
    """
    url = _check_address(address)
    if _runs_elsewhere(wanted):
        raise _elsewhere(wanted)
    _probe(url, timeout)

    from ollama import Client  # only now: where no server listens, it costs nothing

    with (
        _Deadline(timeout) as deadline,
        _translated_listing(url),
        closing(Client(url, **deadline.client_options())) as client,
    ):
        return _choose(client, wanted)


def _choose(client: Any, wanted: str) -> str:
    """Return the first model that is meant, runs on this machine and can write."""
    local = {str(each.model): _is_local(each) for each in client.list().models}
    if wanted != "auto":
        full = wanted if ":" in wanted.rpartition("/")[2] else f"{wanted}:latest"
        if full not in local:
            raise _missing(wanted)
        if not local[full]:
            raise _elsewhere(wanted)
        if not _can_write(client, full):
            raise ModelMissing(f"{wanted} embeds texts and cannot write answers", hint=_PULL)
        return full
    for name in (*PREFERRED, *sorted(local)):
        if local.get(name) and _can_write(client, name):
            return name
    raise ModelMissing("Ollama has no model on this machine that can write", hint=_PULL)


def _is_local(listed: Any) -> bool:
    # ollama 0.6.3 drops the reply's `remote_host`; what runs elsewhere has no format either.
    return bool(listed.details and listed.details.format) and not _runs_elsewhere(str(listed.model))


def _can_write(client: Any, name: str) -> bool:
    capabilities = client.show(name).capabilities
    return capabilities is None or "completion" in capabilities  # None: an old server


def _runs_elsewhere(name: str) -> bool:
    """Tell whether Ollama hands the model on to its cloud (`gpt-oss:120b-cloud`, `glm-5:cloud`)."""
    return re.search(r"[-:]cloud$", name.strip().lower()) is not None


def _elsewhere(name: str) -> ModelMissing:
    return ModelMissing(f"{name} runs on other machines, so ibid does not use it", hint=_PULL)


def _missing(name: str) -> ModelMissing:
    return ModelMissing(f"Ollama has no model {name}", hint=f"ollama pull {name}")


def _check_address(address: str) -> str:
    """Return the URL of the server; only this machine will do, and no name is looked up."""
    example = f"use {ADDRESS}"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or _PORT
        if parts.scheme != "http" or not host or parts.path.strip("/"):
            raise ValueError(address)
    except ValueError as error:
        raise UsageError(f"{address!r} is no address of a server here", hint=example) from error
    if host == "localhost":
        host = "127.0.0.1"  # where Ollama listens
    with suppress(ValueError):
        if ipaddress.ip_address(host).is_loopback and "%" not in host:
            return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    raise ServerUnavailable(
        f"{host} may be another machine, and ibid sends nothing to other machines", hint=example
    )


def _probe(url: str, timeout: float) -> None:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port or _PORT), timeout).close()
    except OSError as error:
        raise ServerUnavailable(f"no Ollama server listens at {url}", hint=_SERVE) from error


class _Deadline:
    """Breaks a connection off in time, even while the server sends a byte now and then.

    httpx's timeouts start anew with each byte. So a timer shuts the socket down, which wakes
    whoever reads from it.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = False
        self._began = time.monotonic()
        self._socket: socket.socket | None = None
        self._timer = self._start(seconds)

    def __enter__(self) -> "_Deadline":
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def client_options(self) -> Mapping[str, Any]:
        """Return what every client here is made with: no proxy, no redirect, this deadline."""
        import httpx

        return {
            "timeout": httpx.Timeout(None, connect=_CONNECT),
            "trust_env": False,
            "follow_redirects": False,
            "headers": {"Accept-Encoding": "identity"},  # compressed, a size could not be bounded
            "event_hooks": {"request": [self._attach]},
        }

    def moved_by_first_line(self, chunks: Iterator[bytes], seconds: float) -> Iterator[bytes]:
        """Yield the chunks; once there is a whole line, `seconds` since the start count."""
        waiting = True
        for chunk in chunks:
            if waiting and b"\n" in chunk:
                waiting = False
                self._timer.cancel()
                self.seconds = seconds
                self._timer = self._start(seconds - (time.monotonic() - self._began))
            yield chunk

    def _start(self, seconds: float) -> Timer:
        timer = Timer(max(seconds, 0), self._pass)
        timer.daemon = True
        timer.start()
        return timer

    def _attach(self, request: Any) -> None:
        request.extensions["trace"] = self._trace

    def _trace(self, event: str, details: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            self._socket = details["return_value"].get_extra_info("socket")
            if self.passed:
                self._pass()

    def _pass(self) -> None:
        self.passed = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


@contextmanager
def _translated(url: str, deadline: _Deadline) -> Generator[None]:
    """Turn what goes wrong with an answer into errors of ours."""
    import httpx

    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise ServerUnavailable(f"no Ollama server listens at {url}", hint=_SERVE) from error
    except (httpx.HTTPError, AnswerIncomplete) as error:
        if deadline.passed:
            message = f"Ollama did not answer within {deadline.seconds:g} s"
            raise AnswerIncomplete(message, hint="choose a smaller model") from error
        if isinstance(error, AnswerIncomplete):
            raise
        raise AnswerIncomplete("the connection to Ollama broke off", hint=_AGAIN) from error


@contextmanager
def _translated_listing(url: str) -> Generator[None]:
    """Turn what goes wrong with a list of models into errors of ours."""
    import httpx
    from ollama import ResponseError

    try:
        yield
    except (ConnectionError, httpx.HTTPError) as error:
        raise ServerUnavailable(f"the server at {url} does not answer", hint=_SERVE) from error
    except (ResponseError, ValueError, TypeError, RecursionError) as error:
        message = f"the server at {url} does not answer like Ollama: {_one_line(str(error))}"
        raise ServerUnavailable(message, hint=_SERVE) from error


def _read_answer(model: str, chunks: Iterable[bytes]) -> Iterator[Delta]:
    """Yield the text of an answer without thoughts. Raises AnswerIncomplete unless it is whole."""
    written, shown = "", ""
    for record in map(_parse, _lines(chunks)):
        if _string(record, "remote_host") or _string(record, "remote_model"):
            raise _elsewhere(model)
        if error := _string(record, "error"):
            raise AnswerIncomplete(f"Ollama stopped: {_one_line(error)}", hint=_AGAIN)
        done = _at(record, "done") is True
        written += _valid(_string(record, "message", "content"))
        before, shown = shown, _visible(written, done=done)
        if new := shown[len(before) :]:
            yield Delta(new)
        if done:
            thinking = written.rfind("<think>") > written.rfind("</think>")
            _check_end(_string(record, "done_reason"), whole=bool(shown) and not thinking)
            return
    raise AnswerIncomplete("Ollama's answer ended early", hint=_AGAIN)


def _check_end(reason: str, *, whole: bool) -> None:
    if reason == "length":
        raise AnswerIncomplete("the answer was cut: too long", hint="ask a narrower question")
    if reason != "stop":
        raise AnswerIncomplete(f"Ollama's answer ended early: {_one_line(reason)}", hint=_AGAIN)
    if not whole:
        raise AnswerIncomplete("the model wrote no answer", hint=f"try another model: {_PULL}")


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size, rest = 0, b""
    for chunk in chunks:
        size += len(chunk)
        if size > _LARGEST_REPLY:
            raise AnswerIncomplete("Ollama's answer is far too long", hint=_AGAIN)
        *lines, rest = (rest + chunk).split(b"\n")
        yield from filter(bytes.strip, lines)
    if rest.strip():
        yield rest


def _parse(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise AnswerIncomplete("Ollama sent a line that is no JSON", hint=_AGAIN) from error


def _at(value: object, *keys: str) -> object:
    for key in keys:
        value = cast("dict[str, object]", value).get(key) if isinstance(value, dict) else None
    return value


def _string(value: object, *keys: str) -> str:
    found = _at(value, *keys)
    return "" if found is None else str(found)


def _visible(written: str, *, done: bool) -> str:
    """Return what may be shown of a text so far: no thoughts, and no start of `<think>`."""
    shown = re.sub(r"<think>.*?(</think>|\Z)", "", written, flags=re.DOTALL).lstrip()
    return shown if done else re.sub(r"<(t(h(i(nk?)?)?)?)?\Z", "", shown)


def _too_long(said: str, context: int) -> PromptTooLong | None:
    """Return the error if it is the length of the prompt that the server complains of.

    The numbers may stand in JSON that is quoted inside JSON, so they are looked for as text.
    """
    counted = re.search(r"n_prompt_tokens\W+(\d{1,9})", said)
    allowed = re.search(r"n_ctx\W+(\d{1,9})", said)
    if counted is None and not re.search(r"exceed\w* .*context", said):
        return None
    tokens, limit = int(counted[1]) if counted else 0, int(allowed[1]) if allowed else context
    message = f"the prompt has {tokens or 'too many'} tokens, the model takes {limit}"
    return PromptTooLong(message, tokens=tokens, limit=limit, hint="ask for less at once")


def _one_line(said: str) -> str:
    """Return the start of a server's words, fit for a terminal."""
    with suppress(ValueError, RecursionError):
        said = _string(json.loads(said), "error") or said
    words = "".join(letter if letter.isprintable() else " " for letter in said).split()
    return " ".join(words)[:200]


def _valid(text: str) -> str:
    """Return the text with lone surrogates replaced: they have no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
