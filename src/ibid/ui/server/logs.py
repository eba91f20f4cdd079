"""What the terminal of the chat shows of its log: the same trouble once a minute, not each time."""

import logging
import traceback
from asyncio import CancelledError
from time import monotonic

SECONDS_BETWEEN = 60.0
_MOST_KINDS = 200


class Repeats(logging.Filter):
    """Lets a message through once a minute, with how often it came meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: dict[str, float] = {}
        self._hidden: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is shown; what it is about, in its first line, may differ."""
        if record.exc_info and record.exc_info[0] is CancelledError:
            return False  # the chat ends, and nobody waits any more
        kind = _kind(record)
        now = monotonic()
        if now - self._shown.get(kind, -SECONDS_BETWEEN) < SECONDS_BETWEEN:
            self._hidden[kind] = self._hidden.get(kind, 0) + 1
            return False
        if len(self._shown) >= _MOST_KINDS:
            self._shown.clear()
            self._hidden.clear()
        self._shown[kind] = now
        if hidden := self._hidden.pop(kind, 0):
            record.msg, record.args = f"{record.getMessage()} (and {hidden} times before)", None
        return True


def _kind(record: logging.LogRecord) -> str:
    """Return what makes two records the same: who says it, in which words, and what broke where."""
    text = f"{record.name} {str(record.msg).partition(chr(10))[0]}"
    error = record.exc_info[1] if record.exc_info else None
    places = traceback.extract_tb(error.__traceback__)[-1:] if error else ()
    return f"{text} {type(error).__name__} {[(place.filename, place.lineno) for place in places]}"


def show_log() -> None:
    """Show warnings of everything that runs here, ibid, Gradio and the server, on the terminal."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    handler.setLevel(logging.WARNING)
    handler.addFilter(Repeats())
    logging.basicConfig(handlers=[handler])
