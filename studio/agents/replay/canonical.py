"""The canonical form of a run's events, and its hash: the same for two logs that tell the same story."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import MISSING, fields
from typing import Any

from studio.domain.codec import to_payload
from studio.domain.events import Event, Recorded

_DROPPED = frozenset(
    {"milliseconds", "first_token_ms", "container", "context", "window", "tokens_before", "tokens_after", "head"}
)
"""How long something took, the name that the container engine gave at random, estimates of how much a model was shown
(those change with every word about a tool, and with what is known of a model), and the snapshot that was handed over,
which an event before it tells: older logs do not repeat it."""

_WHETHER = frozenset({"retry_in"})
"""Lengths of time of which only counts whether there is one."""

_NUMBERED = frozenset({"checkpoint", "message"})
"""Ids made at random while a turn runs: each is called by the order in which it first appears."""

_PLACES = frozenset({"until"})
"""Numbers of events in the log: each is counted within the run."""


def canonical(log: Sequence[Recorded]) -> tuple[str, ...]:
    """One line of JSON for each event: keys sorted, no spaces, no number in the log and no moment.

    A field that says what it says by default is left out, so that a field added later changes no hash.
    """
    places = {recorded.seq: at for at, recorded in enumerate(log, 1)}
    names: dict[str, str] = {}
    return tuple(_line(recorded, places, names) for recorded in log)


def digest(lines: Sequence[str]) -> str:
    """The SHA-256 of a canonical form, as hexadecimal digits."""
    hashed = hashlib.sha256()
    for line in lines:
        hashed.update(line.encode("utf-8", "surrogatepass") + b"\n")
    return hashed.hexdigest()


def _line(recorded: Recorded, places: dict[int, int], names: dict[str, str]) -> str:
    told: dict[str, Any] = {"kind": recorded.event.kind}
    usual = _defaults(type(recorded.event))
    for key, value in to_payload(recorded.event).items():
        if key in _DROPPED or (key in usual and value == usual[key]):
            continue
        if key in _WHETHER:
            value = value is not None
        elif key in _NUMBERED and value:
            value = names.setdefault(str(value), f"{key} {len(names) + 1}")
        elif key in _PLACES:
            value = places.get(value, 0)
        told[key] = value
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _defaults(kind: type[Event]) -> dict[str, Any]:
    """What the fields of an event hold when nothing is said, as JSON values."""
    usual = {}
    for known in fields(kind):
        value = known.default if known.default is not MISSING else None
        value = known.default_factory() if known.default_factory is not MISSING else value
        if known.default is not MISSING or known.default_factory is not MISSING:
            usual[known.name] = list(value) if isinstance(value, tuple) else value
    return usual
