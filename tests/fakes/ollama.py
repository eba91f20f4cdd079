"""A fake Ollama server."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fakes.servers import REASONS, FakeServer, Mode, Request, line, pieces

_ELSEWHERE = {"remote_model": "big", "remote_host": "https://ollama.com:443"}


@dataclass(frozen=True, slots=True)
class FakeModel:
    """A model that the fake server has; `remote` ones run elsewhere, whatever their name."""

    name: str = "qwen3:4b-instruct"
    embeds: bool = False
    remote: bool = False
    digest: str = "d1"
    context: int = 0
    """The longest context that it was made for, 0 where the server does not say."""

    def listed(self) -> Mapping[str, object]:
        """Return what the server says of it in a list."""
        details = {"format": "" if self.remote else "gguf", "family": "fake"}
        entry = {"name": self.name, "model": self.name, "digest": self.digest, "details": details}
        return entry | _ELSEWHERE if self.remote else entry

    def shown(self) -> Mapping[str, object]:
        """Return what the server says when it is asked for this model."""
        capability = "embedding" if self.embeds else "completion"
        info = {"fake.context_length": self.context} if self.context else {}
        return {**self.listed(), "model_info": info, "capabilities": [capability]}


class FakeOllama(FakeServer):
    """An Ollama server; its `text`, `modes` and `listing` are those of `FakeServer`.

    A model that is not among `models` is answered with error 404. A prompt that is longer than
    the request's own `num_ctx` is refused where the request says `truncate: false`, else cut.
    """

    chat_path = "/api/chat"

    def __init__(
        self,
        *modes: Mode,
        text: str | Callable[[list[str]], str] = "Ibid means in the same place.",
        models: Sequence[FakeModel] = (FakeModel(),),
        listing: Mode = Mode.OK,
        window: int = FakeServer.window,
    ) -> None:
        super().__init__(modes, text)
        self.models = {model.name: model for model in models}
        self.listing = listing
        self.window = window

    def __enter__(self) -> "FakeOllama":
        super().__enter__()
        return self

    def limit(self, request: Request) -> int:
        """Return how many tokens a prompt may have."""
        options: Mapping[str, int] = request.field("options") or {}
        return options.get("num_ctx", self.window)

    def answer(self, request: Request) -> object:
        """Return what is answered to a question about the server."""
        match request.path:
            case "/api/tags":
                return {"models": [model.listed() for model in self.models.values()]}
            case "/api/version":
                return {"version": "0.14.2"}
            case "/api/show":
                return self.models[request.field("model")].shown()
            case "/api/embed":
                return {"embeddings": [*map(self.embed, request.field("input"))]}
            case _:
                return None

    def missing(self, request: Request) -> str:
        """Return the complaint about a model that is not there, empty when it is."""
        name = request.field("model")
        return "" if name is None or name in self.models else f"model '{name}' not found"

    def thinking(self, request: Request) -> str:
        """Return the field of a body that says something about thinking."""
        return "think" if request.field("think") is not None else ""

    def piece(self, text: str) -> bytes:
        """Return a line of the stream that adds some text."""
        return line(_says(text))

    def records(self, mode: Mode, text: str, counted: int) -> Iterator[bytes]:
        """Yield the lines of a whole answer, or of one that lacks its end."""
        field = "thinking" if mode is Mode.THINKS else "content"
        extra = _ELSEWHERE if mode is Mode.REMOTE else {}
        yield from (line({**_says(each, field), **extra}) for each in pieces(mode, text))
        if mode is Mode.STOPS_WITH_ERROR:
            yield line({"error": "an error was encountered while running the model"})
        elif mode not in (Mode.ENDS_EARLY, Mode.NEVER_SAYS_DONE):
            count = {} if mode is Mode.DOES_NOT_COUNT else {"prompt_eval_count": counted}
            reason = REASONS.get(mode, "stop")
            yield line({**_says(""), "done": True, "done_reason": reason, **count})


def _says(text: str, field: str = "content") -> Mapping[str, object]:
    return {"message": {"role": "assistant", "content": "", field: text}, "done": False}
