"""The terminals and previews doors: the inside of a run's container, for people."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from studio.agents.live import LiveRuns
from studio.contracts.sandbox_engine import ExecStream
from studio.domain.console import ConsoleEntry, ConsoleLevel
from studio.domain.errors import UserError
from studio.domain.ids import RunId
from studio.domain.images import image_of
from studio.domain.runs import RunState
from studio.sandbox.sandboxes import Sandboxes
from studio.sandbox.tunnel import Tunnel
from studio.store import runs
from studio.store.database import Database
from studio.workflow.acts import Acts, act


class Terminals:
    """Shells inside containers."""

    def __init__(self, acts: Acts, database: Database, live_runs: LiveRuns) -> None:
        self.acts = acts
        self._database = database
        self._live_runs = live_runs

    @act
    async def command(self, run: RunId) -> tuple[str, ...]:
        """The argv of a local program that a terminal widget runs; it attaches to a shell in the run's container.

        Starts the container when it is not up. Raises EngineError, UserError for a run that was discarded.
        """
        async with self._database.reading() as connection:
            found = await runs.get(connection, run)
        if found.state is RunState.DISCARDED:
            raise UserError(f"Run {found.id} was discarded; it has no files any more.", "Start a new run.")
        live = await self._live_runs.visit(found)
        return (*program(), "attach", live.sandbox.container)


@dataclass(frozen=True, slots=True)
class PreviewView:
    """A web application inside a container, reachable at `url` on this machine only."""

    url: str
    port: int


class Previews:
    """One tunnel at most for each run and port."""

    def __init__(self, acts: Acts, sandboxes: Sandboxes) -> None:
        self.acts = acts
        self._sandboxes = sandboxes
        self._tunnels: dict[tuple[RunId, int], Tunnel] = {}

    @act
    async def ports(self, run: RunId) -> tuple[int, ...]:
        """Ports on which something listens inside the run's container; empty when it is not up."""
        sandbox = self._sandboxes.get(run)
        return await sandbox.listening_ports() if sandbox else ()

    @act
    async def open(self, run: RunId, port: int) -> PreviewView:
        """Makes the port reachable on loopback; raises UserError when the container is not up."""
        sandbox = self._sandboxes.get(run)
        if sandbox is None:
            raise UserError("The run's container is not up.", "Send the agent a message, or open a terminal.")
        tunnel = self._tunnels.get((run, port))
        if tunnel is None or tunnel.closed:
            tunnel = self._tunnels[run, port] = await sandbox.tunnel(port)
        return PreviewView(f"http://{tunnel.host}:{tunnel.port}/", port)

    @act
    async def report(self, run: RunId, entries: tuple[ConsoleEntry, ...], dropped: int = 0) -> None:
        """Takes what a shown page wrote to its console, none of it trusted; `dropped` counts what was left out.

        A report of nothing says that a page is shown. Without a container there is nobody who could read it.
        """
        sandbox = self._sandboxes.get(run)
        if sandbox is not None:
            sandbox.console.report(entries, dropped)

    async def answer_screenshot(self, run: RunId, request: str, data: bytes) -> None:
        """Gives the picture that a delta of kind SCREENSHOT asked for; dropped when this run waits for none by that id.

        Only windows of the process that runs the agents are asked, so this is no act. Raises UserError for bytes that
        are no image a model can be shown.
        """
        image_of(data, "The picture of the preview")
        sandbox = self._sandboxes.get(run)
        if sandbox is not None:
            sandbox.screen.answer(request, data)

    @act
    async def heard(self, run: RunId) -> tuple[ConsoleEntry, ...]:
        """What the page of the run wrote to its console, as far as it is kept; nothing without a container."""
        sandbox = self._sandboxes.get(run)
        return sandbox.console.since(0, ConsoleLevel.INFO).entries if sandbox is not None else ()

    @act
    async def close(self, run: RunId) -> None:
        """Closes all tunnels into the run's container."""
        await self._close(run)

    async def _close(self, run: RunId) -> None:
        for key in [key for key in self._tunnels if key[0] == run]:
            await self._tunnels.pop(key).close()

    async def close_all(self) -> None:
        """Closes every tunnel."""
        for run in {key[0] for key in self._tunnels}:
            await self._close(run)


def program() -> tuple[str, ...]:
    """How this very program is started again, frozen or not.

    -P: the folder it is started in may hold an agent's files, none of which may be imported.
    """
    return (sys.executable,) if getattr(sys, "frozen", False) else (sys.executable, "-P", "-m", "studio")


__all__ = ["ExecStream", "PreviewView", "Previews", "Terminals", "program"]
