"""The chat: a page in the browser, served by this machine to this machine."""

from ibid.ui.server import create_app, serve

__all__ = ["create_app", "serve"]
