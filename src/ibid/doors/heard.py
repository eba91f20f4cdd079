"""What an agent sends over standard input: a line that is no message is answered, not passed over.

The SDK hands such a line on as an error, which its server drops; whoever sent it would wait.
"""

import json
from typing import Any, Self

import anyio
import mcp_types as types
from mcp.shared.message import SessionMessage
from pydantic import ValidationError


class Heard:
    """The stream of messages that came, without those that could not be read."""

    def __init__(self, incoming: Any, outgoing: Any) -> None:
        self._incoming, self._outgoing = incoming, outgoing

    async def receive(self) -> SessionMessage:
        """Return the next message; what is none on the way there is answered with an error."""
        while isinstance(message := await self._incoming.receive(), Exception):
            await self._outgoing.send(SessionMessage(refusal_of(message)))
        return message

    async def aclose(self) -> None:
        await self._incoming.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        await self._incoming.__aenter__()
        return self

    async def __aexit__(self, *ended: Any, **keywords: Any) -> bool | None:
        return await self._incoming.__aexit__(*ended, **keywords)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._incoming, name)


def refusal_of(error: Exception) -> types.JSONRPCError:
    """Return what is answered to a line that is no message, to its number where it has one."""
    wrong: list[Any] = (
        [*error.errors(include_url=False)] if isinstance(error, ValidationError) else []
    )
    number = next((value for fault in wrong if (value := _number_of(fault["input"]))), None)
    if any(fault["type"] == "json_invalid" for fault in wrong):
        details = types.ErrorData(code=types.PARSE_ERROR, message="this is no JSON in Unicode")
    else:
        message = "this is no request of JSON-RPC"
        details = types.ErrorData(code=types.INVALID_REQUEST, message=message)
    return types.JSONRPCError(jsonrpc="2.0", id=number, error=details)


def _number_of(request: Any) -> str | int | None:
    """Return the number of a request, None where it has none."""
    try:
        number = (json.loads(request) if isinstance(request, str | bytes) else request)["id"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return number if type(number) is int or isinstance(number, str) else None
