"""What the chat's terminal shows: the same trouble once a minute, and nothing when it is ended."""

import asyncio
import io
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ibid.ui.server import logs
from ibid.ui.server.logs import Repeats


@pytest.fixture
def shown() -> Iterator[io.StringIO]:
    """What a logger of its own shows behind the filter."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(Repeats())
    logger = logging.getLogger("test.shown")
    logger.propagate = False
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)


log = logging.getLogger("test.shown")


def fail(kind: type[BaseException]) -> None:
    try:
        raise kind("it broke")
    except kind:
        log.exception("a request failed")


def test_the_same_trouble_is_shown_once_a_minute_and_counted(
    shown: io.StringIO, monkeypatch: pytest.MonkeyPatch
):
    now = [1000.0]
    monkeypatch.setattr(logs, "monotonic", lambda: now[0])
    for number in range(5):
        log.warning("file %d cannot be read", number)
    assert shown.getvalue() == "file 0 cannot be read\n"
    now[0] += logs.SECONDS_BETWEEN
    log.warning("file %d cannot be read", 9)
    assert shown.getvalue().splitlines()[1:] == ["file 9 cannot be read (and 4 times before)"]
    now[0] += logs.SECONDS_BETWEEN
    log.warning("file %d cannot be read", 10)
    assert shown.getvalue().splitlines()[2:] == ["file 10 cannot be read"]


def test_other_trouble_is_shown_beside_it(shown: io.StringIO):
    for _ in range(3):
        log.warning("one thing")
        log.warning("another thing")
        logging.getLogger("test.shown.below").warning("one thing")
        fail(ValueError)
        fail(OSError)
    said = shown.getvalue()
    assert said.count("one thing") == 2
    assert said.count("another thing") == 1
    assert said.count("Traceback") == 2


def test_a_crowd_of_different_troubles_is_not_remembered_for_ever(shown: io.StringIO):
    for number in range(1000):
        log.warning(f"trouble {number}")
    (repeats,) = (each for handler in log.handlers for each in handler.filters)
    assert isinstance(repeats, Repeats)
    assert len(repeats._shown) <= 200
    assert shown.getvalue().count("\n") == 1000


def test_what_ends_with_the_chat_is_no_trouble(shown: io.StringIO):
    fail(asyncio.CancelledError)
    assert shown.getvalue() == ""
    fail(ValueError)
    assert "ValueError" in shown.getvalue()


SHOW = """
import logging
from ibid.ui.server.logs import show_log
show_log()
for number in range(9):
    logging.getLogger("uvicorn.error").warning("file %d cannot be read", number)
    logging.getLogger("uvicorn.error").info("something else")
"""


def test_the_terminal_of_a_chat_shows_what_all_its_parts_warn_of_through_the_filter():
    run = subprocess.run([sys.executable, "-c", SHOW], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("", "WARNING: file 0 cannot be read\n")
