"""What is wrong with a set-up, part by part, each fault with the command that mends it.

Nothing is changed, nothing is pulled, and no article's text is sent anywhere.
"""

import platform
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPConnection, HTTPException
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING

from ibid import __version__
from ibid.canary import Canary, try_context
from ibid.errors import FolderError, IbidError, IndexUnusable, ModelError
from ibid.models import require_generator, survey_server
from ibid.text import count

if TYPE_CHECKING:
    from ibid.library import Library
    from ibid.ports import Generator
    from ibid.settings import Settings

_INSTALL = "pip install -c constraints.txt -e ."
_HERE = ("127.0.0.1", "localhost", "::1")
_PROBED = "How important is data privacy?"  # any text will do


class State(StrEnum):
    """How a part of the set-up is."""

    OK = "ok"
    NOTE = "note"
    """It works, and something should be known."""
    FAULT = "fault"


class Area(StrEnum):
    """A part of the set-up."""

    PYTHON = "python"
    PACKAGES = "packages"
    INDEX = "index"
    EMBEDDER = "embedder"
    SERVER = "server"
    MODEL = "model"
    CONTEXT = "context"
    CHAT = "chat"


SERVING = (Area.SERVER, Area.MODEL, Area.CONTEXT)
"""Areas that are a matter of the server of language models."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How a part of the set-up is, and what mends it."""

    area: Area
    state: State
    text: str
    fix: str = ""
    """The command, or what else to do, empty where nothing has to be done."""


def examine(library: "Library", canary: Canary | None = None) -> Iterator[Finding]:
    """Yield how each part of a set-up is, as it becomes known.

    With a canary the model is given a full prompt, which can take minutes.
    """
    yield Finding(Area.PYTHON, State.OK, _name_python())
    yield from _check_packages()
    yield from _check_index(library)
    yield _check_embedder(library)
    yield from _check_model(library.settings, canary)
    yield _check_port(library.settings)


def exit_code(findings: Sequence[Finding]) -> int:
    """Return 0 when all is well, 5 when only the server is at fault, 1 for any other fault."""
    faults = {finding.area for finding in findings if finding.state is State.FAULT}
    if not faults:
        return 0
    return 5 if faults <= set(SERVING) else 1


def _name_python() -> str:
    return (
        f"ibid {__version__}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}"
    )


def _check_packages() -> Iterator[Finding]:
    """Compare what is installed with what ibid needs."""
    from packaging.requirements import Requirement

    try:
        needed = [Requirement(line) for line in requires("ibid-articles") or ()]
    except PackageNotFoundError:
        text = "ibid runs from its source, so nobody says which packages it needs"
        yield Finding(Area.PACKAGES, State.NOTE, text, _INSTALL)
        return
    installed: list[str] = []
    for each in needed:
        if each.marker is not None and not each.marker.evaluate({"extra": ""}):
            continue
        found = _version(each.name)
        if found is None:
            text = f"{each.name} is not installed"
            yield Finding(Area.PACKAGES, State.FAULT, text, _INSTALL)
        elif not each.specifier.contains(found, prereleases=True):
            text = f"{each.name} is {found}, ibid needs {each.specifier}"
            yield Finding(Area.PACKAGES, State.FAULT, text, _INSTALL)
        else:
            installed.append(f"{each.name} {found}")
    yield Finding(Area.PACKAGES, State.OK, ", ".join(sorted(installed, key=str.lower)))


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _check_index(library: "Library") -> Iterator[Finding]:
    try:
        problems = library.check()
        if problems:
            first = f"{problems[0].where}: {problems[0].what}"
            text = f"{count(len(problems), 'problem')}, the first: {first}"
            fix = f"delete {library.store.root / 'CURRENT'}, then ibid build"
            yield Finding(Area.INDEX, State.FAULT, text, fix)
            return
        articles = library.articles
    except IndexUnusable as error:
        yield Finding(Area.INDEX, State.FAULT, str(error), error.hint)
        return
    except ModelError:
        yield Finding(Area.INDEX, State.NOTE, "not checked, since its embedder cannot be used")
        return
    passages = sum(library.passage_counts.values())
    text = f"whole: {count(len(articles), 'article')}, {count(passages, 'passage')}"
    yield Finding(Area.INDEX, State.OK, f"{text}, of {library.folder}")
    try:
        changes = library.changes()
    except FolderError as error:
        yield Finding(Area.INDEX, State.FAULT, str(error), error.hint)
        return
    if changes:
        yield Finding(Area.INDEX, State.FAULT, f"stale: {', '.join(changes)}", "ibid build")


