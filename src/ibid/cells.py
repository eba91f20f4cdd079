"""What the cells of an index's SQLite file hold, of exactly the types that were written there."""

import json
from typing import Any

from ibid.blocks import damaged
from ibid.types import Span


def require(kind: type, *values: object) -> None:
    """Raise IndexDamaged where a value is of another type."""
    for value in values:
        if type(value) is not kind:
            raise damaged(f"corpus.sqlite has {type(value).__name__} where {kind.__name__} is due")


def parsed(data: object, kind: type) -> Any:
    """Return what JSON says, of one type. Raises IndexDamaged."""
    require(str, data)
    try:
        value = json.loads(str(data))
    except (ValueError, RecursionError) as error:
        raise damaged("corpus.sqlite has what is no JSON") from error
    require(kind, value)
    return value


def texts(data: object) -> tuple[str, ...]:
    """Return the texts that a list of JSON holds."""
    values = parsed(data, list)
    require(str, *values)
    return tuple(values)


def lists(data: object, size: int) -> list[list[Any]]:
    """Return the lists of `size` values that a list of JSON holds."""
    values = parsed(data, list)
    require(list, *values)
    if any(len(value) != size for value in values):
        raise damaged("corpus.sqlite has a list of another length than is due")
    return values


def span(start: object, end: object) -> Span:
    """Return a place from its two numbers."""
    if type(start) is int and type(end) is int:
        return Span(start, end)
    raise damaged("corpus.sqlite has a place that is none")
