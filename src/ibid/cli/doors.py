"""`ibid chat` and `ibid mcp`: what serves people and programs until it is interrupted."""

import click

from ibid.cli.console import open_library, say
from ibid.cli.options import shared
from ibid.errors import UsageError


@click.command("chat")
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@click.option("--add", is_flag=True, default=None, help="Let the page add articles.")
@shared("model", "articles", "index", "embedder")
def chat(**flags: str | int | bool | None) -> None:
    """Open the chat in a browser on this machine."""
    from ibid.doors import serve

    serve(open_library(flags), lambda address: say(f"ibid is at {address}", err=True), page=True)


@click.command("serve")
@click.option("--host", help="Address to listen on; not of this machine alone with IBID_TOKEN.")
@click.option("--port", type=int, help="Port to listen on.")
@shared("model", "articles", "index", "embedder")
def serve(**flags: str | int | None) -> None:
    """Serve programs over HTTP: an API, OpenAI's, and agents, without the page of the chat.

    /api/search, ask, compare, verify, articles and status (/api/openapi.json says what they take),
    /v1/chat/completions and /v1/models as OpenAI has them, and /mcp for agents.
    """
    from ibid import doors

    def announce(address: str) -> None:
        say(f"ibid serves {address}/api, {address}/v1 and {address}/mcp", err=True)

    doors.serve(open_library(flags), announce, page=False)


@click.command("mcp")
@click.option("--http", is_flag=True, help="Serve at an address of this machine, not on stdio.")
@click.option("--host", help="Address to listen on, with --http.")
@click.option("--port", type=int, help="Port to listen on, with --http.")
@click.option("--allow-build", is_flag=True, help="Let agents bring the index up to date, too.")
@shared("model", "articles", "index", "embedder")
def mcp(*, http: bool, allow_build: bool, **flags: str | int | None) -> None:
    """Serve agents by the Model Context Protocol: search, ask, verify, compare, read.

    Over standard input and output, as an agent starts it, or with --http at /mcp. Nothing is
    written but with --allow-build.
    """
    from ibid import doors

    if not http and (flags["host"] or flags["port"]):
        raise UsageError("--host and --port have no effect without --http", hint="ibid mcp --http")
    library = open_library(flags)
    if not http:
        return doors.serve_stdio(library, allow_build=allow_build)
    return doors.serve_agents(
        library,
        lambda address: say(f"agents are served at {address}/mcp", err=True),
        allow_build=allow_build,
    )
