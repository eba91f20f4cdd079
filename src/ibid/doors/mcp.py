"""The Model Context Protocol: tools, articles as resources, and prompts, for agents.

The official SDK speaks the protocol; what is done is in `tools`. Nothing is traced: the SDK's
OpenTelemetry middleware is left out.
"""

import logging
import os
import re
import signal
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from types import FrameType
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote, unquote

import anyio
import mcp_types as types
from fastapi import FastAPI
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from ibid import __version__
from ibid.doors.asking import LARGEST, say_wrong
from ibid.doors.heard import Heard
from ibid.doors.prompts import PROMPTS
from ibid.doors.tools import READING, Build, Tool, describe_error
from ibid.errors import IbidError, UsageError, name_missing
from ibid.library import Library
from ibid.output import UNTRUSTED, brief_lines, find_id, place, quoted
from ibid.text import collapse, line_of, printable
from ibid.types import Span
from ibid.ui import Chat, Opening

AT_ONCE = 4
"""Calls that are answered at once; others wait."""

PATH = "/mcp"

LISTED = 100
"""Resources on a page of the list."""

_ARTICLE, _QUOTE = "ibid://article/", "ibid://quote/"
_HEARD = frozenset({b"mcp-protocol-version", b"mcp-session-id", b"mcp-method", b"mcp-name"})
_TEMPLATES = {
    "article": (_ARTICLE + "{id}{?line}", "An article from a line on"),
    "quote": (_QUOTE + "{id}{?start,end}", "Characters of an article, as they are cited"),
}
_INSTRUCTIONS = (
    "ibid answers from a folder of articles and shows the line of each sentence. Ask, then cite "
    "as article:line. Check your own sentences with verify_text before you hand them over. "
    f"{UNTRUSTED}"
)
T = TypeVar("T")
_log = logging.getLogger("ibid.mcp")

Context = ServerRequestContext[Any]


def create_server(library: Library, *, allow_build: bool = False) -> Server[Any]:
    """Return the server of a library: it only reads, but for `build` where that is allowed."""
    desk = Desk(library, (*READING, *((Build,) if allow_build else ())))
    server: Server[Any] = Server(
        "ibid",
        version=__version__,
        instructions=_INSTRUCTIONS,
        on_list_tools=desk.list_tools,
        on_call_tool=desk.call_tool,
        on_list_resources=desk.list_resources,
        on_list_resource_templates=desk.list_templates,
        on_read_resource=desk.read_resource,
        on_list_prompts=desk.list_prompts,
        on_get_prompt=desk.get_prompt,
    )
    server.middleware.clear()  # it traces each request wherever somebody has set tracing on
    return server


def serve_stdio(library: Library, *, allow_build: bool = False) -> None:
    """Serve one agent over standard input and output until it closes them, or until Ctrl-C.

    Whoever waits for input cannot be interrupted otherwise, and there is nothing to be lost.
    """
    signal.signal(signal.SIGINT, _leave)

    async def run() -> None:
        server = create_server(library, allow_build=allow_build)
        async with stdio_server() as (incoming, outgoing):
            heard = Heard(incoming, outgoing)
            await server.run(heard, outgoing, server.create_initialization_options())

    anyio.run(run)


def open_mcp(app: FastAPI, chat: Chat, *, allow_build: bool = False) -> Opening:
    """Add the server of a chat's library to an application, at /mcp; no session is kept."""
    server = create_server(chat.library, allow_build=allow_build)
    guarded = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # by our own guard
    served = server.streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        json_response=True,
        transport_security=guarded,
    )
    app.router.routes.extend(served.routes)
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def live(app: FastAPI) -> AsyncGenerator[Any]:
        async with server.session_manager.run(), inner(app) as state:
            yield state

    app.router.lifespan_context = live
    nowhere, path = re.compile(r"(?!)"), re.compile(PATH)
    return Opening(nowhere, path, None, LARGEST, _HEARD)


def _leave(number: int, _: FrameType | None) -> None:
    os._exit(128 + number)


