"""JSON read as frozen values: what has other fields or other types than they have is refused."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")

Reader = Callable[[Any, str], Any]
"""Returns a value of a kind; it is also told where the value stands. Raises ValueError."""


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
    return cast("T", _reader_of(kind)(value, kind.__name__))


@cache
def _reader_of(kind: Any) -> Reader:
    """Return what reads a value of a kind: made once, since an index has many records of a kind."""
    kind = getattr(kind, "__supertype__", kind)
    if is_dataclass(kind):
        return _reader_of_fields(cast("type[Any]", kind))
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _reader_of_tuple(_reader_of(inner[0]))
    if origin is not None and issubclass(origin, Mapping):
        return _reader_of_mapping(inner[1])

    def read(value: Any, where: str) -> Any:
        if type(value) is not kind:
            _require(kind, [value], where)
        return value

    return read


def _reader_of_tuple(read_one: Reader) -> Reader:
    def read(value: Any, where: str) -> Any:
        _require(list, [value], where)
        return tuple([read_one(item, where) for item in value])

    return read


def _reader_of_mapping(kind: Any) -> Reader:
    def read(value: Any, where: str) -> Any:
        _require(dict, [value], where)
        _require(str, value.keys(), where)
        _require(kind, value.values(), where)
        return value

    return read


def _reader_of_fields(kind: type[Any]) -> Reader:
    hints = get_type_hints(kind)
    readers = {field.name: _reader_of(hints[field.name]) for field in fields(kind)}

    def read(value: Any, where: str) -> Any:
        _require(dict, [value], where)
        if value.keys() != readers.keys():
            names = ", ".join(sorted(value.keys() ^ readers.keys()))[:80]
            raise ValueError(f"{where} has other fields: {names}")
        return kind(**{name: read_one(value[name], name) for name, read_one in readers.items()})

    return read


def _require(kind: type[Any], values: Iterable[Any], where: str) -> None:
    """Raise ValueError where a value is not exactly of a kind."""
    if not {type(value) for value in values} <= {kind}:
        raise ValueError(f"{where} is not of type {kind.__name__}")
