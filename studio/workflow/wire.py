"""Domain values to JSON values and back, by their declared types."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from studio.domain.clock import from_text, to_text


def to_plain(value: Any) -> Any:
    """JSON values for dataclasses, enums, ids, paths, moments, tuples and mappings of these."""
    match value:
        case None | bool() | int() | float():
            return value
        case Enum():
            return value.value
        case str():
            return str(value)
        case Path():
            return str(value)
        case datetime():
            return to_text(value)
        case tuple() | list():
            return [to_plain(item) for item in value]
        case Mapping():
            return {str(key): to_plain(item) for key, item in value.items()}
        case _ if dataclasses.is_dataclass(value):
            return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        case _:
            raise TypeError(f"{type(value).__name__} cannot cross to another process")


def from_plain(value: Any, hint: Any) -> Any:
    """The value of type `hint` that `to_plain` wrote. Raises TypeError or ValueError on anything else."""
    if isinstance(hint, typing.NewType):
        hint = hint.__supertype__
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _from_optional(value, inner)
    if origin is tuple:
        return _from_tuple(value, inner)
    if origin in (dict, Mapping):
        return {from_plain(key, inner[0]): from_plain(item, inner[1]) for key, item in value.items()}
    if hint is Any or hint is type(None):
        return value
    if not isinstance(hint, type):
        raise TypeError(f"{hint} cannot cross from another process")
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return hint(**{name: from_plain(item, hints[name]) for name, item in value.items()})
    if hint is datetime:
        return from_text(value)
    return hint(value)


def _from_optional(value: Any, inner: tuple[Any, ...]) -> Any:
    if value is None:
        return None
    (hint,) = (kind for kind in inner if kind is not type(None))
    return from_plain(value, hint)


def _from_tuple(value: Any, inner: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(inner) == 2 and inner[1] is Ellipsis:
        return tuple(from_plain(item, inner[0]) for item in value)
    return tuple(from_plain(item, hint) for item, hint in zip(value, inner, strict=True))
