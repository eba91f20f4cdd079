"""Doors for other programs: an MCP server for agents, an HTTP API, an OpenAI-compatible one."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
