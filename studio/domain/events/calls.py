"""The tool calls of a step: asked for, let through or forbidden, answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """The model asked for a tool. `arguments` is None when its JSON could not be read; `raw` then holds it.

    `left_out` counts the characters of a JSON that was too long to be read; `raw` is its beginning then.
    """

    kind: ClassVar[str] = "tool_called"
    turn: str
    step: int
    call: str
    name: str
    arguments: dict[str, Any] | None = None
    raw: str = ""
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class CallDenied:
    """A rule forbade a call and nobody was asked; `whose` is `role` or `project`, `covers` what the rule forbids."""

    kind: ClassVar[str] = "call_denied"
    call: str
    whose: str
    covers: str
    act: str = ""


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """The gate let a call through and it is being run: from here on its outcome is unknown until answered.

    `rules` are those of a person that let it through without a question.
    """

    kind: ClassVar[str] = "tool_started"
    call: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolAnswered:
    """A call got its one result; `text` is what the model reads, `images` what it sees, `summary` a line for people.

    `difference` is for people too: what an overwritten file lost and gained.
    """

    kind: ClassVar[str] = "tool_answered"
    call: str
    name: str
    ok: bool
    text: str
    summary: str = ""
    milliseconds: float = 0.0
    images: tuple[str, ...] = ()
    difference: str = ""
