"""What a project offers its agents beside the code: guidance, skills and MCP servers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class GuidanceRead:
    """A file in which the project guides its agents (AGENTS.md) was read for the agent, for the first time or changed.

    An empty `text` says that it is gone.
    """

    kind: ClassVar[str] = "guidance_read"
    turn: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class ServerStarted:
    """An MCP server came up in the run's sandbox; `tools` are what agents call, `left_out` counts those beyond.

    `identities` tells each tool, in their order, from one of the same name that is declared or described otherwise.
    """

    kind: ClassVar[str] = "server_started"
    turn: str
    name: str
    tools: tuple[str, ...] = ()
    left_out: int = 0
    milliseconds: float = 0.0
    identities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AidSkipped:
    """Something the project offers its agents cannot be used and was left out; the turn went on.

    `aid` is `skill` or `server` (of MCP), `name` its name; or `sandbox`, where this machine can run none.
    """

    kind: ClassVar[str] = "aid_skipped"
    turn: str
    aid: str
    name: str
    reason: str
    action: str = ""
