"""What is wrong with a set-up, part by part, each fault with the command that mends it.

Nothing is changed, nothing is pulled, and no article's text is sent anywhere.
"""

import errno
import hashlib
import json
import os
import platform
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, requires, version
from ipaddress import ip_address
from itertools import chain, islice
from typing import TYPE_CHECKING, cast

from ibid import __version__
from ibid.adapters import require_generator, survey_server
from ibid.doctor.canary import Canary, try_context
from ibid.errors import FolderError, IbidError, IndexUnusable, ModelError
from ibid.text import count
from ibid.types import MEASURED

if TYPE_CHECKING:
    from ibid.library import Library
    from ibid.ports import Generator
    from ibid.settings import Settings

_INSTALL = "pip install -c constraints.txt -e ."
CHAT_ADDRESS = "/about"
"""Where a chat says what it is."""

_PATIENCE, _LONGEST = 2.0, 4096  # seconds and bytes that a chat may take to say so
_PROBED = "How important is data privacy?"  # any text will do


class Health(StrEnum):
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


LEFT_OUT = {
    "gradio": "ibid chat",
    "huggingface-hub": "models by name",
    "ir-measures": "ibid eval",
    "scipy": "ibid eval",
    "sentence-transformers": "other embedders",
    "transformers": "other embedders",
}
"""The packages that light.txt leaves out, and what needs them."""

SERVING = (Area.SERVER, Area.MODEL, Area.CONTEXT)
"""Areas that are a matter of the server of language models."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How a part of the set-up is, and what mends it."""

    area: Area
    state: Health
    text: str
    fix: str = ""
    """The command, or what else to do, empty where nothing has to be done."""


def examine(library: "Library", canary: Canary | None = None) -> Iterator[CheckResult]:
    """Yield how each part of a set-up is, as it becomes known.

    With a canary the model is given a full prompt, which can take minutes.
    """
    yield CheckResult(Area.PYTHON, Health.OK, _name_python())
    yield from _check_packages()
    yield from _check_index(library)
    yield _check_embedder(library)
    yield from _check_model(library.settings, canary)
    yield _check_port(library)


def exit_code(findings: Sequence[CheckResult]) -> int:
    """Return 0 when all is well, 5 when only the server is at fault, 1 for any other fault."""
    faults = {finding.area for finding in findings if finding.state is Health.FAULT}
    if not faults:
        return 0
    return 5 if faults <= set(SERVING) else 1


def _name_python() -> str:
    return (
        f"ibid {__version__}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}"
    )


def _check_packages() -> Iterator[CheckResult]:
    """Compare what is installed with what ibid needs."""
    from packaging.requirements import Requirement

    try:
        requirements = [Requirement(line) for line in requires("ibid-articles") or ()]
    except PackageNotFoundError:
        text = "ibid runs from its source, so nobody says which packages it needs"
        yield CheckResult(Area.PACKAGES, Health.NOTE, text, _INSTALL)
        return
    installed: list[str] = []
    absent: list[str] = []
    for requirement in requirements:
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        release = _version(requirement.name)
        if release is None and requirement.name in LEFT_OUT:
            absent.append(requirement.name)
        elif release is None:
            text = f"{requirement.name} is not installed"
            yield CheckResult(Area.PACKAGES, Health.FAULT, text, _INSTALL)
        elif not requirement.specifier.contains(release, prereleases=True):
            text = f"{requirement.name} is {release}, ibid needs {requirement.specifier}"
            yield CheckResult(Area.PACKAGES, Health.FAULT, text, _INSTALL)
        else:
            installed.append(f"{requirement.name} {release}")
    if absent:
        uses = ", ".join(f"{name} ({LEFT_OUT[name]})" for name in absent)
        text = f"the light install, which lacks {uses}"
        yield CheckResult(Area.PACKAGES, Health.NOTE, text, f"pip install {' '.join(absent)}")
    yield CheckResult(Area.PACKAGES, Health.OK, ", ".join(sorted(installed, key=str.lower)))


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _check_index(library: "Library") -> Iterator[CheckResult]:
    try:
        problems = library.check()
        if problems:
            first = f"{problems[0].where}: {problems[0].what}"
            text = f"{count(len(problems), 'problem')}, the first: {first}"
            fix = f"{library.store.removal}, then {library.rebuild}"
            yield CheckResult(Area.INDEX, Health.FAULT, text, fix)
            return
        articles = library.articles
    except IndexUnusable as error:
        yield CheckResult(Area.INDEX, Health.FAULT, str(error), error.hint)
        return
    except ModelError:
        yield CheckResult(Area.INDEX, Health.NOTE, "not checked, since its embedder cannot be used")
        return
    passages = sum(library.passage_counts.values())
    text = f"whole: {count(len(articles), 'article')}, {count(passages, 'passage')}"
    yield CheckResult(Area.INDEX, Health.OK, f"{text}, of {library.folders}")
    try:
        changes = library.changes()
    except FolderError as error:
        yield CheckResult(Area.INDEX, Health.FAULT, str(error), error.hint)
        return
    if changes:
        yield CheckResult(Area.INDEX, Health.FAULT, f"stale: {', '.join(changes)}", "ibid build")


