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
        content: Any = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_real,
            parse_constant=_constant,
        )
        json.dumps(content, ensure_ascii=False).encode("utf-8")  # half a character has no bytes
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not isinstance(content, dict) or not _is_flat(content, _DEEPEST):
        raise ValueError("it is no object, or nested too deep")
    return content  # pyright: ignore[reportUnknownVariableType]


def is_taken(content: Mapping[str, Any], path: str, events: Collection[int]) -> bool:
    """Tell whether an object is exactly what an address takes: no more, no less, nothing else.

    What happens on the page is one of the `events`.
    """
    return _fits(content, TAKEN[path]) and (path != _EVENT or _is_event(content, events))


def _fits(content: Mapping[str, Any], shape: Taken) -> bool:
    remaining = dict(content)
    for name, kind in shape.items():
        value = remaining.pop(name.removesuffix("?"), None)
        if value is None and name.endswith("?"):
            continue
        if isinstance(kind, type):
            fits = type(value) is kind
        else:
            fits = isinstance(value, dict) and _fits(value, kind)  # pyright: ignore[reportUnknownArgumentType]
        if not fits:
            return False
    return not remaining


def _is_event(content: Mapping[str, Any], events: Collection[int]) -> bool:
    session = _SESSION.fullmatch(content["session_hash"])
    return session is not None and content["fn_index"] in events and content["data"] == [None]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a key is there twice")
    return content


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
    return most > 0 and all(_is_flat(item, most - 1) for item in inner)
