"""Schemas of tools that others wrote, made fit to be shown to a model."""

from __future__ import annotations

import json
from typing import Any

from studio.base.text import plain, shorten

SCHEMA_CHARACTERS = 16_000
"""A schema that is longer still when it is clean is replaced by one that takes any object."""

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
    clean = _part(schema, named if isinstance(named, dict) else {}, _DEPTH, in_names=False)
    if clean.get("type") != "object":
        return ANY_OBJECT
    clean.setdefault("properties", {})
    try:
        fits = len(json.dumps(clean)) <= SCHEMA_CHARACTERS
    except (TypeError, ValueError):
        fits = False
    return clean if fits else ANY_OBJECT


def _part(part: Any, named: dict[str, Any], depth: int, *, in_names: bool) -> Any:
    if isinstance(part, str):
        return shorten(plain(part), _TEXT)
    if isinstance(part, list):
        return [_part(item, named, depth - 1, in_names=False) for item in part[:_ENTRIES]] if depth > 0 else []
    if not isinstance(part, dict):
        return part
    if depth <= 0:
        return {}
    if not in_names and isinstance(reference := part.get("$ref"), str):
        target = named.get(reference.rpartition("/")[2], {})
        return _part(target, named, depth - 1, in_names=False) if isinstance(target, dict) else {}
    return {
        plain(str(key)): _part(value, named, depth - 1, in_names=not in_names and key in _NAMES)
        for key, value in list(part.items())[:_ENTRIES]
        if in_names or (key not in _DROPPED and key != "$ref")
    }
