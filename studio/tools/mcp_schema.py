"""Schemas of tools that others wrote, made fit to be shown to a model."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

from studio.base.text import plain, shorten

SCHEMA_CHARACTERS = 16_000
"""A schema that is longer still when it is clean is replaced by one that takes any object."""

_PARTS = 4000
"""So many parts have no room in it: a schema that refers to itself a few times over has millions."""
_DEPTH = 12
_ENTRIES = 200
_TEXT = 1000
_DROPPED = frozenset(("$schema", "$id", "$comment", "$defs", "definitions", "title", "examples", "default", "pattern"))
"""What models do not need, or providers refuse."""

_NAMES = frozenset(("properties", "patternProperties", "dependentSchemas"))
"""Below these, keys are names of somebody's choice and not words of the schema language."""

ANY_OBJECT: dict[str, Any] = {"type": "object", "properties": {}}


def cleaned(schema: Any) -> dict[str, Any]:
    """The schema without references, hidden characters and needless words, in bounds; always that of an object."""
    if not isinstance(schema, dict):
        return ANY_OBJECT
    named = schema.get("$defs") or schema.get("definitions") or {}
    try:
        clean = _Cleaner(named if isinstance(named, dict) else {}).part(schema, _DEPTH, in_names=False)
    except _TooMany:
        return ANY_OBJECT
    if clean.get("type") != "object":
        return ANY_OBJECT
    clean.setdefault("properties", {})
    try:
        fits = len(json.dumps(clean)) <= SCHEMA_CHARACTERS
    except (TypeError, ValueError):
        fits = False
    return clean if fits else ANY_OBJECT


class _TooMany(Exception):
    """A schema has more parts than could be shown."""


class _Cleaner:
    def __init__(self, named: dict[str, Any]) -> None:
        self._named = named
        self._left = _PARTS

    def part(self, part: Any, depth: int, *, in_names: bool) -> Any:
        self._left -= 1
        if self._left < 0:
            raise _TooMany
        if isinstance(part, str):
            return shorten(plain(part[: 4 * _TEXT]), _TEXT)
        if isinstance(part, list):
            return [self.part(item, depth - 1, in_names=False) for item in part[:_ENTRIES]] if depth > 0 else []
        if not isinstance(part, dict):
            return part
        if depth <= 0:
            return {}
        if not in_names and isinstance(reference := part.get("$ref"), str):
            target = self._named.get(reference.rpartition("/")[2], {})
            return self.part(target, depth - 1, in_names=False) if isinstance(target, dict) else {}
        return {
            plain(str(key)): self.part(value, depth - 1, in_names=not in_names and key in _NAMES)
            for key, value in islice(part.items(), _ENTRIES)
            if in_names or (key not in _DROPPED and key != "$ref")
        }
