"""A fake of the servers that speak OpenAI's API: vLLM, llama.cpp, LM Studio."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from fakes.servers import REASONS, FakeServer, Mode, Request, line, pieces


class FakeOpenAI(FakeServer):
    """An OpenAI-compatible server; its `text`, `modes` and `listing` are those of `FakeServer`.

    It has the models of these names, and takes prompts of up to `window` tokens. `tells` is how
    the list of models says so: as vLLM does, as llama.cpp does, or not at all.
    """

    chat_path = "/v1/chat/completions"

    def __init__(
        self,
        *modes: Mode,
        text: str | Callable[[list[str]], str] = "Ibid means in the same place.",
        models: Sequence[str] = ("qwen3-4b-instruct",),
        listing: Mode = Mode.OK,
        window: int = FakeServer.window,
        tells: str = "",
    ) -> None:
        super().__init__(modes, text)
        self.models = tuple(models)
        self.listing = listing
        self.window = window
        self.tells = tells

    def __enter__(self) -> "FakeOpenAI":
        super().__enter__()
        return self

    def limit(self, request: Request) -> int:  # noqa: ARG002 - it has one window for all
        """Return how many tokens a prompt may have."""
        return self.window

    def answer(self, request: Request) -> object:
        """Return what is answered to a question about the server."""
        match request.path:
            case "/v1/models":
                return {"object": "list", "data": [self._listed(name) for name in self.models]}
            case "/v1/embeddings":
                vectors = enumerate(map(self.embed, request.field("input")))
                listed = [{"index": place, "embedding": each} for place, each in vectors]
                return {"object": "list", "data": listed[::-1]}
            case "/version" if self.tells == "vLLM":
                return {"version": "0.14.0"}
            case "/props" if self.tells == "llama.cpp":
                return {"build_info": "b7000-1234567"}
            case _:
                return None

    def _listed(self, name: str) -> Mapping[str, object]:
        told: Mapping[str, Mapping[str, object]] = {
            "vLLM": {"max_model_len": self.window},
            "llama.cpp": {"meta": {"n_ctx": self.window}},
        }
        return {"id": name, "object": "model", **told.get(self.tells, {})}

    def missing(self, request: Request) -> str:
        """Return the complaint about a model that is not there, empty when it is."""
        name = request.field("model")
        known = name is None or name in self.models
        return "" if known else f"The model `{name}` does not exist."

    def thinking(self, request: Request) -> str:
        """Return the field of a body that says something about thinking."""
        asked = request.field("chat_template_kwargs") is not None
        return "chat_template_kwargs" if asked else ""

    def piece(self, text: str) -> bytes:
        """Return an event of the stream that adds some text."""
        return _event(_chunk({"content": text}))

    def records(self, mode: Mode, text: str, counted: int) -> Iterator[bytes]:
        """Yield the events of a whole answer, or of one that lacks its end."""
        yield b": a comment that keeps the connection alive\n\n"
        yield _event(_chunk({"role": "assistant", "content": None}))
        field = "reasoning_content" if mode is Mode.THINKS else "content"
        yield from (_event(_chunk({field: each})) for each in pieces(mode, text))
        if mode is Mode.STOPS_WITH_ERROR:
            yield _event({"error": {"message": "an error was encountered", "code": 500}})
        elif mode is not Mode.ENDS_EARLY:
            yield _event(_chunk({}, REASONS.get(mode, "stop")))
            if mode is not Mode.DOES_NOT_COUNT:
                usage = {"prompt_tokens": counted, "completion_tokens": 7}
                yield _event({"choices": [], "usage": usage})
            if mode is not Mode.NEVER_SAYS_DONE:
                yield b"data: [DONE]\n\n"


def _chunk(delta: Mapping[str, object], reason: str | None = None) -> Mapping[str, object]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {"object": "chat.completion.chunk", "choices": [choice]}


def _event(record: Mapping[str, object]) -> bytes:
    return b"data: " + line(record) + b"\n"
