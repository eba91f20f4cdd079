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

    async def __aexit__(self, *ended: Any, **named: Any) -> bool | None:
        return await self._incoming.__aexit__(*ended, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._incoming, name)


def refusal_of(error: Exception) -> types.JSONRPCError:
    """Return what is answered to a line that is no message, to its number where it has one."""
    wrong: list[Any] = (
        [*error.errors(include_url=False)] if isinstance(error, ValidationError) else []
    )
    number = next((found for each in wrong if (found := _number_of(each["input"]))), None)
    if any(each["type"] == "json_invalid" for each in wrong):
        told = types.ErrorData(code=types.PARSE_ERROR, message="this is no JSON in Unicode")
    else:
        said = "this is no request of JSON-RPC"
        told = types.ErrorData(code=types.INVALID_REQUEST, message=said)
    return types.JSONRPCError(jsonrpc="2.0", id=number, error=told)


def _number_of(sent: Any) -> str | int | None:
    """Return the number of a request, None where it has none."""
    try:
        number = (json.loads(sent) if isinstance(sent, str | bytes) else sent)["id"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return number if type(number) is int or isinstance(number, str) else None
