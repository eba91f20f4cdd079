"""What a request may bring along: one JSON object, small, finite, plain, of what its address takes.

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

Taken = Mapping[str, "type | Taken"]
"""The type of each thing that an object says; `?` behind a name: it may be missing."""

ADDING = "/add"
_EVENT = "/gradio_api/queue/join"
TAKEN: Mapping[str, Taken] = {
    "/build": {"losing?": str},
    "/forget": {"id": str},
    "/rename": {"id": str, "name": str},
    "/quote": {"key": str},
    "/unquote": {"id": str},
    "/watch": {"question": str},
    "/unwatch": {"id": str},
    "/noted": {"id": str},
    "/restore": {"what": str},
    "/feedback": {
        "id": str,
        "number": int,
        "complaint": {"kind": str, "key?": str, "article?": str, "taken_back?": bool},
    },
    ADDING: {"name": str, "content": str},
    _EVENT: {
        **{"data": list, "fn_index": int, "session_hash": str},
        **{"event_data?": dict, "trigger_id?": int},
    },
    "/gradio_api/cancel": {"session_hash": str, "fn_index": int, "event_id": str},
    "/gradio_api/reset": {"event_id": str},
}
"""The addresses that something can be sent to, and what."""

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


def is_taken(sent: Mapping[str, Any], path: str, events: Collection[int]) -> bool:
    """Tell whether an object is exactly what an address takes: no more, no less, nothing else.

    What happens on the page is one of the `events`.
    """
    return _fits(sent, TAKEN[path]) and (path != _EVENT or _is_event(sent, events))


def _fits(sent: Mapping[str, Any], taken: Taken) -> bool:
    rest = dict(sent)
    for name, kind in taken.items():
        value = rest.pop(name.removesuffix("?"), None)
        if value is None and name.endswith("?"):
            continue
        if isinstance(kind, type):
            fits = type(value) is kind
        else:
            fits = isinstance(value, dict) and _fits(value, kind)  # pyright: ignore[reportUnknownArgumentType]
        if not fits:
            return False
    return not rest


def _is_event(sent: Mapping[str, Any], events: Collection[int]) -> bool:
    session = _SESSION.fullmatch(sent["session_hash"])
    return session is not None and sent["fn_index"] in events and sent["data"] == [None]


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
