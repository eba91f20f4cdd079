"""A language model of an Ollama server, over its native API.

`auto` chooses among the models that run on this machine, and nothing is ever pulled.
"""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import cast

from ibid.adapters.servers.connection import (
    Deadline,
    Exchange,
    Model,
    Patience,
    Server,
    ServerKind,
    asking,
    converse,
    fetch,
    locate,
    probe,
)
from ibid.adapters.servers.replies import (
    Piece,
    as_json,
    at,
    lines,
    number,
    parse,
    read_answer,
    sequence,
    stopped,
    string,
)
from ibid.errors import ModelMissing
from ibid.ports import Message
from ibid.text import SAMPLING, answer_room
from ibid.types import Delta

ADDRESS = "http://127.0.0.1:11434"
PREFERRED = ("qwen3:4b-instruct", "granite4:micro", "qwen3:1.7b", "gemma4:e4b")
"""What `auto` takes first: models that follow instructions and do not need to think aloud."""

OLLAMA = ServerKind("Ollama", "Ollama server", ADDRESS, port=11434, start="ollama serve")
_PULL = f"ollama pull {PREFERRED[0]}"


class OllamaGenerator:
    """A model of the Ollama server; satisfies `ibid.ports.Generator`.

    Raises UsageError, ServerUnavailable or ModelMissing when the address or the model is not on
    this machine and `allow_remote` is not set.
    """

    def __init__(
        self,
        model: str,
        address: str = ADDRESS,
        *,
        context: int = 8192,
        patience: Patience = Patience(),  # noqa: B008 - it is frozen
        allow_remote: bool = False,
    ) -> None:
        if not allow_remote:
            _refuse_cloud(model)
        self.name = model
        self.context = context
        self._server = _locate(address, allow_remote=allow_remote)
        self._patience = patience
        self._allow_remote = allow_remote

    def stream(self, messages: Sequence[Message]) -> Iterator[Delta]:
        """Yield the answer piece by piece; closing the iterator closes the connection.

        Raises PromptTooLong, AnswerIncomplete, ModelMissing or ServerUnavailable.
        """

        def read(chunks: Iterator[bytes]) -> Iterator[Delta]:
            return read_answer(OLLAMA.name, map(self._read, lines(OLLAMA.name, chunks)), messages)

        exchange = Exchange(
            self._server,
            "/api/chat",
            self._body(messages),
            optional=("think",),  # error 400 on models that cannot
            read=read,
            missing=_missing(self.name),
            context=self.context,
        )
        return converse(exchange, self._patience)

    def _body(self, messages: Sequence[Message]) -> Mapping[str, object]:
        return {
            "model": self.name,
            "messages": as_json(messages),
            "stream": True,
            "think": False,  # else all of num_predict can go into thoughts
            "truncate": False,  # else passages that do not fit vanish without a word
            "keep_alive": "15m",  # loading takes longer than reading an answer and asking on
            "options": {
                "num_ctx": self.context,  # the same each time: another value reloads the model
                "num_predict": answer_room(self.context),
                **SAMPLING,
            },
        }

    def _read(self, line: bytes) -> Piece:
        record = parse(OLLAMA.name, line)
        if not self._allow_remote and _says_remote(record):
            raise _elsewhere(self.name)
        if error := string(record, "error"):
            raise stopped(OLLAMA.name, error)
        return Piece(
            string(record, "message", "content"),
            string(record, "done_reason"),
            number(record, "prompt_eval_count"),
            at(record, "done") is True,
        )


def find_model(
    address: str = ADDRESS,
    wanted: str = "auto",
    *,
    allow_remote: bool = False,
    timeout: float = 3,
) -> Model:
    """Return the installed model that `wanted` means, by its full name.

    `auto` means the first of PREFERRED that is installed, else the first by name of those that
    can write; none that runs elsewhere. Raises ServerUnavailable, after about `timeout` seconds
    at most, or ModelMissing.
    """
    asking = _ask_what_is_installed(wanted, address, timeout, allow_remote=allow_remote)
    with asking as (server, deadline, installed):
        if wanted != "auto":
            return _wanted(wanted, installed, server, deadline, allow_remote=allow_remote)
        for name in (*PREFERRED, *sorted(installed)):
            if name in installed and (server.remote or not installed[name].remote):
                model = _shown(installed[name], server, deadline)
                if model is not None:
                    return model
    raise ModelMissing("Ollama has no model on this machine that can write", hint=_PULL)


def list_models(
    address: str = ADDRESS, *, allow_remote: bool = False, timeout: float = 3
) -> tuple[str, list[Model]]:
    """Return an Ollama server's version and its models. Raises ServerUnavailable or UsageError."""
    server = _locate(address, allow_remote=allow_remote)
    probe(server, timeout)
    with Deadline(timeout) as deadline:
        version = string(fetch(server, "/api/version", deadline), "version")
        return version, sorted(_list(server, deadline), key=lambda model: model.name)


