"""A role: a job as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings of what is done for one message of a person; None means no ceiling.

    Time is in seconds, without what people take to decide; cost is in nano-dollars. The cost of a model call is
    known after it only: the last one may go beyond its ceiling.
    """

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
