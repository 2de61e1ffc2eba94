"""Differing: the first place where a replay came to something else, in words for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from studio.agents.replay.canonical import canonical
from studio.base.text import shown
from studio.domain.events import Recorded

AROUND = 30
SHOWN = 120
"""How much of a value is shown, and how much of it before the first character that is another."""


def changed_since(log: Sequence[Recorded], changed: Sequence[int]) -> str:
    """Which event of `log` is not as it was recorded, and what it says now; empty when there is none."""
    found = [recorded for recorded in log if recorded.seq in changed]
    if not found:
        return ""
    first = found[0]
    (line,) = canonical([first])
    told = json.loads(line)
    says = told.get("text") or ", ".join(f"{name}: {_text(told[name])}" for name in told if name != "kind")
    count = len(found) - 1
    more = f" {count} more {'was' if count == 1 else 'were'} changed too." if count else ""
    kind = first.event.kind
    return (
        f"Event {first.seq} of the log ({kind}) was changed after it was recorded; now it says {_part(says, 0)}.{more}"
    )


def first_difference(log: Sequence[Recorded], told: Sequence[str], now: Sequence[str]) -> str:
    """Which event of `log` is told otherwise by the two canonical forms, and in what; empty when none is."""
    for recorded, one, other in zip(log, told, now, strict=False):
        if one != other:
            differs = _between(json.loads(one), json.loads(other))
            return f"Event {recorded.seq} of the log ({recorded.event.kind}): {differs}"
    if len(told) > len(now):
        missing = log[len(now)]
        return f"The replay ended before event {missing.seq} of the log ({missing.event.kind})."
    if len(now) > len(told):
        return f"The log ends with event {log[-1].seq}, and the replay went on: {json.loads(now[len(told)])['kind']}."
    return ""


def _between(one: dict[str, Any], other: dict[str, Any]) -> str:
    if one["kind"] != other["kind"]:
        return f"the replay made {other['kind']}."
    name = next(key for key in sorted({*one, *other}) if one.get(key) != other.get(key))
    first, second = _parted(_text(one.get(name)), _text(other.get(name)))
    return f"{name} is recorded as {first}, and came out as {second}."


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _parted(one: str, other: str) -> tuple[str, str]:
    """Both texts from shortly before the first character in which they differ."""
    pairs = enumerate(zip(one, other, strict=False))
    differs = next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
    begin = max(differs - AROUND, 0)
    return _part(one, begin), _part(other, begin)


def _part(text: str, begin: int) -> str:
    if not text:
        return "nothing"
    before, after = "…" if begin else "", "…" if len(text) > begin + SHOWN else ""
    return f"“{before}{shown(text[begin : begin + SHOWN])}{after}”"