class Desk:
    """Answers requests: each in a thread, since the library waits."""

    def __init__(self, library: Library, tools: tuple[type[Tool], ...]) -> None:
        self.library = library
        self.tools = {tool.name: tool for tool in tools}
        self._limit: anyio.CapacityLimiter | None = None

    async def list_tools(
        self, _: Context, __: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[describe_tool(tool) for tool in self.tools.values()])

    async def call_tool(
        self, _: Context, called: types.CallToolRequestParams
    ) -> types.CallToolResult:
        tool = self.tools.get(called.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"no tool is named {called.name!r}")
        return await self._in_thread(partial(self._call, tool, called.arguments or {}))

    def _call(self, tool: type[Tool], arguments: Mapping[str, Any]) -> types.CallToolResult:
        try:
            return _result(tool.model_validate(arguments).run(self.library))
        except ValidationError as error:
            hint = "the tool's input schema says what it takes"
            message = f"error: {say_wrong(error.errors())}\nhint: {hint}"
        except IbidError as error:
            message = describe_error(error)
        except Exception as error:  # noqa: BLE001  (a request's border: the server must go on)
            if missing := name_missing(error):
                return _result(describe_error(missing), is_error=True)
            _log.exception("a tool failed")
            message = "error: something broke\nhint: the log of ibid mcp says what"
        return _result(printable(message), is_error=True)

    async def list_resources(
        self, _: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        return await self._in_thread(
            partial(self._list_resources, (params and params.cursor) or "0")
        )

    def _list_resources(self, cursor: str) -> types.ListResourcesResult:
        if not (cursor.isdecimal() and len(cursor) < 12):  # noqa: PLR2004
            raise MCPError(types.INVALID_PARAMS, "this is not the cursor of a page")
        try:
            articles, begin = self.library.described, int(cursor)
        except IbidError as error:
            raise MCPError(types.INTERNAL_ERROR, describe_error(error)) from error
        resources = [
            types.Resource(
                uri=_ARTICLE + quote(article.id),
                name=printable(article.id),
                title=printable(collapse(article.title)),
                mime_type="text/plain",
            )
            for article in articles[begin : begin + LISTED]
        ]
        end = begin + LISTED
        more = str(end) if end < len(articles) else None
        return types.ListResourcesResult(resources=resources, next_cursor=more)

    async def list_templates(
        self, _: Context, __: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        templates = [
            types.ResourceTemplate(uri_template=uri, name=name, description=description)
            for name, (uri, description) in _TEMPLATES.items()
        ]
        return types.ListResourceTemplatesResult(resource_templates=templates)

    async def read_resource(
        self, _: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        return await self._in_thread(partial(self._read_resource, str(params.uri)))

    def _read_resource(self, uri: str) -> types.ReadResourceResult:
        try:
            text = read_uri(uri, self.library)
        except IbidError as error:
            raise MCPError(types.INVALID_PARAMS, describe_error(error), {"uri": uri}) from error
        contents = types.TextResourceContents(uri=uri, text=text, mime_type="text/plain")
        return types.ReadResourceResult(contents=[contents])

    async def list_prompts(
        self, _: Context, __: types.PaginatedRequestParams | None
    ) -> types.ListPromptsResult:
        prompts = [
            types.Prompt(
                name=name,
                description=prompt.about,
                arguments=[types.PromptArgument(name=prompt.takes, required=True)],
            )
            for name, prompt in PROMPTS.items()
        ]
        return types.ListPromptsResult(prompts=prompts)

    async def get_prompt(
        self, _: Context, params: types.GetPromptRequestParams
    ) -> types.GetPromptResult:
        prompt = PROMPTS.get(params.name)
        if prompt is None:
            raise MCPError(types.INVALID_PARAMS, f"no prompt is named {params.name!r}")
        arguments = params.arguments or {}
        if set(arguments) != {prompt.takes} or not arguments[prompt.takes].strip():
            raise MCPError(
                types.INVALID_PARAMS, f"{params.name} takes one argument, {prompt.takes}"
            )
        text = types.TextContent(type="text", text=prompt.write(arguments[prompt.takes]))
        message = types.PromptMessage(role="user", content=text)
        return types.GetPromptResult(description=prompt.about, messages=[message])

    async def _in_thread(self, call: Callable[[], T]) -> T:
        if self._limit is None:
            self._limit = anyio.CapacityLimiter(AT_ONCE)
        return await anyio.to_thread.run_sync(call, limiter=self._limit)


def describe_tool(tool: type[Tool]) -> types.Tool:
    """Return what a client is told of a tool."""
    return types.Tool(
        name=tool.name,
        description=tool.about,
        input_schema=_schema(tool),
        annotations=types.ToolAnnotations(
            read_only_hint=tool.reads_only,
            destructive_hint=False,
            idempotent_hint=True,
            open_world_hint=False,
        ),
    )


def read_uri(uri: str, library: Library) -> str:
    """Return what stands at the address of an article or a quote. Raises UsageError."""
    path, _, query = uri.partition("?")
    numbers = {
        name: int(values[0]) if len(values[0]) < 12 and values[0].isdecimal() else -1  # noqa: PLR2004
        for name, values in parse_qs(query).items()
    }
    if min(numbers.values(), default=0) < 0:
        raise UsageError("a place in an article is a number", hint="?line=12")
    if path.startswith(_ARTICLE):
        article = library.article(find_id(unquote(path.removeprefix(_ARTICLE)), library))
        return brief_lines(article, max(1, numbers.get("line", 1)), 1)
    if path.startswith(_QUOTE):
        article = library.article(find_id(unquote(path.removeprefix(_QUOTE)), library))
        span = Span(numbers.get("start", 0), numbers.get("end", 0))
        if not span.start < span.end <= len(article.text):
            raise UsageError("no text is at that place", hint="?start=0&end=80, in characters")
        where = place(article.id, line_of(article.text, span.start))
        return f"{UNTRUSTED}\n{where} {quoted(span.of(article.text))}"
    raise UsageError(f"no resource is at {uri!r}", hint=f"{_ARTICLE}…")


def _schema(tool: type[Tool]) -> dict[str, Any]:
    """Return what a tool takes, without what only repeats the names of its parts."""
    full = tool.model_json_schema()
    parts: dict[str, dict[str, Any]] = full["properties"]
    properties = {
        name: {
            key: value for key, value in part.items() if key != "title" and value not in ("", [])
        }
        for name, part in parts.items()
    }
    return {"type": "object", "properties": properties, "required": full.get("required", [])}


def _result(text: str, *, is_error: bool = False) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)], is_error=is_error
    )
