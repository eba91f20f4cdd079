"""An agent's client: the SDK's own, over standard input and output, HTTP, or none of them."""

import asyncio
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError

from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError

from ibid.doors.mcp import create_server
from ibid.library import Library

T = TypeVar("T")
QUOTED = re.compile(r"⟪[^⟪⟫]*⟫")


@dataclass
class Reply:
    """What a tool returned."""

    text: str
    is_error: bool

    @property
    def own(self) -> str:
        """What ibid itself says in it: all that is not quoted from articles."""
        return QUOTED.sub("⟪⟫", self.text)


@dataclass
class Agent:
    """An agent that connects anew for each call."""

    server: Any

    def call(self, tool: str, **arguments: Any) -> Reply:
        async def run(client: Client) -> Reply:
            result = await client.call_tool(tool, arguments)
            (content,) = result.content
            assert content.type == "text"
            return Reply(content.text, bool(result.is_error))

        return self.use(run)

    def use(self, run: Callable[[Client], Awaitable[T]]) -> T:
        async def connect() -> T:
            async with Client(self.server) as client:
                try:
                    return await run(client)
                except MCPError as error:
                    refused = error
            raise refused  # within the block it would come as a group

        with ThreadPoolExecutor(1) as thread:  # Playwright's loop may run in this one
            return thread.submit(asyncio.run, connect()).result()


def agent_of(library: Library, *, allow_build: bool = False) -> Agent:
    """Return an agent that talks to a library's server in this process."""
    return Agent(create_server(library, allow_build=allow_build))


def stdio_agent(articles: Path, index: Path, *more: str) -> Agent:
    """Return an agent that starts `ibid mcp`."""
    flags = ["--articles", str(articles), "--index", str(index), "--model", "none"]
    command = ["-m", "ibid", "mcp", *flags, *more]
    return Agent(StdioServerParameters(command=sys.executable, args=command))


@contextmanager
def command_at(
    *arguments: str, environment: dict[str, str] | None = None, host: str = "127.0.0.1"
) -> Iterator[str]:
    """Run an `ibid` that serves until it is interrupted; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    model = () if "--server" in arguments else ("--model", "none")
    command = [sys.executable, "-m", "ibid", *arguments, "--port", str(port), *model]
    address = f"http://{host}:{port}"
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) as process:
        try:
            wait_for(address, process)
            yield address
        finally:
            process.send_signal(signal.SIGINT)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310
        except HTTPError:
            return
        except (URLError, OSError):
            assert process.poll() is None, process.stderr and process.stderr.read().decode()
            assert time.monotonic() < until
            time.sleep(0.1)
        else:
            return
