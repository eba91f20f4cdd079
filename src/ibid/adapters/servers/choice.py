"""Which language model answers: the one that the settings mean, looked for where they say."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ibid.errors import IbidError
from ibid.ports import Generator
from ibid.settings import Settings
from ibid.text import SAMPLING

if TYPE_CHECKING:
    from ibid.adapters.servers.connection import Model


@dataclass(frozen=True, slots=True)
class Choice:
    """The language model in force."""

    generator: Generator | None
    """None when the articles' own sentences are the answer."""
    notice: str = ""
    """Why there is none, or which other machine gets the passages."""


def find_generator(settings: Settings) -> Choice:
    """Return the language model that the settings mean; nothing is pulled.

    Raises ModelError or UsageError when a model was asked for by name and cannot be used.
    """
    if settings.model == "none":
        return Choice(None)
    try:
        return require_generator(settings)
    except IbidError as error:
        if settings.model != "auto":
            raise
        return Choice(None, f"{error}; for answers in a model's words: {error.hint}")


def require_generator(settings: Settings) -> Choice:
    """Return the language model that the settings mean, `auto` included.

    Raises ModelError or UsageError when there is none.
    """
    if settings.server:
        from ibid.adapters.servers.openai_server import OpenAIGenerator as Asked
        from ibid.adapters.servers.openai_server import find_model
    else:
        from ibid.adapters.servers.ollama import OllamaGenerator as Asked
        from ibid.adapters.servers.ollama import find_model
    address, remote = settings.server or settings.ollama, _may_be_remote(settings)
    model = find_model(address, settings.model, allow_remote=remote)
    context = min(settings.context, model.context or settings.context)
    generator = Asked(model.name, address, context=context, allow_remote=remote)
    return Choice(generator, _warn(model.name) if model.remote else "")


def _may_be_remote(settings: Settings) -> bool:
    """Tell whether a model may run elsewhere.

    Who lets passages go to a server of their own does not let a folder's settings name a model
    that Ollama, on this machine, hands on to its cloud.
    """
    if settings.server or not (settings.allow_remote and settings.is_local("model")):
        return settings.allow_remote
    from ibid.adapters.servers.connection import locate
    from ibid.adapters.servers.ollama import OLLAMA

    return locate(settings.ollama, OLLAMA, allow_remote=True).remote


@dataclass(frozen=True, slots=True)
class Survey:
    """What a server of language models says about itself."""

    server: str
    """Its name, its version where it tells one, and its address."""
    models: tuple[str, ...]
    """Their names, `(elsewhere)` behind those that run on other machines."""


def survey_server(settings: Settings) -> Survey:
    """Return what the server of the settings says about itself. Raises ModelError, UsageError."""
    if settings.server:
        from ibid.adapters.servers.openai_server import list_models
    else:
        from ibid.adapters.servers.ollama import list_models
    address = settings.server or settings.ollama
    version, models = list_models(address, allow_remote=settings.allow_remote)
    name = "model server" if settings.server else "Ollama"
    label = " ".join(filter(None, (name, version, "at", address)))
    return Survey(label, tuple(_describe(model) for model in models))


def _describe(model: "Model") -> str:
    return f"{model.name} (elsewhere)" if model.remote else model.name


def describe_run(settings: Settings, generator: Generator | None) -> dict[str, str]:
    """Return what has to be set again to get the same answer from the same index."""
    context = generator.context if generator else settings.context
    parameters = {"model": settings.model, "context": str(context)}
    if generator is None:
        return parameters
    address = {"server": settings.server or settings.ollama}
    return parameters | address | {name: str(value) for name, value in SAMPLING.items()}


def _warn(model: str) -> str:
    return f"{model} runs on another machine, which gets the question and passages (allow_remote)"