def _check_embedder(library: "Library") -> CheckResult:
    try:
        first, _ = _timed(library)
        again, numbers = _timed(library)
    except IbidError as error:
        return CheckResult(Area.EMBEDDER, Health.FAULT, str(error), error.hint)
    bits = getattr(library.embedder, "bits", 0)
    precision = f" in {bits} bits" if bits else ""
    text = (
        f"{library.embedder.identity.name}: one question in {again * 1000:.1f} ms{precision}, "
        f"{numbers} numbers; {first:.1f} s to start"
    )
    if MEASURED.holds_for(library.embedder.identity.name):
        return CheckResult(Area.EMBEDDER, Health.OK, text)
    text += f"; when there is no answer was measured with {MEASURED.embedder}, not with it"
    return CheckResult(Area.EMBEDDER, Health.NOTE, text, "ibid eval --self")


def _timed(library: "Library") -> tuple[float, int]:
    began = time.monotonic()
    vector = library.embedder.query(_PROBED)
    return time.monotonic() - began, vector.shape[1]


def _check_model(settings: "Settings", canary: Canary | None) -> Iterator[CheckResult]:
    """Yield how the server and its model are: a fault only where somebody has asked for them."""
    if settings.model == "none":
        text = "none is asked for; answers are the articles' own sentences"
        yield CheckResult(Area.MODEL, Health.OK, text)
        return
    wanted = bool(settings.server) or settings.model != "auto" or canary is not None
    missing = Health.FAULT if wanted else Health.NOTE
    try:
        survey = survey_server(settings)
    except IbidError as error:
        yield CheckResult(Area.SERVER, missing, str(error), error.hint)
        return
    listed = f"{count(len(survey.models), 'model')}: {', '.join(survey.models)}"
    listed = listed if survey.models else "no model"
    yield CheckResult(Area.SERVER, Health.OK, f"{survey.server}; it has {listed}")
    try:
        choice = require_generator(settings)
    except IbidError as error:
        yield CheckResult(Area.MODEL, missing, str(error), error.hint)
        return
    if choice.generator is not None:
        text = f"{choice.generator.name}, asked with {choice.generator.context:,} tokens at most"
        yield CheckResult(Area.MODEL, Health.OK, text)
        if choice.notice:
            yield CheckResult(Area.MODEL, Health.NOTE, choice.notice, "leave out --allow-remote")
        yield _check_context(choice.generator, canary)


def _check_context(generator: "Generator", canary: Canary | None) -> CheckResult:
    if canary is None:
        text = "whether the model reads a full prompt was not tested, since it takes a while"
        return CheckResult(Area.CONTEXT, Health.NOTE, text, "ibid doctor --canary")
    reading = try_context(generator, canary)
    state = Health.FAULT if reading.fix else Health.OK
    return CheckResult(Area.CONTEXT, state, reading.text, reading.fix)


