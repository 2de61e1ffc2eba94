"""Answers in one piece, above all lists of models: taken apart beside the loop, however long or odd they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from studio.base.aio import in_thread
from studio.domain.provider_rules import MOST_TOKENS

MOST_MODELS = 2_000
"""More than any service offers: what comes after so many is left out."""

_LEAST_TOKENS = 1_000
"""No model of any use takes less at once: what says so means something else."""

_LONGEST_NAME = 300
_DIGITS = 20

Entry = Mapping[str, Any]


async def decoded(body: bytes) -> Any:
    """What an answer says. Raises ValueError for one that is no JSON."""
    return await in_thread(_decoded, body)


def entries_in(answer: object) -> tuple[Entry, ...]:
    """The models in a list, without what names none. Raises ValueError for what is no list of models."""
    listed = answer.get("data", answer) if isinstance(answer, dict) else answer
    # A server without models may say null.
    if not isinstance(listed, list | None):
        raise ValueError("it is no list of models")
    return tuple(each for each in (listed or ())[:MOST_MODELS] if isinstance(each, dict) and _names_one(each.get("id")))


def window_in(said: object) -> int | None:
    """How many tokens a model takes at once by what its server says; None when that cannot be meant."""
    return min(said, MOST_TOKENS) if type(said) is int and said >= _LEAST_TOKENS else None


def _names_one(name: object) -> bool:
    return isinstance(name, str) and name.isprintable() and 0 < len(name) <= _LONGEST_NAME


def _decoded(body: bytes) -> Any:
    # The decoder holds on to the interpreter; a function of Python's, called for each object, lets the loop go on.
    try:
        return json.loads(body, object_hook=_as_it_is, parse_int=_number)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _as_it_is(found: dict[str, Any]) -> dict[str, Any]:
    return found


def _number(digits: str) -> int:
    """A number of any length, cut where it is longer than any that is meant."""
    return int(digits[:_DIGITS])
