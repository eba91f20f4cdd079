"""Ctrl-C for commands that tests start."""

import signal


def take_interrupts() -> None:
    """Undo what a shell does to the commands it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