def describe_chat(library: "Library") -> dict[str, str]:
    """Return what a chat says about itself, so that it can be known again; no path is in it."""
    index = hashlib.sha256(os.fsencode(library.store.root.resolve())).hexdigest()
    return {"ibid": __version__, "index": index}


def _check_port(library: "Library") -> CheckResult:
    host, port = library.settings.host, library.settings.port
    addresses = _find_addresses(host)
    if not addresses:
        text = f"the chat listens on this machine only, not on {host}"
        return CheckResult(Area.CHAT, Health.FAULT, text, "ibid chat --host 127.0.0.1")
    trouble = _try_port(addresses, port)
    if trouble is None:
        return CheckResult(Area.CHAT, Health.OK, f"port {port} is free")
    if trouble.errno != errno.EADDRINUSE:
        text = f"port {port} of {host} cannot be used: {trouble.strerror or trouble}"
        return CheckResult(Area.CHAT, Health.FAULT, text, _name_port(port))
    chat = next(filter(None, (_ask_chat(address, port) for address in addresses)), None)
    if chat is None:
        text = f"port {port} is taken by another program"
        return CheckResult(Area.CHAT, Health.FAULT, text, _name_port(port))
    return _judge_chat(chat, library)


def _judge_chat(chat: Mapping[str, object], library: "Library") -> CheckResult:
    """Return whether the chat that is running is the one that this set-up would start."""
    port, here = library.settings.port, describe_chat(library)
    if chat.get("index") != here["index"]:
        text = f"the chat that is running on port {port} has another index"
        return CheckResult(Area.CHAT, Health.NOTE, text, _name_port(port))
    if chat["ibid"] != __version__:
        text = f"the chat that is running on port {port} is of another version of ibid"
        return CheckResult(Area.CHAT, Health.NOTE, text, "stop it, then ibid chat")
    return CheckResult(Area.CHAT, Health.OK, f"ibid chat is running on port {port}")


def _find_addresses(host: str) -> Sequence[str]:
    """Return the addresses that a host means, none for another machine; nothing is looked up."""
    if host == "localhost":
        return ("127.0.0.1", "::1")
    with suppress(ValueError):
        return (host,) if ip_address(host).is_loopback else ()
    return ()


def _try_port(addresses: Sequence[str], port: int) -> OSError | None:
    """Return why a port cannot be listened on, None where it can."""
    errors = [error for address in addresses if (error := _try_listening(address, port))]
    absent = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)  # a machine without IPv6
    if len(errors) < len(addresses):
        errors = [error for error in errors if error.errno not in absent]
    return next(iter(errors), None)


def _try_listening(address: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family) as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((address, port))
            listening.listen(1)
    except OSError as error:
        return error
    return None


def _name_port(port: int) -> str:
    """Return the command that starts the chat on another port, one that is free."""
    near = islice(range(max(port, 1024) + 1, 65_536), 100)
    below = range(49_152, 49_252)  # where nobody is registered
    free = (number for number in chain(near, below) if _try_port(("127.0.0.1",), number) is None)
    return f"ibid chat --port {next(free, port)}"


def _ask_chat(address: str, port: int) -> Mapping[str, object] | None:
    """Return what the chat on a port says about itself, None where something else listens."""
    from ibid.adapters import Deadline, ServerKind, asking, locate

    url = f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"
    server = locate(url, ServerKind("ibid chat", "chat", url, port, "ibid chat"))
    headers = {"Host": "localhost"}  # which every chat answers to, wherever it listens
    try:
        with (
            asking(server),
            Deadline(_PATIENCE) as deadline,
            deadline.client(server) as client,
            client.stream("GET", CHAT_ADDRESS, headers=headers) as response,
        ):
            reply: object = json.loads(next(response.iter_raw(_LONGEST), b""))
    except ModelError:
        return None
    description = cast("dict[str, object]", reply) if isinstance(reply, dict) else {}
    return description if "ibid" in description else None
