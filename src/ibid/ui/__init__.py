"""The chat: a page in the browser, served by this machine to this machine."""

from ibid.ui.server.app import create_app, serve

__all__ = ["create_app", "serve"]
