"""What one chat is made of: a library, and what the page needs beside it."""

from pathlib import Path

from ibid.library import Library
from ibid.ui.panes.articles import Shelves
from ibid.ui.panes.comparisons import Comparisons
from ibid.ui.panes.pictures import Pictures
from ibid.ui.panes.welcome import Offers
from ibid.ui.talk.feedback import Feedback
from ibid.ui.talk.history import Keeper
from ibid.ui.talk.queue import Turnstile
from ibid.ui.talk.quotes import Quotes
from ibid.ui.talk.rebuilding import Rebuild
from ibid.ui.talk.related import Related
from ibid.ui.talk.watching import Watch

ANSWERED_AT_ONCE = 4
"""More questions wait in a queue: one model and one machine answer them all."""


class Chat:
    """The parts that all open pages share."""

    def __init__(self, library: Library) -> None:
        data = Path(library.settings.keep).expanduser()
        self.library = library
        self.offers = Offers(library)
        self.shelves = Shelves(library)
        self.comparisons = Comparisons(library)
        self.pictures = Pictures(lambda: library.folders)
        self.rebuild = Rebuild(library)
        self.keeper = Keeper(data / "conversations")
        self.quotes = Quotes(data / "quotes.jsonl")
        self.feedback = Feedback(data / "feedback.jsonl")
        self.related = Related(library, self.keeper)
        self.watch = Watch(library)
        self.turnstile = Turnstile(ANSWERED_AT_ONCE)