def _locate(address: str, *, allow_remote: bool) -> Server:
    return locate(address, OLLAMA, allow_remote=allow_remote)


def _list(server: Server, deadline: Deadline) -> Iterator[Model]:
    for entry in sequence(fetch(server, "/api/tags", deadline), "models"):
        if name := string(entry, "model") or string(entry, "name"):
            elsewhere = server.remote or _says_remote(entry) or _runs_elsewhere(name)
            yield Model(name, remote=elsewhere, digest=string(entry, "digest"))


def _wanted(
    wanted: str,
    installed: Mapping[str, Model],
    server: Server,
    deadline: Deadline,
    *,
    allow_remote: bool,
) -> Model:
    candidate = _named(wanted, installed, allow_remote=allow_remote)
    model = _shown(candidate, server, deadline)
    if model is None:
        raise ModelMissing(f"{wanted} embeds texts and cannot write answers", hint=_PULL)
    return model


def _named(wanted: str, installed: Mapping[str, Model], *, allow_remote: bool) -> Model:
    full = wanted if ":" in wanted.rpartition("/")[2] else f"{wanted}:latest"
    if full not in installed:
        raise _missing(wanted)
    if installed[full].remote and not allow_remote:
        raise _elsewhere(wanted)
    return installed[full]


def find_embedder(
    wanted: str, address: str, *, allow_remote: bool = False, timeout: float = 3
) -> Model:
    """Return the installed model of a name, whatever it can do. Raises what `find_model` does."""
    asking = _ask_what_is_installed(wanted, address, timeout, allow_remote=allow_remote)
    with asking as (_, _, installed):
        return _named(wanted, installed, allow_remote=allow_remote)


@contextmanager
def _ask_what_is_installed(
    wanted: str, address: str, timeout: float, *, allow_remote: bool
) -> Generator[tuple[Server, Deadline, dict[str, Model]]]:
    """Give a server, the deadline for asking it, and its models by name."""
    server = _locate(address, allow_remote=allow_remote)
    if not allow_remote:
        _refuse_cloud(wanted)
    probe(server, timeout)
    with Deadline(timeout) as deadline:
        installed = {model.name: model for model in _list(server, deadline)}
        yield server, deadline, installed


def embed(
    model: Model, texts: Sequence[str], address: str, deadline: Deadline, *, allow_remote: bool
) -> list[object]:
    """Return what the server says are the vectors of texts. Raises ServerUnavailable."""
    server = _locate(address, allow_remote=allow_remote)
    body = {"model": model.name, "input": list(texts), "keep_alive": "15m"}
    reply = fetch(server, "/api/embed", deadline, body)
    if not allow_remote and _says_remote(reply):
        raise _elsewhere(model.name)
    return sequence(reply, "embeddings")


def _shown(model: Model, server: Server, deadline: Deadline) -> Model | None:
    """Return the model with its context, None when it cannot write."""
    from ollama import Client, ResponseError  # only now: where no server listens, it costs nothing

    with asking(server), closing(Client(server.url, **deadline.client_options(server))) as client:
        try:
            details = client.show(model.name)
        except ResponseError as error:
            raise ValueError(error.error) from error
    if details.capabilities is not None and "completion" not in details.capabilities:
        return None  # an old server does not tell, and then nothing is known against it
    return Model(model.name, model.remote, _context(details.modelinfo))


def _context(info: object) -> int:
    """Return the longest context that a model was made for; Ollama gives it no more."""
    entries = cast("dict[str, object]", info) if isinstance(info, dict) else {}
    return max(
        (number(entries, key) for key in entries if key.endswith(".context_length")), default=0
    )


def _says_remote(reply: object) -> bool:
    """Tell whether the server says that another one answers for it."""
    return bool(string(reply, "remote_host") or string(reply, "remote_model"))


def _runs_elsewhere(name: str) -> bool:
    """Tell whether Ollama hands the model on to its cloud (`gpt-oss:120b-cloud`, `glm-5:cloud`)."""
    return re.search(r"[-:]cloud$", name.strip().lower()) is not None


def _refuse_cloud(name: str) -> None:
    if _runs_elsewhere(name):
        raise _elsewhere(name)


def _elsewhere(name: str) -> ModelMissing:
    message = f"{name} runs on other machines, so ibid does not use it"
    return ModelMissing(message, hint=f"{_PULL}, or allow it with --allow-remote")


def _missing(name: str) -> ModelMissing:
    return ModelMissing(f"Ollama has no model {name}", hint=f"ollama pull {name}")
