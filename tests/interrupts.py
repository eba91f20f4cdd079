"""Ctrl-C: for commands that tests start, and in the middle of a build."""

import signal
from collections.abc import Sequence
from pathlib import Path

from ibid.library import Library
from ibid.ports import Vectors
from ibid.settings import Settings
from ibid.testing import HashEmbedder


def take_interrupts() -> None:
    """Undo what a shell does to the commands it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Interrupted(HashEmbedder):
    """Embeds some batches of texts, and then somebody presses Ctrl-C."""

    def __init__(self, batches: int = 1_000_000) -> None:
        self.left = batches
        self.embedded: list[str] = []

    def passages(self, texts: Sequence[str]) -> Vectors:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        self.embedded.extend(texts)
        return super().passages(texts)


def open_library(folder: Path, index: Path, embedder: HashEmbedder) -> Library:
    return Library.open(folder, index, Settings(model="none"), embedder=embedder)
