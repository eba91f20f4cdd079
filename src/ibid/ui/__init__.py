"""The chat: a page in the browser, served by this machine to this machine."""

from ibid.ui.server.app import Door, create_app, serve
from ibid.ui.server.guarding import Opening
from ibid.ui.server.state import Chat
from ibid.ui.talk.listening import listen
from ibid.ui.talk.queue import Place

__all__ = ["Chat", "Door", "Opening", "Place", "create_app", "listen", "serve"]
