"""The doors on one server, beside the chat's page or without it, behind the same guard."""

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

from ibid.errors import UsageError
from ibid.library import Library
from ibid.ui import Door
from ibid.ui import serve as serve_chat

SHORTEST_TOKEN = 16
"""Characters that nobody guesses."""

Announce = Callable[[str], None]


def serve(library: Library, announce: Announce, *, page: bool) -> None:
    """Serve all doors until it is interrupted, with the chat's `page` or without.

    `announce` is told the address. Raises UsageError, IbidError.
    """
    doors = list_doors()
    _check_token(library.settings.token)
    serve_chat(library, announce, doors, page=page)


def serve_agents(library: Library, announce: Announce, *, allow_build: bool) -> None:
    """Serve agents alone until it is interrupted. Raises UsageError, IbidError."""
    from ibid.doors.mcp import open_mcp

    _check_token(library.settings.token)
    serve_chat(library, announce, [partial(open_mcp, allow_build=allow_build)], page=False)


def list_doors() -> list[Door]:
    """Return the doors that can be opened: that of agents needs the package `mcp`."""
    from ibid.doors.api import open_api
    from ibid.doors.openai import open_openai

    doors: list[Door] = [open_api, open_openai]
    if find_spec("mcp"):
        from ibid.doors.mcp import open_mcp

        doors.append(open_mcp)
    return doors


def _check_token(token: str) -> None:
    if token and len(token) < SHORTEST_TOKEN:
        hint = "IBID_TOKEN=$(openssl rand -hex 16)"
        raise UsageError(f"a token has {SHORTEST_TOKEN} characters or more", hint=hint)
