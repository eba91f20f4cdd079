"""What one chat is made of: a library, and what the page needs beside it."""

from ibid.library import Library
from ibid.ui.articles import Shelves
from ibid.ui.rebuilding import Rebuild


class Chat:
    """The parts that all open pages share."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.shelves = Shelves(library)
        self.rebuild = Rebuild(library)
