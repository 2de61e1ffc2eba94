"""The container engine, which all runs share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class EngineLost:
    """The container engine cannot be used: `state` says how (lost, hung or absent), `reason` and `action` in words."""

    kind: ClassVar[str] = "engine_lost"
    state: str
    reason: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class EngineBack:
    """The container engine can be used again, `seconds` after it was found that it cannot (0 where nobody knows)."""

    kind: ClassVar[str] = "engine_back"
    seconds: float = 0.0
