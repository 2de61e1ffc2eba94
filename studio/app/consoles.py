"""The consoles door: what the app of a run says, for people; what its shown page says, from windows."""

from __future__ import annotations

from dataclasses import dataclass

from studio.agents.hearing import Hearing
from studio.domain.console import ConsoleEntry, ConsoleLevel
from studio.domain.ids import RunId
from studio.sandbox.sandboxes import Sandboxes
from studio.workflow.acts import Acts, act


@dataclass(frozen=True, slots=True)
class ConsoleNews:
    """What came behind a mark; `lost` counts entries that are kept no more, `mark` is where the next look goes on.

    `levels` counts everything since the console was cleared, `dropped` what was never heard, `standing` the errors
    since the page last began anew. `sandbox` names the container that the entries end with; empty when there is none.
    """

    entries: tuple[ConsoleEntry, ...] = ()
    lost: int = 0
    mark: int = 0
    levels: dict[str, int] | None = None
    dropped: int = 0
    sandbox: str = ""
    standing: int = 0


class Consoles:
    """One console for each run whose container is up."""

    def __init__(self, acts: Acts, sandboxes: Sandboxes, hearing: Hearing) -> None:
        self.acts = acts
        self._sandboxes = sandboxes
        self._hearing = hearing

    @act
    async def report(
        self, run: RunId, entries: tuple[ConsoleEntry, ...], dropped: int = 0, port: int = 0, shown: bool = True
    ) -> None:
        """Takes what the page that `port` serves wrote, none of it trusted; `dropped` counts what was left out.

        A report of nothing says that a page is shown. Without a container there is nobody who could read it.
        """
        sandbox = self._sandboxes.get(run)
        if sandbox is None:
            return
        sandbox.console.shown = sandbox.console.shown or shown
        if entries or dropped:
            await self._hearing.hear(run, sandbox, entries, dropped, port)

    @act
    async def since(self, run: RunId, mark: int = 0) -> ConsoleNews:
        """What was written behind a mark, as far as it is kept; nothing without a container."""
        sandbox = self._sandboxes.get(run)
        if sandbox is None:
            return ConsoleNews()
        heard, counted = sandbox.console.since(mark), sandbox.console.statistics()
        return ConsoleNews(
            *(heard.entries, heard.lost, heard.mark, counted.levels, counted.dropped),
            *(sandbox.container, counted.standing),
        )

    @act
    async def clear(self, run: RunId) -> None:
        """Forgets what was written; the agent finds it no more either."""
        sandbox = self._sandboxes.get(run)
        if sandbox is not None:
            sandbox.console.clear()

    async def heard(self, run: RunId) -> tuple[ConsoleEntry, ...]:
        """Everything that is kept."""
        return (await self.since(run)).entries


__all__ = ["ConsoleEntry", "ConsoleLevel", "ConsoleNews", "Consoles"]
