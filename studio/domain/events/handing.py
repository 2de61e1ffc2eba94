"""The result that an agent gives over when its work is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class HandOverRequested:
    """The agent stopped without handing over what its role must; `text` is what it was told about that."""

    kind: ClassVar[str] = "hand_over_requested"
    turn: str
    step: int
    text: str


@dataclass(frozen=True, slots=True)
class HandedOff:
    """The agent gave over its result, by the fields that its role's file names; `to` is the role that is to go on.

    `head` is the newest snapshot of its branch then: what is handed over, whatever the run does later.
    """

    kind: ClassVar[str] = "handed_off"
    turn: str
    call: str
    role: str
    result: dict[str, Any] = field(default_factory=dict)
    to: str = ""
    note: str = ""
    head: str = ""
