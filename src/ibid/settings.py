"""One frozen Settings, each value with the place that it came from."""

import errno
import os
import reprlib
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from ibid.errors import UsageError
from ibid.storage import Place, hint_for, is_lasting, place_of, read_file, read_place

_PROGRAM = "argument"
"""Origin of what a program gives to Library.open, where paths are Python's own."""
_PREFIX, _LOCAL_FILE = "IBID_", "ibid.toml"
_LARGEST = 1 << 14
"""Bytes of a file of settings, which has a dozen lines."""
_SHOWN = 60
"""Characters of a value that a message shows."""


class Local(Enum):
    """What `./ibid.toml` may say of a setting; the folder may be somebody else's."""

    YES = "whatever the setting takes"
    BELOW = "a folder below its own"
    NO = "nothing: it says where something goes, or what is allowed"


def _setting(default: Any, local: Local = Local.YES) -> Any:
    return field(default=default, metadata={"local": local})


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user may choose. Precedence: flag, IBID_*, ./ibid.toml, user's config, default."""

    articles: tuple[str, ...] = _setting(("seeds",), Local.BELOW)
    """Folder of articles, or several: then each article's id begins with the name of its folder."""
    index: str = _setting("index", Local.BELOW)
    """Folder of the index, or `postgresql://…` or `milvus://…` for one on a server. No password is
    in it."""
    exclude: tuple[str, ...] = _setting(())
    """Files and folders that are no articles: patterns as in a .gitignore; `!` takes one back."""
    follow: bool = _setting(default=False, local=Local.NO)
    """Whether links among the articles are followed, to files and to folders outside."""
    embedder: str = _setting("all-MiniLM-L6-v2")
    """The default model, or any sentence-transformers model by name or folder, or one of a server:
    `ollama:NAME`, `server:NAME`. It is known by its bytes: a copy of the default model's folder is
    the default model."""
    reranker: str = _setting("")
    """A cross-encoder of sentence-transformers, by name or folder: it puts what a search finds in
    its own order. None without a name."""
    ray: str = _setting("", Local.NO)
    """Address of a Ray cluster, whose nodes embed the texts of a build."""
    precision: str = _setting("auto")
    """`auto`: the default model embeds in 8 bits where the processor can; `fp32`: it never does."""
    model: str = _setting("auto")
    """`auto`, `none`, or the name of a model of the server."""
    ollama: str = _setting("http://127.0.0.1:11434", Local.NO)
    """Address of the Ollama server."""
    server: str = _setting("", Local.NO)
    """Address of an OpenAI-compatible server, which is asked in place of Ollama."""
    allow_remote: bool = _setting(default=False, local=Local.NO)
    """Whether texts may be sent to a model or a Ray cluster on another machine."""
    context: int = _setting(8192)
    """Tokens that prompt and answer may have together."""
    unsupported: str = _setting("mark")
    """What becomes of a model's sentences that are altered or not in the articles: `mark` says so
    behind them, `drop` leaves them out."""
    host: str = _setting("127.0.0.1", Local.NO)
    """Address that the chat listens on."""
    port: int = _setting(7860)
    """Port that the chat listens on."""
    token: str = _setting("", Local.NO)
    """What `ibid serve` asks of everybody; without it only this machine is answered."""
    add: bool = _setting(default=False, local=Local.NO)
    """Whether the chat may add files to the folder of articles, when its reader confirms each."""
    keep: str = _setting("~/.local/share/ibid", Local.NO)
    """Folder of what is kept: watched questions, and of the chat its conversations, and what its
    readers saved or complained of."""
    origins: Mapping[str, str] = field(default_factory=dict[str, str])
    """Where each value that is not a default came from."""
    ignored: Mapping[str, str] = field(default_factory=dict[str, str])
    """What `./ibid.toml` gives and may not, by its setting: where, and why it does not count."""

    def changed(self, values: Mapping[str, object], origin: str) -> "Settings":
        """Return the settings with `values` applied, None left out. Raises UsageError."""
        choices = {name: value for name, value in values.items() if value is not None}
        typed = {name: _typed(name, value, origin) for name, value in choices.items()}
        origins = {**self.origins, **dict.fromkeys(typed, origin)}
        return replace(self, **typed, origins=origins)

    def shown(self, name: str) -> Any:
        """Return a value as it may be printed: not the token itself, one folder as a text."""
        value = getattr(self, name)
        if name == "articles" and len(value) == 1:
            return value[0]
        return "set" if name == "token" and value else value

    def is_local(self, name: str) -> bool:
        """Tell whether a value came from `./ibid.toml`, which may be somebody else's."""
        return Path(self.origins.get(name, "")).name == _LOCAL_FILE

    def changed_locally(self, path: Path) -> "Settings":
        """Return the settings with what `./ibid.toml` may give, the rest named in `ignored`.

        Raises UsageError, for a value that would be ignored as well.
        """
        values = _read_file(path)
        allowed = self.changed(values, str(path))
        ignored = {
            name: f"{path}: {reason}"
            for name in values
            if (reason := _refusal_of(name, getattr(allowed, name), path))
        }
        counting = {name: value for name, value in values.items() if name not in ignored}
        return replace(self.changed(counting, str(path)), ignored=ignored)


