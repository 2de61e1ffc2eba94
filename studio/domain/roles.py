"""A role: a job as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings of one turn; None means no ceiling. Time is in seconds, cost in nano-dollars."""

    steps: int | None = 100
    seconds: float | None = 3600.0
    cost_nusd: int | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """What an agent of this role is told, may use, and how far it may go."""

    name: str
    title: str
    purpose: str
    prompt: str
    tools: tuple[str, ...]
    limits: Limits
    prompt_version: int = 1
