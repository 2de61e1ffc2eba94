"""The processes door: what runs behind in a run's container, for people."""

from __future__ import annotations

from dataclasses import dataclass

from studio.domain.errors import UserError
from studio.domain.ids import RunId
from studio.sandbox.processes import Process
from studio.sandbox.sandboxes import Sandboxes
from studio.workflow.acts import Acts, act


@dataclass(frozen=True, slots=True)
class ProcessView:
    """A process that an agent started behind; `exit_code` is None while its command runs.

    `ended` says that nothing of it is left, `seconds` how long it has run or ran.
    """

    name: str
    command: str
    exit_code: int | None
    ended: bool
    seconds: float


class Processes:
    """Lists and stops what agents have started behind."""

    def __init__(self, acts: Acts, sandboxes: Sandboxes) -> None:
        self.acts = acts
        self._sandboxes = sandboxes

    @act
    async def list(self, run: RunId) -> tuple[ProcessView, ...]:
        """What runs behind, and what ended not long ago, oldest first; empty when the container is not up."""
        sandbox = self._sandboxes.get(run)
        return tuple(map(_view, await sandbox.processes.list())) if sandbox else ()

    @act
    async def stop(self, run: RunId, name: str) -> ProcessView:
        """Ends one with everything it started; raises UserError when there is no such process."""
        sandbox = self._sandboxes.get(run)
        if sandbox is None:
            raise UserError("The run's container is not up, so nothing runs in it.")
        return _view(await sandbox.processes.stop(name))


def _view(process: Process) -> ProcessView:
    return ProcessView(process.name, process.command, process.exit_code, process.ended, process.seconds)