_LOCAL: Mapping[str, Local] = {
    entry.name: entry.metadata["local"] for entry in fields(Settings) if "local" in entry.metadata
}
NAMES = tuple(_LOCAL)

_CHOICES = {"precision": ("auto", "fp32"), "unsupported": ("mark", "drop")}
_PATHS = ("index", "embedder", "reranker", "keep")
_AFTER_A_SHELL = ("option", _PROGRAM)
"""Whence a value comes in which `~` was the name of a folder, or the shell would have read it."""
_LISTS = ("exclude",)
_SWITCHES = ("allow_remote", "add", "follow")
_MAY_BE_EMPTY = ("server", "token", "reranker", "ray")
_RANGES = {"context": (2048, 1_000_000), "port": (1, 65_535)}


def load_settings(
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> Settings:
    """Return the settings in force. Raises UsageError for a value or a key that cannot be used."""
    user = user_config(environment)
    settings = Settings().changed(_read_file(user), str(user))
    settings = settings.changed_locally((folder or _here()) / _LOCAL_FILE)
    settings = settings.changed(_read_environment(environment), "environment")
    return settings.changed(flags or {}, "option")


def _here() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        hint = "go to another folder: this one cannot be reached"
        raise UsageError(f"the current folder is not there ({error.strerror})", hint=hint) from None


def _refusal_of(name: str, value: Any, path: Path) -> str:
    """Return why an `ibid.toml` may not give a setting, one of several folders for instance."""
    values = value if name == "articles" else (value,)
    return next(filter(None, (_refusal(_LOCAL[name], text, path) for text in values)), "")


def _refusal(local: Local, value: str, path: Path) -> str:
    """Return why `path`, an `ibid.toml`, may not give a value, nothing when it may."""
    match local:
        case Local.YES:
            return ""
        case Local.BELOW if place_of(value) is not Place.FOLDER:
            return _refusal(Local.NO, value, path)
        case Local.BELOW:
            folder, there = os.path.realpath(path.parent), os.path.realpath(path.parent / value)
            inside = Path(there).is_relative_to(folder)
            return "" if inside else "it leads out of the folder of the file"
        case Local.NO:
            return "it says where something goes, or what is allowed"


def _typed(name: str, value: object, origin: str) -> Any:
    """Return the value in the type of its setting. Raises UsageError."""
    if name not in NAMES:
        hint = f"the settings are {', '.join(NAMES)}"
        raise UsageError(f"{origin}: no setting is named {_shown(name)}", hint=hint)
    if name in _RANGES:
        return _number(name, value, origin)
    if name in _SWITCHES:
        return _switch(name, value, origin)
    if name in _LISTS:
        return _texts(name, value, origin)
    if name == "articles":
        return _folders(value, origin)
    return _text(name, value, origin)


def _folders(value: object, origin: str) -> tuple[str, ...]:
    """Return the folders of articles, of which there is one at least. Raises UsageError."""
    folders = cast("Sequence[object]", value) if isinstance(value, list | tuple) else [value]
    if not folders:
        raise _refused(f"{origin}: articles names no folder")
    return tuple(_path("articles", _text("articles", folder, origin), origin) for folder in folders)


def _text(name: str, value: object, origin: str) -> str:
    """Return the text of a setting, which may be a path. Raises UsageError."""
    if not isinstance(value, str) or not (value.strip() or name in _MAY_BE_EMPTY):
        raise _refused(f"{origin}: {name} takes a text, not {_shown(value)}")
    if not _can_be_given(value, origin):
        raise _refused(f"{origin}: {name} holds control characters, or bytes that are not UTF-8")
    if value not in _CHOICES.get(name, (value,)):
        choices = " or ".join(_CHOICES[name])
        raise _refused(f"{origin}: {name} is {choices}, not {_shown(value)}")
    return _path(name, value, origin) if name in _PATHS else value


def _path(name: str, value: str, origin: str) -> str:
    """Return the path of a setting, or the address of an index. Raises UsageError."""
    if name == "index":
        value = read_place(value, origin)
        if place_of(value) is not Place.FOLDER:
            return value
    path = value if origin in _AFTER_A_SHELL else _at_home(name, value, origin)
    _check_length(name, path, origin)
    return path


def _check_length(name: str, path: str, origin: str) -> None:
    """Raise UsageError for a path that no folder can have here, being too long."""
    try:
        Path(path).lstat()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise _refused(f"{origin}: {name} is too long: {_shown(path)}") from None


def _texts(name: str, value: object, origin: str) -> tuple[str, ...]:
    """Return a list of texts; a text lists several with commas. Raises UsageError."""
    items: object = value.split(",") if isinstance(value, str) else value
    texts = list(cast("Sequence[object]", items)) if isinstance(items, list | tuple) else [None]
    if not all(isinstance(text, str) and _can_be_given(text, origin) for text in texts):
        raise _refused(f"{origin}: {name} takes a list of texts, not {_shown(value)}")
    listed = tuple(text.strip() for text in texts if isinstance(text, str) and text.strip())
    _check_patterns(name, listed, origin)
    return listed


def _check_patterns(name: str, patterns: Sequence[str], origin: str) -> None:
    """Raise UsageError where some of the patterns are none."""
    from ibid.reading import MOST_PATTERNS, read_pattern

    if len(patterns) > MOST_PATTERNS:
        raise _refused(f"{origin}: {name} lists more than {MOST_PATTERNS:,} patterns")
    for pattern in patterns:
        try:
            read_pattern(pattern)
        except ValueError as error:
            excerpt = _shown(pattern)
            raise _refused(
                f"{origin}: {name} has {excerpt}, no pattern as git has them: {error}"
            ) from None


def _at_home(name: str, value: str, origin: str) -> str:
    """Return a path whose `~` is the home folder, as a shell would say it. Raises UsageError."""
    if not value.startswith("~"):
        return value
    try:
        return str(Path(value).expanduser())
    except RuntimeError:
        hint = f"name the folder from the root on, or ./{value} for one that is called so"
        message = f"{origin}: {name} is {_shown(value)}, and there is no such home folder"
        raise UsageError(message, hint=hint) from None


def _can_be_given(value: str, origin: str) -> bool:
    """Tell whether a text can name what it has to; a program may name a folder that is no UTF-8."""
    kinds = {unicodedata.category(char) for char in value}
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        return False
    return "Cc" not in kinds and (origin == _PROGRAM or "Cs" not in kinds)


def _refused(message: str) -> UsageError:
    return UsageError(message, hint="ibid config shows each setting and where it came from")


def _shown(value: object) -> str:
    """Return a value for a message: neither long nor deep."""
    return ascii(value) if isinstance(value, str) and len(value) <= _SHOWN else reprlib.repr(value)


def _switch(name: str, value: object, origin: str) -> bool:
    text = str(value).lower() if isinstance(value, bool | int | str) else ""
    if text not in ("yes", "true", "1", "no", "false", "0"):
        raise _refused(f"{origin}: {name} is yes or no, not {_shown(value)}")
    return text in ("yes", "true", "1")


def _number(name: str, value: object, origin: str) -> int:
    try:
        number = int(str(value)) if isinstance(value, bool | int | str) else None
    except ValueError:
        number = None
    if number is None:
        raise _refused(f"{origin}: {name} takes a whole number, not {_shown(value)}")
    least, most = _RANGES[name]
    if not least <= number <= most:
        raise _refused(f"{origin}: {name} is {_shown(number)}, it must be from {least} to {most}")
    return number


def _read_environment(environment: Mapping[str, str]) -> Mapping[str, object]:
    """Return what the environment sets; an empty variable sets nothing."""
    keys = {name: f"{_PREFIX}{name.upper()}" for name in NAMES}
    values: dict[str, object] = {
        name: environment[key] for name, key in keys.items() if environment.get(key)
    }
    if folders := environment.get(keys["articles"]):
        values["articles"] = _split_folders(folders)
    if "ollama" not in values and environment.get("OLLAMA_HOST"):
        values["ollama"] = _client_address(environment["OLLAMA_HOST"])
    if "keep" not in values and Path(environment.get("XDG_DATA_HOME", "")).is_absolute():
        values["keep"] = f"{environment['XDG_DATA_HOME']}/ibid"
    return values


def _split_folders(value: str) -> list[str]:
    """Return the folders that a variable names, as PATH does; one may have such a mark itself."""
    if os.path.isdir(os.path.expanduser(value)):  # noqa: PTH111, PTH112 - Path's raise errors
        return [value]
    return list(filter(None, value.split(os.pathsep))) or [value]


def _client_address(host: str) -> str:
    """Return the address that a client uses for OLLAMA_HOST, which may be where a server binds.

    Scheme, host and port may be missing, as in Ollama itself; what is no address stays as it is,
    for whoever calls the server to complain about.
    """
    scheme, _, address = host.strip().rpartition("://")
    try:
        parts = urlsplit(f"{scheme or 'http'}://{address}")
        port = parts.port or {"http": 80, "https": 443}.get(scheme, 11434)
    except ValueError:
        return host
    name = parts.hostname or "127.0.0.1"
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(name, name)  # noqa: S104 - nothing is bound here
    return f"{parts.scheme}://{f'[{name}]' if ':' in name else name}:{port}{parts.path}"


def _read_file(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(read_file(path, _LARGEST, follow=True).decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        hint = "it must be a file of settings, as TOML" if is_lasting(error) else hint_for(error)
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint=hint) from error
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise UsageError(f"{path} cannot be read: {reason}", hint="it must be TOML") from None


def cache_folder() -> Path:
    """Return where ibid keeps what it can make again."""
    return _base(os.environ, "XDG_CACHE_HOME", ".cache") / "ibid"


def milvus_token(environment: Mapping[str, str] = os.environ) -> str:
    """Return what a server of Milvus is asked with, empty for none; it is never shown."""
    return environment.get("IBID_MILVUS_TOKEN", "")


def user_config(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the user's own settings are."""
    return _base(environment, "XDG_CONFIG_HOME", ".config") / "ibid" / "config.toml"


def _base(environment: Mapping[str, str], name: str, default: str) -> Path:
    """Return a folder of the user; a relative one counts for nothing, as XDG has it."""
    path = Path(environment.get(name, ""))
    if path.is_absolute():
        return path
    try:
        return Path.home() / default
    except RuntimeError as error:
        raise UsageError("your home folder is not known", hint=f"set HOME or {name}") from error
