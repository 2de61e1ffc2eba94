"""What agents say to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class AgentTold:
    """The run's agent sent a message to another run, or to a role; `undeliverable` says why nobody can get it."""

    kind: ClassVar[str] = "agent_told"
    message: str
    message_kind: str
    from_role: str
    text: str
    to_role: str = ""
    to_run: str = ""
    priority: str = "normal"
    answers: str = ""
    undeliverable: str = ""


@dataclass(frozen=True, slots=True)
class AgentHeard:
    """The run's agent read a message of another; `text` is what was written, `told` how it was put before this one."""

    kind: ClassVar[str] = "agent_heard"
    message: str
    message_kind: str
    from_role: str
    from_run: str
    text: str
    told: str
