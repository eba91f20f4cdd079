"""JSON read as frozen values: what has other fields or other types than they have is refused."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def parse_object(data: bytes | str) -> dict[str, object]:
    """Return what an object of JSON says. Raises ValueError, for brackets without end as well."""
    try:
        value: Any = json.loads(data)
    except RecursionError:
        raise ValueError("its brackets are nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("it is no object")
    return cast("dict[str, object]", value)


def read_record(kind: type[T], value: object) -> T:
    """Return parsed JSON as a value of a dataclass, whose fields may be records themselves.

    Raises ValueError.

    >>> from ibid.types import Skipped
    >>> read_record(Skipped, {"path": "a.md", "reason": "empty", "kept": False})
    Skipped(path='a.md', reason='empty', kept=False)
    """
    return cast("T", _read(kind, value, kind.__name__))


def _read(kind: Any, value: Any, where: str) -> Any:
    kind = getattr(kind, "__supertype__", kind)
    if is_dataclass(kind):
        return _read_fields(cast("type[Any]", kind), value, where)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        _require(list, [value], where)
        return tuple(_read(inner[0], each, where) for each in value)
    if origin is not None and issubclass(origin, Mapping):
        _require(dict, [value], where)
        _require(str, value.keys(), where)
        _require(inner[1], value.values(), where)
        return value
    _require(kind, [value], where)
    return value


def _read_fields(kind: type[Any], value: Any, where: str) -> Any:
    _require(dict, [value], where)
    if value.keys() != (names := {field.name for field in fields(kind)}):
        other = ", ".join(sorted(value.keys() ^ names))[:80]
        raise ValueError(f"{where} has other fields: {other}")
    hints = _hints(kind)
    return kind(**{name: _read(hints[name], value[name], name) for name in names})


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def _require(kind: type[Any], values: Iterable[Any], where: str) -> None:
    """Raise ValueError where a value is not exactly of a kind."""
    if not {type(each) for each in values} <= {kind}:
        raise ValueError(f"{where} is not of type {kind.__name__}")
