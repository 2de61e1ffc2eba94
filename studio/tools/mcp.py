"""Tools that an MCP server brings: named after it, asked about like a command, answered in bounds."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel

from studio.base.aio import in_thread
from studio.base.text import plain, shorten
from studio.domain.errors import UserError
from studio.domain.images import AGENTS_BYTES, IMAGES_TOGETHER, Image
from studio.domain.servers import ForeignAnswer, ForeignTool
from studio.domain.tools import Risk, ToolOutcome, ToolSpec
from studio.tools.hands import Hands
from studio.tools.mcp_schema import cleaned
from studio.tools.tool import Tool

MCP = "mcp"
"""What a role names to have the tools of all servers; `mcp_<server>` gives it those of one."""

TOOLS_OF_ONE = 48
TOOLS_OF_ALL = 96
"""How many tools are offered: each travels with every request, and models choose worse among many."""

ARGUMENT_CHARACTERS = 100_000
ANSWER_CHARACTERS = 60_000
_NAME_CHARACTERS = 64
_IDENTITY_CHARACTERS = 16
_RUNS = (
    "It runs in the project's container, in a copy of the commit that this chat started from, which nobody can change; "
    "your files are in /workspace."
)
_DESCRIPTION_CHARACTERS = 2000
_ONE_SERVER = re.compile(rf"{MCP}_[A-Za-z0-9-]{{1,24}}")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")


class Peer(Protocol):
    """A running server."""

    async def call(self, tool: str, arguments: dict[str, Any], seconds: float) -> ForeignAnswer:
        """Calls one of its tools. Raises UserError, worded for the model, when there is no answer."""
        ...


@dataclass(frozen=True, slots=True)
class ServerTool(Tool):
    """A tool of a server. Whether its arguments fit, the server says: its schema is no wall of ours.

    `identity` stands for what is declared of the server and what that says of the tool: another one is another tool.
    """

    server: str = ""
    identity: str = ""

    @property
    def own_name(self) -> str:
        """Its name without its server's."""
        return self.spec.name.removeprefix(f"{MCP}_{self.server}_")

    def parse(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments as they are. Raises UserError for too long ones."""
        if len(json.dumps(arguments)) > ARGUMENT_CHARACTERS:
            raise UserError(f"The arguments have more than {ARGUMENT_CHARACTERS:,} characters.", "Send less at once.")
        return {"arguments": arguments}


class Nameable(Collection[str]):
    """What a role's list of tools may hold: these, and servers of MCP by name."""

    def __init__(self, tools: Collection[str]) -> None:
        self._tools = (*tools, MCP)

    def __contains__(self, name: object) -> bool:
        return name in self._tools or (isinstance(name, str) and _ONE_SERVER.fullmatch(name) is not None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tools)

    def __len__(self) -> int:
        return len(self._tools)


def names_server(tool: str) -> bool:
    """Whether a role's entry means servers."""
    return tool == MCP or tool.startswith(f"{MCP}_")


def allows(tools: Sequence[str], server: str) -> bool:
    """Whether a role with these tools may use a server."""
    return MCP in tools or f"{MCP}_{server}" in tools


def server_tools(
    server: str, peer: Peer, offered: Sequence[ForeignTool], declared: str = ""
) -> tuple[dict[str, ServerTool], int]:
    """The tools of a server by the names a model calls them by, and how many were left out.

    `declared` is `ServerSpec.declared`.
    """
    tools: dict[str, ServerTool] = {}
    for foreign in offered:
        name = f"{MCP}_{server}_{_NOT_IN_A_NAME.sub('_', foreign.name)}"
        if len(tools) < TOOLS_OF_ONE and len(name) <= _NAME_CHARACTERS and name not in tools:
            tools[name] = _tool(name, server, peer, foreign, declared)
    return tools, len(offered) - len(tools)


def _tool(name: str, server: str, peer: Peer, foreign: ForeignTool, declared: str) -> ServerTool:
    async def call(hands: Hands, arguments: dict[str, Any]) -> ToolOutcome:
        answer = await peer.call(foreign.name, arguments, min(hands.command_seconds, hands.seconds_left))
        return await in_thread(_outcome, hands, answer)

    about = shorten(plain(foreign.description[: 4 * _DESCRIPTION_CHARACTERS]).strip(), _DESCRIPTION_CHARACTERS)
    description = f"A tool of the MCP server “{server}”. {_RUNS}\n\n{about}".strip()
    spec = ToolSpec(name, description, cleaned(foreign.schema), Risk.EXECUTE)
    said = json.dumps([declared, foreign.name, foreign.description, foreign.schema], sort_keys=True)
    identity = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:_IDENTITY_CHARACTERS]
    return ServerTool(spec, call, BaseModel, "arguments", False, server, identity)


def _outcome(hands: Hands, answer: ForeignAnswer) -> ToolOutcome:
    """What the model reads and sees. The server lives in the workspace, so files may have changed with any call."""
    images: list[Image] = []
    notes: list[str] = []
    for number, data in enumerate(answer.images, 1):
        if hands.pictures is None or len(images) == IMAGES_TOGETHER:
            notes.append(f"[Image {number} is left out: {IMAGES_TOGETHER} are the most.]")
            continue
        try:
            images.append(hands.pictures.keep(data, f"Image {number}", AGENTS_BYTES))
        except UserError as error:
            notes.append(f"[{error.sentence} It is left out.]")
    text = "\n".join(part for part in (plain(answer.text).strip(), *notes) if part)
    seen = f"{len(images)} image{'s' if len(images) > 1 else ''}" if images else ""
    text = shorten(text or (f"({seen})" if seen else "(an empty answer)"), ANSWER_CHARACTERS)
    return ToolOutcome(answer.ok, text, shorten(text.split("\n")[0], 80), changed=True, images=tuple(images))
