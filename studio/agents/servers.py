"""MCP servers of a run: declared by repository or person, started in the run's sandbox, kept while that lives."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.agents.server_files import read_json, read_toml
from studio.base.aio import Tasks, in_thread
from studio.contracts.clock import Clock
from studio.domain.errors import OutsideError, StudioError
from studio.domain.ids import ProjectId, RunId
from studio.domain.runs import Run
from studio.domain.servers import ServerList, ServerSpec
from studio.domain.skills import AidProblem
from studio.sandbox.box import Sandbox
from studio.tools.mcp import TOOLS_OF_ALL, server_tools
from studio.tools.tool import Tool
from studio.workspace.workspaces import Workspaces

OWN_FILE = ".studio/mcp.toml"
SHARED_FILE = ".mcp.json"
"""The file that other programs read too; where both name a server, Studio's own file counts."""

START_SECONDS = 15.0
"""Longer than a program on a busy machine takes to start; all start at the same time, and a turn waits for them."""

_CLIENT = "studio.tools.mcp_client"
_FILE_BYTES = 64 << 10
_NEXT = "Mend its entry or its program, commit that, and start a new chat."


@dataclass(frozen=True, slots=True)
class Came:
    """A server that came up just now."""

    name: str
    tools: tuple[str, ...]
    left_out: int
    milliseconds: float
    identities: tuple[str, ...]


@dataclass(slots=True)
class Offer:
    """What servers give a turn, and what came of starting them."""

    tools: dict[str, Tool] = field(default_factory=dict)
    came: list[Came] = field(default_factory=list)
    problems: list[AidProblem] = field(default_factory=list)


@dataclass(slots=True)
class _OfSandbox:
    """The servers of one sandbox: those that came up, and those that need not be tried again in it."""

    sandbox: Sandbox
    running: dict[str, Any] = field(default_factory=dict)
    failed: dict[str, AidProblem] = field(default_factory=dict)


class Servers:
    """Declares, starts and keeps servers, all of them in containers.

    A file of the repository counts as it is at the commit a run starts from, for its agent can write every other: the
    declarations, and the folder in which a server is started.
    """

    def __init__(self, workspaces: Workspaces, own: Path, clock: Clock) -> None:
        self._workspaces = workspaces
        self._own = own
        self._clock = clock
        self._tasks = Tasks()
        self._of: dict[RunId, _OfSandbox] = {}

    async def at(self, project: ProjectId, commit: str) -> ServerList:
        """The servers that count for a project at this commit of its private repository. Raises GitError."""
        lists: list[ServerList] = []
        found = await self._workspaces.commits.read_files(project, commit, (OWN_FILE, SHARED_FILE))
        for file in sorted(found, key=lambda file: file.name != OWN_FILE):
            if file.unread:
                lists.append(ServerList((), (AidProblem("", file.name, f"It {file.unread}, and was not read."),)))
            else:
                read = read_toml if file.name == OWN_FILE else read_json
                lists.append(await in_thread(read, file.name, file.data))
        lists.append(await in_thread(_of_person, self._own))
        servers: dict[str, ServerSpec] = {}
        for spec in (spec for each in lists for spec in each.servers):
            servers.setdefault(spec.name, spec)
        problems = tuple(problem for each in lists for problem in each.problems)
        return ServerList(tuple(servers[name] for name in sorted(servers)), problems)

    async def offer(self, run: Run, sandbox: Sandbox, wanted: Sequence[ServerSpec]) -> Offer:
        """The tools of these servers, each started in the sandbox if it does not run there; one that fails is named."""
        here = self._of.get(run.id)
        if here is None or here.sandbox is not sandbox:
            here = self._of[run.id] = _OfSandbox(sandbox)
        offer = Offer()
        missing = [spec for spec in wanted if spec.name not in here.failed and not _runs(here.running.get(spec.name))]
        took = dict(zip(missing, await self._start_all(run, missing, here), strict=True))
        for spec in wanted:
            if spec.name in here.failed:
                offer.problems.append(here.failed[spec.name])
                continue
            server = here.running[spec.name]
            tools, left_out = await in_thread(server_tools, spec.name, server, server.tools, spec.declared)
            room = TOOLS_OF_ALL - len(offer.tools)
            kept = dict(list(tools.items())[:room])
            offer.tools |= kept
            if spec in took:
                beyond = left_out + len(tools) - len(kept)
                identities = tuple(tool.identity for tool in kept.values())
                offer.came.append(Came(spec.name, tuple(kept), beyond, took[spec], identities))
        return offer

    async def close(self) -> None:
        """Ends all servers."""
        await self._tasks.close()

    async def _start_all(self, run: Run, missing: Sequence[ServerSpec], here: _OfSandbox) -> list[float]:
        if not missing:
            return []
        try:
            folder = await self._workspaces.lay_out_base(run)
            await here.sandbox.lay_in_read_only()
        except StudioError as error:
            for spec in missing:
                here.failed[spec.name] = AidProblem(spec.name, spec.file, error.sentence, error.action)
            return [0.0] * len(missing)
        return await asyncio.gather(*(self._start(spec, here, folder) for spec in missing))

    async def _start(self, spec: ServerSpec, here: _OfSandbox, folder: str) -> float:
        """Starts a server, or notes why it does not come up; gives the milliseconds that took."""
        client = await in_thread(importlib.import_module, _CLIENT)
        began = self._clock.monotonic()
        try:
            start = client.McpServer.start
            here.running[spec.name] = await start(spec, here.sandbox, self._tasks, START_SECONDS, folder)
        except StudioError as error:
            if isinstance(error, OutsideError) and here.sandbox.broken is not None:
                raise here.sandbox.broken from error
            here.failed[spec.name] = AidProblem(spec.name, spec.file, error.sentence, error.action or _NEXT)
        return (self._clock.monotonic() - began) * 1000


def _runs(server: Any) -> bool:
    return server is not None and bool(server.running)


def _of_person(file: Path) -> ServerList:
    label = str(file)
    try:
        with file.open("rb") as opened:
            data = opened.read(_FILE_BYTES + 1)
    except FileNotFoundError:
        return ServerList()
    except OSError as error:
        return ServerList((), (AidProblem("", label, f"It cannot be read: {error.strerror}."),))
    if len(data) > _FILE_BYTES:
        return ServerList((), (AidProblem("", label, f"It is larger than {_FILE_BYTES >> 10} KiB."),))
    return read_toml(label, data)