def _check_embedder(library: "Library") -> Finding:
    try:
        first, _ = _timed(library)
        again, numbers = _timed(library)
    except IbidError as error:
        return Finding(Area.EMBEDDER, State.FAULT, str(error), error.hint)
    bits = getattr(library.embedder, "bits", 0)
    precision = f" in {bits} bits" if bits else ""
    text = (
        f"{library.embedder.identity.name}: one question in {again * 1000:.1f} ms{precision}, "
        f"{numbers} numbers; {first:.1f} s to start"
    )
    return Finding(Area.EMBEDDER, State.OK, text)


def _timed(library: "Library") -> tuple[float, int]:
    began = time.monotonic()
    vector = library.embedder.query(_PROBED)
    return time.monotonic() - began, vector.shape[1]


def _check_model(settings: "Settings", canary: Canary | None) -> Iterator[Finding]:
    """Yield how the server and its model are: a fault only where somebody has asked for them."""
    if settings.model == "none":
        text = "none is asked for; answers are the articles' own sentences"
        yield Finding(Area.MODEL, State.OK, text)
        return
    wanted = bool(settings.server) or settings.model != "auto" or canary is not None
    missing = State.FAULT if wanted else State.NOTE
    try:
        survey = survey_server(settings)
    except IbidError as error:
        yield Finding(Area.SERVER, missing, str(error), error.hint)
        return
    listed = f"{count(len(survey.models), 'model')}: {', '.join(survey.models)}"
    listed = listed if survey.models else "no model"
    yield Finding(Area.SERVER, State.OK, f"{survey.server}; it has {listed}")
    try:
        choice = require_generator(settings)
    except IbidError as error:
        yield Finding(Area.MODEL, missing, str(error), error.hint)
        return
    if choice.generator is not None:
        text = f"{choice.generator.name}, asked with {choice.generator.context:,} tokens at most"
        yield Finding(Area.MODEL, State.OK, text)
        if choice.notice:
            yield Finding(Area.MODEL, State.NOTE, choice.notice, "leave out --allow-remote")
        yield _check_context(choice.generator, canary)


def _check_context(generator: "Generator", canary: Canary | None) -> Finding:
    if canary is None:
        text = "whether the model reads a full prompt was not tested, since it takes a while"
        return Finding(Area.CONTEXT, State.NOTE, text, "ibid doctor --canary")
    read = try_context(generator, canary)
    state = State.FAULT if read.fix else State.OK
    return Finding(Area.CONTEXT, state, read.text, read.fix)


def _check_port(settings: "Settings") -> Finding:
    host, port = settings.host, settings.port
    if host not in _HERE:
        text = f"the chat listens on this machine only, not on {host}"
        return Finding(Area.CHAT, State.FAULT, text, "ibid chat --host 127.0.0.1")
    if _is_free(host, port):
        return Finding(Area.CHAT, State.OK, f"port {port} is free")
    if _is_ours(host, port):
        return Finding(Area.CHAT, State.OK, f"ibid chat is running on port {port}")
    free = next((each for each in range(port + 1, port + 100) if _is_free(host, each)), 0)
    text = f"port {port} is taken by another program"
    return Finding(Area.CHAT, State.FAULT, text, f"ibid chat --port {free}")


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(1)
        except (OSError, OverflowError):
            return False
    return True


def _is_ours(host: str, port: int) -> bool:
    """Tell whether what listens there is this chat: it has a script of its own."""
    connection = HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", "/chat/chat.js")
        return connection.getresponse().status == 200  # noqa: PLR2004
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
