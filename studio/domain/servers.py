"""MCP servers: programs that bring tools of their own, and what they say."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from studio.domain.events import ServerStarted
from studio.domain.skills import AidProblem


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """One server as it is declared: the program that is run inside the sandbox; `file` is where that is said."""

    name: str
    command: str
    arguments: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    file: str = ""

    @property
    def declared(self) -> str:
        """A hash of all that is declared but where: a server that is declared otherwise is another one."""
        return hashlib.sha256(
            json.dumps([self.name, self.command, self.arguments, self.variables]).encode("utf-8", "surrogatepass")
        ).hexdigest()

    @property
    def line(self) -> str:
        """The program with its arguments, for people."""
        return " ".join((self.command, *self.arguments))


@dataclass(frozen=True, slots=True)
class ServerList:
    """The servers that can be tried, in order of their names, and what is wrong with other declarations."""

    servers: tuple[ServerSpec, ...] = ()
    problems: tuple[AidProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignTool:
    """One tool as its server describes it; nothing of that is trusted."""

    name: str
    description: str
    schema: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForeignAnswer:
    """What a server answered to one call; `images` are bytes that nobody has looked at yet."""

    ok: bool
    text: str
    images: tuple[bytes, ...] = ()


def brings(event: ServerStarted) -> str:
    """The event in a sentence for people."""
    count = len(event.tools)
    more = f" ({event.left_out} more left out)" if event.left_out else ""
    return f"The MCP server “{event.name}” brings {count} {'tool' if count == 1 else 'tools'}{more}."
