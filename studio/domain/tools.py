"""What a tool is to a model and to the gate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Risk(StrEnum):
    """How much a call can change."""

    READ = "read"  # changes nothing
    WRITE = "write"  # changes files inside the run's own workspace
    EXECUTE = "execute"  # runs a command inside the run's sandbox
    ASK = "ask"  # asks a person; the turn waits


class ApprovalMode(StrEnum):
    """How the gate treats calls that execute commands."""

    ASK = "ask"
    AUTO = "auto"
    DENY = "deny"


class Verdict(StrEnum):
    """The gate's answer to one call."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as shown to the model: name, what it is for, and the JSON schema of its arguments."""

    name: str
    description: str
    schema: dict[str, Any]
    risk: Risk


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """What running a tool gave.

    `text` goes to the model; `summary` is at most a line for people (a card in the chat); `changed`
    says that files in the workspace may differ now, so that a snapshot is due.
    """

    ok: bool
    text: str
    summary: str = ""
    changed: bool = False
