"""Which language model answers: the one that the settings mean, looked for where they say."""

from dataclasses import dataclass

from ibid.errors import IbidError
from ibid.ports import Generator
from ibid.prompting import SAMPLING
from ibid.settings import Settings


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
        return _from_server(settings) if settings.server else _from_ollama(settings)
    except IbidError as error:
        if settings.model != "auto":
            raise
        return Choice(None, f"{error}; for answers in a model's words: {error.hint}")


def describe_run(settings: Settings, generator: Generator | None) -> dict[str, str]:
    """Return what has to be set again to get the same answer from the same index."""
    context = generator.context if generator else settings.context
    asked = {"model": settings.model, "context": str(context)}
    if generator is None:
        return asked
    address = {"server": settings.server or settings.ollama}
    return asked | address | {name: str(value) for name, value in SAMPLING.items()}


def _from_ollama(settings: Settings) -> Choice:
    from ibid.adapters.ollama import OllamaGenerator, find_model

    address, remote = settings.ollama, settings.allow_remote
    model = find_model(address, settings.model, allow_remote=remote)
    context = min(settings.context, model.context or settings.context)
    generator = OllamaGenerator(model.name, address, context=context, allow_remote=remote)
    return Choice(generator, _warn(model.name) if model.remote else "")


def _from_server(settings: Settings) -> Choice:
    from ibid.adapters.openai_server import OpenAIGenerator, find_model

    address, remote = settings.server, settings.allow_remote
    model = find_model(address, settings.model, allow_remote=remote)
    context = min(settings.context, model.context or settings.context)
    generator = OpenAIGenerator(model.name, address, context=context, allow_remote=remote)
    return Choice(generator, _warn(model.name) if model.remote else "")


def _warn(model: str) -> str:
    return f"{model} runs on another machine, which gets the question and passages (allow_remote)"
