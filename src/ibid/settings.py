"""One frozen Settings, each value with the place that it came from."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ibid.errors import UsageError

_PREFIX = "IBID_"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user may choose. Precedence: flag, IBID_*, ./ibid.toml, user's config, default."""

    articles: str = "seeds"
    """Folder of articles."""
    index: str = "index"
    """Folder of the index."""
    embedder: str = "all-MiniLM-L6-v2"
    """The default model, or any sentence-transformers model by name or folder."""
    precision: str = "auto"
    """`auto`: the default model embeds in 8 bits where the processor can; `fp32`: it never does."""
    model: str = "auto"
    """`auto`, `none`, or the name of a model of the server."""
    ollama: str = "http://127.0.0.1:11434"
    """Address of the Ollama server."""
    server: str = ""
    """Address of an OpenAI-compatible server, which is asked in place of Ollama."""
    allow_remote: bool = False
    """Whether passages may be sent to a model on another machine."""
    context: int = 8192
    """Tokens that prompt and answer may have together."""
    unsupported: str = "mark"
    """What becomes of a model's sentences that are altered or not in the articles: `mark` says so
    behind them, `drop` leaves them out."""
    host: str = "127.0.0.1"
    """Address that the chat listens on."""
    port: int = 7860
    """Port that the chat listens on."""
    keep: str = "~/.local/share/ibid"
    """Folder of what the chat keeps: conversations, and what its readers complained of."""
    origins: Mapping[str, str] = field(default_factory=dict[str, str])
    """Where each value that is not a default came from."""

    def changed(self, values: Mapping[str, object], origin: str) -> "Settings":
        """Return the settings with `values` applied, None left out. Raises UsageError."""
        given = {name: value for name, value in values.items() if value is not None}
        typed = {name: _typed(name, value, origin) for name, value in given.items()}
        origins = {**self.origins, **dict.fromkeys(typed, origin)}
        return replace(self, **typed, origins=origins)


NAMES = tuple(each.name for each in fields(Settings) if each.name != "origins")

_CHOICES = {"precision": ("auto", "fp32"), "unsupported": ("mark", "drop")}
_SWITCHES = ("allow_remote",)
_MAY_BE_EMPTY = ("server",)
_RANGES = {"context": (2048, 1_000_000), "port": (1, 65_535)}


def load_settings(
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> Settings:
    """Return the settings in force. Raises UsageError for a value or a key that cannot be used."""
    settings = Settings()
    for path in (_user_config(environment), (folder or Path.cwd()) / "ibid.toml"):
        settings = settings.changed(_read_file(path), str(path))
    settings = settings.changed(_read_environment(environment), "environment")
    return settings.changed(flags or {}, "option")


def _typed(name: str, value: object, origin: str) -> Any:
    """Return the value in the type of its setting. Raises UsageError."""
    if name not in NAMES:
        hint = f"the settings are {', '.join(NAMES)}"
        raise UsageError(f"{origin}: no setting is named {name!r}", hint=hint)
    if name in _RANGES:
        return _number(name, value, origin)
    if name in _SWITCHES:
        return _switch(name, value, origin)
    if not isinstance(value, str) or not (value.strip() or name in _MAY_BE_EMPTY):
        raise UsageError(f"{origin}: {name} takes a text, not {value!r}")
    if value not in _CHOICES.get(name, (value,)):
        known = " or ".join(_CHOICES[name])
        raise UsageError(f"{origin}: {name} is {known}, not {value!r}")
    return value


def _switch(name: str, value: object, origin: str) -> bool:
    said = str(value).lower()
    if said not in ("yes", "true", "1", "no", "false", "0"):
        raise UsageError(f"{origin}: {name} is yes or no, not {value!r}")
    return said in ("yes", "true", "1")


def _number(name: str, value: object, origin: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise UsageError(f"{origin}: {name} takes a whole number, not {value!r}") from None
    least, most = _RANGES[name]
    if not least <= number <= most:
        raise UsageError(f"{origin}: {name} is {number}, it must be from {least} to {most}")
    return number


def _read_environment(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return what the environment sets; an empty variable sets nothing."""
    keys = {name: f"{_PREFIX}{name.upper()}" for name in NAMES}
    values = {name: environment[key] for name, key in keys.items() if environment.get(key)}
    if "ollama" not in values and environment.get("OLLAMA_HOST"):
        values["ollama"] = _client_address(environment["OLLAMA_HOST"])
    if "keep" not in values and environment.get("XDG_DATA_HOME"):
        values["keep"] = f"{environment['XDG_DATA_HOME']}/ibid"
    return values


def _client_address(host: str) -> str:
    """Return the address that a client uses for OLLAMA_HOST, which may be where a server binds.

    Scheme, host and port may be missing, as in Ollama itself; what is no address stays as it is,
    for whoever calls the server to complain about.
    """
    scheme, _, rest = host.strip().rpartition("://")
    try:
        parts = urlsplit(f"{scheme or 'http'}://{rest}")
        port = parts.port or {"http": 80, "https": 443}.get(scheme, 11434)
    except ValueError:
        return host
    name = parts.hostname or "127.0.0.1"
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(name, name)  # noqa: S104 - nothing is bound here
    return f"{parts.scheme}://{f'[{name}]' if ':' in name else name}:{port}{parts.path}"


def _read_file(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}", hint="it must be TOML") from error


def cache_folder() -> Path:
    """Return where ibid keeps what it can make again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ibid"


def _user_config(environment: Mapping[str, str]) -> Path:
    base = environment.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "ibid" / "config.toml"
