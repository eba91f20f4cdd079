"""What a request may bring along: one JSON object, small, finite and plain.

Whatever reads it behind this may rely on that: no number is infinite or longer than a machine's,
no text has half a character, nothing is nested deeper than a page nests it, no key comes twice.
"""

import json
import math
import re
from collections.abc import Collection, Mapping
from typing import Any

LARGEST_REQUEST = 64 * 1024
"""Bytes. A question has 2,000 characters at most; the rest is Gradio's envelope."""

_LONGEST_NUMBER = 15
"""Digits that every reader of JSON keeps exactly."""

_DEEPEST = 16

_SESSION = re.compile(r"[0-9a-z]{1,64}")


def read_object(body: bytes) -> dict[str, Any]:
    """Return the object that a body says in JSON. Raises ValueError for anything else."""
    try:
        read: Any = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_real,
            parse_constant=_constant,
        )
        json.dumps(read, ensure_ascii=False).encode("utf-8")  # half a character has no bytes
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not isinstance(read, dict) or not _is_flat(read, _DEEPEST):
        raise ValueError("it is no object, or nested too deep")
    return read  # pyright: ignore[reportUnknownVariableType]


def is_event(sent: Mapping[str, Any], events: Collection[int]) -> bool:
    """Tell whether an object says, as the page does, which of the `events` happened where."""
    session, number = sent.get("session_hash"), sent.get("fn_index")
    return (
        isinstance(session, str)
        and _SESSION.fullmatch(session) is not None
        and type(number) is int
        and number in events
        and sent.get("data") == [None]
        and isinstance(sent.get("event_data") or {}, dict)
        and not sent.get("batched")
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ValueError("a key is there twice")
    return read


def _whole(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise ValueError("a number is too long")
    return int(digits)


def _real(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        raise ValueError("a number is infinite")
    return number


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _is_flat(value: Any, most: int) -> bool:
    """Tell whether a value is nested `most` deep at most."""
    if not isinstance(value, dict | list):
        return True
    inner: Any = value.values() if isinstance(value, dict) else value  # pyright: ignore[reportUnknownVariableType]
    return most > 0 and all(_is_flat(each, most - 1) for each in inner)
