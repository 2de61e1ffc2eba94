"""Events to JSON values and back; unknown fields are dropped and missing ones take their defaults."""

from __future__ import annotations

import dataclasses
import typing
from enum import StrEnum
from functools import cache
from typing import Any, get_args, get_type_hints

from studio.domain.events import Event

EVENT_KINDS: dict[str, type[Event]] = {cls.kind: cls for cls in get_args(Event)}
"""Every event kind by the name it is saved under."""


def to_payload(event: Event) -> dict[str, Any]:
    """The event's fields as JSON values (enums by value, tuples as lists); the kind is not among them."""
    return {name: _plain(getattr(event, name)) for name in _field_names(type(event))}


def from_payload(kind: str, payload: dict[str, Any]) -> Event:
    """The event that `to_payload` wrote; raises KeyError for an unknown kind, TypeError for a lost field."""
    cls = EVENT_KINDS[kind]
    shapes = _field_shapes(cls)
    return cls(**{name: shapes[name](value) for name, value in payload.items() if name in shapes})


def _plain(value: Any) -> Any:
    match value:
        case StrEnum():
            return value.value
        case tuple():
            return list(value)
        case _:
            return value


@cache
def _field_names(cls: type[Event]) -> tuple[str, ...]:
    return tuple(f.name for f in dataclasses.fields(cls))


@cache
def _field_shapes(cls: type[Event]) -> dict[str, typing.Callable[[Any], Any]]:
    hints = get_type_hints(cls)
    return {name: _shape(hints[name]) for name in _field_names(cls)}


def _shape(hint: Any) -> typing.Callable[[Any], Any]:
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    if typing.get_origin(hint) is tuple:
        return tuple
    return _unchanged


def _unchanged(value: Any) -> Any:
    return value
