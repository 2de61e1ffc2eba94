"""Events to JSON values and back; unknown fields are dropped and missing ones take their defaults."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable
from enum import StrEnum
from typing import Any, get_args, get_type_hints

from studio.domain.events import Event

EVENT_KINDS: dict[str, type[Event]] = {cls.kind: cls for cls in get_args(Event)}
"""Every event kind by the name it is saved under."""


def to_payload(event: Event) -> dict[str, Any]:
    """The event's fields as JSON values (enums by value, tuples as lists); the kind is not among them."""
    return {name: _plain(getattr(event, name)) for name in _SHAPES[event.kind]}


def from_payload(kind: str, payload: dict[str, Any]) -> Event:
    """The event that `to_payload` wrote; raises KeyError for an unknown kind, TypeError for a lost field."""
    cls = EVENT_KINDS[kind]
    shapes = _SHAPES[kind]
    return cls(**{name: shapes[name](value) for name, value in payload.items() if name in shapes})


def _plain(value: Any) -> Any:
    match value:
        case StrEnum():
            return value.value
        case tuple():
            return list(value)
        case _:
            return value


def _shape(hint: Any) -> Callable[[Any], Any]:
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    if typing.get_origin(hint) is tuple:
        return tuple
    return _unchanged


def _unchanged(value: Any) -> Any:
    return value


def _shapes(cls: type[Any]) -> dict[str, Callable[[Any], Any]]:
    hints = get_type_hints(cls)
    return {field.name: _shape(hints[field.name]) for field in dataclasses.fields(cls)}


class _Shapes(dict[str, dict[str, Callable[[Any], Any]]]):
    """How the fields of each kind are read, worked out when the first event of a kind comes by: it costs at start."""

    def __missing__(self, kind: str) -> dict[str, Callable[[Any], Any]]:
        shapes = self[kind] = _shapes(EVENT_KINDS[kind])
        return shapes


_SHAPES = _Shapes()
