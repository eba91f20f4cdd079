"""A language model of any server that speaks OpenAI's API: vLLM, llama.cpp, LM Studio.

Answers come as server-sent events. The API cannot forbid a server to cut a prompt that is too
long, so the server's own count of it is compared with what the prompt must have at least.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ibid.adapters.servers.connection import (
    Deadline,
    Exchange,
    Model,
    Patience,
    Server,
    ServerKind,
    converse,
    fetch,
    locate,
    probe,
)
from ibid.adapters.servers.replies import (
    AGAIN,
    Piece,
    as_json,
    at,
    lines,
    number,
    one_line,
    parse,
    read_answer,
    sequence,
    stopped,
    string,
)
from ibid.errors import AnswerIncomplete, ModelMissing, ServerUnavailable
from ibid.ports import Message
from ibid.text import SAMPLING, answer_room
from ibid.types import Delta

OPENAI = ServerKind(
    "the model server",
    "model server",
    example="http://127.0.0.1:8080",
    port=80,
    start="start it, for example: llama-server -m MODEL.gguf --port 8080",
)

_EMBEDS = ("embed", "rerank")  # in the names of models that cannot write; the API does not tell


class OpenAIGenerator:
    """A model of an OpenAI-compatible server; satisfies `ibid.ports.Generator`.

    Raises UsageError or ServerUnavailable when the address is not on this machine and
    `allow_remote` is not set.
    """

    def __init__(
        self,
        model: str,
        address: str,
        *,
        context: int = 8192,
        patience: Patience = Patience(),  # noqa: B008 - it is frozen
        allow_remote: bool = False,
    ) -> None:
        self.name = model
        self.context = context
        self._server = _locate(address, allow_remote=allow_remote)
        self._patience = patience

    def stream(self, messages: Sequence[Message]) -> Iterator[Delta]:
        """Yield the answer piece by piece; closing the iterator closes the connection.

        Raises PromptTooLong, AnswerIncomplete, ModelMissing or ServerUnavailable.
        """

        def read(chunks: Iterator[bytes]) -> Iterator[Delta]:
            pieces = _read_events(lines(OPENAI.name, chunks))
            return read_answer(OPENAI.name, pieces, messages)

        exchange = Exchange(
            self._server,
            "/v1/chat/completions",
            self._body(messages),
            optional=("chat_template_kwargs", "stream_options", "seed"),
            read=read,
            missing=ModelMissing(f"the model server has no model {self.name}", hint="ibid doctor"),
            context=self.context,
        )
        return converse(exchange, self._patience)

    def _body(self, messages: Sequence[Message]) -> Mapping[str, object]:
        return {
            "model": self.name,
            "messages": as_json(messages),
            "stream": True,
            "stream_options": {"include_usage": True},  # what the server has read of the prompt
            "max_tokens": answer_room(self.context),
            "chat_template_kwargs": {"enable_thinking": False},  # vLLM, llama.cpp
            **SAMPLING,
        }


def find_model(
    address: str,
    wanted: str = "auto",
    *,
    allow_remote: bool = False,
    timeout: float = 3,
) -> Model:
    """Return the model that `wanted` means; `auto` means the one that the server lists.

    Of several, that is the first by name that does not embed by its name. Raises
    ServerUnavailable, after about `timeout` seconds at most, or ModelMissing.
    """
    models = _list(_locate(address, allow_remote=allow_remote), timeout)
    for model in models:
        if model.name == wanted or (wanted == "auto" and _can_write(model.name)):
            return model
    listed = ", ".join(one_line(model.name) for model in models[:5]) or "none"
    wish = "a model that can write" if wanted == "auto" else f"a model {wanted}"
    message = f"the model server does not have {wish}; it lists: {listed}"
    raise ModelMissing(message, hint="load one there, or name one that it lists with --model")


def find_embedder(
    wanted: str, address: str, *, allow_remote: bool = False, timeout: float = 3
) -> Model:
    """Return the model of a name, whatever it can do. Raises what `find_model` does."""
    return find_model(address, wanted, allow_remote=allow_remote, timeout=timeout)


def embed(
    model: Model, texts: Sequence[str], address: str, deadline: Deadline, *, allow_remote: bool
) -> list[object]:
    """Return what the server says are the vectors of texts. Raises ServerUnavailable."""
    server = _locate(address, allow_remote=allow_remote)
    body = {"model": model.name, "input": list(texts), "encoding_format": "float"}
    listed = sequence(fetch(server, "/v1/embeddings", deadline, body), "data")
    ordered = sorted(listed, key=lambda entry: number(entry, "index"))
    return [at(entry, "embedding") for entry in ordered]


def list_models(
    address: str, *, allow_remote: bool = False, timeout: float = 3
) -> tuple[str, list[Model]]:
    """Return a server's version, empty where it tells none, and its models.

    Raises ServerUnavailable or UsageError.
    """
    server = _locate(address, allow_remote=allow_remote)
    return _version(server, timeout), _list(server, timeout)


def _locate(address: str, *, allow_remote: bool) -> Server:
    base = address.strip().rstrip("/").removesuffix("/v1")
    return locate(base, OPENAI, allow_remote=allow_remote)


def _list(server: Server, timeout: float) -> list[Model]:
    probe(server, timeout)
    with Deadline(timeout) as deadline:
        listed = sequence(fetch(server, "/v1/models", deadline), "data")
    models = [
        Model(name, server.remote, number(entry, "max_model_len") or number(entry, "meta", "n_ctx"))
        for entry in listed
        if (name := string(entry, "id"))
    ]
    return sorted(models, key=lambda model: model.name)


def _version(server: Server, timeout: float) -> str:
    """Return what a server says of itself: vLLM and llama.cpp do, each in a place of its own."""
    for path, key in (("/version", "version"), ("/props", "build_info")):
        with Deadline(timeout) as deadline:
            try:
                if version := string(fetch(server, path, deadline), key):
                    return one_line(version)
            except ServerUnavailable:
                continue
    return ""


def _can_write(name: str) -> bool:
    return not any(mark in name.lower() for mark in _EMBEDS)


def _read_events(events: Iterable[bytes]) -> Iterator[Piece]:
    """Yield a piece per event. Raises AnswerIncomplete for errors and for what is no event."""
    for line in events:
        field, _, value = line.partition(b":")
        if field == b"error":
            raise stopped(OPENAI.name, value.decode("utf-8", "replace"))
        if field == b"data":
            yield _read(value.strip())
        elif field not in (b"", b"event", b"id", b"retry"):  # b"": a comment keeps it alive
            raise AnswerIncomplete("the model server sent a line that is no event", hint=AGAIN)


def _read(value: bytes) -> Piece:
    if value == b"[DONE]":
        return Piece(last=True)
    record = parse(OPENAI.name, value)
    if at(record, "error") is not None:
        raise stopped(OPENAI.name, string(record, "error", "message") or string(record, "error"))
    return Piece(
        string(record, "choices", 0, "delta", "content"),
        string(record, "choices", 0, "finish_reason"),
        number(record, "usage", "prompt_tokens"),
    )
